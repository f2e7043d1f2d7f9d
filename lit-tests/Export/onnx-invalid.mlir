// What ONNX cannot say is refused by the node's name, with what to do.
// RUN: split-file %s %t
// RUN: not qonnx-translate --export-onnx %t/part.mlir 2>&1 | FileCheck %s --check-prefix=PART
// PART: error: in (qonnx.quantize): is a part of a quantizer, which ONNX has no operator for: export from before qonnx-split-quant
// RUN: not qonnx-translate --export-onnx %t/hls.mlir 2>&1 | FileCheck %s --check-prefix=HLS
// HLS: error: fc (hls.matmul): has no form in ONNX: export a module of the stages import, cleanup or lowered
// RUN: not qonnx-translate --export-onnx %t/unranked.mlir 2>&1 | FileCheck %s --check-prefix=UNRANKED
// UNRANKED: error: graph output 'out0' has no shape: run qonnx-infer-shapes first

//--- part.mlir
func.func @main(%x: tensor<4xf32>) -> tensor<4xui4> {
  %q = qonnx.quantize %x half_even in [0.0, 15.0] : (tensor<4xf32>) -> tensor<4xui4> loc("in")
  return %q : tensor<4xui4>
}
//--- hls.mlir
func.func @main(%a: tensor<1x4xsi8>, %b: tensor<4x2xsi8>) -> tensor<1x2xsi32> {
  %y = hls.matmul %a, %b : (tensor<1x4xsi8>, tensor<4x2xsi8>) -> tensor<1x2xsi32> loc("fc")
  return %y : tensor<1x2xsi32>
}
//--- unranked.mlir
func.func @main(%x: tensor<4xf32>) -> tensor<*xf32> {
  %y = qonnx.relu %x : (tensor<4xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
