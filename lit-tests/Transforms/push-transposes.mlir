// RUN: qonnx-opt %s --pass-pipeline='builtin.module(qonnx-push-transposes,cse)' -o %t
// RUN: FileCheck %s < %t
// RUN: qonnx-opt %t --pass-pipeline='builtin.module(qonnx-push-transposes,cse)' | diff %t -

// Axes follow through all that works along named axes.
// CHECK-LABEL: func @axes
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x3xf32>)
func.func @axes(%x: tensor<1x4x3xf32>) -> tensor<1x4x7xf32> {
  %pads = qonnx.constant dense<[0, 1, 0, 0, 0, 0]> : tensor<6xsi64>
  %axes = qonnx.constant dense<[-1]> : tensor<1xsi64>
  %start = qonnx.constant dense<[0, 1]> : tensor<2xsi64>
  %end = qonnx.constant dense<[1, 9]> : tensor<2xsi64>
  %0 = qonnx.transpose %x [0, 2, 1] : (tensor<1x4x3xf32>) -> tensor<1x3x4xf32>
  // CHECK: %[[M:.*]] = qonnx.softmax %[[X]] axis 2
  %1 = qonnx.softmax %0 axis 1 : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
  // CHECK: %[[P:.*]] = qonnx.constant dense<[0, 0, 1, 0, 0, 0]>
  // CHECK: %[[D:.*]] = qonnx.pad constant %[[M]], %[[P]] : (tensor<1x4x3xf32>, tensor<6xsi64>) -> tensor<1x4x4xf32>
  %2 = qonnx.pad constant %1, %pads : (tensor<1x3x4xf32>, tensor<6xsi64>) -> tensor<1x4x4xf32>
  // CHECK: %[[A:.*]] = qonnx.constant dense<1> : tensor<1xsi64>
  // CHECK: %[[R:.*]] = qonnx.reduce max %[[D]] axes %[[A]] keep_dims : (tensor<1x4x4xf32>, tensor<1xsi64>) -> tensor<1x1x4xf32>
  %3 = qonnx.reduce max %2 axes %axes keep_dims : (tensor<1x4x4xf32>, tensor<1xsi64>) -> tensor<1x4x1xf32>
  // CHECK: %[[S:.*]] = qonnx.sub %[[D]], %[[R]]
  %4 = qonnx.sub %2, %3 : (tensor<1x4x4xf32>, tensor<1x4x1xf32>) -> tensor<1x4x4xf32>
  // CHECK: %[[B:.*]] = qonnx.constant dense<[0, 0, 1]>
  // CHECK: %[[E:.*]] = qonnx.constant dense<[1, 9223372036854775807, 9]>
  // CHECK: %[[L:.*]] = qonnx.slice %[[D]], %[[B]], %[[E]] : {{.*}} -> tensor<1x4x3xf32>
  %5 = qonnx.slice %2, %start, %end : (tensor<1x4x4xf32>, tensor<2xsi64>, tensor<2xsi64>) -> tensor<1x3x4xf32>
  // CHECK: %[[C:.*]] = qonnx.concat %[[S]], %[[L]] axis 2 : (tensor<1x4x4xf32>, tensor<1x4x3xf32>) -> tensor<1x4x7xf32>
  %6 = qonnx.concat %4, %5 axis 1 : (tensor<1x4x4xf32>, tensor<1x3x4xf32>) -> tensor<1x7x4xf32>
  %7 = qonnx.transpose %6 [0, 2, 1] : (tensor<1x7x4xf32>) -> tensor<1x4x7xf32>
  // CHECK-NOT: qonnx.transpose
  // CHECK: return %[[C]]
  return %7 : tensor<1x4x7xf32>
}

