// RUN: qonnx-opt %s --convert-quant-to-qonnx=zero-point=after-rounding | FileCheck %s

// CHECK-LABEL: @zero_point
// CHECK-DAG: %[[Z:.*]] = qonnx.constant dense<[3, 255]> : tensor<2xui8>
// CHECK: %[[Q:.*]] = qonnx.quantize_linear %arg0, %{{.*}}, %[[Z]] axis 1
// CHECK: qonnx.dequantize_linear %[[Q]], %{{.*}}, %[[Z]] axis 1
func.func @zero_point(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %q = quant.qcast %x : tensor<3x2xf32> to tensor<3x2x!quant.uniform<u8:f32:1, {0.5:3, 0.25:255}>>
  %y = quant.dcast %q : tensor<3x2x!quant.uniform<u8:f32:1, {0.5:3, 0.25:255}>> to tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// CHECK-LABEL: @no_zero_point
// CHECK: qonnx.quant %arg0
func.func @no_zero_point(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %q = quant.qcast %x : tensor<3x2xf32> to tensor<3x2x!quant.uniform<u8:f32, 0.5>>
  %y = quant.dcast %q : tensor<3x2x!quant.uniform<u8:f32, 0.5>> to tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}
