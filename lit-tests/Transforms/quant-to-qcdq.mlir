// RUN: qonnx-opt %s --qonnx-quant-to-qcdq | FileCheck %s

// The range of eight bits is the type's own: no Clip.
// CHECK-LABEL: @whole_type
// CHECK: %[[Q:.*]] = qonnx.quantize_linear %{{.*}}, %{{.*}}, %{{.*}} axis 1 : (tensor<2x3xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x3xui8>
// CHECK-NEXT: qonnx.dequantize_linear %[[Q]]
func.func @whole_type(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<0.3> : tensor<1xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<8.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<2x3xf32>, tensor<1xf32>, tensor<f32>, tensor<f32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK-LABEL: @narrow
// CHECK-DAG: %[[L:.*]] = qonnx.constant dense<-127> : tensor<si8>
// CHECK-DAG: %[[H:.*]] = qonnx.constant dense<127> : tensor<si8>
// CHECK: qonnx.clip %{{.*}} low %[[L]] high %[[H]]
func.func @narrow(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<8.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even signed narrow : (tensor<2x3xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK-LABEL: @channels
// CHECK-DAG: qonnx.constant dense<[5.000000e-01, 2.500000e-01, 1.000000e+00]> : tensor<3xf32>
// CHECK: qonnx.quantize_linear {{.*}} axis 1 : (tensor<2x3x4xf32>, tensor<3xf32>, tensor<3xsi16>) -> tensor<2x3x4xsi16>
func.func @channels(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %s = qonnx.constant dense<[[0.5], [0.25], [1.0]]> : tensor<3x1xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<12.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<2x3x4xf32>, tensor<3x1xf32>, tensor<f32>, tensor<f32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// An even zero point of int64 is added in float64, where no value moves to a tie.
// CHECK-LABEL: @even_zero_point
// CHECK-DAG: qonnx.constant dense<8> : tensor<ui8>
// CHECK: qonnx.quantize_linear
func.func @even_zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %z = qonnx.constant dense<8> : tensor<si64>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<si64>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// 1.4999999 + 8 is 9.5 in float32: the sum first, then rounding.
// CHECK-LABEL: @zero_point
// CHECK: %[[SCALE:.*]] = qonnx.constant dense<3.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[CODE:.*]] = qonnx.constant dense<7> : tensor<ui8>
// CHECK: %[[S:.*]] = qonnx.constant dense<3.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[Z:.*]] = qonnx.constant dense<7.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[Q:.*]] = qonnx.div %{{.*}}, %[[S]]
// CHECK-NEXT: %[[Y:.*]] = qonnx.add %[[Q]], %[[Z]]
// CHECK-NEXT: %[[ONE:.*]] = qonnx.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[NONE:.*]] = qonnx.constant dense<0> : tensor<ui8>
// CHECK-NEXT: %[[C:.*]] = qonnx.quantize_linear %[[Y]], %[[ONE]], %[[NONE]] axis 1
// CHECK: %[[L:.*]] = qonnx.clip %[[C]]
// CHECK-NEXT: qonnx.dequantize_linear %[[L]], %[[SCALE]], %[[CODE]] axis 1
func.func @zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %z = qonnx.constant dense<7.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// A quotient by a power of two is the same in float64.
// CHECK-LABEL: @double_scale
// CHECK-DAG: qonnx.constant dense<2.500000e-01> : tensor<f32>
// CHECK: qonnx.quantize_linear
func.func @double_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.25> : tensor<f64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f64>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// Constants are evaluated: any rounding, one bit, any zero point.
// CHECK-LABEL: @constants
// CHECK-NOT: qonnx.quantize_linear
// CHECK: %[[W:.*]] = qonnx.constant dense<[3, 1]> : tensor<2xui8>
// CHECK: qonnx.dequantize_linear %[[W]]
// CHECK: %[[P:.*]] = qonnx.constant dense<[1, -1]> : tensor<2xsi8>
// CHECK: qonnx.dequantize_linear %[[P]]
func.func @constants() -> (tensor<2xf32>, tensor<2xf32>) {
  %w = qonnx.constant dense<[0.5, -1.5]> : tensor<2xf32>
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %z = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %q = qonnx.quant %w, %s, %z, %b floor : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  %p = qonnx.bipolar_quant %w, %s : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return %q, %p : tensor<2xf32>, tensor<2xf32>
}
