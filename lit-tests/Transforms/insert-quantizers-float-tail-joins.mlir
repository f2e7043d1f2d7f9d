// RUN: qonnx-opt %s --qonnx-insert-quantizers='float-tail=lut' 2>&1 | FileCheck %s

// What joins or selects results of float operations ends in them; what joins or selects codes does not.
// CHECK-DAG: remark: {{.*}}output 'joined' ends in qonnx.concat at {{.*}} rounded to fixed<16,6>
// CHECK-DAG: remark: {{.*}}output 'greatest' ends in qonnx.tanh at {{.*}} rounded to fixed<16,2>
// CHECK-NOT: remark:
// CHECK-LABEL: func @joins
func.func @joins(%x: tensor<1x1x4xf32>) -> (tensor<1x2x4xf32> {qonnx.name = "codes"}, tensor<1x2x4xf32> {qonnx.name = "joined"}, tensor<1x1x2xf32> {qonnx.name = "greatest"}, tensor<1x1x2xf32> {qonnx.name = "pooled"}) {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %n = qonnx.constant dense<4.0> : tensor<f32>
  %q = qonnx.quant %x, %s, %z, %n half_even signed : (tensor<1x1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x1x4xf32>
  %t = qonnx.tanh %q : (tensor<1x1x4xf32>) -> tensor<1x1x4xf32>
  // CHECK: %[[CODES:.*]] = qonnx.concat
  %0 = qonnx.concat %q, %q axis 1 : (tensor<1x1x4xf32>, tensor<1x1x4xf32>) -> tensor<1x2x4xf32>
  // CHECK: %[[JOINED:.*]] = qonnx.concat
  %1 = qonnx.concat %q, %t axis 1 : (tensor<1x1x4xf32>, tensor<1x1x4xf32>) -> tensor<1x2x4xf32>
  // CHECK: %[[GREATEST:.*]] = qonnx.max_pool
  %2 = qonnx.max_pool %t kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  // CHECK: %[[POOLED:.*]] = qonnx.max_pool
  %3 = qonnx.max_pool %q kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  // CHECK: %[[A:.*]] = qonnx.quant %[[JOINED]]
  // CHECK: %[[B:.*]] = qonnx.quant %[[GREATEST]]
  // CHECK: return %[[CODES]], %[[A]], %[[B]], %[[POOLED]]
  return %0, %1, %2, %3 : tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x1x2xf32>, tensor<1x1x2xf32>
}
