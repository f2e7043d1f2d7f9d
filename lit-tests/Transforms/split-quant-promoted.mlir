// RUN: qonnx-opt %s --qonnx-split-quant | FileCheck %s

// Parameters of other types than float32 make the reference compute in float64: codes begin
// at thresholds, and the product of two float32 stands for the scale.

// x / 3, rounded half to even: code -1 begins above -4.5, 0 at -1.5, 1 above 1.5.
// CHECK-LABEL: func @integer_scale
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @integer_scale(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %s = qonnx.constant dense<3> : tensor<si64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<2.0> : tensor<f32>
  // CHECK: %[[T:.*]] = qonnx.constant dense<{{\[}}[-4.49999952, -1.500000e+00, 1.50000012]]> : tensor<1x3xf32>
  // CHECK: %[[N:.*]] = qonnx.count_thresholds %[[X]], %[[T]] axis 0 : (tensor<1x4xf32>, tensor<1x3xf32>) -> tensor<1x4xui2>
  // CHECK: %[[L:.*]] = hls.constant dense<-2> : tensor<si2>
  // CHECK: %[[Q:.*]] = hls.add %[[N]], %[[L]] : (tensor<1x4xui2>, tensor<si2>) -> tensor<1x4xsi2>
  // CHECK: %[[S:.*]] = qonnx.constant dense<3.000000e+00> : tensor<f32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[S]]) : (tensor<1x4xsi2>, tensor<f32>) -> tensor<1x4xf32>
  %0 = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<1x4xf32>, tensor<si64>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// A row a channel, on the axis that the scale varies along; a negative scale turns x around.
// CHECK-LABEL: func @scale_a_channel
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x4xf32>)
func.func @scale_a_channel(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %s = qonnx.constant dense<[[0.3], [-0.7]]> : tensor<2x1xf64>
  %z = qonnx.constant dense<1.0> : tensor<f32>
  %b = qonnx.constant dense<3.0> : tensor<f32>
  // CHECK: %[[SIGNS:.*]] = qonnx.constant dense<{{\[}}[1.000000e+00], [-1.000000e+00]]> : tensor<2x1xf32>
  // CHECK: %[[Y:.*]] = qonnx.mul %[[X]], %[[SIGNS]]
  // CHECK: qonnx.count_thresholds %[[Y]], %{{.*}} axis 1 : (tensor<1x2x4xf32>, tensor<2x7xf32>) -> tensor<1x2x4xui3>
  // CHECK: hls.sub
  // CHECK: qonnx.unscale %{{.*}} by (%{{.*}}, %{{.*}}) : (tensor<1x2x4xsi4>, tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x2x4xf32>, tensor<2x1xf64>, tensor<f32>, tensor<f32>) -> tensor<1x2x4xf32>
  return %0 : tensor<1x2x4xf32>
}

// -1 and 1: the zero point is added in float64, 0 counts as positive.
// CHECK-LABEL: func @one_bit
func.func @one_bit(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<1> : tensor<si64>
  %b = qonnx.constant dense<1.0> : tensor<f32>
  // CHECK: qonnx.constant dense<-5.000000e-01> : tensor<1x1xf32>
  // CHECK: hls.mul
  // CHECK: hls.add {{.*}} -> tensor<4xsi2>
  %0 = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<si64>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Constants are evaluated: 0.45 / 0.3 is 1.5 in float64.
// CHECK-LABEL: func @constant
func.func @constant() -> tensor<3xf32> {
  %x = qonnx.constant dense<[0.45, -2.0, 0.1]> : tensor<3xf32>
  %s = qonnx.constant dense<0.3> : tensor<f64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<3.0> : tensor<f32>
  // CHECK: hls.constant dense<[1, -4, 0]> : tensor<3xsi3>
  %0 = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<3xf32>, tensor<f64>, tensor<f32>, tensor<f32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
