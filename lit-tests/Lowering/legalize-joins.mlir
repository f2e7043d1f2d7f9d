// RUN: qonnx-opt %s --qonnx-legalize-fixed-point | FileCheck %s

// Two integers that meet in float before a quantizer.

// Codes of one scale, small enough that float32 rounds no sum: they are added.
// CHECK-LABEL: func @sum_of_equal_scales
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @sum_of_equal_scales(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xui4> {
  // CHECK: %[[S:.*]] = hls.add %[[P]], %[[Q]] exponent 0 : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui5>
  // CHECK: hls.requantize %[[S]] per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [0, 15]>] : (tensor<1x2xui5>) -> tensor<1x2xui4>
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// p / 2 + q / 4 in halves is (2 p + q) / 2, a tie to even: [0, 45].
// CHECK-LABEL: func @sum_of_different_scales
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @sum_of_different_scales(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xui4> {
  // CHECK: %[[TWO:.*]] = hls.constant dense<2> : tensor<ui2>
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %[[TWO]] exponent -2 : (tensor<1x2xui4>, tensor<ui2>) -> tensor<1x2xui5>
  // CHECK: %[[S:.*]] = hls.add %[[M]], %[[Q]] exponent -2 : (tensor<1x2xui5>, tensor<1x2xui4>) -> tensor<1x2xui6>
  // CHECK: hls.requantize %[[S]] per [] [#hls.mul_shift<1 * x + 0 shift 1 half_even in [0, 15]>] : (tensor<1x2xui6>) -> tensor<1x2xui4>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %t = qonnx.constant dense<0.25> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qonnx.div %c, %s : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %d half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// A fused multiply-add joins as a sum does: p * -2 + q, an integer; a negative factor subtracts.
// CHECK-LABEL: func @fused_sum
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @fused_sum(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xui4> {
  // CHECK: %[[F:.*]] = hls.constant dense<-2> : tensor<si2>
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %[[F]] : (tensor<1x2xui4>, tensor<si2>) -> tensor<1x2xsi6>
  // CHECK: %[[S:.*]] = hls.add %[[M]], %[[Q]] : (tensor<1x2xsi6>, tensor<1x2xui4>) -> tensor<1x2xsi6>
  // CHECK: hls.requantize %[[S]] per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [0, 15]>] : (tensor<1x2xsi6>) -> tensor<1x2xui4>
  %s = qonnx.constant dense<-2.0> : tensor<f32>
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %c = qonnx.fma %a, %s, %b : (tensor<1x2xf32>, tensor<f32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// Factors a channel: 2 p + q in the first, p + q in the second.
// CHECK-LABEL: func @sum_of_scales_per_channel
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @sum_of_scales_per_channel(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xui6> {
  // CHECK: %[[F:.*]] = hls.constant dense<{{.*}}2, 1{{.*}}> : tensor<{{(1x)?}}2xui2>
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %[[F]] : {{.*}} -> tensor<1x2xui5>
  // CHECK: hls.add %[[M]], %[[Q]] : {{.*}} -> tensor<1x2xui6>
  %s = qonnx.constant dense<[2.0, 1.0]> : tensor<2xf32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<2xf32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %c half_even in [0.0, 63.0] : (tensor<1x2xf32>) -> tensor<1x2xui6>
  return %y : tensor<1x2xui6>
}

// 0.3 * 15 is no float32: the sums round, so factors are searched that give the codes of every pair.
// CHECK-LABEL: func @sum_of_odd_scales
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @sum_of_odd_scales(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xui4> {
  // CHECK-DAG: %[[M:.*]] = hls.mul %[[P]], %{{.*}} : (tensor<1x2xui4>, tensor<ui{{.*}}>)
  // CHECK-DAG: %[[N:.*]] = hls.mul %[[Q]], %{{.*}} : (tensor<1x2xui4>, tensor<ui{{.*}}>)
  // CHECK: %[[S:.*]] = hls.add %[[M]], %[[N]] :
  // CHECK: hls.requantize %[[S]] per [] [#hls
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %t = qonnx.constant dense<0.17> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// The right branch falls: its factor is -1, which one signed bit shows as true.
// CHECK-LABEL: func @difference
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @difference(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xsi4> {
  // CHECK: %[[F:.*]] = hls.constant dense<true> : tensor<si1>
  // CHECK: %[[N:.*]] = hls.mul %[[Q]], %[[F]] : (tensor<1x2xui4>, tensor<si1>) -> tensor<1x2xsi5>
  // CHECK: %[[S:.*]] = hls.add %[[P]], %[[N]] : (tensor<1x2xui4>, tensor<1x2xsi5>) -> tensor<1x2xsi5>
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.sub %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %c half_even in [-8.0, 7.0] : (tensor<1x2xf32>) -> tensor<1x2xsi4>
  return %y : tensor<1x2xsi4>
}

// CHECK-LABEL: func @exact_difference
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @exact_difference(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xsi4> {
  // CHECK: %[[S:.*]] = hls.sub %[[P]], %[[Q]] exponent 0 : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xsi5>
  // CHECK: hls.requantize %[[S]] per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [-8, 7]>] : (tensor<1x2xsi5>) -> tensor<1x2xsi4>
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %c = qonnx.sub %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %c half_even in [-8.0, 7.0] : (tensor<1x2xf32>) -> tensor<1x2xsi4>
  return %y : tensor<1x2xsi4>
}

// A gate: the codes are multiplied, [0, 9], and limited.
// CHECK-LABEL: func @product
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui2>, %[[Q:.*]]: tensor<1x2xui2>)
func.func @product(%p: tensor<1x2xui2>, %q: tensor<1x2xui2>) -> tensor<1x2xui2> {
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %[[Q]] exponent -3 : (tensor<1x2xui2>, tensor<1x2xui2>) -> tensor<1x2xui4>
  // CHECK: hls.requantize %[[M]] per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [0, 3]>] : (tensor<1x2xui4>) -> tensor<1x2xui2>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %t = qonnx.constant dense<0.5> : tensor<f32>
  %u = qonnx.constant dense<0.125> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui2>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xui2>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.mul %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qonnx.div %c, %u : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %d half_even in [0.0, 3.0] : (tensor<1x2xf32>) -> tensor<1x2xui2>
  return %y : tensor<1x2xui2>
}

// p * q / 16 is a half-even shift of the product, also where no product occurs.
// CHECK-LABEL: func @product_over_a_power_of_two
func.func @product_over_a_power_of_two(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xui4> {
  // CHECK: hls.mul {{.*}} -> tensor<1x2xui8>
  // CHECK: hls.requantize {{.*}} [#hls.mul_shift<1 * x + 0 shift 4 half_even in [0, 14]>]
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.mul %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// |p - q| keeps no order, 0.3 * 7 rounds: a table of the combinations, 8 p + q.
// CHECK-LABEL: func @table
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui3>, %[[Q:.*]]: tensor<1x2xui3>)
func.func @table(%p: tensor<1x2xui3>, %q: tensor<1x2xui3>) -> tensor<1x2xui4> {
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %{{.*}} : (tensor<1x2xui3>, tensor<ui4>) -> tensor<1x2xui6>
  // CHECK: %[[I:.*]] = hls.add %[[M]], %[[Q]] : (tensor<1x2xui6>, tensor<1x2xui3>) -> tensor<1x2xui6>
  // CHECK: hls.requantize %[[I]] per [] [#hls.table<{{.*}}[0, 3, 6, 9, 12, 15, 15, 15, 3, 0, 3,
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %t = qonnx.constant dense<0.1> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui3>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%s) : (tensor<1x2xui3>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.sub %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qonnx.abs %c : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %e = qonnx.div %d, %t : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %e half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// Three branches, joined one after another: float32 rounds none of the sums.
// CHECK-LABEL: func @three_branches
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui1>, %[[Q:.*]]: tensor<1x2xui1>, %[[R:.*]]: tensor<1x2xui1>)
func.func @three_branches(%p: tensor<1x2xui1>, %q: tensor<1x2xui1>, %r: tensor<1x2xui1>) -> tensor<1x2xui4> {
  // CHECK: %[[S:.*]] = hls.add %[[P]], %[[Q]] exponent 0 : {{.*}} -> tensor<1x2xui2>
  // CHECK: %[[T:.*]] = hls.add %[[S]], %[[R]] exponent 0 : {{.*}} -> tensor<1x2xui2>
  // CHECK: hls.requantize %[[T]] per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [0, 3]>] : (tensor<1x2xui2>) -> tensor<1x2xui2>
  %a = qonnx.unscale %p by () : (tensor<1x2xui1>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui1>) -> tensor<1x2xf32>
  %c = qonnx.unscale %r by () : (tensor<1x2xui1>) -> tensor<1x2xf32>
  %d = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %e = qonnx.add %d, %c : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %e half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// As many values as float32 holds: the sum on a common grid of 1/4, 2 p + q, over 2^20.
// CHECK-LABEL: func @exact_grid
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui21>, %[[Q:.*]]: tensor<1x2xui21>)
func.func @exact_grid(%p: tensor<1x2xui21>, %q: tensor<1x2xui21>) -> tensor<1x2xui4> {
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %{{.*}} : (tensor<1x2xui21>, tensor<ui2>) -> tensor<1x2xui22>
  // CHECK: %[[S:.*]] = hls.add %[[M]], %[[Q]] {{.*}} -> tensor<1x2xui23>
  // CHECK: hls.requantize %[[S]] per [] [#hls.mul_shift<1 * x + 0 shift 20 half_even in [0, {{.*}}]>] : (tensor<1x2xui23>) ->
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %t = qonnx.constant dense<0.25> : tensor<f32>
  %u = qonnx.constant dense<262144.0> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui21>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xui21>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qonnx.div %c, %u : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %d half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// What is left stays in float32, for hls-outline-float: too many values, and 3 * 2^-60 has no small grid with 1.
// CHECK-LABEL: func @too_many_values_off_a_common_grid
func.func @too_many_values_off_a_common_grid(%p: tensor<1x2xui21>, %q: tensor<1x2xui21>) -> tensor<1x2xui4> {
  // CHECK: qonnx.quantize {{.*}} {hls.reason = "joins branches of 2097152 and 2097152 values, more than the 1048576 that are examined"}
  %s = qonnx.constant dense<2.60208521e-18> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui21>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui21>) -> tensor<1x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> loc("/res/Add")
  %y = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// CHECK-LABEL: func @greater_of_too_many_values
func.func @greater_of_too_many_values(%p: tensor<1x2xui16>, %q: tensor<1x2xui16>) -> tensor<1x2xui4> {
  // CHECK: qonnx.quantize {{.*}} {hls.reason = "joins two branches by Max"}
  %a = qonnx.unscale %p by () : (tensor<1x2xui16>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui16>) -> tensor<1x2xf32>
  %c = qonnx.max %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> loc("/gate/Max")
  %y = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  return %y : tensor<1x2xui4>
}

// The sums that occur leave gaps; a line through them gives all codes with one multiplication.
// CHECK-LABEL: func @sum_on_a_line
func.func @sum_on_a_line(%p: tensor<1x2xsi8>, %q: tensor<1x2xsi8>) -> tensor<1x2xsi8> {
  // CHECK: hls.add
  // CHECK-NEXT: hls.requantize {{.*}} per [] [#hls.mul_shift<
  %s = qonnx.constant dense<0.0371> : tensor<f32>
  %t = qonnx.constant dense<0.0523> : tensor<f32>
  %u = qonnx.constant dense<0.0613> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xsi8>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xsi8>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qonnx.div %c, %u : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %d half_even in [-128.0, 127.0] : (tensor<1x2xf32>) -> tensor<1x2xsi8>
  return %y : tensor<1x2xsi8>
}

// A falling chain behind the sum: the multiplier is negative.
// CHECK-LABEL: func @falling_sum_on_a_line
func.func @falling_sum_on_a_line(%p: tensor<1x2xsi6>, %q: tensor<1x2xsi6>) -> tensor<1x2xsi6> {
  // CHECK: hls.add
  // CHECK-NEXT: hls.requantize {{.*}} per [] [#hls.mul_shift<-
  %s = qonnx.constant dense<0.0371> : tensor<f32>
  %t = qonnx.constant dense<0.0523> : tensor<f32>
  %u = qonnx.constant dense<-0.0613> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xsi6>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xsi6>, tensor<f32>) -> tensor<1x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %d = qonnx.div %c, %u : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %d half_even in [-32.0, 31.0] : (tensor<1x2xf32>) -> tensor<1x2xsi6>
  return %y : tensor<1x2xsi6>
}
