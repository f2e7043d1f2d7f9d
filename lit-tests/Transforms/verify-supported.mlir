// RUN: qonnx-opt %s --qonnx-verify-supported | FileCheck %s
// RUN: not qonnx-opt %S/Inputs/unsupported.mlir --qonnx-verify-supported 2>&1 | FileCheck %s --check-prefix=NAMES --implicit-check-not=error:

// What every operator of the dialect is goes through unchanged.
// CHECK-LABEL: func @supported
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @supported(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // CHECK: qonnx.softmax %[[X]] axis 1 :
  %0 = qonnx.softmax %x axis 1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// The ONNX node's name stands in front of each error.
// NAMES: error: {{.*}}/head/Einsum
// NAMES: error: {{.*}}/head/Attention
