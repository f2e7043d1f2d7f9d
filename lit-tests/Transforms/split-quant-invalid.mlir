// RUN: qonnx-opt %s --qonnx-split-quant -split-input-file -verify-diagnostics

func.func @dynamic_scale(%x: tensor<4xf32>, %s: tensor<f32>) -> tensor<4xf32> {
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{the scale is not constant but computed at run time; hardware needs a fixed scale: calibrate the model and export constants}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  // The next one is reported, too.
  // expected-error @below {{the scale is not constant}}
  %1 = qonnx.bipolar_quant %0, %s : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

func.func @dynamic_zero_point(%x: tensor<4xf32>, %z: tensor<f32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  // expected-error @below {{the zero point is not constant}}
  %0 = qonnx.quant %x, %s, %z, %s half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @dynamic_width(%x: tensor<4xf32>, %b: tensor<f32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  // expected-error @below {{the bit width is not constant}}
  %0 = qonnx.quant %x, %s, %s, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @zero_scale(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %s = qonnx.constant dense<[0.5, 0.25, 0.0]> : tensor<3xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{the scale is 0 at element 2, expected a finite number that is not 0}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x3xf32>, tensor<3xf32>, tensor<f32>, tensor<f32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @infinite_scale(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %s = qonnx.constant dense<0x7F800000> : tensor<f32>
  // expected-error @below {{the scale is inf at element 0, expected a finite number that is not 0}}
  %0 = qonnx.bipolar_quant %x, %s : (tensor<1x3xf32>, tensor<f32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

func.func @wide_codes_of_float64(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.3> : tensor<f64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<14.0> : tensor<f32>
  // expected-error @below {{its codes from 0 to 16383, computed in float64, take a threshold each: store scale and zero point as float32, or use at most 12 bits}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f64>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @zero_point_of_float64(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.1> : tensor<f64>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{the zero point is 0.1, with which the reference computes in float64: use an integer, or float32 parameters}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f64>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @scale_a_value_of_float64(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %s = qonnx.constant dense<[[0.3, 0.7], [0.1, 0.2]]> : tensor<2x2xf64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{the parameters of shape [2, 2] vary along more than one axis, in float64}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<2x2xf32>, tensor<2x2xf64>, tensor<f32>, tensor<f32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----

func.func @scale_of_int64(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0> : tensor<si64>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{the scale is 0, expected a finite number that is not 0}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<si64>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @too_wide(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<63.0> : tensor<f32>
  // expected-error @below {{the bit width is 63, expected 1 to 62}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @enlarged_by_its_scale(%x: tensor<4xf32>) -> tensor<3x4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<3x1xf32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{a parameter has more dimensions than the operand and would enlarge it: give it the operand's shape}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<3x1xf32>, tensor<f32>, tensor<f32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----

func.func @unknown_shape(%x: tensor<?xf32>) -> tensor<?xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  // expected-error @below {{the operand's shape is not known; run qonnx-infer-shapes first}}
  %0 = qonnx.bipolar_quant %x, %s : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// The codes less half a step are on no grid of the scale.
func.func @constant_with_a_zero_point_of_a_fraction() -> tensor<2xf32> {
  %w = qonnx.constant dense<[0.5, -0.5]> : tensor<2xf32>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0.5> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  // expected-error @below {{the quantized constant 0.375 is no multiple of its scale 0.25; is its zero point an integer?}}
  %0 = qonnx.quant %w, %s, %z, %b half_even : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @clip_of_integers_from_no_quantizer(%q: tensor<4xsi8>) -> tensor<4xsi8> {
  %high = qonnx.constant dense<7> : tensor<si8>
  // expected-error @below {{clips integers that come from no quantizer}}
  %0 = qonnx.clip %q high %high : (tensor<4xsi8>, tensor<si8>) -> tensor<4xsi8>
  return %0 : tensor<4xsi8>
}

// -----

func.func @dynamic_thresholds(%x: tensor<1x4xf32>, %t: tensor<4x3xf32>) -> tensor<1x4xf32> {
  // expected-error @below {{the threshold matrix is not constant}}
  %0 = qonnx.multi_threshold %x, %t scale 1.0 bias 0.0 axis 1 : (tensor<1x4xf32>, tensor<4x3xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

func.func @scale_of_blocks(%x: tensor<4x4xf32>) -> tensor<4x4xsi8> {
  %s = qonnx.constant dense<0.5> : tensor<2x4xf32>
  // expected-error @below {{a parameter of shape [2, 4] is neither one value nor one a channel nor one an element}}
  %0 = qonnx.quantize_linear %x, %s axis 0 : (tensor<4x4xf32>, tensor<2x4xf32>) -> tensor<4x4xsi8>
  return %0 : tensor<4x4xsi8>
}
