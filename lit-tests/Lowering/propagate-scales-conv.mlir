// RUN: qonnx-opt %s --qonnx-propagate-scales | FileCheck %s
// RUN: qonnx-opt %s --qonnx-propagate-scales --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOCATION

// (q - 3) * w is q * w - 3 * (sum of w), where the padded zero is the code 3. The weights sum
// up to 2; codes of [0, 15] give [-30, 60], less 6 is [-36, 54].
// CHECK-LABEL: func @zero_point_and_padding
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x4xui4>)
// LOCATION-LABEL: func @zero_point_and_padding
func.func @zero_point_and_padding(%q: tensor<1x1x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK-NOT: hls.sub
  // CHECK: %[[P:.*]] = hls.pad %[[Q]] low [0, 0, 1] high [0, 0, 1] interior [0, 0, 0] value 3 : (tensor<1x1x4xui4>) -> tensor<1x1x6xui4>
  // CHECK: %[[B:.*]] = hls.constant dense<-6> : tensor<1xsi4>
  // CHECK: %[[N:.*]] = hls.conv %[[P]], %{{.*}}, %[[B]] strides [1] dilations [1] group 1 exponent 0 : (tensor<1x1x6xui4>, tensor<1x1x3xsi3>, tensor<1xsi4>) -> tensor<1x1x4xsi7>
  // CHECK: qonnx.unscale %[[N]] by ()
  // LOCATION: hls.pad {{.*}} loc("/conv/Conv")
  // LOCATION: hls.conv {{.*}} loc("/conv/Conv")
  // LOCATION: qonnx.unscale {{.*}} loc("/conv/Conv")
  %z = hls.constant dense<3> : tensor<ui2>
  %k = hls.constant dense<[[[1, -2, 3]]]> : tensor<1x1x3xsi3>
  %d = hls.sub %q, %z : (tensor<1x1x4xui4>, tensor<ui2>) -> tensor<1x1x4xsi5>
  %x = qonnx.unscale %d by () : (tensor<1x1x4xsi5>) -> tensor<1x1x4xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x3xsi3>) -> tensor<1x1x3xf32>
  %y = qonnx.conv %x, %w strides [1] pads [1, 1] dilations [1] group 1 notset : (tensor<1x1x4xf32>, tensor<1x1x3xf32>) -> tensor<1x1x4xf32> loc("/conv/Conv")
  return %y : tensor<1x1x4xf32>
}

// Padding is one code for all channels: zero points that differ stay in front of it.
// CHECK-LABEL: func @zero_point_per_channel
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2x4xui4>)
func.func @zero_point_per_channel(%q: tensor<1x2x4xui4>) -> tensor<1x1x6xf32> {
  // CHECK: %[[D:.*]] = hls.sub %[[Q]],
  // CHECK: %[[P:.*]] = hls.pad %[[D]] {{.*}} value 0
  // CHECK: hls.conv %[[P]], %{{.*}} strides
  %z = hls.constant dense<[[3], [1]]> : tensor<2x1xui2>
  %k = hls.constant dense<[[[1], [1]]]> : tensor<1x2x1xui1>
  %d = hls.sub %q, %z : (tensor<1x2x4xui4>, tensor<2x1xui2>) -> tensor<1x2x4xsi5>
  %x = qonnx.unscale %d by () : (tensor<1x2x4xsi5>) -> tensor<1x2x4xf32>
  %w = qonnx.unscale %k by () : (tensor<1x2x1xui1>) -> tensor<1x2x1xf32>
  %y = qonnx.conv %x, %w strides [1] pads [1, 1] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x1x6xf32>
  return %y : tensor<1x1x6xf32>
}

// Four ones on codes of [0, 15]; the entries of pads in front come first, height then width.
// CHECK-LABEL: func @padding_on_some_sides
func.func @padding_on_some_sides(%q: tensor<1x1x2x2xui4>) -> tensor<1x1x2x2xf32> {
  // CHECK: hls.pad {{.*}} low [0, 0, 1, 0] high [0, 0, 0, 1] interior [0, 0, 0, 0] value 0 : (tensor<1x1x2x2xui4>) -> tensor<1x1x3x3xui4>
  // CHECK: hls.conv {{.*}} -> tensor<1x1x2x2xui6>
  %k = hls.constant dense<1> : tensor<1x1x2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x1x2x2xui4>) -> tensor<1x1x2x2xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x2x2xui1>) -> tensor<1x1x2x2xf32>
  %y = qonnx.conv %x, %w strides [1, 1] pads [1, 0, 0, 1] dilations [1, 1] group 1 notset : (tensor<1x1x2x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %y : tensor<1x1x2x2xf32>
}

