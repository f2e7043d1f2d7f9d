func.func @main(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  %0 = qonnx.onnx "Einsum" domain "" (%x) : (tensor<1x4xf32>) -> tensor<*xf32> loc("/head/Einsum")
  %1 = qonnx.onnx "Attention" domain "com.microsoft" (%0) : (tensor<*xf32>) -> tensor<*xf32> loc("/head/Attention")
  return %1 : tensor<*xf32>
}
