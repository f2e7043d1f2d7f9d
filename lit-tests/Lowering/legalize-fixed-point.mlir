// RUN: qonnx-opt %s --qonnx-legalize-fixed-point | FileCheck %s

// Chains between integers and a quantizer become the cheapest form that equals them. The
// answers were worked out by hand: a wrong rounding gives other parameters.

// [0, 15] - 16 is negative and saturates at 0.
// CHECK-LABEL: func @constant
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui4>)
func.func @constant(%q: tensor<1x4xui4>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.constant<0>] : (tensor<1x4xui4>) -> tensor<1x4xui1>
  %c = qonnx.constant dense<16.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  %v = qonnx.sub %x, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// Integers as they are: one form however many there are.
// CHECK-LABEL: func @unchanged
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi25>)
func.func @unchanged(%q: tensor<1x4xsi25>) -> tensor<1x4xsi33> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [-16777216, 16777215]>] : (tensor<1x4xsi25>) -> tensor<1x4xsi25>
  %x = qonnx.unscale %q by () : (tensor<1x4xsi25>) -> tensor<1x4xf32>
  %code = qonnx.quantize %x half_even in [-2147483648.0, 2147483648.0] : (tensor<1x4xf32>) -> tensor<1x4xsi33>
  return %code : tensor<1x4xsi33>
}

// 7 - 7.5 is negative, 8 - 7.5 is not.
// CHECK-LABEL: func @compare
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui4>)
func.func @compare(%q: tensor<1x4xui4>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.compare<8, -1, 1>] : (tensor<1x4xui4>) -> tensor<1x4xsi2>
  %c = qonnx.constant dense<7.5> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  %v = qonnx.sub %x, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.binarize %v : (tensor<1x4xf32>) -> tensor<1x4xsi2>
  %y = qonnx.unscale %code by () : (tensor<1x4xsi2>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// Zero counts as positive.
// CHECK-LABEL: func @compare_at_zero
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi4>)
func.func @compare_at_zero(%q: tensor<1x4xsi4>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.compare<0, -1, 1>]
  %x = qonnx.unscale %q by () : (tensor<1x4xsi4>) -> tensor<1x4xf32>
  %code = qonnx.binarize %x : (tensor<1x4xf32>) -> tensor<1x4xsi2>
  %y = qonnx.unscale %code by () : (tensor<1x4xsi2>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// CHECK-LABEL: func @shift
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui8>)
func.func @shift(%q: tensor<1x4xui8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 0 shift 4 floor in [0, 15]>] : (tensor<1x4xui8>) -> tensor<1x4xui4>
  %c = qonnx.constant dense<16.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xui8>) -> tensor<1x4xf32>
  %v = qonnx.div %x, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v floor in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 8/16 rounds to 0 and 24/16 to 2: no addend does that.
// CHECK-LABEL: func @half_even_shift
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui8>)
func.func @half_even_shift(%q: tensor<1x4xui8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 0 shift 4 half_even in [0, 15]>]
  %c = qonnx.constant dense<16.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xui8>) -> tensor<1x4xf32>
  %v = qonnx.div %x, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 8/16 rounds to 1: add 8 first.
// CHECK-LABEL: func @half_up
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui8>)
func.func @half_up(%q: tensor<1x4xui8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 8 shift 4 floor in [0, 15]>]
  %c = qonnx.constant dense<16.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xui8>) -> tensor<1x4xf32>
  %v = qonnx.div %x, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_up in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 8/16 rounds to 0, 9/16 to 1: add 7 first.
// CHECK-LABEL: func @half_down
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui8>)
func.func @half_down(%q: tensor<1x4xui8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 7 shift 4 floor in [0, 15]>]
  %c = qonnx.constant dense<16.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xui8>) -> tensor<1x4xf32>
  %v = qonnx.div %x, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_down in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 1/16 rounds to 1: add 15 first.
// CHECK-LABEL: func @ceil
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui8>)
func.func @ceil(%q: tensor<1x4xui8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 15 shift 4 floor in [0, 15]>]
  %c = qonnx.constant dense<16.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xui8>) -> tensor<1x4xf32>
  %v = qonnx.div %x, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v ceil in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// The scale on the way in and the one on the way out: 1/4 and 4.
