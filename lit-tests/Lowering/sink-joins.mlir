// RUN: qonnx-opt %s --qonnx-sink-joins | FileCheck %s

// What joins float chains moves below the quantizer behind it: each branch is a chain of its
// own, and codes are joined.

// The constants behind the Concat are cut for the branches.
// CHECK-LABEL: func @concat
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x1xui4>)
func.func @concat(%p: tensor<1x2xui4>, %q: tensor<1x1xui4>) -> tensor<1x3xui4> {
  // CHECK-DAG: %[[A:.*]] = qonnx.sigmoid
  // CHECK-DAG: %[[B:.*]] = qonnx.unscale %[[Q]]
  // CHECK-DAG: %[[C:.*]] = qonnx.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[D:.*]] = qonnx.constant dense<4.000000e+00> : tensor<1xf32>
  // CHECK-DAG: %[[MA:.*]] = qonnx.mul %[[A]], %[[C]] : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  // CHECK-DAG: %[[MB:.*]] = qonnx.mul %[[B]], %[[D]] : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  // CHECK-DAG: %[[QA:.*]] = qonnx.quantize %[[MA]] half_even in [0.000000e+00, 1.500000e+01] {hls.part} : (tensor<1x2xf32>) -> tensor<1x2xui4>
  // CHECK-DAG: %[[QB:.*]] = qonnx.quantize %[[MB]] half_even in [0.000000e+00, 1.500000e+01] {hls.part} : (tensor<1x1xf32>) -> tensor<1x1xui4>
  // CHECK: %[[Y:.*]] = hls.concat %[[QA]], %[[QB]] axis 1 {hls.joined = "{{.*}}"} : (tensor<1x2xui4>, tensor<1x1xui4>) -> tensor<1x3xui4>
  // CHECK: return %[[Y]]
  %m = qonnx.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %s = qonnx.sigmoid %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x1xui4>) -> tensor<1x1xf32>
  %c = qonnx.concat %s, %b axis 1 : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  %d = qonnx.mul %c, %m : (tensor<1x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
  %y = qonnx.quantize %d half_even in [0.0, 15.0] : (tensor<1x3xf32>) -> tensor<1x3xui4>
  return %y : tensor<1x3xui4>
}

// Two quantizers behind one join: each gets a join of its own.
// CHECK-LABEL: func @concat_of_two_users
func.func @concat_of_two_users(%p: tensor<1x1xui4>, %q: tensor<1x1xui4>) -> (tensor<1x2xui4>, tensor<1x2xsi2>) {
  // CHECK-NOT: qonnx.concat
  // CHECK-DAG: hls.concat {{.*}} -> tensor<1x2xui4>
  // CHECK-DAG: hls.concat {{.*}} -> tensor<1x2xsi2>
  // CHECK-NOT: qonnx.concat
  %a = qonnx.unscale %p by () : (tensor<1x1xui4>) -> tensor<1x1xf32>
  %s = qonnx.sigmoid %a : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %b = qonnx.unscale %q by () : (tensor<1x1xui4>) -> tensor<1x1xf32>
  %c = qonnx.concat %s, %b axis 1 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
  %y = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x2xf32>) -> tensor<1x2xui4>
  %z = qonnx.binarize %c : (tensor<1x2xf32>) -> tensor<1x2xsi2>
  return %y, %z : tensor<1x2xui4>, tensor<1x2xsi2>
}

// Thresholds are a row a channel.
// CHECK-LABEL: func @concat_in_front_of_thresholds
func.func @concat_in_front_of_thresholds(%p: tensor<1x1xui4>, %q: tensor<1x1xui4>) -> tensor<1x2xui2> {
  // CHECK-DAG: %[[T:.*]] = qonnx.constant dense<{{\[}}[1.000000e-01, 2.000000e-01, 3.000000e-01]]> : tensor<1x3xf32>
  // CHECK-DAG: %[[U:.*]] = qonnx.constant dense<{{\[}}[1.000000e+00, 2.000000e+00, 3.000000e+00]]> : tensor<1x3xf32>
  // CHECK-DAG: %[[A:.*]] = qonnx.count_thresholds %{{.*}}, %[[T]] axis 1
  // CHECK-DAG: %[[B:.*]] = qonnx.count_thresholds %{{.*}}, %[[U]] axis 1
  // CHECK: hls.concat %[[A]], %[[B]] axis 1
  %t = qonnx.constant dense<[[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]]> : tensor<2x3xf32>
  %a = qonnx.unscale %p by () : (tensor<1x1xui4>) -> tensor<1x1xf32>
  %s = qonnx.sigmoid %a : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %b = qonnx.unscale %q by () : (tensor<1x1xui4>) -> tensor<1x1xf32>
  %c = qonnx.concat %s, %b axis 1 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
  %y = qonnx.count_thresholds %c, %t axis 1 : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x2xui2>
  return %y : tensor<1x2xui2>
}

