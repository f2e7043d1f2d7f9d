// RUN: qonnx-opt %s --hls-sink-transposes --canonicalize --split-input-file | FileCheck %s
// RUN: qonnx-opt %s --hls-sink-transposes --canonicalize --split-input-file | qonnx-opt --hls-sink-transposes --canonicalize --split-input-file | FileCheck %s

// Forms per channel follow their channel; the two transposes meet and are gone.
// CHECK-LABEL: @per_channel(
// CHECK-SAME: %[[X:.*]]: tensor<1x2x4xsi9>
func.func @per_channel(%x: tensor<1x2x4xsi9>) -> tensor<1x2x4xsi4> {
  // CHECK-NEXT: %[[Q:.*]] = hls.requantize %[[X]] per [1, 2, 1] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [-8, 7]>, #hls.constant<3>] exponent -2 {hls.transposed = array<i64: 0, 2, 1>}
  // CHECK-NEXT: return %[[Q]]
  %t = hls.transpose %x [0, 2, 1] : (tensor<1x2x4xsi9>) -> tensor<1x4x2xsi9>
  %q = hls.requantize %t per [2] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [-8, 7]>, #hls.constant<3>] exponent -2 : (tensor<1x4x2xsi9>) -> tensor<1x4x2xsi4>
  %y = hls.transpose %q [0, 2, 1] : (tensor<1x4x2xsi4>) -> tensor<1x2x4xsi4>
  return %y : tensor<1x2x4xsi4>
}

// -----

// Two requantizers in a row, each with what was done to its own codes.
// CHECK-LABEL: @chain(
// CHECK-SAME: %[[X:.*]]: tensor<2x3x4xsi9>
func.func @chain(%x: tensor<2x3x4xsi9>) -> tensor<4x2x3xui2> {
  // CHECK-NEXT: %[[A:.*]] = hls.requantize %[[X]] per [] [{{.*}}] {hls.transposed = array<i64: 1, 2, 0>} : (tensor<2x3x4xsi9>) -> tensor<2x3x4xsi4>
  // CHECK-NEXT: %[[B:.*]] = hls.requantize %[[A]] per [] [{{.*}}] {hls.transposed = array<i64: 1, 2, 0>} : (tensor<2x3x4xsi4>) -> tensor<2x3x4xui2>
  // CHECK-NEXT: hls.transpose %[[B]] [2, 0, 1] : (tensor<2x3x4xui2>) -> tensor<4x2x3xui2>
  %t = hls.transpose %x [2, 0, 1] : (tensor<2x3x4xsi9>) -> tensor<4x2x3xsi9>
  %a = hls.requantize %t per [] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [-8, 7]>] : (tensor<4x2x3xsi9>) -> tensor<4x2x3xsi4>
  %b = hls.requantize %a per [] [#hls.mul_shift<1 * x + 0 shift 1 floor in [0, 3]>] : (tensor<4x2x3xsi4>) -> tensor<4x2x3xui2>
  return %b : tensor<4x2x3xui2>
}

// -----

// What others use, too, stays.
// CHECK-LABEL: @shared(
func.func @shared(%x: tensor<1x2x4xsi9>) -> (tensor<1x4x2xsi4>, tensor<1x4x2xsi9>) {
  // CHECK-NEXT: %[[T:.*]] = hls.transpose
  // CHECK-NEXT: hls.requantize %[[T]]
  %t = hls.transpose %x [0, 2, 1] : (tensor<1x2x4xsi9>) -> tensor<1x4x2xsi9>
  %q = hls.requantize %t per [] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [-8, 7]>] : (tensor<1x4x2xsi9>) -> tensor<1x4x2xsi4>
  return %q, %t : tensor<1x4x2xsi4>, tensor<1x4x2xsi9>
}
