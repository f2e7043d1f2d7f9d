// RUN: qonnx-opt %s --qonnx-legalize-fixed-point=tabulation-limit=5000 | FileCheck %s

// A quantizer that cannot be lowered stays and says why; each function is named after the
// reason.

// CHECK-LABEL: func @not_elementwise
func.func @not_elementwise(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.quantize {{.*}} {hls.reason = "qonnx.softmax at /head/Softmax lies between integers and this quantizer and is not elementwise with constants"}
  %a = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %c = qonnx.softmax %a axis 1 : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("/head/Softmax")
  %d = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %y = qonnx.unscale %d by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @not_a_number
func.func @not_a_number(%q: tensor<1x2xsi4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.quantize {{.*}} {hls.reason = "the float chain gives NaN for accumulator value -8"}
  %a = qonnx.unscale %q by () : (tensor<1x2xsi4>) -> tensor<1x2xf32>
  %c = qonnx.sqrt %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %y = qonnx.unscale %d by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The reference's sigmoid does not keep order; 13 bits are more than the limit above.
// CHECK-LABEL: func @too_many_values_for_a_table
func.func @too_many_values_for_a_table(%q: tensor<1x2xui13>) -> tensor<1x2xf32> {
  // CHECK: qonnx.quantize {{.*}} {hls.reason = "its float chain does not keep order and the accumulator takes 8192 values, more than the 5000 that are tabulated: use fewer bits"}
  %a = qonnx.unscale %q by () : (tensor<1x2xui13>) -> tensor<1x2xf32>
  %c = qonnx.sigmoid %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %y = qonnx.unscale %d by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Chains that keep order are bisected, whatever the limit. float32 holds 24 bits: just below
// 2^28 its values lie 16 apart, so 2^28 - 8 already rounds to 2^28, a tie to even; above 2^31
// they lie 256 apart, and 15 * 2^28 - 128 does.
// CHECK-LABEL: func @bisected
func.func @bisected(%q: tensor<1x2xui32>) -> tensor<1x2xf32> {
  // CHECK: hls.requantize {{.*}} [#hls.thresholds<[268435448, 536870896, 805306336, {{.*}}, 3758096256, 4026531712], [0, 1, 2, 3, {{.*}}, 14, 15]>]
  %s = qonnx.constant dense<268435456.0> : tensor<f32>
  %a = qonnx.unscale %q by () : (tensor<1x2xui32>) -> tensor<1x2xf32>
  %c = qonnx.div %a, %s : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %d = qonnx.quantize %c floor in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %y = qonnx.unscale %d by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
