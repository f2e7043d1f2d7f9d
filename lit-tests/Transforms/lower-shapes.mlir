// RUN: qonnx-opt %s --qonnx-lower-shapes | FileCheck %s

// CHECK-LABEL: func @reshape
// CHECK-SAME: (%[[X:.*]]: tensor<2x6xf32>)
func.func @reshape(%x: tensor<2x6xf32>) -> tensor<3x4xf32> {
  %shape = qonnx.constant dense<[3, 4]> : tensor<2xsi64>
  // CHECK: qonnx.view %[[X]] : (tensor<2x6xf32>) -> tensor<3x4xf32>
  %0 = qonnx.reshape %x, %shape : (tensor<2x6xf32>, tensor<2xsi64>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// CHECK-LABEL: func @flatten
// CHECK-SAME: (%[[X:.*]]: tensor<1x8x8xf32>)
func.func @flatten(%x: tensor<1x8x8xf32>) -> tensor<1x64xf32> {
  // CHECK-NEXT: %[[Y:.*]] = qonnx.view %[[X]] : (tensor<1x8x8xf32>) -> tensor<1x64xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = qonnx.flatten %x axis 1 : (tensor<1x8x8xf32>) -> tensor<1x64xf32>
  return %0 : tensor<1x64xf32>
}

// CHECK-LABEL: func @squeeze_and_unsqueeze
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x1xf32>)
func.func @squeeze_and_unsqueeze(%x: tensor<1x3x1xf32>) -> tensor<3x1xf32> {
  %axis = qonnx.constant dense<1> : tensor<1xsi64>
  // CHECK: %[[S:.*]] = qonnx.view %[[X]] : (tensor<1x3x1xf32>) -> tensor<3xf32>
  %0 = qonnx.squeeze %x : (tensor<1x3x1xf32>) -> tensor<3xf32>
  // CHECK: qonnx.view %[[S]] : (tensor<3xf32>) -> tensor<3x1xf32>
  %1 = qonnx.unsqueeze %0 axes %axis : (tensor<3xf32>, tensor<1xsi64>) -> tensor<3x1xf32>
  return %1 : tensor<3x1xf32>
}

// A transpose moves data: it is no view.
// CHECK-LABEL: func @transpose
func.func @transpose(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  // CHECK: qonnx.transpose
  %0 = qonnx.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// CHECK-LABEL: func @depth_to_space
// CHECK-SAME: (%[[X:.*]]: tensor<1x8x2x3xf32>)
func.func @depth_to_space(%x: tensor<1x8x2x3xf32>) -> (tensor<1x2x4x6xf32>, tensor<1x2x4x6xf32>) {
  // CHECK: %[[A:.*]] = qonnx.view %[[X]] : (tensor<1x8x2x3xf32>) -> tensor<1x2x2x2x2x3xf32>
  // CHECK: %[[T:.*]] = qonnx.transpose %[[A]] [0, 3, 4, 1, 5, 2] : (tensor<1x2x2x2x2x3xf32>) -> tensor<1x2x2x2x3x2xf32>
  // CHECK: qonnx.view %[[T]] : (tensor<1x2x2x2x3x2xf32>) -> tensor<1x2x4x6xf32>
  %0 = qonnx.depth_to_space %x block 2 : (tensor<1x8x2x3xf32>) -> tensor<1x2x4x6xf32>
  // CHECK: qonnx.transpose {{.*}} [0, 1, 4, 2, 5, 3]
  %1 = qonnx.depth_to_space %x block 2 crd : (tensor<1x8x2x3xf32>) -> tensor<1x2x4x6xf32>
  return %0, %1 : tensor<1x2x4x6xf32>, tensor<1x2x4x6xf32>
}

// CHECK-LABEL: func @space_to_depth
func.func @space_to_depth(%x: tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32> {
  // CHECK: qonnx.view {{.*}} -> tensor<1x2x2x2x3x2xf32>
  // CHECK: qonnx.transpose {{.*}} [0, 3, 5, 1, 2, 4] {{.*}} -> tensor<1x2x2x2x2x3xf32>
  // CHECK: qonnx.view {{.*}} -> tensor<1x8x2x3xf32>
  %0 = qonnx.space_to_depth %x block 2 : (tensor<1x2x4x6xf32>) -> tensor<1x8x2x3xf32>
  return %0 : tensor<1x8x2x3xf32>
}

// CHECK-LABEL: func @computed_pads
func.func @computed_pads(%x: tensor<1x1x6x6xf32>, %w: tensor<1x1x3x2xf32>, %b: tensor<1xf32>) -> tensor<1x1x4x6xf32> {
  // CHECK: qonnx.conv {{.*}} bias {{.*}} pads [0, 0, 1, 1] dilations [1, 1] group 1 notset
  %0 = qonnx.conv %x, %w bias %b strides [2, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 same_upper : (tensor<1x1x6x6xf32>, tensor<1x1x3x2xf32>, tensor<1xf32>) -> tensor<1x1x3x6xf32>
  // CHECK: qonnx.max_pool {{.*}} pads [0, 1, 0, 0] dilations [1, 1] ceil notset
  %1 = qonnx.max_pool %0 kernel [1, 2] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] ceil same_lower : (tensor<1x1x3x6xf32>) -> tensor<1x1x3x6xf32>
  // CHECK: qonnx.average_pool {{.*}} pads [0, 0, 0, 0] dilations [1, 1] include_pad notset
  %2 = qonnx.average_pool %1 kernel [2, 1] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] include_pad valid : (tensor<1x1x3x6xf32>) -> tensor<1x1x2x6xf32>
  // CHECK: qonnx.conv_transpose {{.*}} pads [1, 1, 0, 0] dilations [1, 1] output_padding [1, 0] output_shape [] group 1 notset
  %3 = qonnx.conv_transpose %2, %w strides [2, 1] pads [0, 0, 0, 0] dilations [1, 1] output_padding [1, 0] output_shape [5, 6] group 1 notset : (tensor<1x1x2x6xf32>, tensor<1x1x3x2xf32>) -> tensor<1x1x5x6xf32>
  // CHECK: qonnx.average_pool
  %4 = qonnx.average_pool %3 kernel [2, 1] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<1x1x5x6xf32>) -> tensor<1x1x4x6xf32>
  return %4 : tensor<1x1x4x6xf32>
}

// No axes, and none meant: nothing is reduced.
// CHECK-LABEL: @reduction_of_nothing
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
// CHECK: return %[[X]]
func.func @reduction_of_nothing(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %a = qonnx.constant dense<> : tensor<0xsi64>
  %y = qonnx.reduce max %x axes %a keep_dims noop : (tensor<1x4xf32>, tensor<0xsi64>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// No axes are all axes.
// CHECK-LABEL: @reduction_of_all
// CHECK: qonnx.reduce max %{{[^ ]*}} keep_dims : (tensor<1x4xf32>) -> tensor<1x1xf32>
func.func @reduction_of_all(%x: tensor<1x4xf32>) -> tensor<1x1xf32> {
  %a = qonnx.constant dense<> : tensor<0xsi64>
  %y = qonnx.reduce max %x axes %a keep_dims : (tensor<1x4xf32>, tensor<0xsi64>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
