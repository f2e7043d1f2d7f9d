//===- Ops.td - every operator of the hls dialect ----------------*- tablegen -*-===//
#ifndef HLS_OPS_TD
#define HLS_OPS_TD

include "HLS/Attributes.td"

def HLS_ConstantOp : HLS_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "integers known at compile time: weights, biases";
  let description = [{
    ```mlir
    %w = hls.constant dense<[[1, -1], [0, 1]]> : tensor<2x2xsi2>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def HLS_MatMulOp : HLS_Op<"matmul", [Pure]> {
  let summary = "integer matrix product with an optional bias";
  let description = [{
    `result[..., m, n] = sum_k a[..., m, k] * b[..., k, n] + bias[n]`, exact: the
    result's width holds every partial sum's final value.

    ```mlir
    %y = hls.matmul %x, %w : (tensor<1x64xui4>, tensor<64x32xsi2>) -> tensor<1x32xsi11>
    ```
  }];
  let arguments = (ins HLS_IntTensor:$a, HLS_IntTensor:$b, Optional<HLS_IntTensor>:$bias, OptionalAttr<I64Attr>:$exponent);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = "$a `,` $b (`,` $bias^)? (`exponent` $exponent^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

class HLS_BinaryOp<string mnemonic, string formula, list<Trait> traits = []>
    : HLS_Op<mnemonic, !listconcat([Pure, ResultsBroadcastableShape], traits)> {
  let summary = formula;
  let arguments = (ins HLS_IntTensor:$a, HLS_IntTensor:$b, OptionalAttr<I64Attr>:$exponent);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = "$a `,` $b (`exponent` $exponent^)? attr-dict `:` functional-type(operands, results)";
}
def HLS_AddOp : HLS_BinaryOp<"add", "a + b, exact, broadcast as numpy does", [Commutative]>;
def HLS_SubOp : HLS_BinaryOp<"sub", "a - b, exact, broadcast as numpy does">;
def HLS_MulOp : HLS_BinaryOp<"mul", "a * b, exact, broadcast as numpy does", [Commutative]>;
def HLS_MaxOp : HLS_BinaryOp<"max", "the larger, broadcast as numpy does", [Commutative]>;

def HLS_RequantizeOp : HLS_Op<"requantize", [Pure, SameOperandsAndResultShape]> {
  let summary = "a step function from an accumulator to a code, per channel";
  let description = [{
    `forms` has one form for each element of a tensor of the shape `channels`,
    in row-major order, which is broadcast against x: `[1, 32]` for the 32
    outputs of a dense layer, `[]` for one form for all.
    Each form was proven, on every value that x can take, to equal the chain of
    float operations that the file has at this place.

    ```mlir
    %y = hls.requantize %x per [] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [0, 15]>]
        : (tensor<1x32xsi11>) -> tensor<1x32xui4>
    ```
  }];
  let arguments = (ins HLS_IntTensor:$x, DenseI64ArrayAttr:$channels, ArrayAttr:$forms, OptionalAttr<I64Attr>:$exponent);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = [{
    $x `per` $channels $forms (`exponent` $exponent^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def HLS_ConvOp : HLS_Op<"conv", [Pure]> {
  let summary = "integer convolution with an optional bias; padding is an operation of its own";
  let description = [{
    x is (samples, channels, spatial...), the weights (output channels, channels /
    group, kernel...), the bias one value an output channel. Exact, as `hls.matmul`.

    ```mlir
    %y = hls.conv %x, %w strides [1, 1] dilations [1, 1] group 1
        : (tensor<1x3x10x10xui4>, tensor<4x3x3x3xsi2>) -> tensor<1x4x8x8xsi10>
    ```
  }];
  let arguments = (ins HLS_IntTensor:$x, HLS_IntTensor:$w, Optional<HLS_IntTensor>:$bias,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, I64Attr:$group,
                       OptionalAttr<I64Attr>:$exponent);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = [{
    $x `,` $w (`,` $bias^)? `strides` $strides `dilations` $dilations `group` $group (`exponent` $exponent^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def HLS_ReduceWindowOp : HLS_Op<"reduce_window", [Pure]> {
  let summary = "sum or largest of each window; pools and reductions alike";
  let description = [{
    A window has an extent, a stride and a dilation along every axis of x: 1 for
    samples and channels of a pool, the full extent for an axis that is reduced.

    ```mlir
    %y = hls.reduce_window max %x window [1, 1, 2, 2] strides [1, 1, 2, 2] dilations [1, 1, 1, 1]
        : (tensor<1x4x8x8xui4>) -> tensor<1x4x4x4xui4>
    ```
  }];
  let arguments = (ins HLS_WindowReduction:$reduction, HLS_IntTensor:$x, DenseI64ArrayAttr:$window,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, OptionalAttr<I64Attr>:$exponent);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = [{
    $reduction $x `window` $window `strides` $strides `dilations` $dilations (`exponent` $exponent^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def HLS_PadOp : HLS_Op<"pad", [Pure]> {
  let summary = "one code added around and between elements, or elements taken away";
  let description = [{
    Each axis gets `interior` codes between neighbours, then `low` in front and `high`
    behind; negative `low` and `high` crop.

    ```mlir
    %y = hls.pad %x low [0, 0, 1, 1] high [0, 0, 1, 1] interior [0, 0, 0, 0] value 3
        : (tensor<1x4x8x8xui4>) -> tensor<1x4x10x10xui4>
    ```
  }];
  let arguments = (ins HLS_IntTensor:$x, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high,
                       DenseI64ArrayAttr:$interior, I64Attr:$value);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = [{
    $x `low` $low `high` $high `interior` $interior `value` $value attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def HLS_GatherOp : HLS_Op<"gather", [Pure, SameOperandsAndResultElementType]> {
  let summary = "slices along an axis by constant indices";
  let description = [{
    What Slice, Split, Gather, Expand and Resize to the nearest become:
    `result[..., i, ...] = x[..., indices[i], ...]`.

    ```mlir
    %y = hls.gather %x axis 2 [0, 0, 1, 1] : (tensor<1x4x2xui4>) -> tensor<1x4x4xui4>
    ```
  }];
  let arguments = (ins HLS_IntTensor:$x, I64Attr:$axis, DenseI64ArrayAttr:$indices);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = "$x `axis` $axis $indices attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def HLS_ConcatOp : HLS_Op<"concat", [Pure]> {
  let summary = "one after another along an axis; the result's element type holds all";
  let arguments = (ins Variadic<HLS_IntTensor>:$inputs, I64Attr:$axis);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = "$inputs `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def HLS_ViewOp : HLS_Op<"view", [Pure, SameOperandsAndResultElementType]> {
  let summary = "the same elements in the shape of the result";
  let arguments = (ins HLS_IntTensor:$x);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def HLS_TransposeOp : HLS_Op<"transpose", [Pure, SameOperandsAndResultElementType]> {
  let summary = "axes in another order";
  let arguments = (ins HLS_IntTensor:$x, DenseI64ArrayAttr:$permutation);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = "$x $permutation attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def HLS_ArgMaxOp : HLS_Op<"arg_max", [Pure]> {
  let summary = "index of the largest along an axis";
  let description = [{
    The first of equals, or the last with `last`. Scales per channel are not
    comparable as codes, so the lowering refuses these.
  }];
  let arguments = (ins HLS_IntTensor:$x, I64Attr:$axis, UnitAttr:$select_last_index);
  let results = (outs HLS_IntTensor:$result);
  let assemblyFormat = "$x `axis` $axis (`last` $select_last_index^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def HLS_TopKOp : HLS_Op<"top_k", [Pure]> {
  let summary = "the k largest (or smallest) along an axis, and where they are";
  let description = [{ k is the size of the results along `axis`. Equal values keep the order of their indices. }];
  let arguments = (ins HLS_IntTensor:$x, I64Attr:$axis, UnitAttr:$smallest);
  let results = (outs HLS_IntTensor:$values, HLS_IntTensor:$indices);
  let assemblyFormat = "$x `axis` $axis (`smallest` $smallest^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // HLS_OPS_TD
