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
