// RUN: qonnx-opt %s --pass-pipeline='builtin.module(qonnx-channels-last,canonicalize,cse)' -verify-diagnostics -o %t
// RUN: FileCheck %s < %t
// RUN: qonnx-opt %t --pass-pipeline='builtin.module(qonnx-channels-last,canonicalize,cse)' | diff %t -

// Weights are laid out anew, what stands between is done with channels last; the ends of the graph keep their layouts.
// CHECK-LABEL: func @network
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x6x6xf32>
func.func @network(%x: tensor<1x2x6x6xf32> {qonnx.name = "image"}) -> (tensor<1x3x3x3xf32> {qonnx.name = "features"}) {
  %w = qonnx.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]], [[[5.0]], [[6.0]]]]> : tensor<3x2x1x1xf32>
  %v = qonnx.constant dense<1.0> : tensor<3x3x3x3xf32>
  %b = qonnx.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %p = qonnx.constant dense<[[[0.5]], [[1.0]], [[2.0]]]> : tensor<3x1x1xf32>
  // CHECK-DAG: %[[W:.*]] = qonnx.constant dense<{{.*}}> : tensor<3x1x1x2xf32>
  // CHECK-DAG: %[[P:.*]] = qonnx.constant dense<{{.*}}> : tensor<1x1x1x3xf32>
  // CHECK: %[[L:.*]] = qonnx.transpose %[[X]] [0, 2, 3, 1]
  // CHECK: %[[C:.*]] = qonnx.conv %[[L]], %[[W]] bias %{{.*}} pads [0, 0, 0, 0] dilations [1, 1] group 1 notset channels_last : {{.*}} -> tensor<1x6x6x3xf32>
  // expected-remark @below {{a transpose [0, 2, 3, 1] is left at the input 'image', which keeps its layout}}
  %0 = qonnx.conv %x, %w bias %b strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 same_upper : (tensor<1x2x6x6xf32>, tensor<3x2x1x1xf32>, tensor<3xf32>) -> tensor<1x3x6x6xf32>
  // CHECK: %[[A:.*]] = qonnx.prelu %[[C]], %[[P]]
  %1 = qonnx.prelu %0, %p : (tensor<1x3x6x6xf32>, tensor<3x1x1xf32>) -> tensor<1x3x6x6xf32>
  // CHECK: %[[D:.*]] = qonnx.conv %[[A]], %{{.*}} channels_last
  %2 = qonnx.conv %1, %v strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] group 1 notset : (tensor<1x3x6x6xf32>, tensor<3x3x3x3xf32>) -> tensor<1x3x6x6xf32>
  // CHECK: %[[E:.*]] = qonnx.add %[[D]], %[[A]]
  %3 = qonnx.add %2, %1 : (tensor<1x3x6x6xf32>, tensor<1x3x6x6xf32>) -> tensor<1x3x6x6xf32>
  // CHECK: %[[M:.*]] = qonnx.max_pool %[[E]] {{.*}} channels_last
  %4 = qonnx.max_pool %3 kernel [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] notset : (tensor<1x3x6x6xf32>) -> tensor<1x3x3x3xf32>
  // CHECK: %[[R:.*]] = qonnx.relu %[[M]]
  // expected-remark @below {{a transpose [0, 3, 1, 2] is left at the output 'features', which keeps its layout}}
  %5 = qonnx.relu %4 : (tensor<1x3x3x3xf32>) -> tensor<1x3x3x3xf32>
  // CHECK: %[[Y:.*]] = qonnx.transpose %[[R]] [0, 3, 1, 2]
  // CHECK-NOT: qonnx.transpose
  // CHECK: return %[[Y]]
  return %5 : tensor<1x3x3x3xf32>
}

// Along one axis and three, in blocks, with weights that are not constant.
// CHECK-LABEL: func @others
func.func @others(%x: tensor<1x2x4xf32> {qonnx.name = "a"}, %y: tensor<1x2x4x4x4xf32> {qonnx.name = "b"}, %z: tensor<1x4x2x2xf32> {qonnx.name = "c"}, %w: tensor<2x1x2xf32> {qonnx.name = "w"})
    -> (tensor<1x2x8xf32>, tensor<1x2x1x1x1xf32>, tensor<1x1x4x4xf32>) {
  // CHECK: qonnx.conv_transpose {{.*}} channels_last : (tensor<1x4x2xf32>, tensor<2x2x1xf32>) -> tensor<1x8x2xf32>
  // The weights have one channel a group: a view.
  // expected-remark @+2 {{at the input 'a'}}
  // expected-remark @+1 {{at the output 'out0'}}
  %0 = qonnx.conv_transpose %x, %w strides [2] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 2 notset : (tensor<1x2x4xf32>, tensor<2x1x2xf32>) -> tensor<1x2x8xf32>
  // CHECK: qonnx.average_pool {{.*}} channels_last : (tensor<1x4x4x4x2xf32>) -> tensor<1x1x1x1x2xf32>
  // expected-remark @below {{at the input 'b'}}
  %1 = qonnx.average_pool %y kernel [4, 4, 4] strides [1, 1, 1] pads [0, 0, 0, 0, 0, 0] dilations [1, 1, 1] notset : (tensor<1x2x4x4x4xf32>) -> tensor<1x2x1x1x1xf32>
  // CHECK: qonnx.depth_to_space {{.*}} block 2 channels_last : (tensor<1x2x2x4xf32>) -> tensor<1x4x4x1xf32>
  // expected-remark @below {{at the input 'c'}}
  %2 = qonnx.depth_to_space %z block 2 : (tensor<1x4x2x2xf32>) -> tensor<1x1x4x4xf32>
  return %0, %1, %2 : tensor<1x2x8xf32>, tensor<1x2x1x1x1xf32>, tensor<1x1x4x4xf32>
}

// A matrix of samples and channels has them last.
// CHECK-LABEL: func @matrix
func.func @matrix(%x: tensor<4x3xf32>, %p: tensor<3xf32>) -> tensor<4x3xf32> {
  // CHECK-NOT: channels_last
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 1.0e-5 : (tensor<4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
