// Every requantizer form, alone and mixed, with negative, one-bit and very wide numbers.
// RUN: qonnx-translate --export-hlscpp %s | FileCheck %s

// A parameter that channels share is a literal, others are tables; lists of different lengths end
// in an input that cannot occur.
// CHECK-LABEL: // ==== forms.cpp ====
// CHECK: // requantize: scaled/Quant
// CHECK: //     4 channels: mul_shift floor
// CHECK: static void scaled(const int_t<9> in[4], int_t<4> out[4])
// CHECK: shift_floor<int_t<18>>({{.*}}uint_t<8>(rom::scaled_Quant_multiplier[channel])
// CHECK: count_reached(x, rom::steps_Quant_thresholds[channel])
// CHECK: switch (int(rom::mixed_Quant_kind[channel])) {
// CHECK: default:  // pieces (mul_shift half_even, table)
// CHECK-LABEL: // ==== weights.h ====
// CHECK: static const rom_t<10> steps_Quant_thresholds[3][3] = {
// CHECK: {0, 256, 256},
module attributes {qonnx.name = "forms"} {
  func.func @main(%x: tensor<1x4xf32>, %n: tensor<1x8xf32>, %b: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<1x3xf32>, tensor<1x8xf32>, tensor<1x4xf32>, tensor<1x4xf32>) {
    %qx = qonnx.quantize %x half_even in [-256.0, 255.0] : (tensor<1x4xf32>) -> tensor<1x4xsi9> loc("in/Quant")
    %qn = qonnx.quantize %n floor in [-8.0, 7.0] : (tensor<1x8xf32>) -> tensor<1x8xsi4> loc("n/Quant")
    %qb = qonnx.quantize %b half_up in [-549755813888.0, 549755748352.0] : (tensor<1x4xf32>) -> tensor<1x4xsi40> loc("b/Quant")
    %r:5 = func.call @forms(%qx, %qn, %qb) : (tensor<1x4xsi9>, tensor<1x8xsi4>, tensor<1x4xsi40>) -> (tensor<1x4xsi4>, tensor<1x3xui3>, tensor<1x8xsi6>, tensor<1x4xsi20>, tensor<1x4xui1>)
    %a = qonnx.unscale %r#0 by () : (tensor<1x4xsi4>) -> tensor<1x4xf32>
    %c = qonnx.unscale %r#1 by () : (tensor<1x3xui3>) -> tensor<1x3xf32>
    %d = qonnx.unscale %r#2 by () : (tensor<1x8xsi6>) -> tensor<1x8xf32>
    %e = qonnx.unscale %r#3 by () : (tensor<1x4xsi20>) -> tensor<1x4xf32>
    %f = qonnx.unscale %r#4 by () : (tensor<1x4xui1>) -> tensor<1x4xf32>
    return %a, %c, %d, %e, %f : tensor<1x4xf32>, tensor<1x3xf32>, tensor<1x8xf32>, tensor<1x4xf32>, tensor<1x4xf32>
  }
  func.func private @forms(%x: tensor<1x4xsi9>, %n: tensor<1x8xsi4>, %b: tensor<1x4xsi40>) -> (tensor<1x4xsi4>, tensor<1x3xui3>, tensor<1x8xsi6>, tensor<1x4xsi20>, tensor<1x4xui1>) attributes {hls.kernel} {
    %a = func.call @scaled(%x) : (tensor<1x4xsi9>) -> tensor<1x4xsi4>
    %c = func.call @steps(%x) : (tensor<1x4xsi9>) -> tensor<1x3xui3>
    %d = func.call @mixed(%n) : (tensor<1x8xsi4>) -> tensor<1x8xsi6>
    %e:2 = func.call @wide(%b) : (tensor<1x4xsi40>) -> (tensor<1x4xsi20>, tensor<1x4xui1>)
    return %a, %c, %d, %e#0, %e#1 : tensor<1x4xsi4>, tensor<1x3xui3>, tensor<1x8xsi6>, tensor<1x4xsi20>, tensor<1x4xui1>
  }
  func.func private @scaled(%x: tensor<1x4xsi9>) -> tensor<1x4xsi4> attributes {hls.layer} {
    %y = hls.requantize %x per [1, 4] [#hls.mul_shift<181 * x + 1024 shift 11 floor in [-8, 7]>, #hls.mul_shift<77 * x + -3 shift 12 floor in [-8, 7] except [5, 3, -6, -8]>, #hls.mul_shift<1 * x + 0 shift 6 floor in [-8, 7]>, #hls.mul_shift<255 * x + 7 shift 13 floor in [-8, 7] except [100, 1]>] : (tensor<1x4xsi9>) -> tensor<1x4xsi4> loc("scaled/Quant")
    return %y : tensor<1x4xsi4>
  }
  func.func private @steps(%x: tensor<1x4xsi9>) -> tensor<1x3xui3> attributes {hls.layer} {
    %w = hls.constant dense<[[-1, 0, -1], [0, -1, 0], [0, 0, -1], [0, 0, 0]]> : tensor<4x3xsi1>
    %s = hls.matmul %x, %w : (tensor<1x4xsi9>, tensor<4x3xsi1>) -> tensor<1x3xsi11> loc("steps/MatMul")
    %z = hls.requantize %s per [] [#hls.mul_shift<-1 * x + 1 shift 2 half_even in [-256, 255]>] : (tensor<1x3xsi11>) -> tensor<1x3xsi9> loc("steps/Negate")
    %y = hls.requantize %z per [1, 3] [#hls.thresholds<[-200, -3, 90], [0, 1, 2, 3]>, #hls.thresholds<[0], [2, 3]>, #hls.thresholds<[-256, 255], [1, 2, 3]>] : (tensor<1x3xsi9>) -> tensor<1x3xui3> loc("steps/Quant")
    return %y : tensor<1x3xui3>
  }
  func.func private @mixed(%n: tensor<1x8xsi4>) -> tensor<1x8xsi6> attributes {hls.layer} {
    %y = hls.requantize %n per [1, 8] [#hls.constant<-32>, #hls.compare<-2, 31, -32>, #hls.table<-8, [0, 31, -32, 5, 4, 3, 2, 1, 0, -1, -2, -3, 9, 9, 9, 9]>, #hls.thresholds<[-7, 0, 6], [9, -9, 9, -30]>, #hls.pieces<-1, #hls.mul_shift<3 * x + 0 shift 1 half_even in [-20, 20]>, #hls.table<-1, [7, 6, 5, 4, 3, 2, 1, 0, -1]>>, #hls.compare<7, 0, 1>, #hls.constant<17>, #hls.pieces<3, #hls.mul_shift<-5 * x + 2 shift 2 half_even in [-32, 31] except [-8, 1]>, #hls.table<3, [1, 2, 3, 4, 5]>>] : (tensor<1x8xsi4>) -> tensor<1x8xsi6> loc("mixed/Quant")
    return %y : tensor<1x8xsi6>
  }
  func.func private @wide(%b: tensor<1x4xsi40>) -> (tensor<1x4xsi20>, tensor<1x4xui1>) attributes {hls.layer} {
    %y = hls.requantize %b per [1, 4] [#hls.mul_shift<1099511627775 * x + 4611686018427387904 shift 60 half_even in [-524288, 524287]>, #hls.mul_shift<-549755813889 * x + 1 shift 62 half_even in [-524288, 524287]>, #hls.mul_shift<1 * x + 0 shift 100 half_even in [-524288, 524287]>, #hls.mul_shift<9223372036854775807 * x + -9223372036854775808 shift 80 half_even in [-524288, 524287] except [-549755813888, 77]>] : (tensor<1x4xsi40>) -> tensor<1x4xsi20> loc("wide/Quant")
    %s = hls.requantize %b per [1, 4] [#hls.compare<0, 0, 1>, #hls.compare<-549755813888, 1, 0>, #hls.compare<12345678901, 1, 0>, #hls.compare<-5, 0, 1>] : (tensor<1x4xsi40>) -> tensor<1x4xui1> loc("wide/Sign")
    return %y, %s : tensor<1x4xsi20>, tensor<1x4xui1>
  }
}
