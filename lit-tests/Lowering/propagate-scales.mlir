// RUN: qonnx-opt %s --qonnx-propagate-scales | FileCheck %s

// Columns of the weights sum up codes of [0, 15]: 1, 3 gives [0, 60] and -2, 1 gives
// [-30, 15], together 7 bits. The binary points add up: -1 and -2.
// CHECK-LABEL: func @matmul
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @matmul(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[}}[1, -2], [3, 1]]> : tensor<2x2xsi3>
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[T:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[N:.*]] = hls.matmul %[[Q]], %[[K]] exponent -3 : (tensor<1x2xui4>, tensor<2x2xsi3>) -> tensor<1x2xsi7>
  // CHECK: %[[Y:.*]] = qonnx.unscale %[[N]] by (%[[S]], %[[T]]) : (tensor<1x2xsi7>, tensor<f32>, tensor<f32>) -> tensor<1x2xf32>
  // CHECK: return %[[Y]]
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %t = qonnx.constant dense<0.25> : tensor<f32>
  %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by (%t) : (tensor<2x2xsi3>, tensor<f32>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A scale an output channel stays behind the integers; there is no single binary point.
// CHECK-LABEL: func @weights_per_channel
func.func @weights_per_channel(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[T:.*]] = qonnx.constant dense<{{.*}}> : tensor<1x2xf32>
  // CHECK: %[[N:.*]] = hls.matmul %{{.*}}, %{{.*}} : (
  // CHECK: qonnx.unscale %[[N]] by (%[[T]]) : (tensor<1x2xsi7>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %t = qonnx.constant dense<[[0.25, 0.3]]> : tensor<1x2xf32>
  %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by (%t) : (tensor<2x2xsi3>, tensor<1x2xf32>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The scale varies among the terms and from row to row: the weights are those of both rows, so the codes are
// multiplied, by 1, 2 in the first row and by 4, 1 in the second (steps of 1 and 1/2).
// CHECK-LABEL: func @scale_per_row_and_term
// CHECK-SAME: (%[[Q:.*]]: tensor<2x2xui4>)
func.func @scale_per_row_and_term(%q: tensor<2x2xui4>) -> tensor<2x2xf32> {
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[}}[1, -2], [3, 1]]> : tensor<2x2xsi3>
  // CHECK-DAG: %[[F:.*]] = hls.constant dense<{{\[}}[1, 2], [4, 1]]> : tensor<2x2xui3>
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[}}[1.000000e+00], [5.000000e-01]]> : tensor<2x1xf32>
  // CHECK: %[[X:.*]] = hls.mul %[[Q]], %[[F]] : {{.*}} -> tensor<2x2xui6>
  // CHECK: %[[N:.*]] = hls.matmul %[[X]], %[[K]]
  // CHECK: qonnx.unscale %[[N]] by (%[[S]])
  %s = qonnx.constant dense<[[1.0, 2.0], [2.0, 0.5]]> : tensor<2x2xf32>
  %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
  %x = qonnx.unscale %q by (%s) : (tensor<2x2xui4>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xsi3>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// A zero point a row of x is none a term, though there are as many of both.
// CHECK-LABEL: func @zero_point_of_each_row
// CHECK-SAME: (%[[Q:.*]]: tensor<2x2xui4>)
func.func @zero_point_of_each_row(%q: tensor<2x2xui4>) -> tensor<2x2xf32> {
  // CHECK: %[[D:.*]] = hls.sub %[[Q]],
  // CHECK: hls.matmul %[[D]], %{{.*}} : (tensor<2x2xsi5>, tensor<2x2xsi3>)
  %z = hls.constant dense<[[3], [5]]> : tensor<2x1xui3>
  %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
  %d = hls.sub %q, %z : (tensor<2x2xui4>, tensor<2x1xui3>) -> tensor<2x2xsi5>
  %x = qonnx.unscale %d by () : (tensor<2x2xsi5>) -> tensor<2x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xsi3>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// (q - 3) * w is q * w - 3 * (sum of w): the weights' columns sum up to 4 and -1.
// CHECK-LABEL: func @zero_point_becomes_a_bias
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @zero_point_becomes_a_bias(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-NOT: hls.sub
  // CHECK: %[[B:.*]] = hls.constant dense<[-12, 3]> : tensor<2xsi5>
  // CHECK: hls.matmul %[[Q]], %{{.*}}, %[[B]] exponent 0 : (tensor<1x2xui4>, tensor<2x2xsi3>, tensor<2xsi5>) -> tensor<1x2xsi7>
  %z = hls.constant dense<3> : tensor<ui2>
  %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
  %d = hls.sub %q, %z : (tensor<1x2xui4>, tensor<ui2>) -> tensor<1x2xsi5>
  %x = qonnx.unscale %d by () : (tensor<1x2xsi5>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xsi3>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A zero point a row: 1 * (1, -2) + 2 * (3, 1) is 7, 0.
// CHECK-LABEL: func @zero_point_per_row
func.func @zero_point_per_row(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[B:.*]] = hls.constant dense<[-7, 0]> : tensor<2xsi4>
  // CHECK: hls.matmul %{{.*}}, %{{.*}}, %[[B]]
  %z = hls.constant dense<[[1, 2]]> : tensor<1x2xui2>
  %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
  %d = hls.sub %q, %z : (tensor<1x2xui4>, tensor<1x2xui2>) -> tensor<1x2xsi5>
  %x = qonnx.unscale %d by () : (tensor<1x2xsi5>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xsi3>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Two activations: a product of integers that neither is constant.
// CHECK-LABEL: func @matmul_of_activations
// CHECK-SAME: (%[[P:.*]]: tensor<2x3xsi4>, %[[Q:.*]]: tensor<3x2xui4>)
func.func @matmul_of_activations(%p: tensor<2x3xsi4>, %q: tensor<3x2xui4>) -> tensor<2x2xf32> {
  // [-8, 7] times [0, 15], three times: [-360, 315].
  // CHECK: hls.matmul %[[P]], %[[Q]] exponent 0 : (tensor<2x3xsi4>, tensor<3x2xui4>) -> tensor<2x2xsi10>
  %x = qonnx.unscale %p by () : (tensor<2x3xsi4>) -> tensor<2x3xf32>
  %w = qonnx.unscale %q by () : (tensor<3x2xui4>) -> tensor<3x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// Float constants that need few bits are on a grid of their own: here 1/4.
// CHECK-LABEL: func @constants_on_their_own_grid
func.func @constants_on_their_own_grid(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[}}[2, 1], [6, -4]]> : tensor<2x2xsi4>
  // CHECK-DAG: %[[T:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[N:.*]] = hls.matmul %{{.*}}, %[[K]] exponent -2 :
  // CHECK: qonnx.unscale %[[N]] by (%[[T]])
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.constant dense<[[0.5, 0.25], [1.5, -1.0]]> : tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A quantized bias without a dot product behind it is added in float, as in the file.
// CHECK-LABEL: func @bias_in_front_of_an_output
func.func @bias_in_front_of_an_output(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[X:.*]] = qonnx.unscale
  // CHECK-DAG: %[[B:.*]] = qonnx.constant dense<[7.500000e-01, -5.000000e-01]> : tensor<2xf32>
  // CHECK: qonnx.add %[[X]], %[[B]]
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %k = hls.constant dense<[3, -2]> : tensor<2xsi3>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %b = qonnx.unscale %k by (%s) : (tensor<2xsi3>, tensor<f32>) -> tensor<2xf32>
  %y = qonnx.add %x, %b : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @view_and_transpose
// CHECK-SAME: (%[[Q:.*]]: tensor<2x3xui4>)
func.func @view_and_transpose(%q: tensor<2x3xui4>) -> tensor<6xf32> {
  // CHECK: %[[T:.*]] = hls.transpose %[[Q]] [1, 0] : (tensor<2x3xui4>) -> tensor<3x2xui4>
  // A value a channel does not survive this view: it becomes one an element.
  // CHECK: %[[S:.*]] = qonnx.constant dense<[5.000000e-01, 5.000000e-01, 3.000000e-01, 3.000000e-01, 2.500000e-01, 2.500000e-01]> : tensor<6xf32>
  // CHECK: %[[V:.*]] = hls.view %[[T]] : (tensor<3x2xui4>) -> tensor<6xui4>
  // CHECK: qonnx.unscale %[[V]] by (%[[S]])
  %s = qonnx.constant dense<[0.5, 0.3, 0.25]> : tensor<3xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<2x3xui4>, tensor<3xf32>) -> tensor<2x3xf32>
  %t = qonnx.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %y = qonnx.view %t : (tensor<3x2xf32>) -> tensor<6xf32>
  return %y : tensor<6xf32>
}

// Scales of 1/2 and 1/4 along the rows are 2 and 1 quarters: the factors go into the weights,
// wherever they are constant. Columns (2, 3) and (-4, 1): [0, 75] and [-60, 15].
// CHECK-LABEL: func @scales_along_the_contracted_axis
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @scales_along_the_contracted_axis(%q: tensor<1x2xui4>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK: %[[K:.*]] = hls.constant dense<{{\[}}[2, -4], [3, 1]]> : tensor<2x2xsi3>
  // CHECK: hls.matmul %[[Q]], %[[K]] {{.*}}(tensor<1x2xui4>, tensor<2x2xsi3>) -> tensor<1x2xsi8>
  // CHECK: %[[L:.*]] = hls.constant dense<{{\[}}[2, -4], [3, 1]]> : tensor<2x2xsi3>
  // CHECK: hls.matmul %[[Q]], %[[L]] {{.*}}(tensor<1x2xui4>, tensor<2x2xsi3>) -> tensor<1x2xsi8>
  %s = qonnx.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %r = qonnx.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<2xf32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xsi3>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %u = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %v = qonnx.unscale %k by (%r) : (tensor<2x2xsi3>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %z = qonnx.matmul %u, %v : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y, %z : tensor<1x2xf32>, tensor<1x2xf32>
}

// 0.3 is 5033165 * 2^-24 in float32 and 0.5 is 8388608 * 2^-24: odd scales have a step, too.
// CHECK-LABEL: func @odd_scales_along_the_contracted_axis
func.func @odd_scales_along_the_contracted_axis(%q: tensor<1x2xui4>) -> tensor<1x1xf32> {
  // CHECK: %[[K:.*]] = hls.constant dense<{{\[}}[8388608], [5033165]]> : tensor<2x1xui24>
  // CHECK: %[[N:.*]] = hls.matmul %{{.*}}, %[[K]]
  // CHECK: qonnx.unscale %[[N]]
  %s = qonnx.constant dense<[0.5, 0.3]> : tensor<2xf32>
  %k = hls.constant dense<[[1], [1]]> : tensor<2x1xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<2xf32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x1xui1>) -> tensor<2x1xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Two activations: no constant takes the factors, so they are multiplied. 2 * 15 is 30, and
// 30 * 15 + 15 * 15 is 675.
// CHECK-LABEL: func @scales_along_the_contracted_axis_of_activations
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<2x2xui4>)
func.func @scales_along_the_contracted_axis_of_activations(%p: tensor<1x2xui4>, %q: tensor<2x2xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[F:.*]] = hls.constant dense<{{.*}}2, 1{{.*}}>
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %[[F]] : {{.*}} -> tensor<1x2xui5>
  // CHECK: hls.matmul %[[M]], %[[Q]] {{.*}} -> tensor<1x2xui10>
  %s = qonnx.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %x = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<2xf32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %q by () : (tensor<2x2xui4>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Weights move at compile time.
// CHECK-LABEL: func @transposed_weights
func.func @transposed_weights(%q: tensor<1x3xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[K:.*]] = hls.constant dense<{{\[}}[1, -2], [3, 1], [2, -1]]> : tensor<3x2xsi3>
  // CHECK-NOT: hls.transpose
  // CHECK: hls.matmul %{{.*}}, %[[K]]
  %k = hls.constant dense<[[1, 3, 2], [-2, 1, -1]]> : tensor<2x3xsi3>
  %x = qonnx.unscale %q by () : (tensor<1x3xui4>) -> tensor<1x3xf32>
  %w = qonnx.unscale %k by () : (tensor<2x3xsi3>) -> tensor<2x3xf32>
  %t = qonnx.transpose %w [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %y = qonnx.matmul %x, %t : (tensor<1x3xf32>, tensor<3x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
