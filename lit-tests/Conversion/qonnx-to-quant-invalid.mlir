// RUN: qonnx-opt %s --convert-qonnx-to-quant --split-input-file --verify-diagnostics

func.func @rounding(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{rounds by HALF_UP; quant.qcast is taken as half to even}}
  %y = qonnx.quant %x, %s, %z, %b half_up signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @one_bit(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<1.0> : tensor<f32>
  // expected-error @below {{has one signed bit, -1 and 1: no !quant.uniform leaves out the code between}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @fraction_of_bits(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<2.5> : tensor<f32>
  // expected-error @below {{has 2.5 bits, expected a whole number from 1 to 32}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @too_many_bits(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<33.0> : tensor<f32>
  // expected-error @below {{has 33 bits, expected a whole number from 1 to 32}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @one_code(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<1.0> : tensor<f32>
  // expected-error @below {{has no code but 0: no !quant.uniform has a single one}}
  %y = qonnx.quant %x, %s, %z, %b half_even narrow : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @zero_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a scale of 0, expected a positive number that float32 holds}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @negative_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<[0.5, 0.5, -0.25, 0.5]> : tensor<4xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a scale of -0.25, expected a positive}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @infinite_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0x7F800000> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a scale of inf, expected a positive}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @nan_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0x7FC00000> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a scale of NaN, expected a positive}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @double_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a scale of 0.3, expected a positive number that float32 holds}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f64>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @computed_in_double(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.75> : tensor<f64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{computes in float64, quant.qcast in float32}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f64>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @fraction_as_zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<2.5> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a zero point of 2.5, expected an integer}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @zero_point_of_nan(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0x7FC00000> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a zero point of NaN, expected an integer}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @far_zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<4.294967e+09> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has codes of 33 bits, expected up to 32}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @odd_zero_point_in_double(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<7> : tensor<si64>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{adds its odd zero point 7 in float64, quant.qcast in float32}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<f32>, tensor<si64>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @enlarged(%x: tensor<4xf32>) -> tensor<2x4xf32> {
  %s = qonnx.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{makes tensor<2x4xf32> of tensor<4xf32>, expected the same type}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf32>, tensor<2x1xf32>, tensor<f32>, tensor<f32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

func.func @unknown_shape(%x: tensor<?xf32>) -> tensor<?xf32> {
  %s = qonnx.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has more than one scale and a shape that is not known: run qonnx-infer-shapes first}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<?xf32>, tensor<2xf32>, tensor<f32>, tensor<f32>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @half(%x: tensor<4xf16>) -> tensor<4xf16> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{is of another type than float32}}
  %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<4xf16>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf16>
  return %y : tensor<4xf16>
}

// -----

func.func @dynamic_scale(%x: tensor<4xf32>, %s: tensor<f32>) -> tensor<4xf32> {
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a scale that is not constant, which no type holds: run qonnx-fold-constants first}}
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// All at once.
func.func @others(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{gives -1 and 1 alone: no !quant.uniform leaves out the code between}}
  %0 = qonnx.bipolar_quant %x, %s : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  // expected-error @below {{rounds twice, quant.qcast once: keep it in the qonnx dialect}}
  %1 = qonnx.trunc %0, %s, %z, %b, %b floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // expected-error @below {{has values that are not a uniform grid: no !quant.uniform says it}}
  %2 = qonnx.float_quant %1, %s, %b, %b, %b, %b half_even saturate : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // expected-error @below {{is a part of a quantizer: run convert-qonnx-to-quant before qonnx-split-quant}}
  %3 = qonnx.quantize %2 half_even in [0.0, 15.0] : (tensor<4xf32>) -> tensor<4xui4>
  // expected-error @below {{is a part of a quantizer}}
  %4 = qonnx.unscale %3 by (%s) : (tensor<4xui4>, tensor<f32>) -> tensor<4xf32>
  return %4 : tensor<4xf32>
}

// -----

func.func @codes_elsewhere(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xsi8>) {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  // expected-error @below {{gives codes to func.return, expected dequantize_linear alone}}
  %q = qonnx.quantize_linear %x, %s axis 0 : (tensor<4xf32>, tensor<f32>) -> tensor<4xsi8>
  %y = qonnx.dequantize_linear %q, %s axis 0 : (tensor<4xsi8>, tensor<f32>) -> tensor<4xf32>
  return %y, %q : tensor<4xf32>, tensor<4xsi8>
}

// -----

func.func @codes_from_elsewhere(%q: tensor<4xsi8>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  // expected-error @below {{has codes that come neither from quantize_linear nor from a constant}}
  %y = qonnx.dequantize_linear %q, %s axis 0 : (tensor<4xsi8>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @zero_points_behind(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<[1, 2]> : tensor<2xui8>
  %q = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<2x2xf32>, tensor<f32>, tensor<2xui8>) -> tensor<2x2xui8>
  // expected-error @below {{rounds before it adds zero points, which differ, quant.qcast behind: zero-point=after-rounding takes it the other way}}
  %y = qonnx.dequantize_linear %q, %s, %z axis 1 : (tensor<2x2xui8>, tensor<f32>, tensor<2xui8>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

func.func @off_the_grid() -> tensor<1xf32> {
  %w = qonnx.constant dense<1.0> : tensor<1xf32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.5> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{has a zero point of 0.5, expected an integer}}
  %y = qonnx.quant %w, %s, %z, %b half_even : (tensor<1xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1xf32>
  return %y : tensor<1xf32>
}

// -----

// 2147483646 and 100 are 31 bits apart, the difference is no float32.
func.func @wide_codes() -> tensor<1xf32> {
  %w = qonnx.constant dense<2147483646> : tensor<1xsi32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<100> : tensor<si32>
  // expected-error @below {{has codes of more than 24 bits and a zero point, which float32 does not subtract}}
  %y = qonnx.dequantize_linear %w, %s, %z axis 0 : (tensor<1xsi32>, tensor<f32>, tensor<si32>) -> tensor<1xf32>
  return %y : tensor<1xf32>
}

// -----

// Upstream prints 16775101 in a block as 0x4B7FF7BD and reads that as a double.
func.func @text(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = qonnx.constant dense<[1.0, 1.0, 16775101.0, 16775101.0]> : tensor<4xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-remark @below {{has a scale that MLIR prints in a form that it does not read: only bytecode keeps it}}
  %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<2x4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
