// RUN: qonnx-opt %s --qonnx-conv-to-matmul | FileCheck %s
// RUN: qonnx-opt %s --qonnx-conv-to-matmul --qonnx-conv-to-matmul | FileCheck %s

// CHECK-LABEL: @pointwise
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4x5xf32>, %[[W:.*]]: tensor<6x3x1x1xf32>)
// CHECK: %[[R:.*]] = qonnx.transpose %[[X]] [0, 2, 3, 1] : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
// CHECK: %[[M:.*]] = qonnx.view %[[W]] : (tensor<6x3x1x1xf32>) -> tensor<6x3xf32>
// CHECK: %[[C:.*]] = qonnx.transpose %[[M]] [1, 0]
// CHECK: %[[P:.*]] = qonnx.matmul %[[R]], %[[C]] : (tensor<2x4x5x3xf32>, tensor<3x6xf32>) -> tensor<2x4x5x6xf32>
// CHECK: %[[Y:.*]] = qonnx.transpose %[[P]] [0, 3, 1, 2] : (tensor<2x4x5x6xf32>) -> tensor<2x6x4x5xf32>
// CHECK: return %[[Y]]
func.func @pointwise(%x: tensor<2x3x4x5xf32>, %w: tensor<6x3x1x1xf32>) -> tensor<2x6x4x5xf32> {
  %y = qonnx.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [2, 2] group 1 notset : (tensor<2x3x4x5xf32>, tensor<6x3x1x1xf32>) -> tensor<2x6x4x5xf32>
  return %y : tensor<2x6x4x5xf32>
}

// CHECK-LABEL: @dense
// CHECK: qonnx.matmul %{{.*}}, %{{.*}} : (tensor<2x60xf32>, tensor<60x6xf32>) -> tensor<2x6xf32>
// CHECK: qonnx.view %{{.*}} : (tensor<2x6xf32>) -> tensor<2x6x1x1xf32>
func.func @dense(%x: tensor<2x3x4x5xf32>, %w: tensor<6x3x4x5xf32>) -> tensor<2x6x1x1xf32> {
  %y = qonnx.conv %x, %w strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] group 1 valid : (tensor<2x3x4x5xf32>, tensor<6x3x4x5xf32>) -> tensor<2x6x1x1xf32>
  return %y : tensor<2x6x1x1xf32>
}

// CHECK-LABEL: @others_stay
// CHECK-COUNT-5: qonnx.conv
// CHECK-NOT: qonnx.matmul
func.func @others_stay(%x: tensor<1x2x4xf32>, %w: tensor<2x2x1xf32>, %g: tensor<2x1x1xf32>, %v: tensor<2x2x2xf32>, %b: tensor<2xf32>) -> (tensor<1x2x2xf32>, tensor<1x2x6xf32>, tensor<1x2x4xf32>, tensor<1x2x3xf32>, tensor<1x2x4xf32>) {
  %0 = qonnx.conv %x, %w strides [2] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x2xf32>
  %1 = qonnx.conv %x, %w strides [1] pads [1, 1] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x1xf32>) -> tensor<1x2x6xf32>
  %2 = qonnx.conv %x, %g strides [1] pads [0, 0] dilations [1] group 2 notset : (tensor<1x2x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4xf32>
  %3 = qonnx.conv %x, %v strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x2xf32>) -> tensor<1x2x3xf32>
  %4 = qonnx.conv %x, %w bias %b strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<2x2x1xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %0, %1, %2, %3, %4 : tensor<1x2x2xf32>, tensor<1x2x6xf32>, tensor<1x2x4xf32>, tensor<1x2x3xf32>, tensor<1x2x4xf32>
}

// With channels last each position is a row already.
// CHECK-LABEL: @channels_last(
// CHECK-SAME: %[[X:[^:]*]]: tensor<2x4x3xf32>
// CHECK-NOT: qonnx.transpose %[[X]]
// CHECK: qonnx.matmul %[[X]], %{{.*}} : (tensor<2x4x3xf32>, tensor<3x6xf32>) -> tensor<2x4x6xf32>
// CHECK: qonnx.matmul %{{.*}} : (tensor<2x12xf32>, tensor<12x6xf32>) -> tensor<2x6xf32>
func.func @channels_last(%x: tensor<2x4x3xf32>, %w: tensor<6x1x3xf32>, %v: tensor<6x4x3xf32>) -> (tensor<2x4x6xf32>, tensor<2x1x6xf32>) {
  %0 = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset channels_last : (tensor<2x4x3xf32>, tensor<6x1x3xf32>) -> tensor<2x4x6xf32>
  %1 = qonnx.conv %x, %v strides [1] pads [0, 0] dilations [1] group 1 notset channels_last : (tensor<2x4x3xf32>, tensor<6x4x3xf32>) -> tensor<2x1x6xf32>
  return %0, %1 : tensor<2x4x6xf32>, tensor<2x1x6xf32>
}
