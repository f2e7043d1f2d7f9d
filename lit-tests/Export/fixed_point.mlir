// Values with a binary point: the same bits as ap_fixed, the same codes.
// RUN: qonnx-translate --export-hlscpp %s | FileCheck %s

// CHECK-LABEL: // ==== fixed_point.cpp ====
// CHECK: static void dense(const ufixed_t<8, 0> in[4], ufixed_t<4, 2> out[3])
// CHECK: fixed_t<14, 2> sum = from_code<fixed_t<9, -3>>(int_t<9>(rom::dense_MatMul_bias[i]));
// CHECK: sum += mul<fixed_t<14, 2>>(in[k], from_code<fixed_t<3, -1>>(int_t<3>(rom::dense_MatMul_weights[i][k])));
// CHECK: out[i] = round_saturate<ufixed_t<4, 2>, 10, 0, 15, int_t<15>>(dense_MatMul[i]);
module attributes {qonnx.name = "fixed_point"} {
  func.func @main(%x: tensor<1x4xf32>) -> tensor<1x2xf32> {
    %s = qonnx.constant dense<0.00390625> : tensor<f32>
    %d = qonnx.div %x, %s : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32> loc("in/Quant")
    %q = qonnx.quantize %d half_even in [0.0, 255.0] exponent -8 : (tensor<1x4xf32>) -> tensor<1x4xui8> loc("in/Quant")
    %n = func.call @fixed_point(%q) : (tensor<1x4xui8>) -> tensor<1x2xsi7>
    %sy = qonnx.constant dense<0.0625> : tensor<f32>
    %y = qonnx.unscale %n by (%sy) : (tensor<1x2xsi7>, tensor<f32>) -> tensor<1x2xf32> loc("out/Quant")
    return %y : tensor<1x2xf32>
  }
  func.func private @fixed_point(%q: tensor<1x4xui8> {hls.exponent = -8 : i64}) -> tensor<1x2xsi7> attributes {hls.kernel} {
    %a = func.call @dense(%q) : (tensor<1x4xui8>) -> tensor<1x3xui4>
    %b = func.call @head(%a) : (tensor<1x3xui4>) -> tensor<1x2xsi7>
    return %b : tensor<1x2xsi7>
  }
  func.func private @dense(%x: tensor<1x4xui8> {hls.exponent = -8 : i64}) -> tensor<1x3xui4> attributes {hls.layer} {
    %w = hls.constant dense<[[1, -1, 0], [3, 2, -4], [0, 1, 1], [-2, -1, 3]]> : tensor<4x3xsi3>
    %bias = hls.constant dense<[200, -7, 0]> : tensor<3xsi9>
    %acc = hls.matmul %x, %w, %bias exponent -12 : (tensor<1x4xui8>, tensor<4x3xsi3>, tensor<3xsi9>) -> tensor<1x3xsi14> loc("dense/MatMul")
    %y = hls.requantize %acc per [] [#hls.mul_shift<1 * x + 0 shift 10 half_even in [0, 15]>] exponent -2 : (tensor<1x3xsi14>) -> tensor<1x3xui4> loc("dense/Quant")
    return %y : tensor<1x3xui4>
  }
  func.func private @head(%x: tensor<1x3xui4>) -> tensor<1x2xsi7> attributes {hls.layer} {
    %w = hls.constant dense<[[7, -1], [3, 2], [-8, 1]]> : tensor<3x2xsi4>
    %acc = hls.matmul %x, %w exponent -5 : (tensor<1x3xui4>, tensor<3x2xsi4>) -> tensor<1x2xsi9> loc("head/MatMul")
    %one = hls.constant dense<[[-3, 5]]> : tensor<1x2xsi4>
    %sum = hls.add %acc, %one exponent -5 : (tensor<1x2xsi9>, tensor<1x2xsi4>) -> tensor<1x2xsi10> loc("head/Add")
    %twice = hls.add %acc, %sum exponent -5 : (tensor<1x2xsi9>, tensor<1x2xsi10>) -> tensor<1x2xsi11> loc("head/Twice")
    %relu = hls.max %twice, %sum exponent -5 : (tensor<1x2xsi11>, tensor<1x2xsi10>) -> tensor<1x2xsi11> loc("head/Max")
    %y = hls.requantize %relu per [1, 2] [#hls.mul_shift<181 * x + 64 shift 8 floor in [-64, 63]>, #hls.mul_shift<1 * x + 0 shift 1 half_even in [-64, 63]>] exponent -4 : (tensor<1x2xsi11>) -> tensor<1x2xsi7> loc("head/Quant")
    return %y : tensor<1x2xsi7>
  }
}
