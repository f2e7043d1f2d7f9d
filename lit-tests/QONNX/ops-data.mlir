// RUN: qonnx-opt %s | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --mlir-print-op-generic | qonnx-opt | FileCheck %s

// CHECK-LABEL: func @constant_dense
func.func @constant_dense() -> tensor<f32> {
  // CHECK: qonnx.constant dense<2.500000e-01> : tensor<f32>
  %0 = qonnx.constant dense<0.25> : tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func @constant_of_integers
func.func @constant_of_integers() -> tensor<2x2xsi4> {
  // CHECK: qonnx.constant dense<{{\[}}[1, -8], [0, 7]]> : tensor<2x2xsi4>
  %0 = qonnx.constant dense<[[1, -8], [0, 7]]> : tensor<2x2xsi4>
  return %0 : tensor<2x2xsi4>
}

// CHECK-LABEL: func @constant_resource
func.func @constant_resource() -> tensor<2xf32> {
  // CHECK: qonnx.constant dense_resource<weights> : tensor<2xf32>
  %0 = qonnx.constant dense_resource<weights> : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @constant_resource_of_sub_byte_integers
func.func @constant_resource_of_sub_byte_integers() -> tensor<3xsi4> {
  // CHECK: qonnx.constant dense_resource<codes> : tensor<3xsi4>
  %0 = qonnx.constant dense_resource<codes> : tensor<3xsi4>
  return %0 : tensor<3xsi4>
}

// CHECK-LABEL: func @reshape
// CHECK-SAME: (%[[X:.*]]: tensor<1x8x8xf32>, %[[SHAPE:.*]]: tensor<2xi64>)
func.func @reshape(%x: tensor<1x8x8xf32>, %shape: tensor<2xi64>) -> tensor<1x64xf32> {
  // CHECK: qonnx.reshape %[[X]], %[[SHAPE]] : (tensor<1x8x8xf32>, tensor<2xi64>) -> tensor<1x64xf32>
  %0 = qonnx.reshape %x, %shape : (tensor<1x8x8xf32>, tensor<2xi64>) -> tensor<1x64xf32>
  return %0 : tensor<1x64xf32>
}

// CHECK-LABEL: func @reshape_allow_zero
// CHECK-SAME: (%[[X:.*]]: tensor<?x8xf32>, %[[SHAPE:.*]]: tensor<2xi64>)
func.func @reshape_allow_zero(%x: tensor<?x8xf32>, %shape: tensor<2xi64>) -> tensor<*xf32> {
  // CHECK: qonnx.reshape %[[X]], %[[SHAPE]] allow_zero : (tensor<?x8xf32>, tensor<2xi64>) -> tensor<*xf32>
  %0 = qonnx.reshape %x, %shape allow_zero : (tensor<?x8xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @view
// CHECK-SAME: (%[[X:.*]]: tensor<1x8x8xf32>)
func.func @view(%x: tensor<1x8x8xf32>) -> tensor<1x64xf32> {
  // CHECK: qonnx.view %[[X]] : (tensor<1x8x8xf32>) -> tensor<1x64xf32>
  %0 = qonnx.view %x : (tensor<1x8x8xf32>) -> tensor<1x64xf32>
  return %0 : tensor<1x64xf32>
}

// CHECK-LABEL: func @flatten
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @flatten(%x: tensor<2x3x4xf32>) -> tensor<2x12xf32> {
  // CHECK: qonnx.flatten %[[X]] axis 1 : (tensor<2x3x4xf32>) -> tensor<2x12xf32>
  %0 = qonnx.flatten %x axis 1 : (tensor<2x3x4xf32>) -> tensor<2x12xf32>
  return %0 : tensor<2x12xf32>
}

// A matrix of one column: the axis may be the rank.
// CHECK-LABEL: func @flatten_at_the_end
func.func @flatten_at_the_end(%x: tensor<2x3xf32>) -> tensor<6x1xf32> {
  // CHECK: qonnx.flatten %{{.*}} axis 2 :
  %0 = qonnx.flatten %x axis 2 : (tensor<2x3xf32>) -> tensor<6x1xf32>
  return %0 : tensor<6x1xf32>
}

// CHECK-LABEL: func @squeeze
// CHECK-SAME: (%[[X:.*]]: tensor<1x4x1xf32>, %[[AXES:.*]]: tensor<1xi64>)
func.func @squeeze(%x: tensor<1x4x1xf32>, %axes: tensor<1xi64>) -> (tensor<4xf32>, tensor<1x4xf32>) {
  // CHECK: qonnx.squeeze %[[X]] : (tensor<1x4x1xf32>) -> tensor<4xf32>
  %0 = qonnx.squeeze %x : (tensor<1x4x1xf32>) -> tensor<4xf32>
  // CHECK: qonnx.squeeze %[[X]] axes %[[AXES]] : (tensor<1x4x1xf32>, tensor<1xi64>) -> tensor<1x4xf32>
  %1 = qonnx.squeeze %x axes %axes : (tensor<1x4x1xf32>, tensor<1xi64>) -> tensor<1x4xf32>
  return %0, %1 : tensor<4xf32>, tensor<1x4xf32>
}

// CHECK-LABEL: func @unsqueeze
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[AXES:.*]]: tensor<1xi64>)
func.func @unsqueeze(%x: tensor<4xf32>, %axes: tensor<1xi64>) -> tensor<1x4xf32> {
  // CHECK: qonnx.unsqueeze %[[X]] axes %[[AXES]] : (tensor<4xf32>, tensor<1xi64>) -> tensor<1x4xf32>
  %0 = qonnx.unsqueeze %x axes %axes : (tensor<4xf32>, tensor<1xi64>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// CHECK-LABEL: func @transpose
// CHECK-SAME: (%[[X:.*]]: tensor<2x3x4xf32>)
func.func @transpose(%x: tensor<2x3x4xf32>) -> tensor<4x2x3xf32> {
  // CHECK: qonnx.transpose %[[X]] [2, 0, 1] : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %0 = qonnx.transpose %x [2, 0, 1] : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  return %0 : tensor<4x2x3xf32>
}

// CHECK-LABEL: func @transpose_of_a_scalar
func.func @transpose_of_a_scalar(%x: tensor<f32>) -> tensor<f32> {
  // CHECK: qonnx.transpose %{{.*}} [] : (tensor<f32>) -> tensor<f32>
  %0 = qonnx.transpose %x [] : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func @shape
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>)
func.func @shape(%x: tensor<?x4xf32>) -> (tensor<2xi64>, tensor<1xi64>) {
  // CHECK: qonnx.shape %[[X]] start 0 : (tensor<?x4xf32>) -> tensor<2xi64>
  %0 = qonnx.shape %x start 0 : (tensor<?x4xf32>) -> tensor<2xi64>
  // CHECK: qonnx.shape %[[X]] start 0 end -1 : (tensor<?x4xf32>) -> tensor<1xi64>
  %1 = qonnx.shape %x start 0 end -1 : (tensor<?x4xf32>) -> tensor<1xi64>
  return %0, %1 : tensor<2xi64>, tensor<1xi64>
}

// CHECK-LABEL: func @scatter
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[I:.*]]: tensor<2xsi64>, %[[U:.*]]: tensor<2xf32>)
func.func @scatter(%x: tensor<4xf32>, %i: tensor<2xsi64>, %u: tensor<2xf32>) -> tensor<4xf32> {
  // CHECK: qonnx.scatter %[[X]], %[[I]], %[[U]] : (tensor<4xf32>, tensor<2xsi64>, tensor<2xf32>) -> tensor<4xf32>
  %0 = qonnx.scatter %x, %i, %u : (tensor<4xf32>, tensor<2xsi64>, tensor<2xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @gather
// CHECK-SAME: (%[[X:.*]]: tensor<3x4xf32>, %[[I:.*]]: tensor<2xi64>)
func.func @gather(%x: tensor<3x4xf32>, %i: tensor<2xi64>) -> tensor<3x2xf32> {
  // CHECK: qonnx.gather %[[X]], %[[I]] axis 1 : (tensor<3x4xf32>, tensor<2xi64>) -> tensor<3x2xf32>
  %0 = qonnx.gather %x, %i axis 1 : (tensor<3x4xf32>, tensor<2xi64>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// CHECK-LABEL: func @concat
// CHECK-SAME: (%[[A:.*]]: tensor<1x2xf32>, %[[B:.*]]: tensor<1x3xf32>)
func.func @concat(%a: tensor<1x2xf32>, %b: tensor<1x3xf32>) -> tensor<1x5xf32> {
  // CHECK: qonnx.concat %[[A]], %[[B]] axis -1 : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<1x5xf32>
  %0 = qonnx.concat %a, %b axis -1 : (tensor<1x2xf32>, tensor<1x3xf32>) -> tensor<1x5xf32>
  return %0 : tensor<1x5xf32>
}

// CHECK-LABEL: func @slice
// CHECK-SAME: (%[[X:.*]]: tensor<8xf32>, %[[I:.*]]: tensor<1xi64>)
func.func @slice(%x: tensor<8xf32>, %i: tensor<1xi64>) -> tensor<*xf32> {
  // CHECK: qonnx.slice %[[X]], %[[I]], %[[I]] : (
  %0 = qonnx.slice %x, %i, %i : (tensor<8xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  // CHECK: qonnx.slice %[[X]], %[[I]], %[[I]] axes %[[I]] : (
  %1 = qonnx.slice %x, %i, %i axes %i : (tensor<8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  // CHECK: qonnx.slice %[[X]], %[[I]], %[[I]] steps %[[I]] : (
  %2 = qonnx.slice %x, %i, %i steps %i : (tensor<8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  // CHECK: qonnx.slice %[[X]], %[[I]], %[[I]] axes %[[I]] steps %[[I]] : (
  %3 = qonnx.slice %x, %i, %i axes %i steps %i : (tensor<8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  return %3 : tensor<*xf32>
}

// CHECK-LABEL: func @arg_max
// CHECK-SAME: (%[[X:.*]]: tensor<1x10xf32>)
func.func @arg_max(%x: tensor<1x10xf32>) -> (tensor<1xi64>, tensor<1x1xi64>) {
  // CHECK: qonnx.arg_max %[[X]] axis 1 : (tensor<1x10xf32>) -> tensor<1xi64>
  %0 = qonnx.arg_max %x axis 1 : (tensor<1x10xf32>) -> tensor<1xi64>
  // CHECK: qonnx.arg_max %[[X]] axis -1 keep_dims select_last : (tensor<1x10xf32>) -> tensor<1x1xi64>
  %1 = qonnx.arg_max %x axis -1 keep_dims select_last : (tensor<1x10xf32>) -> tensor<1x1xi64>
  return %0, %1 : tensor<1xi64>, tensor<1x1xi64>
}

// CHECK-LABEL: func @top_k
// CHECK-SAME: (%[[X:.*]]: tensor<1x10xf32>, %[[K:.*]]: tensor<1xi64>)
func.func @top_k(%x: tensor<1x10xf32>, %k: tensor<1xi64>) -> (tensor<1x3xf32>, tensor<1x3xi64>) {
  // CHECK: %[[VALUES:.*]], %[[INDICES:.*]] = qonnx.top_k %[[X]], %[[K]] axis 1 largest : (tensor<1x10xf32>, tensor<1xi64>) -> (tensor<1x3xf32>, tensor<1x3xi64>)
  %values, %indices = qonnx.top_k %x, %k axis 1 largest : (tensor<1x10xf32>, tensor<1xi64>) -> (tensor<1x3xf32>, tensor<1x3xi64>)
  // CHECK: qonnx.top_k %[[X]], %[[K]] axis 1 : (
  %0, %1 = qonnx.top_k %x, %k axis 1 : (tensor<1x10xf32>, tensor<1xi64>) -> (tensor<1x3xf32>, tensor<1x3xi64>)
  // CHECK: return %[[VALUES]], %[[INDICES]]
  return %values, %indices : tensor<1x3xf32>, tensor<1x3xi64>
}

// CHECK-LABEL: func @onnx
// CHECK-SAME: (%[[A:.*]]: tensor<2x3xf32>, %[[B:.*]]: tensor<3x4xf32>)
func.func @onnx(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.onnx "Einsum" domain "" (%[[A]], %[[B]]) {equation = "ij,jk->ik"} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<*xf32>
  %0 = qonnx.onnx "Einsum" domain "" (%a, %b) {equation = "ij,jk->ik"} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @onnx_without_operands
func.func @onnx_without_operands() -> tensor<4xf32> {
  // CHECK: %[[R:.*]]:2 = qonnx.onnx "Source" domain "com.example" () : () -> (tensor<4xf32>, tensor<4xi64>)
  %0:2 = qonnx.onnx "Source" domain "com.example" () : () -> (tensor<4xf32>, tensor<4xi64>)
  // CHECK: return %[[R]]#0
  return %0#0 : tensor<4xf32>
}

{-#
  dialect_resources: {
    builtin: {
      weights: "0x040000000000803F00000040",
      codes: "0x01000000010203"
    }
  }
#-}

// CHECK-LABEL: func @split
// CHECK-SAME: (%[[X:.*]]: tensor<2x6xf32>, %[[L:.*]]: tensor<2xsi64>)
func.func @split(%x: tensor<2x6xf32>, %l: tensor<2xsi64>) {
  // CHECK: %{{.*}}:2 = qonnx.split %[[X]] lengths %[[L]] axis 1 : (tensor<2x6xf32>, tensor<2xsi64>) -> (tensor<2x1xf32>, tensor<2x5xf32>)
  %0:2 = qonnx.split %x lengths %l axis 1 : (tensor<2x6xf32>, tensor<2xsi64>) -> (tensor<2x1xf32>, tensor<2x5xf32>)
  // CHECK: %{{.*}}:3 = qonnx.split %[[X]] axis -1 :
  %1:3 = qonnx.split %x axis -1 : (tensor<2x6xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>)
  return
}

// CHECK-LABEL: func @pad
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xf32>, %[[P:.*]]: tensor<4xsi64>, %[[V:.*]]: tensor<f32>, %[[Q:.*]]: tensor<2xsi64>, %[[A:.*]]: tensor<1xsi64>)
func.func @pad(%x: tensor<1x2xf32>, %p: tensor<4xsi64>, %v: tensor<f32>, %q: tensor<2xsi64>, %a: tensor<1xsi64>) {
  // CHECK: qonnx.pad constant %[[X]], %[[P]] value %[[V]] : (tensor<1x2xf32>, tensor<4xsi64>, tensor<f32>) -> tensor<1x4xf32>
  %0 = qonnx.pad constant %x, %p value %v : (tensor<1x2xf32>, tensor<4xsi64>, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: qonnx.pad edge %[[X]], %[[Q]] axes %[[A]] : (tensor<1x2xf32>, tensor<2xsi64>, tensor<1xsi64>) -> tensor<1x4xf32>
  %1 = qonnx.pad edge %x, %q axes %a : (tensor<1x2xf32>, tensor<2xsi64>, tensor<1xsi64>) -> tensor<1x4xf32>
  // CHECK: qonnx.pad reflect %[[X]], %[[P]] :
  %2 = qonnx.pad reflect %x, %p : (tensor<1x2xf32>, tensor<4xsi64>) -> tensor<1x4xf32>
  // CHECK: qonnx.pad wrap %[[X]], %[[P]] :
  %3 = qonnx.pad wrap %x, %p : (tensor<1x2xf32>, tensor<4xsi64>) -> tensor<1x4xf32>
  return
}

// CHECK-LABEL: func @resize
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xf32>, %[[S:.*]]: tensor<2xf32>, %[[Z:.*]]: tensor<2xsi64>)
func.func @resize(%x: tensor<1x2xf32>, %s: tensor<2xf32>, %z: tensor<2xsi64>) {
  // CHECK: qonnx.resize %[[X]] scales %[[S]] asymmetric floor : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x4xf32>
  %0 = qonnx.resize %x scales %s asymmetric floor : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x4xf32>
  // CHECK: qonnx.resize %[[X]] sizes %[[Z]] half_pixel round_prefer_floor : (tensor<1x2xf32>, tensor<2xsi64>) -> tensor<1x3xf32>
  %1 = qonnx.resize %x sizes %z half_pixel round_prefer_floor : (tensor<1x2xf32>, tensor<2xsi64>) -> tensor<1x3xf32>
  return
}

// CHECK-LABEL: func @blocks
func.func @blocks(%x: tensor<1x8x2x2xf32>) {
  // CHECK: qonnx.depth_to_space %{{.*}} block 2 : (tensor<1x8x2x2xf32>) -> tensor<1x2x4x4xf32>
  %0 = qonnx.depth_to_space %x block 2 : (tensor<1x8x2x2xf32>) -> tensor<1x2x4x4xf32>
  // CHECK: qonnx.depth_to_space %{{.*}} block 2 crd :
  %1 = qonnx.depth_to_space %x block 2 crd : (tensor<1x8x2x2xf32>) -> tensor<1x2x4x4xf32>
  // CHECK: qonnx.space_to_depth %{{.*}} block 2 : (tensor<1x8x2x2xf32>) -> tensor<1x32x1x1xf32>
  %2 = qonnx.space_to_depth %x block 2 : (tensor<1x8x2x2xf32>) -> tensor<1x32x1x1xf32>
  return
}

// CHECK-LABEL: func @repetition
func.func @repetition(%x: tensor<3x1xf32>, %s: tensor<2xsi64>, %c: tensor<3x1xi1>, %n: tensor<si64>) {
  // CHECK: qonnx.expand %{{.*}}, %{{.*}} : (tensor<3x1xf32>, tensor<2xsi64>) -> tensor<3x4xf32>
  %0 = qonnx.expand %x, %s : (tensor<3x1xf32>, tensor<2xsi64>) -> tensor<3x4xf32>
  // CHECK: qonnx.tile %{{.*}}, %{{.*}} : (tensor<3x1xf32>, tensor<2xsi64>) -> tensor<6x4xf32>
  %1 = qonnx.tile %x, %s : (tensor<3x1xf32>, tensor<2xsi64>) -> tensor<6x4xf32>
  // CHECK: qonnx.constant_of_shape %{{.*}} of dense<1.500000e+00> : tensor<1xf32> : (tensor<2xsi64>) -> tensor<?x?xf32>
  %2 = qonnx.constant_of_shape %s of dense<1.5> : tensor<1xf32> : (tensor<2xsi64>) -> tensor<?x?xf32>
  // CHECK: qonnx.range %{{.*}}, %{{.*}}, %{{.*}} : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %3 = qonnx.range %n, %n, %n : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  // CHECK: qonnx.where %{{.*}}, %{{.*}}, %{{.*}} : (tensor<3x1xi1>, tensor<3x1xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %4 = qonnx.where %c, %x, %0 : (tensor<3x1xi1>, tensor<3x1xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return
}