// CHECK-LABEL: func @scale_is_folded
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui8>)
func.func @scale_is_folded(%q: tensor<1x4xui8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 0 shift 4 floor in [0, 15]>]
  %c = qonnx.constant dense<4.0> : tensor<f32>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x4xui8>, tensor<f32>) -> tensor<1x4xf32>
  %v = qonnx.div %x, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v floor in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// -x for -8 to 7; the 8 is cut off.
// CHECK-LABEL: func @negative_slope
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi4>)
func.func @negative_slope(%q: tensor<1x4xsi4>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<-1 * x + 0 shift 0 floor in [-7, 7]>] : (tensor<1x4xsi4>) -> tensor<1x4xsi4>
  %x = qonnx.unscale %q by () : (tensor<1x4xsi4>) -> tensor<1x4xf32>
  %v = qonnx.neg %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [-8.0, 7.0] : (tensor<1x4xf32>) -> tensor<1x4xsi4>
  %y = qonnx.unscale %code by () : (tensor<1x4xsi4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 0.3 * x is 0 .3 .6 .9 1.2 1.5 1.8 2.1 2.4 2.7 3 3.3 3.6 3.9 4.2 4.5; fl(0.3) is a little
// more, but 5 * fl(0.3) rounds to 1.5 and 15 * fl(0.3) to 4.5, ties that go to 2 and 4. The
// codes 0 0 1 1 1 2 2 2 2 3 3 3 4 4 4 4 are those of (5 * x + 7) >> 4, with 5 cut off at
// the end: 82 >> 4.
// CHECK-LABEL: func @mul_shift
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui4>)
func.func @mul_shift(%q: tensor<1x4xui4>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<5 * x + 7 shift 4 floor in [0, 4]>] : (tensor<1x4xui4>) -> tensor<1x4xui3>
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x4xui4>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %x half_even in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// In float32 the products of fl(0.9) < 0.9 with 15, 35 and 55 round up to 13.5, 31.5 and
// 49.5, ties that go to the even 14, 32 and 50. 5, 25, 45 and 65 are ties, too, but go down.
// CHECK-LABEL: func @exceptions
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xui9>)
func.func @exceptions(%q: tensor<1x4xui9>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<115 * x + 64 shift 7 floor in [0, 63] except [15, 14, 35, 32, 55, 50]>]
  %s = qonnx.constant dense<0.9> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x4xui9>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %x half_even in [0.0, 63.0] : (tensor<1x4xf32>) -> tensor<1x4xui6>
  %y = qonnx.unscale %code by () : (tensor<1x4xui6>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// x / 16, and a quarter of that below 0: two shifts, told apart by the sign.
// CHECK-LABEL: func @pieces
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi12>)
func.func @pieces(%q: tensor<1x4xsi12>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.pieces<0, #hls.mul_shift<1 * x + 0 shift 6 half_even in [-32, 127]>, #hls.mul_shift<1 * x + 0 shift 4 half_even in [-32, 127]>>]
  %c = qonnx.constant dense<16.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xsi12>) -> tensor<1x4xf32>
  %l = qonnx.leaky_relu %x alpha 0.25 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %v = qonnx.div %l, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [-128.0, 127.0] : (tensor<1x4xf32>) -> tensor<1x4xsi8>
  %y = qonnx.unscale %code by () : (tensor<1x4xsi8>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// The lower limit does what the Relu does.
// CHECK-LABEL: func @relu
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi8>)
func.func @relu(%q: tensor<1x4xsi8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 0 shift 4 floor in [0, 7]>] : (tensor<1x4xsi8>) -> tensor<1x4xui3>
  %c = qonnx.constant dense<16.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xsi8>) -> tensor<1x4xf32>
  %r = qonnx.relu %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %v = qonnx.div %r, %c : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v floor in [-8.0, 7.0] : (tensor<1x4xf32>) -> tensor<1x4xsi4>
  %y = qonnx.unscale %code by () : (tensor<1x4xsi4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// CHECK-LABEL: func @clip
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi8>)
func.func @clip(%q: tensor<1x4xsi8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [-2, 5]>]
  %low = qonnx.constant dense<-2.0> : tensor<f32>
  %high = qonnx.constant dense<5.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xsi8>) -> tensor<1x4xf32>
  %v = qonnx.clip %x low %low high %high : (tensor<1x4xf32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [-8.0, 7.0] : (tensor<1x4xf32>) -> tensor<1x4xsi4>
  %y = qonnx.unscale %code by () : (tensor<1x4xsi4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 2 * x + 3, in [0, 15].
// CHECK-LABEL: func @fma
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi8>)
func.func @fma(%q: tensor<1x4xsi8>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<2 * x + 3 shift 0 floor in [0, 15]>]
  %two = qonnx.constant dense<2.0> : tensor<f32>
  %three = qonnx.constant dense<3.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x4xsi8>) -> tensor<1x4xf32>
  %v = qonnx.fma %x, %two, %three : (tensor<1x4xf32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 16 / (1 + exp(-x)) for x from -4 to 3.5 in steps of 1/2: 0.29 0.47 0.76 1.21 1.91 2.92
// 4.30 6.04 8 9.96 11.70 13.08 14.09 14.79 15.24 15.53, saturated at 15.
// CHECK-LABEL: func @sigmoid
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi4>)
func.func @sigmoid(%q: tensor<1x4xsi4>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.table<-8, [0, 0, 1, 1, 2, 3, 4, 6, 8, 10, 12, 13, 14, 15, 15, 15]>] : (tensor<1x4xsi4>) -> tensor<1x4xui4>
  %t = qonnx.constant dense<0.0625> : tensor<f32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x4xsi4>, tensor<f32>) -> tensor<1x4xf32>
  %a = qonnx.sigmoid %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %v = qonnx.div %a, %t : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 128 * tanh(x) for x from -4 in steps of 1/2: -127.91 -127.77 -127.37 -126.29 -123.40
