//===- OpsLinear.td - dot products and normalization ------------*- tablegen -*-===//
#ifndef QONNX_OPS_LINEAR_TD
#define QONNX_OPS_LINEAR_TD

include "QONNX/Dialect.td"

def QONNX_MatMulOp : QONNX_Op<"matmul", [Pure, SameOperandsAndResultElementType]> {
  let summary = "matrix product, batched as numpy's matmul";
  let description = [{
    `result[..., m, n] = sum_k a[..., m, k] * b[..., k, n]`. The order in which the
    reference adds is not defined; see `qonnxc check` for what that allows.

    ```mlir
    %y = qonnx.matmul %x, %w : (tensor<1x64xf32>, tensor<64x32xf32>) -> tensor<1x32xf32>
    ```
  }];
  let arguments = (ins AnyTensor:$a, AnyTensor:$b);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_GemmOp : QONNX_Op<"gemm", [Pure, SameOperandsAndResultElementType]> {
  let summary = "alpha * op(a) * op(b) + beta * c";
  let description = [{
    ONNX Gemm on matrices; `trans_a`/`trans_b` transpose. The reference rounds
    `fma(sum, alpha, beta * c)`.

    ```mlir
    %y = qonnx.gemm %x, %w, %c alpha 1.0 beta 1.0 trans_b : (tensor<1x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<1x32xf32>
    ```
  }];
  let arguments = (ins AnyTensor:$a, AnyTensor:$b, Optional<AnyTensor>:$c,
                       F32Attr:$alpha, F32Attr:$beta, UnitAttr:$trans_a, UnitAttr:$trans_b);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $a `,` $b (`,` $c^)? `alpha` $alpha `beta` $beta (`trans_a` $trans_a^)? (`trans_b` $trans_b^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QONNX_BatchNormalizationOp : QONNX_Op<"batch_normalization", [Pure]> {
  let summary = "normalization per channel at inference";
  let description = [{
    As ONNX Runtime computes it, in float32 and without fused multiply-add:
    `ns = (1 / sqrt(variance + epsilon)) * scale`, `nb = bias - mean * ns`,
    `y = x * ns + nb`. The textbook order differs in 45 % of values. The channels are axis 1,
    or with `channels_last` the last.
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, AnyTensor:$bias,
                       AnyTensor:$mean, AnyTensor:$variance, F32Attr:$epsilon, UnitAttr:$channels_last);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $scale `,` $bias `,` $mean `,` $variance `epsilon` $epsilon (`channels_last` $channels_last^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

class QONNX_SoftmaxLikeOp<string mnemonic, string formula> : QONNX_Op<mnemonic, [Pure, SameOperandsAndResultShape, SameOperandsAndResultElementType]> {
  let summary = formula;
  let arguments = (ins AnyTensor:$x, I64Attr:$axis);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def QONNX_SoftmaxOp : QONNX_SoftmaxLikeOp<"softmax", "exp(x) over its sum along an axis"> {
  let description = [{ ONNX Softmax (since 13) along one axis; older versions are imported as a reshape around it. Runs on the host. }];
}
def QONNX_LogSoftmaxOp : QONNX_SoftmaxLikeOp<"log_softmax", "logarithm of the softmax along an axis">;

def QONNX_LayerNormalizationOp : QONNX_Op<"layer_normalization", [Pure]> {
  let summary = "(x - mean) / sqrt(variance + epsilon) * scale + bias over the axes from `axis` on";
  let description = [{ ONNX LayerNormalization with one result. Runs on the host. }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, Optional<AnyTensor>:$bias, I64Attr:$axis, F32Attr:$epsilon);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $scale (`,` $bias^)? `axis` $axis `epsilon` $epsilon attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // QONNX_OPS_LINEAR_TD
