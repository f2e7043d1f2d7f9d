// RUN: qonnx-opt %s --qonnx-propagate-scales | FileCheck %s

// A dot product that cannot be lowered stays and says why; each function is named after
// the reason. What could be integers before it is not touched, either.

// 1.0 and 1e-13 are multiples of one step only by factors of more than 40 bits.
// CHECK-LABEL: func @scale_along_the_contracted_axis_of_the_left
func.func @scale_along_the_contracted_axis_of_the_left(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "the scale of its left operand varies along a contracted axis (0.0000000000001 to 1) and has no common step: integers cannot be added across it; use one scale there, or scales that are multiples of each other"}
  %s = qonnx.constant dense<[1.0, 1.0e-13]> : tensor<2xf32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<2xf32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @scale_along_the_contracted_axis_of_the_right
func.func @scale_along_the_contracted_axis_of_the_right(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "the scale of its right operand varies along a contracted axis (0.0000000000001 to 1) and has no common step: integers cannot be added across it; use one scale there, or scales that are multiples of each other"}
  %s = qonnx.constant dense<[[1.0], [1.0e-13]]> : tensor<2x1xf32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by (%s) : (tensor<2x2xui1>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The step would be the same, but a divisor is no factor of the weights.
// CHECK-LABEL: func @divisor_along_the_contracted_axis
func.func @divisor_along_the_contracted_axis(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "its left operand is divided by what varies along a contracted axis"}
  %d = qonnx.constant dense<[3.0, 9.0]> : tensor<2xf32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.div %x, %d : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
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

// 3 * 2^-60 goes into 1 by a factor of more than 40 bits.
// CHECK-LABEL: func @branches_off_a_common_grid
func.func @branches_off_a_common_grid(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.add at /res/Add adds values whose scales have no small common grid, and a dot product follows with no quantizer between: put one there"}
  %s = qonnx.constant dense<2.60208521e-18> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> loc("/res/Add")
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A third has no float32: 1 is on no grid of thirds.
// CHECK-LABEL: func @sum_with_a_quotient
func.func @sum_with_a_quotient(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.add at /bias/Add adds values whose scales have no small common grid
  %one = qonnx.constant dense<1.0> : tensor<f32>
  %three = qonnx.constant dense<3.0> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.div %x, %three : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.add %a, %one : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32> loc("/bias/Add")
  %y = qonnx.matmul %b, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @quotient_of_two_activations
func.func @quotient_of_two_activations(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.div at /scale/Div divides by what is not constant"}
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %a = qonnx.unscale %p by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %c = qonnx.div %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32> loc("/scale/Div")
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @product_with_zero
func.func @product_with_zero(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.mul at /mask/Mul multiplies or divides by 0 or by no number"}
  %c = qonnx.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.mul %x, %c : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("/mask/Mul")
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @product_that_enlarges
func.func @product_that_enlarges(%q: tensor<1x1xui4>) -> tensor<1x2xf32> {
  // CHECK: qonnx.matmul {{.*}} {hls.reason = "qonnx.mul at /scale/Mul enlarges its operand"}
  %c = qonnx.constant dense<[2.0, 1.0]> : tensor<2xf32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x1xui4>) -> tensor<1x1xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.mul %x, %c : (tensor<1x1xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("/scale/Mul")
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
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
