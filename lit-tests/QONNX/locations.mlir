// RUN: qonnx-opt %s -mlir-print-debuginfo | qonnx-opt -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s
// RUN: qonnx-opt %s -canonicalize -cse -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s --check-prefix=CANON

// The location of an operation is the name of its ONNX node: our errors name it.

// CHECK-LABEL: func @node_names
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32> loc("global_in"), %[[Q:.*]]: tensor<1x4xsi4> loc(
func.func @node_names(%x: tensor<1x4xf32> loc("global_in"), %q: tensor<1x4xsi4>) -> (tensor<1x4xf32>, tensor<4xsi4>) {
  // CHECK: qonnx.relu %[[X]] {{.*}} loc("/encoder/layer.0/Relu")
  %0 = qonnx.relu %x : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("/encoder/layer.0/Relu")
  // CHECK: qonnx.softmax {{.*}} loc("Softmax \22quoted\22 \C3\A9")
  %1 = qonnx.softmax %0 axis 1 : (tensor<1x4xf32>) -> tensor<1x4xf32> loc("Softmax \22quoted\22 \C3\A9")
  // CHECK: hls.view %[[Q]] {{.*}} loc(fused["MatMul_0", "Add_1"])
  %2 = hls.view %q : (tensor<1x4xsi4>) -> tensor<4xsi4> loc(fused["MatMul_0", "Add_1"])
  return %1, %2 : tensor<1x4xf32>, tensor<4xsi4>
}

// Where two operations become one, the one that stays keeps its name.
// CANON-LABEL: func @composed_transposes
// CANON: qonnx.transpose %{{.*}} [2, 1, 0] {{.*}} loc("Transpose_1")
func.func @composed_transposes(%x: tensor<2x3x4xf32>) -> tensor<4x3x2xf32> {
  %0 = qonnx.transpose %x [1, 0, 2] : (tensor<2x3x4xf32>) -> tensor<3x2x4xf32> loc("Transpose_0")
  %1 = qonnx.transpose %0 [2, 0, 1] : (tensor<3x2x4xf32>) -> tensor<4x3x2xf32> loc("Transpose_1")
  return %1 : tensor<4x3x2xf32>
}
