func.func @view(%x: tensor<4xui4>) -> tensor<2x2xui4> {
  %0 = hls.view %x : (tensor<4xui4>) -> tensor<2x2xui4>
  return %0 : tensor<2x2xui4>
}
