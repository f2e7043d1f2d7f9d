// RUN: qonnx-opt %s --qonnx-split-quant | FileCheck %s

// Version 1: from 8 to 4 bits is a quotient of 16. The reference does not clamp and keeps the
// scale of the input; float32 tells no neighbours apart beyond the limits.
// CHECK-LABEL: func @trunc
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @trunc(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[S:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]], %[[S]]
  // CHECK: %[[R:.*]] = qonnx.round %[[D]]
  // CHECK: %[[K:.*]] = qonnx.constant dense<1.600000e+01> : tensor<f32>
  // CHECK: %[[E:.*]] = qonnx.div %[[R]], %[[K]]
  // CHECK: %[[Q:.*]] = qonnx.quantize %[[E]] floor in [-1.09951163E+12, 1.09951163E+12] exponent -2 :
  // CHECK: %[[T:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[T]])
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %eight = qonnx.constant dense<8.0> : tensor<f32>
  %four = qonnx.constant dense<4.0> : tensor<f32>
  %0 = qonnx.trunc %x, %s, %z, %eight, %four floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// The whole zero point is subtracted again, although the codes were divided.
// CHECK-LABEL: func @trunc_with_a_zero_point
func.func @trunc_with_a_zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[Z:.*]] = qonnx.constant dense<3.000000e+00> : tensor<f32>
  // CHECK: %[[A:.*]] = qonnx.add %{{.*}}, %[[Z]]
  // CHECK: qonnx.round %[[A]]
  // CHECK: %[[Q:.*]] = qonnx.quantize %{{.*}} half_even in
  // CHECK: %[[K:.*]] = hls.constant dense<3> : tensor<ui2>
  // CHECK: %[[N:.*]] = hls.sub %[[Q]], %[[K]]
  // CHECK: qonnx.unscale %[[N]]
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<3.0> : tensor<f32>
  %eight = qonnx.constant dense<8.0> : tensor<f32>
  %four = qonnx.constant dense<4.0> : tensor<f32>
  %0 = qonnx.trunc %x, %s, %z, %eight, %four half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Version 2: from steps of 1/4 to steps of 4, clamped to 4 bits; a code stands for 4 then.
// CHECK-LABEL: func @trunc_to_scale
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @trunc_to_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[S:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]], %[[S]]
  // CHECK: %[[R:.*]] = qonnx.round %[[D]]
  // CHECK: %[[K:.*]] = qonnx.constant dense<1.600000e+01> : tensor<f32>
  // CHECK: %[[E:.*]] = qonnx.div %[[R]], %[[K]]
  // CHECK: %[[Q:.*]] = qonnx.quantize %[[E]] floor in [-8.000000e+00, 7.000000e+00] exponent 2 : (tensor<4xf32>) -> tensor<4xsi4>
  // CHECK: %[[T:.*]] = qonnx.constant dense<4.000000e+00> : tensor<f32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[T]])
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %eight = qonnx.constant dense<8.0> : tensor<f32>
  %four = qonnx.constant dense<4.0> : tensor<f32>
  %0 = qonnx.trunc_to_scale %x, %s, %z, %eight, %four, %four floor signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// The quotient is the nearest power of two: log2(3 / 0.25) is 3.58, thus 16. A narrow
// unsigned width of 4 bits ends at 14.
// CHECK-LABEL: func @trunc_to_an_odd_scale
func.func @trunc_to_an_odd_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: qonnx.constant dense<1.600000e+01> : tensor<f32>
  // CHECK: qonnx.quantize %{{.*}} half_even in [0.000000e+00, 1.400000e+01] : (tensor<4xf32>) -> tensor<4xui4>
  // CHECK: qonnx.constant dense<3.000000e+00> : tensor<f32>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %t = qonnx.constant dense<3.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %eight = qonnx.constant dense<8.0> : tensor<f32>
  %four = qonnx.constant dense<4.0> : tensor<f32>
  %0 = qonnx.trunc_to_scale %x, %s, %z, %eight, %t, %four half_even narrow : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// A zero point of 32 over 16 is 2, one of 8 a half, which stays in float.
