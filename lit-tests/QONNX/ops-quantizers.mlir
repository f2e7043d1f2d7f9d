// RUN: qonnx-opt %s | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --mlir-print-op-generic | qonnx-opt | FileCheck %s

// CHECK-LABEL: func @quant
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[S:.*]]: tensor<f32>, %[[Z:.*]]: tensor<f32>, %[[B:.*]]: tensor<f32>)
func.func @quant(%x: tensor<1x4xf32>, %s: tensor<f32>, %z: tensor<f32>, %b: tensor<f32>) {
  // CHECK: qonnx.quant %[[X]], %[[S]], %[[Z]], %[[B]] half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: qonnx.quant {{.*}} half_even signed : (
  %1 = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: qonnx.quant {{.*}} half_even narrow : (
  %2 = qonnx.quant %x, %s, %z, %b half_even narrow : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: qonnx.quant {{.*}} half_even signed narrow : (
  %3 = qonnx.quant %x, %s, %z, %b half_even signed narrow : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return
}

// CHECK-LABEL: func @quant_of_width_known
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[S:.*]]: tensor<1x4xf32>)
func.func @quant_of_width_known(%x: tensor<1x4xf32>, %s: tensor<1x4xf32>) -> tensor<1x4xf32> {
  // CHECK: %[[Z:.*]] = qonnx.constant dense<0.000000e+00>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  // CHECK: %[[B:.*]] = qonnx.constant dense<2.500000e+00>
  %b = qonnx.constant dense<2.5> : tensor<1xf32>
  // CHECK: qonnx.quant %[[X]], %[[S]], %[[Z]], %[[B]] half_even : (
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<1x4xf32>, tensor<f32>, tensor<1xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// CHECK-LABEL: func @rounding_modes
func.func @rounding_modes(%x: tensor<4xf32>, %s: tensor<f32>) {
  // CHECK: quant {{.*}} half_even : (
  %0 = qonnx.quant %x, %s, %s, %s half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: quant {{.*}} ceil : (
  %1 = qonnx.quant %x, %s, %s, %s ceil : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: quant {{.*}} floor : (
  %2 = qonnx.quant %x, %s, %s, %s floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: quant {{.*}} up : (
  %3 = qonnx.quant %x, %s, %s, %s up : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: quant {{.*}} down : (
  %4 = qonnx.quant %x, %s, %s, %s down : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: quant {{.*}} half_up : (
  %5 = qonnx.quant %x, %s, %s, %s half_up : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: quant {{.*}} half_down : (
  %6 = qonnx.quant %x, %s, %s, %s half_down : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return
}

// CHECK-LABEL: func @bipolar_quant
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[S:.*]]: tensor<f32>)
func.func @bipolar_quant(%x: tensor<4xf32>, %s: tensor<f32>) -> tensor<4xf32> {
  // CHECK: qonnx.bipolar_quant %[[X]], %[[S]] : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %0 = qonnx.bipolar_quant %x, %s : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @multi_threshold
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[T:.*]]: tensor<4x3xf32>, %[[ONE:.*]]: tensor<1x3xf32>)
func.func @multi_threshold(%x: tensor<1x4xf32>, %t: tensor<4x3xf32>, %one: tensor<1x3xf32>) {
  // CHECK: qonnx.multi_threshold %[[X]], %[[T]] scale 5.000000e-01 bias -1.000000e+00 axis 1 : (tensor<1x4xf32>, tensor<4x3xf32>) -> tensor<1x4xf32>
  %0 = qonnx.multi_threshold %x, %t scale 0.5 bias -1.0 axis 1 : (tensor<1x4xf32>, tensor<4x3xf32>) -> tensor<1x4xf32>
  // CHECK: qonnx.multi_threshold %[[X]], %[[ONE]] {{.*}} axis -1 : (
  %1 = qonnx.multi_threshold %x, %one scale 1.0 bias 0.0 axis -1 : (tensor<1x4xf32>, tensor<1x3xf32>) -> tensor<1x4xf32>
  return
}

// CHECK-LABEL: func @quantize_linear
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[S:.*]]: tensor<f32>, %[[Z:.*]]: tensor<ui8>)
func.func @quantize_linear(%x: tensor<1x4xf32>, %s: tensor<f32>, %z: tensor<ui8>) {
  // CHECK: qonnx.quantize_linear %[[X]], %[[S]] axis 1 : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xui8>
  %0 = qonnx.quantize_linear %x, %s axis 1 : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xui8>
  // CHECK: qonnx.quantize_linear %[[X]], %[[S]], %[[Z]] axis 1 : (tensor<1x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x4xui8>
  %1 = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<1x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x4xui8>
  return
}

// CHECK-LABEL: func @dequantize_linear
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xui8>, %[[S:.*]]: tensor<4xf32>, %[[Z:.*]]: tensor<4xui8>)
func.func @dequantize_linear(%x: tensor<1x4xui8>, %s: tensor<4xf32>, %z: tensor<4xui8>) {
  // CHECK: qonnx.dequantize_linear %[[X]], %[[S]] axis 1 : (tensor<1x4xui8>, tensor<4xf32>) -> tensor<1x4xf32>
  %0 = qonnx.dequantize_linear %x, %s axis 1 : (tensor<1x4xui8>, tensor<4xf32>) -> tensor<1x4xf32>
  // CHECK: qonnx.dequantize_linear %[[X]], %[[S]], %[[Z]] axis 1 : (
  %1 = qonnx.dequantize_linear %x, %s, %z axis 1 : (tensor<1x4xui8>, tensor<4xf32>, tensor<4xui8>) -> tensor<1x4xf32>
  return
}

// CHECK-LABEL: func @quantize
// CHECK-SAME: (%[[X:.*]]: tensor<1x64xf32>)
func.func @quantize(%x: tensor<1x64xf32>) {
  // CHECK: qonnx.quantize %[[X]] half_even in [0.000000e+00, 1.500000e+01] : (tensor<1x64xf32>) -> tensor<1x64xui4>
  %0 = qonnx.quantize %x half_even in [0.0, 15.0] : (tensor<1x64xf32>) -> tensor<1x64xui4>
  // CHECK: qonnx.quantize %[[X]] floor in [-8.000000e+00, 7.000000e+00] exponent -3 : (tensor<1x64xf32>) -> tensor<1x64xsi4>
  %1 = qonnx.quantize %x floor in [-8.0, 7.0] exponent -3 : (tensor<1x64xf32>) -> tensor<1x64xsi4>
  return
}

// A width that is no integer: 15.5 rounds down in most modes.
// CHECK-LABEL: func @quantize_to_a_limit_between_integers
func.func @quantize_to_a_limit_between_integers(%x: tensor<4xf32>) -> tensor<4xui4> {
  // CHECK: qonnx.quantize %{{.*}} floor in [0.000000e+00, 1.550000e+01] :
  %0 = qonnx.quantize %x floor in [0.0, 15.5] : (tensor<4xf32>) -> tensor<4xui4>
  return %0 : tensor<4xui4>
}

// CHECK-LABEL: func @quantize_minifloat
// CHECK-SAME: (%[[X:.*]]: tensor<1x64xf32>)
func.func @quantize_minifloat(%x: tensor<1x64xf32>) {
  // CHECK: qonnx.quantize_minifloat %[[X]] half_even mantissa 3 least -9 maximum 4.800000e+02 saturate : (tensor<1x64xf32>) -> tensor<1x64xsi19>
  %0 = qonnx.quantize_minifloat %x half_even mantissa 3 least -9 maximum 480.0 saturate : (tensor<1x64xf32>) -> tensor<1x64xsi19>
  // CHECK: qonnx.quantize_minifloat %[[X]] down mantissa 0 least 2 maximum 2.800000e+01 : (tensor<1x64xf32>) -> tensor<1x64xsi4>
  %1 = qonnx.quantize_minifloat %x down mantissa 0 least 2 maximum 28.0 : (tensor<1x64xf32>) -> tensor<1x64xsi4>
  return
}

// CHECK-LABEL: func @binarize
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @binarize(%x: tensor<4xf32>) {
  // CHECK: qonnx.binarize %[[X]] : (tensor<4xf32>) -> tensor<4xsi2>
  %0 = qonnx.binarize %x : (tensor<4xf32>) -> tensor<4xsi2>
  // CHECK: qonnx.binarize %[[X]] exponent 1 : (tensor<4xf32>) -> tensor<4xsi2>
  %1 = qonnx.binarize %x exponent 1 : (tensor<4xf32>) -> tensor<4xsi2>
  return
}

// CHECK-LABEL: func @count_thresholds
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[T:.*]]: tensor<4x3xf32>)
func.func @count_thresholds(%x: tensor<1x4xf32>, %t: tensor<4x3xf32>) {
  // CHECK: qonnx.count_thresholds %[[X]], %[[T]] axis 1 : (tensor<1x4xf32>, tensor<4x3xf32>) -> tensor<1x4xui2>
  %0 = qonnx.count_thresholds %x, %t axis 1 : (tensor<1x4xf32>, tensor<4x3xf32>) -> tensor<1x4xui2>
  // CHECK: qonnx.count_thresholds %[[X]], %[[T]] axis 1 exponent -2 : (
  %1 = qonnx.count_thresholds %x, %t axis 1 exponent -2 : (tensor<1x4xf32>, tensor<4x3xf32>) -> tensor<1x4xui2>
  return
}

