// RUN: qonnx-opt %s -canonicalize | FileCheck %s
// RUN: qonnx-opt %s -cse | FileCheck %s --check-prefix=CSE

// CHECK-LABEL: func @view_of_the_same_type
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xui4>)
func.func @view_of_the_same_type(%x: tensor<2x3xui4>) -> tensor<2x3xui4> {
  // CHECK-NEXT: return %[[X]]
  %0 = hls.view %x : (tensor<2x3xui4>) -> tensor<2x3xui4>
  return %0 : tensor<2x3xui4>
}

// CHECK-LABEL: func @view_of_view
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xui4>)
func.func @view_of_view(%x: tensor<2x3x4xui4>) -> tensor<4x6xui4> {
  // CHECK-NEXT: %[[Y:.*]] = hls.view %[[X]] : (tensor<2x3x4xui4>) -> tensor<4x6xui4>
  // CHECK-NEXT: return %[[Y]]
  %0 = hls.view %x : (tensor<2x3x4xui4>) -> tensor<24xui4>
  %1 = hls.view %0 : (tensor<24xui4>) -> tensor<4x6xui4>
  return %1 : tensor<4x6xui4>
}

// CHECK-LABEL: func @view_of_view_and_back
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xui4>)
func.func @view_of_view_and_back(%x: tensor<2x3xui4>) -> tensor<2x3xui4> {
  // CHECK-NEXT: return %[[X]]
  %0 = hls.view %x : (tensor<2x3xui4>) -> tensor<6xui4>
  %1 = hls.view %0 : (tensor<6xui4>) -> tensor<2x3xui4>
  return %1 : tensor<2x3xui4>
}

// The first view stays where something else needs it.
// CHECK-LABEL: func @view_of_view_used_twice
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xui4>)
func.func @view_of_view_used_twice(%x: tensor<2x3x4xui4>) -> (tensor<24xui4>, tensor<4x6xui4>) {
  // CHECK-DAG: %[[A:.*]] = hls.view %[[X]] : (tensor<2x3x4xui4>) -> tensor<24xui4>
  // CHECK-DAG: %[[B:.*]] = hls.view %[[X]] : (tensor<2x3x4xui4>) -> tensor<4x6xui4>
  // CHECK: return %[[A]], %[[B]]
  %0 = hls.view %x : (tensor<2x3x4xui4>) -> tensor<24xui4>
  %1 = hls.view %0 : (tensor<24xui4>) -> tensor<4x6xui4>
  return %0, %1 : tensor<24xui4>, tensor<4x6xui4>
}

// CHECK-LABEL: func @transpose_identity
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xui4>)
func.func @transpose_identity(%x: tensor<2x3xui4>) -> tensor<2x3xui4> {
  // CHECK-NEXT: return %[[X]]
  %0 = hls.transpose %x [0, 1] : (tensor<2x3xui4>) -> tensor<2x3xui4>
  return %0 : tensor<2x3xui4>
}

// Of the same type, but elements move.
// CHECK-LABEL: func @transpose_of_a_square_stays
func.func @transpose_of_a_square_stays(%x: tensor<3x3xui4>) -> tensor<3x3xui4> {
  // CHECK-NEXT: hls.transpose %{{.*}} [1, 0]
  %0 = hls.transpose %x [1, 0] : (tensor<3x3xui4>) -> tensor<3x3xui4>
  return %0 : tensor<3x3xui4>
}

// CHECK-LABEL: func @transpose_cancels
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xui4>)
func.func @transpose_cancels(%x: tensor<2x3x4xui4>) -> tensor<2x3x4xui4> {
  // CHECK-NEXT: return %[[X]]
  %0 = hls.transpose %x [2, 0, 1] : (tensor<2x3x4xui4>) -> tensor<4x2x3xui4>
  %1 = hls.transpose %0 [1, 2, 0] : (tensor<4x2x3xui4>) -> tensor<2x3x4xui4>
  return %1 : tensor<2x3x4xui4>
}

// A rotation twice, which composed in the wrong order would fit no shape.
// CHECK-LABEL: func @transpose_composes
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xui4>)
func.func @transpose_composes(%x: tensor<2x3x4xui4>) -> tensor<4x3x2xui4> {
  // CHECK-NEXT: %[[Y:.*]] = hls.transpose %[[X]] [2, 1, 0] : (tensor<2x3x4xui4>) -> tensor<4x3x2xui4>
  // CHECK-NEXT: return %[[Y]]
  %0 = hls.transpose %x [1, 0, 2] : (tensor<2x3x4xui4>) -> tensor<3x2x4xui4>
  %1 = hls.transpose %0 [2, 0, 1] : (tensor<3x2x4xui4>) -> tensor<4x3x2xui4>
  return %1 : tensor<4x3x2xui4>
}

