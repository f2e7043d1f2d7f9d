//===- Passes.td - every pass, in pipeline order ----------------*- tablegen -*-===//
//
// One declaration gives the command line, the help text, the reference page and
// the Rust trait that `src/` implements; bodies are in `src/`, a file a pass.
//
//===----------------------------------------------------------------------===//
#ifndef QONNX_PASSES_TD
#define QONNX_PASSES_TD

include "mlir/Pass/PassBase.td"

// ---- qonnx to qonnx -----------------------------------------------------------

def QonnxVerifySupported : Pass<"qonnx-verify-supported", "::mlir::ModuleOp"> {
  let summary = "Refuse nodes that no stage can handle, all at once, by name";
  let description = [{
    Every `qonnx.onnx` operation gives one error with its node's name, operator
    and domain.
  }];
}

def QonnxInferShapes : Pass<"qonnx-infer-shapes", "::mlir::ModuleOp"> {
  let summary = "Give every value its static shape";
  let description = [{
    Walks each function in order and computes every result type from its operands
    and, for Reshape and its like, from values known at compile time. A dynamic
    dimension of a function argument becomes `batch-size`; a declared shape that
    contradicts the inferred one is an error at the node.

    ```mlir
    // before
    %y = qonnx.matmul %x, %w : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<*xf32>
    // after
    %y = qonnx.matmul %x, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
    ```
  }];
  let options = [
    Option<"batchSize", "batch-size", "int64_t", "1", "what a dynamic dimension of an input becomes">];
}

def QonnxFoldConstants : Pass<"qonnx-fold-constants", "::mlir::ModuleOp"> {
  let summary = "Evaluate operations on constants, but keep quantizers";
  let description = [{
    An operation whose operands are constants becomes `qonnx.constant`, computed
    by the evaluator. Quantizers of constants stay: they say on which grid the
    weights lie.
  }];
}

def QonnxSetBatchSize : Pass<"qonnx-set-batch-size", "::mlir::ModuleOp"> {
  let summary = "Compute another number of samples at a time";
  let description = [{
    Axis 0 of the inputs becomes `batch-size`, and with it whatever samples are on, also in numbers that the file
    writes out, such as the target of a Reshape. Shapes must be known (`qonnx-infer-shapes` makes a dynamic
    dimension 1) and constants folded. An operation that is not known to keep samples apart is an error at its node.

    ```mlir
    // before
    %s = qonnx.constant dense<[1, 6]> : tensor<2xsi64>
    %y = qonnx.reshape %x, %s : (tensor<1x2x3xf32>, tensor<2xsi64>) -> tensor<1x6xf32>
    // after batch-size=4
    %t = qonnx.constant dense<[4, 6]> : tensor<2xsi64>
    %y = qonnx.reshape %x, %t : (tensor<4x2x3xf32>, tensor<2xsi64>) -> tensor<4x6xf32>
    ```
  }];
  let options = [Option<"batchSize", "batch-size", "int64_t", "1", "how many samples">];
}

def QonnxFoldPads : Pass<"qonnx-fold-pads", "::mlir::ModuleOp"> {
  let summary = "Padding in front of a convolution or pool becomes its own";
  let description = [{
    Zeros in front of a convolution with finite weights, or of an AveragePool that counts its padding or has none;
    in front of MaxPool what is no greater than any value beside it, such as 0 behind ReLU. Values stay the same, NaN
    and the sign of a zero in MaxPool aside. Left as they are: other modes and values, negative amounts, padded samples
    or channels, and pools that ONNX would not allow, with a window of padding alone or as much padding as kernel.

    ```mlir
    // before
    %a = qonnx.constant dense<[0, 0, 1, 0, 0, 1]> : tensor<6xsi64>
    %p = qonnx.pad constant %x, %a : (tensor<1x2x4xf32>, tensor<6xsi64>) -> tensor<1x2x6xf32>
    %y = qonnx.conv %p, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x6xf32>, tensor<3x2x3xf32>) -> tensor<1x3x4xf32>
    // after
    %y = qonnx.conv %x, %w strides [1] pads [1, 1] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<3x2x3xf32>) -> tensor<1x3x4xf32>
    ```
  }];
}

