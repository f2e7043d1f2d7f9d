// RUN: qonnx-opt %s -split-input-file --hls-outline-layers | FileCheck %s

// A dot product and what follows it, element by element, is a layer with the name of its
// node; a constant that two layers use is copied into each.
// CHECK-LABEL: func @kernel
// CHECK-SAME: (%[[Q:.*]]: tensor<1x2xui4>
// CHECK-NEXT: %[[A:.*]] = call @fc1_MatMul(%[[Q]]) : (tensor<1x2xui4>) -> tensor<1x2xui4>
// CHECK-NEXT: %[[B:.*]] = call @fc2_MatMul(%[[A]]) : (tensor<1x2xui4>) -> tensor<1x2xsi7>
// CHECK-NEXT: return %[[B]]
// CHECK-LABEL: func private @fc1_MatMul
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xui4> {hls.exponent = -1 : i64}) -> tensor<1x2xui4> attributes {hls.layer}
// CHECK: %[[K:.*]] = hls.constant dense<{{\[}}[1, -2], [3, 1]]>
// CHECK: %[[N:.*]] = hls.matmul %[[X]], %[[K]] exponent -1
// CHECK: %[[R:.*]] = hls.requantize %[[N]]
// CHECK: return %[[R]]
// CHECK-LABEL: func private @fc2_MatMul
// CHECK-SAME: (%[[X:.*]]: tensor<1x2xui4> {hls.exponent = 1 : i64}) -> tensor<1x2xsi7> attributes {hls.layer}
// CHECK: %[[K:.*]] = hls.constant dense<{{\[}}[1, -2], [3, 1]]>
// CHECK: hls.matmul %[[X]], %[[K]] exponent 1
func.func @kernel(%q: tensor<1x2xui4> {hls.exponent = -1 : i64}) -> tensor<1x2xsi7> attributes {hls.kernel} {
  %k = hls.constant dense<[[1, -2], [3, 1]]> : tensor<2x2xsi3>
  %n = hls.matmul %q, %k exponent -1 : (tensor<1x2xui4>, tensor<2x2xsi3>) -> tensor<1x2xsi7> loc("/fc1/MatMul")
  %r = hls.requantize %n per [] [#hls.mul_shift<1 * x + 0 shift 2 half_even in [0, 15]>] exponent 1 : (tensor<1x2xsi7>) -> tensor<1x2xui4> loc("/act1/Quant")
  %m = hls.matmul %r, %k exponent 1 : (tensor<1x2xui4>, tensor<2x2xsi3>) -> tensor<1x2xsi7> loc("/fc2/MatMul")
  return %m : tensor<1x2xsi7>
}

// -----

// Two nodes of one name, as some exporters write them.
// CHECK-LABEL: func @kernel
// CHECK: call @MatMul(
// CHECK: call @MatMul_1(
// CHECK: func private @MatMul(
// CHECK: func private @MatMul_1(
func.func @kernel(%q: tensor<1x1xui2>) -> tensor<1x1xui2> attributes {hls.kernel} {
  %k = hls.constant dense<[[1]]> : tensor<1x1xui1>
  %n = hls.matmul %q, %k : (tensor<1x1xui2>, tensor<1x1xui1>) -> tensor<1x1xui2> loc("MatMul")
  %m = hls.matmul %n, %k : (tensor<1x1xui2>, tensor<1x1xui1>) -> tensor<1x1xui2> loc("MatMul")
  return %m : tensor<1x1xui2>
}

// -----

// Two branches and their sum are three layers: the sum needs more than the one before it.
// CHECK-LABEL: func @kernel
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1xui2>)
// CHECK-DAG: %[[A:.*]] = call @left(%[[Q]])
// CHECK-DAG: %[[B:.*]] = call @right(%[[Q]])
// CHECK: %[[S:.*]] = call @Add(%[[A]], %[[B]]) : (tensor<1x1xui3>, tensor<1x1xui2>) -> tensor<1x1xui4>
// CHECK: return %[[S]]
func.func @kernel(%q: tensor<1x1xui2>) -> tensor<1x1xui4> attributes {hls.kernel} {
  %k = hls.constant dense<[[1]]> : tensor<1x1xui1>
  %two = hls.constant dense<[[2]]> : tensor<1x1xui2>
  %a = hls.matmul %q, %two : (tensor<1x1xui2>, tensor<1x1xui2>) -> tensor<1x1xui3> loc("left")
  %b = hls.matmul %q, %k : (tensor<1x1xui2>, tensor<1x1xui1>) -> tensor<1x1xui2> loc("right")
  %s = hls.add %a, %b : (tensor<1x1xui3>, tensor<1x1xui2>) -> tensor<1x1xui4> loc("Add")
  return %s : tensor<1x1xui4>
}

// -----

// A value that is used again ends its layer.
// CHECK-LABEL: func @kernel
// CHECK: %[[A:.*]] = call @MatMul(
// CHECK: %[[R:.*]] = call @Relu(%[[A]])
// CHECK: return %[[A]], %[[R]]
func.func @kernel(%q: tensor<1x1xsi2>) -> (tensor<1x1xsi2>, tensor<1x1xui1>) attributes {hls.kernel} {
  %k = hls.constant dense<[[1]]> : tensor<1x1xui1>
  %zero = hls.constant dense<0> : tensor<ui1>
  %a = hls.matmul %q, %k : (tensor<1x1xsi2>, tensor<1x1xui1>) -> tensor<1x1xsi2> loc("MatMul")
  %r = hls.max %a, %zero : (tensor<1x1xsi2>, tensor<ui1>) -> tensor<1x1xui1> loc("Relu")
  return %a, %r : tensor<1x1xsi2>, tensor<1x1xui1>
}

