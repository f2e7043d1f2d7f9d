// RUN: qonnx-opt %s --qonnx-propagate-scales | FileCheck %s

// Each branch keeps its scale, one value for each place along the axis; [0, 15] and [-4, 3]
// take 5 bits together.
// CHECK-LABEL: func @concat_of_different_scales
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x1xsi3>)
func.func @concat_of_different_scales(%p: tensor<1x2xui4>, %q: tensor<1x1xsi3>) -> tensor<1x3xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[}}[5.000000e-01, 5.000000e-01, 3.000000e-01]]> : tensor<1x3xf32>
  // CHECK-DAG: %[[C:.*]] = hls.concat %[[P]], %[[Q]] axis 1 : (tensor<1x2xui4>, tensor<1x1xsi3>) -> tensor<1x3xsi5>
  // CHECK: qonnx.unscale %[[C]] by (%[[S]])
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %t = qonnx.constant dense<0.3> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x1xsi3>, tensor<f32>) -> tensor<1x1xf32>
  %y = qonnx.concat %a, %b axis -1 : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// CHECK-LABEL: func @concat_of_one_scale
func.func @concat_of_one_scale(%p: tensor<1x2xui4>, %q: tensor<1x1xui4>) -> tensor<1x3xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[C:.*]] = hls.concat
  // CHECK: qonnx.unscale %[[C]] by (%[[S]]) : (tensor<1x3xui4>, tensor<f32>)
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%s) : (tensor<1x1xui4>, tensor<f32>) -> tensor<1x1xf32>
  %y = qonnx.concat %a, %b axis 1 : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// Where a branch has no scale, it is 1.
// CHECK-LABEL: func @concat_with_integers
func.func @concat_with_integers(%p: tensor<1x2xui4>, %q: tensor<1x1xui4>) -> tensor<1x3xf32> {
  // CHECK: %[[S:.*]] = qonnx.constant dense<{{\[}}[1.000000e+00, 1.000000e+00, 5.000000e-01]]> : tensor<1x3xf32>
  // CHECK: qonnx.unscale %{{.*}} by (%[[S]])
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%s) : (tensor<1x1xui4>, tensor<f32>) -> tensor<1x1xf32>
  %y = qonnx.concat %a, %b axis 1 : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// Scales of 1/2 and 1/8 in front of a dot product: the weights take 4 and 1.
// CHECK-LABEL: func @concat_in_front_of_a_matmul
func.func @concat_in_front_of_a_matmul(%p: tensor<1x1xui4>, %q: tensor<1x1xui4>) -> tensor<1x1xf32> {
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[}}[12], [-2]]> : tensor<2x1xsi5>
  // CHECK-DAG: %[[C:.*]] = hls.concat
  // CHECK: hls.matmul %[[C]], %[[K]] exponent -3
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %t = qonnx.constant dense<0.125> : tensor<f32>
  %k = hls.constant dense<[[3], [-2]]> : tensor<2x1xsi3>
  %a = qonnx.unscale %p by (%s) : (tensor<1x1xui4>, tensor<f32>) -> tensor<1x1xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x1xui4>, tensor<f32>) -> tensor<1x1xf32>
  %w = qonnx.unscale %k by () : (tensor<2x1xsi3>) -> tensor<2x1xf32>
  %c = qonnx.concat %a, %b axis 1 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// 9 is 18 halves: one bit more than the codes of [0, 15].
