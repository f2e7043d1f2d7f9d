// RUN: qonnx-opt %s --qonnx-lower-movement | FileCheck %s

// What only selects and repeats elements becomes gathers, along each axis that changes.

// From the last element back, every second.
// CHECK-LABEL: func @slice_backwards
// CHECK-SAME: (%[[X:.*]]: tensor<2x5xf32>)
func.func @slice_backwards(%x: tensor<2x5xf32>) -> tensor<2x3xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<[4, 2, 0]> : tensor<3xsi64>
  // CHECK: %[[G:.*]] = qonnx.gather %[[X]], %[[I]] axis 1 : (tensor<2x5xf32>, tensor<3xsi64>) -> tensor<2x3xf32>
  // CHECK: return %[[G]]
  %start = qonnx.constant dense<-1> : tensor<1xsi64>
  %end = qonnx.constant dense<-100> : tensor<1xsi64>
  %axis = qonnx.constant dense<1> : tensor<1xsi64>
  %step = qonnx.constant dense<-2> : tensor<1xsi64>
  %0 = qonnx.slice %x, %start, %end axes %axis steps %step : (tensor<2x5xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// CHECK-LABEL: func @slice_of_everything
// CHECK-SAME: (%[[X:.*]]: tensor<3xf32>)
func.func @slice_of_everything(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK-NEXT: return %[[X]]
  %start = qonnx.constant dense<0> : tensor<1xsi64>
  %end = qonnx.constant dense<9> : tensor<1xsi64>
  %0 = qonnx.slice %x, %start, %end : (tensor<3xf32>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: func @split
// CHECK-SAME: (%[[X:.*]]: tensor<2x4xf32>)
func.func @split(%x: tensor<2x4xf32>) -> (tensor<2x1xf32>, tensor<2x3xf32>) {
  // CHECK-DAG: %[[I:.*]] = qonnx.constant dense<0> : tensor<1xsi64>
  // CHECK-DAG: %[[J:.*]] = qonnx.constant dense<[1, 2, 3]> : tensor<3xsi64>
  // CHECK-DAG: %[[A:.*]] = qonnx.gather %[[X]], %[[I]] axis 1 : {{.*}} -> tensor<2x1xf32>
  // CHECK-DAG: %[[B:.*]] = qonnx.gather %[[X]], %[[J]] axis 1 : {{.*}} -> tensor<2x3xf32>
  // CHECK: return %[[A]], %[[B]]
  %l = qonnx.constant dense<[1, 3]> : tensor<2xsi64>
  %0:2 = qonnx.split %x lengths %l axis -1 : (tensor<2x4xf32>, tensor<2xsi64>) -> (tensor<2x1xf32>, tensor<2x3xf32>)
  return %0#0, %0#1 : tensor<2x1xf32>, tensor<2x3xf32>
}

// A new axis in front, then copies.
// CHECK-LABEL: func @expand
// CHECK-SAME: (%[[X:.*]]: tensor<2x1xf32>)
func.func @expand(%x: tensor<2x1xf32>) -> tensor<3x2x2xf32> {
  // CHECK: %[[V:.*]] = qonnx.view %[[X]] : (tensor<2x1xf32>) -> tensor<1x2x1xf32>
  // CHECK: %[[I:.*]] = qonnx.constant dense<0> : tensor<3xsi64>
  // CHECK: %[[A:.*]] = qonnx.gather %[[V]], %[[I]] axis 0 : {{.*}} -> tensor<3x2x1xf32>
  // CHECK: %[[J:.*]] = qonnx.constant dense<0> : tensor<2xsi64>
  // CHECK: qonnx.gather %[[A]], %[[J]] axis 2 : {{.*}} -> tensor<3x2x2xf32>
  %s = qonnx.constant dense<[3, 1, 2]> : tensor<3xsi64>
  %0 = qonnx.expand %x, %s : (tensor<2x1xf32>, tensor<3xsi64>) -> tensor<3x2x2xf32>
  return %0 : tensor<3x2x2xf32>
}

// CHECK-LABEL: func @tile
func.func @tile(%x: tensor<2x2xf32>) -> tensor<2x4xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<[0, 1, 0, 1]> : tensor<4xsi64>
  // CHECK: qonnx.gather %{{.*}}, %[[I]] axis 1
  // CHECK-NOT: qonnx.gather
  %r = qonnx.constant dense<[1, 2]> : tensor<2xsi64>
  %0 = qonnx.tile %x, %r : (tensor<2x2xf32>, tensor<2xsi64>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// Element j of the result comes from floor(j / 2).
// CHECK-LABEL: func @resize_by_factors
func.func @resize_by_factors(%x: tensor<1x1x3xf32>) -> tensor<1x1x6xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<[0, 0, 1, 1, 2, 2]> : tensor<6xsi64>
  // CHECK: qonnx.gather %{{.*}}, %[[I]] axis 2 : {{.*}} -> tensor<1x1x6xf32>
  // CHECK-NOT: qonnx.gather
  %s = qonnx.constant dense<[1.0, 1.0, 2.0]> : tensor<3xf32>
  %0 = qonnx.resize %x scales %s asymmetric floor : (tensor<1x1x3xf32>, tensor<3xf32>) -> tensor<1x1x6xf32>
  return %0 : tensor<1x1x6xf32>
}

// Centres: (j + 1/2) * 2 - 1/2 is 0.5 and 2.5, halves to the element in front.
// CHECK-LABEL: func @resize_to_sizes
func.func @resize_to_sizes(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<[0, 2]> : tensor<2xsi64>
  // CHECK: qonnx.gather %{{.*}}, %[[I]] axis 1
  %z = qonnx.constant dense<[1, 2]> : tensor<2xsi64>
  %0 = qonnx.resize %x sizes %z half_pixel round_prefer_floor : (tensor<1x4xf32>, tensor<2xsi64>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// The axis vanishes: a list of one index and a view.
// CHECK-LABEL: func @gather_by_a_scalar
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func @gather_by_a_scalar(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<-1> : tensor<1xsi64>
  // CHECK: %[[G:.*]] = qonnx.gather %[[X]], %[[I]] axis 1 : (tensor<2x3xf32>, tensor<1xsi64>) -> tensor<2x1xf32>
  // CHECK: qonnx.view %[[G]] : (tensor<2x1xf32>) -> tensor<2xf32>
  %i = qonnx.constant dense<-1> : tensor<si64>
  %0 = qonnx.gather %x, %i axis 1 : (tensor<2x3xf32>, tensor<si64>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @gather_by_a_matrix
func.func @gather_by_a_matrix(%x: tensor<4x2xf32>) -> tensor<2x3x2xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<[0, 1, 2, 3, 3, 0]> : tensor<6xsi64>
  // CHECK: %[[G:.*]] = qonnx.gather %{{.*}}, %[[I]] axis 0 : (tensor<4x2xf32>, tensor<6xsi64>) -> tensor<6x2xf32>
  // CHECK: qonnx.view %[[G]] : (tensor<6x2xf32>) -> tensor<2x3x2xf32>
  %i = qonnx.constant dense<[[0, 1, 2], [3, 3, 0]]> : tensor<2x3xsi64>
  %0 = qonnx.gather %x, %i axis 0 : (tensor<4x2xf32>, tensor<2x3xsi64>) -> tensor<2x3x2xf32>
  return %0 : tensor<2x3x2xf32>
}

// The mirror leaves out the end itself.
// CHECK-LABEL: func @pad_by_reflection
func.func @pad_by_reflection(%x: tensor<3xf32>) -> tensor<6xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<[1, 0, 1, 2, 1, 0]> : tensor<6xsi64>
  // CHECK: qonnx.gather %{{.*}}, %[[I]] axis 0
  %p = qonnx.constant dense<[1, 2]> : tensor<2xsi64>
  %0 = qonnx.pad reflect %x, %p : (tensor<3xf32>, tensor<2xsi64>) -> tensor<6xf32>
  return %0 : tensor<6xf32>
}

// CHECK-LABEL: func @pad_by_the_edge
func.func @pad_by_the_edge(%x: tensor<1x3xf32>) -> tensor<1x6xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<[0, 0, 0, 1, 2, 2]> : tensor<6xsi64>
  // CHECK: qonnx.gather %{{.*}}, %[[I]] axis 1
  %p = qonnx.constant dense<[2, 1]> : tensor<2xsi64>
  %a = qonnx.constant dense<1> : tensor<1xsi64>
  %0 = qonnx.pad edge %x, %p axes %a : (tensor<1x3xf32>, tensor<2xsi64>, tensor<1xsi64>) -> tensor<1x6xf32>
  return %0 : tensor<1x6xf32>
}

// CHECK-LABEL: func @pad_around
func.func @pad_around(%x: tensor<3xf32>) -> tensor<5xf32> {
  // CHECK: qonnx.constant dense<[2, 0, 1, 2, 0]> : tensor<5xsi64>
  %p = qonnx.constant dense<[1, 1]> : tensor<2xsi64>
  %0 = qonnx.pad wrap %x, %p : (tensor<3xf32>, tensor<2xsi64>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// What stays: each function is named after the reason.

// CHECK-LABEL: func @list_already
func.func @list_already(%x: tensor<2x3xf32>) -> tensor<2x2xf32> {
  // CHECK: %[[I:.*]] = qonnx.constant dense<[2, 0]> : tensor<2xsi64>
  // CHECK-NEXT: %[[G:.*]] = qonnx.gather %{{.*}}, %[[I]] axis 1
  // CHECK-NEXT: return %[[G]]
  %i = qonnx.constant dense<[2, 0]> : tensor<2xsi64>
  %0 = qonnx.gather %x, %i axis 1 : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// CHECK-LABEL: func @computed_indices
func.func @computed_indices(%x: tensor<2x3xf32>, %i: tensor<1x2xsi64>) -> tensor<2x1x2xf32> {
  // CHECK: qonnx.gather %{{.*}}, %{{.*}} axis 1 : (tensor<2x3xf32>, tensor<1x2xsi64>)
  %0 = qonnx.gather %x, %i axis 1 : (tensor<2x3xf32>, tensor<1x2xsi64>) -> tensor<2x1x2xf32>
  return %0 : tensor<2x1x2xf32>
}

// CHECK-LABEL: func @unknown_shape
func.func @unknown_shape(%x: tensor<?xf32>) -> tensor<?xf32> {
  // CHECK: qonnx.tile
  %r = qonnx.constant dense<2> : tensor<1xsi64>
  %0 = qonnx.tile %x, %r : (tensor<?xf32>, tensor<1xsi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// What is around is no element of the operand.
// CHECK-LABEL: func @pad_with_a_constant
func.func @pad_with_a_constant(%x: tensor<3xf32>) -> tensor<5xf32> {
  // CHECK: qonnx.pad constant
  %p = qonnx.constant dense<[1, 1]> : tensor<2xsi64>
  %0 = qonnx.pad constant %x, %p : (tensor<3xf32>, tensor<2xsi64>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// Lengths of parts are extents of one axis, whatever their product would be.
// CHECK-LABEL: func @long_parts
func.func @long_parts(%x: tensor<24000xf32>) -> (tensor<12000xf32>, tensor<12000xf32>) {
  // CHECK-COUNT-2: qonnx.gather
  %l = qonnx.constant dense<12000> : tensor<2xsi64>
  %0:2 = qonnx.split %x lengths %l axis 0 : (tensor<24000xf32>, tensor<2xsi64>) -> (tensor<12000xf32>, tensor<12000xf32>)
  return %0#0, %0#1 : tensor<12000xf32>, tensor<12000xf32>
}