// Constants of any rank are laid out anew, and scales of channels with them.
// CHECK-LABEL: func @constants
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x3xf32>)
func.func @constants(%x: tensor<1x2x3xf32>) -> tensor<1x2x3xf32> {
  %c = qonnx.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %s = qonnx.constant dense<[[[0.5], [1.0], [2.0]]]> : tensor<1x3x1xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %0 = qonnx.transpose %x [0, 2, 1] : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
  // CHECK: %[[C:.*]] = qonnx.constant dense<{{\[\[\[}}1.000000e+00, 3.000000e+00, 5.000000e+00], [2.000000e+00, 4.000000e+00, 6.000000e+00]]]> : tensor<1x2x3xf32>
  // CHECK: %[[A:.*]] = qonnx.add %[[X]], %[[C]]
  %1 = qonnx.add %0, %c : (tensor<1x3x2xf32>, tensor<3x2xf32>) -> tensor<1x3x2xf32>
  // CHECK: %[[S:.*]] = qonnx.constant dense<{{\[\[\[}}5.000000e-01, 1.000000e+00, 2.000000e+00]]]> : tensor<1x1x3xf32>
  // CHECK: %[[Q:.*]] = qonnx.quant %[[A]], %[[S]],
  %2 = qonnx.quant %1, %s, %z, %b half_even signed : (tensor<1x3x2xf32>, tensor<1x3x1xf32>, tensor<f32>, tensor<f32>) -> tensor<1x3x2xf32>
  %3 = qonnx.transpose %2 [0, 2, 1] : (tensor<1x3x2xf32>) -> tensor<1x2x3xf32>
  // CHECK: return %[[Q]]
  return %3 : tensor<1x2x3xf32>
}

// The one user that needs the old order gets a transpose; a residual stays in the new one.
// CHECK-LABEL: func @fork
// CHECK-SAME: (%[[X:.*]]: tensor<4x3xf32>, %[[W:.*]]: tensor<4x2xf32>)
func.func @fork(%x: tensor<4x3xf32>, %w: tensor<4x2xf32>) -> (tensor<3x2xf32>, tensor<4x3xf32>) {
  %0 = qonnx.transpose %x [1, 0] : (tensor<4x3xf32>) -> tensor<3x4xf32>
  // CHECK: %[[R:.*]] = qonnx.relu %[[X]]
  %1 = qonnx.relu %0 : (tensor<3x4xf32>) -> tensor<3x4xf32>
  // CHECK: %[[T:.*]] = qonnx.transpose %[[R]] [1, 0]
  // CHECK: %[[M:.*]] = qonnx.matmul %[[T]], %[[W]]
  %2 = qonnx.matmul %1, %w : (tensor<3x4xf32>, tensor<4x2xf32>) -> tensor<3x2xf32>
  // CHECK: %[[A:.*]] = qonnx.add %[[R]], %[[X]] : (tensor<4x3xf32>
  %3 = qonnx.add %1, %0 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %4 = qonnx.transpose %3 [1, 0] : (tensor<3x4xf32>) -> tensor<4x3xf32>
  // CHECK: return %[[M]], %[[A]]
  return %2, %4 : tensor<3x2xf32>, tensor<4x3xf32>
}

// Only axes of one element move: a view.
// CHECK-LABEL: func @squeezed_channels
// CHECK-SAME: (%[[X:.*]]: tensor<2x1x1x3xf32>
func.func @squeezed_channels(%x: tensor<2x1x1x3xf32>) -> tensor<2x3xf32> {
  %0 = qonnx.transpose %x [0, 3, 1, 2] : (tensor<2x1x1x3xf32>) -> tensor<2x3x1x1xf32>
  // CHECK: %[[V:.*]] = qonnx.view %[[X]] : (tensor<2x1x1x3xf32>) -> tensor<2x3xf32>
  %1 = qonnx.flatten %0 axis 1 : (tensor<2x3x1x1xf32>) -> tensor<2x3xf32>
  // CHECK-NEXT: return %[[V]]
  return %1 : tensor<2x3xf32>
}

