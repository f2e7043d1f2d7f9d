// RUN: qonnx-opt %s --pass-pipeline='builtin.module(qonnx-insert-quantizers{input-format=a/b:0=fixed<8,3>,second=ufixed<4,0>})' 2>&1 | FileCheck %s

// A name may hold any character; the format is what follows the last =. An input that is
// named gets its format wherever it leads.
// CHECK-DAG: remark: {{.*}}input 'a/b:0' is not quantized in the file: rounded to fixed<8,3>,
// CHECK-DAG: remark: {{.*}}input 'second' is not quantized in the file: rounded to ufixed<4,0>,
// CHECK-LABEL: func @two_inputs
// CHECK-SAME: (%[[A:.*]]: tensor<1x4xf32> {{.*}}, %[[B:.*]]: tensor<1x4xf32>
func.func @two_inputs(%a: tensor<1x4xf32> {qonnx.name = "a/b:0"}, %b: tensor<1x4xf32> {qonnx.name = "second"}) -> (tensor<1x2xf32>, tensor<1x4xf32>) {
  // fixed<8,3> has steps of 2^-5, ufixed<4,0> of 2^-4.
  // CHECK-DAG: %[[SA:.*]] = qonnx.constant dense<3.125000e-02> : tensor<f32>
  // CHECK-DAG: %[[BA:.*]] = qonnx.constant dense<8.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[SB:.*]] = qonnx.constant dense<6.250000e-02> : tensor<f32>
  // CHECK-DAG: %[[BB:.*]] = qonnx.constant dense<4.000000e+00> : tensor<f32>
  // CHECK-DAG: %[[QA:.*]] = qonnx.quant %[[A]], %[[SA]], %{{.*}}, %[[BA]] half_even signed :
  // CHECK-DAG: %[[QB:.*]] = qonnx.quant %[[B]], %[[SB]], %{{.*}}, %[[BB]] half_even :
  // CHECK-DAG: qonnx.matmul %[[QA]],
  // CHECK-DAG: qonnx.relu %[[QB]]
  %w = qonnx.constant dense<1.0> : tensor<4x2xf32>
  %0 = qonnx.matmul %a, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  %1 = qonnx.relu %b : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x4xf32>
}
