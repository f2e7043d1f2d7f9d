// RUN: qonnx-opt %s --qonnx-lower-batch-norm -split-input-file -verify-diagnostics

func.func @computed_parameter(%x: tensor<1x2xf32>, %mean: tensor<2xf32>) -> tensor<1x2xf32> {
  %p = qonnx.constant dense<1.0> : tensor<2xf32>
  // expected-error @below {{parameter 3 is not constant}}
  %0 = qonnx.batch_normalization %x, %p, %p, %mean, %p epsilon 0.0 : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

func.func @unknown_rank(%x: tensor<*xf32>) -> tensor<*xf32> {
  %p = qonnx.constant dense<1.0> : tensor<2xf32>
  // expected-error @below {{the operand's rank is not known; run qonnx-infer-shapes first}}
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 0.0 : (tensor<*xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @element_type(%x: tensor<1x2xf64>) -> tensor<1x2xf64> {
  %p = qonnx.constant dense<1.0> : tensor<2xf64>
  // expected-error @below {{the operand has element type f64, expected f32}}
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 0.0 : (tensor<1x2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) -> tensor<1x2xf64>
  return %0 : tensor<1x2xf64>
}
