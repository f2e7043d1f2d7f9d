// RUN: qonnx-opt %s --qonnx-fold-constants | FileCheck %s

// Remainders, bits and angles have the values of the reference.

// CHECK-LABEL: func @remainders
func.func @remainders() -> (tensor<3xsi32>, tensor<3xsi32>, tensor<2xf32>) {
  %a = qonnx.constant dense<[-7, 7, -7]> : tensor<3xsi32>
  %b = qonnx.constant dense<[3, -3, -3]> : tensor<3xsi32>
  %x = qonnx.constant dense<[-5.5, 5.5]> : tensor<2xf32>
  %two = qonnx.constant dense<2.0> : tensor<f32>
  // CHECK-DAG: qonnx.constant dense<[2, -2, -1]> : tensor<3xsi32>
  %mod = qonnx.mod %a, %b : (tensor<3xsi32>, tensor<3xsi32>) -> tensor<3xsi32>
  // CHECK-DAG: qonnx.constant dense<[-1, 1, -1]> : tensor<3xsi32>
  %fmod = qonnx.fmod %a, %b : (tensor<3xsi32>, tensor<3xsi32>) -> tensor<3xsi32>
  // CHECK-DAG: qonnx.constant dense<[-1.500000e+00, 1.500000e+00]> : tensor<2xf32>
  %float = qonnx.fmod %x, %two : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return %mod, %fmod, %float : tensor<3xsi32>, tensor<3xsi32>, tensor<2xf32>
}

// CHECK-LABEL: func @bits
func.func @bits() -> (tensor<2xui8>, tensor<2xui8>, tensor<2xui8>) {
  %a = qonnx.constant dense<[12, 255]> : tensor<2xui8>
  %b = qonnx.constant dense<[10, 1]> : tensor<2xui8>
  // CHECK-DAG: qonnx.constant dense<[8, 1]> : tensor<2xui8>
  %and = qonnx.and %a, %b : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  // CHECK-DAG: qonnx.constant dense<[14, 255]> : tensor<2xui8>
  %or = qonnx.or %a, %b : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  // CHECK-DAG: qonnx.constant dense<[6, 254]> : tensor<2xui8>
  %xor = qonnx.xor %a, %b : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  return %and, %or, %xor : tensor<2xui8>, tensor<2xui8>, tensor<2xui8>
}

// CHECK-LABEL: func @angles
func.func @angles() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %x = qonnx.constant dense<[2.5, -20.0]> : tensor<2xf32>
  // CHECK-DAG: qonnx.constant dense<[0.598472178, -0.91294527]> : tensor<2xf32>
  %sin = qonnx.sin %x : (tensor<2xf32>) -> tensor<2xf32>
  // CHECK-DAG: qonnx.constant dense<[-0.801143586, 0.408082068]> : tensor<2xf32>
  %cos = qonnx.cos %x : (tensor<2xf32>) -> tensor<2xf32>
  // CHECK-DAG: qonnx.constant dense<[2.500000e+00, 0.000000e+00]> : tensor<2xf32>
  %relu = qonnx.thresholded_relu %x alpha 2.0 : (tensor<2xf32>) -> tensor<2xf32>
  return %sin, %cos, %relu : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// Conditions fold, too, and stay of their type.
// CHECK-LABEL: @conditions
// CHECK: %[[C:.*]] = qonnx.constant dense<[true, false]> : tensor<2xi1>
// CHECK-NEXT: qonnx.where %[[C]], %{{.*}}, %{{.*}}
func.func @conditions(%x: tensor<2xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %a = qonnx.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %b = qonnx.constant dense<2.0> : tensor<f32>
  %c = qonnx.less %a, %b : (tensor<2xf32>, tensor<f32>) -> tensor<2xi1>
  %r = qonnx.where %c, %x, %y : (tensor<2xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}