// -115.86 -97.48 -59.15 0, and mirrored but for the limit of 127.
// CHECK-LABEL: func @tanh
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi4>)
func.func @tanh(%q: tensor<1x4xsi4>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.table<-8, [-128, -128, -127, -126, -123, -116, -97, -59, 0, 59, 97, 116, 123, 126, 127, 127]>] : (tensor<1x4xsi4>) -> tensor<1x4xsi8>
  %t = qonnx.constant dense<0.0078125> : tensor<f32>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x4xsi4>, tensor<f32>) -> tensor<1x4xf32>
  %a = qonnx.tanh %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %v = qonnx.div %a, %t : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [-128.0, 127.0] : (tensor<1x4xf32>) -> tensor<1x4xsi8>
  %y = qonnx.unscale %code by () : (tensor<1x4xsi8>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 16 saturates.
// CHECK-LABEL: func @not_monotone
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi3>)
func.func @not_monotone(%q: tensor<1x4xsi3>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.table<-4, [15, 9, 4, 1, 0, 1, 4, 9]>]
  %x = qonnx.unscale %q by () : (tensor<1x4xsi3>) -> tensor<1x4xf32>
  %v = qonnx.mul %x, %x : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %code = qonnx.quantize %v half_even in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
  %y = qonnx.unscale %code by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// x >= -1000.5 is x >= -1000, and so on; the range is too large for a table.
// CHECK-LABEL: func @thresholds
// CHECK-SAME: (%[[Q:.*]]: tensor<1x4xsi16>)
func.func @thresholds(%q: tensor<1x4xsi16>) -> tensor<1x4xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.thresholds<[-1000, 0, 40, 41, 20001], [0, 1, 2, 3, 4, 5]>] : (tensor<1x4xsi16>) -> tensor<1x4xui3>
  %t = qonnx.constant dense<[[-1000.5, 0.0, 40.0, 41.0, 20000.25]]> : tensor<1x5xf32>
  %x = qonnx.unscale %q by () : (tensor<1x4xsi16>) -> tensor<1x4xf32>
  %code = qonnx.count_thresholds %x, %t axis 1 : (tensor<1x4xf32>, tensor<1x5xf32>) -> tensor<1x4xui3>
  %y = qonnx.unscale %code by () : (tensor<1x4xui3>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}

