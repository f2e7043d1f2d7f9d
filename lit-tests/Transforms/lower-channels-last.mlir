// RUN: qonnx-opt %s --qonnx-lower-channels-last | FileCheck %s
// RUN: qonnx-opt %s --pass-pipeline='builtin.module(qonnx-lower-channels-last{for-onnx=true})' | FileCheck %s --check-prefix=ONNX

// CHECK-LABEL: func @conv
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x5x2xf32>, %[[W:.*]]: tensor<3x2x2x2xf32>, %[[B:.*]]: tensor<3xf32>)
// ONNX-LABEL: func @conv
func.func @conv(%x: tensor<1x4x5x2xf32>, %w: tensor<3x2x2x2xf32>, %b: tensor<3xf32>) -> tensor<1x3x4x3xf32> {
  // CHECK: %[[F:.*]] = qonnx.transpose %[[X]] [0, 3, 1, 2] : (tensor<1x4x5x2xf32>) -> tensor<1x2x4x5xf32>
  // CHECK: %[[V:.*]] = qonnx.transpose %[[W]] [0, 3, 1, 2]
  // CHECK: %[[C:.*]] = qonnx.conv %[[F]], %[[V]] bias %[[B]] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset :
  // CHECK: %[[Y:.*]] = qonnx.transpose %[[C]] [0, 2, 3, 1] : (tensor<1x3x3x4xf32>) -> tensor<1x3x4x3xf32>
  // CHECK: return %[[Y]]
  // ONNX-NOT: qonnx.transpose
  // ONNX: qonnx.conv {{.*}} channels_last
  %0 = qonnx.conv %x, %w bias %b strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset channels_last : (tensor<1x4x5x2xf32>, tensor<3x2x2x2xf32>, tensor<3xf32>) -> tensor<1x3x4x3xf32>
  return %0 : tensor<1x3x4x3xf32>
}

// Pads that are not equal on both sides are none of the domain's MaxPool, AveragePool it does not have.
// CHECK-LABEL: func @pools
// ONNX-LABEL: func @pools
func.func @pools(%x: tensor<1x4x3xf32>) -> (tensor<1x2x3xf32>, tensor<1x4x3xf32>, tensor<1x2x3xf32>) {
  // CHECK-NOT: channels_last
  // ONNX: qonnx.max_pool %{{.*}} pads [0, 0] {{.*}} channels_last
  // ONNX: qonnx.transpose
  // ONNX: qonnx.max_pool %{{.*}} pads [0, 1] dilations [1] notset :
  // ONNX: qonnx.average_pool %{{.*}} notset :
  %0 = qonnx.max_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset channels_last : (tensor<1x4x3xf32>) -> tensor<1x2x3xf32>
  %1 = qonnx.max_pool %x kernel [2] strides [1] pads [0, 1] dilations [1] notset channels_last : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %2 = qonnx.average_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset channels_last : (tensor<1x4x3xf32>) -> tensor<1x2x3xf32>
  return %0, %1, %2 : tensor<1x2x3xf32>, tensor<1x4x3xf32>, tensor<1x2x3xf32>
}

// Without channels last nothing changes.
// CHECK-LABEL: func @channels_first
func.func @channels_first(%x: tensor<1x3x4xf32>) -> tensor<1x3x2xf32> {
  // CHECK-NOT: qonnx.transpose
  %0 = qonnx.max_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x3x4xf32>) -> tensor<1x3x2xf32>
  return %0 : tensor<1x3x2xf32>
}
