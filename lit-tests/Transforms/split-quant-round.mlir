// RUN: qonnx-opt %s --qonnx-split-quant | FileCheck %s

// A Round whose result is added is a quantizer of scale 1.
// CHECK-LABEL: func @in_front_of_a_pool
// CHECK-SAME: (%[[X:.*]]: tensor<1x1x2x2xf32>)
func.func @in_front_of_a_pool(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32> {
  // CHECK: %[[Q:.*]] = qonnx.quantize %[[X]] half_even in [{{.*}}] exponent 0 : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xsi42>
  // CHECK: %[[R:.*]] = qonnx.unscale %[[Q]] by () : (tensor<1x1x2x2xsi42>) -> tensor<1x1x2x2xf32>
  // CHECK: qonnx.average_pool %[[R]]
  %0 = qonnx.round %x : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  %1 = qonnx.average_pool %0 kernel [2, 2] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<1x1x2x2xf32>) -> tensor<1x1x1x1xf32>
  return %1 : tensor<1x1x1x1xf32>
}

// Behind operations on single elements, too.
// CHECK-LABEL: func @behind_a_scale
func.func @behind_a_scale(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>) -> tensor<1x2xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  // CHECK-NOT: qonnx.round
  // CHECK: qonnx.quantize
  // CHECK: qonnx.mul
  %0 = qonnx.round %x : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = qonnx.mul %0, %s : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %2 = qonnx.matmul %1, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

// In front of a quantizer, or of nothing, it is an operation like others.
// CHECK-LABEL: func @in_front_of_a_quantizer
func.func @in_front_of_a_quantizer(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %s = qonnx.constant dense<2.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: qonnx.round
  %0 = qonnx.round %x : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: qonnx.quantize {{.*}} in [-8.000000e+00, 7.000000e+00]
  %1 = qonnx.quant %0, %s, %z, %b half_even signed : (tensor<1x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x2xf32>
  %2 = qonnx.matmul %1, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  // CHECK: qonnx.round
  %3 = qonnx.round %2 : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %2, %3 : tensor<1x2xf32>, tensor<1x2xf32>
}