// CHECK-LABEL: func @moves_of_nothing
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x4xui4>)
func.func @moves_of_nothing(%x: tensor<1x3x4xui4>) -> (tensor<1x3x4xui4>, tensor<1x3x4xui4>, tensor<1x3x4xui4>, tensor<1x3x4xui4>) {
  // CHECK-NEXT: return %[[X]], %[[X]], %[[X]], %[[X]]
  %g = hls.gather %x axis 1 [0, 1, 2] : (tensor<1x3x4xui4>) -> tensor<1x3x4xui4>
  %p = hls.pad %x low [0, 0, 0] high [0, 0, 0] interior [0, 0, 0] value 3 : (tensor<1x3x4xui4>) -> tensor<1x3x4xui4>
  %c = hls.concat %x axis 2 : (tensor<1x3x4xui4>) -> tensor<1x3x4xui4>
  %m = hls.reduce_window max %x window [1, 1, 1] strides [1, 1, 1] dilations [1, 1, 2] : (tensor<1x3x4xui4>) -> tensor<1x3x4xui4>
  return %g, %p, %c, %m : tensor<1x3x4xui4>, tensor<1x3x4xui4>, tensor<1x3x4xui4>, tensor<1x3x4xui4>
}

// Of the same type, but elements move.
// CHECK-LABEL: func @moves_of_the_same_type_stay
func.func @moves_of_the_same_type_stay(%x: tensor<1x3x4xui4>) -> (tensor<1x3x4xui4>, tensor<1x3x4xui4>) {
  // CHECK: hls.gather %{{.*}} axis 1 [0, 2, 1]
  // CHECK: hls.pad %{{.*}} low [0, 1, 0] high [0, -1, 0]
  %g = hls.gather %x axis 1 [0, 2, 1] : (tensor<1x3x4xui4>) -> tensor<1x3x4xui4>
  %p = hls.pad %x low [0, 1, 0] high [0, -1, 0] interior [0, 0, 0] value 3 : (tensor<1x3x4xui4>) -> tensor<1x3x4xui4>
  return %g, %p : tensor<1x3x4xui4>, tensor<1x3x4xui4>
}

// No element moves, but each becomes wider.
// CHECK-LABEL: func @moves_to_a_wider_type_stay
func.func @moves_to_a_wider_type_stay(%x: tensor<1x4xui4>) -> (tensor<1x4xui5>, tensor<1x4xui5>, tensor<1x4xui5>) {
  // CHECK: hls.pad
  // CHECK: hls.concat
  // CHECK: hls.reduce_window sum
  %p = hls.pad %x low [0, 0] high [0, 0] interior [0, 0] value 0 : (tensor<1x4xui4>) -> tensor<1x4xui5>
  %c = hls.concat %x axis 1 : (tensor<1x4xui4>) -> tensor<1x4xui5>
  %m = hls.reduce_window sum %x window [1, 1] strides [1, 1] dilations [1, 1] : (tensor<1x4xui4>) -> tensor<1x4xui5>
  return %p, %c, %m : tensor<1x4xui5>, tensor<1x4xui5>, tensor<1x4xui5>
}

// CSE-LABEL: func @equal_constants
func.func @equal_constants() -> (tensor<2xui4>, tensor<2xui4>) {
  // CSE-NEXT: %[[C:.*]] = hls.constant
  // CSE-NEXT: return %[[C]], %[[C]]
  %0 = hls.constant dense<1> : tensor<2xui4>
  %1 = hls.constant dense<1> : tensor<2xui4>
  return %0, %1 : tensor<2xui4>, tensor<2xui4>
}

// Equal elements, but not the same value.
// CSE-LABEL: func @constants_of_other_types
func.func @constants_of_other_types() -> (tensor<2xui4>, tensor<1x2xui4>) {
  // CSE-COUNT-2: hls.constant
  %0 = hls.constant dense<1> : tensor<2xui4>
  %1 = hls.constant dense<1> : tensor<1x2xui4>
  return %0, %1 : tensor<2xui4>, tensor<1x2xui4>
}

// CHECK-LABEL: func @unused_constant
func.func @unused_constant() {
  // CHECK-NEXT: return
  %0 = hls.constant dense<1> : tensor<2xui4>
  return
}

// Operands of commutative operations are put in order, constants last.
// CHECK-LABEL: func @add_of_a_constant
// CHECK-SAME: (%[[X:.*]]: tensor<4xui4>)
func.func @add_of_a_constant(%x: tensor<4xui4>) -> tensor<4xsi6> {
  // CHECK: %[[C:.*]] = hls.constant
  // CHECK: hls.add %[[X]], %[[C]] :
  %c = hls.constant dense<-1> : tensor<4xsi2>
  %0 = hls.add %c, %x : (tensor<4xsi2>, tensor<4xui4>) -> tensor<4xsi6>
  return %0 : tensor<4xsi6>
}

// CHECK-LABEL: func @sub_keeps_its_order
// CHECK-SAME: (%[[X:.*]]: tensor<4xui4>)
func.func @sub_keeps_its_order(%x: tensor<4xui4>) -> tensor<4xsi6> {
  // CHECK: %[[C:.*]] = hls.constant
  // CHECK: hls.sub %[[C]], %[[X]] :
  %c = hls.constant dense<-1> : tensor<4xsi2>
  %0 = hls.sub %c, %x : (tensor<4xsi2>, tensor<4xui4>) -> tensor<4xsi6>
  return %0 : tensor<4xsi6>
}
