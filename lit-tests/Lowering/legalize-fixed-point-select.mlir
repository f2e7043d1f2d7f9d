// RUN: qonnx-opt %s --qonnx-legalize-fixed-point | FileCheck %s

// ArgMax and TopK need the order alone: they see the integers where the chain in front
// keeps it strictly and alike for all elements.

// 10 indices take 4 bits; the file's int64 is made on the host.
// CHECK-LABEL: func @arg_max
// CHECK-SAME: (%[[Q:.*]]: tensor<1x10xsi8>)
func.func @arg_max(%q: tensor<1x10xsi8>) -> tensor<1x1xsi64> {
  // CHECK: %[[I:.*]] = hls.arg_max %[[Q]] axis 1 : (tensor<1x10xsi8>) -> tensor<1x1xui4>
  // CHECK: %[[C:.*]] = qonnx.cast %{{.*}} : (tensor<1x1xui4>) -> tensor<1x1xsi64>
  // CHECK: return %[[C]]
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %c = qonnx.constant dense<1.7> : tensor<f32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x10xsi8>, tensor<f32>) -> tensor<1x10xf32>
  %a = qonnx.add %x, %c : (tensor<1x10xf32>, tensor<f32>) -> tensor<1x10xf32>
  %y = qonnx.arg_max %a axis -1 keep_dims : (tensor<1x10xf32>) -> tensor<1x1xsi64>
  return %y : tensor<1x1xsi64>
}

// CHECK-LABEL: func @arg_max_without_the_axis
func.func @arg_max_without_the_axis(%q: tensor<1x10xsi8>) -> tensor<1xsi64> {
  // CHECK: %[[I:.*]] = hls.arg_max %{{.*}} axis 1 last : (tensor<1x10xsi8>) -> tensor<1x1xui4>
  // CHECK: %[[V:.*]] = qonnx.view %[[I]] : (tensor<1x1xui4>) -> tensor<1xui4>
  // CHECK: qonnx.cast %[[V]] : (tensor<1xui4>) -> tensor<1xsi64>
  %x = qonnx.unscale %q by () : (tensor<1x10xsi8>) -> tensor<1x10xf32>
  %y = qonnx.arg_max %x axis 1 select_last : (tensor<1x10xf32>) -> tensor<1xsi64>
  return %y : tensor<1xsi64>
}

// CHECK-LABEL: func @top_k
// CHECK-SAME: (%[[Q:.*]]: tensor<1x10xsi8>)
func.func @top_k(%q: tensor<1x10xsi8>) -> tensor<1x3xsi64> {
  // CHECK: %{{.*}}, %[[I:.*]] = hls.top_k %[[Q]] axis 1 : (tensor<1x10xsi8>) -> (tensor<1x3xsi8>, tensor<1x3xui4>)
  // CHECK: qonnx.cast %{{.*}} : (tensor<1x3xui4>) -> tensor<1x3xsi64>
  %k = qonnx.constant dense<3> : tensor<1xsi64>
  %x = qonnx.unscale %q by () : (tensor<1x10xsi8>) -> tensor<1x10xf32>
  %v, %y = qonnx.top_k %x, %k axis 1 largest : (tensor<1x10xf32>, tensor<1xsi64>) -> (tensor<1x3xf32>, tensor<1x3xsi64>)
  return %y : tensor<1x3xsi64>
}

// CHECK-LABEL: func @smallest
func.func @smallest(%q: tensor<1x10xsi8>) -> tensor<1x3xsi64> {
  // CHECK: hls.top_k {{.*}} axis 1 smallest :
  %k = qonnx.constant dense<3> : tensor<1xsi64>
  %x = qonnx.unscale %q by () : (tensor<1x10xsi8>) -> tensor<1x10xf32>
  %v, %y = qonnx.top_k %x, %k axis 1 : (tensor<1x10xf32>, tensor<1xsi64>) -> (tensor<1x3xf32>, tensor<1x3xsi64>)
  return %y : tensor<1x3xsi64>
}

