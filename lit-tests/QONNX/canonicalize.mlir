// RUN: qonnx-opt %s -canonicalize | FileCheck %s
// RUN: qonnx-opt %s -cse | FileCheck %s --check-prefix=CSE

// CHECK-LABEL: func @view_of_the_same_type
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func @view_of_the_same_type(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = qonnx.view %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @view_of_view
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @view_of_view(%x: tensor<2x3x4xf32>) -> tensor<4x6xf32> {
  // CHECK-NEXT: %[[Y:.*]] = qonnx.view %[[X]] : (tensor<2x3x4xf32>) -> tensor<4x6xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = qonnx.view %x : (tensor<2x3x4xf32>) -> tensor<24xf32>
  %1 = qonnx.view %0 : (tensor<24xf32>) -> tensor<4x6xf32>
  return %1 : tensor<4x6xf32>
}

// CHECK-LABEL: func @view_of_view_and_back
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func @view_of_view_and_back(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = qonnx.view %x : (tensor<2x3xf32>) -> tensor<6xf32>
  %1 = qonnx.view %0 : (tensor<6xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// The first view stays where something else needs it.
// CHECK-LABEL: func @view_of_view_used_twice
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @view_of_view_used_twice(%x: tensor<2x3x4xf32>) -> (tensor<24xf32>, tensor<4x6xf32>) {
  // CHECK-DAG: %[[A:.*]] = qonnx.view %[[X]] : (tensor<2x3x4xf32>) -> tensor<24xf32>
  // CHECK-DAG: %[[B:.*]] = qonnx.view %[[X]] : (tensor<2x3x4xf32>) -> tensor<4x6xf32>
  // CHECK: return %[[A]], %[[B]]
  %0 = qonnx.view %x : (tensor<2x3x4xf32>) -> tensor<24xf32>
  %1 = qonnx.view %0 : (tensor<24xf32>) -> tensor<4x6xf32>
  return %0, %1 : tensor<24xf32>, tensor<4x6xf32>
}

// CHECK-LABEL: func @transpose_identity
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func @transpose_identity(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = qonnx.transpose %x [0, 1] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Of the same type, but elements move.
// CHECK-LABEL: func @transpose_of_a_square_stays
func.func @transpose_of_a_square_stays(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  // CHECK-NEXT: qonnx.transpose %{{.*}} [1, 0]
  %0 = qonnx.transpose %x [1, 0] : (tensor<3x3xf32>) -> tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}

// CHECK-LABEL: func @transpose_cancels
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @transpose_cancels(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = qonnx.transpose %x [2, 0, 1] : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %1 = qonnx.transpose %0 [1, 2, 0] : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32>
  return %1 : tensor<2x3x4xf32>
}

// A rotation twice, which composed in the wrong order would fit no shape.
// CHECK-LABEL: func @transpose_composes
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @transpose_composes(%x: tensor<2x3x4xf32>) -> tensor<4x3x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = qonnx.transpose %[[X]] [2, 1, 0] : (tensor<2x3x4xf32>) -> tensor<4x3x2xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = qonnx.transpose %x [1, 0, 2] : (tensor<2x3x4xf32>) -> tensor<3x2x4xf32>
  %1 = qonnx.transpose %0 [2, 0, 1] : (tensor<3x2x4xf32>) -> tensor<4x3x2xf32>
  return %1 : tensor<4x3x2xf32>
}

// CSE-LABEL: func @equal_constants
func.func @equal_constants() -> (tensor<2xf32>, tensor<2xf32>) {
  // CSE-NEXT: %[[C:.*]] = qonnx.constant
  // CSE-NEXT: return %[[C]], %[[C]]
  %0 = qonnx.constant dense<1.0> : tensor<2xf32>
  %1 = qonnx.constant dense<1.0> : tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// Equal elements, but not the same value.
// CSE-LABEL: func @constants_of_other_types
func.func @constants_of_other_types() -> (tensor<2xf32>, tensor<1x2xf32>) {
  // CSE-COUNT-2: qonnx.constant
  %0 = qonnx.constant dense<1.0> : tensor<2xf32>
  %1 = qonnx.constant dense<1.0> : tensor<1x2xf32>
  return %0, %1 : tensor<2xf32>, tensor<1x2xf32>
}

// CHECK-LABEL: func @unused_constant
func.func @unused_constant() {
  // CHECK-NEXT: return
  %0 = qonnx.constant dense<1.0> : tensor<2xf32>
  return
}

// CHECK-LABEL: func @identity
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>)
func.func @identity(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = qonnx.identity %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func @identity_that_says_more_of_the_shape_stays
func.func @identity_that_says_more_of_the_shape_stays(%x: tensor<?x4xf32>) -> tensor<1x4xf32> {
  // CHECK-NEXT: qonnx.identity
  %0 = qonnx.identity %x : (tensor<?x4xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// CHECK-LABEL: func @cast_to_its_own_type
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @cast_to_its_own_type(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: return %[[X]]
  %0 = qonnx.cast %x : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// To float16 and back drops bits.
// CHECK-LABEL: func @cast_and_back_stays
func.func @cast_and_back_stays(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-COUNT-2: qonnx.cast
  %0 = qonnx.cast %x : (tensor<4xf32>) -> tensor<4xf16>
  %1 = qonnx.cast %0 : (tensor<4xf16>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// Constants are compared by their bits: 0.0 is not -0.0, and a NaN equals itself.
// CSE-LABEL: func @signed_zeros_differ
func.func @signed_zeros_differ() -> (tensor<f32>, tensor<f32>) {
  // CSE-COUNT-2: qonnx.constant
  %0 = qonnx.constant dense<0.0> : tensor<f32>
  %1 = qonnx.constant dense<-0.0> : tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}

// CSE-LABEL: func @nans_of_the_same_bits
func.func @nans_of_the_same_bits() -> (tensor<f32>, tensor<f32>) {
  // CSE-NEXT: %[[C:.*]] = qonnx.constant
  // CSE-NEXT: return %[[C]], %[[C]]
  %0 = qonnx.constant dense<0x7FC00000> : tensor<f32>
  %1 = qonnx.constant dense<0x7FC00000> : tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}

// Arithmetic is left to `qonnx-fold-constants`.
// CHECK-LABEL: func @arithmetic_on_constants_stays
func.func @arithmetic_on_constants_stays() -> tensor<f32> {
  // CHECK: qonnx.add
  %0 = qonnx.constant dense<1.0> : tensor<f32>
  %1 = qonnx.add %0, %0 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
