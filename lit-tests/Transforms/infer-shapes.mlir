// RUN: qonnx-opt %s --qonnx-infer-shapes | FileCheck %s
// RUN: qonnx-opt %s --qonnx-infer-shapes=batch-size=4 | FileCheck %s --check-prefix=BATCH

// The function's own type follows what is inferred.
// CHECK-LABEL: func @function_type
// CHECK-SAME: (%{{.*}}: tensor<2x3xf32>) -> tensor<2x3xf32>
func.func @function_type(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.relu %{{.*}} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %0 = qonnx.relu %x : (tensor<2x3xf32>) -> tensor<*xf32>
  // CHECK: return %{{.*}} : tensor<2x3xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @batch_size
// CHECK-SAME: (%{{.*}}: tensor<1x4xf32>, %{{.*}}: tensor<4x2xf32>) -> tensor<1x2xf32>
// BATCH-LABEL: func @batch_size
// BATCH-SAME: (%{{.*}}: tensor<4x4xf32>, %{{.*}}: tensor<4x2xf32>) -> tensor<4x2xf32>
func.func @batch_size(%x: tensor<?x4xf32>, %w: tensor<4x2xf32>) -> tensor<?x2xf32> {
  // CHECK: -> tensor<1x2xf32>
  // BATCH: -> tensor<4x2xf32>
  %0 = qonnx.matmul %x, %w : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// A declared dimension stays, an undeclared one is filled in.
// CHECK-LABEL: func @declared_in_part
func.func @declared_in_part(%x: tensor<2x3xf32>) -> tensor<2x?xf32> {
  // CHECK: qonnx.relu %{{.*}} -> tensor<2x3xf32>
  %0 = qonnx.relu %x : (tensor<2x3xf32>) -> tensor<2x?xf32>
  return %0 : tensor<2x?xf32>
}

// CHECK-LABEL: func @broadcast
func.func @broadcast(%a: tensor<2x1x4xf32>, %b: tensor<3x1xf32>, %s: tensor<f32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xi1>) {
  // CHECK: qonnx.add {{.*}} -> tensor<2x3x4xf32>
  %0 = qonnx.add %a, %b : (tensor<2x1x4xf32>, tensor<3x1xf32>) -> tensor<*xf32>
  // CHECK: qonnx.fma {{.*}} -> tensor<2x3x4xf32>
  %1 = qonnx.fma %a, %s, %b : (tensor<2x1x4xf32>, tensor<f32>, tensor<3x1xf32>) -> tensor<*xf32>
  // CHECK: qonnx.less {{.*}} -> tensor<2x1x4xi1>
  %2 = qonnx.less %a, %a : (tensor<2x1x4xf32>, tensor<2x1x4xf32>) -> tensor<*xi1>
  return %0, %1, %2 : tensor<*xf32>, tensor<*xf32>, tensor<*xi1>
}

// CHECK-LABEL: func @same_shape
func.func @same_shape(%x: tensor<1x3x5xf32>, %p: tensor<3xf32>, %s: tensor<f32>) {
  // CHECK: qonnx.clip {{.*}} -> tensor<1x3x5xf32>
  %0 = qonnx.clip %x low %s : (tensor<1x3x5xf32>, tensor<f32>) -> tensor<*xf32>
  // CHECK: qonnx.cast {{.*}} -> tensor<1x3x5xsi32>
  %1 = qonnx.cast %x : (tensor<1x3x5xf32>) -> tensor<*xsi32>
  // CHECK: qonnx.softmax {{.*}} -> tensor<1x3x5xf32>
  %2 = qonnx.softmax %x axis -1 : (tensor<1x3x5xf32>) -> tensor<*xf32>
  // CHECK: qonnx.batch_normalization {{.*}} -> tensor<1x3x5xf32>
  %3 = qonnx.batch_normalization %x, %p, %p, %p, %p epsilon 0.0 : (tensor<1x3x5xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @quantizers
func.func @quantizers(%x: tensor<2x4xf32>, %c: tensor<4xf32>, %s: tensor<f32>, %t: tensor<4x3xf32>, %z: tensor<si8>) {
  // CHECK: qonnx.quant {{.*}} -> tensor<2x4xf32>
  %0 = qonnx.quant %x, %c, %s, %s half_even : (tensor<2x4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>) -> tensor<*xf32>
  // CHECK: qonnx.bipolar_quant {{.*}} -> tensor<2x4xf32>
  %1 = qonnx.bipolar_quant %x, %s : (tensor<2x4xf32>, tensor<f32>) -> tensor<*xf32>
  // CHECK: qonnx.multi_threshold {{.*}} -> tensor<2x4xf32>
  %2 = qonnx.multi_threshold %x, %t scale 1.0 bias 0.0 axis 1 : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<*xf32>
  // CHECK: qonnx.quantize_linear {{.*}} -> tensor<2x4xsi8>
  %3 = qonnx.quantize_linear %x, %s, %z axis 1 : (tensor<2x4xf32>, tensor<f32>, tensor<si8>) -> tensor<*xsi8>
  // CHECK: qonnx.dequantize_linear {{.*}} -> tensor<2x4xf32>
  %4 = qonnx.dequantize_linear %3, %s, %z axis 1 : (tensor<*xsi8>, tensor<f32>, tensor<si8>) -> tensor<*xf32>
  return
}

// The shape of a scale with one more axis: the reference broadcasts, too.
// CHECK-LABEL: func @quantizer_enlarged_by_its_scale
func.func @quantizer_enlarged_by_its_scale(%x: tensor<4xf32>, %c: tensor<3x1xf32>, %s: tensor<f32>) -> tensor<*xf32> {
  // CHECK: qonnx.quant {{.*}} -> tensor<3x4xf32>
  %0 = qonnx.quant %x, %c, %s, %s half_even : (tensor<4xf32>, tensor<3x1xf32>, tensor<f32>, tensor<f32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// A width does not broadcast.
// CHECK-LABEL: func @quantizer_width
func.func @quantizer_width(%x: tensor<4xf32>, %s: tensor<f32>, %w: tensor<1x1xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.quant {{.*}} -> tensor<4xf32>
  %0 = qonnx.quant %x, %s, %s, %w half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<1x1xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @split_quantizers
func.func @split_quantizers(%x: tensor<2x4xf32>, %s: tensor<f32>, %t: tensor<1x3xf32>) {
  // CHECK: qonnx.quantize {{.*}} -> tensor<2x4xui4>
  %0 = qonnx.quantize %x half_even in [0.0, 15.0] : (tensor<2x4xf32>) -> tensor<*xui4>
  // CHECK: qonnx.binarize {{.*}} -> tensor<2x4xsi2>
  %1 = qonnx.binarize %x : (tensor<2x4xf32>) -> tensor<*xsi2>
  // CHECK: qonnx.count_thresholds {{.*}} -> tensor<2x4xui2>
  %2 = qonnx.count_thresholds %x, %t axis 1 : (tensor<2x4xf32>, tensor<1x3xf32>) -> tensor<*xui2>
  // CHECK: qonnx.unscale {{.*}} -> tensor<2x4xf32>
  %3 = qonnx.unscale %2 by (%s) : (tensor<*xui2>, tensor<f32>) -> tensor<*xf32>
  return
}

// numpy's matmul: matrices, stacks of them, vectors on either side.
// CHECK-LABEL: func @matmul
func.func @matmul(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>, %s: tensor<5x1x2x3xf32>, %t: tensor<6x3x4xf32>, %v: tensor<3xf32>) {
  // CHECK: qonnx.matmul {{.*}} -> tensor<2x4xf32>
  %0 = qonnx.matmul %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.matmul {{.*}} -> tensor<5x6x2x4xf32>
  %1 = qonnx.matmul %s, %t : (tensor<5x1x2x3xf32>, tensor<6x3x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.matmul {{.*}} -> tensor<4xf32>
  %2 = qonnx.matmul %v, %b : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.matmul {{.*}} -> tensor<2xf32>
  %3 = qonnx.matmul %a, %v : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  // CHECK: qonnx.matmul {{.*}} -> tensor<f32>
  %4 = qonnx.matmul %v, %v : (tensor<3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @gemm
func.func @gemm(%a: tensor<3x2xf32>, %b: tensor<4x3xf32>, %c: tensor<4xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.gemm {{.*}} -> tensor<2x4xf32>
  %0 = qonnx.gemm %a, %b, %c alpha 1.0 beta 1.0 trans_a trans_b : (tensor<3x2xf32>, tensor<4x3xf32>, tensor<4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @reshape
func.func @reshape(%x: tensor<2x3x4xf32>, %empty: tensor<0x4xf32>) {
  %open = qonnx.constant dense<[0, -1]> : tensor<2xsi64>
  // CHECK: qonnx.reshape {{.*}} -> tensor<2x12xf32>
  %0 = qonnx.reshape %x, %open : (tensor<2x3x4xf32>, tensor<2xsi64>) -> tensor<*xf32>
  %zero = qonnx.constant dense<[7, 0]> : tensor<2xsi64>
  // CHECK: qonnx.reshape {{.*}} allow_zero {{.*}} -> tensor<7x0xf32>
  %1 = qonnx.reshape %empty, %zero allow_zero : (tensor<0x4xf32>, tensor<2xsi64>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @flatten
func.func @flatten(%x: tensor<2x3x4xf32>) {
  // CHECK: qonnx.flatten {{.*}} axis 0 {{.*}} -> tensor<1x24xf32>
  %0 = qonnx.flatten %x axis 0 : (tensor<2x3x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.flatten {{.*}} axis 2 {{.*}} -> tensor<6x4xf32>
  %1 = qonnx.flatten %x axis 2 : (tensor<2x3x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.flatten {{.*}} axis 3 {{.*}} -> tensor<24x1xf32>
  %2 = qonnx.flatten %x axis 3 : (tensor<2x3x4xf32>) -> tensor<*xf32>
  // CHECK: qonnx.flatten {{.*}} axis -1 {{.*}} -> tensor<6x4xf32>
  %3 = qonnx.flatten %x axis -1 : (tensor<2x3x4xf32>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @squeeze_and_unsqueeze
func.func @squeeze_and_unsqueeze(%x: tensor<1x3x1xf32>) {
  %last = qonnx.constant dense<-1> : tensor<1xsi64>
  %ends = qonnx.constant dense<[-1, 0]> : tensor<2xsi64>
  // CHECK: qonnx.squeeze {{.*}} -> tensor<3xf32>
  %0 = qonnx.squeeze %x : (tensor<1x3x1xf32>) -> tensor<*xf32>
  // CHECK: qonnx.squeeze {{.*}} -> tensor<1x3xf32>
  %1 = qonnx.squeeze %x axes %last : (tensor<1x3x1xf32>, tensor<1xsi64>) -> tensor<*xf32>
  // CHECK: qonnx.unsqueeze {{.*}} -> tensor<1x3x1xf32>
  %2 = qonnx.unsqueeze %0 axes %ends : (tensor<*xf32>, tensor<2xsi64>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @transpose
func.func @transpose(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.transpose {{.*}} -> tensor<4x2x3xf32>
  %0 = qonnx.transpose %x [2, 0, 1] : (tensor<2x3x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @gather
func.func @gather(%x: tensor<3x4xf32>, %i: tensor<2x5xsi64>, %s: tensor<si64>) {
  // CHECK: qonnx.gather {{.*}} -> tensor<3x2x5xf32>
  %0 = qonnx.gather %x, %i axis 1 : (tensor<3x4xf32>, tensor<2x5xsi64>) -> tensor<*xf32>
  // CHECK: qonnx.gather {{.*}} -> tensor<4xf32>
  %1 = qonnx.gather %x, %s axis 0 : (tensor<3x4xf32>, tensor<si64>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @concat
func.func @concat(%a: tensor<2x3xf32>, %b: tensor<2x1xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.concat {{.*}} -> tensor<2x7xf32>
  %0 = qonnx.concat %a, %b, %a axis -1 : (tensor<2x3xf32>, tensor<2x1xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func @slice
func.func @slice(%x: tensor<3x10xf32>) {
  %one = qonnx.constant dense<1> : tensor<1xsi64>
  %two = qonnx.constant dense<2> : tensor<1xsi64>
  %end = qonnx.constant dense<9223372036854775807> : tensor<1xsi64>
  %back = qonnx.constant dense<-1> : tensor<1xsi64>
  // Indices 1, 3, 5, 7 and 9.
  // CHECK: qonnx.slice {{.*}} -> tensor<3x5xf32>
  %0 = qonnx.slice %x, %one, %end axes %one steps %two : (tensor<3x10xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<*xf32>
  // The first axis up to the last but one.
  // CHECK: qonnx.slice {{.*}} -> tensor<1x10xf32>
  %1 = qonnx.slice %x, %one, %back : (tensor<3x10xf32>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<*xf32>
  return
}

// CHECK-LABEL: func @arg_max_and_top_k
func.func @arg_max_and_top_k(%x: tensor<2x10xf32>) {
  %k = qonnx.constant dense<3> : tensor<1xsi64>
  // CHECK: qonnx.arg_max {{.*}} -> tensor<2xsi64>
  %0 = qonnx.arg_max %x axis 1 : (tensor<2x10xf32>) -> tensor<*xsi64>
  // CHECK: qonnx.arg_max {{.*}} -> tensor<2x1xsi64>
  %1 = qonnx.arg_max %x axis -1 keep_dims : (tensor<2x10xf32>) -> tensor<*xsi64>
  // CHECK: qonnx.top_k {{.*}} -> (tensor<2x3xf32>, tensor<2x3xsi64>)
  %2, %3 = qonnx.top_k %x, %k axis 1 largest : (tensor<2x10xf32>, tensor<1xsi64>) -> (tensor<*xf32>, tensor<*xsi64>)
  return
}

// The chain that exporters write for x.view(x.size(0), -1): the value of the shape is
// followed through every operation on it.
// CHECK-LABEL: func @shape_chain
// CHECK-SAME: -> tensor<1x12xf32>
// BATCH-LABEL: func @shape_chain
// BATCH-SAME: -> tensor<4x12xf32>
func.func @shape_chain(%x: tensor<?x3x4xf32>) -> tensor<*xf32> {
  %zero = qonnx.constant dense<0> : tensor<si64>
  %axis = qonnx.constant dense<0> : tensor<1xsi64>
  %rest = qonnx.constant dense<-1> : tensor<1xsi64>
  // CHECK: qonnx.shape {{.*}} -> tensor<3xsi64>
  %shape = qonnx.shape %x start 0 : (tensor<?x3x4xf32>) -> tensor<*xsi64>
  // CHECK: qonnx.gather {{.*}} -> tensor<si64>
  %batch = qonnx.gather %shape, %zero axis 0 : (tensor<*xsi64>, tensor<si64>) -> tensor<*xsi64>
  // CHECK: qonnx.unsqueeze {{.*}} -> tensor<1xsi64>
  %list = qonnx.unsqueeze %batch axes %axis : (tensor<*xsi64>, tensor<1xsi64>) -> tensor<*xsi64>
  // CHECK: qonnx.concat {{.*}} -> tensor<2xsi64>
  %target = qonnx.concat %list, %rest axis 0 : (tensor<*xsi64>, tensor<1xsi64>) -> tensor<*xsi64>
  // CHECK: qonnx.reshape {{.*}} -> tensor<1x12xf32>
  // BATCH: qonnx.reshape {{.*}} -> tensor<4x12xf32>
  %y = qonnx.reshape %x, %target : (tensor<?x3x4xf32>, tensor<*xsi64>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// CHECK-LABEL: func @part_of_a_shape
func.func @part_of_a_shape(%x: tensor<2x3x4xf32>, %y: tensor<12xf32>) -> tensor<*xf32> {
  // CHECK: qonnx.shape {{.*}} start -2 {{.*}} -> tensor<2xsi64>
  %0 = qonnx.shape %x start -2 : (tensor<2x3x4xf32>) -> tensor<*xsi64>
  // CHECK: qonnx.reshape {{.*}} -> tensor<3x4xf32>
  %1 = qonnx.reshape %y, %0 : (tensor<12xf32>, tensor<*xsi64>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// Integers keep their type, and the hls dialect is left alone.
// CHECK-LABEL: func @hls
func.func @hls(%q: tensor<1x4xui4>) -> tensor<4xui4> {
  // CHECK: hls.view %{{.*}} : (tensor<1x4xui4>) -> tensor<4xui4>
  %0 = hls.view %q : (tensor<1x4xui4>) -> tensor<4xui4>
  return %0 : tensor<4xui4>
}
