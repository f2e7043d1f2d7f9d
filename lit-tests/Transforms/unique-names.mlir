// RUN: qonnx-opt %s --qonnx-unique-names --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s
// RUN: qonnx-opt %s --qonnx-unique-names --qonnx-unique-names --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s
// RUN: qonnx-opt %s --qonnx-unique-names --mlir-use-nameloc-as-prefix | FileCheck %s --check-prefix=VALUES
// RUN: qonnx-opt %s --qonnx-unique-names --mlir-print-debuginfo | qonnx-translate --export-onnx - -o %t.onnx
// RUN: qonnx-translate --import-onnx %t.onnx --mlir-print-debuginfo | qonnx-opt --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=ONNX

// A node has its name before a constant that a pass made of it, and the first node before others.
// CHECK: qonnx.constant {{.*}} loc("fc_param1")
// CHECK: qonnx.constant {{.*}} loc("bias")
// CHECK: qonnx.matmul {{.*}} loc("fc")
// CHECK: qonnx.add {{.*}} loc("fc_1")
// CHECK: qonnx.relu {{.*}} loc("relu")
// CHECK: qonnx.relu {{.*}} loc("relu_1")

// VALUES: %fc_param1 = qonnx.constant
// VALUES: %bias = qonnx.constant
// VALUES: %fc = qonnx.matmul %{{.*}}, %fc_param1
// VALUES: %fc_1 = qonnx.add %fc, %bias

// ONNX-DAG: qonnx.constant {{.*}} loc("fc_param1")
// ONNX-DAG: qonnx.constant {{.*}} loc("bias")
// ONNX: qonnx.matmul {{.*}} loc("fc")
// ONNX: qonnx.add {{.*}} loc("fc_1")
// ONNX: qonnx.relu {{.*}} loc("relu")
// ONNX: qonnx.relu {{.*}} loc("relu_1")
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = qonnx.constant dense<0.5> : tensor<2x2xf32> loc("fc")
  %b = qonnx.constant dense<0.5> : tensor<2xf32> loc("bias")
  %0 = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32> loc("fc")
  %1 = qonnx.add %0, %b : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("fc")
  %2 = qonnx.relu %1 : (tensor<1x2xf32>) -> tensor<1x2xf32> loc(unknown)
  %3 = qonnx.relu %2 : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}
