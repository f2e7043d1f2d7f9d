// RUN: qonnx-opt %s | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --mlir-print-op-generic | qonnx-opt | FileCheck %s

// CHECK-LABEL: func @constant
func.func @constant() -> tensor<2x2xsi2> {
  // CHECK: hls.constant dense<{{\[}}[1, -1], [0, 1]]> : tensor<2x2xsi2>
  %0 = hls.constant dense<[[1, -1], [0, 1]]> : tensor<2x2xsi2>
  return %0 : tensor<2x2xsi2>
}

// CHECK-LABEL: func @constant_resource
func.func @constant_resource() -> tensor<3xsi4> {
  // CHECK: hls.constant dense_resource<codes> : tensor<3xsi4>
  %0 = hls.constant dense_resource<codes> : tensor<3xsi4>
  return %0 : tensor<3xsi4>
}

// CHECK-LABEL: func @matmul
// CHECK-SAME: (%[[X:.*]]: tensor<1x64xui4>, %[[W:.*]]: tensor<64x32xsi2>, %[[B:.*]]: tensor<32xsi6>)
func.func @matmul(%x: tensor<1x64xui4>, %w: tensor<64x32xsi2>, %b: tensor<32xsi6>) {
  // CHECK: hls.matmul %[[X]], %[[W]] : (tensor<1x64xui4>, tensor<64x32xsi2>) -> tensor<1x32xsi11>
  %0 = hls.matmul %x, %w : (tensor<1x64xui4>, tensor<64x32xsi2>) -> tensor<1x32xsi11>
  // CHECK: hls.matmul %[[X]], %[[W]] exponent -4 : (
  %1 = hls.matmul %x, %w exponent -4 : (tensor<1x64xui4>, tensor<64x32xsi2>) -> tensor<1x32xsi11>
  // CHECK: hls.matmul %[[X]], %[[W]], %[[B]] exponent 0 : (tensor<1x64xui4>, tensor<64x32xsi2>, tensor<32xsi6>) -> tensor<1x32xsi12>
  %2 = hls.matmul %x, %w, %b exponent 0 : (tensor<1x64xui4>, tensor<64x32xsi2>, tensor<32xsi6>) -> tensor<1x32xsi12>
  return
}

// CHECK-LABEL: func @binary
// CHECK-SAME: (%[[A:.*]]: tensor<2x3xsi4>, %[[B:.*]]: tensor<3xui4>)
func.func @binary(%a: tensor<2x3xsi4>, %b: tensor<3xui4>) {
  // CHECK: hls.add %[[A]], %[[B]] : (tensor<2x3xsi4>, tensor<3xui4>) -> tensor<2x3xsi6>
  %0 = hls.add %a, %b : (tensor<2x3xsi4>, tensor<3xui4>) -> tensor<2x3xsi6>
  // CHECK: hls.sub %[[A]], %[[B]] : (tensor<2x3xsi4>, tensor<3xui4>) -> tensor<2x3xsi6>
  %1 = hls.sub %a, %b : (tensor<2x3xsi4>, tensor<3xui4>) -> tensor<2x3xsi6>
  // CHECK: hls.mul %[[A]], %[[B]] exponent -7 : (tensor<2x3xsi4>, tensor<3xui4>) -> tensor<2x3xsi8>
  %2 = hls.mul %a, %b exponent -7 : (tensor<2x3xsi4>, tensor<3xui4>) -> tensor<2x3xsi8>
  // CHECK: hls.max %[[A]], %[[B]] : (tensor<2x3xsi4>, tensor<3xui4>) -> tensor<2x3xui4>
  %3 = hls.max %a, %b : (tensor<2x3xsi4>, tensor<3xui4>) -> tensor<2x3xui4>
  return
}

// CHECK-LABEL: func @requantize_with_one_form
// CHECK-SAME: (%[[X:.*]]: tensor<1x32xsi11>)
func.func @requantize_with_one_form(%x: tensor<1x32xsi11>) -> tensor<1x32xui4> {
  // CHECK: hls.requantize %[[X]] per [] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [0, 15]>] : (tensor<1x32xsi11>) -> tensor<1x32xui4>
  %0 = hls.requantize %x per [] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [0, 15]>]
      : (tensor<1x32xsi11>) -> tensor<1x32xui4>
  return %0 : tensor<1x32xui4>
}

