// RUN: qonnx-opt %s --hls-verify-legal -split-input-file -verify-diagnostics

// The dot products are the hardware's; each one that stayed is reported, with its reason.
func.func @dot_product_on_the_host(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>) -> tensor<1x2xf32> {
  // expected-error @below {{qonnx.matmul cannot become integer hardware: an input of the graph reaches it unquantized}}
  %0 = qonnx.matmul %x, %w {hls.reason = "an input of the graph reaches it unquantized"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  // expected-error @below {{qonnx.gemm cannot become integer hardware: a dot product needs quantized operands and a quantizer behind it; quantize them in the file}}
  %1 = qonnx.gemm %0, %w alpha 1.0 beta 1.0 : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  // expected-error @below {{qonnx.onnx cannot become integer hardware: its operator is not known}}
  %2 = qonnx.onnx "Einsum" domain "" (%1) : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

// -----

func.func @float_in_a_kernel(%q: tensor<1x2xui4>) -> tensor<1x2xf32> attributes {hls.kernel} {
  // expected-error @below {{qonnx.unscale cannot become integer hardware: a kernel holds operations of the hls dialect alone; lower it before the kernel is outlined}}
  %0 = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

func.func @float_in_a_layer(%q: tensor<1x2xui4>) -> tensor<1x2xf32> attributes {hls.layer} {
  // expected-error @below {{qonnx.unscale cannot become integer hardware: a kernel holds operations of the hls dialect alone; lower it before the kernel is outlined}}
  %0 = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// Integer operations that were not outlined.
func.func @hardware_on_the_host(%q: tensor<1x2xui4>) -> tensor<1x2xui5> {
  // expected-error @below {{hls.add cannot become integer hardware: it stands outside a kernel; run hls-outline-kernel first}}
  %0 = hls.add %q, %q : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
  return %0 : tensor<1x2xui5>
}
