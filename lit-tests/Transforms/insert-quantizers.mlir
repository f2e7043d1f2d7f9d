// RUN: qonnx-opt %s -split-input-file --qonnx-insert-quantizers -verify-diagnostics | FileCheck %s

// Default fixed<16,6>: 10 bits behind the binary point, signed, half to even.
// expected-remark @unknown {{input 'jet' is not quantized in the file: rounded to fixed<16,6>, half to even, saturating}}
// CHECK-LABEL: func @default_format
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>
// CHECK: %[[S:.*]] = qonnx.constant dense<9.765625E-4> : tensor<f32>
// CHECK: %[[Z:.*]] = qonnx.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[B:.*]] = qonnx.constant dense<1.600000e+01> : tensor<f32>
// CHECK: %[[Q:.*]] = qonnx.quant %[[X]], %[[S]], %[[Z]], %[[B]] half_even signed :
// CHECK: qonnx.matmul %[[Q]],
func.func @default_format(%x: tensor<1x4xf32> {qonnx.name = "jet"}) -> tensor<1x2xf32> {
  %w = qonnx.constant dense<1.0> : tensor<4x2xf32>
  %0 = qonnx.matmul %x, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// Through what lies in between; all users see the quantized input. An argument without
// an ONNX name is in0, in1 and so on.
// expected-remark @unknown {{input 'in0' is not quantized in the file}}
// CHECK-LABEL: func @meets_a_dot_product_later
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x2xf32>)
// CHECK: %[[Q:.*]] = qonnx.quant %[[X]],
// CHECK: qonnx.flatten %[[Q]]
// CHECK: qonnx.relu %[[Q]]
func.func @meets_a_dot_product_later(%x: tensor<1x2x2xf32>) -> (tensor<1x2xf32>, tensor<1x2x2xf32>) {
  %w = qonnx.constant dense<1.0> : tensor<4x2xf32>
  %0 = qonnx.flatten %x axis 1 : (tensor<1x2x2xf32>) -> tensor<1x4xf32>
  %1 = qonnx.matmul %0, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  %2 = qonnx.relu %x : (tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  return %1, %2 : tensor<1x2xf32>, tensor<1x2x2xf32>
}

// -----

// CHECK-LABEL: func @quantized_in_the_file
// CHECK: qonnx.quant
// CHECK-NOT: qonnx.quant
func.func @quantized_in_the_file(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  %w = qonnx.constant dense<1.0> : tensor<4x2xf32>
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %0 = qonnx.quant %x, %s, %s, %s half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %1 = qonnx.matmul %0, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

// -----

// CHECK-LABEL: func @meets_no_dot_product
// CHECK-NOT: qonnx.quant
func.func @meets_no_dot_product(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = qonnx.relu %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

// CHECK-LABEL: func @integer_input
// CHECK-NOT: qonnx.quant
func.func @integer_input(%x: tensor<1x4xsi32>, %w: tensor<4x2xsi32>) -> tensor<1x2xsi32> {
  %0 = qonnx.matmul %x, %w : (tensor<1x4xsi32>, tensor<4x2xsi32>) -> tensor<1x2xsi32>
  return %0 : tensor<1x2xsi32>
}
