// RUN: qonnx-opt %s --pass-pipeline='builtin.module(qonnx-set-batch-size{batch-size=4})' --split-input-file --verify-diagnostics
// RUN: not qonnx-opt %S/set-batch-size.mlir --pass-pipeline='builtin.module(qonnx-set-batch-size{batch-size=9223372036854775807})' 2>&1 | FileCheck %s --check-prefix=HUGE
// HUGE: error: {{.*}}, more than 134217728 elements

func.func @sum_of_samples(%x: tensor<1x3xf32>) -> tensor<3xf32> {
  %a = qonnx.constant dense<0> : tensor<1xsi64>
  // expected-error @below {{cannot be told to keep 4 samples apart: it makes one value of all along axis 0, which holds the samples}}
  %y = qonnx.reduce sum %x axes %a : (tensor<1x3xf32>, tensor<1xsi64>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @product_of_samples(%x: tensor<1x3xf32>) -> tensor<2x3xf32> {
  %w = qonnx.constant dense<0.5> : tensor<2x1xf32>
  // expected-error @below {{it adds the samples of operand 1 to each other}}
  %y = qonnx.matmul %w, %x : (tensor<2x1xf32>, tensor<1x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// One row of the constant each sample: of two samples more is not known.
func.func @a_value_a_sample(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c = qonnx.constant dense<0.5> : tensor<2x3xf32>
  // expected-error @below {{operand 1 has 2 values along axis 0, which holds the samples}}
  %y = qonnx.add %x, %c : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// The first of one is not the first of four.
func.func @first_sample(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %s = qonnx.constant dense<0> : tensor<1xsi64>
  %e = qonnx.constant dense<1> : tensor<1xsi64>
  // expected-error @below {{it takes a part along axis 0, which holds the samples}}
  %y = qonnx.slice %x, %s, %e : (tensor<1x3xf32>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// -----

func.func @behind_other_axes(%x: tensor<2x2x3xf32>) -> tensor<3x4xf32> {
  %s = qonnx.constant dense<[3, 4]> : tensor<2xsi64>
  // expected-error @below {{no axis of [3, 4] holds the 2 samples along axis 0 of [2, 2, 3]}}
  %y = qonnx.reshape %x, %s : (tensor<2x2x3xf32>, tensor<2xsi64>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// -----

// expected-error @below {{input 'b' has 2 elements along axis 0, input 'a' 1: expected one number of samples}}
func.func @inputs(%a: tensor<1x3xf32> {qonnx.name = "a"}, %b: tensor<2x3xf32> {qonnx.name = "b"}) -> tensor<2x3xf32> {
  %y = qonnx.add %a, %b : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}
