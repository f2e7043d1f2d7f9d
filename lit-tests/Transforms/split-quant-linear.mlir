// RUN: qonnx-opt %s --qonnx-split-quant | FileCheck %s

// ONNX's own quantizers: QuantizeLinear rounds before it adds the zero point.

// CHECK-LABEL: func @quantize_and_dequantize
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @quantize_and_dequantize(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %s = qonnx.constant dense<0.125> : tensor<f32>
  %z = qonnx.constant dense<0> : tensor<si8>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]],
  // CHECK: %[[Q:.*]] = qonnx.quantize %[[D]] half_even in [-1.280000e+02, 1.270000e+02] exponent -3 : (tensor<1x4xf32>) -> tensor<1x4xsi8>
  // CHECK: %[[Y:.*]] = qonnx.unscale %[[Q]] by
  // CHECK: return %[[Y]]
  %0 = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<1x4xf32>, tensor<f32>, tensor<si8>) -> tensor<1x4xsi8>
  %1 = qonnx.dequantize_linear %0, %s, %z axis 1 : (tensor<1x4xsi8>, tensor<f32>, tensor<si8>) -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// CHECK-LABEL: func @zero_point
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @zero_point(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %s = qonnx.constant dense<0.125> : tensor<f32>
  %z = qonnx.constant dense<128> : tensor<ui8>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]],
  // CHECK: %[[R:.*]] = qonnx.round %[[D]]
  // CHECK: %[[Z:.*]] = qonnx.constant dense<1.280000e+02> : tensor<f32>
  // CHECK: %[[A:.*]] = qonnx.add %[[R]], %[[Z]]
  // CHECK: %[[Q:.*]] = qonnx.quantize %[[A]] half_even in [0.000000e+00, 2.550000e+02] : (tensor<1x4xf32>) -> tensor<1x4xui8>
  // CHECK: %[[K:.*]] = hls.constant dense<128> : tensor<ui8>
  // CHECK: %[[N:.*]] = hls.sub %[[Q]], %[[K]] : (tensor<1x4xui8>, tensor<ui8>) -> tensor<1x4xsi8>
  // CHECK: qonnx.unscale %[[N]] by
  %0 = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<1x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x4xui8>
  %1 = qonnx.dequantize_linear %0, %s, %z axis 1 : (tensor<1x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}

// A Clip between the two is how QCDQ writes fewer than 8 bits.
// CHECK-LABEL: func @clip
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>)
func.func @clip(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %s = qonnx.constant dense<0.125> : tensor<f32>
  %z = qonnx.constant dense<0> : tensor<si8>
  %low = qonnx.constant dense<-8> : tensor<si8>
  %high = qonnx.constant dense<7> : tensor<si8>
  // CHECK: %[[D:.*]] = qonnx.div %[[X]],
  // CHECK-NOT: qonnx.quantize
  // CHECK: %[[Q:.*]] = qonnx.quantize %[[D]] half_even in [-8.000000e+00, 7.000000e+00] exponent -3 : (tensor<1x4xf32>) -> tensor<1x4xsi4>
  // CHECK-NOT: qonnx.clip
  // CHECK: qonnx.unscale %[[Q]] by {{.*}} : (tensor<1x4xsi4>, tensor<f32>) -> tensor<1x4xf32>
  %0 = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<1x4xf32>, tensor<f32>, tensor<si8>) -> tensor<1x4xsi8>
  %1 = qonnx.clip %0 low %low high %high : (tensor<1x4xsi8>, tensor<si8>, tensor<si8>) -> tensor<1x4xsi8>
  %2 = qonnx.dequantize_linear %1, %s, %z axis 1 : (tensor<1x4xsi8>, tensor<f32>, tensor<si8>) -> tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}

// CHECK-LABEL: func @clip_with_one_bound
func.func @clip_with_one_bound(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %s = qonnx.constant dense<0.125> : tensor<f32>
  %z = qonnx.constant dense<0> : tensor<ui8>
  %high = qonnx.constant dense<7> : tensor<ui8>
  // CHECK: qonnx.quantize {{.*}} in [0.000000e+00, 7.000000e+00] exponent -3 : (tensor<1x4xf32>) -> tensor<1x4xui3>
  %0 = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<1x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x4xui8>
  %1 = qonnx.clip %0 high %high : (tensor<1x4xui8>, tensor<ui8>) -> tensor<1x4xui8>
  %2 = qonnx.dequantize_linear %1, %s, %z axis 1 : (tensor<1x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x4xf32>
  return %2 : tensor<1x4xf32>
}

// A Clip of floats is an activation and stays.
// CHECK-LABEL: func @clip_of_floats
func.func @clip_of_floats(%x: tensor<4xf32>, %low: tensor<f32>) -> tensor<4xf32> {
  // CHECK: qonnx.clip
  %0 = qonnx.clip %x low %low : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// The vector lies along the axis, here the first of two.
// CHECK-LABEL: func @scale_along_an_axis
func.func @scale_along_an_axis(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %z = qonnx.constant dense<[0, 1]> : tensor<2xsi8>
  // CHECK: qonnx.div {{.*}} : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.add {{.*}} : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  // CHECK: %[[Z:.*]] = hls.constant dense<{{\[}}[false], [true]]> : tensor<2x1xui1>
  // CHECK: hls.sub %{{.*}}, %[[Z]] : (tensor<2x3xsi8>, tensor<2x1xui1>) -> tensor<2x3xsi9>
  // CHECK: qonnx.unscale {{.*}} : (tensor<2x3xsi9>, tensor<2x1xf32>) -> tensor<2x3xf32>
  %0 = qonnx.quantize_linear %x, %s, %z axis 0 : (tensor<2x3xf32>, tensor<2xf32>, tensor<2xsi8>) -> tensor<2x3xsi8>
  %1 = qonnx.dequantize_linear %0, %s, %z axis -2 : (tensor<2x3xsi8>, tensor<2xf32>, tensor<2xsi8>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// One an element, as blocks along an axis are written out.
// CHECK-LABEL: func @scale_an_element
func.func @scale_an_element(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %s = qonnx.constant dense<[[0.5, 0.5, 0.25], [1.0, 1.0, 2.0]]> : tensor<2x3xf32>
  %z = qonnx.constant dense<[[0, 0, 1], [2, 2, 3]]> : tensor<2x3xsi8>
  // CHECK: qonnx.div {{.*}} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: hls.sub {{.*}} : (tensor<2x3xsi8>, tensor<2x3xui2>) -> tensor<2x3xsi9>
  // CHECK: qonnx.unscale {{.*}} : (tensor<2x3xsi9>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %0 = qonnx.quantize_linear %x, %s, %z axis 0 : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xsi8>) -> tensor<2x3xsi8>
  %1 = qonnx.dequantize_linear %0, %s, %z axis 0 : (tensor<2x3xsi8>, tensor<2x3xf32>, tensor<2x3xsi8>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}
