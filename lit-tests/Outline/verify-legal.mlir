// RUN: qonnx-opt %s --hls-verify-legal | FileCheck %s

// The host may quantize and compute a float head.
// CHECK-LABEL: func @main
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %q = qonnx.quantize %x half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %n = call @kernel(%q) : (tensor<1x2xui4>) -> tensor<1x2xui5>
  %y = qonnx.unscale %n by () : (tensor<1x2xui5>) -> tensor<1x2xf32>
  // CHECK: qonnx.softmax
  %s = qonnx.softmax %y axis 1 : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %s : tensor<1x2xf32>
}

func.func private @kernel(%q: tensor<1x2xui4>) -> tensor<1x2xui5> attributes {hls.kernel} {
  %n = call @layer(%q) : (tensor<1x2xui4>) -> tensor<1x2xui5>
  return %n : tensor<1x2xui5>
}

func.func private @layer(%q: tensor<1x2xui4>) -> tensor<1x2xui5> attributes {hls.layer} {
  %n = hls.add %q, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
  return %n : tensor<1x2xui5>
}