def QonnxRemoveUnused : Pass<"qonnx-remove-unused", "::mlir::ModuleOp"> {
  let summary = "Remove operations, constants and inputs that no output depends on";
  let description = [{
    `canonicalize` removes operations, too, but leaves inputs: they are part of what a function promises its caller.
    Inputs of a function that is called in the module stay.
  }];
}

def QonnxUniqueNames : Pass<"qonnx-unique-names", "::mlir::ModuleOp"> {
  let summary = "Give each operation a name of its own";
  let description = [{
    Names are locations. The first operation with a name of the file keeps it, others with the same get a number behind
    it; constants are called after the operation that takes them and the number of their operand; what has no name is
    called by what it does. `--mlir-use-nameloc-as-prefix` prints values by these names, `--export-onnx` writes them.

    ```mlir
    // before
    %0 = qonnx.relu %x : (tensor<2xf32>) -> tensor<2xf32> loc("act")
    %1 = qonnx.relu %0 : (tensor<2xf32>) -> tensor<2xf32> loc("act")
    %2 = qonnx.neg %1 : (tensor<2xf32>) -> tensor<2xf32> loc(unknown)
    // after
    %0 = qonnx.relu %x : (tensor<2xf32>) -> tensor<2xf32> loc("act")
    %1 = qonnx.relu %0 : (tensor<2xf32>) -> tensor<2xf32> loc("act_1")
    %2 = qonnx.neg %1 : (tensor<2xf32>) -> tensor<2xf32> loc("neg")
    ```
  }];
}

def QonnxConvToMatmul : Pass<"qonnx-conv-to-matmul", "::mlir::ModuleOp"> {
  let summary = "Convolutions of one position, and of all positions at once, become matrix products";
  let description = [{
    A kernel as large as its operand is a dense layer; one of a single element with steps of 1 is a dense layer at
    each position, between transposes. One group, no padding, and no bias: run `qonnx-extract-bias` first. The products
    are the same; the order in which float32 adds them is not defined for either.

    ```mlir
    // before
    %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<3x2x4xf32>) -> tensor<1x3x1xf32>
    // after
    %r = qonnx.view %x : (tensor<1x2x4xf32>) -> tensor<1x8xf32>
    %m = qonnx.view %w : (tensor<3x2x4xf32>) -> tensor<3x8xf32>
    %c = qonnx.transpose %m [1, 0] : (tensor<3x8xf32>) -> tensor<8x3xf32>
    %p = qonnx.matmul %r, %c : (tensor<1x8xf32>, tensor<8x3xf32>) -> tensor<1x3xf32>
    %y = qonnx.view %p : (tensor<1x3xf32>) -> tensor<1x3x1xf32>
    ```
  }];
}

def QonnxLowerChannelsLast : Pass<"qonnx-lower-channels-last", "::mlir::ModuleOp"> {
  let summary = "Operations with their channels last become those on channels first, between transposes";
  let description = [{
    The weights of convolutions are transposed, too. With `for-onnx` only those operations
    are written so that the domain `qonnx.custom_op.channels_last` has no operator for, or
    gives another shape: all but Conv, MaxPool and BatchNormalization on float32 with one or
    two spatial axes and explicit pads.

    ```mlir
    // before
    %y = qonnx.max_pool %x kernel [2] strides [2] pads [0, 0] dilations [1] notset channels_last : (tensor<1x4x3xf32>) -> tensor<1x2x3xf32>
    // after
    %a = qonnx.transpose %x [0, 2, 1] : (tensor<1x4x3xf32>) -> tensor<1x3x4xf32>
    %b = qonnx.max_pool %a kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x3x4xf32>) -> tensor<1x3x2xf32>
    %y = qonnx.transpose %b [0, 2, 1] : (tensor<1x3x2xf32>) -> tensor<1x2x3xf32>
    ```
  }];
  let options = [
    Option<"forOnnx", "for-onnx", "bool", "false", "leave the operations that ONNX files can say">];
}

