// RUN: qonnx-opt %s --hls-outline-kernel -split-input-file -verify-diagnostics

func.func @float_island(%q: tensor<1x2xui4>) -> tensor<1x2xui4> {
  %n = hls.add %q, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
  %x = qonnx.unscale %n by () : (tensor<1x2xui5>) -> tensor<1x2xf32>
  %s = qonnx.softmax %x axis 1 : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // expected-error @below {{qonnx.quantize cannot become integer hardware: it lies between integer operations with no quantizer behind it; quantize its result in the file}}
  %r = qonnx.quantize %s half_even in [0.0, 7.0] : (tensor<1x2xf32>) -> tensor<1x2xui3>
  %y = hls.add %r, %r : (tensor<1x2xui3>, tensor<1x2xui3>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// -----

// The reason that a pass left.
func.func @float_island_with_a_reason(%q: tensor<1x2xui4>) -> tensor<1x2xui4> {
  %n = hls.add %q, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
  %x = qonnx.unscale %n by () : (tensor<1x2xui5>) -> tensor<1x2xf32>
  // expected-error @below {{qonnx.quantize cannot become integer hardware: joins two integer tensors}}
  %r = qonnx.quantize %x half_even in [0.0, 7.0] {hls.reason = "joins two integer tensors"} : (tensor<1x2xf32>) -> tensor<1x2xui3>
  %y = hls.add %r, %r : (tensor<1x2xui3>, tensor<1x2xui3>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}
