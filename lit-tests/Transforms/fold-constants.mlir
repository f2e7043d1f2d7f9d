// RUN: qonnx-opt %s --qonnx-fold-constants | FileCheck %s

// CHECK-LABEL: func @elementwise
func.func @elementwise() -> tensor<2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = qonnx.constant dense<[2.500000e+00, -7.500000e-01]> : tensor<2xf32>
  // CHECK-NEXT: return %[[Y]]
  %a = qonnx.constant dense<[1.25, -2.0]> : tensor<2xf32>
  %b = qonnx.constant dense<1.25> : tensor<f32>
  %0 = qonnx.add %a, %b : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// 2^24 + 1 is half-way between two floats: the even one, 2^24, is the sum.
// CHECK-LABEL: func @rounds_to_float32
func.func @rounds_to_float32() -> tensor<f32> {
  // CHECK-NEXT: qonnx.constant dense<0x4B800000> : tensor<f32>
  %a = qonnx.constant dense<16777216.0> : tensor<f32>
  %b = qonnx.constant dense<1.0> : tensor<f32>
  %0 = qonnx.add %a, %b : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK-LABEL: func @a_tree_of_operations
func.func @a_tree_of_operations() -> tensor<3x2xf32> {
  // CHECK-NEXT: qonnx.constant dense<{{\[}}[1.000000e+00, 0.000000e+00], [0.000000e+00, 5.000000e+00], [3.000000e+00, 0.000000e+00]]> : tensor<3x2xf32>
  // CHECK-NEXT: return
  %w = qonnx.constant dense<[[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]]> : tensor<2x3xf32>
  %0 = qonnx.transpose %w [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = qonnx.relu %0 : (tensor<3x2xf32>) -> tensor<3x2xf32>
  return %1 : tensor<3x2xf32>
}

// CHECK-LABEL: func @integers
func.func @integers() -> tensor<3xsi64> {
  // CHECK-NEXT: qonnx.constant dense<[7, 8, -1]> : tensor<3xsi64>
  %a = qonnx.constant dense<[7, 8]> : tensor<2xsi64>
  %b = qonnx.constant dense<-1> : tensor<1xsi64>
  %0 = qonnx.concat %a, %b axis 0 : (tensor<2xsi64>, tensor<1xsi64>) -> tensor<3xsi64>
  return %0 : tensor<3xsi64>
}

// CHECK-LABEL: func @several_results
func.func @several_results() -> (tensor<2xf32>, tensor<2xsi64>) {
  // CHECK-DAG: %[[VALUES:.*]] = qonnx.constant dense<[9.000000e+00, 5.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[INDICES:.*]] = qonnx.constant dense<[1, 2]> : tensor<2xsi64>
  // CHECK: return %[[VALUES]], %[[INDICES]]
  %x = qonnx.constant dense<[1.0, 9.0, 5.0]> : tensor<3xf32>
  %k = qonnx.constant dense<2> : tensor<1xsi64>
  %0, %1 = qonnx.top_k %x, %k axis 0 largest : (tensor<3xf32>, tensor<1xsi64>) -> (tensor<2xf32>, tensor<2xsi64>)
  return %0, %1 : tensor<2xf32>, tensor<2xsi64>
}

// A shape is known before the tensor is.
// CHECK-LABEL: func @shape_of_an_input
func.func @shape_of_an_input(%x: tensor<2x3x4xf32>) -> (tensor<3xsi64>, tensor<2xsi64>, tensor<1xsi64>) {
  // CHECK-DAG: %[[ALL:.*]] = qonnx.constant dense<[2, 3, 4]> : tensor<3xsi64>
  // CHECK-DAG: %[[BUT_LAST:.*]] = qonnx.constant dense<[2, 3]> : tensor<2xsi64>
  // CHECK-DAG: %[[LAST:.*]] = qonnx.constant dense<4> : tensor<1xsi64>
  // CHECK: return %[[ALL]], %[[BUT_LAST]], %[[LAST]]
  %0 = qonnx.shape %x start 0 : (tensor<2x3x4xf32>) -> tensor<3xsi64>
  %1 = qonnx.shape %x start 0 end -1 : (tensor<2x3x4xf32>) -> tensor<2xsi64>
  %2 = qonnx.shape %x start 2 : (tensor<2x3x4xf32>) -> tensor<1xsi64>
  return %0, %1, %2 : tensor<3xsi64>, tensor<2xsi64>, tensor<1xsi64>
}

// CHECK-LABEL: func @shape_not_yet_known
func.func @shape_not_yet_known(%x: tensor<?x3xf32>) -> tensor<2xsi64> {
  // CHECK: qonnx.shape
  %0 = qonnx.shape %x start 0 : (tensor<?x3xf32>) -> tensor<2xsi64>
  return %0 : tensor<2xsi64>
}

// Quantizers of constants say on which grid the weights lie: they stay, and what
// depends on them.
// CHECK-LABEL: func @keeps_quantizers
func.func @keeps_quantizers(%t: tensor<1x3xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %w = qonnx.constant dense<[[0.5, -0.5], [0.25, 1.0]]> : tensor<2x2xf32>
  %s = qonnx.constant dense<0.25> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %b = qonnx.constant dense<4.0> : tensor<f32>
  %steps = qonnx.constant dense<[[0.0, 0.5, 1.0]]> : tensor<1x3xf32>
  // CHECK: %[[Q:.*]] = qonnx.quant
  %0 = qonnx.quant %w, %s, %z, %b half_even signed : (tensor<2x2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2x2xf32>
  // CHECK: qonnx.transpose %[[Q]]
  %1 = qonnx.transpose %0 [1, 0] : (tensor<2x2xf32>) -> tensor<2x2xf32>
  // CHECK: qonnx.bipolar_quant
  %2 = qonnx.bipolar_quant %w, %s : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xf32>
  // CHECK: qonnx.multi_threshold
  %3 = qonnx.multi_threshold %w, %steps scale 1.0 bias 0.0 axis 1 : (tensor<2x2xf32>, tensor<1x3xf32>) -> tensor<2x2xf32>
  // CHECK: qonnx.quantize_linear
  %4 = qonnx.quantize_linear %w, %s axis 1 : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xui8>
  // CHECK: qonnx.dequantize_linear
  %5 = qonnx.dequantize_linear %4, %s axis 1 : (tensor<2x2xui8>, tensor<f32>) -> tensor<2x2xf32>
  return %1, %2, %3, %5 : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
}

// A scale that is computed becomes a constant in front of the quantizer.
// CHECK-LABEL: func @computed_scale
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>)
func.func @computed_scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-DAG: %[[S:.*]] = qonnx.constant dense<2.500000e-01>
  // CHECK: qonnx.quant %[[X]], %[[S]],
  %one = qonnx.constant dense<1.0> : tensor<f32>
  %four = qonnx.constant dense<4.0> : tensor<f32>
  %z = qonnx.constant dense<0.0> : tensor<f32>
  %s = qonnx.div %one, %four : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %0 = qonnx.quant %x, %s, %z, %four half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @not_constant
func.func @not_constant(%x: tensor<f32>) -> tensor<f32> {
  // CHECK: qonnx.constant dense<1.000000e+00>
  // CHECK: qonnx.add
  %one = qonnx.constant dense<1.0> : tensor<f32>
  %0 = qonnx.add %x, %one : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// The evaluator holds half floats as float32: such a result would change its type.
// CHECK-LABEL: func @half_floats
func.func @half_floats() -> tensor<f16> {
  // CHECK: qonnx.neg
  %a = qonnx.constant dense<1.0> : tensor<f16>
  %0 = qonnx.neg %a : (tensor<f16>) -> tensor<f16>
  return %0 : tensor<f16>
}

// CHECK-LABEL: func @unknown_operator
func.func @unknown_operator() -> tensor<*xf32> {
  // CHECK: qonnx.onnx "Einsum"
  %a = qonnx.constant dense<1.0> : tensor<2xf32>
  %0 = qonnx.onnx "Einsum" domain "" (%a) : (tensor<2xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}
