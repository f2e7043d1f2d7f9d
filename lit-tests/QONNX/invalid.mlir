// RUN: qonnx-opt %s -split-input-file -verify-diagnostics

// Each function is named after the rule that it breaks. First the rules of
// Verify.cpp, in its order.

func.func @matmul_contraction(%x: tensor<1x4xf32>, %w: tensor<5x2xf32>) {
  // expected-error @below {{'qonnx.matmul' op contracts 4 columns of the left with 5 rows of the right operand}}
  %0 = qonnx.matmul %x, %w : (tensor<1x4xf32>, tensor<5x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @matmul_contraction_with_a_vector(%x: tensor<1x4xf32>, %w: tensor<5xf32>) {
  // expected-error @below {{'qonnx.matmul' op contracts 4 columns of the left with 5 rows of the right operand}}
  %0 = qonnx.matmul %x, %w : (tensor<1x4xf32>, tensor<5xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @matmul_scalar(%x: tensor<f32>, %w: tensor<5x2xf32>) {
  // expected-error @below {{'qonnx.matmul' op multiplies matrices, but an operand is a scalar}}
  %0 = qonnx.matmul %x, %w : (tensor<f32>, tensor<5x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @gemm_matrices(%x: tensor<1x1x4xf32>, %w: tensor<4x2xf32>) {
  // expected-error @below {{'qonnx.gemm' op operand has rank 3, expected a matrix}}
  %0 = qonnx.gemm %x, %w alpha 1.0 beta 1.0 : (tensor<1x1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @gemm_contraction(%x: tensor<1x4xf32>, %w: tensor<5x2xf32>) {
  // expected-error @below {{'qonnx.gemm' op contracts 4 columns of the left with 5 rows of the right operand}}
  %0 = qonnx.gemm %x, %w alpha 1.0 beta 1.0 : (tensor<1x4xf32>, tensor<5x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @gemm_contraction_transposed(%x: tensor<3x1xf32>, %w: tensor<2x5xf32>) {
  // expected-error @below {{'qonnx.gemm' op contracts 3 columns of the left with 5 rows of the right operand}}
  %0 = qonnx.gemm %x, %w alpha 1.0 beta 1.0 trans_a trans_b : (tensor<3x1xf32>, tensor<2x5xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @batch_normalization_channel_axis(%x: tensor<4xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{'qonnx.batch_normalization' op has its channels on axis 1, but the operand has rank 1}}
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @batch_normalization_parameter_rank(%x: tensor<1x4xf32>, %p: tensor<4xf32>, %mean: tensor<1x4xf32>) {
  // expected-error @below {{'qonnx.batch_normalization' op parameter has rank 2, expected one value a channel}}
  %0 = qonnx.batch_normalization %x, %p, %p, %mean, %p epsilon 0.0 : (tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @batch_normalization_parameter_count(%x: tensor<1x4xf32>, %p: tensor<4xf32>, %variance: tensor<3xf32>) {
  // expected-error @below {{'qonnx.batch_normalization' op parameter has 3 values for 4 channels}}
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %variance epsilon 0.0 : (tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<3xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @batch_normalization_epsilon(%x: tensor<1x4xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{'qonnx.batch_normalization' op epsilon must not be negative}}
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon -1.0 : (tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @batch_normalization_epsilon_nan(%x: tensor<1x4xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{'qonnx.batch_normalization' op epsilon must not be negative}}
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 0x7FC00000 : (tensor<1x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @softmax_axis(%x: tensor<1x4xf32>) {
  // expected-error @below {{'qonnx.softmax' op axis 2 is outside a tensor of rank 2}}
  %0 = qonnx.softmax %x axis 2 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @log_softmax_axis(%x: tensor<1x4xf32>) {
  // expected-error @below {{'qonnx.log_softmax' op axis -3 is outside a tensor of rank 2}}
  %0 = qonnx.log_softmax %x axis -3 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @constant_resource_missing() {
  // expected-error @below {{'qonnx.constant' op refers to resource 'nowhere', which the file does not hold}}
  %0 = qonnx.constant dense_resource<nowhere> : tensor<2xf32>
  return
}

// -----

func.func @constant_resource_size() {
  // expected-error @below {{'qonnx.constant' op resource 'short' has 4 bytes, expected 8}}
  %0 = qonnx.constant dense_resource<short> : tensor<2xf32>
  return
}

{-#
  dialect_resources: {
    builtin: { short: "0x040000000000803F" }
  }
#-}

// -----

func.func @constant_resource_element() {
  // expected-error @below {{'qonnx.constant' op resource holds integers or floats, found 'index'}}
  %0 = qonnx.constant dense_resource<indices> : tensor<1xindex>
  return
}

{-#
  dialect_resources: {
    builtin: { indices: "0x080000000000000000000000" }
  }
#-}

// -----

func.func @reshape_shape_rank(%x: tensor<4xf32>, %shape: tensor<i64>) {
  // expected-error @below {{'qonnx.reshape' op shape operand has rank 0, expected a vector}}
  %0 = qonnx.reshape %x, %shape : (tensor<4xf32>, tensor<i64>) -> tensor<4xf32>
  return
}

// -----

func.func @reshape_element_count(%x: tensor<4xf32>, %shape: tensor<1xi64>) {
  // expected-error @below {{'qonnx.reshape' op result has 5 elements, the operand 4}}
  %0 = qonnx.reshape %x, %shape : (tensor<4xf32>, tensor<1xi64>) -> tensor<5xf32>
  return
}

// -----

func.func @view_element_count(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.view' op result has 5 elements, the operand 6}}
  %0 = qonnx.view %x : (tensor<2x3xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @flatten_axis(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.flatten' op axis 3 is outside a tensor of rank 2}}
  %0 = qonnx.flatten %x axis 3 : (tensor<2x3xf32>) -> tensor<6x1xf32>
  return
}

// -----

func.func @flatten_axis_negative(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.flatten' op axis -3 is outside a tensor of rank 2}}
  %0 = qonnx.flatten %x axis -3 : (tensor<2x3xf32>) -> tensor<1x6xf32>
  return
}

// -----

func.func @flatten_element_count(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.flatten' op result has 8 elements, the operand 6}}
  %0 = qonnx.flatten %x axis 1 : (tensor<2x3xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @transpose_axis_range(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.transpose' op permutation must name each of 2 axes once, found axis 2}}
  %0 = qonnx.transpose %x [0, 2] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_axis_negative(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.transpose' op permutation must name each of 2 axes once, found axis -1}}
  %0 = qonnx.transpose %x [0, -1] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_axis_twice(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.transpose' op permutation must name each of 2 axes once, found axis 1 twice}}
  %0 = qonnx.transpose %x [1, 1] : (tensor<2x3xf32>) -> tensor<3x3xf32>
  return
}

// -----

func.func @transpose_operand_rank(%x: tensor<2x3x4xf32>) {
  // expected-error @below {{'qonnx.transpose' op permutes 2 axes of a tensor of rank 3}}
  %0 = qonnx.transpose %x [1, 0] : (tensor<2x3x4xf32>) -> tensor<3x2x4xf32>
  return
}

// -----

func.func @transpose_result_rank(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.transpose' op result has rank 3, expected 2}}
  %0 = qonnx.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<3x2x1xf32>
  return
}

// -----

func.func @transpose_result_shape(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.transpose' op result dimension 0 is 2, expected 3}}
  %0 = qonnx.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_matrix(%x: tensor<2x3xf32>, %i: tensor<1xsi64>, %u: tensor<1xf32>) {
  // expected-error @below {{'qonnx.scatter' op takes vectors, found 'tensor<2x3xf32>'}}
  %0 = qonnx.scatter %x, %i, %u : (tensor<2x3xf32>, tensor<1xsi64>, tensor<1xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @scatter_counts(%x: tensor<3xf32>, %i: tensor<2xsi64>, %u: tensor<1xf32>) {
  // expected-error @below {{'qonnx.scatter' op has 1 updates for 2 indices}}
  %0 = qonnx.scatter %x, %i, %u : (tensor<3xf32>, tensor<2xsi64>, tensor<1xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @scatter_elements(%x: tensor<3xf32>, %i: tensor<1xsi64>, %u: tensor<1xf64>) {
  // expected-error @below {{failed to verify that all of {x, updates, result} have same element type}}
  %0 = qonnx.scatter %x, %i, %u : (tensor<3xf32>, tensor<1xsi64>, tensor<1xf64>) -> tensor<3xf32>
  return
}

// -----

func.func @gather_axis(%x: tensor<2x3xf32>, %i: tensor<1xi64>) {
  // expected-error @below {{'qonnx.gather' op axis 2 is outside a tensor of rank 2}}
  %0 = qonnx.gather %x, %i axis 2 : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  return
}

// -----

func.func @arg_max_axis(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.arg_max' op axis 2 is outside a tensor of rank 2}}
  %0 = qonnx.arg_max %x axis 2 : (tensor<2x3xf32>) -> tensor<2xi64>
  return
}

// -----

func.func @top_k_axis(%x: tensor<2x3xf32>, %k: tensor<1xi64>) {
  // expected-error @below {{'qonnx.top_k' op axis -3 is outside a tensor of rank 2}}
  %0, %1 = qonnx.top_k %x, %k axis -3 : (tensor<2x3xf32>, tensor<1xi64>) -> (tensor<2x1xf32>, tensor<2x1xi64>)
  return
}

// -----

func.func @concat_axis(%x: tensor<2x3xf32>) {
  // expected-error @below {{'qonnx.concat' op axis 2 is outside a tensor of rank 2}}
  %0 = qonnx.concat %x, %x axis 2 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @quant_bit_width_one_element(%x: tensor<2xf32>, %s: tensor<f32>) {
  %b = qonnx.constant dense<[4.0, 5.0]> : tensor<2xf32>
  // expected-error @below {{'qonnx.quant' op bit width has 2 elements, expected one}}
  %0 = qonnx.quant %x, %s, %s, %b half_even : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @quant_bit_width_at_least_one(%x: tensor<2xf32>, %s: tensor<f32>) {
  %b = qonnx.constant dense<0.5> : tensor<f32>
  // expected-error @below {{'qonnx.quant' op bit width is 5.000000e-01, expected at least 1}}
  %0 = qonnx.quant %x, %s, %s, %b half_even : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @quant_bit_width_nan(%x: tensor<2xf32>, %s: tensor<f32>) {
  %b = qonnx.constant dense<0x7FC00000> : tensor<f32>
  // expected-error @below {{'qonnx.quant' op bit width is nan, expected at least 1}}
  %0 = qonnx.quant %x, %s, %s, %b half_even : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @multi_threshold_rank(%x: tensor<1x4xf32>, %t: tensor<3xf32>) {
  // expected-error @below {{'qonnx.multi_threshold' op thresholds have rank 1, expected one row a channel}}
  %0 = qonnx.multi_threshold %x, %t scale 1.0 bias 0.0 axis 1 : (tensor<1x4xf32>, tensor<3xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @multi_threshold_axis(%x: tensor<1x4xf32>, %t: tensor<4x3xf32>) {
  // expected-error @below {{'qonnx.multi_threshold' op axis 2 is outside a tensor of rank 2}}
  %0 = qonnx.multi_threshold %x, %t scale 1.0 bias 0.0 axis 2 : (tensor<1x4xf32>, tensor<4x3xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @multi_threshold_channels(%x: tensor<1x4xf32>, %t: tensor<5x3xf32>) {
  // expected-error @below {{'qonnx.multi_threshold' op has thresholds for 5 channels, the operand has 4}}
  %0 = qonnx.multi_threshold %x, %t scale 1.0 bias 0.0 axis 1 : (tensor<1x4xf32>, tensor<5x3xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @multi_threshold_channels_from_the_end(%x: tensor<1x4xf32>, %t: tensor<5x3xf32>) {
  // expected-error @below {{'qonnx.multi_threshold' op has thresholds for 5 channels, the operand has 4}}
  %0 = qonnx.multi_threshold %x, %t scale 1.0 bias 0.0 axis -1 : (tensor<1x4xf32>, tensor<5x3xf32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @count_thresholds_channels(%x: tensor<1x4xf32>, %t: tensor<5x3xf32>) {
  // expected-error @below {{'qonnx.count_thresholds' op has thresholds for 5 channels, the operand has 4}}
  %0 = qonnx.count_thresholds %x, %t axis 1 : (tensor<1x4xf32>, tensor<5x3xf32>) -> tensor<1x4xui2>
  return
}

// -----

func.func @count_thresholds_width(%x: tensor<1x4xf32>, %t: tensor<1x4xf32>) {
  // expected-error @below {{'qonnx.count_thresholds' op gives codes from 0 to 4, which 'ui2' cannot hold}}
  %0 = qonnx.count_thresholds %x, %t axis 1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xui2>
  return
}

// -----

func.func @binarize_width(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.binarize' op gives codes from -1 to 1, which 'si1' cannot hold}}
  %0 = qonnx.binarize %x : (tensor<4xf32>) -> tensor<4xsi1>
  return
}

// -----

func.func @quantize_range_empty(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.quantize' op range [1.000000e+00, 0.000000e+00] is empty}}
  %0 = qonnx.quantize %x half_even in [1.0, 0.0] : (tensor<4xf32>) -> tensor<4xui4>
  return
}

// -----

func.func @quantize_range_nan(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.quantize' op range [nan, 0.000000e+00] is empty}}
  %0 = qonnx.quantize %x half_even in [0x7FC00000, 0.0] : (tensor<4xf32>) -> tensor<4xui4>
  return
}

// -----

func.func @quantize_width(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.quantize' op gives codes from 0 to 16, which 'ui4' cannot hold}}
  %0 = qonnx.quantize %x half_even in [0.0, 16.0] : (tensor<4xf32>) -> tensor<4xui4>
  return
}

// -----

func.func @quantize_sign(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.quantize' op gives codes from -1 to 7, which 'ui4' cannot hold}}
  %0 = qonnx.quantize %x half_even in [-1.0, 7.0] : (tensor<4xf32>) -> tensor<4xui4>
  return
}

// -----

func.func @unscale_float(%q: tensor<4xsi4>) {
  // expected-error @below {{'qonnx.unscale' op gives a float tensor}}
  %0 = qonnx.unscale %q by () : (tensor<4xsi4>) -> tensor<4xsi8>
  return
}

// -----

// Rules that ODS states.

func.func @constant_type() {
  // expected-error @below {{'qonnx.constant' op result #0 must be statically shaped tensor of any type values, but got 'vector<2xf32>'}}
  %0 = qonnx.constant dense<1.0> : vector<2xf32>
  return
}

// -----

func.func @unary_element_type(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.relu' op requires the same element type for all operands and results}}
  %0 = qonnx.relu %x : (tensor<4xf32>) -> tensor<4xf64>
  return
}

// -----

func.func @unary_shape(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.relu' op requires the same shape for all operands and results}}
  %0 = qonnx.relu %x : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @binary_broadcast(%a: tensor<4xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{'qonnx.add' op operands don't have broadcast-compatible shapes}}
  %0 = qonnx.add %a, %b : (tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @binary_result(%a: tensor<2x4xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{'qonnx.add' op result type '4' not broadcast compatible with broadcasted operands's shapes '2x4'}}
  %0 = qonnx.add %a, %b : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @compare_types(%a: tensor<4xf32>, %b: tensor<4xi32>) {
  // expected-error @below {{'qonnx.less' op requires the same element type for all operands}}
  %0 = qonnx.less %a, %b : (tensor<4xf32>, tensor<4xi32>) -> tensor<4xi1>
  return
}

// -----

func.func @view_static(%x: tensor<?xf32>) {
  // expected-error @below {{'qonnx.view' op operand #0 must be statically shaped tensor of any type values, but got 'tensor<?xf32>'}}
  %0 = qonnx.view %x : (tensor<?xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @quantize_signless(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.quantize' op result #0 must be tensor of signed or unsigned integers, but got 'tensor<4xi4>'}}
  %0 = qonnx.quantize %x half_even in [0.0, 7.0] : (tensor<4xf32>) -> tensor<4xi4>
  return
}

// -----

func.func @unscale_signless(%q: tensor<4xi8>) {
  // expected-error @below {{'qonnx.unscale' op operand #0 must be tensor of signed or unsigned integers, but got 'tensor<4xi8>'}}
  %0 = qonnx.unscale %q by () : (tensor<4xi8>) -> tensor<4xf32>
  return
}

// -----

// Misspelt words: the message lists what is allowed.

func.func @rounding_mode_unknown(%x: tensor<4xf32>, %s: tensor<f32>) {
  // expected-error @below {{expected string or keyword containing one of the following enum values for attribute 'rounding' [half_even, ceil, floor, up, down, half_up, half_down]}}
  %0 = qonnx.quant %x, %s, %s, %s half_evn : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

func.func @rounding_mode_missing(%x: tensor<4xf32>) {
  // expected-error @below {{expected string or keyword containing one of the following enum values for attribute 'rounding'}}
  %0 = qonnx.quantize %x in [0.0, 7.0] : (tensor<4xf32>) -> tensor<4xui4>
  return
}

// -----

func.func @keyword_unknown(%x: tensor<4xf32>) {
  // expected-error @below {{expected 'alpha'}}
  %0 = qonnx.elu %x slope 1.0 : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @op_unknown(%x: tensor<4xf32>) {
  // expected-error @below {{custom op 'qonnx.gelu' is unknown}}
  %0 = qonnx.gelu %x : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @batch_normalization_channels_last(%x: tensor<1x2x3xf32>, %p: tensor<2xf32>) {
  // expected-error @below {{'qonnx.batch_normalization' op parameter has 2 values for 3 channels}}
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 1.0e-5 channels_last : (tensor<1x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x3xf32>
  return
}
