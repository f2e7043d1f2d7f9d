// RUN: qonnx-opt %s -split-input-file -verify-diagnostics

// Each function is named after the rule of VerifyWindow.cpp that it breaks, in its order.

func.func @conv_rank(%x: tensor<1x2x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op slides over 2 spatial axes, but the operand has rank 3, expected 4}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_strides_length(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op strides has 1 entries, expected 2}}
  %0 = qonnx.conv %x, %w strides [1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_strides_least(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op strides must be at least 1, found 0}}
  %0 = qonnx.conv %x, %w strides [1, 0] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_pads_length(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op pads has 2 entries, expected 4}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0] dilations [1, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_pads_least(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op pads must be at least 0, found -1}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, -1, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_dilations_length(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op dilations has 3 entries, expected 2}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_dilations_least(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op dilations must be at least 1, found 0}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [0, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_group_least(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op group must be at least 1, found 0}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 0 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_channels(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op has weights for 4 channels in 2 groups, the operand has 2}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 2 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_output_channels(%x: tensor<1x2x4x4xf32>, %w: tensor<3x1x2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op has 3 output channels, which 2 groups do not divide}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 2 notset : (tensor<1x2x4x4xf32>, tensor<3x1x2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_bias_rank(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>, %b: tensor<1x2xf32>) {
  // expected-error @below {{'qonnx.conv' op bias must be a vector of 2 values}}
  %0 = qonnx.conv %x, %w bias %b strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>, tensor<1x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_bias_length(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2x2x2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{'qonnx.conv' op bias must be a vector of 2 values}}
  %0 = qonnx.conv %x, %w bias %b strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2x2x2xf32>, tensor<3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_weights_rank(%x: tensor<1x2x4x4xf32>, %w: tensor<2x2xf32>) {
  // expected-error @below {{'qonnx.conv' op weights have rank 2, expected at least one spatial axis}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x2x4x4xf32>, tensor<2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_weights_rank(%x: tensor<1x2x4xf32>, %w: tensor<2x2xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op weights have rank 2, expected at least one spatial axis}}
  %0 = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_window(%x: tensor<1x2x4xf32>, %w: tensor<2x2x3xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op strides has 2 entries, expected 1}}
  %0 = qonnx.conv_transpose %x, %w strides [1, 1] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_output_padding_length(%x: tensor<1x2x4xf32>, %w: tensor<2x2x3xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op output_padding has 2 entries, expected 1}}
  %0 = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [0, 0] output_shape [] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_output_padding_least(%x: tensor<1x2x4xf32>, %w: tensor<2x2x3xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op output_padding must be at least 0, found -1}}
  %0 = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [-1] output_shape [] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_output_shape_length(%x: tensor<1x2x4xf32>, %w: tensor<2x2x3xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op output_shape has 2 entries, expected 1}}
  %0 = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [4, 4] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_output_shape_least(%x: tensor<1x2x4xf32>, %w: tensor<2x2x3xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op output_shape must be at least 1, found 0}}
  %0 = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [0] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_groups(%x: tensor<1x3x4xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op has weights for 3 channels, which 2 groups do not divide}}
  %0 = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 2 notset : (tensor<1x3x4xf32>, tensor<3x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_channels(%x: tensor<1x2x4xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op has weights for 3 channels in 1 groups, the operand has 2}}
  %0 = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 1 notset : (tensor<1x2x4xf32>, tensor<3x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_bias(%x: tensor<1x2x4xf32>, %w: tensor<2x2x3xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op bias must be a vector of 4 values}}
  %0 = qonnx.conv_transpose %x, %w bias %b strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 2 notset : (tensor<1x2x4xf32>, tensor<2x2x3xf32>, tensor<2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @max_pool_kernel_empty(%x: tensor<1x2x4x4xf32>) {
  // expected-error @below {{'qonnx.max_pool' op kernel has no spatial axis}}
  %0 = qonnx.max_pool %x kernel [] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<1x2x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @max_pool_kernel_least(%x: tensor<1x2x4x4xf32>) {
  // expected-error @below {{'qonnx.max_pool' op kernel must be at least 1, found 0}}
  %0 = qonnx.max_pool %x kernel [2, 0] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<1x2x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @max_pool_window(%x: tensor<1x2x4x4xf32>) {
  // expected-error @below {{'qonnx.max_pool' op strides has 1 entries, expected 2}}
  %0 = qonnx.max_pool %x kernel [2, 2] strides [1] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<1x2x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @average_pool_rank(%x: tensor<1x2x4xf32>) {
  // expected-error @below {{'qonnx.average_pool' op slides over 2 spatial axes, but the operand has rank 3, expected 4}}
  %0 = qonnx.average_pool %x kernel [2, 2] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<1x2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @split_results(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.split' op has no result}}
  qonnx.split %x axis 0 : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @split_axis(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.split' op axis 1 is outside a tensor of rank 1}}
  %0 = qonnx.split %x axis 1 : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @resize_neither(%x: tensor<4xf32>) {
  // expected-error @below {{'qonnx.resize' op needs either scales or sizes}}
  %0 = qonnx.resize %x asymmetric floor : (tensor<4xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @resize_both(%x: tensor<4xf32>, %s: tensor<1xf32>, %z: tensor<1xsi64>) {
  // expected-error @below {{'qonnx.resize' op needs either scales or sizes}}
  %0 = qonnx.resize %x scales %s sizes %z asymmetric floor : (tensor<4xf32>, tensor<1xf32>, tensor<1xsi64>) -> tensor<8xf32>
  return
}

// -----

func.func @depth_to_space_block(%x: tensor<1x2x4x4xf32>) {
  // expected-error @below {{'qonnx.depth_to_space' op block must be at least 1, found 0}}
  %0 = qonnx.depth_to_space %x block 0 : (tensor<1x2x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @depth_to_space_rank(%x: tensor<4x4xf32>) {
  // expected-error @below {{'qonnx.depth_to_space' op moves blocks of a tensor of rank 4, found rank 2}}
  %0 = qonnx.depth_to_space %x block 2 : (tensor<4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @space_to_depth_block(%x: tensor<1x2x4x4xf32>) {
  // expected-error @below {{'qonnx.space_to_depth' op block must be at least 1, found 0}}
  %0 = qonnx.space_to_depth %x block 0 : (tensor<1x2x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @space_to_depth_rank(%x: tensor<4x4xf32>) {
  // expected-error @below {{'qonnx.space_to_depth' op moves blocks of a tensor of rank 4, found rank 2}}
  %0 = qonnx.space_to_depth %x block 2 : (tensor<4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @depth_to_space_channels(%x: tensor<1x2x4x4xf32>) {
  // expected-error @below {{'qonnx.depth_to_space' op has 2 channels, which a block of 4 elements does not divide}}
  %0 = qonnx.depth_to_space %x block 2 : (tensor<1x2x4x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @space_to_depth_extent(%x: tensor<1x2x4x5xf32>) {
  // expected-error @below {{'qonnx.space_to_depth' op has 5 elements along axis 3, which a block of 2 does not divide}}
  %0 = qonnx.space_to_depth %x block 2 : (tensor<1x2x4x5xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_channels_last(%x: tensor<1x4x4x2xf32>, %w: tensor<2x2x2x3xf32>) {
  // expected-error @below {{'qonnx.conv' op has weights for 3 channels in 1 groups, the operand has 2}}
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset channels_last : (tensor<1x4x4x2xf32>, tensor<2x2x2x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @conv_transpose_bias_channels_last(%x: tensor<1x4x2xf32>, %w: tensor<2x2x3xf32>, %b: tensor<2xf32>) {
  // expected-error @below {{'qonnx.conv_transpose' op bias must be a vector of 3 values}}
  %0 = qonnx.conv_transpose %x, %w bias %b strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 1 notset channels_last : (tensor<1x4x2xf32>, tensor<2x2x3xf32>, tensor<2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @depth_to_space_channels_last(%x: tensor<1x4x4x3xf32>) {
  // expected-error @below {{'qonnx.depth_to_space' op has 3 channels, which a block of 4 elements does not divide}}
  %0 = qonnx.depth_to_space %x block 2 channels_last : (tensor<1x4x4x3xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @space_to_depth_channels_last(%x: tensor<1x3x4x4xf32>) {
  // expected-error @below {{'qonnx.space_to_depth' op has 3 elements along axis 1, which a block of 2 does not divide}}
  %0 = qonnx.space_to_depth %x block 2 channels_last : (tensor<1x3x4x4xf32>) -> tensor<*xf32>
  return
}