// CHECK-LABEL: func @pad_with_a_value
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @pad_with_a_value(%q: tensor<1x2xui4>) -> tensor<1x3xf32> {
  // CHECK: %[[P:.*]] = hls.pad %[[Q]] low [0, 1] high [0, 0] interior [0, 0] value 18 : (tensor<1x2xui4>) -> tensor<1x3xui5>
  // CHECK: qonnx.unscale %[[P]] by
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %v = qonnx.constant dense<9.0> : tensor<f32>
  %p = qonnx.constant dense<[0, 1, 0, 0]> : tensor<4xsi64>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.pad constant %x, %p value %v : (tensor<1x2xf32>, tensor<4xsi64>, tensor<f32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// Negative pads take away; nothing is added, and a channel's scale stays.
// CHECK-LABEL: func @crop
func.func @crop(%q: tensor<1x2x4xui4>) -> tensor<1x2x2xf32> {
  // CHECK: %[[P:.*]] = hls.pad %{{.*}} low [0, 0, -1] high [0, 0, -1] interior [0, 0, 0] value 0 : (tensor<1x2x4xui4>) -> tensor<1x2x2xui4>
  // CHECK: qonnx.unscale %[[P]] by (%{{.*}}) : (tensor<1x2x2xui4>, tensor<2x1xf32>)
  %s = qonnx.constant dense<[[0.5], [0.3]]> : tensor<2x1xf32>
  %p = qonnx.constant dense<[0, 0, -1, 0, 0, -1]> : tensor<6xsi64>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  %y = qonnx.pad constant %x, %p : (tensor<1x2x4xf32>, tensor<6xsi64>) -> tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}

// Scales are picked with their channels; -1 is the last.
// CHECK-LABEL: func @gather
// CHECK-SAME: (%[[Q:.*]]: tensor<1x3xui4>)
func.func @gather(%q: tensor<1x3xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[}}[1.250000e-01, 5.000000e-01]]> : tensor<1x2xf32>
  // CHECK-DAG: %[[G:.*]] = hls.gather %[[Q]] axis 1 [2, 0] : (tensor<1x3xui4>) -> tensor<1x2xui4>
  // CHECK: qonnx.unscale %[[G]] by (%[[S]])
  %s = qonnx.constant dense<[0.5, 0.3, 0.125]> : tensor<3xf32>
  %i = qonnx.constant dense<[-1, 0]> : tensor<2xsi64>
  %x = qonnx.unscale %q by (%s) : (tensor<1x3xui4>, tensor<3xf32>) -> tensor<1x3xf32>
  %y = qonnx.gather %x, %i axis 1 : (tensor<1x3xf32>, tensor<2xsi64>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @gather_along_another_axis
func.func @gather_along_another_axis(%q: tensor<2x3xui4>) -> tensor<3x3xf32> {
  // CHECK: %[[G:.*]] = hls.gather %{{.*}} axis 0 [1, 1, 0] : (tensor<2x3xui4>) -> tensor<3x3xui4>
  // CHECK: qonnx.unscale %[[G]] by (%{{.*}}) : (tensor<3x3xui4>, tensor<1x3xf32>)
  %s = qonnx.constant dense<[0.5, 0.3, 0.125]> : tensor<3xf32>
  %i = qonnx.constant dense<[1, 1, 0]> : tensor<3xsi64>
  %x = qonnx.unscale %q by (%s) : (tensor<2x3xui4>, tensor<3xf32>) -> tensor<2x3xf32>
  %y = qonnx.gather %x, %i axis 0 : (tensor<2x3xf32>, tensor<3xsi64>) -> tensor<3x3xf32>
  return %y : tensor<3x3xf32>
}

// A channel's axis that survives keeps a value a channel.
// CHECK-LABEL: func @view_per_channel
func.func @view_per_channel(%q: tensor<1x2x2x2xui4>) -> tensor<1x2x4xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[\[}}[5.000000e-01], [3.000000e-01]]]> : tensor<1x2x1xf32>
  // CHECK-DAG: %[[V:.*]] = hls.view %{{.*}} : (tensor<1x2x2x2xui4>) -> tensor<1x2x4xui4>
  // CHECK: qonnx.unscale %[[V]] by (%[[S]])
  %s = qonnx.constant dense<[[[0.5]], [[0.3]]]> : tensor<2x1x1xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x2x2xui4>, tensor<2x1x1xf32>) -> tensor<1x2x2x2xf32>
  %y = qonnx.view %x : (tensor<1x2x2x2xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// Flattened for a dot product: the value an element goes into the weights, 2 and 1 quarters.
// CHECK-LABEL: func @flattened_channels_in_front_of_a_matmul
func.func @flattened_channels_in_front_of_a_matmul(%q: tensor<1x2x2xui4>) -> tensor<1x1xf32> {
  // CHECK-DAG: %[[V:.*]] = hls.view %{{.*}} : (tensor<1x2x2xui4>) -> tensor<1x4xui4>
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[}}[2], [4], [3], [-4]]> : tensor<4x1xsi4>
  // CHECK: hls.matmul %[[V]], %[[K]] exponent -2
  %s = qonnx.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %k = hls.constant dense<[[1], [2], [3], [-4]]> : tensor<4x1xsi3>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x2xui4>, tensor<2x1xf32>) -> tensor<1x2x2xf32>
  %w = qonnx.unscale %k by () : (tensor<4x1xsi3>) -> tensor<4x1xf32>
  %v = qonnx.view %x : (tensor<1x2x2xf32>) -> tensor<1x4xf32>
  %y = qonnx.matmul %v, %w : (tensor<1x4xf32>, tensor<4x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Refusals: the dot product behind says what its operand could not do.

// CHECK-LABEL: func @pad_off_the_grid
func.func @pad_off_the_grid(%q: tensor<1x2xui4>) -> tensor<1x1xf32> {
  // CHECK: qonnx.pad
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "pads with 0.75, which is no multiple of the scale: pad with 0 or with a code"}
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %v = qonnx.constant dense<0.75> : tensor<f32>
  %p = qonnx.constant dense<[0, 1, 0, 0]> : tensor<4xsi64>
  %k = hls.constant dense<1> : tensor<3x1xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<3x1xui1>) -> tensor<3x1xf32>
  %a = qonnx.pad constant %x, %p value %v : (tensor<1x2xf32>, tensor<4xsi64>, tensor<f32>) -> tensor<1x3xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x3xf32>, tensor<3x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK-LABEL: func @pad_along_an_axis_of_different_scales