// -----

// Only kernels have layers.
// CHECK-LABEL: func @main
// CHECK: hls.add
func.func @main(%q: tensor<1x1xui2>) -> tensor<1x1xui3> {
  %s = hls.add %q, %q : (tensor<1x1xui2>, tensor<1x1xui2>) -> tensor<1x1xui3>
  return %s : tensor<1x1xui3>
}

// -----

// Padding belongs to the convolution that alone uses it; a pool and a quantizer follow in the layer. The
// layer has the convolution's name.
// CHECK-LABEL: func @kernel
// CHECK: %[[A:.*]] = call @conv1(
// CHECK-NEXT: %[[B:.*]] = call @conv2(%[[A]])
// CHECK-NEXT: return %[[B]]
// CHECK-LABEL: func private @conv1
// CHECK: hls.pad
// CHECK: hls.conv
// CHECK: hls.reduce_window max
// CHECK-LABEL: func private @conv2
// CHECK: hls.pad
// CHECK: hls.conv
func.func @kernel(%q: tensor<1x1x4xui2>) -> tensor<1x1x2xui4> attributes {hls.kernel} {
  %k = hls.constant dense<[[[1, 0, 1]]]> : tensor<1x1x3xui1>
  %p = hls.pad %q low [0, 0, 1] high [0, 0, 1] interior [0, 0, 0] value 0 : (tensor<1x1x4xui2>) -> tensor<1x1x6xui2> loc("pad1")
  %a = hls.conv %p, %k strides [1] dilations [1] group 1 : (tensor<1x1x6xui2>, tensor<1x1x3xui1>) -> tensor<1x1x4xui3> loc("conv1")
  %m = hls.reduce_window max %a window [1, 1, 2] strides [1, 1, 2] dilations [1, 1, 1] : (tensor<1x1x4xui3>) -> tensor<1x1x2xui3> loc("pool")
  %r = hls.pad %m low [0, 0, 1] high [0, 0, 1] interior [0, 0, 0] value 0 : (tensor<1x1x2xui3>) -> tensor<1x1x4xui3> loc("pad2")
  %b = hls.conv %r, %k strides [1] dilations [1] group 1 : (tensor<1x1x4xui3>, tensor<1x1x3xui1>) -> tensor<1x1x2xui4> loc("conv2")
  return %b : tensor<1x1x2xui4>
}

// -----

// A residual sum is a layer with two inputs, one of which may be the kernel's; branches whose operations
// alternate are layers all the same.
// CHECK-LABEL: func @kernel
// CHECK-SAME: (%[[Q:.*]]: tensor<1x1xui2>)
// CHECK-DAG: %[[A:.*]] = call @left(%[[Q]])
// CHECK-DAG: %[[B:.*]] = call @right(%[[Q]])
// CHECK: %[[S:.*]] = call @Add(%[[A]], %[[B]])
// CHECK: %[[T:.*]] = call @Skip(%[[S]], %[[Q]])
// CHECK: return %[[T]]
func.func @kernel(%q: tensor<1x1xui2>) -> tensor<1x1xui4> attributes {hls.kernel} {
  %k = hls.constant dense<[[1]]> : tensor<1x1xui1>
  %a = hls.matmul %q, %k : (tensor<1x1xui2>, tensor<1x1xui1>) -> tensor<1x1xui2> loc("left")
  %b = hls.matmul %q, %k : (tensor<1x1xui2>, tensor<1x1xui1>) -> tensor<1x1xui2> loc("right")
  %c = hls.requantize %a per [] [#hls.compare<1, 0, 1>] : (tensor<1x1xui2>) -> tensor<1x1xui1>
  %d = hls.requantize %b per [] [#hls.compare<2, 0, 1>] : (tensor<1x1xui2>) -> tensor<1x1xui1>
  %s = hls.add %c, %d : (tensor<1x1xui1>, tensor<1x1xui1>) -> tensor<1x1xui2> loc("Add")
  %t = hls.add %s, %q : (tensor<1x1xui2>, tensor<1x1xui2>) -> tensor<1x1xui4> loc("Skip")
  return %t : tensor<1x1xui4>
}

// -----

// The binary point goes along with elements that only move.
// CHECK-LABEL: func private @conv(
// CHECK-SAME: tensor<1x2x2xui2> {hls.exponent = -3 : i64})
func.func @kernel(%q: tensor<1x1x4xui2> {hls.exponent = -3 : i64}) -> (tensor<1x2x2xui2>, tensor<1x1x1xui4>) attributes {hls.kernel} {
  %k = hls.constant dense<1> : tensor<1x2x2xui1>
  %g = hls.gather %q axis 2 [0, 2] : (tensor<1x1x4xui2>) -> tensor<1x1x2xui2>
  %m = hls.reduce_window max %q window [1, 1, 3] strides [1, 1, 1] dilations [1, 1, 1] : (tensor<1x1x4xui2>) -> tensor<1x1x2xui2>
  %c = hls.concat %g, %m axis 1 : (tensor<1x1x2xui2>, tensor<1x1x2xui2>) -> tensor<1x2x2xui2>
  %y = hls.conv %c, %k strides [1] dilations [1] group 1 : (tensor<1x2x2xui2>, tensor<1x2x2xui1>) -> tensor<1x1x1xui4> loc("conv")
  return %c, %y : tensor<1x2x2xui2>, tensor<1x1x1xui4>
}