// 127 reaches 2 of the first three; thresholds 2.5, 3, 3.5 lie as 2 * x - 4 does.
// CHECK-LABEL: func @thresholds_per_channel
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xsi8>)
func.func @thresholds_per_channel(%q: tensor<1x2xsi8>) -> tensor<1x2xf32> {
  // CHECK: hls.requantize %[[Q]] per [1, 2] [#hls.mul_shift<1 * x + -99 shift 0 floor in [0, 2]>, #hls.mul_shift<2 * x + -4 shift 0 floor in [0, 3]>] : (tensor<1x2xsi8>) -> tensor<1x2xui2>
  %t = qonnx.constant dense<[[100.0, 101.0, 1000.0], [2.5, 3.0, 3.5]]> : tensor<2x3xf32>
  %x = qonnx.unscale %q by () : (tensor<1x2xsi8>) -> tensor<1x2xf32>
  %code = qonnx.count_thresholds %x, %t axis 1 : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x2xui2>
  %y = qonnx.unscale %code by () : (tensor<1x2xui2>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A quarter and an eighth: the second only gives 0 and 1, for which a comparison is enough.
// CHECK-LABEL: func @per_channel
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @per_channel(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: hls.requantize %[[Q]] per [2] [#hls.mul_shift<1 * x + 0 shift 2 floor in [0, 3]>, #hls.compare<8, 0, 1>] : (tensor<1x2xui4>) -> tensor<1x2xui2>
  %s = qonnx.constant dense<[4.0, 8.0]> : tensor<2xf32>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %v = qonnx.div %x, %s : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %code = qonnx.quantize %v floor in [0.0, 3.0] : (tensor<1x2xf32>) -> tensor<1x2xui2>
  %y = qonnx.unscale %code by () : (tensor<1x2xui2>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Channels that agree share one form.
// CHECK-LABEL: func @shared_form
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @shared_form(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 0 shift 2 floor in [0, 3]>]
  %s = qonnx.constant dense<[4.0, 4.0]> : tensor<2xf32>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %v = qonnx.div %x, %s : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %code = qonnx.quantize %v floor in [0.0, 3.0] : (tensor<1x2xf32>) -> tensor<1x2xui2>
  %y = qonnx.unscale %code by () : (tensor<1x2xui2>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// 2 * x - 5 >= 0 from 3 on, -2 * x + 6 >= 0 up to 3.
// CHECK-LABEL: func @negative_gamma
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xsi8>)
func.func @negative_gamma(%q: tensor<1x2xsi8>) -> tensor<1x2xf32> {
  // CHECK: hls.requantize %[[Q]] per [2] [#hls.compare<3, -1, 1>, #hls.compare<4, 1, -1>] : (tensor<1x2xsi8>) -> tensor<1x2xsi2>
  %g = qonnx.constant dense<[2.0, -2.0]> : tensor<2xf32>
  %b = qonnx.constant dense<[-5.0, 6.0]> : tensor<2xf32>
  %x = qonnx.unscale %q by () : (tensor<1x2xsi8>) -> tensor<1x2xf32>
  %m = qonnx.mul %x, %g : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %v = qonnx.add %m, %b : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %code = qonnx.binarize %v : (tensor<1x2xf32>) -> tensor<1x2xsi2>
  %y = qonnx.unscale %code by () : (tensor<1x2xsi2>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A quantizer behind a quantizer rounds twice, as the file says.
// CHECK-LABEL: func @cascade
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui8>)
func.func @cascade(%q: tensor<1x2xui8>) -> tensor<1x2xf32> {
  // CHECK: %[[A:.*]] = hls.requantize %[[Q]] per [] [#hls.mul_shift<1 * x + 0 shift 4 half_even in [0, 15]>]
  // CHECK: hls.requantize %[[A]] per [] [#hls.mul_shift<1 * x + 0 shift 2 half_even in [0, 3]>]
  %s = qonnx.constant dense<16.0> : tensor<f32>
  %t = qonnx.constant dense<4.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x2xui8>) -> tensor<1x2xf32>
  %d = qonnx.div %x, %s : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %a = qonnx.quantize %d half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %u = qonnx.unscale %a by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %e = qonnx.div %u, %t : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.quantize %e half_even in [0.0, 3.0] : (tensor<1x2xf32>) -> tensor<1x2xui2>
  %y = qonnx.unscale %b by () : (tensor<1x2xui2>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The binary point stays with the codes.
// CHECK-LABEL: func @exponent
func.func @exponent(%q: tensor<1x2xui8>) -> tensor<1x2xf32> {
  // CHECK: hls.requantize {{.*}} exponent -3 : (
  %s = qonnx.constant dense<0.125> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x2xui8>) -> tensor<1x2xf32>
  %d = qonnx.div %x, %s : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %a = qonnx.quantize %d half_even in [0.0, 15.0] exponent -3 : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %y = qonnx.unscale %a by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Codes up to 3 only: sums of two take 3 bits where the type had promised 5.
// CHECK-LABEL: func @narrower_accumulator
func.func @narrower_accumulator(%q: tensor<1x2xui2>) -> tensor<1x1xf32> {
  // CHECK: %[[A:.*]] = hls.requantize {{.*}} -> tensor<1x2xui2>
  // CHECK: %[[T:.*]] = hls.transpose %[[A]] [1, 0] : (tensor<1x2xui2>) -> tensor<2x1xui2>
  // CHECK: hls.matmul %{{.*}}, %[[T]] : (tensor<1x2xui1>, tensor<2x1xui2>) -> tensor<1x1xui3>
  %k = hls.constant dense<1> : tensor<1x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui2>) -> tensor<1x2xf32>
  %a = qonnx.quantize %x half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %t = hls.transpose %a [1, 0] : (tensor<1x2xui4>) -> tensor<2x1xui4>
  %n = hls.matmul %k, %t : (tensor<1x2xui1>, tensor<2x1xui4>) -> tensor<1x1xui5>
  %y = qonnx.unscale %n by () : (tensor<1x1xui5>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Only what a channel's own accumulator can reach counts: [0, 15] and [0, 120].
// CHECK-LABEL: func @range_per_channel
func.func @range_per_channel(%q: tensor<1x1xui4>) -> tensor<1x2xf32> {
  // CHECK: hls.requantize {{.*}} per [2] [#hls.constant<0>, #hls.mul_shift<1 * x + 0 shift 4 floor in [0, {{.*}}]>] :
  %k = hls.constant dense<[[1, 8]]> : tensor<1x2xui4>
  %s = qonnx.constant dense<[16.0, 16.0]> : tensor<2xf32>
  %n = hls.matmul %q, %k : (tensor<1x1xui4>, tensor<1x2xui4>) -> tensor<1x2xui7>
  %x = qonnx.unscale %n by () : (tensor<1x2xui7>) -> tensor<1x2xf32>
  %d = qonnx.div %x, %s : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %a = qonnx.quantize %d floor in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %y = qonnx.unscale %a by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The quantizer of an input has no integers in front of it: it is the host's.
// CHECK-LABEL: func @host
func.func @host(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // CHECK: qonnx.quantize
  // CHECK-NOT: hls.reason
  // CHECK-NOT: hls.requantize
  %a = qonnx.quantize %x half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %y = qonnx.unscale %a by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The file's own integers are an output: its type becomes that of the codes.
// CHECK-LABEL: func @codes_that_are_an_output
// CHECK-SAME: -> tensor<1x2xui2>
func.func @codes_that_are_an_output(%q: tensor<1x2xui4>) -> tensor<1x2xui8> {
  // CHECK: %[[Y:.*]] = hls.requantize {{.*}} floor in [0, 3]>] : (tensor<1x2xui4>) -> tensor<1x2xui2>
  // CHECK: return %[[Y]] : tensor<1x2xui2>
  %s = qonnx.constant dense<4.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %d = qonnx.div %x, %s : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %d floor in [0.0, 255.0] : (tensor<1x2xf32>) -> tensor<1x2xui8>
  return %y : tensor<1x2xui8>
}

// Integers that a quantizer gives as they are, as long as float32 holds their halves.
// CHECK-LABEL: func @half_up_of_integers
func.func @half_up_of_integers(%q: tensor<1x2xui23>) -> tensor<1x2xui23> {
  // CHECK: hls.requantize %{{.*}} per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [0, 8388607]>]
  %x = qonnx.unscale %q by () : (tensor<1x2xui23>) -> tensor<1x2xf32>
  %y = qonnx.quantize %x half_up in [0.0, 8388607.0] : (tensor<1x2xf32>) -> tensor<1x2xui23>
  return %y : tensor<1x2xui23>
}

// 8388609 + 0.5 is 8388610 in float32: no longer the same.
// CHECK-LABEL: func @half_up_beyond_float
func.func @half_up_beyond_float(%q: tensor<1x2xui24>) -> tensor<1x2xui24> {
  // CHECK: qonnx.quantize {{.*}} half_up {{.*}} {hls.reason = "it takes more than 131072 steps
  %x = qonnx.unscale %q by () : (tensor<1x2xui24>) -> tensor<1x2xf32>
  %y = qonnx.quantize %x half_up in [0.0, 16777215.0] : (tensor<1x2xf32>) -> tensor<1x2xui24>
  return %y : tensor<1x2xui24>
}
