// What the domain qonnx.custom_op.channels_last has operators for makes the way to ONNX and back as it is.
// RUN: qonnx-translate --export-onnx %s -o %t.onnx
// RUN: qonnx-translate --import-onnx %t.onnx | FileCheck %s
// RUN: qonnx-translate --export-onnx %s --onnx-flavour=qcdq -o %t.plain.onnx
// RUN: qonnx-translate --import-onnx %t.plain.onnx | FileCheck %s --check-prefix=PLAIN

// CHECK: qonnx.conv %{{.*}} strides [2, 1] pads [1, 0, 1, 0] dilations [1, 2] group 1 notset channels_last : (tensor<1x6x6x2xf32>, tensor<2x3x3x2xf32>, tensor<2xf32>) -> tensor<1x3x2x2xf32>
// CHECK: qonnx.batch_normalization %{{.*}} channels_last
// CHECK: qonnx.max_pool %{{.*}} channels_last
// CHECK: qonnx.transpose
// CHECK: qonnx.average_pool %{{.*}} notset :
// CHECK: qonnx.transpose
// PLAIN-NOT: channels_last
func.func @main(%x: tensor<1x6x6x2xf32>, %w: tensor<2x3x3x2xf32>, %p: tensor<2xf32>) -> tensor<1x1x1x2xf32> {
  %0 = qonnx.conv %x, %w bias %p strides [2, 1] pads [1, 0, 1, 0] dilations [1, 2] group 1 notset channels_last : (tensor<1x6x6x2xf32>, tensor<2x3x3x2xf32>, tensor<2xf32>) -> tensor<1x3x2x2xf32>
  %1 = qonnx.batch_normalization %0, %p, %p, %p, %p epsilon 1.0e-5 channels_last : (tensor<1x3x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x3x2x2xf32>
  %2 = qonnx.max_pool %1 kernel [2, 1] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset channels_last : (tensor<1x3x2x2xf32>) -> tensor<1x2x2x2xf32>
  %3 = qonnx.average_pool %2 kernel [2, 2] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset channels_last : (tensor<1x2x2x2xf32>) -> tensor<1x1x1x2xf32>
  return %3 : tensor<1x1x1x2xf32>
}
