// RUN: qonnx-opt %s --qonnx-quant-to-qcdq --split-input-file --verify-diagnostics

func.func @rounding(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{rounds by FLOOR, QuantizeLinear half to even; the flavour qonnx keeps it as it is}}
  %y = qonnx.quant %x, %s, %z, %b floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @odd_zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %z = qonnx.constant dense<7> : tensor<si64>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{adds its odd zero point 7 in float64 before it rounds}}
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<si64>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @double_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.75> : tensor<f64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{divides in float64, QuantizeLinear in float32}}
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f64>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @width(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.5> : tensor<f32>
  // expected-error @below {{has 4.5 bits, expected a whole number from 1 to 16}}
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @two_axes(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %s = qonnx.constant dense<0.3> : tensor<2x2xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a scale of shape [2, 2], expected one value or one axis of [2, 2]}}
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<f32>, tensor<f32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

func.func @bipolar(%x: tensor<2xf32>) -> tensor<2xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  // expected-error @below {{is not of the form QuantizeLinear, Clip, DequantizeLinear}}
  %y = qonnx.bipolar_quant %x, %s : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
