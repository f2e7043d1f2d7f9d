// RUN: qonnx-opt %s | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --mlir-print-op-generic | qonnx-opt | FileCheck %s

// CHECK-LABEL: func @conv
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x8x8xf32>, %[[W:.*]]: tensor<4x3x3x3xf32>, %[[B:.*]]: tensor<4xf32>)
func.func @conv(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4xf32>) -> tensor<1x4x4x4xf32> {
  // CHECK: qonnx.conv %[[X]], %[[W]] bias %[[B]] strides [2, 2] pads [1, 1, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  %0 = qonnx.conv %x, %w bias %b strides [2, 2] pads [1, 1, 0, 0] dilations [1, 1] group 1 notset : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4xf32>) -> tensor<1x4x4x4xf32>
  return %0 : tensor<1x4x4x4xf32>
}

// CHECK-LABEL: func @grouped_conv_along_one_axis
func.func @grouped_conv_along_one_axis(%x: tensor<?x4x9xf32>, %w: tensor<4x1x3xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.conv %{{.*}}, %{{.*}} strides [1] pads [0, 0] dilations [2] group 4 same_upper : (tensor<?x4x9xf32>, tensor<4x1x3xf32>) -> tensor<*xf32>
  %0 = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [2] group 4 same_upper : (tensor<?x4x9xf32>, tensor<4x1x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @conv_transpose
func.func @conv_transpose(%x: tensor<1x4x5xf32>, %w: tensor<4x3x2xf32>, %b: tensor<6xf32>) {
  // CHECK: qonnx.conv_transpose %{{.*}}, %{{.*}} bias %{{.*}} strides [2] pads [0, 1] dilations [1] output_padding [1] output_shape [] group 2 notset :
  %0 = qonnx.conv_transpose %x, %w bias %b strides [2] pads [0, 1] dilations [1] output_padding [1] output_shape [] group 2 notset : (tensor<1x4x5xf32>, tensor<4x3x2xf32>, tensor<6xf32>) -> tensor<1x6x10xf32>
  // CHECK: output_shape [9] group 1 same_lower :
  %1 = qonnx.conv_transpose %x, %w strides [2] pads [0, 0] dilations [1] output_padding [0] output_shape [9] group 1 same_lower : (tensor<1x4x5xf32>, tensor<4x3x2xf32>) -> tensor<1x3x9xf32>
  return
}

// CHECK-LABEL: func @pools
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x5x5xf32>)
func.func @pools(%x: tensor<1x2x5x5xf32>) {
  // CHECK: qonnx.max_pool %[[X]] kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] ceil notset : (tensor<1x2x5x5xf32>) -> tensor<1x2x3x3xf32>
  %0 = qonnx.max_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] ceil notset : (tensor<1x2x5x5xf32>) -> tensor<1x2x3x3xf32>
  // CHECK: qonnx.average_pool %[[X]] kernel [3, 3] strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] include_pad notset :
  %1 = qonnx.average_pool %x kernel [3, 3] strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] include_pad notset : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32>
  // CHECK: qonnx.average_pool %[[X]] kernel [3, 3] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] ceil include_pad valid :
  %2 = qonnx.average_pool %x kernel [3, 3] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] ceil include_pad valid : (tensor<1x2x5x5xf32>) -> tensor<1x2x3x3xf32>
  return
}

// CHECK-LABEL: func @reductions
// CHECK-SAME: (%[[X:.*]]: tensor<1x8x4x4xf32>, %[[A:.*]]: tensor<2xsi64>)
func.func @reductions(%x: tensor<1x8x4x4xf32>, %a: tensor<2xsi64>) {
  // CHECK: qonnx.reduce mean %[[X]] axes %[[A]] keep_dims : (tensor<1x8x4x4xf32>, tensor<2xsi64>) -> tensor<1x8x1x1xf32>
  %0 = qonnx.reduce mean %x axes %a keep_dims : (tensor<1x8x4x4xf32>, tensor<2xsi64>) -> tensor<1x8x1x1xf32>
  // CHECK: qonnx.reduce sum %[[X]] axes %[[A]] : (tensor<1x8x4x4xf32>, tensor<2xsi64>) -> tensor<1x8xf32>
  %1 = qonnx.reduce sum %x axes %a : (tensor<1x8x4x4xf32>, tensor<2xsi64>) -> tensor<1x8xf32>
  // CHECK: qonnx.reduce max %[[X]] : (tensor<1x8x4x4xf32>) -> tensor<f32>
  %2 = qonnx.reduce max %x : (tensor<1x8x4x4xf32>) -> tensor<f32>
  // CHECK: qonnx.reduce min %[[X]] keep_dims noop :
  %3 = qonnx.reduce min %x keep_dims noop : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
  // CHECK: qonnx.reduce prod
  %4 = qonnx.reduce prod %x : (tensor<1x8x4x4xf32>) -> tensor<f32>
  return
}

// CHECK-LABEL: func @layer_normalization
func.func @layer_normalization(%x: tensor<2x4xf32>, %s: tensor<4xf32>) {
  // CHECK: qonnx.layer_normalization %{{.*}}, %{{.*}}, %{{.*}} axis -1 epsilon 9.99999974E-6 :
  %0 = qonnx.layer_normalization %x, %s, %s axis -1 epsilon 1.0e-5 : (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  // CHECK: qonnx.layer_normalization %{{.*}}, %{{.*}} axis 1 epsilon 0.000000e+00 : (tensor<2x4xf32>, tensor<4xf32>) ->
  %1 = qonnx.layer_normalization %x, %s axis 1 epsilon 0.0 : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// CHECK-LABEL: func @channels_last
func.func @channels_last(%x: tensor<1x8x8x4xf32>, %w: tensor<6x3x3x2xf32>, %t: tensor<4x2x2x3xf32>) {
  // CHECK: qonnx.conv %{{.*}} group 2 notset channels_last : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>) -> tensor<1x6x6x6xf32>
  %0 = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 2 notset channels_last : (tensor<1x8x8x4xf32>, tensor<6x3x3x2xf32>) -> tensor<1x6x6x6xf32>
  // CHECK: qonnx.conv_transpose %{{.*}} group 2 notset channels_last :
  %1 = qonnx.conv_transpose %x, %t strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] output_padding [0, 0] output_shape [] group 2 notset channels_last : (tensor<1x8x8x4xf32>, tensor<4x2x2x3xf32>) -> tensor<1x16x16x6xf32>
  // CHECK: qonnx.max_pool %{{.*}} ceil same_upper channels_last :
  %2 = qonnx.max_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] ceil same_upper channels_last : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32>
  // CHECK: qonnx.average_pool %{{.*}} include_pad notset channels_last :
  %3 = qonnx.average_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] include_pad notset channels_last : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32>
  // CHECK: qonnx.depth_to_space %{{.*}} block 2 crd channels_last :
  %4 = qonnx.depth_to_space %x block 2 crd channels_last : (tensor<1x8x8x4xf32>) -> tensor<1x16x16x1xf32>
  // CHECK: qonnx.space_to_depth %{{.*}} block 4 channels_last :
  %5 = qonnx.space_to_depth %x block 4 channels_last : (tensor<1x8x8x4xf32>) -> tensor<1x2x2x64xf32>
  return
}
