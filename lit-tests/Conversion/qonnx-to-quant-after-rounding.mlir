// RUN: qonnx-opt %s --convert-qonnx-to-quant=zero-point=after-rounding | FileCheck %s

// CHECK-LABEL: @whole_type
// CHECK: quant.qcast {{.*}} to tensor<2x3x!quant.uniform<u8:f32, 5.000000e-01:114>>
func.func @whole_type(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<114> : tensor<ui8>
  %q = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<2x3xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x3xui8>
  %y = qonnx.dequantize_linear %q, %s, %z axis 1 : (tensor<2x3xui8>, tensor<f32>, tensor<ui8>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// Only this order has zero points that differ from channel to channel.
// CHECK-LABEL: @channels
// CHECK: quant.qcast {{.*}} to tensor<2x3x!quant.uniform<u8:f32:1, {5.000000e-01:1,5.000000e-01:2,2.500000e-01:255}>>
func.func @channels(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<[0.5, 0.5, 0.25]> : tensor<3xf32>
  %z = qonnx.constant dense<[1, 2, 255]> : tensor<3xui8>
  %q = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xui8>) -> tensor<2x3xui8>
  %y = qonnx.dequantize_linear %q, %s, %z axis 1 : (tensor<2x3xui8>, tensor<3xf32>, tensor<3xui8>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}
