// RUN: qonnx-opt %s --pass-pipeline='builtin.module(qonnx-set-batch-size{batch-size=4},qonnx-infer-shapes)' | FileCheck %s
// RUN: qonnx-opt %s --pass-pipeline='builtin.module(qonnx-set-batch-size{batch-size=4},qonnx-set-batch-size{batch-size=4},qonnx-infer-shapes)' | FileCheck %s

// A target that says the batch in numbers; rows, columns and leading axes of a product.
// CHECK-LABEL: @dense
// CHECK-SAME: (%{{.*}}: tensor<4x2x3xf32>) -> tensor<4x5xf32>
// CHECK-DAG: %[[T:.*]] = qonnx.constant dense<[4, 6]> : tensor<2xsi64>
// CHECK: qonnx.reshape %{{.*}}, %[[T]] : (tensor<4x2x3xf32>, tensor<2xsi64>) -> tensor<4x6xf32>
// CHECK: qonnx.matmul %{{.*}} -> tensor<4x5xf32>
func.func @dense(%x: tensor<1x2x3xf32>) -> tensor<1x5xf32> {
  %s = qonnx.constant dense<[1, 6]> : tensor<2xsi64>
  %c = qonnx.constant dense<0.5> : tensor<6x5xf32>
  %r = qonnx.reshape %x, %s : (tensor<1x2x3xf32>, tensor<2xsi64>) -> tensor<1x6xf32>
  %y = qonnx.matmul %r, %c : (tensor<1x6xf32>, tensor<6x5xf32>) -> tensor<1x5xf32>
  return %y : tensor<1x5xf32>
}

// The axis of one sample is gone in the file; its rows are 8 a sample now, until the samples come back.
// CHECK-LABEL: @rows
// CHECK: qonnx.view %{{.*}} : (tensor<4x8x3xf32>) -> tensor<32x3xf32>
// CHECK: qonnx.matmul %{{.*}} -> tensor<32x5xf32>
// CHECK: qonnx.reshape %{{.*}} -> tensor<4x8x5xf32>
func.func @rows(%x: tensor<1x8x3xf32>) -> tensor<1x8x5xf32> {
  %a = qonnx.constant dense<0> : tensor<1xsi64>
  %s = qonnx.constant dense<[1, 8, 5]> : tensor<3xsi64>
  %c = qonnx.constant dense<0.5> : tensor<3x5xf32>
  %r = qonnx.squeeze %x axes %a : (tensor<1x8x3xf32>, tensor<1xsi64>) -> tensor<8x3xf32>
  %m = qonnx.matmul %r, %c : (tensor<8x3xf32>, tensor<3x5xf32>) -> tensor<8x5xf32>
  %y = qonnx.reshape %m, %s : (tensor<8x5xf32>, tensor<3xsi64>) -> tensor<1x8x5xf32>
  return %y : tensor<1x8x5xf32>
}

// CHECK-LABEL: @flattened_from_axis_0
// CHECK: qonnx.view %{{.*}} : (tensor<4x2x3xf32>) -> tensor<4x6xf32>
func.func @flattened_from_axis_0(%x: tensor<1x2x3xf32>) -> tensor<1x6xf32> {
  %y = qonnx.flatten %x axis 0 : (tensor<1x2x3xf32>) -> tensor<1x6xf32>
  return %y : tensor<1x6xf32>
}

// Axes move; what is the same for all samples is joined to each.
// CHECK-LABEL: @moved
// CHECK: qonnx.transpose %{{.*}} -> tensor<3x4x2xf32>
// CHECK: qonnx.softmax %{{.*}} axis 0 : (tensor<3x4x2xf32>)
// CHECK: qonnx.concat %{{.*}} axis 0 : (tensor<3x4x2xf32>, tensor<1x4x2xf32>) -> tensor<4x4x2xf32>
// CHECK: qonnx.reduce mean %{{.*}} -> tensor<4x2xf32>
func.func @moved(%x: tensor<1x2x3xf32>) -> tensor<1x2xf32> {
  %token = qonnx.constant dense<0.5> : tensor<1x1x2xf32>
  %a = qonnx.constant dense<0> : tensor<1xsi64>
  %t = qonnx.transpose %x [2, 0, 1] : (tensor<1x2x3xf32>) -> tensor<3x1x2xf32>
  %s = qonnx.softmax %t axis 0 : (tensor<3x1x2xf32>) -> tensor<3x1x2xf32>
  %c = qonnx.concat %s, %token axis 0 : (tensor<3x1x2xf32>, tensor<1x1x2xf32>) -> tensor<4x1x2xf32>
  %y = qonnx.reduce mean %c axes %a : (tensor<4x1x2xf32>, tensor<1xsi64>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// Windows, quantizers with a scale a channel, branches.
// CHECK-LABEL: @convolution
// CHECK: qonnx.conv {{.*}} -> tensor<4x3x4xf32>
// CHECK: qonnx.dequantize_linear {{.*}} -> tensor<4x3x4xf32>
// CHECK: qonnx.add %{{.*}}, %{{.*}} : (tensor<4x3x4xf32>, tensor<4x3x4xf32>) -> tensor<4x3x4xf32>
func.func @convolution(%x: tensor<1x3x4xf32>) -> tensor<1x3x4xf32> {
  %w = qonnx.constant dense<0.5> : tensor<3x3x3xf32>
  %s = qonnx.constant dense<[0.5, 0.25, 1.0]> : tensor<3xf32>
  %0 = qonnx.conv %x, %w strides [1] pads [1, 1] dilations [1] group 1 notset : (tensor<1x3x4xf32>, tensor<3x3x3xf32>) -> tensor<1x3x4xf32>
  %1 = qonnx.quantize_linear %0, %s axis 1 : (tensor<1x3x4xf32>, tensor<3xf32>) -> tensor<1x3x4xsi8>
  %2 = qonnx.dequantize_linear %1, %s axis 1 : (tensor<1x3x4xsi8>, tensor<3xf32>) -> tensor<1x3x4xf32>
  %y = qonnx.add %2, %x : (tensor<1x3x4xf32>, tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
  return %y : tensor<1x3x4xf32>
}

// A scale an element is repeated for each sample.
// CHECK-LABEL: @scale_an_element
// CHECK: qonnx.quantize_linear %{{.*}}, %{{.*}} axis 1 : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xsi8>
func.func @scale_an_element(%x: tensor<1x2xf32>) -> tensor<1x2xsi8> {
  %s = qonnx.constant dense<[[0.5, 0.25]]> : tensor<1x2xf32>
  %y = qonnx.quantize_linear %x, %s axis 1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xsi8>
  return %y : tensor<1x2xsi8>
}
