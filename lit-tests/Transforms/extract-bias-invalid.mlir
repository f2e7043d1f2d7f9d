// RUN: qonnx-opt %s --qonnx-extract-bias -verify-diagnostics

func.func @unknown_rank(%x: tensor<*xf32>, %w: tensor<*xf32>, %b: tensor<2xf32>) -> tensor<*xf32> {
  // expected-error @below {{its shape or that of its bias is not known; run qonnx-infer-shapes first}}
  %0 = qonnx.conv %x, %w bias %b strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<*xf32>, tensor<*xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}