// A scale an output channel stays behind the sum.
// CHECK-LABEL: func @weights_per_channel
func.func @weights_per_channel(%q: tensor<1x1x4xui4>) -> tensor<1x2x2xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[}}[5.000000e-01], [3.000000e-01]]> : tensor<2x1xf32>
  // CHECK-DAG: %[[N:.*]] = hls.conv %{{.*}}, %{{.*}} strides [2] dilations [1] group 1 : (tensor<1x1x4xui4>, tensor<2x1x2xsi3>) -> tensor<1x2x2xsi7>
  // CHECK: qonnx.unscale %[[N]] by (%[[S]])
  %s = qonnx.constant dense<[[[0.5]], [[0.3]]]> : tensor<2x1x1xf32>
  %k = hls.constant dense<[[[1, 2]], [[3, -4]]]> : tensor<2x1x2xsi3>
  %x = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %w = qonnx.unscale %k by (%s) : (tensor<2x1x2xsi3>, tensor<2x1x1xf32>) -> tensor<2x1x2xf32>
  %y = qonnx.conv %x, %w strides [2] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x4xf32>, tensor<2x1x2xf32>) -> tensor<1x2x2xf32>
  return %y : tensor<1x2x2xf32>
}

// Each channel on its own: its scale is that of its output. [0, 45] and [-30, 0].
// CHECK-LABEL: func @depthwise
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2x4xui4>)
func.func @depthwise(%q: tensor<1x2x4xui4>) -> tensor<1x2x4xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[}}[5.000000e-01], [3.000000e-01]]> : tensor<2x1xf32>
  // CHECK-DAG: %[[N:.*]] = hls.conv %[[Q]], %{{.*}} group 2 : (tensor<1x2x4xui4>, tensor<2x1x1xsi3>) -> tensor<1x2x4xsi7>
  // CHECK: qonnx.unscale %[[N]] by (%[[S]])
  %s = qonnx.constant dense<[[[0.5], [0.3]]]> : tensor<1x2x1xf32>
  %k = hls.constant dense<[[[3]], [[-2]]]> : tensor<2x1x1xsi3>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  %w = qonnx.unscale %k by () : (tensor<2x1x1xsi3>) -> tensor<2x1x1xf32>
  %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 2 notset : (tensor<1x2x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// Channels of 1/2 and 1/4 that are added: 2 and 1 quarters, 2 * 3 and -2 as weights,
// [-30, 90].
// CHECK-LABEL: func @input_per_channel
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2x4xui4>)
func.func @input_per_channel(%q: tensor<1x2x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<2.500000e-01> : tensor<{{(1x1x)?}}f32>
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[\[}}[6], [-2]]]> : tensor<1x2x1xsi4>
  // CHECK: %[[N:.*]] = hls.conv %[[Q]], %[[K]] {{.*}} exponent -2 : {{.*}} -> tensor<1x1x4xsi8>
  // CHECK: qonnx.unscale %[[N]] by (%[[S]])
  %s = qonnx.constant dense<[[[0.5], [0.25]]]> : tensor<1x2x1xf32>
  %k = hls.constant dense<[[[3], [-2]]]> : tensor<1x2x1xsi3>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  %w = qonnx.unscale %k by () : (tensor<1x2x1xsi3>) -> tensor<1x2x1xf32>
  %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// The same for scales of weights that are quantized along their input channels.
// CHECK-LABEL: func @weights_per_input_channel
func.func @weights_per_input_channel(%q: tensor<1x2x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK: %[[K:.*]] = hls.constant dense<{{\[\[}}[6], [-2]]]> : tensor<1x2x1xsi4>
  // CHECK: hls.conv %{{.*}}, %[[K]] {{.*}} exponent -2 : {{.*}} -> tensor<1x1x4xsi8>
  %s = qonnx.constant dense<[[[0.5], [0.25]]]> : tensor<1x2x1xf32>
  %k = hls.constant dense<[[[3], [-2]]]> : tensor<1x2x1xsi3>
  %x = qonnx.unscale %q by () : (tensor<1x2x4xui4>) -> tensor<1x2x4xf32>
  %w = qonnx.unscale %k by (%s) : (tensor<1x2x1xsi3>, tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// Two groups of two channels: steps of 1/4 and 1/2, in multiples (2, 1) and (1, 4).
// CHECK-LABEL: func @groups
func.func @groups(%q: tensor<1x4x3xui4>) -> tensor<1x2x3xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[}}[2.500000e-01], [5.000000e-01]]> : tensor<2x1xf32>
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[\[}}[2], [1]], {{\[}}[1], [4]]]> : tensor<2x2x1xui3>
  // CHECK: %[[N:.*]] = hls.conv %{{.*}}, %[[K]] strides [1] dilations [1] group 2 : {{.*}} -> tensor<1x2x3xui7>
  // CHECK: qonnx.unscale %[[N]] by (%[[S]])
  %s = qonnx.constant dense<[[[0.5], [0.25], [0.5], [2.0]]]> : tensor<1x4x1xf32>
  %k = hls.constant dense<1> : tensor<2x2x1xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x4x3xui4>, tensor<1x4x1xf32>) -> tensor<1x4x3xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2x1xui1>) -> tensor<2x2x1xf32>
  %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 2 notset : (tensor<1x4x3xf32>, tensor<2x2x1xf32>) -> tensor<1x2x3xf32>
  return %y : tensor<1x2x3xf32>
}

