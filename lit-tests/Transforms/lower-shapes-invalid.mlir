// RUN: qonnx-opt %s --qonnx-lower-shapes -split-input-file -verify-diagnostics

func.func @unranked(%x: tensor<2x3xf32>, %shape: tensor<2xsi64>) -> tensor<*xf32> {
  // expected-error @below {{its shape is not known: tensor<*xf32>; run qonnx-infer-shapes first}}
  %0 = qonnx.reshape %x, %shape : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @dynamic_dimension(%x: tensor<?x2x3xf32>) -> tensor<?x6xf32> {
  // expected-error @below {{its shape is not known: tensor<?x6xf32>; run qonnx-infer-shapes first}}
  %0 = qonnx.flatten %x axis 1 : (tensor<?x2x3xf32>) -> tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}
