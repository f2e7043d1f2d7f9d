// RUN: qonnx-opt %s --qonnx-hoist-movement | FileCheck %s

// A value a channel stays one a channel.
// CHECK-LABEL: func @view_over_a_sum
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xf32>)
func.func @view_over_a_sum(%x: tensor<1x2xf32>) -> tensor<1x2x1xf32> {
  %c = qonnx.constant dense<[0.5, 1.5]> : tensor<2xf32>
  // CHECK: %[[V:.*]] = qonnx.view %[[X]] : (tensor<1x2xf32>) -> tensor<1x2x1xf32>
  // CHECK: %[[D:.*]] = qonnx.constant dense<{{\[\[}}[5.000000e-01], [1.500000e+00]]]> : tensor<1x2x1xf32>
  // CHECK: %[[Y:.*]] = qonnx.add %[[V]], %[[D]] : (tensor<1x2x1xf32>, tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  // CHECK: return %[[Y]]
  %0 = qonnx.add %x, %c : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %1 = qonnx.view %0 : (tensor<1x2xf32>) -> tensor<1x2x1xf32>
  return %1 : tensor<1x2x1xf32>
}

// CHECK-LABEL: func @transpose_over_a_product
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func @transpose_over_a_product(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %c = qonnx.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  // CHECK: %[[T:.*]] = qonnx.transpose %[[X]] [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  // CHECK: %[[D:.*]] = qonnx.constant dense<{{\[}}[1.000000e+00], [2.000000e+00], [3.000000e+00]]> : tensor<3x1xf32>
  // CHECK: qonnx.mul %[[D]], %[[T]] : (tensor<3x1xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  %0 = qonnx.mul %c, %x : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = qonnx.transpose %0 [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %1 : tensor<3x2xf32>
}

// Up through a whole chain, to the dot product.
// CHECK-LABEL: func @chain
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[W:.*]]: tensor<4x4xf32>)
func.func @chain(%x: tensor<1x4xf32>, %w: tensor<4x4xf32>) -> tensor<2x2xf32> {
  %s = qonnx.constant dense<0.25> : tensor<1xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: %[[S:.*]] = qonnx.matmul %[[X]], %[[W]]
  // CHECK: %[[V:.*]] = qonnx.view %[[S]] : (tensor<1x4xf32>) -> tensor<2x2xf32>
  // CHECK: %[[R:.*]] = qonnx.relu %[[V]]
  // CHECK: %[[Q:.*]] = qonnx.quant %[[R]], {{.*}} : (tensor<2x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2x2xf32>
  // CHECK-NEXT: return %[[Q]]
  %0 = qonnx.matmul %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %1 = qonnx.relu %0 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %2 = qonnx.quant %1, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<1xf32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %3 = qonnx.view %2 : (tensor<1x4xf32>) -> tensor<2x2xf32>
  return %3 : tensor<2x2xf32>
}

// The element type in front of a cast is another one than behind it.
// CHECK-LABEL: func @cast
// CHECK-SAME: (%[[X:.*]]: tensor<2x2xsi32>)
func.func @cast(%x: tensor<2x2xsi32>) -> tensor<4xf32> {
  // CHECK: %[[V:.*]] = qonnx.view %[[X]] : (tensor<2x2xsi32>) -> tensor<4xsi32>
  // CHECK: qonnx.cast %[[V]] : (tensor<4xsi32>) -> tensor<4xf32>
  %0 = qonnx.cast %x : (tensor<2x2xsi32>) -> tensor<2x2xf32>
  %1 = qonnx.view %0 : (tensor<2x2xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// What must not move: each function is named after the reason.

// CHECK-LABEL: func @constant_that_would_grow
func.func @constant_that_would_grow(%x: tensor<1x2x2xf32>) -> tensor<1x4xf32> {
  %c = qonnx.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  // CHECK: %[[S:.*]] = qonnx.add
  // CHECK: qonnx.view %[[S]]
  %0 = qonnx.add %x, %c : (tensor<1x2x2xf32>, tensor<2x1xf32>) -> tensor<1x2x2xf32>
  %1 = qonnx.view %0 : (tensor<1x2x2xf32>) -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// CHECK-LABEL: func @used_twice
func.func @used_twice(%x: tensor<1x4xf32>) -> (tensor<4xf32>, tensor<1x4xf32>) {
  // CHECK: %[[R:.*]] = qonnx.relu
  // CHECK: qonnx.view %[[R]]
  %0 = qonnx.relu %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = qonnx.view %0 : (tensor<1x4xf32>) -> tensor<4xf32>
  return %1, %0 : tensor<4xf32>, tensor<1x4xf32>
}

// CHECK-LABEL: func @two_open_operands
func.func @two_open_operands(%x: tensor<1x4xf32>, %y: tensor<1x4xf32>) -> tensor<4xf32> {
  // CHECK: %[[S:.*]] = qonnx.add
  // CHECK: qonnx.view %[[S]]
  %0 = qonnx.add %x, %y : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = qonnx.view %0 : (tensor<1x4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func @operand_that_broadcasts
func.func @operand_that_broadcasts(%x: tensor<1x1xf32>) -> tensor<4xf32> {
  %c = qonnx.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  // CHECK: %[[S:.*]] = qonnx.add
  // CHECK: qonnx.view %[[S]]
  %0 = qonnx.add %x, %c : (tensor<1x1xf32>, tensor<4xf32>) -> tensor<1x4xf32>
  %1 = qonnx.view %0 : (tensor<1x4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func @not_elementwise
func.func @not_elementwise(%x: tensor<1x4xf32>) -> tensor<2x2xf32> {
  // CHECK: %[[S:.*]] = qonnx.softmax
  // CHECK: qonnx.view %[[S]]
  %0 = qonnx.softmax %x axis 1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = qonnx.view %0 : (tensor<1x4xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}
