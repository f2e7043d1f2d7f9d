// RUN: qonnx-opt %s | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --mlir-print-op-generic | qonnx-opt | FileCheck %s

// CHECK-LABEL: func @unary
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func @unary(%x: tensor<2x3xf32>) {
  // CHECK: qonnx.neg %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %neg = qonnx.neg %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.abs %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %abs = qonnx.abs %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.sqrt %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %sqrt = qonnx.sqrt %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.exp %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %exp = qonnx.exp %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.log %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %log = qonnx.log %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.erf %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %erf = qonnx.erf %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.reciprocal %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %reciprocal = qonnx.reciprocal %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.sign %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %sign = qonnx.sign %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.round %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %round = qonnx.round %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.floor %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %floor = qonnx.floor %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.ceil %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %ceil = qonnx.ceil %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.relu %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %relu = qonnx.relu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.sigmoid %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %sigmoid = qonnx.sigmoid %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.tanh %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %tanh = qonnx.tanh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.sin %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %sin = qonnx.sin %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.cos %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %cos = qonnx.cos %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.tan %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %tan = qonnx.tan %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.sinh %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %sinh = qonnx.sinh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.cosh %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %cosh = qonnx.cosh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.asin %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %asin = qonnx.asin %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.acos %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %acos = qonnx.acos %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.atan %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %atan = qonnx.atan %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.asinh %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %asinh = qonnx.asinh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.acosh %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %acosh = qonnx.acosh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.atanh %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %atanh = qonnx.atanh %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.softplus %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %softplus = qonnx.softplus %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.softsign %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %softsign = qonnx.softsign %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.hard_swish %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %hard_swish = qonnx.hard_swish %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.identity %[[X]] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %identity = qonnx.identity %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @unary_with_parameters
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>)
func.func @unary_with_parameters(%x: tensor<2x3xf32>) {
  // CHECK: qonnx.leaky_relu %[[X]] alpha 0.00999999977 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %leaky_relu = qonnx.leaky_relu %x alpha 0.01 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.thresholded_relu %[[X]] alpha 1.000000e+00 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %thresholded_relu = qonnx.thresholded_relu %x alpha 1.0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.elu %[[X]] alpha 1.000000e+00 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %elu = qonnx.elu %x alpha 1.0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.selu %[[X]] alpha 1.67326319 gamma 1.05070102 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %selu = qonnx.selu %x alpha 1.67326319 gamma 1.05070102 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.hard_sigmoid %[[X]] alpha 2.000000e-01 beta 5.000000e-01 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %hard_sigmoid = qonnx.hard_sigmoid %x alpha 0.2 beta 0.5 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @unary_on_integers
func.func @unary_on_integers(%x: tensor<4xi64>) -> tensor<4xi64> {
  // CHECK: qonnx.abs %{{.*}} : (tensor<4xi64>) -> tensor<4xi64>
  %0 = qonnx.abs %x : (tensor<4xi64>) -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// CHECK-LABEL: func @unary_of_unknown_shape
func.func @unary_of_unknown_shape(%x: tensor<?x4xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.relu %{{.*}} : (tensor<?x4xf32>) -> tensor<*xf32>
  %0 = qonnx.relu %x : (tensor<?x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @binary
// CHECK-SAME: (%[[A:.*]]: tensor<2x3xf32>, %[[B:.*]]: tensor<3xf32>)
func.func @binary(%a: tensor<2x3xf32>, %b: tensor<3xf32>) {
  // CHECK: qonnx.add %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %add = qonnx.add %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.sub %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %sub = qonnx.sub %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.mul %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %mul = qonnx.mul %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.div %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %div = qonnx.div %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.pow %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %pow = qonnx.pow %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.fmod %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %fmod = qonnx.fmod %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.min %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %min = qonnx.min %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.max %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %max = qonnx.max %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  // CHECK: qonnx.prelu %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %prelu = qonnx.prelu %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @binary_on_integers
// CHECK-SAME: (%[[A:.*]]: tensor<2x3xui8>, %[[B:.*]]: tensor<3xui8>)
func.func @binary_on_integers(%a: tensor<2x3xui8>, %b: tensor<3xui8>) {
  // CHECK: qonnx.mod %[[A]], %[[B]] : (tensor<2x3xui8>, tensor<3xui8>) -> tensor<2x3xui8>
  %mod = qonnx.mod %a, %b : (tensor<2x3xui8>, tensor<3xui8>) -> tensor<2x3xui8>
  // CHECK: qonnx.and %[[A]], %[[B]] : (tensor<2x3xui8>, tensor<3xui8>) -> tensor<2x3xui8>
  %and = qonnx.and %a, %b : (tensor<2x3xui8>, tensor<3xui8>) -> tensor<2x3xui8>
  // CHECK: qonnx.or %[[A]], %[[B]] : (tensor<2x3xui8>, tensor<3xui8>) -> tensor<2x3xui8>
  %or = qonnx.or %a, %b : (tensor<2x3xui8>, tensor<3xui8>) -> tensor<2x3xui8>
  // CHECK: qonnx.xor %[[A]], %[[B]] : (tensor<2x3xui8>, tensor<3xui8>) -> tensor<2x3xui8>
  %xor = qonnx.xor %a, %b : (tensor<2x3xui8>, tensor<3xui8>) -> tensor<2x3xui8>
  return
}

// CHECK-LABEL: func @compare
// CHECK-SAME: (%[[A:.*]]: tensor<2x3xf32>, %[[B:.*]]: tensor<2x3xf32>)
func.func @compare(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) {
  // CHECK: qonnx.equal %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %equal = qonnx.equal %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  // CHECK: qonnx.less %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %less = qonnx.less %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  // CHECK: qonnx.greater %[[A]], %[[B]] : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %greater = qonnx.greater %a, %b : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  return
}

// CHECK-LABEL: func @fma
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[A:.*]]: tensor<f32>, %[[B:.*]]: tensor<4xf32>)
func.func @fma(%x: tensor<1x4xf32>, %a: tensor<f32>, %b: tensor<4xf32>) -> tensor<1x4xf32> {
  // CHECK: qonnx.fma %[[X]], %[[A]], %[[B]] : (tensor<1x4xf32>, tensor<f32>, tensor<4xf32>) -> tensor<1x4xf32>
  %0 = qonnx.fma %x, %a, %b : (tensor<1x4xf32>, tensor<f32>, tensor<4xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// CHECK-LABEL: func @clip
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[L:.*]]: tensor<f32>, %[[H:.*]]: tensor<f32>)
func.func @clip(%x: tensor<4xf32>, %l: tensor<f32>, %h: tensor<f32>) {
  // CHECK: qonnx.clip %[[X]] : (tensor<4xf32>) -> tensor<4xf32>
  %0 = qonnx.clip %x : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK: qonnx.clip %[[X]] low %[[L]] : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = qonnx.clip %x low %l : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.clip %[[X]] high %[[H]] : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %2 = qonnx.clip %x high %h : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  // CHECK: qonnx.clip %[[X]] low %[[L]] high %[[H]] : (tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  %3 = qonnx.clip %x low %l high %h : (tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return
}

// CHECK-LABEL: func @cast
// CHECK-SAME: (%[[X:.*]]: tensor<4xi64>)
func.func @cast(%x: tensor<4xi64>) -> tensor<4xf32> {
  // CHECK: qonnx.cast %[[X]] : (tensor<4xi64>) -> tensor<4xf32>
  %0 = qonnx.cast %x : (tensor<4xi64>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