// What stays on the host: each function is named after the reason.

// All negative values are 0 behind a Relu, and the first of equals wins.
// CHECK-LABEL: func @not_strict
func.func @not_strict(%q: tensor<1x10xsi8>) -> tensor<1x1xsi64> {
  // CHECK-NOT: hls.arg_max
  // CHECK: qonnx.arg_max
  %x = qonnx.unscale %q by () : (tensor<1x10xsi8>) -> tensor<1x10xf32>
  %a = qonnx.relu %x : (tensor<1x10xf32>) -> tensor<1x10xf32>
  %y = qonnx.arg_max %a axis 1 keep_dims : (tensor<1x10xf32>) -> tensor<1x1xsi64>
  return %y : tensor<1x1xsi64>
}

// 2^24 + 1 is 2^24 in float32: two accumulators, one float.
// CHECK-LABEL: func @equal_after_rounding
func.func @equal_after_rounding(%q: tensor<1x10xui3>) -> tensor<1x1xsi64> {
  // CHECK-NOT: hls.arg_max
  // CHECK: qonnx.arg_max
  %c = qonnx.constant dense<16777216.0> : tensor<f32>
  %x = qonnx.unscale %q by () : (tensor<1x10xui3>) -> tensor<1x10xf32>
  %a = qonnx.add %x, %c : (tensor<1x10xf32>, tensor<f32>) -> tensor<1x10xf32>
  %y = qonnx.arg_max %a axis 1 keep_dims : (tensor<1x10xf32>) -> tensor<1x1xsi64>
  return %y : tensor<1x1xsi64>
}

// CHECK-LABEL: func @descending
func.func @descending(%q: tensor<1x10xsi8>) -> tensor<1x1xsi64> {
  // CHECK-NOT: hls.arg_max
  // CHECK: qonnx.arg_max
  %x = qonnx.unscale %q by () : (tensor<1x10xsi8>) -> tensor<1x10xf32>
  %a = qonnx.neg %x : (tensor<1x10xf32>) -> tensor<1x10xf32>
  %y = qonnx.arg_max %a axis 1 keep_dims : (tensor<1x10xf32>) -> tensor<1x1xsi64>
  return %y : tensor<1x1xsi64>
}

// CHECK-LABEL: func @scale_per_element
func.func @scale_per_element(%q: tensor<1x2xsi8>) -> tensor<1x1xsi64> {
  // CHECK-NOT: hls.arg_max
  // CHECK: qonnx.arg_max
  %s = qonnx.constant dense<[0.3, 0.4]> : tensor<2xf32>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xsi8>, tensor<2xf32>) -> tensor<1x2xf32>
  %y = qonnx.arg_max %x axis 1 keep_dims : (tensor<1x2xf32>) -> tensor<1x1xsi64>
  return %y : tensor<1x1xsi64>
}

// CHECK-LABEL: func @values_are_used
func.func @values_are_used(%q: tensor<1x10xsi8>) -> (tensor<1x3xf32>, tensor<1x3xsi64>) {
  // CHECK-NOT: hls.top_k
  // CHECK: qonnx.top_k
  %k = qonnx.constant dense<3> : tensor<1xsi64>
  %x = qonnx.unscale %q by () : (tensor<1x10xsi8>) -> tensor<1x10xf32>
  %v, %y = qonnx.top_k %x, %k axis 1 largest : (tensor<1x10xf32>, tensor<1xsi64>) -> (tensor<1x3xf32>, tensor<1x3xsi64>)
  return %v, %y : tensor<1x3xf32>, tensor<1x3xsi64>
}

// CHECK-LABEL: func @float_input
func.func @float_input(%x: tensor<1x10xf32>) -> tensor<1x1xsi64> {
  // CHECK: qonnx.arg_max
  // CHECK-NOT: hls.reason
  %y = qonnx.arg_max %x axis 1 keep_dims : (tensor<1x10xf32>) -> tensor<1x1xsi64>
  return %y : tensor<1x1xsi64>
}