func.func @pad_along_an_axis_of_different_scales(%q: tensor<1x2xui4>) -> tensor<1x1xf32> {
  // CHECK: %[[F:.*]] = hls.constant dense<{{\[\[}}2, 1]]>
  // CHECK: %[[M:.*]] = hls.mul %{{.*}}, %[[F]] : {{.*}} -> tensor<1x2xui5>
  // CHECK: %[[P:.*]] = hls.pad %[[M]] low [0, 1]
  // CHECK: hls.matmul %[[P]],
  %s = qonnx.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %p = qonnx.constant dense<[0, 1, 0, 0]> : tensor<4xsi64>
  %k = hls.constant dense<1> : tensor<3x1xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<2xf32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<3x1xui1>) -> tensor<3x1xf32>
  %a = qonnx.pad constant %x, %p : (tensor<1x2xf32>, tensor<4xsi64>) -> tensor<1x3xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x3xf32>, tensor<3x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK-LABEL: func @gather_of_computed_indices
func.func @gather_of_computed_indices(%q: tensor<1x2xui4>, %i: tensor<2xsi64>) -> tensor<1x1xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "operand comes from qonnx.gather at /embed/Gather, with no quantizer after it"}
  %k = hls.constant dense<1> : tensor<2x1xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x1xui1>) -> tensor<2x1xf32>
  %a = qonnx.gather %x, %i axis 1 : (tensor<1x2xf32>, tensor<2xsi64>) -> tensor<1x2xf32> loc("/embed/Gather")
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// A branch in float keeps all of them there.
// CHECK-LABEL: func @concat_with_a_float_branch
func.func @concat_with_a_float_branch(%p: tensor<1x2xui4>, %q: tensor<1x1xui4>) -> tensor<1x3xf32> {
  // CHECK: qonnx.concat
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x1xui4>) -> tensor<1x1xf32>
  %c = qonnx.sigmoid %b : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %y = qonnx.concat %a, %c axis 1 : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// The convolution takes the product on integers; the pool's quantizer must see the product as
// the reference rounds it.
// CHECK-LABEL: func @a_product_that_rounds_moves_as_a_float
func.func @a_product_that_rounds_moves_as_a_float(%q: tensor<1x1x4xui4>) -> (tensor<1x1x3xf32>, tensor<1x1x2xui4>) {
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %c = qonnx.constant dense<0.7> : tensor<f32>
  %k = hls.constant dense<1> : tensor<1x1x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x4xui4>, tensor<f32>) -> tensor<1x1x4xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x2xui1>) -> tensor<1x1x2xf32>
  %v = qonnx.mul %x, %c : (tensor<1x1x4xf32>, tensor<f32>) -> tensor<1x1x4xf32>
  // CHECK: %[[V:.*]] = qonnx.mul
  // CHECK: hls.conv
  // CHECK: qonnx.max_pool %[[V]]
  %y = qonnx.conv %v, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x4xf32>, tensor<1x1x2xf32>) -> tensor<1x1x3xf32>
  %m = qonnx.max_pool %v kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %r = qonnx.quantize %m floor in [0.0, 15.0] : (tensor<1x1x2xf32>) -> tensor<1x1x2xui4>
  return %y, %r : tensor<1x1x3xf32>, tensor<1x1x2xui4>
}