def QonnxLowerShapes : Pass<"qonnx-lower-shapes", "::mlir::ModuleOp"> {
  let summary = "Write out what depends on shapes alone";
  let description = [{
    Reshape, Flatten, Squeeze and Unsqueeze become `qonnx.view`; DepthToSpace and
    SpaceToDepth view, transpose and view; `auto_pad` and `output_shape` of
    convolutions and pools become pads; a reduction over no axes is its operand.

    ```mlir
    // before
    %y = qonnx.flatten %x axis 1 : (tensor<1x8x8xf32>) -> tensor<1x64xf32>
    // after
    %y = qonnx.view %x : (tensor<1x8x8xf32>) -> tensor<1x64xf32>
    ```
  }];
}

def QonnxLowerGemm : Pass<"qonnx-lower-gemm", "::mlir::ModuleOp"> {
  let summary = "Gemm becomes transpose, matmul and add, rounded as the reference does";
  let description = [{
    `fma(sum, 1, c)` is `sum + c`; with another alpha the fused multiply-add stays
    as `qonnx.fma`. `beta * c` is rounded before.

    ```mlir
    // before
    %y = qonnx.gemm %x, %w, %c alpha 1.0 beta 1.0 trans_b : (tensor<1x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    // after
    %t = qonnx.transpose %w [1, 0] : (tensor<2x4xf32>) -> tensor<4x2xf32>
    %s = qonnx.matmul %x, %t : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
    %y = qonnx.add %s, %c : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
    ```
  }];
}

def QonnxExtractBias : Pass<"qonnx-extract-bias", "::mlir::ModuleOp"> {
  let summary = "The bias of a convolution becomes an add";
  let description = [{
    The reference rounds the sum to float32 first, then adds: no bit changes.

    ```mlir
    // before
    %y = qonnx.conv %x, %w bias %b strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<3x2x2xf32>, tensor<3xf32>) -> tensor<1x3x3xf32>
    // after
    %s = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<3x2x2xf32>) -> tensor<1x3x3xf32>
    %c = qonnx.view %b : (tensor<3xf32>) -> tensor<1x3x1xf32>
    %y = qonnx.add %s, %c : (tensor<1x3x3xf32>, tensor<1x3x1xf32>) -> tensor<1x3x3xf32>
    ```
  }];
}

def QonnxLowerBatchNorm : Pass<"qonnx-lower-batch-norm", "::mlir::ModuleOp"> {
  let summary = "BatchNormalization becomes mul and add by constants";
  let description = [{
    `ns = (1 / sqrt(variance + epsilon)) * scale` and `nb = bias - mean * ns`, in
    the reference's own float32 order: no bit changes.
  }];
}

def QonnxLowerMovement : Pass<"qonnx-lower-movement", "::mlir::ModuleOp"> {
  let summary = "Slice, Split, Resize, Expand, Tile and padding by reflection become gathers";
  let description = [{
    Each takes elements by position along each axis; `qonnx.gather` with constant
    indices says so, and `qonnx.view` adds or removes axes.

    ```mlir
    // before
    %y = qonnx.expand %x, %shape : (tensor<1x4x1xf32>, tensor<3xi64>) -> tensor<1x4x2xf32>
    // after
    %i = qonnx.constant dense<0> : tensor<2xi64>
    %y = qonnx.gather %x, %i axis 2 : (tensor<1x4x1xf32>, tensor<2xi64>) -> tensor<1x4x2xf32>
    ```
  }];
}

