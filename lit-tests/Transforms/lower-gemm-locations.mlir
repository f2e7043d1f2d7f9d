// RUN: qonnx-opt %s --qonnx-lower-gemm -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s

// All that a Gemm becomes keeps its name.
// CHECK-LABEL: func @location
func.func @location(%x: tensor<1x4xf32>, %w: tensor<2x4xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  // CHECK: qonnx.transpose {{.*}} loc("/fc1/Gemm")
  // CHECK: qonnx.matmul {{.*}} loc("/fc1/Gemm")
  // CHECK: qonnx.add {{.*}} loc("/fc1/Gemm")
  %0 = qonnx.gemm %x, %w, %c alpha 1.0 beta 1.0 trans_b : (tensor<1x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("/fc1/Gemm")
  return %0 : tensor<1x2xf32>
}
