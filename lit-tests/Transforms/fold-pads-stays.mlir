// What is not the padding of the window stays in front of it.
// RUN: qonnx-opt %s --qonnx-fold-pads | FileCheck %s

// CHECK-LABEL: @not_zero
// CHECK: qonnx.pad
func.func @not_zero(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %w = qonnx.constant dense<0.5> : tensor<1x1x3xf32>
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %v = qonnx.constant dense<1.0> : tensor<f32>
  %p = qonnx.pad constant %x, %a value %v : (tensor<1x1x4xf32>, tensor<6xsi64>, tensor<f32>) -> tensor<1x1x6xf32>
  %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x6xf32>, tensor<1x1x3xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// CHECK-LABEL: @other_mode
// CHECK: qonnx.pad edge
func.func @other_mode(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %w = qonnx.constant dense<0.5> : tensor<1x1x3xf32>
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad edge %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x6xf32>, tensor<1x1x3xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// CHECK-LABEL: @cropped
// CHECK: qonnx.pad
func.func @cropped(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf32> {
  %w = qonnx.constant dense<0.5> : tensor<1x1x3xf32>
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, -1]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x4xf32>
  %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x4xf32>, tensor<1x1x3xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// CHECK-LABEL: @channels
// CHECK: qonnx.pad
func.func @channels(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf32> {
  %w = qonnx.constant dense<0.5> : tensor<1x2x3xf32>
  %a = qonnx.constant dense<[0, 1, 0, 0, 0, 0]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x2x4xf32>
  %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<1x2x3xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// SAME of the padded extent is not SAME of the extent.
// CHECK-LABEL: @auto_pad
// CHECK: qonnx.pad
func.func @auto_pad(%x: tensor<1x1x4xf32>) -> tensor<1x1x6xf32> {
  %w = qonnx.constant dense<0.5> : tensor<1x1x3xf32>
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 same_upper : (tensor<1x1x6xf32>, tensor<1x1x3xf32>) -> tensor<1x1x6xf32>
  return %y : tensor<1x1x6xf32>
}

// 0 times infinity is no 0.
// CHECK-LABEL: @infinite_weights
// CHECK: qonnx.pad
func.func @infinite_weights(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %w = qonnx.constant dense<0x7F800000> : tensor<1x1x3xf32>
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x6xf32>, tensor<1x1x3xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// Padding of the pool is not counted, that in front of it is.
// CHECK-LABEL: @counted_and_not
// CHECK: qonnx.pad
func.func @counted_and_not(%x: tensor<1x1x4xf32>) -> tensor<1x1x6xf32> {
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %y = qonnx.average_pool %p kernel [3] strides [1] pads [1, 1] dilations [1] notset : (tensor<1x1x6xf32>) -> tensor<1x1x6xf32>
  return %y : tensor<1x1x6xf32>
}

// A window of padding alone: 0 is its value, and a pool has none.
// CHECK-LABEL: @padding_alone
// CHECK: qonnx.pad
func.func @padding_alone(%x: tensor<1x1x4xf32>) -> tensor<1x1x6xf32> {
  %r = qonnx.relu %x : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %a = qonnx.constant dense<[0, 0, 2, 0, 0, 2]> : tensor<6xsi64>
  %p = qonnx.pad constant %r, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x8xf32>
  %y = qonnx.max_pool %p kernel [2] strides [1] pads [0, 0] dilations [1] notset : (tensor<1x1x8xf32>) -> tensor<1x1x7xf32>
  %z = qonnx.max_pool %y kernel [2] strides [1] pads [0, 0] dilations [1] notset : (tensor<1x1x7xf32>) -> tensor<1x1x6xf32>
  return %z : tensor<1x1x6xf32>
}

// 0 may be greater than what stands beside it.
// CHECK-LABEL: @negative_values
// CHECK: qonnx.pad
func.func @negative_values(%x: tensor<1x1x4xf32>) -> tensor<1x1x4xf32> {
  %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad constant %x, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x6xf32>
  %y = qonnx.max_pool %p kernel [3] strides [1] pads [0, 0] dilations [1] notset : (tensor<1x1x6xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// The last window begins in the padding behind, where ONNX lets none begin that is the pool's own.
// CHECK-LABEL: @ceil_mode
// CHECK: qonnx.pad
func.func @ceil_mode(%x: tensor<1x1x4xf32>) -> tensor<1x1x3xf32> {
  %r = qonnx.relu %x : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %a = qonnx.constant dense<[0, 0, 0, 0, 0, 1]> : tensor<6xsi64>
  %p = qonnx.pad constant %r, %a : (tensor<1x1x4xf32>, tensor<6xsi64>) -> tensor<1x1x5xf32>
  %y = qonnx.max_pool %p kernel [2] strides [2] pads [0, 0] dilations [1] ceil notset : (tensor<1x1x5xf32>) -> tensor<1x1x3xf32>
  return %y : tensor<1x1x3xf32>
}
