// RUN: qonnx-opt %s --qonnx-propagate-scales | FileCheck %s

// Codes are added, [0, 30]; the division stays, for it is what the file computes.
// CHECK-LABEL: func @average_pool
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x4xui4>)
func.func @average_pool(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[N:.*]] = hls.reduce_window sum %[[Q]] window [1, 1, 2] strides [1, 1, 2] dilations [1, 1, 1] exponent -1 : (tensor<1x1x4xui4>) -> tensor<1x1x2xui5>
  // CHECK-DAG: %[[C:.*]] = qonnx.constant dense<2.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[X:.*]] = qonnx.unscale %[[N]] by (%[[S]])
  // CHECK: %[[Y:.*]] = qonnx.div %[[X]], %[[C]]
  // CHECK: return %[[Y]]
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x4xui4>, tensor<f32>) -> tensor<1x1x4xf32>
  %y = qonnx.average_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// Padding does not count: windows at the ends hold two elements.
// CHECK-LABEL: func @average_pool_with_padding
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x4xui4>)
func.func @average_pool_with_padding(%q: tensor<1x1x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK: %[[P:.*]] = hls.pad %[[Q]] low [0, 0, 1] high [0, 0, 1] interior [0, 0, 0] value 0 : (tensor<1x1x4xui4>) -> tensor<1x1x6xui4>
  // CHECK: %[[N:.*]] = hls.reduce_window sum %[[P]] window [1, 1, 3] {{.*}} -> tensor<1x1x4xui6>
  // CHECK-DAG: %[[X:.*]] = qonnx.unscale %[[N]]
  // CHECK-DAG: %[[C:.*]] = qonnx.constant dense<{{\[\[}}[2.000000e+00, 3.000000e+00, 3.000000e+00, 2.000000e+00]]]> : tensor<1x1x4xf32>
  // CHECK: qonnx.div %[[X]], %[[C]]
  %x = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %y = qonnx.average_pool %x kernel [3] strides [1] pads [1, 1] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// CHECK-LABEL: func @average_pool_with_padding_that_counts
func.func @average_pool_with_padding_that_counts(%q: tensor<1x1x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK: %[[C:.*]] = qonnx.constant dense<3.000000e+00> : tensor<f32>
  // CHECK: qonnx.div %{{.*}}, %[[C]]
  %x = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %y = qonnx.average_pool %x kernel [3] strides [1] pads [1, 1] dilations [1] include_pad notset : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// What the last window reaches beyond the declared padding never counts.
// CHECK-LABEL: func @average_pool_with_a_last_window_beyond
func.func @average_pool_with_a_last_window_beyond(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xf32> {
  // CHECK: hls.pad {{.*}} low [0, 0, 0] high [0, 0, 1] interior [0, 0, 0] value 0 : (tensor<1x1x4xui4>) -> tensor<1x1x5xui4>
  // CHECK: %[[C:.*]] = qonnx.constant dense<{{\[\[}}[3.000000e+00, 2.000000e+00]]]> : tensor<1x1x2xf32>
  // CHECK: qonnx.div %{{.*}}, %[[C]]
  %x = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %y = qonnx.average_pool %x kernel [3] strides [2] pads [0, 0] dilations [1] ceil include_pad notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// A scale a channel stays one a channel: windows do not mix channels.
// CHECK-LABEL: func @average_pool_per_channel
func.func @average_pool_per_channel(%q: tensor<1x2x4xui4>) -> tensor<1x2x2xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[}}[5.000000e-01], [3.000000e-01]]> : tensor<2x1xf32>
  // CHECK-DAG: %[[N:.*]] = hls.reduce_window sum {{.*}} dilations [1, 1, 1] : (tensor<1x2x4xui4>) -> tensor<1x2x2xui5>
  // CHECK: qonnx.unscale %[[N]] by (%[[S]])
  %s = qonnx.constant dense<[[0.5], [0.3]]> : tensor<2x1xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  %y = qonnx.average_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}

// Padding is the least code: it never wins.
// CHECK-LABEL: func @max_pool
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x4xsi4>)
func.func @max_pool(%q: tensor<1x1x4xsi4>) -> tensor<1x1x4xf32> {
  // CHECK: %[[P:.*]] = hls.pad %[[Q]] low [0, 0, 1] high [0, 0, 1] interior [0, 0, 0] value -8 : (tensor<1x1x4xsi4>) -> tensor<1x1x6xsi4>
  // CHECK: %[[N:.*]] = hls.reduce_window max %[[P]] window [1, 1, 3] strides [1, 1, 1] dilations [1, 1, 1] exponent -1 : (tensor<1x1x6xsi4>) -> tensor<1x1x4xsi4>
  // CHECK: qonnx.unscale %[[N]] by
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x4xsi4>, tensor<f32>) -> tensor<1x1x4xf32>
  %y = qonnx.max_pool %x kernel [3] strides [1] pads [1, 1] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// The greatest value of a negative scale has the least code: signs change first, [-15, 0]. One