def QonnxHoistMovement : Pass<"qonnx-hoist-movement", "::mlir::ModuleOp"> {
  let summary = "Move view, transpose, gather and greatest elements up through elementwise operations";
  let description = [{
    What is left between a dot product and the next quantizer is then elementwise
    only, which requantization needs. Constants that an elementwise operation
    broadcasts are reshaped with it. MaxPool and ReduceMax pass what keeps order, up to
    a quantizer; a gather that repeats elements stays behind a quantizer.

    ```mlir
    // before
    %a = qonnx.add %x, %c : (tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
    %y = qonnx.view %a : (tensor<1x4xf32>) -> tensor<1x4x1xf32>
    // after
    %v = qonnx.view %x : (tensor<1x4xf32>) -> tensor<1x4x1xf32>
    %d = qonnx.constant dense<0.5> : tensor<1x4x1xf32>
    %y = qonnx.add %v, %d : (tensor<1x4x1xf32>, tensor<1x4x1xf32>) -> tensor<1x4x1xf32>
    ```
  }];
}

def QonnxPushTransposes : Pass<"qonnx-push-transposes", "::mlir::ModuleOp"> {
  let summary = "Move transposes to where the fewest are needed; those that meet cancel";
  let description = [{
    Elementwise operations, quantizers and whatever else works along named axes (Concat, Pad,
    Resize, Softmax, reductions...) are done in the order of axes that needs the fewest
    transposes; their axes and constants follow. A transpose at an input or output of the
    function is cheaper than one in between. One that only moves axes of one element becomes a
    `qonnx.view`, and one in front of a Flatten whose elements meet constant weights goes into
    these: their rows are put in another order, which no sum but one of floats in another order
    shows. One walk over the function decides everything.

    ```mlir
    // before
    %t = qonnx.transpose %x [0, 2, 1] : (tensor<1x4x3xf32>) -> tensor<1x3x4xf32>
    %a = qonnx.relu %t : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
    %m = qonnx.softmax %a axis 1 : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
    %y = qonnx.transpose %m [0, 2, 1] : (tensor<1x3x4xf32>) -> tensor<1x4x3xf32>
    // after
    %b = qonnx.relu %x : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
    %n = qonnx.softmax %b axis 2 : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
    ```
  }];
}

def QonnxChannelsLast : Pass<"qonnx-channels-last", "::mlir::ModuleOp"> {
  let summary = "Convolutions, pools and all between them with their channels last";
  let description = [{
    Each operation that has channels gets the attribute `channels_last` and stands between
    transposes, which move away as `qonnx-push-transposes` moves them: none is left between
    two convolutions. The function's inputs and outputs keep their layouts. A remark names each
    transpose that is left, and who needs it. No value changes but where sums of floats have
    another order.

    ```mlir
    // before
    %a = qonnx.relu %x : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
    %y = qonnx.max_pool %a kernel [2] strides [2] pads [0, 0] dilations [1] notset : (tensor<1x3x4xf32>) -> tensor<1x3x2xf32>
    // after
    %t = qonnx.transpose %x [0, 2, 1] : (tensor<1x3x4xf32>) -> tensor<1x4x3xf32>
    %b = qonnx.relu %t : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
    %l = qonnx.max_pool %b kernel [2] strides [2] pads [0, 0] dilations [1] notset channels_last : (tensor<1x4x3xf32>) -> tensor<1x2x3xf32>
    %z = qonnx.transpose %l [0, 2, 1] : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
    ```
  }];
}

def QonnxInsertQuantizers : Pass<"qonnx-insert-quantizers", "::mlir::ModuleOp"> {
  let summary = "Put a Quant on inputs that meet a dot product before any quantizer";
  let description = [{
    Fixed-point formats are named as in Vitis HLS: `fixed<W,I>`, `ufixed<W,I>`, W
    bits in all, I before the binary point; round half to even, saturate. Each
    inserted Quant is reported by a remark. `default-format`, where given, does the
    same for float weights and activations of models without quantizers.

    What follows the last quantizer in float runs on the host, in the file's own float32. With
    `float-tail=lut` an output that ends so gets a Quant, too, and what is in front of it becomes hardware
    that equals the file with that Quant: a table or another requantizer where there is a short one, else a
    float layer. Formats have 16 bits, of which those before the binary point hold the results of
    Softmax, Sigmoid and Tanh, else 6; `output-format` names others.

    ```mlir
    // before: an output of the graph
    %y = qonnx.sigmoid %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
    // after, with float-tail=lut: ufixed<16,1>
    %y = qonnx.sigmoid %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
    %s = qonnx.constant dense<3.05175781E-5> : tensor<f32>
    %z = qonnx.constant dense<0.0> : tensor<f32>
    %b = qonnx.constant dense<16.0> : tensor<f32>
    %q = qonnx.quant %y, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
    ```
  }];
  let options = [
    ListOption<"inputFormat", "input-format", "std::string", "NAME=fixed<W,I> for an input; default fixed<16,6>">,
    Option<"defaultFormat", "default-format", "std::string", "\"\"", "fixed<W,I> for what else is not quantized">,
    Option<"floatTail", "float-tail", "std::string", "\"host\"", "where float operations behind the last quantizer run: host or lut">,
    ListOption<"outputFormat", "output-format", "std::string", "NAME=fixed<W,I> for an output that ends in float operations">];
}

