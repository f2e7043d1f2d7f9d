// RUN: qonnx-opt %s --qonnx-infer-shapes -split-input-file -verify-diagnostics

// Each function is named after what contradicts.

func.func @declared_type(%x: tensor<2x3xf32>) -> tensor<2x4xf32> {
  %0 = qonnx.relu %x : (tensor<2x3xf32>) -> tensor<*xf32>
  // expected-error @below {{its result is declared as tensor<2x4xf32>, but has type tensor<2x3xf32>}}
  %1 = qonnx.neg %0 : (tensor<*xf32>) -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}

// -----

func.func @declared_rank(%x: tensor<2x3xf32>) -> tensor<6xf32> {
  %0 = qonnx.relu %x : (tensor<2x3xf32>) -> tensor<*xf32>
  // expected-error @below {{its result is declared as tensor<6xf32>, but has type tensor<2x3xf32>}}
  %1 = qonnx.neg %0 : (tensor<*xf32>) -> tensor<6xf32>
  return %1 : tensor<6xf32>
}

// -----

func.func @unknown_shape(%x: tensor<*xf32>) -> tensor<*xf32> {
  // expected-error @below {{the shape of its result is not known: tensor<*xf32>}}
  %0 = qonnx.relu %x : (tensor<*xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @reshape_to_a_computed_shape(%x: tensor<2x3xf32>, %shape: tensor<2xsi64>) -> tensor<*xf32> {
  // expected-error @below {{the shape of its result is not known: tensor<*xf32>}}
  %0 = qonnx.reshape %x, %shape : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @reshape_count(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  %shape = qonnx.constant dense<[4, -1]> : tensor<2xsi64>
  // expected-error @below {{shape [2, 3] cannot be reshaped to [4, -1]}}
  %0 = qonnx.reshape %x, %shape : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @broadcast(%a: tensor<2x3xf32>, %b: tensor<2xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %b : (tensor<2xf32>) -> tensor<*xf32>
  // expected-error @below {{shapes [2, 3] and [2]}}
  %1 = qonnx.add %a, %0 : (tensor<2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @matmul_contraction(%a: tensor<2x3xf32>, %b: tensor<4x5xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %b : (tensor<4x5xf32>) -> tensor<*xf32>
  // expected-error @below {{contracts 3 columns of the left with 4 rows of the right operand}}
  %1 = qonnx.matmul %a, %0 : (tensor<2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @matmul_scalar(%a: tensor<2x3xf32>, %b: tensor<f32>) -> tensor<*xf32> {
  %0 = qonnx.relu %b : (tensor<f32>) -> tensor<*xf32>
  // expected-error @below {{multiplies matrices, but an operand is a scalar}}
  %1 = qonnx.matmul %a, %0 : (tensor<2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @gemm_matrices(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %b : (tensor<3xf32>) -> tensor<*xf32>
  // expected-error @below {{multiplies matrices, but the operands have ranks 2 and 1}}
  %1 = qonnx.gemm %a, %0 alpha 1.0 beta 1.0 : (tensor<2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @squeezed_axis(%x: tensor<2x1xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %x : (tensor<2x1xf32>) -> tensor<*xf32>
  %axis = qonnx.constant dense<0> : tensor<1xsi64>
  // expected-error @below {{axis 0 has 2 elements, only an axis of 1 can be squeezed}}
  %1 = qonnx.squeeze %0 axes %axis : (tensor<*xf32>, tensor<1xsi64>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @flatten_axis(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %x : (tensor<2x3xf32>) -> tensor<*xf32>
  // expected-error @below {{axis 3 is outside a tensor of rank 2}}
  %1 = qonnx.flatten %0 axis 3 : (tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @transposed_rank(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %x : (tensor<2x3xf32>) -> tensor<*xf32>
  // expected-error @below {{permutation [2, 0, 1] does not fit a tensor of rank 2}}
  %1 = qonnx.transpose %0 [2, 0, 1] : (tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @gather_index(%x: tensor<2x3xf32>) -> tensor<*xf32> {
  %index = qonnx.constant dense<[0, -4]> : tensor<2xsi64>
  // expected-error @below {{index -4 is outside axis 1 of 3 elements}}
  %0 = qonnx.gather %x, %index axis 1 : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @concat_extent(%a: tensor<2x3xf32>, %b: tensor<3x3xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %b : (tensor<3x3xf32>) -> tensor<*xf32>
  // expected-error @below {{joins 2 and 3 elements on axis 0}}
  %1 = qonnx.concat %a, %0 axis 1 : (tensor<2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @concat_rank(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %b : (tensor<3xf32>) -> tensor<*xf32>
  // expected-error @below {{joins tensors of ranks 2 and 1}}
  %1 = qonnx.concat %a, %0 axis 1 : (tensor<2x3xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

func.func @top_k_of_too_few(%x: tensor<1x3xf32>) {
  %k = qonnx.constant dense<4> : tensor<1xsi64>
  // expected-error @below {{wants the 4 largest of 3 elements}}
  %0, %1 = qonnx.top_k %x, %k axis 1 largest : (tensor<1x3xf32>, tensor<1xsi64>) -> (tensor<*xf32>, tensor<*xsi64>)
  return
}

// -----

func.func @top_k_of_less_than_none(%x: tensor<1x3xf32>) {
  %k = qonnx.constant dense<-1> : tensor<1xsi64>
  // expected-error @below {{k is no positive number}}
  %0, %1 = qonnx.top_k %x, %k axis 1 largest : (tensor<1x3xf32>, tensor<1xsi64>) -> (tensor<*xf32>, tensor<*xsi64>)
  return
}

// -----

func.func @threshold_rows(%x: tensor<1x4xf32>, %t: tensor<3x2xf32>) -> tensor<*xf32> {
  %0 = qonnx.relu %t : (tensor<3x2xf32>) -> tensor<*xf32>
  // expected-error @below {{has thresholds for 3 channels, the operand has 4}}
  %1 = qonnx.multi_threshold %x, %0 scale 1.0 bias 0.0 axis 1 : (tensor<1x4xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

// A splat of any size is a few bytes in a file.
func.func @a_tensor_beyond_memory() -> tensor<134217729xf32> {
  // expected-error @below {{its result would be tensor<134217729xf32>; no tensor here has more than 134217728 elements}}
  %0 = qonnx.constant dense<0.0> : tensor<134217729xf32>
  return %0 : tensor<134217729xf32>
}

// -----

func.func @extents_whose_product_is_beyond_memory(%x: tensor<65536x1xf32>, %y: tensor<1x65536xf32>) -> tensor<*xf32> {
  // expected-error @below {{a tensor of shape [65536, 65536] has more than 134217728 elements}}
  %0 = qonnx.add %x, %y : (tensor<65536x1xf32>, tensor<1x65536xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

// expected-error @below {{the inputs of @inputs_beyond_memory have 67108865 elements, more than 67108864}}
func.func @inputs_beyond_memory(%x: tensor<67108864xf32>, %y: tensor<1xf32>) -> tensor<1xf32> {
  return %y : tensor<1xf32>
}

// -----

func.func @computed_beyond_memory(%x: tensor<8193xf32>) -> tensor<8192x8193xf32> {
  %0 = qonnx.constant dense<0.0> : tensor<8192x1xf32>
  // expected-error @below {{its result has 67117056 elements, more than 67108864: make the tensor smaller}}
  %1 = qonnx.add %x, %0 : (tensor<8193xf32>, tensor<8192x1xf32>) -> tensor<8192x8193xf32>
  return %1 : tensor<8192x8193xf32>
}

// -----

// What passes compute counts: each of the first four is a few bytes.
func.func @constants_beyond_memory() -> tensor<2xf32> {
  %0 = qonnx.constant dense<0.0> : tensor<134217728xf32>
  %1 = qonnx.constant dense<1.0> : tensor<134217728xf32>
  %2 = qonnx.constant dense<2.0> : tensor<134217728xf32>
  %3 = qonnx.constant dense<3.0> : tensor<134217724xf32>
  %4 = qonnx.constant dense<4.0> : tensor<2xf32>
  %5 = qonnx.neg %4 : (tensor<2xf32>) -> tensor<2xf32>
  // expected-error @below {{the constants up to here have more than 536870912 elements, those counted that passes compute: make them smaller}}
  %6 = qonnx.abs %5 : (tensor<2xf32>) -> tensor<2xf32>
  return %6 : tensor<2xf32>
}
