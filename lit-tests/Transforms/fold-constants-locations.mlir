// RUN: qonnx-opt %s --qonnx-fold-constants -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s

// A folded constant has the name of the node that computed it.
// CHECK-LABEL: func @location
func.func @location() -> tensor<f32> {
  // CHECK: qonnx.constant dense<-1.000000e+00> : tensor<f32> loc("/fc1/Neg")
  %a = qonnx.constant dense<1.0> : tensor<f32> loc("fc1.weight")
  %0 = qonnx.neg %a : (tensor<f32>) -> tensor<f32> loc("/fc1/Neg")
  return %0 : tensor<f32>
}
