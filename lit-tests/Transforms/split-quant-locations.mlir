// RUN: qonnx-opt %s --qonnx-split-quant -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s

// All parts keep the quantizer's name.
// CHECK-LABEL: func @location
func.func @location(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: qonnx.div {{.*}} loc("/act/Quant")
  // CHECK: qonnx.quantize {{.*}} loc("/act/Quant")
  // CHECK: hls.sub {{.*}} loc("/act/Quant")
  // CHECK: qonnx.unscale {{.*}} loc("/act/Quant")
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32> loc("/act/Quant")
  return %0 : tensor<4xf32>
}
