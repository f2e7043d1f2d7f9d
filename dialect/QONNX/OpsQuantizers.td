//===- OpsQuantizers.td - quantizers and their parts ------------*- tablegen -*-===//
#ifndef QONNX_OPS_QUANTIZERS_TD
#define QONNX_OPS_QUANTIZERS_TD

include "QONNX/Dialect.td"
include "QONNX/Attributes.td"

def QONNX_IntegerElement : Type<
    CPred<"::llvm::isa<::mlir::TensorType>($_self) && "
          "::llvm::isa<::mlir::IntegerType>(::llvm::cast<::mlir::TensorType>($_self).getElementType()) && "
          "!::llvm::cast<::mlir::TensorType>($_self).getElementType().isSignlessInteger()">,
    "tensor of signed or unsigned integers", "::mlir::TensorType">;

def QONNX_QuantOp : QONNX_Op<"quant", [Pure]> {
  let summary = "quantize to a uniform grid, and back to a float";
  let description = [{
    QONNX Quant (IntQuant): `y = x / scale + zero_point`, clamped to the limits of
    the width, rounded, `(y - zero_point) * scale`. The clamp comes before the
    rounding, which matters for a fractional width. Width 1 and signed means
    `y >= 0 ? 1 : -1`. Parameters of other element types promote as in numpy: the
    sum with an int64 zero point is one of float64.
    Source: `qonnx/custom_op/general/intquant.py`.

    ```mlir
    %y = qonnx.quant %x, %s, %z, %b half_even signed narrow : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
    ```
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, AnyTensor:$zero_point, AnyTensor:$bit_width,
                       QONNX_RoundingMode:$rounding, UnitAttr:$is_signed, UnitAttr:$narrow);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $scale `,` $zero_point `,` $bit_width $rounding (`signed` $is_signed^)? (`narrow` $narrow^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QONNX_BipolarQuantOp : QONNX_Op<"bipolar_quant", [Pure]> {
  let summary = "(x >= 0 ? 1 : -1) * scale";
  let description = [{ QONNX BipolarQuant. NaN gives -1. }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $scale attr-dict `:` functional-type(operands, results)";
}

def QONNX_MultiThresholdOp : QONNX_Op<"multi_threshold", [Pure]> {
  let summary = "out_scale * (number of thresholds that are <= x) + out_bias";
  let description = [{
    FINN and QONNX MultiThreshold: `thresholds` has one row a channel or one row for
    all; `channel_axis` is the axis of the channels in x.
    Source: `qonnx/custom_op/general/multithreshold.py`.
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$thresholds, F32Attr:$out_scale, F32Attr:$out_bias, I64Attr:$channel_axis);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $thresholds `scale` $out_scale `bias` $out_bias `axis` $channel_axis attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QONNX_QuantizeLinearOp : QONNX_Op<"quantize_linear", [Pure]> {
  let summary = "clamp(round(x / scale) + zero_point) as an integer";
  let description = [{
    ONNX QuantizeLinear. Rounds, half to even, before it adds the zero point,
    unlike `qonnx.quant`. `axis` is that of a per-axis scale.
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, Optional<AnyTensor>:$zero_point, I64Attr:$axis);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $scale (`,` $zero_point^)? `axis` $axis attr-dict `:` functional-type(operands, results)";
}

def QONNX_DequantizeLinearOp : QONNX_Op<"dequantize_linear", [Pure]> {
  let summary = "(x - zero_point) * scale as a float";
  let description = [{ ONNX DequantizeLinear. }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, Optional<AnyTensor>:$zero_point, I64Attr:$axis);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $scale (`,` $zero_point^)? `axis` $axis attr-dict `:` functional-type(operands, results)";
}

def QONNX_TruncOp : QONNX_Op<"trunc", [Pure]> {
  let summary = "drops the least significant bits of a quantized value (version 1)";
  let description = [{
    QONNX Trunc as of version 1 of its domain: `y = round_half_even(x / scale +
    zero_point) / 2^(in_bits - out_bits)`, rounded, `(y - zero_point) * scale`.
    Source: `qonnx/custom_op/general/trunc.py`.
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, AnyTensor:$zero_point, AnyTensor:$in_bits,
                       AnyTensor:$out_bits, QONNX_RoundingMode:$rounding);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $scale `,` $zero_point `,` $in_bits `,` $out_bits $rounding attr-dict `:` functional-type(operands, results)
  }];
}

def QONNX_TruncToScaleOp : QONNX_Op<"trunc_to_scale", [Pure]> {
  let summary = "drops the least significant bits of a quantized value (version 2)";
  let description = [{
    QONNX Trunc since version 2 of its domain: `k = 2^round(log2(out_scale / scale))`,
    `y = round_half_even(x / scale + zero_point) / k`, clamped to the limits of the
    output width, rounded, `(y - zero_point / k) * out_scale`.
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, AnyTensor:$zero_point, AnyTensor:$in_bits,
                       AnyTensor:$out_scale, AnyTensor:$out_bits,
                       QONNX_RoundingMode:$rounding, UnitAttr:$is_signed, UnitAttr:$narrow);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $scale `,` $zero_point `,` $in_bits `,` $out_scale `,` $out_bits $rounding (`signed` $is_signed^)?
    (`narrow` $narrow^)? attr-dict `:` functional-type(operands, results)
  }];
}

def QONNX_FloatQuantOp : QONNX_Op<"float_quant", [Pure]> {
  let summary = "quantize to a minifloat, and back to a float";
  let description = [{
    QONNX FloatQuant: `x / scale` rounded to the mantissa at its own exponent, clamped
    to the format, times `scale`; always signed.
    Source: `qonnx/custom_op/general/floatquant.py`.
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$scale, AnyTensor:$exponent_bits, AnyTensor:$mantissa_bits,
                       AnyTensor:$exponent_bias, AnyTensor:$max_value, QONNX_RoundingMode:$rounding,
                       UnitAttr:$has_inf, UnitAttr:$has_nan, UnitAttr:$saturation);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $scale `,` $exponent_bits `,` $mantissa_bits `,` $exponent_bias `,` $max_value $rounding
    (`inf` $has_inf^)? (`nan` $has_nan^)? (`saturate` $saturation^)? attr-dict `:` functional-type(operands, results)
  }];
}

def QONNX_QuantizeOp : QONNX_Op<"quantize", [Pure, SameOperandsAndResultShape]> {
  let summary = "the integer part of a quantizer: clamp, then round";
  let description = [{
    `round(clamp(x, low, high))` as an integer code. What is left of a Quant when
    `x / scale + zero_point` stands before it and `unscale` behind it.
    `exponent`, where present, says that a code stands for `code * 2^exponent`.

    ```mlir
    %q = qonnx.quantize %y half_even in [0.0, 15.0] : (tensor<1x64xf32>) -> tensor<1x64xui4>
    ```
  }];
  let arguments = (ins AnyTensor:$x, QONNX_RoundingMode:$rounding, F32Attr:$low, F32Attr:$high,
                       OptionalAttr<I64Attr>:$exponent);
  let results = (outs QONNX_IntegerElement:$result);
  let assemblyFormat = [{
    $x $rounding `in` ` ` `[` $low `,` $high `]` (`exponent` $exponent^)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QONNX_QuantizeMinifloatOp : QONNX_Op<"quantize_minifloat", [Pure, SameOperandsAndResultShape]> {
  let summary = "the integer part of FloatQuant: a minifloat in units of its least step";
  let description = [{
    x rounded to `mantissa` bits behind the leading one, but to no finer step than
    `2^least`, limited to `maximum` in magnitude, as a multiple of `2^least`. Without
    `saturate` there is no code beyond the maximum.

    ```mlir
    %q = qonnx.quantize_minifloat %y half_even mantissa 3 least -9 maximum 480.0 saturate
        : (tensor<1x64xf32>) -> tensor<1x64xsi19>
    ```
  }];
  let arguments = (ins AnyTensor:$x, QONNX_RoundingMode:$rounding, I64Attr:$mantissa, I64Attr:$least,
                       F32Attr:$maximum, UnitAttr:$saturation);
  let results = (outs QONNX_IntegerElement:$result);
  let assemblyFormat = [{
    $x $rounding `mantissa` $mantissa `least` $least `maximum` $maximum (`saturate` $saturation^)? attr-dict
    `:` functional-type(operands, results)
  }];
}

def QONNX_BinarizeOp : QONNX_Op<"binarize", [Pure, SameOperandsAndResultShape]> {
  let summary = "x >= 0 ? 1 : -1 as an integer code";
  let description = [{ The integer part of BipolarQuant and of a signed Quant of width 1. NaN gives -1. }];
  let arguments = (ins AnyTensor:$x, OptionalAttr<I64Attr>:$exponent);
  let results = (outs QONNX_IntegerElement:$result);
  let assemblyFormat = "$x (`exponent` $exponent^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_CountThresholdsOp : QONNX_Op<"count_thresholds", [Pure]> {
  let summary = "how many thresholds of a channel are <= x";
  let description = [{ The integer part of MultiThreshold. }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$thresholds, I64Attr:$channel_axis, OptionalAttr<I64Attr>:$exponent);
  let results = (outs QONNX_IntegerElement:$result);
  let assemblyFormat = [{
    $x `,` $thresholds `axis` $channel_axis (`exponent` $exponent^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QONNX_UnscaleOp : QONNX_Op<"unscale", [Pure]> {
  let summary = "an integer times the exact product of its scales, rounded once";
  let description = [{
    `fl32(q * s1 * s2 * ...)`: the product is exact (float32 scales are dyadic
    rationals) and rounded once, half to even. No scale means a conversion.
    Scales are constants, broadcast against q.

    ```mlir
    %y = qonnx.unscale %q by (%sx, %sw) : (tensor<1x32xsi10>, tensor<f32>, tensor<1x32xf32>) -> tensor<1x32xf32>
    ```
  }];
  let arguments = (ins QONNX_IntegerElement:$q, Variadic<AnyTensor>:$scales);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$q `by` ` ` `(` $scales `)` attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // QONNX_OPS_QUANTIZERS_TD
