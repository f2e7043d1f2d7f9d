// RUN: qonnx-opt %s --qonnx-split-quant -split-input-file -verify-diagnostics

func.func @computed_width(%x: tensor<4xf32>, %b: tensor<f32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  // expected-error @below {{the output width is not constant}}
  %0 = qonnx.trunc %x, %s, %s, %s, %b floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @width_of_no_bit(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  // expected-error @below {{the output width is 0, expected 1 to 62}}
  %0 = qonnx.trunc_to_scale %x, %s, %z, %s, %s, %z floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// Eight exponent bits, as in bfloat16, span far more than 40 bits of steps.
func.func @minifloat_of_too_many_steps(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<1.0> : tensor<f32>
  %e = qonnx.constant dense<8.0> : tensor<f32>
  %m = qonnx.constant dense<7.0> : tensor<f32>
  %b = qonnx.constant dense<127.0> : tensor<f32>
  %max = qonnx.constant dense<1.0e38> : tensor<f32>
  // expected-error @below {{its values are multiples of 2^-133 up to}}
  %0 = qonnx.float_quant %x, %s, %e, %m, %b, %max half_even saturate : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
