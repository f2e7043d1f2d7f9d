// RUN: qonnx-opt %s --qonnx-insert-quantizers=default-format='fixed<8,2>' -verify-diagnostics | FileCheck %s

// Weights and activations of a float model: every operand of every dot product.
// CHECK-LABEL: func @float_model
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>
func.func @float_model(%x: tensor<1x4xf32> {qonnx.name = "x"}) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[V:.*]] = qonnx.constant dense<2.500000e-01> : tensor<4x4xf32>
  // CHECK-DAG: %[[W:.*]] = qonnx.constant dense<5.000000e-01> : tensor<4x2xf32>
  // CHECK-DAG: %[[QX:.*]] = qonnx.quant %[[X]],
  // CHECK-DAG: %[[QV:.*]] = qonnx.quant %[[V]],
  // CHECK: %[[H:.*]] = qonnx.matmul %[[QX]], %[[QV]]
  // CHECK: %[[R:.*]] = qonnx.relu %[[H]]
  // CHECK-DAG: %[[QR:.*]] = qonnx.quant %[[R]],
  // CHECK-DAG: %[[QW:.*]] = qonnx.quant %[[W]],
  // CHECK: qonnx.matmul %[[QR]], %[[QW]]
  // expected-remark @unknown {{input 'x' is not quantized in the file: rounded to fixed<8,2>, half to even, saturating}}
  %v = qonnx.constant dense<0.25> : tensor<4x4xf32>
  %w = qonnx.constant dense<0.5> : tensor<4x2xf32>
  // expected-remark @below {{operand 1 (weights) is not quantized in the file: rounded to fixed<8,2>}}
  %0 = qonnx.matmul %x, %v : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %1 = qonnx.relu %0 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  // expected-remark @below {{operand 0 (activation) is not quantized in the file: rounded to fixed<8,2>}}
  // expected-remark @below {{operand 1 (weights) is not quantized in the file: rounded to fixed<8,2>}}
  %2 = qonnx.matmul %1, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

// A quantizer, even behind a transpose or a reshape, is enough.
// CHECK-LABEL: func @quantized_weights
func.func @quantized_weights(%q: tensor<1x4xf32>) -> tensor<1x2xf32> {
  // CHECK-COUNT-2: qonnx.quant
  // CHECK-NOT: qonnx.quant
  %w = qonnx.constant dense<0.5> : tensor<2x4xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %0 = qonnx.quant %q, %s, %s, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %1 = qonnx.quant %w, %s, %s, %b half_even : (tensor<2x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2x4xf32>
  %2 = qonnx.transpose %1 [1, 0] : (tensor<2x4xf32>) -> tensor<4x2xf32>
  %3 = qonnx.matmul %0, %2 : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}