// Neither is constant: [-8, 7] times [0, 15], twice.
// CHECK-LABEL: func @conv_of_activations
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x4xui4>, %[[K:.*]]: tensor<1x1x2xsi4>)
func.func @conv_of_activations(%q: tensor<1x1x4xui4>, %k: tensor<1x1x2xsi4>) -> tensor<1x1x3xf32> {
  // CHECK: hls.conv %[[Q]], %[[K]] {{.*}} -> tensor<1x1x3xsi9>
  %x = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x2xsi4>) -> tensor<1x1x2xf32>
  %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x4xf32>, tensor<1x1x2xf32>) -> tensor<1x1x3xf32>
  return %y : tensor<1x1x3xf32>
}

// A stride of 2 puts a zero between the elements, which is the code 3 here; the kernel is
// mirrored and reaches one element beyond. Weights 1 and 2: [0, 45] less 3 * 3.
// CHECK-LABEL: func @conv_transpose
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1x3xui4>)
func.func @conv_transpose(%q: tensor<1x1x3xui4>) -> tensor<1x1x6xf32> {
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[\[}}[2, 1]]]> : tensor<1x1x2xui2>
  // CHECK-DAG: %[[P:.*]] = hls.pad %[[Q]] low [0, 0, 1] high [0, 0, 1] interior [0, 0, 1] value 3 : (tensor<1x1x3xui4>) -> tensor<1x1x7xui4>
  // CHECK-DAG: %[[B:.*]] = hls.constant dense<-9> : tensor<1xsi5>
  // CHECK: hls.conv %[[P]], %[[K]], %[[B]] strides [1] dilations [1] group 1 exponent 0 : {{.*}} -> tensor<1x1x6xsi7>
  %z = hls.constant dense<3> : tensor<ui2>
  %k = hls.constant dense<[[[1, 2]]]> : tensor<1x1x2xui2>
  %d = hls.sub %q, %z : (tensor<1x1x3xui4>, tensor<ui2>) -> tensor<1x1x3xsi5>
  %x = qonnx.unscale %d by () : (tensor<1x1x3xsi5>) -> tensor<1x1x3xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x2xui2>) -> tensor<1x1x2xf32>
  %y = qonnx.conv_transpose %x, %w strides [2] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 1 notset : (tensor<1x1x3xf32>, tensor<1x1x2xf32>) -> tensor<1x1x6xf32>
  return %y : tensor<1x1x6xf32>
}

// Padding of a transposed convolution takes elements away. Weights (channel, output) become
// (output, channel); their scale an output follows.
// CHECK-LABEL: func @conv_transpose_that_crops
func.func @conv_transpose_that_crops(%q: tensor<1x2x3xui4>) -> tensor<1x2x1xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<{{\[}}[5.000000e-01], [2.500000e-01]]> : tensor<2x1xf32>
  // CHECK-DAG: %[[K:.*]] = hls.constant dense<{{\[\[}}[1], [3]], {{\[}}[2], [4]]]> : tensor<2x2x1xui3>
  // CHECK-DAG: %[[P:.*]] = hls.pad %{{.*}} low [0, 0, -1] high [0, 0, -1] interior [0, 0, 0] value 0 : (tensor<1x2x3xui4>) -> tensor<1x2x1xui4>
  // CHECK: %[[N:.*]] = hls.conv %[[P]], %[[K]] {{.*}} -> tensor<1x2x1xui7>
  // CHECK: qonnx.unscale %[[N]] by (%[[S]])
  %s = qonnx.constant dense<[[[0.5], [0.25]]]> : tensor<1x2x1xf32>
  %k = hls.constant dense<[[[1], [2]], [[3], [4]]]> : tensor<2x2x1xui3>
  %x = qonnx.unscale %q by () : (tensor<1x2x3xui4>) -> tensor<1x2x3xf32>
  %w = qonnx.unscale %k by (%s) : (tensor<2x2x1xui3>, tensor<1x2x1xf32>) -> tensor<2x2x1xf32>
  %y = qonnx.conv_transpose %x, %w strides [1] pads [1, 1] dilations [1] output_padding [0] output_shape [] group 1 notset : (tensor<1x2x3xf32>, tensor<2x2x1xf32>) -> tensor<1x2x1xf32>
  return %y : tensor<1x2x1xf32>
}

