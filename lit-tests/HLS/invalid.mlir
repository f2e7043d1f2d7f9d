// RUN: qonnx-opt %s -split-input-file -verify-diagnostics

// Each function is named after the rule that it breaks. First the rules of
// Verify.cpp, in its order.

func.func @matmul_contraction(%x: tensor<1x4xui4>, %w: tensor<5x2xsi2>) {
  // expected-error @below {{'hls.matmul' op contracts 4 columns of the left with 5 rows of the right operand}}
  %0 = hls.matmul %x, %w : (tensor<1x4xui4>, tensor<5x2xsi2>) -> tensor<1x2xsi8>
  return
}

// -----

func.func @matmul_scalar(%x: tensor<1x4xui4>, %w: tensor<si2>) {
  // expected-error @below {{'hls.matmul' op multiplies matrices, but an operand is a scalar}}
  %0 = hls.matmul %x, %w : (tensor<1x4xui4>, tensor<si2>) -> tensor<1x4xsi8>
  return
}

// -----

func.func @matmul_bias_count(%x: tensor<1x4xui4>, %w: tensor<4x2xsi2>, %b: tensor<3xsi4>) {
  // expected-error @below {{'hls.matmul' op bias must be a vector of 2 values}}
  %0 = hls.matmul %x, %w, %b : (tensor<1x4xui4>, tensor<4x2xsi2>, tensor<3xsi4>) -> tensor<1x2xsi8>
  return
}

// -----

func.func @matmul_bias_rank(%x: tensor<1x4xui4>, %w: tensor<4x2xsi2>, %b: tensor<1x2xsi4>) {
  // expected-error @below {{'hls.matmul' op bias must be a vector of 2 values}}
  %0 = hls.matmul %x, %w, %b : (tensor<1x4xui4>, tensor<4x2xsi2>, tensor<1x2xsi4>) -> tensor<1x2xsi8>
  return
}

// -----

func.func @view_element_count(%x: tensor<2x3xui4>) {
  // expected-error @below {{'hls.view' op result has 5 elements, the operand 6}}
  %0 = hls.view %x : (tensor<2x3xui4>) -> tensor<5xui4>
  return
}

// -----

func.func @transpose_axis_twice(%x: tensor<2x3xui4>) {
  // expected-error @below {{'hls.transpose' op permutation must name each of 2 axes once, found axis 1 twice}}
  %0 = hls.transpose %x [1, 1] : (tensor<2x3xui4>) -> tensor<3x3xui4>
  return
}

// -----

func.func @transpose_result_shape(%x: tensor<2x3xui4>) {
  // expected-error @below {{'hls.transpose' op result dimension 0 is 2, expected 3}}
  %0 = hls.transpose %x [1, 0] : (tensor<2x3xui4>) -> tensor<2x3xui4>
  return
}

// -----

func.func @arg_max_axis(%x: tensor<1x4xui4>) {
  // expected-error @below {{'hls.arg_max' op axis 2 is outside a tensor of rank 2}}
  %0 = hls.arg_max %x axis 2 : (tensor<1x4xui4>) -> tensor<1xui2>
  return
}

// -----

func.func @top_k_axis(%x: tensor<1x4xui4>) {
  // expected-error @below {{'hls.top_k' op axis -3 is outside a tensor of rank 2}}
  %0, %1 = hls.top_k %x axis -3 : (tensor<1x4xui4>) -> (tensor<1x2xui4>, tensor<1x2xui2>)
  return
}

// -----

