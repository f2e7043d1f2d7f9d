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