// What cannot be lowered stays and says why.

// CHECK-LABEL: func @bias
func.func @bias(%q: tensor<1x1x4xui4>, %b: tensor<1xf32>) -> tensor<1x1x4xf32> {
  // CHECK: qonnx.conv {{.*}} {hls.reason = "has a bias; run qonnx-extract-bias first"}
  %k = hls.constant dense<1> : tensor<1x1x1xui1>
  %x = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x1xui1>) -> tensor<1x1x1xf32>
  %y = qonnx.conv %x, %w bias %b strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x4xf32>, tensor<1x1x1xf32>, tensor<1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// CHECK-LABEL: func @scale_of_the_input_without_a_step
func.func @scale_of_the_input_without_a_step(%q: tensor<1x2x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK: qonnx.conv {{.*}} {hls.reason = "the scale of its input operand varies along a contracted axis (0.0000000000001 to 1) and has no common step:
  %s = qonnx.constant dense<[[[1.0], [1.0e-13]]]> : tensor<1x2x1xf32>
  %k = hls.constant dense<1> : tensor<1x2x1xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2x4xui4>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  %w = qonnx.unscale %k by () : (tensor<1x2x1xui1>) -> tensor<1x2x1xf32>
  %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// A kernel slides over it: no weight could take the factors, so hardware multiplies.
// CHECK-LABEL: func @scale_of_the_input_in_space
func.func @scale_of_the_input_in_space(%q: tensor<1x1x4xui4>) -> tensor<1x1x4xf32> {
  // CHECK: %[[F:.*]] = hls.constant dense<{{.*}}1, 2, 4, 8{{.*}}>
  // CHECK: %[[X:.*]] = hls.mul %{{.*}}, %[[F]] : {{.*}} -> tensor<1x1x4xui7>
  // CHECK: hls.conv %[[X]], %
  %s = qonnx.constant dense<[1.0, 2.0, 4.0, 8.0]> : tensor<4xf32>
  %k = hls.constant dense<1> : tensor<1x1x1xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x4xui4>, tensor<4xf32>) -> tensor<1x1x4xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x1xui1>) -> tensor<1x1x1xf32>
  %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x1x4xf32>, tensor<1x1x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// CHECK-LABEL: func @varying_scale_of_weights_that_are_computed
func.func @varying_scale_of_weights_that_are_computed(%q: tensor<1x2x4xui4>, %k: tensor<1x2x1xui1>) -> tensor<1x1x4xf32> {
  // CHECK: qonnx.conv {{.*}} {hls.reason = "the scale of its weights varies among the terms of a sum, and they are not constant or too wide"}
  %s = qonnx.constant dense<[[[0.5], [0.25]]]> : tensor<1x2x1xf32>
  %x = qonnx.unscale %q by () : (tensor<1x2x4xui4>) -> tensor<1x2x4xf32>
  %w = qonnx.unscale %k by (%s) : (tensor<1x2x1xui1>, tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}

// CHECK-LABEL: func @transposed_weights_that_are_computed
func.func @transposed_weights_that_are_computed(%q: tensor<1x1x3xui4>, %k: tensor<1x1x2xui2>) -> tensor<1x1x4xf32> {
  // CHECK: qonnx.conv_transpose {{.*}} {hls.reason = "its weights are not constant"}
  %x = qonnx.unscale %q by () : (tensor<1x1x3xui4>) -> tensor<1x1x3xf32>
  %w = qonnx.unscale %k by () : (tensor<1x1x2xui2>) -> tensor<1x1x2xf32>
  %y = qonnx.conv_transpose %x, %w strides [1] pads [0, 0] dilations [1] output_padding [0] output_shape [] group 1 notset : (tensor<1x1x3xf32>, tensor<1x1x2xf32>) -> tensor<1x1x4xf32>
  return %y : tensor<1x1x4xf32>
}
