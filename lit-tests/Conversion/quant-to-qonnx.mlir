// RUN: qonnx-opt %s --convert-quant-to-qonnx --split-input-file | FileCheck %s
// RUN: qonnx-opt %s --convert-quant-to-qonnx --convert-quant-to-qonnx --split-input-file | FileCheck %s

// CHECK-LABEL: @widths
// CHECK-DAG: %[[S:.*]] = qonnx.constant dense<1.000000e-01> : tensor<f32>
// CHECK-DAG: %[[Z:.*]] = qonnx.constant dense<3.000000e+00> : tensor<f32>
// CHECK-DAG: %[[B:.*]] = qonnx.constant dense<8.000000e+00> : tensor<f32>
// CHECK: qonnx.quant %arg0, %[[S]], %[[Z]], %[[B]] half_even : (tensor<?x4xf32>,
// CHECK: qonnx.quant {{.*}} half_even signed narrow :
func.func @widths(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = quant.qcast %x : tensor<?x4xf32> to tensor<?x4x!quant.uniform<u8:f32, 0.1:3>>
  %1 = quant.dcast %0 : tensor<?x4x!quant.uniform<u8:f32, 0.1:3>> to tensor<?x4xf32>
  %2 = quant.qcast %1 : tensor<?x4xf32> to tensor<?x4x!quant.uniform<i8<-7:7>:f32, 0.1:-1>>
  %3 = quant.dcast %2 : tensor<?x4x!quant.uniform<i8<-7:7>:f32, 0.1:-1>> to tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: @axis
// CHECK-DAG: qonnx.constant dense<{{\[\[\[}}5.000000e-01], [2.500000e-01], [1.250000e-01]]]> : tensor<1x3x1xf32>
// CHECK-DAG: qonnx.constant dense<{{\[\[\[}}0.000000e+00], [1.000000e+00], [0.000000e+00]]]> : tensor<1x3x1xf32>
// CHECK: qonnx.quant
func.func @axis(%x: tensor<2x3x?xf32>) -> tensor<2x3x?xf32> {
  %q = quant.qcast %x : tensor<2x3x?xf32> to tensor<2x3x?x!quant.uniform<i4:f32:1, {0.5,0.25:1,0.125}>>
  %y = quant.dcast %q : tensor<2x3x?x!quant.uniform<i4:f32:1, {0.5,0.25:1,0.125}>> to tensor<2x3x?xf32>
  return %y : tensor<2x3x?xf32>
}

// -----

// CHECK-LABEL: @blocks
// CHECK-DAG: qonnx.constant dense<{{\[\[}}5.000000e-01, 5.000000e-01, 2.500000e-01, 2.500000e-01]]> : tensor<1x4xf32>
// CHECK-DAG: qonnx.constant dense<{{\[\[}}2.000000e+02, 2.000000e+02, 0.000000e+00, 0.000000e+00]]> : tensor<1x4xf32>
// CHECK: qonnx.quant
func.func @blocks(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %q = quant.qcast %x : tensor<2x4xf32> to tensor<2x4x!quant.uniform<u8:f32:{1:2}, {{0.5:200, 0.25}}>>
  %y = quant.dcast %q : tensor<2x4x!quant.uniform<u8:f32:{1:2}, {{0.5:200, 0.25}}>> to tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

// Limits of no width: Clip of codes, in a type of ONNX.
// CHECK-LABEL: @limits
// CHECK: %[[Q:.*]] = qonnx.quantize_linear %arg0, {{.*}} : {{.*}} -> tensor<4xsi8>
// CHECK-DAG: %[[L:.*]] = qonnx.constant dense<-5> : tensor<si8>
// CHECK-DAG: %[[H:.*]] = qonnx.constant dense<4> : tensor<si8>
// CHECK: %[[C:.*]] = qonnx.clip %[[Q]] low %[[L]] high %[[H]]
// CHECK: qonnx.dequantize_linear %[[C]]
func.func @limits(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i5<-5:4>:f32, 0.5>>
  %y = quant.dcast %q : tensor<4x!quant.uniform<i5<-5:4>:f32, 0.5>> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// With a zero point that is added before rounding: the values of the limits, in front.
// CHECK-LABEL: @limits_and_zero_points
// CHECK: %[[L:.*]] = qonnx.constant dense<{{\[\[}}-4.000000e+00, -1.250000e+00]]> : tensor<1x2xf32>
// CHECK: %[[A:.*]] = qonnx.max %arg0, %[[L]]
// CHECK: %[[H:.*]] = qonnx.constant dense<{{\[\[}}4.850000e+01, 2.500000e+01]]> : tensor<1x2xf32>
// CHECK: %[[B:.*]] = qonnx.min %[[A]], %[[H]]
// CHECK: qonnx.quant %[[B]], {{.*}} half_even signed :
func.func @limits_and_zero_points(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %q = quant.qcast %x : tensor<3x2xf32> to tensor<3x2x!quant.uniform<i8<-5:100>:f32:1, {0.5:3, 0.25}>>
  %y = quant.dcast %q : tensor<3x2x!quant.uniform<i8<-5:100>:f32:1, {0.5:3, 0.25}>> to tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// CHECK-LABEL: @weights
// CHECK-DAG: %[[W:.*]] = qonnx.constant dense<[15, 2, 9]> : tensor<3xui4>
// CHECK-DAG: %[[Z:.*]] = qonnx.constant dense<2> : tensor<ui4>
// CHECK: qonnx.dequantize_linear %[[W]], %{{.*}}, %[[Z]]
func.func @weights() -> tensor<3xf32> {
  %c = arith.constant dense<[-1, 2, -7]> : tensor<3xi4>
  %q = quant.scast %c : tensor<3xi4> to tensor<3x!quant.uniform<u4:f32, 0.5:2>>
  %y = quant.dcast %q : tensor<3x!quant.uniform<u4:f32, 0.5:2>> to tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

// Codes of a function, as `strip-func-quant-types` leaves them and as it finds them.
// CHECK-LABEL: func.func @codes(
// CHECK-SAME: %[[I:.*]]: tensor<2xui4>, %[[Q:.*]]: tensor<2xsi8>, %[[X:.*]]: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xsi8>, tensor<2xui4>)
// CHECK: %[[A:.*]] = qonnx.dequantize_linear %[[I]]
// CHECK: %[[B:.*]] = qonnx.dequantize_linear %[[Q]]
// CHECK: %[[C:.*]] = qonnx.quantize_linear %[[X]]
// CHECK: return %[[A]], %[[B]], %[[C]], %[[I]]
func.func @codes(%i: tensor<2xi4>, %q: tensor<2x!quant.uniform<i8:f32, 0.5:3>>, %x: tensor<2xf32>)
    -> (tensor<2xf32>, tensor<2xf32>, tensor<2x!quant.uniform<i8:f32, 0.5>>, tensor<2xi4>) {
  %0 = quant.scast %i : tensor<2xi4> to tensor<2x!quant.uniform<u4:f32, 0.1:15>>
  %a = quant.dcast %0 : tensor<2x!quant.uniform<u4:f32, 0.1:15>> to tensor<2xf32>
  %b = quant.dcast %q : tensor<2x!quant.uniform<i8:f32, 0.5:3>> to tensor<2xf32>
  %c = quant.qcast %x : tensor<2xf32> to tensor<2x!quant.uniform<i8:f32, 0.5>>
  %j = quant.scast %0 : tensor<2x!quant.uniform<u4:f32, 0.1:15>> to tensor<2xi4>
  return %a, %b, %c, %j : tensor<2xf32>, tensor<2xf32>, tensor<2x!quant.uniform<i8:f32, 0.5>>, tensor<2xi4>
}

// -----

// The way from a float to codes with a zero point that is added before rounding: by way of the value.
// CHECK-LABEL: @codes_before_rounding
// CHECK: %[[V:.*]] = qonnx.quant %arg0
// CHECK: %[[Q:.*]] = qonnx.quantize_linear %[[V]]
// CHECK: return %[[Q]] : tensor<2xsi8>
func.func @codes_before_rounding(%x: tensor<2xf32>) -> tensor<2xi8> {
  %q = quant.qcast %x : tensor<2xf32> to tensor<2x!quant.uniform<i8:f32, 0.5:3>>
  %i = quant.scast %q : tensor<2x!quant.uniform<i8:f32, 0.5:3>> to tensor<2xi8>
  return %i : tensor<2xi8>
}