// signed bit shows -1 as true.
// CHECK-LABEL: func @max_pool_of_a_negative_scale
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x4xui4>)
func.func @max_pool_of_a_negative_scale(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<-5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[T:.*]] = qonnx.constant dense<-1.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[F:.*]] = hls.constant dense<true> : tensor<si1>
  // CHECK: %[[M:.*]] = hls.mul %[[Q]], %[[F]] {{.*}}-> tensor<1x1x4xsi5>
  // CHECK: %[[N:.*]] = hls.reduce_window max %[[M]] {{.*}} -> tensor<1x1x2xsi5>
  // CHECK: qonnx.unscale %[[N]] by (%[[S]], %[[T]])
  %s = qonnx.constant dense<-0.5> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x4xui4>, tensor<f32>) -> tensor<1x1x4xf32>
  %y = qonnx.max_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// CHECK-LABEL: func @max_pool_of_a_negative_scale_in_one_channel
func.func @max_pool_of_a_negative_scale_in_one_channel(%q: tensor<1x2x4xui4>) -> tensor<1x2x2xf32> {
  // CHECK: %[[F:.*]] = hls.constant dense<{{\[}}[1], [-1]]> : tensor<2x1xsi2>
  // CHECK: %[[M:.*]] = hls.mul %{{.*}}, %[[F]] : {{.*}} -> tensor<1x2x4xsi5>
  // CHECK: hls.reduce_window max %[[M]]
  %s = qonnx.constant dense<[[0.5], [-0.25]]> : tensor<2x1xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  %y = qonnx.max_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}

