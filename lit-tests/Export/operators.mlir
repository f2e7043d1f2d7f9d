// Every other operator, with broadcasting, batches, values used twice and several results.
// RUN: qonnx-translate --export-hlscpp %s | FileCheck %s

// CHECK-LABEL: // ==== operators.cpp ====
// CHECK: // matmul: batch/MatMul
// CHECK: batch_MatMul_outputs: for (int i = 0; i < 2; i++) {
// CHECK: sum += mul<int_t<16>>(batch_Transpose[i * 12 + j * 4 + k], int_t<3>(rom::batch_MatMul_weights[l][k]));
// CHECK: void operators(
// A value with two readers is copied for dataflow.
// CHECK: fork<24>(pixels, pixels_copy, pixels_rest);
module attributes {qonnx.name = "operators"} {
  func.func @main(%x: tensor<2x4x3xf32>) -> tensor<1x2xsi64> {
    %q = qonnx.quantize %x half_even in [-256.0, 255.0] : (tensor<2x4x3xf32>) -> tensor<2x4x3xsi9> loc("in/Quant")
    %r:8 = func.call @operators(%q) : (tensor<2x4x3xsi9>) -> (tensor<2x3x5xsi17>, tensor<2x3x4xsi9>, tensor<2x1xui2>, tensor<1x2x2xsi19>, tensor<1x2x2xui4>, tensor<12xui9>, tensor<2x4x3xsi9>, tensor<4xsi3>)
    %y = qonnx.view %r#2 : (tensor<2x1xui2>) -> tensor<1x2xui2>
    %i = qonnx.cast %y : (tensor<1x2xui2>) -> tensor<1x2xsi64>
    return %i : tensor<1x2xsi64>
  }
  func.func private @operators(%x: tensor<2x4x3xsi9> {qonnx.name = "pixels"}) -> (tensor<2x3x5xsi17>, tensor<2x3x4xsi9>, tensor<2x1xui2>, tensor<1x2x2xsi19>, tensor<1x2x2xui4>, tensor<12xui9>, tensor<2x4x3xsi9>, tensor<4xsi3>) attributes {hls.kernel} {
    %b:2 = func.call @batch(%x) : (tensor<2x4x3xsi9>) -> (tensor<2x3x5xsi17>, tensor<2x3x4xsi9>)
    %g = func.call @arg_max(%b#1) : (tensor<2x3x4xsi9>) -> tensor<2x1xui2>
    %d:2 = func.call @dot(%x) : (tensor<2x4x3xsi9>) -> (tensor<1x2x2xsi19>, tensor<1x2x2xui4>)
    %m:2 = func.call @maximum(%x) : (tensor<2x4x3xsi9>) -> (tensor<12xui9>, tensor<4xsi3>)
    return %b#0, %b#1, %g, %d#0, %d#1, %m#0, %x, %m#1 : tensor<2x3x5xsi17>, tensor<2x3x4xsi9>, tensor<2x1xui2>, tensor<1x2x2xsi19>, tensor<1x2x2xui4>, tensor<12xui9>, tensor<2x4x3xsi9>, tensor<4xsi3>
  }
  func.func private @batch(%x: tensor<2x4x3xsi9>) -> (tensor<2x3x5xsi17>, tensor<2x3x4xsi9>) attributes {hls.layer} {
    %t = hls.transpose %x [0, 2, 1] : (tensor<2x4x3xsi9>) -> tensor<2x3x4xsi9> loc("batch/Transpose")
    %w = hls.constant dense<[[1, -1, 0, 3, -4], [3, 2, -4, 0, 1], [0, 1, 1, -2, -3], [-2, -1, 3, 2, 2]]> : tensor<4x5xsi3>
    %bias = hls.constant dense<[500, -700, 0, 3, -1]> : tensor<5xsi11>
    %p = hls.matmul %t, %w, %bias : (tensor<2x3x4xsi9>, tensor<4x5xsi3>, tensor<5xsi11>) -> tensor<2x3x5xsi16> loc("batch/MatMul")
    %row = hls.constant dense<[[7], [-8], [1]]> : tensor<3x1xsi4>
    %s = hls.sub %row, %p : (tensor<3x1xsi4>, tensor<2x3x5xsi16>) -> tensor<2x3x5xsi17> loc("batch/Sub")
    return %s, %t : tensor<2x3x5xsi17>, tensor<2x3x4xsi9>
  }
  func.func private @arg_max(%t: tensor<2x3x4xsi9>) -> tensor<2x1xui2> attributes {hls.layer} {
    %v = hls.view %t : (tensor<2x3x4xsi9>) -> tensor<2x12xsi9>
    %c = hls.constant dense<[[1, 0, 0, 2], [0, 1, 0, 2], [0, 0, 1, 2], [1, 0, 0, 2], [0, 1, 0, 2], [0, 0, 1, 2], [1, 0, 0, 2], [0, 1, 0, 2], [0, 0, 1, 2], [1, 1, 1, 0], [0, 0, 0, 0], [2, 2, 2, 0]]> : tensor<12x4xui2>
    %p = hls.matmul %v, %c : (tensor<2x12xsi9>, tensor<12x4xui2>) -> tensor<2x4xsi14> loc("m")
    %q = hls.requantize %p per [] [#hls.mul_shift<1 * x + 0 shift 9 half_even in [-2, 1]>] : (tensor<2x4xsi14>) -> tensor<2x4xsi2> loc("int")
    %i = hls.arg_max %q axis -1 last : (tensor<2x4xsi2>) -> tensor<2x1xui2> loc("ArgMax")
    return %i : tensor<2x1xui2>
  }
  func.func private @dot(%x: tensor<2x4x3xsi9>) -> (tensor<1x2x2xsi19>, tensor<1x2x2xui4>) attributes {hls.layer} {
    %v = hls.view %x : (tensor<2x4x3xsi9>) -> tensor<2x12xsi9>
    %t = hls.transpose %v [1, 0] : (tensor<2x12xsi9>) -> tensor<12x2xsi9> loc("dot/T")
    %u = hls.mul %t, %t : (tensor<12x2xsi9>, tensor<12x2xsi9>) -> tensor<12x2xui17> loc("dot/Square")
    %a = hls.add %u, %t : (tensor<12x2xui17>, tensor<12x2xsi9>) -> tensor<12x2xsi18> loc("dot/Add")
    %g = hls.matmul %v, %t : (tensor<2x12xsi9>, tensor<12x2xsi9>) -> tensor<2x2xsi22> loc("dot/Gram")
    %one = hls.constant dense<1> : tensor<12xui1>
    %r = hls.matmul %one, %a : (tensor<12xui1>, tensor<12x2xsi18>) -> tensor<2xsi22> loc("dot/Sum")
    %d = hls.sub %g, %r : (tensor<2x2xsi22>, tensor<2xsi22>) -> tensor<2x2xsi23> loc("dot/Sub")
    %n = hls.requantize %d per [] [#hls.mul_shift<-1 * x + 0 shift 4 floor in [-262144, 262143]>] : (tensor<2x2xsi23>) -> tensor<2x2xsi19> loc("dot/Quant")
    %b = hls.view %n : (tensor<2x2xsi19>) -> tensor<1x2x2xsi19>
    %top, %at = hls.top_k %a axis 0 : (tensor<12x2xsi18>) -> (tensor<2x2xsi18>, tensor<2x2xui4>) loc("dot/TopK")
    %w = hls.view %at : (tensor<2x2xui4>) -> tensor<1x2x2xui4>
    return %b, %w : tensor<1x2x2xsi19>, tensor<1x2x2xui4>
  }
  func.func private @maximum(%x: tensor<2x4x3xsi9>) -> (tensor<12xui9>, tensor<4xsi3>) attributes {hls.layer} {
    %v = hls.view %x : (tensor<2x4x3xsi9>) -> tensor<2x12xsi9>
    %zero = hls.constant dense<[3, 0, 255, 511, 0, 0, 0, 0, 9, 9, 9, 9]> : tensor<12xui9>
    %m = hls.max %v, %zero : (tensor<2x12xsi9>, tensor<12xui9>) -> tensor<2x12xui9> loc("maximum/Max")
    %low, %i = hls.top_k %m axis 0 smallest : (tensor<2x12xui9>) -> (tensor<1x12xui9>, tensor<1x12xui1>) loc("maximum/TopK")
    %f = hls.view %low : (tensor<1x12xui9>) -> tensor<12xui9>
    %k = hls.constant dense<[-4, 3, 0, -1]> : tensor<4xsi3>
    return %f, %k : tensor<12xui9>, tensor<4xsi3>
  }
}