// A transpose in front of a Flatten goes into the rows of the weights, through constants and quantizers in between.
// CHECK-LABEL: func @weights
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x2xf32>)
func.func @weights(%x: tensor<1x2x2xf32>) -> tensor<1x1xf32> {
  %c = qonnx.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %w = qonnx.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %q = qonnx.quant %w, %s, %z, %b half_even signed : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %0 = qonnx.transpose %x [0, 2, 1] : (tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  // CHECK: %[[F:.*]] = qonnx.view %[[X]] : (tensor<1x2x2xf32>) -> tensor<1x4xf32>
  %1 = qonnx.flatten %0 axis 1 : (tensor<1x2x2xf32>) -> tensor<1x4xf32>
  // CHECK: %[[C:.*]] = qonnx.constant dense<[1.000000e+00, 3.000000e+00, 2.000000e+00, 4.000000e+00]> : tensor<4xf32>
  // CHECK: %[[A:.*]] = qonnx.add %[[F]], %[[C]]
  %2 = qonnx.add %1, %c : (tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  // CHECK: %[[W:.*]] = qonnx.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00, 2.000000e+00, 4.000000e+00]]> : tensor<1x4xf32>
  // CHECK: %[[Q:.*]] = qonnx.quant %[[W]],
  // CHECK: qonnx.gemm %[[A]], %[[Q]]
  %3 = qonnx.gemm %2, %q alpha 1.0 beta 1.0 trans_b : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x1xf32>
  return %3 : tensor<1x1xf32>
}

// Weights that are computed, and a user that sees the order, keep the transpose.
// CHECK-LABEL: func @computed_weights
func.func @computed_weights(%x: tensor<1x2x2xf32>, %w: tensor<4x1xf32>) -> (tensor<1x1xf32>, tensor<1x4xf32>) {
  %0 = qonnx.transpose %x [0, 2, 1] : (tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  // CHECK: %[[T:.*]] = qonnx.transpose
  // CHECK: %[[F:.*]] = qonnx.flatten %[[T]] axis 1
  %1 = qonnx.flatten %0 axis 1 : (tensor<1x2x2xf32>) -> tensor<1x4xf32>
  // CHECK: qonnx.matmul %[[F]]
  %2 = qonnx.matmul %1, %w : (tensor<1x4xf32>, tensor<4x1xf32>) -> tensor<1x1xf32>
  return %2, %1 : tensor<1x1xf32>, tensor<1x4xf32>
}

// What a parameter that is not constant moves along cannot be named in another order.
// CHECK-LABEL: func @computed_pads
func.func @computed_pads(%x: tensor<2x3xf32>, %p: tensor<4xsi64>) -> tensor<*xf32> {
  // CHECK: %[[T:.*]] = qonnx.transpose
  %0 = qonnx.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  // CHECK: qonnx.pad constant %[[T]]
  %1 = qonnx.pad constant %0, %p : (tensor<3x2xf32>, tensor<4xsi64>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// Scales of weights, one an element, follow their rows.
// CHECK-LABEL: func @scale_an_element
func.func @scale_an_element(%x: tensor<1x2x3x1xf32>) -> tensor<1x1xf32> {
  // CHECK-DAG: qonnx.constant dense<{{\[\[}}1.000000e+00], [4.000000e+00], [1.600000e+01], [2.000000e+00], [8.000000e+00], [3.200000e+01{{\]\]}}>
  // CHECK-DAG: qonnx.constant dense<{{\[\[}}1], [3], [5], [2], [4], [6{{\]\]}}>
  // CHECK-NOT: qonnx.transpose
  // CHECK: return
  %t = qonnx.transpose %x [0, 2, 1, 3] : (tensor<1x2x3x1xf32>) -> tensor<1x3x2x1xf32>
  %f = qonnx.flatten %t axis 1 : (tensor<1x3x2x1xf32>) -> tensor<1x6xf32>
  %c = qonnx.constant dense<[[1], [2], [3], [4], [5], [6]]> : tensor<6x1xsi8>
  %s = qonnx.constant dense<[[1.0], [2.0], [4.0], [8.0], [16.0], [32.0]]> : tensor<6x1xf32>
  %w = qonnx.dequantize_linear %c, %s axis 1 : (tensor<6x1xsi8>, tensor<6x1xf32>) -> tensor<6x1xf32>
  %y = qonnx.matmul %f, %w : (tensor<1x6xf32>, tensor<6x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
