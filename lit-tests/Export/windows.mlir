// Convolutions, windows, padding, gathers, joins, and products of activations.
// RUN: qonnx-translate --export-hlscpp %s | FileCheck %s

// CHECK-LABEL: // ==== windows.cpp ====
// Groups and their channels are loops of their own; strides and dilations are factors of the index.
// CHECK: line_Conv_outputs: for (int i = 0; i < 2; i++) {
// CHECK: fixed_t<10, 5> sum = from_code<fixed_t<8, 3>>(int_t<8>(rom::line_Conv_bias[j * 3 + l]));
// CHECK: line_Conv_terms: for (int k = 0; k < 2; k++) {
// CHECK-NEXT: for (int k1 = 0; k1 < 3; k1++) {
// CHECK-NEXT: sum += mul<fixed_t<10, 5>>(in[i * 36 + j * 18 + m * 2 + k * 9 + k1 * 2], from_code<fixed_t<3, 1>>(int_t<3>(rom::line_Conv_weights[j * 3 + l][k * 3 + k1])));
// Padding asks only for what can be outside.
// CHECK: picture_Conv[i * 56 + j * 8 + l] = j >= 1 && j <= 5 && l <= 5 ? fixed_t<5, 2>(in[i * 30 + (j - 1) * 6 + l]) : from_code<fixed_t<5, 2>>(-7);
// CHECK: int_t<11> sum = 0;
// CHECK: sum += mul<int_t<11>>(code(in[i * 30 + j * 6 + l + k * 6 + k1]), int_t<3>(rom::depthwise_Conv_weights[i][k * 3 + k1]));
// CHECK: fixed_t<5, 2> most = in[i * 30 + j * 2];
// CHECK: most = larger<fixed_t<5, 2>>(most, in[i * 30 + j * 2 + k * 12 + k1]);
// CHECK: = j >= 1 && j <= 9 && (j - 1) % 2 == 0 && l >= 2 && (l - 2) % 3 == 0 ? fixed_t<5, 2>(in[i * 30 + (j - 1) / 2 * 6 + (l - 2) / 3]) : from_code<fixed_t<5, 2>>(9);
// A repetition of each element is a loop of its own; only a list without a pattern is a ROM.
// CHECK: out1[i * 60 + j * 12 + l * 6 + m] = in[i * 30 + j * 6 + m];
// CHECK: out5[i * 30 + j * 6 + l] = in[int(rom::gathers_List_indices[i]) * 30 + j * 6 + l];
// CHECK: out0[i * 6 + j + 120] = from_code<ufixed_t<5, 2>>(uint_t<5>(rom::joins_Channels_constant[i * 6 + j]));
// CHECK: joins_Channels_elements_3: for
// CHECK: sum += mul<fixed_t<12, 7>>(in0[i * 12 + j * 4 + k], attention_Transpose[i * 12 + k * 3 + l]);
module attributes {qonnx.name = "windows"} {
  func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {
    return %x : tensor<1xf32>
  }
  func.func private @windows(%line: tensor<2x4x9xsi5> {hls.exponent = -3 : i64}, %picture: tensor<1x4x5x6xsi5> {hls.exponent = -3 : i64}, %volume: tensor<1x2x3x4x5xsi5> {hls.exponent = -3 : i64}, %left: tensor<2x3x4xsi5> {hls.exponent = -2 : i64}, %right: tensor<2x3x4xsi5> {hls.exponent = -3 : i64}) -> (tensor<2x6x3xsi10>, tensor<1x3x3x4xsi4>, tensor<1x4x3x4xsi11>, tensor<1x8x2x3xsi9>, tensor<1x3x1x2x2xsi11>, tensor<1x2x3x5xsi14>, tensor<1x4x1x3xsi5>, tensor<1x4x2x2xsi8>, tensor<1x1x1x1xsi12>, tensor<1x1x5x6xsi6>, tensor<1x4x3x3xsi5>, tensor<1x4x12x18xsi5>, tensor<1x4x2x9xsi5>, tensor<1x2x1x1xsi5>, tensor<1x4x2x6xsi5>, tensor<2x5x5x1xsi7>, tensor<1x4x5x3xsi5>, tensor<1x4x10x6xsi5>, tensor<1x4x5x12xsi5>, tensor<3x4x5x6xsi5>, tensor<1x4x5x6xsi5>, tensor<1x5x5x6xsi5>, tensor<1x4x1x6xsi5>, tensor<1x9x5x6xsi6>, tensor<1x4x5x11xsi5>, tensor<2x4x5x6xsi5>, tensor<1x4x10x6xsi5>, tensor<2x3x3xsi12>, tensor<2x5x4xsi9>, tensor<1x4x5x6xsi6>) attributes {hls.kernel} {
    %r0 = func.call @line(%line) : (tensor<2x4x9xsi5>) -> (tensor<2x6x3xsi10>)
    %r1 = func.call @picture(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x3x3x4xsi4>)
    %r2 = func.call @depthwise(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x4x3x4xsi11>)
    %r3 = func.call @multiplied(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x8x2x3xsi9>)
    %r4 = func.call @volume(%volume) : (tensor<1x2x3x4x5xsi5>) -> (tensor<1x3x1x2x2xsi11>)
    %r5 = func.call @dynamic(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x2x3x5xsi14>)
    %r6:5 = func.call @pools(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x4x1x3xsi5>, tensor<1x4x2x2xsi8>, tensor<1x1x1x1xsi12>, tensor<1x1x5x6xsi6>, tensor<1x4x3x3xsi5>)
    %r7:5 = func.call @pads(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x4x12x18xsi5>, tensor<1x4x2x9xsi5>, tensor<1x2x1x1xsi5>, tensor<1x4x2x6xsi5>, tensor<2x5x5x1xsi7>)
    %r8:7 = func.call @gathers(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x4x5x3xsi5>, tensor<1x4x10x6xsi5>, tensor<1x4x5x12xsi5>, tensor<3x4x5x6xsi5>, tensor<1x4x5x6xsi5>, tensor<1x5x5x6xsi5>, tensor<1x4x1x6xsi5>)
    %r9:4 = func.call @joins(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x9x5x6xsi6>, tensor<1x4x5x11xsi5>, tensor<2x4x5x6xsi5>, tensor<1x4x10x6xsi5>)
    %r10:2 = func.call @attention(%left, %right) : (tensor<2x3x4xsi5>, tensor<2x3x4xsi5>) -> (tensor<2x3x3xsi12>, tensor<2x5x4xsi9>)
    %r11 = func.call @residual(%picture) : (tensor<1x4x5x6xsi5>) -> (tensor<1x4x5x6xsi6>)
    return %r0, %r1, %r2, %r3, %r4, %r5, %r6#0, %r6#1, %r6#2, %r6#3, %r6#4, %r7#0, %r7#1, %r7#2, %r7#3, %r7#4, %r8#0, %r8#1, %r8#2, %r8#3, %r8#4, %r8#5, %r8#6, %r9#0, %r9#1, %r9#2, %r9#3, %r10#0, %r10#1, %r11 : tensor<2x6x3xsi10>, tensor<1x3x3x4xsi4>, tensor<1x4x3x4xsi11>, tensor<1x8x2x3xsi9>, tensor<1x3x1x2x2xsi11>, tensor<1x2x3x5xsi14>, tensor<1x4x1x3xsi5>, tensor<1x4x2x2xsi8>, tensor<1x1x1x1xsi12>, tensor<1x1x5x6xsi6>, tensor<1x4x3x3xsi5>, tensor<1x4x12x18xsi5>, tensor<1x4x2x9xsi5>, tensor<1x2x1x1xsi5>, tensor<1x4x2x6xsi5>, tensor<2x5x5x1xsi7>, tensor<1x4x5x3xsi5>, tensor<1x4x10x6xsi5>, tensor<1x4x5x12xsi5>, tensor<3x4x5x6xsi5>, tensor<1x4x5x6xsi5>, tensor<1x5x5x6xsi5>, tensor<1x4x1x6xsi5>, tensor<1x9x5x6xsi6>, tensor<1x4x5x11xsi5>, tensor<2x4x5x6xsi5>, tensor<1x4x10x6xsi5>, tensor<2x3x3xsi12>, tensor<2x5x4xsi9>, tensor<1x4x5x6xsi6>
  }
  func.func private @line(%a0: tensor<2x4x9xsi5>) -> (tensor<2x6x3xsi10>) attributes {hls.layer} {
    %w = hls.constant dense<[[[-2, -3, 0], [-3, 3, 3]], [[3, 2, -1], [-3, 3, -4]], [[2, 2, -4], [3, 0, -1]], [[-3, 1, -4], [-4, -4, -4]], [[2, -1, 2], [-4, -1, 3]], [[3, -1, 1], [-1, -1, 3]]]> : tensor<6x2x3xsi3>
    %b = hls.constant dense<[-76, -67, -69, 2, -47, 81]> : tensor<6xsi8>
    %y = hls.conv %a0, %w, %b strides [2] dilations [2] group 2 exponent -5 : (tensor<2x4x9xsi5>, tensor<6x2x3xsi3>, tensor<6xsi8>) -> tensor<2x6x3xsi10> loc("line/Conv")
    return %y : tensor<2x6x3xsi10>
  }
  func.func private @picture(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x3x3x4xsi4>) attributes {hls.layer} {
    %w = hls.constant dense<[[[[-1, -2], [1, 3], [-3, -4]], [[3, 0], [-1, -1], [3, 3]], [[2, -2], [-1, -2], [2, -4]], [[-3, -2], [-4, 0], [-4, 0]]], [[[3, 2], [2, 2], [3, -2]], [[1, -3], [-4, -2], [3, -1]], [[0, 2], [0, 2], [2, 1]], [[2, -1], [1, -4], [0, -2]]], [[[1, -3], [-1, 0], [0, -3]], [[-3, 3], [3, -3], [1, -3]], [[2, -2], [-4, 0], [2, 2]], [[-3, -4], [-4, 2], [1, 0]]]]> : tensor<3x4x3x2xsi3>
    %p = hls.pad %a0 low [0, 0, 1, 0] high [0, 0, 1, 2] interior [0, 0, 0, 0] value -7 : (tensor<1x4x5x6xsi5>) -> tensor<1x4x7x8xsi5> loc("picture/Conv")
    %y = hls.conv %p, %w strides [1, 2] dilations [2, 1] group 1 exponent -6 : (tensor<1x4x7x8xsi5>, tensor<3x4x3x2xsi3>) -> tensor<1x3x3x4xsi12> loc("picture/Conv")
    %q = hls.requantize %y per [1, 3, 1, 1] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [-8, 7]>, #hls.mul_shift<3 * x + 5 shift 4 floor in [-8, 7]>, #hls.compare<0, -1, 1>] exponent -3 : (tensor<1x3x3x4xsi12>) -> tensor<1x3x3x4xsi4> loc("picture/Quant")
    return %q : tensor<1x3x3x4xsi4>
  }
  func.func private @depthwise(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x4x3x4xsi11>) attributes {hls.layer} {
    %w = hls.constant dense<[[[[-1, 0, -3], [2, 3, -2], [-3, -3, -4]]], [[[2, 0, -4], [-1, 1, 0], [-2, -3, 0]]], [[[-1, -4, 0], [0, -1, -2], [0, 0, 1]]], [[[-3, 1, 2], [-1, -2, -1], [3, 0, -3]]]]> : tensor<4x1x3x3xsi3>
    %y = hls.conv %a0, %w strides [1, 1] dilations [1, 1] group 4 : (tensor<1x4x5x6xsi5>, tensor<4x1x3x3xsi3>) -> tensor<1x4x3x4xsi11> loc("depthwise/Conv")
    return %y : tensor<1x4x3x4xsi11>
  }
  // Several outputs a group.
  func.func private @multiplied(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x8x2x3xsi9>) attributes {hls.layer} {
    %w = hls.constant dense<[[[[0, 1], [-4, 3]]], [[[-1, -4], [-2, -3]]], [[[1, 3], [-1, 2]]], [[[-3, -1], [-4, -1]]], [[[2, 0], [-2, 2]]], [[[-2, -3], [-2, 3]]], [[[-2, -2], [-4, -4]]], [[[-1, -1], [-2, -2]]]]> : tensor<8x1x2x2xsi3>
    %y = hls.conv %a0, %w strides [2, 2] dilations [1, 1] group 4 : (tensor<1x4x5x6xsi5>, tensor<8x1x2x2xsi3>) -> tensor<1x8x2x3xsi9> loc("multiplied/Conv")
    return %y : tensor<1x8x2x3xsi9>
  }
  func.func private @volume(%a0: tensor<1x2x3x4x5xsi5>) -> (tensor<1x3x1x2x2xsi11>) attributes {hls.layer} {
    %w = hls.constant dense<[[[[[-2, 1], [0, -2], [-2, -1]], [[1, 0], [0, -2], [0, 1]]], [[[-1, 1], [-2, -1], [0, -2]], [[1, 0], [-2, 0], [1, 0]]]], [[[[1, -2], [-1, 0], [-2, -2]], [[-1, 0], [1, -1], [-2, 0]]], [[[-1, 1], [0, 0], [-2, -2]], [[-1, -2], [0, 0], [-1, 1]]]], [[[[1, -1], [-1, -1], [-2, -1]], [[-1, -2], [0, 0], [0, 1]]], [[[1, 0], [-1, 1], [-2, -1]], [[1, 1], [-2, 1], [-1, -2]]]]]> : tensor<3x2x2x3x2xsi2>
    %y = hls.conv %a0, %w strides [1, 1, 3] dilations [2, 1, 1] group 1 exponent -4 : (tensor<1x2x3x4x5xsi5>, tensor<3x2x2x3x2xsi2>) -> tensor<1x3x1x2x2xsi11> loc("volume/Conv")
    return %y : tensor<1x3x1x2x2xsi11>
  }
  // Weights that are no constant.
  func.func private @dynamic(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x2x3x5xsi14>) attributes {hls.layer} {
    %s = hls.gather %a0 axis 2 [0, 2, 4] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x3x6xsi5> loc("dynamic/Slice")
    %v = hls.view %s : (tensor<1x4x3x6xsi5>) -> tensor<3x4x3x2xsi5>
    %w = hls.gather %v axis 0 [2, 0] : (tensor<3x4x3x2xsi5>) -> tensor<2x4x3x2xsi5> loc("dynamic/Gather")
    %y = hls.conv %a0, %w strides [1, 1] dilations [1, 1] group 1 exponent -6 : (tensor<1x4x5x6xsi5>, tensor<2x4x3x2xsi5>) -> tensor<1x2x3x5xsi14> loc("dynamic/Conv")
    return %y : tensor<1x2x3x5xsi14>
  }
  func.func private @pools(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x4x1x3xsi5>, tensor<1x4x2x2xsi8>, tensor<1x1x1x1xsi12>, tensor<1x1x5x6xsi6>, tensor<1x4x3x3xsi5>) attributes {hls.layer} {
    %m = hls.reduce_window max %a0 window [1, 1, 3, 2] strides [1, 1, 1, 2] dilations [1, 1, 2, 1] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x1x3xsi5> loc("pools/Max")
    %s = hls.reduce_window sum %a0 window [1, 1, 2, 3] strides [1, 1, 2, 3] dilations [1, 1, 1, 1] exponent -3 : (tensor<1x4x5x6xsi5>) -> tensor<1x4x2x2xsi8> loc("pools/Sum")
    %g = hls.reduce_window sum %a0 window [1, 4, 5, 6] strides [1, 1, 1, 1] dilations [1, 1, 1, 1] : (tensor<1x4x5x6xsi5>) -> tensor<1x1x1x1xsi12> loc("pools/All")
    %c = hls.reduce_window max %a0 window [1, 4, 1, 1] strides [1, 1, 1, 1] dilations [1, 1, 1, 1] exponent -2 : (tensor<1x4x5x6xsi5>) -> tensor<1x1x5x6xsi6> loc("pools/Channels")
    %n = hls.reduce_window max %a0 window [1, 1, 1, 1] strides [1, 1, 2, 2] dilations [1, 1, 1, 1] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x3x3xsi5> loc("pools/Steps")
    return %m, %s, %g, %c, %n : tensor<1x4x1x3xsi5>, tensor<1x4x2x2xsi8>, tensor<1x1x1x1xsi12>, tensor<1x1x5x6xsi6>, tensor<1x4x3x3xsi5>
  }
  func.func private @pads(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x4x12x18xsi5>, tensor<1x4x2x9xsi5>, tensor<1x2x1x1xsi5>, tensor<1x4x2x6xsi5>, tensor<2x5x5x1xsi7>) attributes {hls.layer} {
    %i = hls.pad %a0 low [0, 0, 1, 2] high [0, 0, 2, 0] interior [0, 0, 1, 2] value 9 : (tensor<1x4x5x6xsi5>) -> tensor<1x4x12x18xsi5> loc("pads/Interior")
    %c = hls.pad %a0 low [0, 0, -1, -3] high [0, 0, -2, 1] interior [0, 0, 0, 1] value -16 : (tensor<1x4x5x6xsi5>) -> tensor<1x4x2x9xsi5> loc("pads/Crop")
    %e = hls.pad %a0 low [0, -2, 0, -4] high [0, 0, -4, -6] interior [0, 0, 0, 1] value 1 : (tensor<1x4x5x6xsi5>) -> tensor<1x2x1x1xsi5> loc("pads/One")
    %n = hls.pad %a0 low [0, 0, 5, 0] high [0, 0, -8, 0] interior [0, 0, 0, 0] value 3 : (tensor<1x4x5x6xsi5>) -> tensor<1x4x2x6xsi5> loc("pads/None")
    %f = hls.pad %a0 low [0, 1, 0, 0] high [1, 0, 0, -5] interior [3, 0, 0, 0] value 20 : (tensor<1x4x5x6xsi5>) -> tensor<2x5x5x1xsi7> loc("pads/Wider")
    return %i, %c, %e, %n, %f : tensor<1x4x12x18xsi5>, tensor<1x4x2x9xsi5>, tensor<1x2x1x1xsi5>, tensor<1x4x2x6xsi5>, tensor<2x5x5x1xsi7>
  }
  func.func private @gathers(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x4x5x3xsi5>, tensor<1x4x10x6xsi5>, tensor<1x4x5x12xsi5>, tensor<3x4x5x6xsi5>, tensor<1x4x5x6xsi5>, tensor<1x5x5x6xsi5>, tensor<1x4x1x6xsi5>) attributes {hls.layer} {
    %g0 = hls.gather %a0 axis 3 [5, 3, 1] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x5x3xsi5> loc("gathers/Slice")
    %g1 = hls.gather %a0 axis 2 [0, 0, 1, 1, 2, 2, 3, 3, 4, 4] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x10x6xsi5> loc("gathers/Twice")
    %g2 = hls.gather %a0 axis -1 [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x5x12xsi5> loc("gathers/Tile")
    %g3 = hls.gather %a0 axis 0 [0, 0, 0] : (tensor<1x4x5x6xsi5>) -> tensor<3x4x5x6xsi5> loc("gathers/Expand")
    %g4 = hls.gather %a0 axis 1 [0, 2, 1, 3] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x5x6xsi5> loc("gathers/Shuffle")
    %g5 = hls.gather %a0 axis 1 [3, 0, 0, 1, 2] : (tensor<1x4x5x6xsi5>) -> tensor<1x5x5x6xsi5> loc("gathers/List")
    %g6 = hls.gather %a0 axis 2 [4] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x1x6xsi5> loc("gathers/One")
    return %g0, %g1, %g2, %g3, %g4, %g5, %g6 : tensor<1x4x5x3xsi5>, tensor<1x4x10x6xsi5>, tensor<1x4x5x12xsi5>, tensor<3x4x5x6xsi5>, tensor<1x4x5x6xsi5>, tensor<1x5x5x6xsi5>, tensor<1x4x1x6xsi5>
  }
  // Operands of one binary point, and of two.
  func.func private @joins(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x9x5x6xsi6>, tensor<1x4x5x11xsi5>, tensor<2x4x5x6xsi5>, tensor<1x4x10x6xsi5>) attributes {hls.layer} {
    %p = hls.reduce_window max %a0 window [1, 1, 1, 2] strides [1, 1, 1, 1] dilations [1, 1, 1, 1] : (tensor<1x4x5x6xsi5>) -> tensor<1x4x5x5xsi5> loc("joins/Max")
    %k = hls.constant dense<[[[[14, 23, 24, 8, 12, 2], [5, 8, 15, 13, 25, 1], [29, 31, 29, 24, 31, 12], [25, 5, 31, 14, 1, 17], [26, 30, 24, 7, 16, 6]]]]> : tensor<1x1x5x6xui5>
    %c = hls.concat %a0, %k, %a0 axis 1 : (tensor<1x4x5x6xsi5>, tensor<1x1x5x6xui5>, tensor<1x4x5x6xsi5>) -> tensor<1x9x5x6xsi6> loc("joins/Channels")
    %w = hls.concat %p, %a0 axis -1 : (tensor<1x4x5x5xsi5>, tensor<1x4x5x6xsi5>) -> tensor<1x4x5x11xsi5> loc("joins/Width")
    %s = hls.concat %a0, %a0 axis 0 : (tensor<1x4x5x6xsi5>, tensor<1x4x5x6xsi5>) -> tensor<2x4x5x6xsi5> loc("joins/Samples")
    %d = hls.reduce_window sum %a0 window [1, 1, 1, 1] strides [1, 1, 1, 1] dilations [1, 1, 1, 1] exponent -1 : (tensor<1x4x5x6xsi5>) -> tensor<1x4x5x6xsi5>
    %m = hls.concat %a0, %d axis 2 : (tensor<1x4x5x6xsi5>, tensor<1x4x5x6xsi5>) -> tensor<1x4x10x6xsi5> loc("joins/Points")
    return %c, %w, %s, %m : tensor<1x9x5x6xsi6>, tensor<1x4x5x11xsi5>, tensor<2x4x5x6xsi5>, tensor<1x4x10x6xsi5>
  }
  // Two activations, batch by batch, and a constant at the left.
  func.func private @attention(%a0: tensor<2x3x4xsi5>, %a1: tensor<2x3x4xsi5>) -> (tensor<2x3x3xsi12>, tensor<2x5x4xsi9>) attributes {hls.layer} {
    %t = hls.transpose %a1 [0, 2, 1] : (tensor<2x3x4xsi5>) -> tensor<2x4x3xsi5> loc("attention/Transpose")
    %y = hls.matmul %a0, %t exponent -5 : (tensor<2x3x4xsi5>, tensor<2x4x3xsi5>) -> tensor<2x3x3xsi12> loc("attention/MatMul")
    %k = hls.constant dense<[[3, 1, 0], [-2, -2, -4], [1, 3, -3], [1, -4, 2], [-2, 3, 2]]> : tensor<5x3xsi3>
    %l = hls.matmul %k, %a0 exponent -6 : (tensor<5x3xsi3>, tensor<2x3x4xsi5>) -> tensor<2x5x4xsi9> loc("attention/Left")
    return %y, %l : tensor<2x3x3xsi12>, tensor<2x5x4xsi9>
  }
  func.func private @residual(%a0: tensor<1x4x5x6xsi5>) -> (tensor<1x4x5x6xsi6>) attributes {hls.layer} {
    %c = hls.pad %a0 low [0, 0, 1, 1] high [0, 0, -1, -1] interior [0, 0, 0, 0] value 0 : (tensor<1x4x5x6xsi5>) -> tensor<1x4x5x6xsi5> loc("residual/Pad")
    %y = hls.add %a0, %c exponent -3 : (tensor<1x4x5x6xsi5>, tensor<1x4x5x6xsi5>) -> tensor<1x4x5x6xsi6> loc("residual/Add")
    return %y : tensor<1x4x5x6xsi6>
  }
}
