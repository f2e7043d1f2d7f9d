// RUN: qonnx-opt %s --qonnx-split-quant | FileCheck %s

// x / scale, the code, code * scale; a power of two says where the binary point is.
// CHECK-LABEL: func @quant
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @quant(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: %[[S:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]], %[[S]]
  // CHECK: %[[Q:.*]] = qonnx.quantize %[[D]] half_even in [0.000000e+00, 1.500000e+01] exponent -2 : (tensor<1x4xf32>) -> tensor<1x4xui4>
  // CHECK: %[[T:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[Y:.*]] = qonnx.unscale %[[Q]] by (%[[T]]) : (tensor<1x4xui4>, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: return %[[Y]]
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// The limits of 4 bits, signed and narrow.
// CHECK-LABEL: func @quant_limits
func.func @quant_limits(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: qonnx.quantize {{.*}} in [-8.000000e+00, 7.000000e+00] exponent 0 : (tensor<4xf32>) -> tensor<4xsi4>
  %0 = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.quantize {{.*}} in [-7.000000e+00, 7.000000e+00] exponent 0 : (tensor<4xf32>) -> tensor<4xsi4>
  %1 = qonnx.quant %x, %s, %z, %b half_even signed narrow : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.quantize {{.*}} in [0.000000e+00, 1.400000e+01] exponent 0 : (tensor<4xf32>) -> tensor<4xui4>
  %2 = qonnx.quant %x, %s, %z, %b half_even narrow : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @quant_rounding
func.func @quant_rounding(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: qonnx.quantize {{.*}} ceil in
  %0 = qonnx.quant %x, %s, %z, %b ceil : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.quantize {{.*}} floor in
  %1 = qonnx.quant %x, %s, %z, %b floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.quantize {{.*}} up in
  %2 = qonnx.quant %x, %s, %z, %b up : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.quantize {{.*}} down in
  %3 = qonnx.quant %x, %s, %z, %b down : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.quantize {{.*}} half_up in
  %4 = qonnx.quant %x, %s, %z, %b half_up : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.quantize {{.*}} half_down in
  %5 = qonnx.quant %x, %s, %z, %b half_down : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Scale 1 and zero point 0 do nothing and leave no operation.
// CHECK-LABEL: func @quant_without_scale
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @quant_without_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK-NEXT: %[[Q:.*]] = qonnx.quantize %[[X]] half_even
  // CHECK-NEXT: %[[Y:.*]] = qonnx.unscale %[[Q]] by () : (tensor<4xui4>) -> tensor<4xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// No single binary point: no exponent.
// CHECK-LABEL: func @quant_per_channel
func.func @quant_per_channel(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %s = qonnx.constant dense<[[0.5, 0.3]]> : tensor<1x2xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: qonnx.div {{.*}} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: qonnx.quantize {{.*}} in [0.000000e+00, 1.500000e+01] : (
  // CHECK: qonnx.unscale {{.*}} : (tensor<1x2xui4>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x2xf32>, tensor<1x2xf32>, tensor<f32>, tensor<f32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// 2^2.5 - 1 is 4.66 in float32: the code in the reference is that, rounded, thus 5.
// CHECK-LABEL: func @quant_of_a_fractional_width
func.func @quant_of_a_fractional_width(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<2.5> : tensor<f32>
  // CHECK: qonnx.quantize {{.*}} half_even in [0.000000e+00, 4.65685415] exponent 0 : (tensor<4xf32>) -> tensor<4xui3>
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// An integer zero point is subtracted from the codes: [0, 15] - 3 takes 5 bits.
// CHECK-LABEL: func @zero_point
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @zero_point(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]],
  // CHECK: %[[Z:.*]] = qonnx.constant dense<3.000000e+00>
  // CHECK: %[[A:.*]] = qonnx.add %[[D]], %[[Z]]
  // CHECK: %[[Q:.*]] = qonnx.quantize %[[A]] half_even in [0.000000e+00, 1.500000e+01] : (
  // CHECK: %[[K:.*]] = hls.constant dense<3> : tensor<ui2>
  // CHECK: %[[N:.*]] = hls.sub %[[Q]], %[[K]] : (tensor<1x4xui4>, tensor<ui2>) -> tensor<1x4xsi5>
  // CHECK: qonnx.unscale %[[N]] by
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// CHECK-LABEL: func @zero_point_per_channel
func.func @zero_point_per_channel(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<[[0.0, -2.0]]> : tensor<1x2xf32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: hls.constant dense<{{\[}}[0, -2]]> : tensor<1x2xsi2>
  // CHECK: hls.sub {{.*}} : (tensor<1x2xui4>, tensor<1x2xsi2>) -> tensor<1x2xui5>
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x2xf32>, tensor<f32>, tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// A fraction stays in float, in the reference's order: - zero point, * scale.
// CHECK-LABEL: func @zero_point_of_a_fraction
func.func @zero_point_of_a_fraction(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0.5> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: %[[Q:.*]] = qonnx.quantize
  // CHECK: %[[N:.*]] = qonnx.unscale %[[Q]] by ()
  // CHECK: %[[Z:.*]] = qonnx.constant dense<5.000000e-01>
  // CHECK: %[[D:.*]] = qonnx.sub %[[N]], %[[Z]]
  // CHECK: %[[S:.*]] = qonnx.constant dense<2.500000e-01>
  // CHECK: qonnx.mul %[[D]], %[[S]]
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// With another type than float32 the reference adds in float64, which 0 does not show.
// CHECK-LABEL: func @zero_point_of_int64
func.func @zero_point_of_int64(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0> : tensor<si64>
  %b = qonnx.constant dense<4> : tensor<si64>
  // CHECK-NOT: qonnx.add
  // CHECK: qonnx.quantize {{.*}} in [0.000000e+00, 1.500000e+01] exponent -2 :
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<si64>, tensor<si64>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// A scale of another type than float32 would make the reference divide in float64, which a
// power of two does not show.
// CHECK-LABEL: func @scale_of_float64
func.func @scale_of_float64(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.25> : tensor<f64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: qonnx.quantize {{.*}} exponent -2 :
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f64>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// One signed bit means -1 and 1.
// CHECK-LABEL: func @one_signed_bit
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @one_signed_bit(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<1.0> : tensor<f32>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]],
  // CHECK: %[[Q:.*]] = qonnx.binarize %[[D]] exponent -1 : (tensor<4xf32>) -> tensor<4xsi2>
  // CHECK: qonnx.unscale %[[Q]] by
  %0 = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @one_unsigned_bit
func.func @one_unsigned_bit(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<1.0> : tensor<f32>
  // CHECK: qonnx.quantize {{.*}} in [0.000000e+00, 1.000000e+00] exponent -1 : (tensor<4xf32>) -> tensor<4xui1>
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// The sign of x, not of x / scale.
// CHECK-LABEL: func @bipolar_quant
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @bipolar_quant(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.7> : tensor<f32>
  // CHECK: %[[Q:.*]] = qonnx.binarize %[[X]] : (tensor<4xf32>) -> tensor<4xsi2>
  // CHECK: %[[S:.*]] = qonnx.constant dense<{{.*}}> : tensor<f32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[S]])
  %0 = qonnx.bipolar_quant %x, %s : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @multi_threshold
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xf32>)
func.func @multi_threshold(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[T:.*]] = qonnx.constant dense<{{\[}}[-1.000000e+00, 0.000000e+00, 1.000000e+00], [0.000000e+00, 2.000000e+00, 4.000000e+00]]> : tensor<2x3xf32>
  %t = qonnx.constant dense<[[-1.0, 0.0, 1.0], [0.0, 2.0, 4.0]]> : tensor<2x3xf32>
  // CHECK: %[[Q:.*]] = qonnx.count_thresholds %[[X]], %[[T]] axis 1 : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x2xui2>
  // The bias is -2 steps of 0.5: an offset of the codes.
  // CHECK: %[[B:.*]] = hls.constant dense<-2> : tensor<si2>
  // CHECK: %[[C:.*]] = hls.add %[[Q]], %[[B]] exponent -1 : (tensor<1x2xui2>, tensor<si2>) -> tensor<1x2xsi2>
  // CHECK: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK: qonnx.unscale %[[C]] by (%[[S]])
  %0 = qonnx.multi_threshold %x, %t scale 0.5 bias -1.0 axis 1 : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// 0.3 is no multiple of a step of 0.5 that float32 would add without rounding.
// CHECK-LABEL: func @multi_threshold_with_a_bias_off_the_grid
func.func @multi_threshold_with_a_bias_off_the_grid(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %t = qonnx.constant dense<[[-1.0, 0.0, 1.0]]> : tensor<1x3xf32>
  // CHECK: %[[Q:.*]] = qonnx.count_thresholds
  // CHECK: %[[U:.*]] = qonnx.unscale %[[Q]] by
  // CHECK: %[[B:.*]] = qonnx.constant dense<3.000000e-01> : tensor<f32>
  // CHECK: qonnx.add %[[U]], %[[B]]
  %0 = qonnx.multi_threshold %x, %t scale 0.5 bias 0.3 axis 1 : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// CHECK-LABEL: func @multi_threshold_without_bias
func.func @multi_threshold_without_bias(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %t = qonnx.constant dense<[[-1.0, 0.0, 1.0, 2.0]]> : tensor<1x4xf32>
  // CHECK: %[[Q:.*]] = qonnx.count_thresholds {{.*}} exponent 0 : (tensor<1x2xf32>, tensor<1x4xf32>) -> tensor<1x2xui3>
  // CHECK: %[[U:.*]] = qonnx.unscale %[[Q]] by ()
  // CHECK: return %[[U]]
  %0 = qonnx.multi_threshold %x, %t scale 1.0 bias 0.0 axis 1 : (tensor<1x2xf32>, tensor<1x4xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