// A window as long as the axis. Without the axis it is a view; the scale follows.
// CHECK-LABEL: func @reduce_mean
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2x4xui4>)
func.func @reduce_mean(%q: tensor<1x2x4xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[N:.*]] = hls.reduce_window sum %[[Q]] window [1, 1, 4] strides [1, 1, 1] dilations [1, 1, 1] : (tensor<1x2x4xui4>) -> tensor<1x2x1xui6>
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[?}}[5.000000e-01, 3.000000e-01]{{\]?}}> : tensor<{{(1x)?}}2xf32>
  // CHECK-DAG: %[[V:.*]] = hls.view %[[N]] : (tensor<1x2x1xui6>) -> tensor<1x2xui6>
  // CHECK: %[[X:.*]] = qonnx.unscale %[[V]] by (%[[S]])
  // CHECK: %[[C:.*]] = qonnx.constant dense<4.000000e+00> : tensor<f32>
  // CHECK: qonnx.div %[[X]], %[[C]]
  %a = qonnx.constant dense<2> : tensor<1xsi64>
  %s = qonnx.constant dense<[[0.5], [0.3]]> : tensor<2x1xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  %y = qonnx.reduce mean %x axes %a : (tensor<1x2x4xf32>, tensor<1xsi64>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Over all axes, eight codes of [0, 15].
// CHECK-LABEL: func @reduce_sum
func.func @reduce_sum(%q: tensor<1x2x4xui4>) -> tensor<1x1x1xf32> {
  // CHECK: %[[N:.*]] = hls.reduce_window sum %{{.*}} window [1, 2, 4] {{.*}} -> tensor<1x1x1xui7>
  // CHECK: %[[Y:.*]] = qonnx.unscale %[[N]]
  // CHECK-NOT: qonnx.div
  // CHECK: return %[[Y]]
  %x = qonnx.unscale %q by () : (tensor<1x2x4xui4>) -> tensor<1x2x4xf32>
  %y = qonnx.reduce sum %x keep_dims : (tensor<1x2x4xf32>) -> tensor<1x1x1xf32>
  return %y : tensor<1x1x1xf32>
}

// CHECK-LABEL: func @reduce_max
func.func @reduce_max(%q: tensor<1x2x4xsi4>) -> tensor<1x1x4xf32> {
  // CHECK: hls.reduce_window max %{{.*}} window [1, 2, 1] {{.*}} : (tensor<1x2x4xsi4>) -> tensor<1x1x4xsi4>
  %a = qonnx.constant dense<1> : tensor<1xsi64>
  %x = qonnx.unscale %q by () : (tensor<1x2x4xsi4>) -> tensor<1x2x4xf32>
  %y = qonnx.reduce max %x axes %a keep_dims : (tensor<1x2x4xf32>, tensor<1xsi64>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// The quotient of an average moves below the dot product behind it.
// CHECK-LABEL: func @average_in_front_of_a_matmul
func.func @average_in_front_of_a_matmul(%q: tensor<1x3x3xui4>) -> tensor<1x1xf32> {
  // CHECK: %[[N:.*]] = hls.reduce_window sum
  // CHECK: %[[V:.*]] = hls.view %[[N]]
  // CHECK: %[[M:.*]] = hls.matmul %[[V]],
  // CHECK: %[[X:.*]] = qonnx.unscale %[[M]]
  // CHECK: qonnx.div %[[X]], %{{.*}} : (tensor<1x1xf32>, tensor<f32>) -> tensor<1x1xf32>
  %a = qonnx.constant dense<2> : tensor<1xsi64>
  %k = hls.constant dense<[[1], [2], [3]]> : tensor<3x1xui2>
  %x = qonnx.unscale %q by () : (tensor<1x3x3xui4>) -> tensor<1x3x3xf32>
  %w = qonnx.unscale %k by () : (tensor<3x1xui2>) -> tensor<3x1xf32>
  %m = qonnx.reduce mean %x axes %a : (tensor<1x3x3xf32>, tensor<1xsi64>) -> tensor<1x3xf32>
  %y = qonnx.matmul %m, %w : (tensor<1x3xf32>, tensor<3x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// Steps of 1, 2, 3, 4 are multiples of 1, which the integers take.
// CHECK-LABEL: func @scale_that_varies_in_windows
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x4xui4>)
func.func @scale_that_varies_in_windows(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xf32> {
  // CHECK: %[[F:.*]] = hls.constant dense<{{\[\[\[}}1, 2, 3, 4]]]>
  // CHECK: %[[M:.*]] = hls.mul %[[Q]], %[[F]] : {{.*}} -> tensor<1x1x4xui6>
  // CHECK: hls.reduce_window sum %[[M]] {{.*}} -> tensor<1x1x2xui7>
  %s = qonnx.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x4xui4>, tensor<4xf32>) -> tensor<1x1x4xf32>
  %y = qonnx.average_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// CHECK-LABEL: func @scale_that_varies_among_what_is_added
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2x4xui4>)
func.func @scale_that_varies_among_what_is_added(%q: tensor<1x2x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK: %[[F:.*]] = hls.constant dense<{{\[\[\[}}2], [3]]]> : tensor<1x2x1xui2>
  // CHECK: %[[M:.*]] = hls.mul %[[Q]], %[[F]] : {{.*}} -> tensor<1x2x4xui6>
  // CHECK: hls.reduce_window sum %[[M]] {{.*}} -> tensor<1x1x4xui7>
  %a = qonnx.constant dense<1> : tensor<1xsi64>
  %s = qonnx.constant dense<[[0.5], [0.75]]> : tensor<2x1xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  %y = qonnx.reduce sum %x axes %a keep_dims : (tensor<1x2x4xf32>, tensor<1xsi64>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// The greatest of different steps in front of a dot product: multiples of 1/4, 2 and 1.
// CHECK-LABEL: func @greatest_of_different_scales
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x2xui4>)
func.func @greatest_of_different_scales(%q: tensor<1x1x2xui4>) -> tensor<1x1x1xf32> {
  // CHECK: %[[F:.*]] = hls.constant dense<{{\[\[\[}}2, 1]]]>
  // CHECK: %[[M:.*]] = hls.mul %[[Q]], %[[F]] : {{.*}} -> tensor<1x1x2xui5>
  // CHECK: hls.reduce_window max %[[M]]
  %s = qonnx.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %k = hls.constant dense<1> : tensor<1x1x1xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x2xui4>, tensor<2xf32>) -> tensor<1x1x2xf32>
  %p = qonnx.max_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x2xf32>) -> tensor<1x1x1xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x1xui1>) -> tensor<1x1x1xf32>
  %y = qonnx.matmul %p, %w : (tensor<1x1x1xf32>, tensor<1x1x1xf32>) -> tensor<1x1x1xf32>
  return %y : tensor<1x1x1xf32>
}

// What cannot be lowered stays and says why.

// CHECK-LABEL: func @scales_without_a_common_step
func.func @scales_without_a_common_step(%q: tensor<1x2x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK: qonnx.reduce sum {{.*}} {hls.reason = "the scale of its pooled or padded operand varies along a contracted axis
  %a = qonnx.constant dense<1> : tensor<1xsi64>
  %s = qonnx.constant dense<[[1.0], [1.0e-13]]> : tensor<2x1xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  %y = qonnx.reduce sum %x axes %a keep_dims : (tensor<1x2x4xf32>, tensor<1xsi64>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// CHECK-LABEL: func @average_of_what_no_quantizer_precedes
func.func @average_of_what_no_quantizer_precedes(%x: tensor<1x1x4xf32>) -> tensor<1x1x2xf32> {
  // CHECK: qonnx.average_pool {{.*}} {hls.reason = "an input of the graph reaches it unquantized; name a format with --input-format"}
  %y = qonnx.average_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  return %y : tensor<1x1x2xf32>
}

// Products and least elements have no integer form; a reduction of no axes nothing to do.
// CHECK-LABEL: func @other_reductions
func.func @other_reductions(%q: tensor<1x2x4xui4>) -> (tensor<f32>, tensor<f32>, tensor<1x2x4xf32>) {
  // CHECK: qonnx.reduce prod
  // CHECK: qonnx.reduce min
  // CHECK: qonnx.reduce sum {{.*}} noop
  %x = qonnx.unscale %q by () : (tensor<1x2x4xui4>) -> tensor<1x2x4xf32>
  %0 = qonnx.reduce prod %x : (tensor<1x2x4xf32>) -> tensor<f32>
  %1 = qonnx.reduce min %x : (tensor<1x2x4xf32>) -> tensor<f32>
  %2 = qonnx.reduce sum %x keep_dims noop : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<1x2x4xf32>
}
