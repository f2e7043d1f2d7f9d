// RUN: qonnx-opt %s | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt | FileCheck %s

// CHECK-LABEL: func @constant
func.func @constant() attributes {
  // CHECK-SAME: form = #hls.constant<-3>
  form = #hls.constant<-3>
} { return }

// CHECK-LABEL: func @compare
func.func @compare() attributes {
  // CHECK-SAME: form = #hls.compare<-5, 1, -1>
  form = #hls.compare<-5, 1, -1>
} { return }

// CHECK-LABEL: func @mul_shift
func.func @mul_shift() attributes {
  // CHECK-SAME: floor = #hls.mul_shift<181 * x + 1024 shift 11 floor in [0, 15]>
  floor = #hls.mul_shift<181 * x + 1024 shift 11 floor in [0, 15]>,
  // CHECK-SAME: half_even = #hls.mul_shift<-1 * x + -4 shift 3 half_even in [-8, 7]>
  half_even = #hls.mul_shift<-1 * x + -4 shift 3 half_even in [-8, 7]>
} { return }

// CHECK-LABEL: func @mul_shift_at_its_limits
func.func @mul_shift_at_its_limits() attributes {
  // CHECK-SAME: form = #hls.mul_shift<-9223372036854775808 * x + 9223372036854775807 shift 126 floor in [-9223372036854775808, 9223372036854775807]>
  form = #hls.mul_shift<-9223372036854775808 * x + 9223372036854775807 shift 126 floor in [-9223372036854775808, 9223372036854775807]>
} { return }

// CHECK-LABEL: func @mul_shift_with_exceptions
func.func @mul_shift_with_exceptions() attributes {
  // CHECK-SAME: form = #hls.mul_shift<3 * x + 0 shift 2 floor in [0, 7] except [-2, 0, 5, 4]>
  form = #hls.mul_shift<3 * x + 0 shift 2 floor in [0, 7] except [-2, 0, 5, 4]>
} { return }

// CHECK-LABEL: func @pieces
func.func @pieces() attributes {
  // CHECK-SAME: form = #hls.pieces<-7, #hls.constant<0>, #hls.mul_shift<1 * x + 0 shift 1 floor in [0, 15]>>
  form = #hls.pieces<-7, #hls.constant<0>, #hls.mul_shift<1 * x + 0 shift 1 floor in [0, 15]>>
} { return }

// CHECK-LABEL: func @pieces_of_pieces
func.func @pieces_of_pieces() attributes {
  // CHECK-SAME: form = #hls.pieces<0, #hls.pieces<-4, #hls.constant<0>, #hls.constant<1>>, #hls.constant<2>>
  form = #hls.pieces<0, #hls.pieces<-4, #hls.constant<0>, #hls.constant<1>>, #hls.constant<2>>
} { return }

// Codes need not rise: the last one here is the smallest.
// CHECK-LABEL: func @thresholds
func.func @thresholds() attributes {
  // CHECK-SAME: form = #hls.thresholds<[-3, 0, 9], [-1, 0, 1, -2]>
  form = #hls.thresholds<[-3, 0, 9], [-1, 0, 1, -2]>
} { return }

// CHECK-LABEL: func @thresholds_without_a_threshold
func.func @thresholds_without_a_threshold() attributes {
  // CHECK-SAME: form = #hls.thresholds<[], [5]>
  form = #hls.thresholds<[], [5]>
} { return }

// CHECK-LABEL: func @table
func.func @table() attributes {
  // CHECK-SAME: form = #hls.table<-2, [3, 1, 4, 1, -5]>
  form = #hls.table<-2, [3, 1, 4, 1, -5]>
} { return }
