// RUN: qonnx-opt %s --qonnx-fold-constants -verify-diagnostics

func.func @index_outside() -> tensor<1xf32> {
  %x = qonnx.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = qonnx.constant dense<2> : tensor<1xsi64>
  // expected-error @below {{index 2 lies outside the extent 2 of axis 0}}
  %0 = qonnx.gather %x, %i axis 0 : (tensor<2xf32>, tensor<1xsi64>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}
