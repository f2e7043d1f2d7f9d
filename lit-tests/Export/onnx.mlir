// Back to ONNX and in again: names of nodes and ends, operands, attributes.
// RUN: qonnx-translate --export-onnx %s -o %t.onnx
// RUN: qonnx-translate --import-onnx %t.onnx --mlir-print-debuginfo | FileCheck %s
// RUN: qonnx-translate --export-onnx %s --onnx-flavour=qcdq -o %t.qcdq.onnx
// RUN: qonnx-translate --import-onnx %t.qcdq.onnx | FileCheck %s --check-prefix=QCDQ

// CHECK: func.func @main(%{{.*}}: tensor<1x4xf32> {qonnx.name = "image"}{{.*}} -> (tensor<1x2xf32> {qonnx.name = "logits"})
// CHECK-DAG: %[[W:.*]] = qonnx.constant dense<{{.*}}> : tensor<4x2xf32> loc(#[[WEIGHT:.*]])
// CHECK: %[[Q:.*]] = qonnx.quant %{{.*}} half_even signed : {{.*}} loc(#[[IN:.*]])
// CHECK: %[[V:.*]] = qonnx.quant %[[W]], %{{.*}} half_up signed narrow
// CHECK: %[[M:.*]] = qonnx.matmul %[[Q]], %[[V]] : {{.*}} loc(#[[FC:.*]])
// CHECK: %[[S:.*]] = qonnx.reshape %[[M]], %{{.*}} : (tensor<1x2xf32>, tensor<3xsi64>) -> tensor<1x1x2xf32>
// CHECK: %[[R:.*]] = qonnx.reduce max %[[S]] axes %{{.*}} : (tensor<1x1x2xf32>, tensor<1xsi64>) -> tensor<1x2xf32>
// CHECK: return %[[R]]
// CHECK-DAG: #[[WEIGHT]] = loc("weight")
// CHECK-DAG: #[[IN]] = loc("in")
// CHECK-DAG: #[[FC]] = loc("fc")

// QCDQ-DAG: %[[C:.*]] = qonnx.constant dense<{{\[}}[0, 1], [1, 2], [7, -7], [3, -1]]> : tensor<4x2xsi8>
// QCDQ: %[[Q:.*]] = qonnx.quantize_linear %{{.*}} -> tensor<1x4xsi8>
// QCDQ: %[[L:.*]] = qonnx.clip %[[Q]] low %{{.*}} high %{{.*}} : (tensor<1x4xsi8>, tensor<si8>, tensor<si8>) -> tensor<1x4xsi8>
// QCDQ: qonnx.dequantize_linear %[[L]]
// QCDQ: qonnx.dequantize_linear %[[C]], %{{.*}} axis 1 : (tensor<4x2xsi8>, tensor<f32>, tensor<si8>) -> tensor<4x2xf32>
// QCDQ-NOT: qonnx.quant %
func.func @main(%x: tensor<1x4xf32> {qonnx.name = "image"}) -> (tensor<1x2xf32> {qonnx.name = "logits"}) {
  %s = qonnx.constant dense<0.5> : tensor<f32> loc("scale")
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %w = qonnx.constant dense<[[0.0, 0.3], [0.25, 1.0], [9.0, -9.0], [1.5, -0.5]]> : tensor<4x2xf32> loc("weight")
  %q = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32> loc("in")
  %v = qonnx.quant %w, %s, %z, %b half_up signed narrow : (tensor<4x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4x2xf32>
  %m = qonnx.matmul %q, %v : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32> loc("fc")
  %t = qonnx.view %m : (tensor<1x2xf32>) -> tensor<1x1x2xf32>
  %a = qonnx.constant dense<1> : tensor<1xsi64>
  %y = qonnx.reduce max %t axes %a : (tensor<1x1x2xf32>, tensor<1xsi64>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}