// CHECK-LABEL: func @trunc_to_scale_with_a_zero_point
func.func @trunc_to_scale_with_a_zero_point(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: qonnx.constant dense<3.200000e+01> : tensor<f32>
  // CHECK: %[[Q:.*]] = qonnx.quantize
  // CHECK: %[[K:.*]] = hls.constant dense<2> : tensor<ui2>
  // CHECK: %[[N:.*]] = hls.sub %[[Q]], %[[K]]
  // CHECK: %[[Y:.*]] = qonnx.unscale %[[N]] by
  // CHECK: %[[R:.*]] = qonnx.quantize
  // CHECK: %[[U:.*]] = qonnx.unscale %[[R]] by ()
  // CHECK: %[[H:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK: %[[V:.*]] = qonnx.sub %[[U]], %[[H]]
  // CHECK: %[[Z:.*]] = qonnx.mul %[[V]],
  // CHECK: return %[[Y]], %[[Z]]
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<32.0> : tensor<f32>
  %eight = qonnx.constant dense<8.0> : tensor<f32>
  %four = qonnx.constant dense<4.0> : tensor<f32>
  %0 = qonnx.trunc_to_scale %x, %s, %z, %eight, %four, %four floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  %1 = qonnx.trunc_to_scale %x, %s, %eight, %eight, %four, %four floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// 1.25 and -2.75 are 5 and -11 quarters, over 2 that is 2.5 and -5.5, floored 2 and -6.
// Version 1 multiplies with the scale of the input, version 2 with that of the result.
// CHECK-LABEL: func @trunc_of_constants
func.func @trunc_of_constants() -> (tensor<2xf32>, tensor<2xf32>) {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK-DAG: %[[T:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[Q:.*]] = hls.constant dense<[2, -6]> : tensor<2xsi4>
  // CHECK-DAG: %[[Y:.*]] = qonnx.unscale %[[Q]] by (%[[S]])
  // CHECK-DAG: %[[Z:.*]] = qonnx.unscale %{{.*}} by (%[[T]])
  // CHECK: return %[[Y]], %[[Z]]
  %x = qonnx.constant dense<[1.25, -2.75]> : tensor<2xf32>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %t = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %five = qonnx.constant dense<5.0> : tensor<f32>
  %four = qonnx.constant dense<4.0> : tensor<f32>
  %0 = qonnx.trunc %x, %s, %z, %five, %four floor : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  %1 = qonnx.trunc_to_scale %x, %s, %z, %five, %t, %four floor signed : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// Four exponent bits of bias 7 and three of mantissa: the least step is 2^(1 - 7 - 3), the
// greatest value 1.875 * 2^8 = 480, which are 245760 steps.
// CHECK-LABEL: func @float_quant
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @float_quant(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]], %[[S]]
  // CHECK: %[[Q:.*]] = qonnx.quantize_minifloat %[[D]] half_even mantissa 3 least -9 maximum 4.800000e+02 saturate : (tensor<4xf32>) -> tensor<4xsi19>
  // CHECK: %[[T:.*]] = qonnx.constant dense<9.765625E-4> : tensor<f32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[T]])
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %e = qonnx.constant dense<4.0> : tensor<f32>
  %m = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<7.0> : tensor<f32>
  %max = qonnx.constant dense<1000.0> : tensor<f32>
  %0 = qonnx.float_quant %x, %s, %e, %m, %b, %max half_even saturate : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// A maximum below the format's limits it: 448 is 229376 steps.
// CHECK-LABEL: func @float_quant_up_to_a_maximum
func.func @float_quant_up_to_a_maximum(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: qonnx.quantize_minifloat %{{.*}} down mantissa 3 least -9 maximum 4.480000e+02 saturate : (tensor<4xf32>) -> tensor<4xsi19>
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %e = qonnx.constant dense<4.0> : tensor<f32>
  %m = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<7.0> : tensor<f32>
  %max = qonnx.constant dense<448.0> : tensor<f32>
  %0 = qonnx.float_quant %x, %s, %e, %m, %b, %max down saturate : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// What does not saturate gives NaN, which has no code: it stays whole, for the host.
// CHECK-LABEL: func @float_quant_without_saturation
func.func @float_quant_without_saturation(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: qonnx.float_quant
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %e = qonnx.constant dense<4.0> : tensor<f32>
  %m = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<7.0> : tensor<f32>
  %max = qonnx.constant dense<448.0> : tensor<f32>
  %0 = qonnx.float_quant %x, %s, %e, %m, %b, %max half_even nan : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// 1.0625 is a tie between 1 and 1.125, to the even mantissa; -500 is limited to -480.
// CHECK-LABEL: func @float_quant_of_constants
func.func @float_quant_of_constants() -> tensor<2xf32> {
  // CHECK-DAG: %[[Q:.*]] = hls.constant dense<[512, -245760]> : tensor<2xsi19>
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{0?}}0.001953125> : tensor<f32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[S]])
  %x = qonnx.constant dense<[1.0625, -500.0]> : tensor<2xf32>
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %e = qonnx.constant dense<4.0> : tensor<f32>
  %m = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<7.0> : tensor<f32>
  %max = qonnx.constant dense<1000.0> : tensor<f32>
  %0 = qonnx.float_quant %x, %s, %e, %m, %b, %max half_even saturate : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