def QonnxSplitQuant : Pass<"qonnx-split-quant", "::mlir::ModuleOp"> {
  let dependentDialects = ["::hls::HLSDialect"];
  let summary = "Take quantizers apart: scale, integer quantize, unscale";
  let description = [{
    Quantizers of constants are evaluated: weights become integers and one unscale.

    ```mlir
    // before
    %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
    // after (scale 0.3, zero point 0, width 4)
    %d = qonnx.div %x, %s : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
    %q = qonnx.quantize %d half_even in [0.0, 15.0] : (tensor<1x4xf32>) -> tensor<1x4xui4>
    %y = qonnx.unscale %q by (%s) : (tensor<1x4xui4>, tensor<f32>) -> tensor<1x4xf32>
    ```
  }];
}

def QonnxQcdqToQuant : Pass<"qonnx-qcdq-to-quant", "::mlir::ModuleOp"> {
  let summary = "QuantizeLinear, Clip and DequantizeLinear become Quant";
  let description = [{
    The reverse of `qonnx-quant-to-qcdq`: one Quant where both have the same constant scale and zero point, and type and
    Clip leave the codes of some width. Codes of a constant become the values that they stand for and a Quant that
    gives the same again. What Quant cannot say bit for bit (NaN and the sign of zero aside) stays, with a remark: odd
    zero points, which Quant adds before it rounds; codes from which something else is computed.

    ```mlir
    // before (scale 0.5, zero point 0, limits -8 and 7)
    %q = qonnx.quantize_linear %x, %s, %i axis 1 : (tensor<1x4xf32>, tensor<f32>, tensor<si8>) -> tensor<1x4xsi8>
    %c = qonnx.clip %q low %l high %h : (tensor<1x4xsi8>, tensor<si8>, tensor<si8>) -> tensor<1x4xsi8>
    %y = qonnx.dequantize_linear %c, %s, %i axis 1 : (tensor<1x4xsi8>, tensor<f32>, tensor<si8>) -> tensor<1x4xf32>
    // after (width 4)
    %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
    ```
  }];
}

def QonnxQuantToQcdq : Pass<"qonnx-quant-to-qcdq", "::mlir::ModuleOp"> {
  let summary = "Quant becomes QuantizeLinear, Clip and DequantizeLinear, which every ONNX tool knows";
  let description = [{
    The form of Brevitas' QCDQ export: codes of 8 bits, or of 16 where a Quant has more than 8,
    limited by Clip where the width is smaller or the range narrow; a constant becomes one of codes.
    A quantizer that these three cannot say bit for bit (NaN aside) is an error at its node: a
    rounding other than half to even, more than 16 bits (32 of a constant), parameters that are not
    constants or vary along more than one axis, a zero point that is no code. QuantizeLinear rounds before it adds the
    zero point, Quant after and in float32: where there is one, Div and Add stand in front of a QuantizeLinear with
    scale 1. Even zero points that are added in float64 need no such form, odd ones have none and are refused.

    ```mlir
    // before (scale 0.5, zero point 0, width 4)
    %y = qonnx.quant %x, %s, %z, %b half_even signed : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
    // after
    %q = qonnx.quantize_linear %x, %s, %i axis 1 : (tensor<1x4xf32>, tensor<f32>, tensor<si8>) -> tensor<1x4xsi8>
    %c = qonnx.clip %q low %l high %h : (tensor<1x4xsi8>, tensor<si8>, tensor<si8>) -> tensor<1x4xsi8>
    %y = qonnx.dequantize_linear %c, %s, %i axis 1 : (tensor<1x4xsi8>, tensor<f32>, tensor<si8>) -> tensor<1x4xf32>
    ```
  }];
}

