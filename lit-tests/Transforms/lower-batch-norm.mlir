// RUN: qonnx-opt %s --qonnx-lower-batch-norm | FileCheck %s

// With variance 4 and epsilon 0 each constant is exact: factor 1/2 * scale, offset
// bias - mean * factor.
// CHECK-LABEL: func @exact_constants
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xf32>)
func.func @exact_constants(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %scale = qonnx.constant dense<[3.0, -1.0]> : tensor<2xf32>
  %bias = qonnx.constant dense<[0.25, 2.0]> : tensor<2xf32>
  %mean = qonnx.constant dense<[1.0, -3.0]> : tensor<2xf32>
  %variance = qonnx.constant dense<4.0> : tensor<2xf32>
  // CHECK: %[[NS:.*]] = qonnx.constant dense<[1.500000e+00, -5.000000e-01]> : tensor<2xf32>
  // CHECK: %[[P:.*]] = qonnx.mul %[[X]], %[[NS]] : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  // CHECK: %[[NB:.*]] = qonnx.constant dense<[-1.250000e+00, 5.000000e-01]> : tensor<2xf32>
  // CHECK: %[[Y:.*]] = qonnx.add %[[P]], %[[NB]] : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  // CHECK: return %[[Y]]
  %0 = qonnx.batch_normalization %x, %scale, %bias, %mean, %variance epsilon 0.0 : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// Values (from numpy's float32) where another order would show: scale / sqrt(v + e) is
// 0x4010D064, and a fused multiply-add gives the offset 0xC02FC8A9.
// CHECK-LABEL: func @order_of_rounding
func.func @order_of_rounding(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %scale = qonnx.constant dense<1.6> : tensor<1xf32>
  %bias = qonnx.constant dense<1.1> : tensor<1xf32>
  %mean = qonnx.constant dense<1.7> : tensor<1xf32>
  %variance = qonnx.constant dense<0.5> : tensor<1xf32>
  // 0x4010D063 and 0xC02FC8A8.
  // CHECK: qonnx.constant dense<2.26271892> : tensor<1xf32>
  // CHECK: qonnx.constant dense<-2.74662209> : tensor<1xf32>
  %0 = qonnx.batch_normalization %x, %scale, %bias, %mean, %variance epsilon 1.0e-5 : (tensor<1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// Channels are axis 1, whatever follows.
// CHECK-LABEL: func @axes_behind_the_channels
func.func @axes_behind_the_channels(%x: tensor<1x2x5xf32>) -> tensor<1x2x5xf32> {
  %p = qonnx.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %v = qonnx.constant dense<1.0> : tensor<2xf32>
  // CHECK: qonnx.constant dense<{{\[}}[1.000000e+00], [2.000000e+00]]> : tensor<2x1xf32>
  // CHECK: qonnx.mul {{.*}} : (tensor<1x2x5xf32>, tensor<2x1xf32>) -> tensor<1x2x5xf32>
  // CHECK: qonnx.constant dense<{{\[}}[0.000000e+00], [-2.000000e+00]]> : tensor<2x1xf32>
  // CHECK: qonnx.add {{.*}} : (tensor<1x2x5xf32>, tensor<2x1xf32>) -> tensor<1x2x5xf32>
  %0 = qonnx.batch_normalization %x, %p, %p, %p, %v epsilon 0.0 : (tensor<1x2x5xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x5xf32>
  return %0 : tensor<1x2x5xf32>
}
