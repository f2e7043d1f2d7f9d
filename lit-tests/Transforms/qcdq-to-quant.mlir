// RUN: qonnx-opt %s --qonnx-qcdq-to-quant --split-input-file --verify-diagnostics | FileCheck %s

// There and back.
// RUN: qonnx-opt %S/quant-to-qcdq.mlir --qonnx-quant-to-qcdq --qonnx-qcdq-to-quant | FileCheck %s --check-prefix=BACK
// BACK-LABEL: @whole_type
// BACK: qonnx.quant %{{.*}} half_even :
// BACK-LABEL: @narrow
// BACK: qonnx.quant %{{.*}} half_even signed narrow :
// BACK-LABEL: @channels
// BACK: qonnx.quant {{.*}} (tensor<2x3x4xf32>, tensor<1x3x1xf32>, tensor<f32>, tensor<f32>)
// BACK-LABEL: @even_zero_point
// BACK: qonnx.quant {{.*}} (tensor<4xf32>, tensor<f32>, tensor<si64>, tensor<f32>)
// BACK-LABEL: @constants
// BACK-COUNT-2: qonnx.quant
// BACK-NOT: qonnx.dequantize_linear

// Without a zero point; Clip makes four bits of eight, without a sign.
// CHECK-LABEL: @clipped
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
// CHECK-DAG: %[[B:.*]] = qonnx.constant dense<4.000000e+00> : tensor<f32>
// CHECK: %[[Y:.*]] = qonnx.quant %[[X]], %{{.*}}, %{{.*}}, %[[B]] half_even :
// CHECK-NEXT: return %[[Y]]
func.func @clipped(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %l = qonnx.constant dense<0> : tensor<si8>
  %h = qonnx.constant dense<15> : tensor<si8>
  %q = qonnx.quantize_linear %x, %s axis 0 : (tensor<4xf32>, tensor<f32>) -> tensor<4xsi8>
  %c = qonnx.clip %q low %l high %h : (tensor<4xsi8>, tensor<si8>, tensor<si8>) -> tensor<4xsi8>
  %y = qonnx.dequantize_linear %c, %s axis 0 : (tensor<4xsi8>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// A bias of 32 bits, and weights with an odd zero point: values are known.
// CHECK-LABEL: @constants
// CHECK: %[[B:.*]] = qonnx.constant dense<[2.500000e-01, -7.500000e-01]> : tensor<2xf32>
// CHECK: qonnx.quant %[[B]], {{.*}} half_even signed :
// CHECK: %[[W:.*]] = qonnx.constant dense<[5.000000e-01, -1.500000e+00]> : tensor<2xf32>
// CHECK: %[[Z:.*]] = qonnx.constant dense<3.000000e+00> : tensor<f32>
// CHECK: qonnx.quant %[[W]], %{{.*}}, %[[Z]], {{.*}} half_even :
func.func @constants() -> (tensor<2xf32>, tensor<2xf32>) {
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %t = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<3> : tensor<ui8>
  %b = qonnx.constant dense<[1, -3]> : tensor<2xsi32>
  %w = qonnx.constant dense<[4, 0]> : tensor<2xui8>
  %0 = qonnx.dequantize_linear %b, %s axis 0 : (tensor<2xsi32>, tensor<f32>) -> tensor<2xf32>
  %1 = qonnx.dequantize_linear %w, %t, %z axis 0 : (tensor<2xui8>, tensor<f32>, tensor<ui8>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// -----

// CHECK-LABEL: @odd_zero_point
// CHECK: qonnx.quantize_linear
func.func @odd_zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %z = qonnx.constant dense<3> : tensor<ui8>
  %q = qonnx.quantize_linear %x, %s, %z axis 0 : (tensor<4xf32>, tensor<f32>, tensor<ui8>) -> tensor<4xui8>
  // expected-remark @below {{stays DequantizeLinear: Quant would add its odd zero point 3 before it rounds}}
  %y = qonnx.dequantize_linear %q, %s, %z axis 0 : (tensor<4xui8>, tensor<f32>, tensor<ui8>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// CHECK-LABEL: @other_limits
// CHECK: qonnx.quantize_linear
func.func @other_limits(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %l = qonnx.constant dense<-3> : tensor<si8>
  %q = qonnx.quantize_linear %x, %s axis 0 : (tensor<4xf32>, tensor<f32>) -> tensor<4xsi8>
  %c = qonnx.clip %q low %l : (tensor<4xsi8>, tensor<si8>) -> tensor<4xsi8>
  // expected-remark @below {{no width has codes from -3 to 127}}
  %y = qonnx.dequantize_linear %c, %s axis 0 : (tensor<4xsi8>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// CHECK-LABEL: @other_scale
// CHECK: qonnx.quantize_linear
func.func @other_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %t = qonnx.constant dense<0.6> : tensor<f32>
  %q = qonnx.quantize_linear %x, %s axis 0 : (tensor<4xf32>, tensor<f32>) -> tensor<4xsi8>
  // expected-remark @below {{its QuantizeLinear has another scale or zero point}}
  %y = qonnx.dequantize_linear %q, %t axis 0 : (tensor<4xsi8>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// CHECK-LABEL: @codes_in_between
// CHECK: qonnx.quantize_linear
func.func @codes_in_between(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %q = qonnx.quantize_linear %x, %s axis 0 : (tensor<1x1x4xf32>, tensor<f32>) -> tensor<1x1x4xsi8>
  %m = qonnx.max_pool %q kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xsi8>) -> tensor<1x1x2xsi8>
  // expected-remark @below {{its codes come neither from QuantizeLinear nor from a constant}}
  %y = qonnx.dequantize_linear %m, %s axis 0 : (tensor<1x1x2xsi8>, tensor<f32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}
