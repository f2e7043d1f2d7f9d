// RUN: qonnx-opt %s --qonnx-split-quant | FileCheck %s

// Limits of a Clip that leave no code give the nearer one.
// CHECK-LABEL: @apart
// CHECK: qonnx.quantize %{{.*}} half_even in [3.000000e+00, 3.000000e+00]
func.func @apart(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %a = qonnx.constant dense<-5> : tensor<si8>
  %b = qonnx.constant dense<3> : tensor<si8>
  %q = qonnx.quantize_linear %x, %s axis 0 : (tensor<4xf32>, tensor<f32>) -> tensor<4xsi8>
  %c = qonnx.clip %q high %a : (tensor<4xsi8>, tensor<si8>) -> tensor<4xsi8>
  %d = qonnx.clip %c low %b : (tensor<4xsi8>, tensor<si8>) -> tensor<4xsi8>
  %y = qonnx.dequantize_linear %d, %s axis 0 : (tensor<4xsi8>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// The wrong way round they give the upper one, as ONNX says.
// CHECK-LABEL: @wrong_way_round
// CHECK: qonnx.quantize %{{.*}} half_even in [-5.000000e+00, -5.000000e+00]
func.func @wrong_way_round(%x: tensor<4xf32>) -> tensor<4xf32> {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %l = qonnx.constant dense<5> : tensor<si8>
  %h = qonnx.constant dense<-5> : tensor<si8>
  %q = qonnx.quantize_linear %x, %s axis 0 : (tensor<4xf32>, tensor<f32>) -> tensor<4xsi8>
  %c = qonnx.clip %q low %l high %h : (tensor<4xsi8>, tensor<si8>, tensor<si8>) -> tensor<4xsi8>
  %y = qonnx.dequantize_linear %c, %s axis 0 : (tensor<4xsi8>, tensor<f32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
