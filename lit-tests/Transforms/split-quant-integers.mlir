// RUN: qonnx-opt %s --qonnx-split-quant | FileCheck %s

// What moves codes moves the floats that they are; the codes come back as they went.
// CHECK-LABEL: func @view
// CHECK-SAME: (%[[Q:.*]]: tensor<2x3xui8>)
func.func @view(%q: tensor<2x3xui8>) -> tensor<6xui8> {
  // CHECK: %[[X:.*]] = qonnx.unscale %[[Q]] by () : (tensor<2x3xui8>) -> tensor<2x3xf32>
  // CHECK: %[[V:.*]] = qonnx.view %[[X]] : (tensor<2x3xf32>) -> tensor<6xf32>
  // CHECK: %[[C:.*]] = qonnx.quantize %[[V]] half_even in [0.000000e+00, 2.550000e+02] : (tensor<6xf32>) -> tensor<6xui8>
  // CHECK: return %[[C]]
  %0 = qonnx.view %q : (tensor<2x3xui8>) -> tensor<6xui8>
  return %0 : tensor<6xui8>
}

// Indices and axes stay integers.
// CHECK-LABEL: func @selected
func.func @selected(%q: tensor<2x3xsi4>) -> (tensor<2x2xsi4>, tensor<2x1xsi4>) {
  %i = qonnx.constant dense<[2, 0]> : tensor<2xsi64>
  %a = qonnx.constant dense<1> : tensor<1xsi64>
  // CHECK: qonnx.gather %{{.*}}, %{{.*}} axis 1 : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<2x2xf32>
  // CHECK: qonnx.quantize %{{.*}} half_even in [-8.000000e+00, 7.000000e+00] : (tensor<2x2xf32>) -> tensor<2x2xsi4>
  %0 = qonnx.gather %q, %i axis 1 : (tensor<2x3xsi4>, tensor<2xsi64>) -> tensor<2x2xsi4>
  // CHECK: qonnx.reduce max %{{.*}} axes %{{.*}} keep_dims : (tensor<2x3xf32>, tensor<1xsi64>) -> tensor<2x1xf32>
  %1 = qonnx.reduce max %q axes %a keep_dims : (tensor<2x3xsi4>, tensor<1xsi64>) -> tensor<2x1xsi4>
  return %0, %1 : tensor<2x2xsi4>, tensor<2x1xsi4>
}

// Constants become floats with them.
// CHECK-LABEL: func @with_constants
func.func @with_constants(%q: tensor<2xui8>) -> (tensor<2xui8>, tensor<4xui8>) {
  %p = qonnx.constant dense<1> : tensor<2xsi64>
  %c = qonnx.constant dense<7> : tensor<ui8>
  // CHECK: %[[C:.*]] = qonnx.constant dense<7.000000e+00> : tensor<f32>
  // CHECK: qonnx.max %{{.*}}, %[[C]] : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %0 = qonnx.max %q, %c : (tensor<2xui8>, tensor<ui8>) -> tensor<2xui8>
  // CHECK: %[[D:.*]] = qonnx.constant dense<7.000000e+00> : tensor<f32>
  // CHECK: qonnx.pad constant %{{.*}}, %{{.*}} value %[[D]] : (tensor<2xf32>, tensor<2xsi64>, tensor<f32>) -> tensor<4xf32>
  %1 = qonnx.pad constant %q, %p value %c : (tensor<2xui8>, tensor<2xsi64>, tensor<ui8>) -> tensor<4xui8>
  return %0, %1 : tensor<2xui8>, tensor<4xui8>
}

// A sum of codes as a float: any width, rounded once.
// CHECK-LABEL: func @cast
func.func @cast(%q: tensor<2xsi32>) -> tensor<2xf32> {
  // CHECK: %[[X:.*]] = qonnx.unscale %{{.*}} by () : (tensor<2xsi32>) -> tensor<2xf32>
  // CHECK: return %[[X]]
  %0 = qonnx.cast %q : (tensor<2xsi32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// What float32 does not hold stays: wide integers, indices, conversions that wrap around.
// CHECK-LABEL: func @left
func.func @left(%q: tensor<2x3xsi32>, %i: tensor<2xsi64>) -> (tensor<6xsi32>, tensor<2xf32>, tensor<2x3xsi8>) {
  // CHECK-NOT: qonnx.unscale
  // CHECK: return
  %0 = qonnx.view %q : (tensor<2x3xsi32>) -> tensor<6xsi32>
  %1 = qonnx.cast %i : (tensor<2xsi64>) -> tensor<2xf32>
  %2 = qonnx.cast %q : (tensor<2x3xsi32>) -> tensor<2x3xsi8>
  return %0, %1, %2 : tensor<6xsi32>, tensor<2xf32>, tensor<2x3xsi8>
}
