// RUN: qonnx-opt %s --qonnx-remove-unused | FileCheck %s
// RUN: qonnx-opt %s --qonnx-remove-unused --qonnx-remove-unused | FileCheck %s

// The names of the inputs that stay do not move.
// CHECK-LABEL: func.func @inputs
// CHECK-SAME: (%[[X:.*]]: tensor<2xf32> {qonnx.name = "image"}) -> tensor<2xf32>
// CHECK-NEXT: return %[[X]]
func.func @inputs(%a: tensor<3xf32> {qonnx.name = "unused"}, %x: tensor<2xf32> {qonnx.name = "image"}) -> tensor<2xf32> {
  %c = qonnx.constant dense<1.0> : tensor<3xf32>
  %0 = qonnx.add %a, %c : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %1 = qonnx.relu %0 : (tensor<3xf32>) -> tensor<3xf32>
  return %x : tensor<2xf32>
}

// CHECK-LABEL: func.func @unnamed
// CHECK-SAME: (%{{.*}}: tensor<2xf32> {qonnx.name = "in1"})
func.func @unnamed(%a: tensor<3xf32>, %x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

// What calls a function says all of its inputs.
// CHECK-LABEL: func.func @called
// CHECK-SAME: (%{{.*}}: tensor<3xf32>, %{{.*}}: tensor<2xf32>)
func.func @called(%a: tensor<3xf32>, %x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

// CHECK-LABEL: func.func @caller
// CHECK: call @called
func.func @caller(%a: tensor<3xf32>, %x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = func.call @called(%a, %x) : (tensor<3xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
