// RUN: qonnx-opt %s --qonnx-infer-shapes | FileCheck %s

// CHECK-LABEL: func @convolutions
// CHECK-SAME: -> tensor<1x6x10x9xf32>
func.func @convolutions(%x: tensor<?x3x8x9xf32>, %w: tensor<4x3x3x3xf32>, %v: tensor<4x3x2x3xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.conv {{.*}} -> tensor<1x4x4x5xf32>
  %0 = qonnx.conv %x, %w strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] group 1 notset : (tensor<?x3x8x9xf32>, tensor<4x3x3x3xf32>) -> tensor<*xf32>
  // CHECK: qonnx.conv_transpose {{.*}} -> tensor<1x6x9x5xf32>
  %1 = qonnx.conv_transpose %0, %v strides [2, 1] pads [0, 1, 0, 1] dilations [1, 1] output_padding [1, 0] output_shape [] group 2 notset : (tensor<*xf32>, tensor<4x3x2x3xf32>) -> tensor<*xf32>
  // CHECK: qonnx.conv_transpose {{.*}} -> tensor<1x6x10x9xf32>
  %2 = qonnx.conv_transpose %0, %v strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] output_padding [2, 0] output_shape [10, 9] group 2 notset : (tensor<*xf32>, tensor<4x3x2x3xf32>) -> tensor<*xf32>
  return %2 : tensor<*xf32>
}

