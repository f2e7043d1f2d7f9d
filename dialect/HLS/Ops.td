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