// ---- qonnx to other dialects and back ---------------------------------------------

def ConvertQonnxToQuant : Pass<"convert-qonnx-to-quant", "::mlir::ModuleOp"> {
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::quant::QuantDialect"];
  let summary = "Quantizers become casts of upstream's quant dialect";
  let description = [{
    Quant, and QuantizeLinear with DequantizeLinear and a Clip between them, become `quant.qcast` and
    `quant.dcast`: per tensor, per axis, or per block where scales vary in blocks or along several
    axes, with the limits of the file. A quantized constant becomes one of codes, `quant.scast` and
    `quant.dcast`; codes that are dequantized by another scale are cast to their storage and back between. Run it where parameters are constants and shapes known, after `qonnx-cleanup`.

    Upstream names no rounding. `quant.qcast` is taken as `round(x / scale + zero_point)` in float32, half
    to even, then limited; with `zero-point=after-rounding` as `round(x / scale) + zero_point`, as
    StableHLO and TFLite mean it. A QuantizeLinear with another zero point than 0 is said in the first order, too: its
    codes are counted from the zero point.

    What no type says bit for bit (NaN aside) is an error at its node: other roundings, 1 signed bit, fractions of
    bits or more than 32, parameters that are not constants, scales that are not positive, zero points that
    are no integers, codes that others than DequantizeLinear take, Trunc, FloatQuant, MultiThreshold.

    Upstream's canonicalizer and `lower-quant-ops` fold `quant.dcast` of `quant.qcast` to the value
    that was not quantized: convert back before, if the quantizers are meant to stay.

    ```mlir
    // before (scale 0.5, zero point 0, width 4)
    %y = qonnx.quant %x, %s, %z, %b half_even signed narrow : (tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<1x4xf32>
    // after
    %q = quant.qcast %x : tensor<1x4xf32> to tensor<1x4x!quant.uniform<i4<-7:7>:f32, 0.5>>
    %y = quant.dcast %q : tensor<1x4x!quant.uniform<i4<-7:7>:f32, 0.5>> to tensor<1x4xf32>
    ```
  }];
  let options = [
    Option<"zeroPoint", "zero-point", "std::string", "\"before-rounding\"",
           "when quant.qcast adds the zero point: before-rounding or after-rounding">];
}

def ConvertQuantToQonnx : Pass<"convert-quant-to-qonnx", "::mlir::ModuleOp"> {
  let dependentDialects = ["::qonnx::QONNXDialect"];
  let summary = "Casts of upstream's quant dialect become quantizers";
  let description = [{
    The way back from `convert-qonnx-to-quant`, for modules of any origin: `quant.dcast` of `quant.qcast`
    becomes `qonnx.quant`, or `qonnx.quantize_linear`, `qonnx.clip` and `qonnx.dequantize_linear` where the
    limits are not those of a width. `quant.dcast` of stored integers (constants, arguments) becomes
    `qonnx.dequantize_linear`. Arguments and results of functions that are codes become signed or
    unsigned integers, constants of arith in front of qonnx operations qonnx constants. Scales are
    rounded to float32.

    Refused by name: other expressed types than f32, scalars, `!quant.any`, zero points that are no codes,
    codes that other operations take or give.

    ```mlir
    // before
    %q = quant.qcast %x : tensor<1x4xf32> to tensor<1x4x!quant.uniform<u8<0:200>:f32, 0.5>>
    %y = quant.dcast %q : tensor<1x4x!quant.uniform<u8<0:200>:f32, 0.5>> to tensor<1x4xf32>
    // after
    %q = qonnx.quantize_linear %x, %s, %z axis 0 : (tensor<1x4xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x4xui8>
    %c = qonnx.clip %q low %l high %h : (tensor<1x4xui8>, tensor<ui8>, tensor<ui8>) -> tensor<1x4xui8>
    %y = qonnx.dequantize_linear %c, %s, %z axis 0 : (tensor<1x4xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x4xf32>
    ```
  }];
  let options = [
    Option<"zeroPoint", "zero-point", "std::string", "\"before-rounding\"",
           "when quant.qcast adds the zero point: before-rounding or after-rounding">];
}