func.func @requantize_channel_rank(%x: tensor<4xsi8>) {
  // expected-error @below {{'hls.requantize' op has channels of rank 2 for a tensor of rank 1}}
  %0 = hls.requantize %x per [1, 1] [#hls.constant<0>] : (tensor<4xsi8>) -> tensor<4xui4>
  return
}

// -----

func.func @requantize_channel_count(%x: tensor<1x4xsi8>) {
  // expected-error @below {{'hls.requantize' op has 3 channels along a dimension of 4}}
  %0 = hls.requantize %x per [1, 3] [#hls.constant<0>, #hls.constant<0>, #hls.constant<0>] : (tensor<1x4xsi8>) -> tensor<1x4xui4>
  return
}

// -----

func.func @requantize_form_count(%x: tensor<1x4xsi8>) {
  // expected-error @below {{'hls.requantize' op has 2 forms for 4 channels}}
  %0 = hls.requantize %x per [4] [#hls.constant<0>, #hls.constant<0>] : (tensor<1x4xsi8>) -> tensor<1x4xui4>
  return
}

// -----

func.func @requantize_code_width(%x: tensor<4xsi8>) {
  // expected-error @below {{'hls.requantize' op gives codes of 1 to 62 bits, found 63}}
  %0 = hls.requantize %x per [] [#hls.constant<0>] : (tensor<4xsi8>) -> tensor<4xui63>
  return
}

// -----

func.func @requantize_code_width_zero(%x: tensor<4xsi8>) {
  // expected-error @below {{'hls.requantize' op gives codes of 1 to 62 bits, found 0}}
  %0 = hls.requantize %x per [] [#hls.constant<0>] : (tensor<4xsi8>) -> tensor<4xsi0>
  return
}

// -----

func.func @requantize_form_kind(%x: tensor<2xsi8>) {
  // expected-error @below {{'hls.requantize' op channel 1 has no requantizer form, found "floor"}}
  %0 = hls.requantize %x per [2] [#hls.constant<0>, "floor"] : (tensor<2xsi8>) -> tensor<2xui4>
  return
}

// -----

func.func @requantize_constant_fits(%x: tensor<2xsi8>) {
  // expected-error @below {{'hls.requantize' op channel 1 gives code 16, which 'ui4' cannot hold}}
  %0 = hls.requantize %x per [2] [#hls.constant<15>, #hls.constant<16>] : (tensor<2xsi8>) -> tensor<2xui4>
  return
}

// -----

func.func @requantize_compare_fits(%x: tensor<2xsi8>) {
  // expected-error @below {{'hls.requantize' op channel 0 gives code 1, which 'si1' cannot hold}}
  %0 = hls.requantize %x per [] [#hls.compare<0, -1, 1>] : (tensor<2xsi8>) -> tensor<2xsi1>
  return
}

// -----

func.func @requantize_mul_shift_fits(%x: tensor<2xsi8>) {
  // expected-error @below {{'hls.requantize' op channel 0 gives code -1, which 'ui4' cannot hold}}
  %0 = hls.requantize %x per [] [#hls.mul_shift<1 * x + 0 shift 1 floor in [-1, 15]>] : (tensor<2xsi8>) -> tensor<2xui4>
  return
}

// -----

// Codes of exceptions, not the inputs beside them.
func.func @requantize_exception_fits(%x: tensor<2xsi8>) {
  // expected-error @below {{'hls.requantize' op channel 0 gives code 17, which 'ui4' cannot hold}}
  %0 = hls.requantize %x per [] [#hls.mul_shift<1 * x + 0 shift 1 floor in [0, 15] except [99, 3, 5, 17]>] : (tensor<2xsi8>) -> tensor<2xui4>
  return
}

// -----

func.func @requantize_piece_fits(%x: tensor<2xsi8>) {
  // expected-error @below {{'hls.requantize' op channel 0 gives code 8, which 'si4' cannot hold}}
  %0 = hls.requantize %x per [] [#hls.pieces<0, #hls.constant<7>, #hls.constant<8>>] : (tensor<2xsi8>) -> tensor<2xsi4>
  return
}

// -----

func.func @requantize_thresholds_fit(%x: tensor<2xsi8>) {
  // expected-error @below {{'hls.requantize' op channel 0 gives code 2, which 'ui1' cannot hold}}
  %0 = hls.requantize %x per [] [#hls.thresholds<[0, 9], [0, 1, 2]>] : (tensor<2xsi8>) -> tensor<2xui1>
  return
}

// -----

func.func @requantize_table_fits(%x: tensor<2xsi8>) {
  // expected-error @below {{'hls.requantize' op channel 0 gives code -9, which 'si4' cannot hold}}
  %0 = hls.requantize %x per [] [#hls.table<-128, [0, -9]>] : (tensor<2xsi8>) -> tensor<2xsi4>
  return
}

// -----

// expected-error @below {{shift must lie in [0, 126], found 127}}
func.func @mul_shift_shift() attributes {form = #hls.mul_shift<1 * x + 0 shift 127 floor in [0, 15]>} { return }

// -----

// expected-error @below {{shift must lie in [0, 126], found -1}}
func.func @mul_shift_shift_negative() attributes {form = #hls.mul_shift<1 * x + 0 shift -1 floor in [0, 15]>} { return }

// -----

// expected-error @below {{clamp range [15, 0] is empty}}
func.func @mul_shift_clamp() attributes {form = #hls.mul_shift<1 * x + 0 shift 1 floor in [15, 0]>} { return }

// -----

// expected-error @below {{exceptions are pairs of input and code, found 3 numbers}}
func.func @mul_shift_exceptions() attributes {form = #hls.mul_shift<1 * x + 0 shift 1 floor in [0, 15] except [1, 2, 3]>} { return }

// -----

// expected-error @below {{pieces must be requantizer forms}}
func.func @pieces_forms() attributes {form = #hls.pieces<0, #hls.constant<0>, 1 : i64>} { return }

// -----

// expected-error @below {{2 thresholds need 3 codes, found 2}}
func.func @thresholds_code_count() attributes {form = #hls.thresholds<[0, 1], [0, 1]>} { return }

// -----

// expected-error @below {{0 thresholds need 1 codes, found 0}}
func.func @thresholds_no_code() attributes {form = #hls.thresholds<[], []>} { return }

// -----

// expected-error @below {{thresholds must rise, found 4 before 4}}
func.func @thresholds_rise() attributes {form = #hls.thresholds<[4, 4], [0, 1, 2]>} { return }

// -----

// The rules of VerifyWindow.cpp, in its order.

func.func @conv_ranks(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3x1xsi2>) {
  // expected-error @below {{'hls.conv' op operand, weights and result must have one rank of at least 3, found 3, 4 and 3}}
  %0 = hls.conv %x, %w strides [1] dilations [1] group 1 : (tensor<1x3x8xui4>, tensor<4x3x3x1xsi2>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @conv_rank_least(%x: tensor<1x3xui4>, %w: tensor<4x3xsi2>) {
  // expected-error @below {{'hls.conv' op operand, weights and result must have one rank of at least 3, found 2, 2 and 2}}
  %0 = hls.conv %x, %w strides [] dilations [] group 1 : (tensor<1x3xui4>, tensor<4x3xsi2>) -> tensor<1x4xsi8>
  return
}

// -----

func.func @conv_stride_count(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3xsi2>) {
  // expected-error @below {{'hls.conv' op strides has 2 entries, expected 1}}
  %0 = hls.conv %x, %w strides [1, 1] dilations [1] group 1 : (tensor<1x3x8xui4>, tensor<4x3x3xsi2>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @conv_stride(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3xsi2>) {
  // expected-error @below {{'hls.conv' op strides must be at least 1, found 0}}
  %0 = hls.conv %x, %w strides [0] dilations [1] group 1 : (tensor<1x3x8xui4>, tensor<4x3x3xsi2>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @conv_dilation(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3xsi2>) {
  // expected-error @below {{'hls.conv' op dilations must be at least 1, found 0}}
  %0 = hls.conv %x, %w strides [1] dilations [0] group 1 : (tensor<1x3x8xui4>, tensor<4x3x3xsi2>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @conv_channels(%x: tensor<1x3x8xui4>, %w: tensor<4x2x3xsi2>) {
  // expected-error @below {{'hls.conv' op weights of 4 x 2 channels do not fit 3 channels in 1 groups}}
  %0 = hls.conv %x, %w strides [1] dilations [1] group 1 : (tensor<1x3x8xui4>, tensor<4x2x3xsi2>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @conv_groups(%x: tensor<1x3x8xui4>, %w: tensor<4x1x3xsi2>) {
  // expected-error @below {{'hls.conv' op weights of 4 x 1 channels do not fit 3 channels in 3 groups}}
  %0 = hls.conv %x, %w strides [1] dilations [1] group 3 : (tensor<1x3x8xui4>, tensor<4x1x3xsi2>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @conv_no_group(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3xsi2>) {
  // expected-error @below {{'hls.conv' op weights of 4 x 3 channels do not fit 3 channels in 0 groups}}
  %0 = hls.conv %x, %w strides [1] dilations [1] group 0 : (tensor<1x3x8xui4>, tensor<4x3x3xsi2>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @conv_samples(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3xsi2>) {
  // expected-error @below {{'hls.conv' op result dimension 0 is 2, expected 1}}
  %0 = hls.conv %x, %w strides [1] dilations [1] group 1 : (tensor<1x3x8xui4>, tensor<4x3x3xsi2>) -> tensor<2x4x6xsi8>
  return
}

// -----

func.func @conv_output_channels(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3xsi2>) {
  // expected-error @below {{'hls.conv' op result dimension 1 is 3, expected 4}}
  %0 = hls.conv %x, %w strides [1] dilations [1] group 1 : (tensor<1x3x8xui4>, tensor<4x3x3xsi2>) -> tensor<1x3x6xsi8>
  return
}

// -----

func.func @conv_positions(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3xsi2>) {
  // expected-error @below {{'hls.conv' op result dimension 2 is 6, expected 2}}
  %0 = hls.conv %x, %w strides [2] dilations [2] group 1 : (tensor<1x3x8xui4>, tensor<4x3x3xsi2>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @conv_bias(%x: tensor<1x3x8xui4>, %w: tensor<4x3x3xsi2>, %b: tensor<3xsi4>) {
  // expected-error @below {{'hls.conv' op bias must be a vector of 4 values}}
  %0 = hls.conv %x, %w, %b strides [1] dilations [1] group 1 : (tensor<1x3x8xui4>, tensor<4x3x3xsi2>, tensor<3xsi4>) -> tensor<1x4x6xsi8>
  return
}

// -----

func.func @reduce_window_rank(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.reduce_window' op result has rank 1, expected 2}}
  %0 = hls.reduce_window max %x window [1, 2] strides [1, 2] dilations [1, 1] : (tensor<1x8xui4>) -> tensor<4xui4>
  return
}

// -----

func.func @reduce_window_window(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.reduce_window' op window must be at least 1, found 0}}
  %0 = hls.reduce_window max %x window [1, 0] strides [1, 1] dilations [1, 1] : (tensor<1x8xui4>) -> tensor<1x8xui4>
  return
}

// -----

func.func @reduce_window_strides(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.reduce_window' op strides has 1 entries, expected 2}}
  %0 = hls.reduce_window max %x window [1, 1] strides [1] dilations [1, 1] : (tensor<1x8xui4>) -> tensor<1x8xui4>
  return
}

// -----

func.func @reduce_window_dilations(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.reduce_window' op dilations must be at least 1, found -1}}
  %0 = hls.reduce_window max %x window [1, 1] strides [1, 1] dilations [1, -1] : (tensor<1x8xui4>) -> tensor<1x8xui4>
  return
}

// -----

func.func @reduce_window_places(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.reduce_window' op result dimension 1 is 3, expected 2}}
  %0 = hls.reduce_window max %x window [1, 3] strides [1, 2] dilations [1, 2] : (tensor<1x8xui4>) -> tensor<1x3xui4>
  return
}

// -----

func.func @pad_rank(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.pad' op result has rank 1, expected 2}}
  %0 = hls.pad %x low [0, 0] high [0, 0] interior [0, 0] value 0 : (tensor<1x8xui4>) -> tensor<8xui4>
  return
}

// -----

func.func @pad_low(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.pad' op low has 1 entries, expected 2}}
  %0 = hls.pad %x low [0] high [0, 0] interior [0, 0] value 0 : (tensor<1x8xui4>) -> tensor<1x8xui4>
  return
}

// -----

func.func @pad_high(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.pad' op high has 3 entries, expected 2}}
  %0 = hls.pad %x low [0, 0] high [0, 0, 0] interior [0, 0] value 0 : (tensor<1x8xui4>) -> tensor<1x8xui4>
  return
}

// -----

func.func @pad_interior(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.pad' op interior must be at least 0, found -1}}
  %0 = hls.pad %x low [0, 0] high [0, 0] interior [0, -1] value 0 : (tensor<1x8xui4>) -> tensor<1x8xui4>
  return
}

// -----

func.func @pad_extent(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.pad' op result dimension 1 is 9, expected 16}}
  %0 = hls.pad %x low [0, 2] high [0, -1] interior [0, 1] value 0 : (tensor<1x8xui4>) -> tensor<1x9xui4>
  return
}

// -----

func.func @pad_value(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.pad' op pads with 16, which 'ui4' cannot hold}}
  %0 = hls.pad %x low [0, 0] high [0, 1] interior [0, 0] value 16 : (tensor<1x8xui4>) -> tensor<1x9xui4>
  return
}

// -----

func.func @pad_negative_value(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.pad' op pads with -9, which 'si4' cannot hold}}
  %0 = hls.pad %x low [0, 0] high [0, 1] interior [0, 0] value -9 : (tensor<1x8xui4>) -> tensor<1x9xsi4>
  return
}

// -----

func.func @gather_axis(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.gather' op axis 2 is outside a tensor of rank 2}}
  %0 = hls.gather %x axis 2 [0] : (tensor<1x8xui4>) -> tensor<1x1xui4>
  return
}

// -----

func.func @gather_rank(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.gather' op result has rank 1, expected 2}}
  %0 = hls.gather %x axis 1 [0] : (tensor<1x8xui4>) -> tensor<1xui4>
  return
}

// -----

func.func @gather_extent(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.gather' op result dimension 1 is 3, expected 2}}
  %0 = hls.gather %x axis 1 [0, 3] : (tensor<1x8xui4>) -> tensor<1x3xui4>
  return
}

// -----

func.func @gather_index(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.gather' op index 8 is outside an axis of 8 elements}}
  %0 = hls.gather %x axis 1 [0, 8] : (tensor<1x8xui4>) -> tensor<1x2xui4>
  return
}

// -----

func.func @gather_negative_index(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.gather' op index -1 is outside an axis of 8 elements}}
  %0 = hls.gather %x axis 1 [-1] : (tensor<1x8xui4>) -> tensor<1x1xui4>
  return
}

// -----

func.func @concat_of_nothing() {
  // expected-error @below {{'hls.concat' op joins nothing}}
  %0 = hls.concat axis 0 : () -> tensor<1xui4>
  return
}

// -----

func.func @concat_axis(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.concat' op axis -3 is outside a tensor of rank 2}}
  %0 = hls.concat %x axis -3 : (tensor<1x8xui4>) -> tensor<1x8xui4>
  return
}

// -----

func.func @concat_rank(%x: tensor<8xui4>) {
  // expected-error @below {{'hls.concat' op joins tensors of rank 1 and 2}}
  %0 = hls.concat %x axis 0 : (tensor<8xui4>) -> tensor<1x8xui4>
  return
}

// -----

func.func @concat_other_extent(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.concat' op result dimension 0 is 2, expected 1}}
  %0 = hls.concat %x axis 1 : (tensor<1x8xui4>) -> tensor<2x8xui4>
  return
}

// -----

func.func @concat_extent(%x: tensor<1x8xui4>) {
  // expected-error @below {{'hls.concat' op result dimension 1 is 15, expected 16}}
  %0 = hls.concat %x, %x axis 1 : (tensor<1x8xui4>, tensor<1x8xui4>) -> tensor<1x15xui4>
  return
}

// -----

// Rules that ODS states.

func.func @constant_signless() {
  // expected-error @below {{'hls.constant' op result #0 must be tensor of signed or unsigned integers with a static shape, but got 'tensor<2xi4>'}}
  %0 = hls.constant dense<1> : tensor<2xi4>
  return
}

// -----

func.func @operand_float(%x: tensor<1x4xf32>, %w: tensor<4x2xsi2>) {
  // expected-error @below {{'hls.matmul' op operand #0 must be tensor of signed or unsigned integers with a static shape, but got 'tensor<1x4xf32>'}}
  %0 = hls.matmul %x, %w : (tensor<1x4xf32>, tensor<4x2xsi2>) -> tensor<1x2xsi8>
  return
}

// -----

func.func @operand_static_shape(%x: tensor<?xui4>) {
  // expected-error @below {{'hls.add' op operand #0 must be tensor of signed or unsigned integers with a static shape, but got 'tensor<?xui4>'}}
  %0 = hls.add %x, %x : (tensor<?xui4>, tensor<?xui4>) -> tensor<4xui5>
  return
}

// -----

func.func @binary_broadcast(%a: tensor<4xui4>, %b: tensor<3xui4>) {
  // expected-error @below {{'hls.add' op operands don't have broadcast-compatible shapes}}
  %0 = hls.add %a, %b : (tensor<4xui4>, tensor<3xui4>) -> tensor<4xui5>
  return
}

// -----

func.func @requantize_shape(%x: tensor<4xsi8>) {
  // expected-error @below {{'hls.requantize' op requires the same shape for all operands and results}}
  %0 = hls.requantize %x per [] [#hls.constant<0>] : (tensor<4xsi8>) -> tensor<5xui4>
  return
}

// -----

func.func @view_element_type(%x: tensor<4xsi8>) {
  // expected-error @below {{'hls.view' op requires the same element type for all operands and results}}
  %0 = hls.view %x : (tensor<4xsi8>) -> tensor<2x2xui8>
  return
}

// -----

// Misspelt words: the message lists what is allowed.

// expected-error @+2 {{expected ::hls::Rounding to be one of: floor, half_even}}
// expected-error @below {{failed to parse HLS_MulShiftAttr parameter 'rounding'}}
func.func @rounding_unknown() attributes {form = #hls.mul_shift<1 * x + 0 shift 1 ceil in [0, 15]>} { return }

// -----

// expected-error @below {{unknown attribute `shift` in dialect `hls`}}
func.func @form_unknown() attributes {form = #hls.shift<1>} { return }

// -----

// expected-error @below {{expected '*'}}
func.func @mul_shift_without_a_product() attributes {form = #hls.mul_shift<1, 0, 1>} { return }

// -----

// expected-error @+2 {{expected integer value}}
// expected-error @below {{failed to parse HLS_TableAttr parameter 'codes'}}
func.func @table_empty() attributes {form = #hls.table<0, []>} { return }