// CHECK-LABEL: func @requantize_per_channel
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x5xsi8>)
func.func @requantize_per_channel(%x: tensor<1x2x5xsi8>) -> tensor<1x2x5xsi2> {
  // CHECK: hls.requantize %[[X]] per [1, 2, 1] [#hls.compare<-3, -1, 1>, #hls.constant<1>] exponent -1 : (
  %0 = hls.requantize %x per [1, 2, 1] [#hls.compare<-3, -1, 1>, #hls.constant<1>] exponent -1
      : (tensor<1x2x5xsi8>) -> tensor<1x2x5xsi2>
  return %0 : tensor<1x2x5xsi2>
}

// Channels are broadcast as numpy does: from the last dimension.
// CHECK-LABEL: func @requantize_per_last_dimension
func.func @requantize_per_last_dimension(%x: tensor<4x2xsi8>) -> tensor<4x2xui1> {
  // CHECK: per [2] [#hls.constant<0>, #hls.constant<1>] :
  %0 = hls.requantize %x per [2] [#hls.constant<0>, #hls.constant<1>] : (tensor<4x2xsi8>) -> tensor<4x2xui1>
  return %0 : tensor<4x2xui1>
}

// CHECK-LABEL: func @view
// CHECK-SAME: (%[[X:.*]]: tensor<1x2x4xui4>)
func.func @view(%x: tensor<1x2x4xui4>) -> tensor<1x8xui4> {
  // CHECK: hls.view %[[X]] : (tensor<1x2x4xui4>) -> tensor<1x8xui4>
  %0 = hls.view %x : (tensor<1x2x4xui4>) -> tensor<1x8xui4>
  return %0 : tensor<1x8xui4>
}

// CHECK-LABEL: func @transpose
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xui4>)
func.func @transpose(%x: tensor<2x3xui4>) -> tensor<3x2xui4> {
  // CHECK: hls.transpose %[[X]] [1, 0] : (tensor<2x3xui4>) -> tensor<3x2xui4>
  %0 = hls.transpose %x [1, 0] : (tensor<2x3xui4>) -> tensor<3x2xui4>
  return %0 : tensor<3x2xui4>
}

// CHECK-LABEL: func @arg_max
// CHECK-SAME: (%[[X:.*]]: tensor<1x10xsi8>)
func.func @arg_max(%x: tensor<1x10xsi8>) {
  // CHECK: hls.arg_max %[[X]] axis 1 : (tensor<1x10xsi8>) -> tensor<1xui4>
  %0 = hls.arg_max %x axis 1 : (tensor<1x10xsi8>) -> tensor<1xui4>
  // CHECK: hls.arg_max %[[X]] axis -1 last : (tensor<1x10xsi8>) -> tensor<1x1xui4>
  %1 = hls.arg_max %x axis -1 last : (tensor<1x10xsi8>) -> tensor<1x1xui4>
  return
}

// CHECK-LABEL: func @top_k
// CHECK-SAME: (%[[X:.*]]: tensor<1x10xsi8>)
func.func @top_k(%x: tensor<1x10xsi8>) -> (tensor<1x3xsi8>, tensor<1x3xui4>) {
  // CHECK: %[[VALUES:.*]], %[[INDICES:.*]] = hls.top_k %[[X]] axis 1 : (tensor<1x10xsi8>) -> (tensor<1x3xsi8>, tensor<1x3xui4>)
  %values, %indices = hls.top_k %x axis 1 : (tensor<1x10xsi8>) -> (tensor<1x3xsi8>, tensor<1x3xui4>)
  // CHECK: hls.top_k %[[X]] axis 1 smallest : (
  %0, %1 = hls.top_k %x axis 1 smallest : (tensor<1x10xsi8>) -> (tensor<1x3xsi8>, tensor<1x3xui4>)
  // CHECK: return %[[VALUES]], %[[INDICES]]
  return %values, %indices : tensor<1x3xsi8>, tensor<1x3xui4>
}

{-#
  dialect_resources: {
    builtin: {
      codes: "0x01000000010203"
    }
  }
#-}
