// RUN: qonnx-opt %s --qonnx-propagate-scales | FileCheck %s

// A dot product that cannot be lowered stays and says why; each function is named after
// the reason. What could be integers before it is not touched, either.

// CHECK-LABEL: func @scale_along_the_contracted_axis_of_the_left
func.func @scale_along_the_contracted_axis_of_the_left(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "the scale of its left operand varies along the contracted axis (2 values): integers cannot be added across it"}
  %s = qonnx.constant dense<[0.5, 0.3]> : tensor<2xf32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<2xf32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @scale_along_the_contracted_axis_of_the_right
func.func @scale_along_the_contracted_axis_of_the_right(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "the scale of its right operand varies along the contracted axis (2 values): integers cannot be added across it"}
  %s = qonnx.constant dense<[[0.5], [0.3]]> : tensor<2x1xf32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by (%s) : (tensor<2x2xui1>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @vector
func.func @vector(%q: tensor<2xui4>) -> tensor<2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "multiplies a vector; give it two axes"}
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<2xui4>) -> tensor<2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<2xf32>, tensor<2x2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK-LABEL: func @unquantized_input
func.func @unquantized_input(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "an input of the graph reaches it unquantized; name a format with --input-format"}
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// 0.1 takes 24 bits and 1.0 on the same grid 28.
// CHECK-LABEL: func @float_weights
func.func @float_weights(%q: tensor<1x2xui4>) -> tensor<1x1xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "has float weights that no quantizer precedes: quantize them in the file, or name a format with --default-format
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.constant dense<[[0.1], [1.0]]> : tensor<2x1xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// CHECK-LABEL: func @activation_without_a_quantizer
func.func @activation_without_a_quantizer(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "operand comes from qonnx.sigmoid at /act/Sigmoid, with no quantizer after it"}
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.sigmoid %x : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("/act/Sigmoid")
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// 0.3 has 24 bits: the product with a code of 4 bits rounds in float32.
// CHECK-LABEL: func @rounds_in_float32
func.func @rounds_in_float32(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.mul at /scale/Mul rounds in float32 ({{.*}} bits of 24) and a dot product follows with no quantizer between: put one there"}
  %s = qonnx.constant dense<0.3> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.mul %x, %s : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32> loc("/scale/Mul")
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @constant_off_the_grid
func.func @constant_off_the_grid(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.add at /bias/Add adds values whose scales have no small common grid, and a dot product follows with no quantizer between: put one there"}
  %s = qonnx.constant dense<3.0> : tensor<f32>
  %c = qonnx.constant dense<1.0> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.add %x, %c : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32> loc("/bias/Add")
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @branches_off_a_common_grid
func.func @branches_off_a_common_grid(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.add at /res/Add adds values whose scales have no small common grid
  %s = qonnx.constant dense<3.0> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> loc("/res/Add")
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A third has no float32.
// CHECK-LABEL: func @quotient
func.func @quotient(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "{{.*}}qonnx.div at /scale/Div
  %three = qonnx.constant dense<3.0> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.div %x, %three : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32> loc("/scale/Div")
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @relu_of_a_negative_scale
func.func @relu_of_a_negative_scale(%q: tensor<1x2xsi4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "a Relu follows a scale that is not positive"}
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xsi4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %n = qonnx.neg %x : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = qonnx.relu %n : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @product_of_two_activations
func.func @product_of_two_activations(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.mul at /gate/Mul has no constant operand and no quantizer after it"}
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %c = qonnx.mul %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> loc("/gate/Mul")
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @accumulator_of_more_than_62_bits
func.func @accumulator_of_more_than_62_bits(%p: tensor<1x2xsi31>, %q: tensor<2x1xsi33>) -> tensor<1x1xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "values reach {{.*}}, more than 62 bits: use fewer bits"}
  // CHECK-NOT: hls.matmul
  %x = qonnx.unscale %p by () : (tensor<1x2xsi31>) -> tensor<1x2xf32>
  %w = qonnx.unscale %q by () : (tensor<2x1xsi33>) -> tensor<2x1xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}
