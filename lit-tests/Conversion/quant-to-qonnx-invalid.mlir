// RUN: qonnx-opt %s --convert-quant-to-qonnx --split-input-file --verify-diagnostics

func.func @half(%q: tensor<4x!quant.uniform<i8:f16, 0.5>>) -> tensor<4xf16> {
  // expected-error @below {{quantizes f16, expected f32}}
  %y = quant.dcast %q : tensor<4x!quant.uniform<i8:f16, 0.5>> to tensor<4xf16>
  return %y : tensor<4xf16>
}

// -----

func.func @scalar(%x: f32) -> f32 {
  %q = quant.qcast %x : f32 to !quant.uniform<i8:f32, 0.5>
  // expected-error @below {{casts a scalar, expected a tensor}}
  %y = quant.dcast %q : !quant.uniform<i8:f32, 0.5> to f32
  return %y : f32
}

// -----

func.func @any(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.any<i8:f32>>
  // expected-error @below {{has another type than !quant.uniform}}
  %y = quant.dcast %q : tensor<4x!quant.any<i8:f32>> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @zero_point(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5:1000>>
  // expected-error @below {{has a limit or zero point of 1000, expected a code of si8}}
  %y = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 0.5:1000>> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @axis_of_unknown(%x: tensor<*xf32>) -> tensor<*xf32> {
  %q = quant.qcast %x : tensor<*xf32> to tensor<*x!quant.uniform<i8:f32:1, {0.5, 0.25}>>
  // expected-error @below {{has an axis of scales and no known rank}}
  %y = quant.dcast %q : tensor<*x!quant.uniform<i8:f32:1, {0.5, 0.25}>> to tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

func.func @blocks_of_unknown(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %q = quant.qcast %x : tensor<2x?xf32> to tensor<2x?x!quant.uniform<i8:f32:{1:2}, {{0.5, 0.25}}>>
  // expected-error @below {{has blocks along axis 1, whose extent is not known}}
  %y = quant.dcast %q : tensor<2x?x!quant.uniform<i8:f32:{1:2}, {{0.5, 0.25}}>> to tensor<2x?xf32>
  return %y : tensor<2x?xf32>
}

// -----

// Upstream takes an axis twice.
func.func @blocks_twice(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %q = quant.qcast %x : tensor<2x4xf32> to tensor<2x4x!quant.uniform<i8:f32:{1:2, 1:2}, {{0.5, 0.25}}>>
  // expected-error @below {{has 4 blocks of 2 along axis 1, which has 4 elements}}
  %y = quant.dcast %q : tensor<2x4x!quant.uniform<i8:f32:{1:2, 1:2}, {{0.5, 0.25}}>> to tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

func.func @other_user(%x: tensor<4xf32>) -> tensor<4xi8> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  // expected-error @below {{gives codes to arith.addi, expected quant.dcast or a function's end}}
  %i = quant.scast %q : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xi8>
  %j = arith.addi %i, %i : tensor<4xi8>
  return %j : tensor<4xi8>
}

// -----

func.func @other_source(%i: tensor<4xi8>) -> tensor<4xf32> {
  %j = arith.addi %i, %i : tensor<4xi8>
  %q = quant.scast %j : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  // expected-error @below {{takes codes of arith.addi, expected those of a cast, a constant or an argument}}
  %y = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @both_signs(%i: tensor<4xi8>) -> (tensor<4xf32>, tensor<4xf32>) {
  %q = quant.scast %i : tensor<4xi8> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  %r = quant.scast %i : tensor<4xi8> to tensor<4x!quant.uniform<u8:f32, 0.5>>
  %y = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xf32>
  // expected-error @below {{takes an argument as codes of ui8 that is one of si8 elsewhere}}
  %z = quant.dcast %r : tensor<4x!quant.uniform<u8:f32, 0.5>> to tensor<4xf32>
  return %y, %z : tensor<4xf32>, tensor<4xf32>
}

// -----

func.func @reinterpreted(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5>>
  %i = quant.scast %q : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xi8>
  %r = quant.scast %i : tensor<4xi8> to tensor<4x!quant.uniform<u8:f32, 0.5>>
  // expected-error @below {{reads codes of another type as ui8}}
  %y = quant.dcast %r : tensor<4x!quant.uniform<u8:f32, 0.5>> to tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

func.func @called(%q: tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4xf32> {
  // expected-error @below {{takes codes of a function that is called: inline it first}}
  %y = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xf32>
  return %y : tensor<4xf32>
}
func.func @caller(%q: tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4xf32> {
  %y = call @called(%q) : (tensor<4x!quant.uniform<i8:f32, 0.5>>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// The value of the limit in float32 has the next code.
func.func @far_limit(%x: tensor<4xf32>) -> tensor<4xf32> {
  %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i32<-5:16777211>:f32, 0.1:3>>
  // expected-error @below {{has a limit of 16777211, whose value float32 does not lead back to}}
  %y = quant.dcast %q : tensor<4x!quant.uniform<i32<-5:16777211>:f32, 0.1:3>> to tensor<4xf32>
  return %y : tensor<4xf32>
}