// ---- qonnx to hls ---------------------------------------------------------------

def QonnxPropagateScales : Pass<"qonnx-propagate-scales", "::mlir::ModuleOp"> {
  let dependentDialects = ["::hls::HLSDialect"];
  let summary = "Move unscale down through linear operations: integers remain";
  let description = [{
    `matmul(unscale(q, s), unscale(w, t))` is `unscale(matmul(q, w), s * t)` where s
    does not vary along the contracted axis. Affine operations in front of another
    linear operation join the integer grid where that is proven exact. Widths of
    accumulators come from the actual weights.

    ```mlir
    // before
    %x = qonnx.unscale %q by (%s) : (tensor<1x4xui4>, tensor<f32>) -> tensor<1x4xf32>
    %w = qonnx.unscale %k by (%t) : (tensor<4x2xsi2>, tensor<f32>) -> tensor<4x2xf32>
    %y = qonnx.matmul %x, %w : (tensor<1x4xf32>, tensor<4x2xf32>) -> tensor<1x2xf32>
    // after
    %n = hls.matmul %q, %k : (tensor<1x4xui4>, tensor<4x2xsi2>) -> tensor<1x2xsi8>
    %y = qonnx.unscale %n by (%s, %t) : (tensor<1x2xsi8>, tensor<f32>, tensor<f32>) -> tensor<1x2xf32>
    ```
  }];
}

def QonnxSinkJoins : Pass<"qonnx-sink-joins", "::mlir::ModuleOp"> {
  let dependentDialects = ["::hls::HLSDialect"];
  let summary = "Move Concat, Pad and MaxPool of float chains below the next quantizer";
  let description = [{
    Each branch of a Concat is then requantized alone, and padding and the greatest
    elements are those of codes. MaxPool passes what keeps order.

    ```mlir
    // before
    %j = qonnx.concat %a, %b axis 1 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
    %q = qonnx.quantize %j half_even in [0.0, 3.0] : (tensor<1x2xf32>) -> tensor<1x2xui2>
    // after
    %p = qonnx.quantize %a half_even in [0.0, 3.0] : (tensor<1x1xf32>) -> tensor<1x1xui2>
    %r = qonnx.quantize %b half_even in [0.0, 3.0] : (tensor<1x1xf32>) -> tensor<1x1xui2>
    %q = hls.concat %p, %r axis 1 : (tensor<1x1xui2>, tensor<1x1xui2>) -> tensor<1x2xui2>
    ```
  }];
}

def QonnxLegalizeFixedPoint : Pass<"qonnx-legalize-fixed-point", "::mlir::ModuleOp"> {
  let dependentDialects = ["::hls::HLSDialect"];
  let summary = "Replace float chains between integers by proven requantizers";
  let description = [{
    The elementwise chain between an accumulator and the next integer quantizer is
    evaluated in the reference's arithmetic over the accumulator's whole range, per
    channel, and becomes the cheapest form of `hls.requantize` that equals it.
  }];
  let options = [
    Option<"tabulationLimit", "tabulation-limit", "int64_t", "4194304",
           "largest range that is tabulated; beyond it, certified bisection">];
}

// ---- hls to hls -----------------------------------------------------------------

