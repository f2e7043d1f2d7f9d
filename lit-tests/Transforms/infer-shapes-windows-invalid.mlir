// RUN: qonnx-opt %s --qonnx-infer-shapes -split-input-file -verify-diagnostics

// Each function is named after what contradicts.

func.func @kernel_too_large(%x: tensor<1x1x3xf32>, %w: tensor<1x1x4xf32>) -> tensor<*xf32> {
  // expected-error @below {{a window [4] does not fit the input [3]}}
  %0 = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x3xf32>, tensor<1x1x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @output_shape_out_of_reach(%x: tensor<1x1x3xf32>, %w: tensor<1x1x4xf32>) -> tensor<*xf32> {
  // expected-error @below {{output_shape [9] is more than the [6] that the kernel reaches}}
  %0 = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [9] group 1 notset : (tensor<1x1x3xf32>, tensor<1x1x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @pool_rank(%x: tensor<1x1x3xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %x : (tensor<1x1x3xf32>) -> tensor<*xf32>
  // expected-error @below {{slides over 2 spatial axes, but the operand has rank 3}}
  %1 = qonnx.max_pool %0 kernel [2, 2] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @reduced_axis(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  %a = qonnx.constant dense<2> : tensor<1xsi64>
  // expected-error @below {{axis 2 does not exist in a tensor of rank 2}}
  %0 = qonnx.reduce sum %x axes %a : (tensor<2x3xf32>, tensor<1xsi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @split_lengths(%x: tensor<5xf32>) -> tensor<*xf32> {
  %l = qonnx.constant dense<[2, 2]> : tensor<2xsi64>
  // expected-error @below {{parts [2, 2] do not make up axis 0 of 5 elements}}
  %0:2 = qonnx.split %x lengths %l axis 0 : (tensor<5xf32>, tensor<2xsi64>) -> (tensor<*xf32>, tensor<*xf32>)
  return %0#0 : tensor<*xf32>
}

// -----

func.func @pads_take_more_than_there_is(%x: tensor<3xf32>) -> tensor<*xf32> {
  %p = qonnx.constant dense<[-2, -2]> : tensor<2xsi64>
  // expected-error @below {{pads -2 and -2 do not fit an axis of 3 elements}}
  %0 = qonnx.pad constant %x, %p : (tensor<3xf32>, tensor<2xsi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

// The elements of a dilated window may lie on both sides of the input.
func.func @window_of_padding_alone(%x: tensor<1x1x3xf32>) -> tensor<1x1x?xf32> {
  // expected-error @+1 {{has a window of padding alone, number 0 along spatial axis 0: it has no value}}
  %y = qonnx.max_pool %x kernel [2] strides [1] pads [1, 1] dilations [4] notset : (tensor<1x1x3xf32>) -> tensor<1x1x?xf32>
  return %y : tensor<1x1x?xf32>
}
