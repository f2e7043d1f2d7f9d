// RUN: qonnx-opt %s --hls-remove-stuck-channels --split-input-file | FileCheck %s
// RUN: qonnx-opt %s --hls-remove-stuck-channels --split-input-file | qonnx-opt --hls-remove-stuck-channels --split-input-file | FileCheck %s

// The second channel is always 3: 3 * [-1, 4] goes into the bias, and nothing computes it.
// CHECK-LABEL: @dense(
func.func @dense(%x: tensor<1x2xui4>) -> tensor<1x2xsi7> {
  // CHECK-DAG: %[[W:.*]] = hls.constant dense<{{\[\[}}1, 2], [-1, 0{{\]\]}}> : tensor<2x2xsi3>
  // CHECK-DAG: %[[B:.*]] = hls.constant dense<5> : tensor<2xui3>
  // CHECK: %[[H:.*]] = hls.matmul %{{.*}}, %[[W]], %[[B]] : (tensor<1x2xui4>, tensor<2x2xsi3>, tensor<2xui3>) -> tensor<1x2xsi7>
  // CHECK: %[[Q:.*]] = hls.requantize %[[H]] per [1, 2] [#hls.mul_shift<1 * x + 0 shift 2 floor in [0, 7]>, #hls.compare<8, 0, 1>] {hls.removed = array<i64: 1, 1, 3, 3>} : (tensor<1x2xsi7>) -> tensor<1x2xui3>
  // CHECK-DAG: %[[V:.*]] = hls.constant dense<{{\[\[}}2, 1], [1, 1{{\]\]}}> : tensor<2x2xui2>
  // CHECK-DAG: %[[C:.*]] = hls.constant dense<[-3, 12]> : tensor<2xsi5>
  // CHECK: hls.matmul %[[Q]], %[[V]], %[[C]] : (tensor<1x2xui3>, tensor<2x2xui2>, tensor<2xsi5>) -> tensor<1x2xsi7>
  %w = hls.constant dense<[[1, 1, 2], [-1, 1, 0]]> : tensor<2x3xsi3>
  %b = hls.constant dense<5> : tensor<3xui3>
  %h = hls.matmul %x, %w, %b : (tensor<1x2xui4>, tensor<2x3xsi3>, tensor<3xui3>) -> tensor<1x3xsi7>
  %q = hls.requantize %h per [3] [#hls.mul_shift<1 * x + 0 shift 2 floor in [0, 7]>, #hls.constant<3>, #hls.compare<8, 0, 1>] : (tensor<1x3xsi7>) -> tensor<1x3xui3>
  %v = hls.constant dense<[[2, 1], [-1, 4], [1, 1]]> : tensor<3x2xsi4>
  %y = hls.matmul %q, %v : (tensor<1x3xui3>, tensor<3x2xsi4>) -> tensor<1x2xsi7>
  return %y : tensor<1x2xsi7>
}

// -----

// Through a depthwise convolution, a pool and a view: the whole channel of the image goes.
// CHECK-LABEL: @image(
func.func @image(%x: tensor<1x1x4x4xui4>) -> tensor<1x1xsi16> {
  // CHECK: hls.conv {{.*}} group 1 : (tensor<1x1x4x4xui4>, tensor<2x1x1x1xui2>) -> tensor<1x2x4x4xui6>
  // CHECK: hls.requantize {{.*}} per [] {{.*}} {hls.removed = array<i64: 1, 0, 0, 15>} : (tensor<1x2x4x4xui6>) -> tensor<1x2x4x4xui4>
  // CHECK: hls.conv {{.*}} group 2 : (tensor<1x2x4x4xui4>, tensor<2x1x1x1xui1>) -> tensor<1x2x4x4xui4>
  // CHECK: hls.requantize {{.*}} per [1, 2, 1, 1] [#hls.compare<4, 0, 1>, #hls.compare<5, 0, 1>] {hls.removed = array<i64: 1, 0, 1, 1>}
  // CHECK: hls.reduce_window max {{.*}} -> tensor<1x2x2x2xui1>
  // CHECK: hls.view {{.*}} : (tensor<1x2x2x2xui1>) -> tensor<1x8xui1>
  // CHECK-DAG: hls.constant dense<true> : tensor<8x1xui1>
  // CHECK-DAG: hls.constant dense<4> : tensor<1xui3>
  // CHECK: hls.matmul {{.*}} : (tensor<1x8xui1>, tensor<8x1xui1>, tensor<1xui3>) -> tensor<1x1xsi16>
  %w = hls.constant dense<[[[[1]]], [[[2]]], [[[3]]]]> : tensor<3x1x1x1xui2>
  %h = hls.conv %x, %w strides [1, 1] dilations [1, 1] group 1 : (tensor<1x1x4x4xui4>, tensor<3x1x1x1xui2>) -> tensor<1x3x4x4xui6>
  %q = hls.requantize %h per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [0, 15]>] : (tensor<1x3x4x4xui6>) -> tensor<1x3x4x4xui4>
  %d = hls.constant dense<1> : tensor<3x1x1x1xui1>
  %g = hls.conv %q, %d strides [1, 1] dilations [1, 1] group 3 : (tensor<1x3x4x4xui4>, tensor<3x1x1x1xui1>) -> tensor<1x3x4x4xui4>
  %r = hls.requantize %g per [3, 1, 1] [#hls.constant<1>, #hls.compare<4, 0, 1>, #hls.compare<5, 0, 1>] : (tensor<1x3x4x4xui4>) -> tensor<1x3x4x4xui1>
  %m = hls.reduce_window max %r window [1, 1, 2, 2] strides [1, 1, 2, 2] dilations [1, 1, 1, 1] : (tensor<1x3x4x4xui1>) -> tensor<1x3x2x2xui1>
  %f = hls.view %m : (tensor<1x3x2x2xui1>) -> tensor<1x12xui1>
  %v = hls.constant dense<1> : tensor<12x1xui1>
  %y = hls.matmul %f, %v : (tensor<1x12xui1>, tensor<12x1xui1>) -> tensor<1x1xsi16>
  return %y : tensor<1x1xsi16>
}

// -----

// Padding is another code: the channel is not one constant. With the same code it is.
// CHECK-LABEL: @padded(
func.func @padded(%x: tensor<1x1x4xui4>) -> tensor<1x1x6xsi16> {
  // CHECK: hls.conv {{.*}} : (tensor<1x1x4xui4>, tensor<2x1x1xui2>) -> tensor<1x2x4xui5>
  // CHECK: hls.pad {{.*}} value 0 : (tensor<1x2x4xui4>) -> tensor<1x2x6xui4>
  %w = hls.constant dense<[[[1]], [[2]], [[1]]]> : tensor<3x1x1xui2>
  %h = hls.conv %x, %w strides [1] dilations [1] group 1 : (tensor<1x1x4xui4>, tensor<3x1x1xui2>) -> tensor<1x3x4xui5>
  %q = hls.requantize %h per [3, 1] [#hls.constant<1>, #hls.mul_shift<1 * x + 0 shift 0 floor in [0, 15]>, #hls.constant<0>] : (tensor<1x3x4xui5>) -> tensor<1x3x4xui4>
  %p = hls.pad %q low [0, 0, 1] high [0, 0, 1] interior [0, 0, 0] value 0 : (tensor<1x3x4xui4>) -> tensor<1x3x6xui4>
  %v = hls.constant dense<1> : tensor<1x3x1xui1>
  %y = hls.conv %p, %v strides [1] dilations [1] group 1 : (tensor<1x3x6xui4>, tensor<1x3x1xui1>) -> tensor<1x1x6xsi16>
  return %y : tensor<1x1x6xsi16>
}

// -----

// Codes that others see, too, stay; so do those of an input.
// CHECK-LABEL: @shared(
func.func @shared(%x: tensor<1x2xui4>) -> (tensor<1x1xsi16>, tensor<1x2xui4>) {
  // CHECK-NOT: hls.removed
  // CHECK: hls.matmul {{.*}} : (tensor<1x2xui4>, tensor<2x1xui1>) -> tensor<1x1xsi16>
  %q = hls.requantize %x per [2] [#hls.constant<1>, #hls.mul_shift<1 * x + 0 shift 0 floor in [0, 15]>] : (tensor<1x2xui4>) -> tensor<1x2xui4>
  %v = hls.constant dense<1> : tensor<2x1xui1>
  %y = hls.matmul %q, %v : (tensor<1x2xui4>, tensor<2x1xui1>) -> tensor<1x1xsi16>
  return %y, %q : tensor<1x1xsi16>, tensor<1x2xui4>
}
