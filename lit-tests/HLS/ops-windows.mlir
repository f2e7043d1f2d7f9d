// RUN: qonnx-opt %s | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --mlir-print-op-generic | qonnx-opt | FileCheck %s

// CHECK-LABEL: func @conv
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x9x9xui4>, %[[W:.*]]: tensor<6x2x3x3xsi2>, %[[B:.*]]: tensor<6xsi6>)
func.func @conv(%x: tensor<1x4x9x9xui4>, %w: tensor<6x2x3x3xsi2>, %b: tensor<6xsi6>) {
  // CHECK: hls.conv %[[X]], %[[W]] strides [1, 2] dilations [2, 1] group 2 : (tensor<1x4x9x9xui4>, tensor<6x2x3x3xsi2>) -> tensor<1x6x5x4xsi10>
  %0 = hls.conv %x, %w strides [1, 2] dilations [2, 1] group 2 : (tensor<1x4x9x9xui4>, tensor<6x2x3x3xsi2>) -> tensor<1x6x5x4xsi10>
  // CHECK: hls.conv %[[X]], %[[W]], %[[B]] strides [1, 1] dilations [1, 1] group 2 exponent -3 : (
  %1 = hls.conv %x, %w, %b strides [1, 1] dilations [1, 1] group 2 exponent -3 : (tensor<1x4x9x9xui4>, tensor<6x2x3x3xsi2>, tensor<6xsi6>) -> tensor<1x6x7x7xsi10>
  return
}

// CHECK-LABEL: func @conv_of_a_line_and_a_volume
func.func @conv_of_a_line_and_a_volume(%x: tensor<2x1x9xui4>, %w: tensor<1x1x9xsi2>, %v: tensor<1x1x2x3x4xui4>, %u: tensor<2x1x1x2x3xsi2>) {
  // CHECK: hls.conv %{{.*}}, %{{.*}} strides [3] dilations [1] group 1 : (tensor<2x1x9xui4>, tensor<1x1x9xsi2>) -> tensor<2x1x1xsi9>
  %0 = hls.conv %x, %w strides [3] dilations [1] group 1 : (tensor<2x1x9xui4>, tensor<1x1x9xsi2>) -> tensor<2x1x1xsi9>
  // CHECK: hls.conv %{{.*}}, %{{.*}} strides [1, 1, 1] dilations [1, 1, 1] group 1
  %1 = hls.conv %v, %u strides [1, 1, 1] dilations [1, 1, 1] group 1 : (tensor<1x1x2x3x4xui4>, tensor<2x1x1x2x3xsi2>) -> tensor<1x2x2x2x2xsi8>
  return
}

// CHECK-LABEL: func @reduce_window
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x8x8xui4>)
func.func @reduce_window(%x: tensor<1x4x8x8xui4>) {
  // CHECK: hls.reduce_window max %[[X]] window [1, 1, 2, 2] strides [1, 1, 2, 2] dilations [1, 1, 1, 3] : (tensor<1x4x8x8xui4>) -> tensor<1x4x4x3xui4>
  %0 = hls.reduce_window max %x window [1, 1, 2, 2] strides [1, 1, 2, 2] dilations [1, 1, 1, 3] : (tensor<1x4x8x8xui4>) -> tensor<1x4x4x3xui4>
  // CHECK: hls.reduce_window sum %[[X]] window [1, 1, 8, 8] strides [1, 1, 1, 1] dilations [1, 1, 1, 1] exponent -4 : (tensor<1x4x8x8xui4>) -> tensor<1x4x1x1xui10>
  %1 = hls.reduce_window sum %x window [1, 1, 8, 8] strides [1, 1, 1, 1] dilations [1, 1, 1, 1] exponent -4 : (tensor<1x4x8x8xui4>) -> tensor<1x4x1x1xui10>
  return
}

// CHECK-LABEL: func @pad
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xsi4>)
func.func @pad(%x: tensor<1x4xsi4>) {
  // CHECK: hls.pad %[[X]] low [0, -1] high [1, 2] interior [0, 3] value -8 : (tensor<1x4xsi4>) -> tensor<2x14xsi4>
  %0 = hls.pad %x low [0, -1] high [1, 2] interior [0, 3] value -8 : (tensor<1x4xsi4>) -> tensor<2x14xsi4>
  return
}

// CHECK-LABEL: func @gather
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x2xui4>)
func.func @gather(%x: tensor<1x4x2xui4>) {
  // CHECK: hls.gather %[[X]] axis 2 [0, 0, 1, 1] : (tensor<1x4x2xui4>) -> tensor<1x4x4xui4>
  %0 = hls.gather %x axis 2 [0, 0, 1, 1] : (tensor<1x4x2xui4>) -> tensor<1x4x4xui4>
  // CHECK: hls.gather %[[X]] axis -2 [3] : (tensor<1x4x2xui4>) -> tensor<1x1x2xui4>
  %1 = hls.gather %x axis -2 [3] : (tensor<1x4x2xui4>) -> tensor<1x1x2xui4>
  return
}

// CHECK-LABEL: func @concat
// CHECK-SAME: (%[[A:.*]]: tensor<1x4xui4>, %[[B:.*]]: tensor<1x2xsi3>)
func.func @concat(%a: tensor<1x4xui4>, %b: tensor<1x2xsi3>) {
  // CHECK: hls.concat %[[A]], %[[B]], %[[A]] axis 1 : (tensor<1x4xui4>, tensor<1x2xsi3>, tensor<1x4xui4>) -> tensor<1x10xsi5>
  %0 = hls.concat %a, %b, %a axis 1 : (tensor<1x4xui4>, tensor<1x2xsi3>, tensor<1x4xui4>) -> tensor<1x10xsi5>
  return
}
