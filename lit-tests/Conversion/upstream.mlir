// What the descriptions of both passes say of LLVM 22: where this changes, they do.
// RUN: qonnx-opt %s --canonicalize | FileCheck %s
// RUN: qonnx-opt %s --pass-pipeline='builtin.module(func.func(lower-quant-ops))' | FileCheck %s

// CHECK-LABEL: @folded
// CHECK: return %arg0
func.func @folded(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %q = quant.qcast %x : tensor<2x4xf32> to tensor<2x4x!quant.uniform<i8:f32, 0.5>>
  %y = quant.dcast %q : tensor<2x4x!quant.uniform<i8:f32, 0.5>> to tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
