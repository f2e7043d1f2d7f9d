// RUN: qonnx-opt %s | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --emit-bytecode | qonnx-opt | FileCheck %s
// RUN: qonnx-opt %s --mlir-print-op-generic | qonnx-opt | FileCheck %s

// CHECK-LABEL: func @matmul
// CHECK-SAME: (%[[X:.*]]: tensor<1x64xf32>, %[[W:.*]]: tensor<64x32xf32>)
func.func @matmul(%x: tensor<1x64xf32>, %w: tensor<64x32xf32>) -> tensor<1x32xf32> {
  // CHECK: qonnx.matmul %[[X]], %[[W]] : (tensor<1x64xf32>, tensor<64x32xf32>) -> tensor<1x32xf32>
  %0 = qonnx.matmul %x, %w : (tensor<1x64xf32>, tensor<64x32xf32>) -> tensor<1x32xf32>
  return %0 : tensor<1x32xf32>
}

// CHECK-LABEL: func @matmul_of_vectors
func.func @matmul_of_vectors(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<f32> {
  // CHECK: qonnx.matmul %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
  %0 = qonnx.matmul %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func @matmul_of_unknown_shapes
func.func @matmul_of_unknown_shapes(%x: tensor<?x?xf32>, %w: tensor<64x32xf32>, %y: tensor<*xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.matmul %{{.*}}, %{{.*}} : (tensor<?x?xf32>, tensor<64x32xf32>) -> tensor<?x32xf32>
  %0 = qonnx.matmul %x, %w : (tensor<?x?xf32>, tensor<64x32xf32>) -> tensor<?x32xf32>
  // CHECK: qonnx.matmul %{{.*}}, %{{.*}} : (tensor<?x32xf32>, tensor<*xf32>) -> tensor<*xf32>
  %1 = qonnx.matmul %0, %y : (tensor<?x32xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// CHECK-LABEL: func @gemm
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[W:.*]]: tensor<4x2xf32>, %[[C:.*]]: tensor<2xf32>)
func.func @gemm(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  // CHECK: qonnx.gemm %[[X]], %[[W]] alpha 5.000000e-01 beta 1.000000e+00 : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  %0 = qonnx.gemm %x, %w alpha 0.5 beta 1.0 : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  // CHECK: qonnx.gemm %[[X]], %[[W]], %[[C]] alpha 5.000000e-01 beta 2.000000e+00 : (
  %1 = qonnx.gemm %x, %w, %c alpha 0.5 beta 2.0 : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

// CHECK-LABEL: func @gemm_transposed
// CHECK-SAME: (%[[X:.*]]: tensor<4x1xf32>, %[[W:.*]]: tensor<2x4xf32>)
func.func @gemm_transposed(%x: tensor<4x1xf32>, %w: tensor<2x4xf32>) -> tensor<1x2xf32> {
  // CHECK: qonnx.gemm %[[X]], %[[W]] alpha 1.000000e+00 beta 1.000000e+00 trans_a trans_b : (
  %0 = qonnx.gemm %x, %w alpha 1.0 beta 1.0 trans_a trans_b : (tensor<4x1xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// CHECK-LABEL: func @batch_normalization
// CHECK-SAME: (%[[X:.*]]: tensor<1x3x5xf32>, %[[P:.*]]: tensor<3xf32>)
func.func @batch_normalization(%x: tensor<1x3x5xf32>, %p: tensor<3xf32>) -> tensor<1x3x5xf32> {
  // CHECK: qonnx.batch_normalization %[[X]], %[[P]], %[[P]], %[[P]], %[[P]] epsilon 9.99999974E-6 : (
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 1.0e-5 : (tensor<1x3x5xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x3x5xf32>
  return %0 : tensor<1x3x5xf32>
}

// CHECK-LABEL: func @softmax
// CHECK-SAME: (%[[X:.*]]: tensor<1x10xf32>)
func.func @softmax(%x: tensor<1x10xf32>) -> (tensor<1x10xf32>, tensor<1x10xf32>) {
  // CHECK: qonnx.softmax %[[X]] axis 1 : (tensor<1x10xf32>) -> tensor<1x10xf32>
  %0 = qonnx.softmax %x axis 1 : (tensor<1x10xf32>) -> tensor<1x10xf32>
  // CHECK: qonnx.log_softmax %[[X]] axis -1 : (tensor<1x10xf32>) -> tensor<1x10xf32>
  %1 = qonnx.log_softmax %x axis -1 : (tensor<1x10xf32>) -> tensor<1x10xf32>
  return %0, %1 : tensor<1x10xf32>, tensor<1x10xf32>
}

// CHECK-LABEL: func @batch_normalization_channels_last
func.func @batch_normalization_channels_last(%x: tensor<1x5x3xf32>, %p: tensor<3xf32>) -> tensor<1x5x3xf32> {
  // CHECK: qonnx.batch_normalization %{{.*}} epsilon 9.99999974E-6 channels_last : (
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 1.0e-5 channels_last : (tensor<1x5x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<1x5x3xf32>
  return %0 : tensor<1x5x3xf32>
}
