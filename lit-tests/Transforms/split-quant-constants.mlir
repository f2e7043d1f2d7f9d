// RUN: qonnx-opt %s --qonnx-split-quant | FileCheck %s

// Quantizers of constants become integers and one unscale.

// 0.6/0.25 is 2.4 and rounds to 2; -5/0.25 saturates at -8; 0.375/0.25 is 1.5 and -0.625/0.25
// is -2.5: both round to the even neighbour, 2 and -2.
// CHECK-LABEL: func @weights
func.func @weights() -> tensor<2x2xf32> {
  %w = qonnx.constant dense<[[0.6, -5.0], [0.375, -0.625]]> : tensor<2x2xf32>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: %[[Q:.*]] = hls.constant dense<{{\[}}[2, -8], [2, -2]]> : tensor<2x2xsi4>
  // CHECK: %[[S:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[Y:.*]] = qonnx.unscale %[[Q]] by (%[[S]])
  // CHECK: return %[[Y]]
  %0 = qonnx.quant %w, %s, %z, %b half_even signed : (tensor<2x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// Only as many bits as the codes take.
// CHECK-LABEL: func @narrowest_type
func.func @narrowest_type() -> tensor<3xf32> {
  %w = qonnx.constant dense<[1.0, 0.0, 2.0]> : tensor<3xf32>
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<8.0> : tensor<f32>
  // CHECK: hls.constant dense<[1, 0, 2]> : tensor<3xui2>
  %0 = qonnx.quant %w, %s, %z, %b half_even signed : (tensor<3xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: func @weights_per_channel
func.func @weights_per_channel() -> tensor<2x2xf32> {
  %w = qonnx.constant dense<[[0.5, 0.5], [-1.0, -1.0]]> : tensor<2x2xf32>
  %s = qonnx.constant dense<[[0.5, 0.25]]> : tensor<1x2xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: %[[Q:.*]] = hls.constant dense<{{\[}}[1, 2], [-2, -4]]> : tensor<2x2xsi3>
  // CHECK: %[[S:.*]] = qonnx.constant dense<{{\[}}[5.000000e-01, 2.500000e-01]]> : tensor<1x2xf32>
  // CHECK: qonnx.unscale %[[Q]] by (%[[S]])
  %0 = qonnx.quant %w, %s, %z, %b half_even signed : (tensor<2x2xf32>, tensor<1x2xf32>, tensor<f32>, tensor<f32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// The zero point is subtracted at compile time: the codes are 5 and 0, less 3.
// CHECK-LABEL: func @weights_with_a_zero_point
func.func @weights_with_a_zero_point() -> tensor<2xf32> {
  %w = qonnx.constant dense<[0.5, -4.0]> : tensor<2xf32>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<3.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // CHECK: hls.constant dense<[2, -3]> : tensor<2xsi3>
  // CHECK-NOT: hls.sub
  %0 = qonnx.quant %w, %s, %z, %b half_even : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// 0 counts as positive, and so does -0.
// CHECK-LABEL: func @bipolar_weights
func.func @bipolar_weights() -> tensor<4xf32> {
  %w = qonnx.constant dense<[0.1, -0.1, 0.0, -0.0]> : tensor<4xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  // CHECK: hls.constant dense<[1, -1, 1, 1]> : tensor<4xsi2>
  %0 = qonnx.bipolar_quant %w, %s : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @bias_of_one_signed_bit
func.func @bias_of_one_signed_bit() -> tensor<2xf32> {
  %w = qonnx.constant dense<[3.0, -3.0]> : tensor<2xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<1.0> : tensor<f32>
  // CHECK: hls.constant dense<[1, -1]> : tensor<2xsi2>
  %0 = qonnx.quant %w, %s, %z, %b half_even signed : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// Integer weights in the file, as QCDQ stores them: 5 - 2 and 0 - 2.
// CHECK-LABEL: func @dequantized_weights
func.func @dequantized_weights() -> tensor<2xf32> {
  %w = qonnx.constant dense<[5, 0]> : tensor<2xui8>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<2> : tensor<ui8>
  // CHECK: hls.constant dense<[3, -2]> : tensor<2xsi3>
  // CHECK-NOT: hls.sub
  %0 = qonnx.dequantize_linear %w, %s, %z axis 0 : (tensor<2xui8>, tensor<f32>, tensor<ui8>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// QuantizeLinear, Clip and DequantizeLinear of float weights: 20, clipped to 7, and -2.5 to
// the even -2.
// CHECK-LABEL: func @quantized_and_clipped_weights
func.func @quantized_and_clipped_weights() -> tensor<2xf32> {
  %w = qonnx.constant dense<[10.0, -1.25]> : tensor<2xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0> : tensor<si8>
  %low = qonnx.constant dense<-8> : tensor<si8>
  %high = qonnx.constant dense<7> : tensor<si8>
  // CHECK: hls.constant dense<[7, -2]> : tensor<2xsi4>
  %0 = qonnx.quantize_linear %w, %s, %z axis 0 : (tensor<2xf32>, tensor<f32>, tensor<si8>) -> tensor<2xsi8>
  %1 = qonnx.clip %0 low %low high %high : (tensor<2xsi8>, tensor<si8>, tensor<si8>) -> tensor<2xsi8>
  %2 = qonnx.dequantize_linear %1, %s, %z axis 0 : (tensor<2xsi8>, tensor<f32>, tensor<si8>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}
