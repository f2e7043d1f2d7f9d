// RUN: qonnx-opt %s --qonnx-extract-bias | FileCheck %s
// RUN: qonnx-opt %s --qonnx-extract-bias -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s --check-prefix=LOC

// CHECK-LABEL: func @constant_bias
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x8x8xf32>, %[[W:.*]]: tensor<2x3x3x3xf32>)
func.func @constant_bias(%x: tensor<1x3x8x8xf32>, %w: tensor<2x3x3x3xf32>) -> tensor<1x2x8x8xf32> {
  %b = qonnx.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // CHECK: %[[S:.*]] = qonnx.conv %[[X]], %[[W]] strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] group 1 notset : (tensor<1x3x8x8xf32>, tensor<2x3x3x3xf32>) -> tensor<1x2x8x8xf32>
  // CHECK: %[[B:.*]] = qonnx.constant dense<{{.*}}1.000000e+00{{.*}}2.000000e+00{{.*}}> : tensor<1x2x1x1xf32>
  // CHECK: %[[Y:.*]] = qonnx.add %[[S]], %[[B]] : (tensor<1x2x8x8xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x8x8xf32>
  // CHECK: return %[[Y]]
  // LOC: qonnx.add {{.*}} loc("layer")
  %0 = qonnx.conv %x, %w bias %b strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] group 1 notset : (tensor<1x3x8x8xf32>, tensor<2x3x3x3xf32>, tensor<2xf32>) -> tensor<1x2x8x8xf32> loc("layer")
  return %0 : tensor<1x2x8x8xf32>
}

// CHECK-LABEL: func @computed_bias
// CHECK-SAME: (%{{.*}}: tensor<1x2x3xf32>, %{{.*}}: tensor<2x2x2xf32>, %[[B:.*]]: tensor<4xf32>)
func.func @computed_bias(%x: tensor<1x2x3xf32>, %w: tensor<2x2x2xf32>, %b: tensor<4xf32>) -> tensor<1x4x6xf32> {
  // CHECK: %[[S:.*]] = qonnx.conv_transpose %{{.*}}, %{{.*}} strides [2] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 2 notset : (tensor<1x2x3xf32>, tensor<2x2x2xf32>)
  // CHECK: %[[V:.*]] = qonnx.view %[[B]] : (tensor<4xf32>) -> tensor<1x4x1xf32>
  // CHECK: qonnx.add %[[S]], %[[V]]
  %0 = qonnx.conv_transpose %x, %w bias %b strides [2] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 2 notset : (tensor<1x2x3xf32>, tensor<2x2x2xf32>, tensor<4xf32>) -> tensor<1x4x6xf32>
  return %0 : tensor<1x4x6xf32>
}

// CHECK-LABEL: func @no_bias
func.func @no_bias(%x: tensor<1x2x3xf32>, %w: tensor<2x2x2xf32>) -> tensor<1x2x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = qonnx.conv
  // CHECK-NEXT: return %[[Y]]
  %0 = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x3xf32>, tensor<2x2x2xf32>) -> tensor<1x2x2xf32>
  return %0 : tensor<1x2x2xf32>
}
