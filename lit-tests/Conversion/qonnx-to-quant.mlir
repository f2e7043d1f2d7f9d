// RUN: qonnx-opt %s --convert-qonnx-to-quant --split-input-file | FileCheck %s
// RUN: qonnx-opt %s --convert-qonnx-to-quant --convert-qonnx-to-quant --split-input-file | FileCheck %s

// CHECK-LABEL: @per_tensor
// CHECK-NEXT: %[[Q:.*]] = quant.qcast %arg0 : tensor<?x3xf32> to tensor<?x3x!quant.uniform<u4:f32, 5.000000e-01:3>>
// CHECK-NEXT: %[[Y:.*]] = quant.dcast %[[Q]] : tensor<?x3x!quant.uniform<u4:f32, 5.000000e-01:3>> to tensor<?x3xf32>
// CHECK-NEXT: return %[[Y]]
func.func @per_tensor(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %s = qonnx.constant dense<0.5> : tensor<1xf32>
  %z = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<?x3xf32>, tensor<1xf32>, tensor<f32>, tensor<f32>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// All 24 bits of the scale are there.
// CHECK-LABEL: @narrow
// CHECK: quant.qcast {{.*}} to tensor<2x3x!quant.uniform<i8<-127:127>:f32, 0.12345679104328156>>
func.func @narrow(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<0.12345679> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<8.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even signed narrow : (tensor<2x3xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// A zero point that four bits do not hold: five, with the limits of four.
// CHECK-LABEL: @per_axis
// CHECK: quant.qcast {{.*}} to tensor<2x3x4x!quant.uniform<i5<-8:7>:f32:1, {5.000000e-01:1,2.500000e-01:2,1.000000e+00:-9}>>
func.func @per_axis(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %s = qonnx.constant dense<[[0.5], [0.25], [1.0]]> : tensor<3x1xf32>
  %z = qonnx.constant dense<[[1.0], [2.0], [-9.0]]> : tensor<3x1xf32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<2x3x4xf32>, tensor<3x1xf32>, tensor<3x1xf32>, tensor<f32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// -----

// Scales and zero points that change at the second of four places and from row to row: blocks of two, and of one.
// CHECK-LABEL: @blocks
// CHECK: quant.qcast {{.*}} to tensor<2x4x!quant.uniform<u8:f32:{0:1, 1:2},
// CHECK-SAME: {{[{][{]}}5.000000e-01:{{-56}}, 2.500000e-01:3}, {1.000000e+00:{{-56}}, 2.500000e-01:3}}>>
func.func @blocks(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = qonnx.constant dense<[[0.5, 0.5, 0.25, 0.25], [1.0, 1.0, 0.25, 0.25]]> : tensor<2x4xf32>
  %z = qonnx.constant dense<[200.0, 200.0, 3.0, 3.0]> : tensor<4xf32>
  %b = qonnx.constant dense<8.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<2x4xf32>, tensor<2x4xf32>, tensor<4xf32>, tensor<f32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Clips of codes limit them; the type is the file's.
// CHECK-LABEL: @clip
// CHECK-NEXT: %[[Q:.*]] = quant.qcast %arg0 : tensor<2x3xf32> to tensor<2x3x!quant.uniform<i8<-7:7>:f32, 5.000000e-01>>
// CHECK-NEXT: quant.dcast %[[Q]]
// CHECK-NEXT: return
func.func @clip(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %l = qonnx.constant dense<-7> : tensor<si8>
  %h = qonnx.constant dense<7> : tensor<si8>
  %q = qonnx.quantize_linear %x, %s axis 1 : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xsi8>
  %c = qonnx.clip %q low %l : (tensor<2x3xsi8>, tensor<si8>) -> tensor<2x3xsi8>
  %d = qonnx.clip %c high %h : (tensor<2x3xsi8>, tensor<si8>) -> tensor<2x3xsi8>
  %y = qonnx.dequantize_linear %d, %s axis 1 : (tensor<2x3xsi8>, tensor<f32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// QuantizeLinear rounds first: codes from 10 to 255 are counted from their zero point, 114.
// CHECK-LABEL: @zero_point_behind
// CHECK: quant.qcast {{.*}} to tensor<2x3x!quant.uniform<i9<-104:141>:f32, 5.000000e-01>>
func.func @zero_point_behind(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<114> : tensor<ui8>
  %l = qonnx.constant dense<10> : tensor<ui8>
  %q = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<2x3xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x3xui8>
  %c = qonnx.clip %q low %l : (tensor<2x3xui8>, tensor<ui8>) -> tensor<2x3xui8>
  %y = qonnx.dequantize_linear %c, %s, %z axis 1 : (tensor<2x3xui8>, tensor<f32>, tensor<ui8>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// An even zero point of int64 is added in float64, where no value moves to a tie.
// CHECK-LABEL: @promoted
// CHECK: quant.qcast {{.*}} to tensor<4x!quant.uniform<i4:f32, 5.000000e-01>>
func.func @promoted(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<8> : tensor<si64>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<si64>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// What is dequantized by another scale goes through the stored integers.
// CHECK-LABEL: @rescaled
// CHECK-NEXT: %[[Q:.*]] = quant.qcast %arg0 : tensor<2x3xf32> to tensor<2x3x!quant.uniform<i9<-1:254>:f32, 5.000000e-01>>
// CHECK-NEXT: %[[I:.*]] = quant.scast %[[Q]] : {{.*}} to tensor<2x3xi9>
// CHECK-NEXT: %[[R:.*]] = quant.scast %[[I]] : tensor<2x3xi9> to tensor<2x3x!quant.uniform<i9<-1:254>:f32, 1.000000e+00:4>>
// CHECK-NEXT: quant.dcast %[[R]]
func.func @rescaled(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<1> : tensor<ui8>
  %t = qonnx.constant dense<1.0> : tensor<f32>
  %u = qonnx.constant dense<5> : tensor<ui8>
  %q = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<2x3xf32>, tensor<f32>, tensor<ui8>) -> tensor<2x3xui8>
  %y = qonnx.dequantize_linear %q, %t, %u axis 1 : (tensor<2x3xui8>, tensor<f32>, tensor<ui8>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

// Constants are codes, whatever the rounding.
// CHECK-LABEL: @weights
// CHECK-NEXT: %[[C:.*]] = arith.constant dense<{{\[\[}}0, -7], [4, 2]]> : tensor<2x2xi4>
// CHECK-NEXT: %[[Q:.*]] = quant.scast %[[C]] : tensor<2x2xi4> to tensor<2x2x!quant.uniform<i4<-7:7>:f32:0, {5.000000e-01,2.500000e-01}>>
// CHECK-NEXT: quant.dcast %[[Q]]
// CHECK-NEXT: return
func.func @weights() -> tensor<2x2xf32> {
  %w = qonnx.constant dense<[[0.3, -5.0], [1.0, 0.6]]> : tensor<2x2xf32>
  %s = qonnx.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %y = qonnx.quant %w, %s, %z, %b floor signed narrow : (tensor<2x2xf32>, tensor<2x1xf32>, tensor<f32>, tensor<f32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

// CHECK-LABEL: @bipolar_weights
// CHECK: arith.constant dense<[1, -1, 1]> : tensor<3xi2>
// CHECK: quant.scast {{.*}} to tensor<3x!quant.uniform<i2<-1:1>:f32, 5.000000e-01>>
func.func @bipolar_weights() -> tensor<3xf32> {
  %w = qonnx.constant dense<[0.3, -5.0, 0.0]> : tensor<3xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %y = qonnx.bipolar_quant %w, %s : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// CHECK-LABEL: @stored_weights
// CHECK: arith.constant dense<[1, -6, 7]> : tensor<3xi4>
// CHECK: quant.scast {{.*}} to tensor<3x!quant.uniform<u4:f32, 5.000000e-01:2>>
func.func @stored_weights() -> tensor<3xf32> {
  %w = qonnx.constant dense<[1, 10, 7]> : tensor<3xui4>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<2> : tensor<ui4>
  %y = qonnx.dequantize_linear %w, %s, %z axis 0 : (tensor<3xui4>, tensor<f32>, tensor<ui4>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// In every region, and each cast where its node was.
// CHECK-LABEL: @nested
// CHECK: scf.if
// CHECK-NEXT: quant.qcast
// CHECK-NEXT: quant.dcast
func.func @nested(%x: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %r = scf.if %c -> tensor<4xf32> {
    %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
    scf.yield %y : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