// CHECK-LABEL: func @unscale
// CHECK-SAME: (%[[Q:.*]]: tensor<1x32xsi10>, %[[S:.*]]: tensor<f32>, %[[T:.*]]: tensor<1x32xf32>)
func.func @unscale(%q: tensor<1x32xsi10>, %s: tensor<f32>, %t: tensor<1x32xf32>) {
  // CHECK: qonnx.unscale %[[Q]] by () : (tensor<1x32xsi10>) -> tensor<1x32xf32>
  %0 = qonnx.unscale %q by () : (tensor<1x32xsi10>) -> tensor<1x32xf32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[S]]) : (tensor<1x32xsi10>, tensor<f32>) -> tensor<1x32xf32>
  %1 = qonnx.unscale %q by (%s) : (tensor<1x32xsi10>, tensor<f32>) -> tensor<1x32xf32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[S]], %[[T]]) : (tensor<1x32xsi10>, tensor<f32>, tensor<1x32xf32>) -> tensor<1x32xf32>
  %2 = qonnx.unscale %q by (%s, %t) : (tensor<1x32xsi10>, tensor<f32>, tensor<1x32xf32>) -> tensor<1x32xf32>
  return
}

// CHECK-LABEL: func @trunc
func.func @trunc(%x: tensor<1x4xf32>, %p: tensor<f32>) {
  // CHECK: qonnx.trunc %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} floor : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %0 = qonnx.trunc %x, %p, %p, %p, %p floor : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: qonnx.trunc_to_scale %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} half_even signed narrow :
  %1 = qonnx.trunc_to_scale %x, %p, %p, %p, %p, %p half_even signed narrow : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: qonnx.trunc_to_scale %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} down :
  %2 = qonnx.trunc_to_scale %x, %p, %p, %p, %p, %p down : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return
}

// CHECK-LABEL: func @float_quant
func.func @float_quant(%x: tensor<1x4xf32>, %p: tensor<f32>) {
  // CHECK: qonnx.float_quant %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} half_even inf nan saturate :
  %0 = qonnx.float_quant %x, %p, %p, %p, %p, %p half_even inf nan saturate : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  // CHECK: qonnx.float_quant %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} down :
  %1 = qonnx.float_quant %x, %p, %p, %p, %p, %p down : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return
}
