func.func @main(%a: tensor<1x4xf32> {qonnx.name = "first"}, %b: tensor<1x4xf32> {qonnx.name = "second"}) -> tensor<1x4xf32> {
  %0 = qonnx.add %a, %b : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}