// The value around goes through what it passes: 1 becomes 4.
// CHECK-LABEL: func @pad
func.func @pad(%q: tensor<1x2xui4>) -> tensor<1x3xui4> {
  // CHECK: %[[S:.*]] = qonnx.sigmoid
  // CHECK: %[[M:.*]] = qonnx.mul %[[S]], %{{.*}} -> tensor<1x2xf32>
  // CHECK: %[[C:.*]] = qonnx.quantize %[[M]]
  // CHECK: hls.pad %[[C]] low [0, 1] high [0, 0] interior [0, 0] value 4 {hls.joined = "{{.*}}"} : (tensor<1x2xui4>) -> tensor<1x3xui4>
  %v = qonnx.constant dense<1.0> : tensor<f32>
  %p = qonnx.constant dense<[0, 1, 0, 0]> : tensor<4xsi64>
  %four = qonnx.constant dense<4.0> : tensor<f32>
  %a = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %s = qonnx.sigmoid %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %b = qonnx.pad constant %s, %p value %v : (tensor<1x2xf32>, tensor<4xsi64>, tensor<f32>) -> tensor<1x3xf32>
  %m = qonnx.mul %b, %four : (tensor<1x3xf32>, tensor<f32>) -> tensor<1x3xf32>
  %y = qonnx.quantize %m half_even in [0.0, 15.0] : (tensor<1x3xf32>) -> tensor<1x3xui4>
  return %y : tensor<1x3xui4>
}

