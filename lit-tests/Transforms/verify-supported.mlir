// RUN: qonnx-opt %s --qonnx-verify-supported | FileCheck %s
// RUN: not qonnx-opt %S/Inputs/unsupported.mlir --qonnx-verify-supported 2>&1 | FileCheck %s --check-prefix=NAMES --implicit-check-not=error:

// What every operator of the dialect is goes through unchanged.
// CHECK-LABEL: func @supported
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @supported(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // CHECK: qonnx.softmax %[[X]] axis 1 :
  %0 = qonnx.softmax %x axis 1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// A scale that is computed from constants is one, and so is what a shape gives.
// CHECK-LABEL: func @computed_scale
func.func @computed_scale(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %zero = qonnx.constant dense<0.0> : tensor<f32>
  %two = qonnx.constant dense<2.0> : tensor<f32>
  %s = qonnx.reciprocal %two : (tensor<f32>) -> tensor<f32>
  %n = qonnx.shape %x start 1 : (tensor<1x4xf32>) -> tensor<1xsi64>
  %b = qonnx.cast %n : (tensor<1xsi64>) -> tensor<1xf32>
  // CHECK: qonnx.quant
  %0 = qonnx.quant %x, %s, %zero, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<1xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// The ONNX node's name stands in front of each error.
// NAMES: error: {{.*}}/head/Einsum
// NAMES: error: {{.*}}/head/Attention
