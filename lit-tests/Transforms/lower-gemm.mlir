// RUN: qonnx-opt %s --qonnx-lower-gemm | FileCheck %s

// CHECK-LABEL: func @product_alone
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[W:.*]]: tensor<4x2xf32>)
func.func @product_alone(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>) -> tensor<1x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = qonnx.matmul %[[X]], %[[W]]
  // CHECK-NEXT: return %[[Y]]
  %0 = qonnx.gemm %x, %w alpha 1.0 beta 1.0 : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// CHECK-LABEL: func @bias
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[W:.*]]: tensor<4x2xf32>, %[[C:.*]]: tensor<2xf32>)
func.func @bias(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  // CHECK-NEXT: %[[S:.*]] = qonnx.matmul %[[X]], %[[W]]
  // CHECK-NEXT: %[[Y:.*]] = qonnx.add %[[S]], %[[C]] : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  // CHECK-NEXT: return %[[Y]]
  %0 = qonnx.gemm %x, %w, %c alpha 1.0 beta 1.0 : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// CHECK-LABEL: func @transposes
// CHECK-SAME: (%[[X:.*]]: tensor<4x1xf32>, %[[W:.*]]: tensor<2x4xf32>)
func.func @transposes(%x: tensor<4x1xf32>, %w: tensor<2x4xf32>) -> tensor<1x2xf32> {
  // CHECK-DAG: %[[A:.*]] = qonnx.transpose %[[X]] [1, 0] : (tensor<4x1xf32>) -> tensor<1x4xf32>
  // CHECK-DAG: %[[B:.*]] = qonnx.transpose %[[W]] [1, 0] : (tensor<2x4xf32>) -> tensor<4x2xf32>
  // CHECK: qonnx.matmul %[[A]], %[[B]] : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  %0 = qonnx.gemm %x, %w alpha 1.0 beta 1.0 trans_a trans_b : (tensor<4x1xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// The reference rounds beta * C before the sum.
// CHECK-LABEL: func @beta
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[W:.*]]: tensor<4x2xf32>, %[[C:.*]]: tensor<2xf32>)
func.func @beta(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[S:.*]] = qonnx.matmul %[[X]], %[[W]]
  // CHECK: %[[BETA:.*]] = qonnx.constant dense<3.000000e+00> : tensor<f32>
  // CHECK: %[[P:.*]] = qonnx.mul %[[C]], %[[BETA]] : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  // CHECK: qonnx.add %[[S]], %[[P]]
  %0 = qonnx.gemm %x, %w, %c alpha 1.0 beta 3.0 : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// CHECK-LABEL: func @beta_of_zero
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[W:.*]]: tensor<4x2xf32>, %[[C:.*]]: tensor<2xf32>)
func.func @beta_of_zero(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = qonnx.matmul %[[X]], %[[W]]
  // CHECK-NEXT: return %[[Y]]
  %0 = qonnx.gemm %x, %w, %c alpha 1.0 beta 0.0 : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// CHECK-LABEL: func @alpha
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[W:.*]]: tensor<4x2xf32>)
func.func @alpha(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[S:.*]] = qonnx.matmul %[[X]], %[[W]]
  // CHECK: %[[ALPHA:.*]] = qonnx.constant dense<5.000000e-01> : tensor<f32>
  // CHECK: qonnx.mul %[[S]], %[[ALPHA]]
  %0 = qonnx.gemm %x, %w alpha 0.5 beta 1.0 : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// alpha * sum + beta * C is rounded once, after the multiply-add.
// CHECK-LABEL: func @alpha_and_beta
// CHECK-SAME: (%[[X:.*]]: tensor<1x4xf32>, %[[W:.*]]: tensor<4x2xf32>, %[[C:.*]]: tensor<2xf32>)
func.func @alpha_and_beta(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[S:.*]] = qonnx.matmul %[[X]], %[[W]]
  // CHECK: %[[P:.*]] = qonnx.mul %[[C]],
  // CHECK: %[[ALPHA:.*]] = qonnx.constant dense<1.000000e-01> : tensor<f32>
  // CHECK: qonnx.fma %[[S]], %[[ALPHA]], %[[P]] : (tensor<1x2xf32>, tensor<f32>, tensor<2xf32>) -> tensor<1x2xf32>
  %0 = qonnx.gemm %x, %w, %c alpha 0.1 beta 3.0 : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
