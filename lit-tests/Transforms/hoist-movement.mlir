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
  // CHECK: %[[S:.*]] = qonnx.matmul %[[X]], %[[W]]
  // CHECK: %[[V:.*]] = qonnx.view %[[S]] : (tensor<1x4xf32>) -> tensor<2x2xf32>
  // CHECK: %[[M:.*]] = qonnx.mul %[[V]], %{{.*}} : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xf32>
  // CHECK: %[[R:.*]] = qonnx.relu %[[M]]
  // CHECK-NEXT: return %[[R]]
  %0 = qonnx.matmul %x, %w : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %1 = qonnx.mul %0, %s : (tensor<1x4xf32>, tensor<1xf32>) -> tensor<1x4xf32>
  %2 = qonnx.relu %1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = qonnx.view %2 : (tensor<1x4xf32>) -> tensor<2x2xf32>
  return %3 : tensor<2x2xf32>
}

// An operation with other users is computed twice.
// CHECK-LABEL: func @used_twice
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @used_twice(%x: tensor<1x4xf32>) -> (tensor<4xf32>, tensor<1x4xf32>) {
  // CHECK-DAG: %[[V:.*]] = qonnx.view %[[X]] : (tensor<1x4xf32>) -> tensor<4xf32>
  // CHECK-DAG: %[[A:.*]] = qonnx.relu %[[V]] : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK-DAG: %[[B:.*]] = qonnx.relu %[[X]] : (tensor<1x4xf32>) -> tensor<1x4xf32>
  // CHECK: return %[[A]], %[[B]]
  %0 = qonnx.relu %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = qonnx.view %0 : (tensor<1x4xf32>) -> tensor<4xf32>
  return %1, %0 : tensor<4xf32>, tensor<1x4xf32>
}

// What is gathered takes its channels' constants along.
// CHECK-LABEL: func @gather_over_a_sum
// CHECK-SAME: (%[[X:.*]]: tensor<1x3xf32>)
func.func @gather_over_a_sum(%x: tensor<1x3xf32>) -> tensor<1x4xf32> {
  %c = qonnx.constant dense<[0.5, 1.5, 2.5]> : tensor<3xf32>
  %i = qonnx.constant dense<[2, 0, 0, -1]> : tensor<4xsi64>
  // CHECK: %[[G:.*]] = qonnx.gather %[[X]], %{{.*}} axis 1
  // CHECK: %[[D:.*]] = qonnx.constant dense<{{\[}}[2.500000e+00, 5.000000e-01, 5.000000e-01, 2.500000e+00]]> : tensor<1x4xf32>
  // CHECK: qonnx.add %[[G]], %[[D]]
  %0 = qonnx.add %x, %c : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %1 = qonnx.gather %0, %i axis 1 : (tensor<1x3xf32>, tensor<4xsi64>) -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// The greatest is the same in front of what keeps the order: a Relu, a sum a channel, a
// product with a positive factor.
// CHECK-LABEL: func @max_pool_over_what_keeps_order
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x4xf32>)
func.func @max_pool_over_what_keeps_order(%x: tensor<1x2x4xf32>) -> tensor<1x2x2xf32> {
  %c = qonnx.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %f = qonnx.constant dense<0.5> : tensor<f32>
  // CHECK: %[[P:.*]] = qonnx.max_pool %[[X]] kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  // CHECK: %[[A:.*]] = qonnx.add %[[P]], %{{.*}} : (tensor<1x2x2xf32>, tensor<2x1xf32>) -> tensor<1x2x2xf32>
  // CHECK: %[[R:.*]] = qonnx.relu %[[A]]
  // CHECK: %[[M:.*]] = qonnx.mul %[[R]],
  // CHECK: return %[[M]]
  %0 = qonnx.add %x, %c : (tensor<1x2x4xf32>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  %1 = qonnx.relu %0 : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %2 = qonnx.mul %1, %f : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %3 = qonnx.max_pool %2 kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  return %3 : tensor<1x2x2xf32>
}

// CHECK-LABEL: func @greatest_over_what_keeps_order
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x4xf32>)
func.func @greatest_over_what_keeps_order(%x: tensor<1x2x4xf32>) -> tensor<1x2x1xf32> {
  %a = qonnx.constant dense<2> : tensor<1xsi64>
  // CHECK: %[[G:.*]] = qonnx.reduce max %[[X]] axes %{{.*}} keep_dims : (tensor<1x2x4xf32>, tensor<1xsi64>) -> tensor<1x2x1xf32>
  // CHECK: qonnx.relu %[[G]] : (tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %0 = qonnx.relu %x : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %1 = qonnx.reduce max %0 axes %a keep_dims : (tensor<1x2x4xf32>, tensor<1xsi64>) -> tensor<1x2x1xf32>
  return %1 : tensor<1x2x1xf32>
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

// Behind a quantizer codes are moved, which have fewer bits.
// CHECK-LABEL: func @quantizer
func.func @quantizer(%x: tensor<1x4xf32>) -> (tensor<2x2xf32>, tensor<4xf32>) {
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: %[[Q:.*]] = qonnx.quant
  // CHECK: qonnx.view %[[Q]]
  // CHECK: %[[B:.*]] = qonnx.bipolar_quant
  // CHECK: qonnx.view %[[B]]
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %1 = qonnx.view %0 : (tensor<1x4xf32>) -> tensor<2x2xf32>
  %2 = qonnx.bipolar_quant %x, %s : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %3 = qonnx.view %2 : (tensor<1x4xf32>) -> tensor<4xf32>
  return %1, %3 : tensor<2x2xf32>, tensor<4xf32>
}

// A negative factor turns the order around, and the reference's sigmoid does not keep it.
// CHECK-LABEL: func @max_pool_over_what_keeps_no_order
func.func @max_pool_over_what_keeps_no_order(%x: tensor<1x2x4xf32>) -> (tensor<1x2x2xf32>, tensor<1x2x2xf32>) {
  %f = qonnx.constant dense<-0.5> : tensor<f32>
  // CHECK: %[[M:.*]] = qonnx.mul
  // CHECK: qonnx.max_pool %[[M]]
  // CHECK: %[[S:.*]] = qonnx.sigmoid
  // CHECK: qonnx.max_pool %[[S]]
  %0 = qonnx.mul %x, %f : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %1 = qonnx.max_pool %0 kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  %2 = qonnx.sigmoid %x : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %3 = qonnx.max_pool %2 kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  return %1, %3 : tensor<1x2x2xf32>, tensor<1x2x2xf32>
}

// CHECK-LABEL: func @max_pool_over_a_constant_that_varies_in_its_windows
func.func @max_pool_over_a_constant_that_varies_in_its_windows(%x: tensor<1x2x4xf32>) -> tensor<1x2x2xf32> {
  %c = qonnx.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  // CHECK: %[[A:.*]] = qonnx.add
  // CHECK: qonnx.max_pool %[[A]]
  %0 = qonnx.add %x, %c : (tensor<1x2x4xf32>, tensor<4xf32>) -> tensor<1x2x4xf32>
  %1 = qonnx.max_pool %0 kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  return %1 : tensor<1x2x2xf32>
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
