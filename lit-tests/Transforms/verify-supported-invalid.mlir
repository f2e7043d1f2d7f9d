// RUN: qonnx-opt %s --qonnx-verify-supported -split-input-file -verify-diagnostics

// One run reports every node, not the first alone.
func.func @several_unknown_operators(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  // expected-error @below {{operator Einsum of ONNX is not supported, at least not with these attributes; replace or remove it}}
  %0 = qonnx.onnx "Einsum" domain "" (%x) {equation = "ij->ji"} : (tensor<1x4xf32>) -> tensor<*xf32>
  %1 = qonnx.relu %0 : (tensor<*xf32>) -> tensor<*xf32>
  // expected-error @below {{operator Attention of domain com.microsoft is not supported}}
  %2 = qonnx.onnx "Attention" domain "com.microsoft" (%1) : (tensor<*xf32>) -> tensor<*xf32>
  return %2 : tensor<*xf32>
}

func.func @another_function(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  // expected-error @below {{operator Einsum of ONNX is not supported}}
  %0 = qonnx.onnx "Einsum" domain "" (%x) : (tensor<1x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

// FINN's own nodes say what to do about them.
func.func @finn_hardware_node(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  // expected-error @below {{operator MVAU_hls of domain finn.custom_op.fpgadataflow.hls is a FINN hardware node: compile the QONNX file from before FINN's conversion}}
  %0 = qonnx.onnx "MVAU_hls" domain "finn.custom_op.fpgadataflow.hls" (%x) : (tensor<1x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

// FINN's other domain holds operators of QONNX: no hint about hardware.
func.func @finn_general_node(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  // expected-error @below {{operator Im2Col of domain finn.custom_op.general is not supported}}
  %0 = qonnx.onnx "Im2Col" domain "finn.custom_op.general" (%x) : (tensor<1x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

// A scale that depends on an input: no fixed grid.
func.func @dynamic_scale(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %s = qonnx.abs %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  // expected-error @below {{its scale, zero point or width is not constant but computed at run time; hardware needs fixed ones: calibrate the model and export constants}}
  %0 = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<1x4xf32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// -----

// Operators that have no place in hardware say why, whatever the domain of ONNX; others do not.
func.func @reasons(%x: tensor<1x4xf32>) {
  // expected-error @below {{operator Bernoulli of ONNX draws random numbers: export the model for inference, or make the numbers an input}}
  %0 = qonnx.onnx "Bernoulli" domain "" (%x) : (tensor<1x4xf32>) -> tensor<*xf32>
  // expected-error @below {{operator NonZero of ONNX gives as many elements as its input's values say, hardware has fixed shapes: end the model in front of it, or make its operands constants}}
  %1 = qonnx.onnx "NonZero" domain "" (%x) : (tensor<1x4xf32>) -> tensor<*xf32>
  // expected-error @below {{operator Adam of domain ai.onnx.preview.training belongs to training: export the model for inference}}
  %2 = qonnx.onnx "Adam" domain "ai.onnx.preview.training" (%x) : (tensor<1x4xf32>) -> tensor<*xf32>
  // expected-error @below {{operator Bernoulli of domain com.example is not supported, at least not with these attributes; replace or remove it}}
  %3 = qonnx.onnx "Bernoulli" domain "com.example" (%x) : (tensor<1x4xf32>) -> tensor<*xf32>
  return
}
