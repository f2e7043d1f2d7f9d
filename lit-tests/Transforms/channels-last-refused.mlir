// RUN: qonnx-opt %s --qonnx-lower-shapes -verify-diagnostics

// The passes on the way down know channels on axis 1 only, and say so.
func.func @lower_shapes(%x: tensor<1x4x3xf32>) -> tensor<1x2x3xf32> {
  // expected-error @below {{has its channels last; run qonnx-lower-channels-last first}}
  %0 = qonnx.max_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] same_upper channels_last : (tensor<1x4x3xf32>) -> tensor<1x2x3xf32>
  return %0 : tensor<1x2x3xf32>
}
