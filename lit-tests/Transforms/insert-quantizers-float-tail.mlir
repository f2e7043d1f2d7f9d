// RUN: qonnx-opt %s --pass-pipeline='builtin.module(qonnx-insert-quantizers{float-tail=lut output-format=logits=fixed<8,4>})' 2>&1 | FileCheck %s
// RUN: qonnx-opt %s --qonnx-insert-quantizers | FileCheck %s --check-prefix=HOST
// RUN: not qonnx-opt %s --qonnx-insert-quantizers='float-tail=gpu' 2>&1 | FileCheck %s --check-prefix=TAIL
// RUN: not qonnx-opt %s --qonnx-insert-quantizers='output-format=odds=fixed<8,4>' 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not qonnx-opt %s --qonnx-insert-quantizers='output-format=best=fixed<8,4>' 2>&1 | FileCheck %s --check-prefix=TYPE

// TAIL: float-tail is 'gpu', expected host or lut
// NAME: has no output 'odds'; its outputs are logits, odds of each, sums, codes, best
// TYPE: output 'best' is tensor<1x1xi64>: only float32 is quantized

// By default the host computes what follows the last quantizer.
// HOST-NOT: qonnx.quant %{{[0-9]+}}, %{{.*}} half_even :

// CHECK-DAG: remark: {{.*}}output 'logits' ends in qonnx.add at {{.*}} and is not quantized in the file: rounded to fixed<8,4>, half to even, saturating; within its range at most 0.03125 from the file's value
// CHECK-DAG: remark: {{.*}}output 'odds of each' ends in qonnx.softmax at {{.*}} rounded to ufixed<16,1>
// CHECK-NOT: remark:
// CHECK-LABEL: func @tails
func.func @tails(%x: tensor<1x4xf32>) -> (tensor<1x2xf32> {qonnx.name = "logits"}, tensor<2xf32> {qonnx.name = "odds of each"}, tensor<1x2xf32> {qonnx.name = "sums"}, tensor<1x4xf32> {qonnx.name = "codes"}, tensor<1x1xi64> {qonnx.name = "best"}) {
  %s = qonnx.constant dense<0.5> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %n = qonnx.constant dense<4.0> : tensor<f32>
  %q = qonnx.quant %x, %s, %z, %n half_even signed : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
  %w = qonnx.constant dense<1.0> : tensor<4x2xf32>
  // CHECK: %[[SUM:.*]] = qonnx.matmul
  %0 = qonnx.matmul %q, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  %b = qonnx.constant dense<0.25> : tensor<2xf32>
  // CHECK: %[[LOGITS:.*]] = qonnx.add
  %1 = qonnx.add %0, %b : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %2 = qonnx.softmax %1 axis 1 : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: %[[ODDS:.*]] = qonnx.view
  %3 = qonnx.view %2 : (tensor<1x2xf32>) -> tensor<2xf32>
  %4 = qonnx.arg_max %1 axis 1 keep_dims : (tensor<1x2xf32>) -> tensor<1x1xi64>
  // CHECK: %[[A:.*]] = qonnx.quant %[[LOGITS]], {{.*}} half_even signed :
  // CHECK: %[[B:.*]] = qonnx.quant %[[ODDS]], {{.*}} half_even :
  // A dot product's result is an integer and its scale; a quantizer's result is quantized.
  // CHECK: return %[[A]], %[[B]], %[[SUM]],
  return %1, %3, %0, %q, %4 : tensor<1x2xf32>, tensor<2xf32>, tensor<1x2xf32>, tensor<1x4xf32>, tensor<1x1xi64>
}