// CHECK-LABEL: func @computed_padding
func.func @computed_padding(%x: tensor<1x1x7xf32>, %w: tensor<1x1x4xf32>) {
  // CHECK: qonnx.conv {{.*}} same_upper {{.*}} -> tensor<1x1x4xf32>
  %0 = qonnx.conv %x, %w strides [2] pads [0, 0] dilations [1] group 1 same_upper : (tensor<1x1x7xf32>, tensor<1x1x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.conv {{.*}} valid {{.*}} -> tensor<1x1x2xf32>
  %1 = qonnx.conv %x, %w strides [2] pads [0, 0] dilations [1] group 1 valid : (tensor<1x1x7xf32>, tensor<1x1x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.conv_transpose {{.*}} same_lower {{.*}} -> tensor<1x1x14xf32>
  %2 = qonnx.conv_transpose %x, %w strides [2] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 1 same_lower : (tensor<1x1x7xf32>, tensor<1x1x4xf32>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @pools
func.func @pools(%x: tensor<1x2x5x6xf32>) {
  // CHECK: qonnx.max_pool {{.*}} -> tensor<1x2x2x3xf32>
  %0 = qonnx.max_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<1x2x5x6xf32>) -> tensor<*xf32>
  // CHECK: qonnx.average_pool {{.*}} -> tensor<1x2x3x3xf32>
  %1 = qonnx.average_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] ceil notset : (tensor<1x2x5x6xf32>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @reductions
func.func @reductions(%x: tensor<2x3x4xf32>, %computed: tensor<1xsi64>) {
  %a = qonnx.constant dense<[-1, 0]> : tensor<2xsi64>
  // CHECK: qonnx.reduce mean {{.*}} -> tensor<1x3x1xf32>
  %0 = qonnx.reduce mean %x axes %a keep_dims : (tensor<2x3x4xf32>, tensor<2xsi64>) -> tensor<*xf32>
  // CHECK: qonnx.reduce sum {{.*}} -> tensor<3xf32>
  %1 = qonnx.reduce sum %x axes %a : (tensor<2x3x4xf32>, tensor<2xsi64>) -> tensor<*xf32>
  // CHECK: qonnx.reduce max {{.*}} -> tensor<f32>
  %2 = qonnx.reduce max %x : (tensor<2x3x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.reduce max {{.*}} -> tensor<2x3x4xf32>
  %3 = qonnx.reduce max %x noop : (tensor<2x3x4xf32>) -> tensor<*xf32>
  return
}

// Each result of a split has its own length, and values go through it.
// CHECK-LABEL: func @split
func.func @split(%x: tensor<5x4xf32>, %y: tensor<12xf32>) {
  %l = qonnx.constant dense<[1, 3]> : tensor<2xsi64>
  // CHECK: qonnx.split {{.*}} -> (tensor<5x1xf32>, tensor<5x3xf32>)
  %0:2 = qonnx.split %x lengths %l axis 1 : (tensor<5x4xf32>, tensor<2xsi64>) -> (tensor<*xf32>, tensor<*xf32>)
  // CHECK: qonnx.split {{.*}} -> (tensor<3x4xf32>, tensor<2x4xf32>)
  %1:2 = qonnx.split %x axis 0 : (tensor<5x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  %shape = qonnx.constant dense<[9, 9, 4, 3]> : tensor<4xsi64>
  %2:2 = qonnx.split %shape axis 0 : (tensor<4xsi64>) -> (tensor<*xsi64>, tensor<*xsi64>)
  // CHECK: qonnx.reshape {{.*}} -> tensor<4x3xf32>
  %3 = qonnx.reshape %y, %2#1 : (tensor<12xf32>, tensor<*xsi64>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @movement
func.func @movement(%x: tensor<1x4x2x3xf32>, %c: tensor<1x4x1x1xi1>) {
  %p = qonnx.constant dense<[1, -1]> : tensor<2xsi64>
  %axis = qonnx.constant dense<-1> : tensor<1xsi64>
  // CHECK: qonnx.pad {{.*}} -> tensor<1x4x2x3xf32>
  %0 = qonnx.pad edge %x, %p axes %axis : (tensor<1x4x2x3xf32>, tensor<2xsi64>, tensor<1xsi64>) -> tensor<*xf32>
  %s = qonnx.constant dense<[1.0, 1.0, 2.0, 0.5]> : tensor<4xf32>
  // CHECK: qonnx.resize {{.*}} -> tensor<1x4x4x1xf32>
  %1 = qonnx.resize %x scales %s asymmetric floor : (tensor<1x4x2x3xf32>, tensor<4xf32>) -> tensor<*xf32>
  %z = qonnx.constant dense<[1, 4, 5, 6]> : tensor<4xsi64>
  // CHECK: qonnx.resize {{.*}} -> tensor<1x4x5x6xf32>
  %2 = qonnx.resize %x sizes %z half_pixel ceil : (tensor<1x4x2x3xf32>, tensor<4xsi64>) -> tensor<*xf32>
  // CHECK: qonnx.depth_to_space {{.*}} -> tensor<1x1x4x6xf32>
  %3 = qonnx.depth_to_space %x block 2 : (tensor<1x4x2x3xf32>) -> tensor<*xf32>
  // CHECK: qonnx.space_to_depth {{.*}} -> tensor<1x4x2x3xf32>
  %4 = qonnx.space_to_depth %3 block 2 : (tensor<*xf32>) -> tensor<*xf32>
  %e = qonnx.constant dense<[2, 1, 1, 1, 1]> : tensor<5xsi64>
  // CHECK: qonnx.expand {{.*}} -> tensor<2x1x4x2x3xf32>
  %5 = qonnx.expand %x, %e : (tensor<1x4x2x3xf32>, tensor<5xsi64>) -> tensor<*xf32>
  // CHECK: qonnx.tile {{.*}} -> tensor<1x16x10x18xf32>
  %6 = qonnx.tile %x, %z : (tensor<1x4x2x3xf32>, tensor<4xsi64>) -> tensor<*xf32>
  // CHECK: qonnx.constant_of_shape {{.*}} -> tensor<1x4x5x6xf32>
  %7 = qonnx.constant_of_shape %z of dense<1.5> : tensor<1xf32> : (tensor<4xsi64>) -> tensor<*xf32>
  %start = qonnx.constant dense<1> : tensor<si64>
  %limit = qonnx.constant dense<8> : tensor<si64>
  %step = qonnx.constant dense<3> : tensor<si64>
  // CHECK: qonnx.range {{.*}} -> tensor<3xsi64>
  %8 = qonnx.range %start, %limit, %step : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<*xsi64>
  // CHECK: qonnx.where {{.*}} -> tensor<1x4x2x3xf32>
  %9 = qonnx.where %c, %x, %x : (tensor<1x4x1x1xi1>, tensor<1x4x2x3xf32>, tensor<1x4x2x3xf32>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @quantizers
func.func @quantizers(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %p: tensor<1xf32>) {
  // CHECK: qonnx.trunc {{.*}} -> tensor<2x3xf32>
  %0 = qonnx.trunc %x, %s, %p, %p, %p floor : (tensor<2x3xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<*xf32>
  // CHECK: qonnx.trunc_to_scale {{.*}} -> tensor<2x3xf32>
  %1 = qonnx.trunc_to_scale %x, %s, %p, %p, %s, %p floor : (tensor<2x3xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<3xf32>, tensor<1xf32>) -> tensor<*xf32>
  // CHECK: qonnx.float_quant {{.*}} -> tensor<2x3xf32>
  %2 = qonnx.float_quant %x, %s, %p, %p, %p, %p half_even saturate : (tensor<2x3xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @channels_last
func.func @channels_last(%x: tensor<?x8x9x4xf32>, %w: tensor<6x3x3x2xf32>, %t: tensor<4x2x2x3xf32>) {
  // CHECK: qonnx.conv {{.*}} -> tensor<1x4x5x6xf32>
  %0 = qonnx.conv %x, %w strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] group 2 notset channels_last : (tensor<?x8x9x4xf32>, tensor<6x3x3x2xf32>) -> tensor<*xf32>
  // CHECK: qonnx.conv_transpose {{.*}} -> tensor<1x16x18x6xf32>
  %1 = qonnx.conv_transpose %x, %t strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] output_padding [0, 0] output_shape [] group 2 notset channels_last : (tensor<?x8x9x4xf32>, tensor<4x2x2x3xf32>) -> tensor<*xf32>
  // CHECK: qonnx.max_pool {{.*}} -> tensor<1x4x4x4xf32>
  %2 = qonnx.max_pool %x kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] notset channels_last : (tensor<?x8x9x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.depth_to_space {{.*}} -> tensor<1x16x18x1xf32>
  %3 = qonnx.depth_to_space %x block 2 channels_last : (tensor<?x8x9x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.space_to_depth {{.*}} -> tensor<1x8x9x4xf32>
  %4 = qonnx.space_to_depth %3 block 2 channels_last : (tensor<*xf32>) -> tensor<*xf32>
  return
}