// What passes keeps the order, so the greatest code is that of the greatest value.
// CHECK-LABEL: func @max_pool
func.func @max_pool(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xui4> {
  // CHECK: %[[S:.*]] = qonnx.sigmoid
  // CHECK: %[[M:.*]] = qonnx.mul %[[S]], %{{.*}} -> tensor<1x1x4xf32>
  // CHECK: %[[C:.*]] = qonnx.quantize %[[M]] half_even in [0.000000e+00, 1.500000e+01] {hls.part} : (tensor<1x1x4xf32>) -> tensor<1x1x4xui4>
  // CHECK: hls.reduce_window max %[[C]] window [1, 1, 2] strides [1, 1, 2] dilations [1, 1, 1] {{.*}}: (tensor<1x1x4xui4>) -> tensor<1x1x2xui4>
  %f = qonnx.constant dense<15.0> : tensor<f32>
  %a = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %s = qonnx.sigmoid %a : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %p = qonnx.max_pool %s kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %m = qonnx.mul %p, %f : (tensor<1x1x2xf32>, tensor<f32>) -> tensor<1x1x2xf32>
  %y = qonnx.quantize %m half_even in [0.0, 15.0] : (tensor<1x1x2xf32>) -> tensor<1x1x2xui4>
  return %y : tensor<1x1x2xui4>
}

// The least code is that of the quantizer.
// CHECK-LABEL: func @max_pool_with_padding
func.func @max_pool_with_padding(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xsi4> {
  // CHECK: %[[C:.*]] = qonnx.quantize %{{.*}} -> tensor<1x1x4xsi4>
  // CHECK: %[[P:.*]] = hls.pad %[[C]] low [0, 0, 1] high [0, 0, 0] interior [0, 0, 0] value -8 : (tensor<1x1x4xsi4>) -> tensor<1x1x5xsi4>
  // CHECK: hls.reduce_window max %[[P]]
  %a = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %s = qonnx.sigmoid %a : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %p = qonnx.max_pool %s kernel [2] strides [2] pads [1, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %y = qonnx.quantize %p half_even in [-8.0, 7.0] : (tensor<1x1x2xf32>) -> tensor<1x1x2xsi4>
  return %y : tensor<1x1x2xsi4>
}

// CHECK-LABEL: func @reduce_max
func.func @reduce_max(%q: tensor<1x4xui4>) -> tensor<1x1xui4> {
  // CHECK: %[[C:.*]] = qonnx.quantize %{{.*}} : (tensor<1x4xf32>) -> tensor<1x4xui4>
  // CHECK: hls.reduce_window max %[[C]] window [1, 4]
  %i = qonnx.constant dense<1> : tensor<1xsi64>
  %a = qonnx.unscale %q by () : (tensor<1x4xui4>) -> tensor<1x4xf32>
  %s = qonnx.sigmoid %a : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %g = qonnx.reduce max %s axes %i keep_dims : (tensor<1x4xf32>, tensor<1xsi64>) -> tensor<1x1xf32>
  %y = qonnx.quantize %g half_even in [0.0, 15.0] : (tensor<1x1xf32>) -> tensor<1x1xui4>
  return %y : tensor<1x1xui4>
}

// Constants behind a view follow it back.
// CHECK-LABEL: func @view
func.func @view(%q: tensor<1x2xui4>) -> tensor<2x1xui4> {
  // CHECK: %[[D:.*]] = qonnx.constant dense<{{\[}}[1.000000e+00, 2.000000e+00]]> : tensor<1x2xf32>
  // CHECK: %[[M:.*]] = qonnx.mul %{{.*}}, %[[D]] : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: %[[C:.*]] = qonnx.quantize %[[M]] {{.*}} -> tensor<1x2xui4>
  // CHECK: hls.view %[[C]] : (tensor<1x2xui4>) -> tensor<2x1xui4>
  %f = qonnx.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %a = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %s = qonnx.sigmoid %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %v = qonnx.view %s : (tensor<1x2xf32>) -> tensor<2x1xf32>
  %m = qonnx.mul %v, %f : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  %y = qonnx.quantize %m half_even in [0.0, 15.0] : (tensor<2x1xf32>) -> tensor<2x1xui4>
  return %y : tensor<2x1xui4>
}

// CHECK-LABEL: func @transpose
func.func @transpose(%q: tensor<2x3xui4>) -> tensor<3x2xui4> {
  // CHECK: %[[C:.*]] = qonnx.quantize {{.*}} -> tensor<2x3xui4>
  // CHECK: hls.transpose %[[C]] [1, 0]
  %a = qonnx.unscale %q by () : (tensor<2x3xui4>) -> tensor<2x3xf32>
  %s = qonnx.sigmoid %a : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %t = qonnx.transpose %s [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %y = qonnx.quantize %t half_even in [0.0, 15.0] : (tensor<3x2xf32>) -> tensor<3x2xui4>
  return %y : tensor<3x2xui4>
}

// What must not move: each function is named after the reason.

// A negative factor turns the order around; the reference's sigmoid does not keep it.
// CHECK-LABEL: func @order_not_kept
func.func @order_not_kept(%q: tensor<1x1x4xui4>) -> (tensor<1x1x2xsi4>, tensor<1x1x2xui4>) {
  // CHECK: %[[P:.*]] = qonnx.max_pool
  // CHECK-DAG: qonnx.mul %[[P]],
  // CHECK-DAG: qonnx.sigmoid %[[P]]
  // CHECK-NOT: hls.reduce_window
  %f = qonnx.constant dense<-7.0> : tensor<f32>
  %a = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %s = qonnx.sigmoid %a : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %p = qonnx.max_pool %s kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %m = qonnx.mul %p, %f : (tensor<1x1x2xf32>, tensor<f32>) -> tensor<1x1x2xf32>
  %y = qonnx.quantize %m half_even in [-8.0, 7.0] : (tensor<1x1x2xf32>) -> tensor<1x1x2xsi4>
  %n = qonnx.sigmoid %p : (tensor<1x1x2xf32>) -> tensor<1x1x2xf32>
  %z = qonnx.quantize %n half_even in [0.0, 15.0] : (tensor<1x1x2xf32>) -> tensor<1x1x2xui4>
  return %y, %z : tensor<1x1x2xsi4>, tensor<1x1x2xui4>
}

// In front of the pool there are more elements than the constant has.
// CHECK-LABEL: func @constant_that_varies_in_windows
func.func @constant_that_varies_in_windows(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xui4> {
  // CHECK: %[[P:.*]] = qonnx.max_pool
  // CHECK: qonnx.add %[[P]],
  %f = qonnx.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %a = qonnx.unscale %q by () : (tensor<1x1x4xui4>) -> tensor<1x1x4xf32>
  %s = qonnx.sigmoid %a : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %p = qonnx.max_pool %s kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %m = qonnx.add %p, %f : (tensor<1x1x2xf32>, tensor<2xf32>) -> tensor<1x1x2xf32>
  %y = qonnx.quantize %m half_even in [0.0, 15.0] : (tensor<1x1x2xf32>) -> tensor<1x1x2xui4>
  return %y : tensor<1x1x2xui4>
}

// What is around would be another code in each channel.
// CHECK-LABEL: func @padding_of_several_codes
func.func @padding_of_several_codes(%q: tensor<1x2x1xui4>) -> tensor<1x2x2xui4> {
  // CHECK: %[[P:.*]] = qonnx.pad constant
  // CHECK: qonnx.add %[[P]],
  %f = qonnx.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %p = qonnx.constant dense<[0, 0, 1, 0, 0, 0]> : tensor<6xsi64>
  %a = qonnx.unscale %q by () : (tensor<1x2x1xui4>) -> tensor<1x2x1xf32>
  %s = qonnx.sigmoid %a : (tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %b = qonnx.pad constant %s, %p : (tensor<1x2x1xf32>, tensor<6xsi64>) -> tensor<1x2x2xf32>
  %m = qonnx.add %b, %f : (tensor<1x2x2xf32>, tensor<2x1xf32>) -> tensor<1x2x2xf32>
  %y = qonnx.quantize %m half_even in [0.0, 15.0] : (tensor<1x2x2xf32>) -> tensor<1x2x2xui4>
  return %y : tensor<1x2x2xui4>
}

// CHECK-LABEL: func @no_integers_in_front
func.func @no_integers_in_front(%x: tensor<1x2xf32>, %z: tensor<1x1xf32>) -> tensor<1x3xui4> {
  // CHECK: qonnx.concat
  // CHECK: qonnx.quantize
  %c = qonnx.concat %x, %z axis 1 : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  %y = qonnx.quantize %c half_even in [0.0, 15.0] : (tensor<1x3xf32>) -> tensor<1x3xui4>
  return %y : tensor<1x3xui4>
}

// A Softmax sees all elements.
// CHECK-LABEL: func @not_elementwise
func.func @not_elementwise(%p: tensor<1x2xui4>, %q: tensor<1x1xui4>) -> tensor<1x3xui4> {
  // CHECK: %[[C:.*]] = qonnx.concat
  // CHECK: qonnx.softmax %[[C]]
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %s = qonnx.sigmoid %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x1xui4>) -> tensor<1x1xf32>
  %c = qonnx.concat %s, %b axis 1 : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x3xf32>
  %d = qonnx.softmax %c axis 1 : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %y = qonnx.quantize %d half_even in [0.0, 15.0] : (tensor<1x3xf32>) -> tensor<1x3xui4>
  return %y : tensor<1x3xui4>
}

// Rounded toward zero, a minifloat just below a power of two may be a step lower than the one
// before it: the greatest value need not have the greatest code.
// CHECK-LABEL: func @a_pool_stays_in_front_of_minifloats_that_do_not_keep_order
func.func @a_pool_stays_in_front_of_minifloats_that_do_not_keep_order(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xsi8> {
  // CHECK: qonnx.sigmoid
  // CHECK: %[[P:.*]] = qonnx.max_pool
  // CHECK: qonnx.quantize_minifloat %[[P]] down
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x4xui4>, tensor<f32>) -> tensor<1x1x4xf32>
  %a = qonnx.sigmoid %x : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %m = qonnx.max_pool %a kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %r = qonnx.quantize_minifloat %m down mantissa 2 least -4 maximum 7.0 saturate : (tensor<1x1x2xf32>) -> tensor<1x1x2xsi8>
  return %r : tensor<1x1x2xsi8>
}

// CHECK-LABEL: func @a_pool_sinks_below_minifloats_to_the_nearest
func.func @a_pool_sinks_below_minifloats_to_the_nearest(%q: tensor<1x1x4xui4>) -> tensor<1x1x2xsi8> {
  // CHECK: %[[C:.*]] = qonnx.quantize_minifloat {{.*}} half_even
  // CHECK: hls.reduce_window max %[[C]]
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x1x4xui4>, tensor<f32>) -> tensor<1x1x4xf32>
  %a = qonnx.sigmoid %x : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  %m = qonnx.max_pool %a kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %r = qonnx.quantize_minifloat %m half_even mantissa 2 least -4 maximum 7.0 saturate : (tensor<1x1x2xf32>) -> tensor<1x1x2xsi8>
  return %r : tensor<1x1x2xsi8>
}

// Channels that a Pad shifts against their thresholds stay below it.
// CHECK-LABEL: func @pad_of_channels_in_front_of_thresholds
func.func @pad_of_channels_in_front_of_thresholds(%q: tensor<1x2xui4>) -> tensor<1x2xui2> {
  // CHECK: %[[P:.*]] = qonnx.pad
  // CHECK: qonnx.count_thresholds %[[P]], %{{.*}} axis 1 : (tensor<1x2xf32>, tensor<2x3xf32>)
  %p = qonnx.constant dense<[0, 1, 0, -1]> : tensor<4xsi64>
  %v = qonnx.constant dense<-50.0> : tensor<f32>
  %t = qonnx.constant dense<[[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]]> : tensor<2x3xf32>
  %a = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %s = qonnx.sigmoid %a : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %c = qonnx.pad constant %s, %p value %v : (tensor<1x2xf32>, tensor<4xsi64>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.count_thresholds %c, %t axis 1 : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x2xui2>
  return %y : tensor<1x2xui2>
}

// A row of thresholds for all stays a row where channels become samples.
// CHECK-LABEL: func @transpose_in_front_of_thresholds
func.func @transpose_in_front_of_thresholds(%q: tensor<2x2xui4>) -> tensor<2x2xui2> {
  // CHECK: qonnx.count_thresholds %{{.*}}, %{{.*}} axis 1{{.*}} : (tensor<2x2xf32>, tensor<1x2xf32>)
  %t = qonnx.constant dense<[[0.1, 0.2]]> : tensor<1x2xf32>
  %a = qonnx.unscale %q by () : (tensor<2x2xui4>) -> tensor<2x2xf32>
  %s = qonnx.softmax %a axis -1 : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %c = qonnx.transpose %s [1, 0] : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = qonnx.count_thresholds %c, %t axis 1 : (tensor<2x2xf32>, tensor<1x2xf32>) -> tensor<2x2xui2>
  return %y : tensor<2x2xui2>
}

// Axis 1 of the result is axis 2 of what is reduced.
// CHECK-LABEL: func @greatest_of_an_axis_that_vanishes_in_front_of_thresholds
func.func @greatest_of_an_axis_that_vanishes_in_front_of_thresholds(%q: tensor<1x2x2xui4>) -> tensor<1x2xui2> {
  // CHECK: %[[M:.*]] = qonnx.reduce max
  // CHECK: qonnx.count_thresholds %[[M]],
  %x = qonnx.constant dense<1> : tensor<1xsi64>
  %t = qonnx.constant dense<[[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]]> : tensor<2x3xf32>
  %a = qonnx.unscale %q by () : (tensor<1x2x2xui4>) -> tensor<1x2x2xf32>
  %s = qonnx.sigmoid %a : (tensor<1x2x2xf32>) -> tensor<1x2x2xf32>
  %m = qonnx.reduce max %s axes %x : (tensor<1x2x2xf32>, tensor<1xsi64>) -> tensor<1x2xf32>
  %y = qonnx.count_thresholds %m, %t axis 1 : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x2xui2>
  return %y : tensor<1x2xui2>
}
