// RUN: qonnx-opt %s --qonnx-propagate-scales | FileCheck %s

// What lies between two dot products, with no quantizer, joins the integer grid.
// In each function the operand is on a grid of 1/2 and the weights are the identity.

// 0.5 and -1.5 are 1 and -3 halves: [0, 15] + [-3, 1] is [-3, 16].
// CHECK-LABEL: func @add_constant
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @add_constant(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[C:.*]] = hls.constant dense<[1, -3]> : tensor<2xsi3>
  // CHECK: %[[A:.*]] = hls.add %[[Q]], %[[C]] exponent -1 : (tensor<1x2xui4>, tensor<2xsi3>) -> tensor<1x2xsi6>
  // CHECK: hls.matmul %[[A]],
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %c = qonnx.constant dense<[0.5, -1.5]> : tensor<2xf32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.add %x, %c : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// 0.125 is on a grid four times finer: 4 * q + 1, in [1, 61].
// CHECK-LABEL: func @refined_grid
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @refined_grid(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[FOUR:.*]] = hls.constant dense<4> : tensor<ui3>
  // CHECK: %[[M:.*]] = hls.mul %[[Q]], %[[FOUR]] exponent -3 : (tensor<1x2xui4>, tensor<ui3>) -> tensor<1x2xui6>
  // CHECK: %[[C:.*]] = hls.constant dense<true> : tensor<ui1>
  // CHECK: %[[A:.*]] = hls.add %[[M]], %[[C]] exponent -3 : (tensor<1x2xui6>, tensor<ui1>) -> tensor<1x2xui6>
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[R:.*]] = qonnx.constant dense<2.500000e-01> : tensor<f32>
  // CHECK: %[[N:.*]] = hls.matmul %[[A]],
  // CHECK: qonnx.unscale %[[N]] by (%[[S]], %[[R]])
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %c = qonnx.constant dense<0.125> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.add %x, %c : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @subtract_constant
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @subtract_constant(%q: tensor<1x2xui4>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // A constant behind the minus is a zero point and becomes a bias.
  // CHECK: %[[B:.*]] = hls.constant dense<-2> : tensor<2xsi2>
  // CHECK: hls.matmul %[[Q]], %{{.*}}, %[[B]] exponent -1 :
  // CHECK: %[[C:.*]] = hls.constant dense<2> : tensor<ui2>
  // CHECK: %[[D:.*]] = hls.sub %[[C]], %[[Q]] exponent -1 : (tensor<ui2>, tensor<1x2xui4>) -> tensor<1x2xsi5>
  // CHECK: hls.matmul %[[D]], %{{.*}} exponent -1 :
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %c = qonnx.constant dense<1.0> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.sub %x, %c : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %b = qonnx.sub %c, %x : (tensor<f32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %z = qonnx.matmul %b, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y, %z : tensor<1x2xf32>, tensor<1x2xf32>
}

// A factor and a power of two below the line change the scale only.
// CHECK-LABEL: func @product_and_quotient
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @product_and_quotient(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[M:.*]] = qonnx.constant dense<3.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[D:.*]] = qonnx.constant dense<1.250000e-01> : tensor<f32>
  // CHECK: %[[N:.*]] = hls.matmul %[[Q]], %{{.*}} : (
  // CHECK: qonnx.unscale %[[N]] by (%[[S]], %[[M]], %[[D]])
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %three = qonnx.constant dense<3.0> : tensor<f32>
  %eight = qonnx.constant dense<8.0> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.mul %three, %x : (tensor<f32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %b = qonnx.div %a, %eight : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %b, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// The file rounds 0.3 * x to float32, the dot product behind it does not matter: 0.3 stays a
// scale behind the exact sum.
// CHECK-LABEL: func @product_with_an_odd_factor
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @product_with_an_odd_factor(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[M:.*]] = qonnx.constant dense<3.000000e-01> : tensor<f32>
  // CHECK: %[[N:.*]] = hls.matmul %[[Q]], %{{.*}} : (tensor<1x2xui4>, tensor<2x2xui1>) -> tensor<1x2xui4>
  // CHECK: qonnx.unscale %[[N]] by (%[[M]])
  %c = qonnx.constant dense<0.3> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.mul %x, %c : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A third has no float32: the division moves below the sum.
// CHECK-LABEL: func @odd_quotient
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @odd_quotient(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[D:.*]] = qonnx.constant dense<3.000000e+00> : tensor<f32>
  // CHECK: %[[N:.*]] = hls.matmul %[[Q]],
  // CHECK: %[[X:.*]] = qonnx.unscale %[[N]] by (%[[S]])
  // CHECK: %[[Y:.*]] = qonnx.div %[[X]], %[[D]]
  // CHECK: return %[[Y]]
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %three = qonnx.constant dense<3.0> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.div %x, %three : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Neither operand is constant: the integers are multiplied, [0, 15] * [0, 15].
// CHECK-LABEL: func @product_of_two_activations
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @product_of_two_activations(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %[[Q]] exponent -4 : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xui8>
  // CHECK: hls.matmul %[[M]], %{{.*}} exponent -4 : (tensor<1x2xui8>, tensor<2x2xui1>) -> tensor<1x2xui8>
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %t = qonnx.constant dense<0.125> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %c = qonnx.mul %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @negation
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>)
func.func @negation(%q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK-DAG: %[[M:.*]] = qonnx.constant dense<-1.000000e+00> : tensor<f32>
  // CHECK: %[[N:.*]] = hls.matmul %[[Q]],
  // CHECK: qonnx.unscale %[[N]] by (%[[S]], %[[M]])
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.neg %x : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @relu
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xsi4>)
func.func @relu(%q: tensor<1x2xsi4>) -> tensor<1x2xf32> {
  // CHECK: %[[Z:.*]] = hls.constant dense<false> : tensor<ui1>
  // CHECK: %[[A:.*]] = hls.max %[[Q]], %[[Z]] exponent -1 : (tensor<1x2xsi4>, tensor<ui1>) -> tensor<1x2xui3>
  // CHECK: hls.matmul %[[A]],
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xsi4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.relu %x : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A negative step turns the order around: the integers change sign first, [-7, 8], and at
// least 0 leaves [0, 8].
// CHECK-LABEL: func @relu_of_a_negative_scale
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xsi4>)
func.func @relu_of_a_negative_scale(%q: tensor<1x2xsi4>) -> tensor<1x2xf32> {
  // One signed bit: true is -1.
  // CHECK: %[[M:.*]] = hls.constant dense<true> : tensor<si1>
  // CHECK: %[[N:.*]] = hls.mul %[[Q]], %[[M]] {{.*}}(tensor<1x2xsi4>, tensor<si1>) -> tensor<1x2xsi5>
  // CHECK: %[[A:.*]] = hls.max %[[N]], %{{.*}} -> tensor<1x2xui4>
  // CHECK: hls.matmul %[[A]],
  %s = qonnx.constant dense<-0.5> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %x = qonnx.unscale %q by (%s) : (tensor<1x2xsi4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %a = qonnx.relu %x : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %a, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Steps of 1/2 and 1/8: the coarser operand times 4, [0, 60] + [0, 15].
// CHECK-LABEL: func @sum_of_two_branches
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @sum_of_two_branches(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[FOUR:.*]] = hls.constant dense<4> : tensor<ui3>
  // CHECK: %[[F:.*]] = hls.mul %[[P]], %[[FOUR]] exponent -3 : (tensor<1x2xui4>, tensor<ui3>) -> tensor<1x2xui6>
  // CHECK: %[[A:.*]] = hls.add %[[F]], %[[Q]] exponent -3 : (tensor<1x2xui6>, tensor<1x2xui4>) -> tensor<1x2xui7>
  // CHECK: hls.matmul %[[A]],
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %t = qonnx.constant dense<0.125> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Steps of 3 and 2 are both multiples of 1: 3 * [0, 15] + 2 * [0, 15] is [0, 75].
// CHECK-LABEL: func @sum_on_a_common_grid
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @sum_on_a_common_grid(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[M:.*]] = hls.mul %[[P]], %{{.*}} : (tensor<1x2xui4>, tensor<ui2>) -> tensor<1x2xui6>
  // CHECK: %[[N:.*]] = hls.mul %[[Q]], %{{.*}} : (tensor<1x2xui4>, tensor<ui2>) -> tensor<1x2xui5>
  // CHECK: %[[A:.*]] = hls.add %[[M]], %[[N]] : (tensor<1x2xui6>, tensor<1x2xui5>) -> tensor<1x2xui7>
  // CHECK: hls.matmul %[[A]],
  %s = qonnx.constant dense<3.0> : tensor<f32>
  %t = qonnx.constant dense<2.0> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%t) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %c = qonnx.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// CHECK-LABEL: func @difference_of_two_branches
// CHECK-SAME: (%[[P:.*]]: tensor<1x2xui4>, %[[Q:.*]]: tensor<1x2xui4>)
func.func @difference_of_two_branches(%p: tensor<1x2xui4>, %q: tensor<1x2xui4>) -> tensor<1x2xf32> {
  // CHECK: %[[D:.*]] = hls.sub %[[P]], %[[Q]] exponent -1 : (tensor<1x2xui4>, tensor<1x2xui4>) -> tensor<1x2xsi5>
  // CHECK: hls.matmul %[[D]], %{{.*}} exponent -1 :
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %a = qonnx.unscale %p by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %b = qonnx.unscale %q by (%s) : (tensor<1x2xui4>, tensor<f32>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %c = qonnx.sub %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %y = qonnx.matmul %c, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// No quantizer between two dot products, and a change of shape.
// CHECK-LABEL: func @two_matmuls
func.func @two_matmuls(%q: tensor<1x2xui4>) -> tensor<2x2xf32> {
  // CHECK: %[[N:.*]] = hls.matmul
  // CHECK: %[[V:.*]] = hls.view %[[N]] : (tensor<1x2xui4>) -> tensor<2x1xui4>
  // CHECK: hls.matmul %[[V]],
  %k = hls.constant dense<[[1, 0], [0, 1]]> : tensor<2x2xui1>
  %l = hls.constant dense<[[2, -1]]> : tensor<1x2xsi3>
  %x = qonnx.unscale %q by () : (tensor<1x2xui4>) -> tensor<1x2xf32>
  %w = qonnx.unscale %k by () : (tensor<2x2xui1>) -> tensor<2x2xf32>
  %u = qonnx.unscale %l by () : (tensor<1x2xsi3>) -> tensor<1x2xf32>
  %a = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %v = qonnx.view %a : (tensor<1x2xf32>) -> tensor<2x1xf32>
  %y = qonnx.matmul %v, %u : (tensor<2x1xf32>, tensor<1x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