def HlsSinkTransposes : Pass<"hls-sink-transposes", "::mlir::ModuleOp"> {
  let summary = "Move transposes below requantizers, where they meet their inverse";
  let description = [{
    Codes are narrower than accumulators, and where a file quantizes with channels last and convolves with
    channels first, two transposes then cancel. `hls.transposed` says, on the requantizer, which
    permutation of the axes of its node's codes gives those that it has now.

    ```mlir
    // before
    %t = hls.transpose %x [0, 2, 1] : (tensor<1x4x8xsi9>) -> tensor<1x8x4xsi9>
    %y = hls.requantize %t per [] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [-8, 7]>] : (tensor<1x8x4xsi9>) -> tensor<1x8x4xsi4>
    // after
    %q = hls.requantize %x per [] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [-8, 7]>] {hls.transposed = array<i64: 0, 2, 1>} : (tensor<1x4x8xsi9>) -> tensor<1x4x8xsi4>
    %y = hls.transpose %q [0, 2, 1] : (tensor<1x4x8xsi4>) -> tensor<1x8x4xsi4>
    ```
  }];
}

def HlsRemoveStuckChannels : Pass<"hls-remove-stuck-channels", "::mlir::ModuleOp"> {
  let summary = "Remove channels that always have one code, and what computes them";
  let description = [{
    A dot product adds a channel that is stuck as a constant: that goes into its bias, and the channel is
    not computed, back to the dot product that gives it. `hls.removed` says, on each requantizer on the way,
    the axis, and by channel (its position before) the least and greatest code that it could have.

    ```mlir
    // before: the second channel is 3 for every x
    %q = hls.requantize %x per [1, 2] [#hls.mul_shift<1 * x + 0 shift 0 floor in [0, 3]>, #hls.constant<3>] : (tensor<1x2xsi9>) -> tensor<1x2xui2>
    %w = hls.constant dense<[[1, 2], [-1, 1]]> : tensor<2x2xsi3>
    %y = hls.matmul %q, %w : (tensor<1x2xui2>, tensor<2x2xsi3>) -> tensor<1x2xsi5>
    // after
    %q = hls.requantize %z per [] [#hls.mul_shift<1 * x + 0 shift 0 floor in [0, 3]>] {hls.removed = array<i64: 1, 1, 3, 3>} : (tensor<1x1xsi9>) -> tensor<1x1xui2>
    %w = hls.constant dense<[[1, 2]]> : tensor<1x2xui2>
    %b = hls.constant dense<[-3, 3]> : tensor<2xsi3>
    %y = hls.matmul %q, %w, %b : (tensor<1x1xui2>, tensor<1x2xui2>, tensor<2xsi3>) -> tensor<1x2xsi5>
    ```
  }];
}

def HlsOutlineFloat : Pass<"hls-outline-float", "::mlir::ModuleOp"> {
  let summary = "Make a float32 layer of each quantizer that no integer form equals";
  let description = [{
    A quantizer behind integers that `qonnx-legalize-fixed-point` left, and the float operations
    between those integers and it, become a function with `hls.layer` and `hls.float`: codes in,
    codes out, float32 in between, operation by operation as the file says. So what has no small
    integer form (16-bit codes of wide accumulators, a Softmax between quantizers) is exact, too.
    A remark names each one and the reason.

    Each quantizer gets a function of its own; what several of them share is computed in each.
  }];
}

def HlsOutlineKernel : Pass<"hls-outline-kernel", "::mlir::ModuleOp"> {
  let summary = "Move the integer operations of each function into a kernel";
  let description = [{
    What is left in the function is what the host does: the quantizer of an input,
    the float head of an output.
  }];
}

def HlsOutlineLayers : Pass<"hls-outline-layers", "::mlir::ModuleOp"> {
  let summary = "Make a function of each layer of a kernel";
  let description = [{
    A layer is a linear operation and the elementwise ones that follow it. Constants
    move into the layer that uses them; the function's name comes from the ONNX node.
  }];
}

def HlsVerifyLegal : Pass<"hls-verify-legal", "::mlir::ModuleOp"> {
  let summary = "Refuse any float or qonnx operation inside the hardware";
  let description = [{
    Names the ONNX node that each one came from, and says why it could not be
    lowered and what to do.
  }];
}

#endif // QONNX_PASSES_TD
