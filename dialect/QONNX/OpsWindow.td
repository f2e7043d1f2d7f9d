//===- OpsWindow.td - convolutions, pools, reductions ------------*- tablegen -*-===//
#ifndef QONNX_OPS_WINDOW_TD
#define QONNX_OPS_WINDOW_TD

include "QONNX/Dialect.td"
include "QONNX/Attributes.td"

def QONNX_ConvOp : QONNX_Op<"conv", [Pure, SameOperandsAndResultElementType]> {
  let summary = "convolution over any number of spatial axes";
  let description = [{
    ONNX Conv of x (samples, channels, spatial...) with weights (output channels,
    channels / group, kernel...); the float32 sum first, then the bias. `pads` has an
    entry in front of each spatial axis, then one behind each. `auto_pad` other than
    `notset` computes them from the shapes; `qonnx-lower-shapes` writes them out.

    With `channels_last` operand and result are (samples, spatial..., channels) and the
    weights (output channels, kernel..., channels / group), as in the domain
    `qonnx.custom_op.channels_last`; the values are those of the same operation between
    transposes, and `qonnx-lower-channels-last` writes it so. The pools, transposed
    convolution, BatchNormalization, DepthToSpace and SpaceToDepth have the attribute, too.

    ```mlir
    %y = qonnx.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] group 1 notset
        : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
    %xl = qonnx.transpose %x [0, 2, 3, 1] : (tensor<1x3x8x8xf32>) -> tensor<1x8x8x3xf32>
    %wl = qonnx.transpose %w [0, 2, 3, 1] : (tensor<4x3x3x3xf32>) -> tensor<4x3x3x3xf32>
    %yl = qonnx.conv %xl, %wl strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] group 1 notset channels_last
        : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>) -> tensor<1x8x8x4xf32>
    ```
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$w, Optional<AnyTensor>:$bias,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       I64Attr:$group, QONNX_AutoPad:$auto_pad, UnitAttr:$channels_last);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $w (`bias` $bias^)? `strides` $strides `pads` $pads `dilations` $dilations `group` $group $auto_pad
    (`channels_last` $channels_last^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def QONNX_ConvTransposeOp : QONNX_Op<"conv_transpose", [Pure, SameOperandsAndResultElementType]> {
  let summary = "transposed convolution: each input element adds its multiple of the kernel";
  let description = [{
    ONNX ConvTranspose of x (samples, channels, spatial...) with weights (channels,
    output channels / group, kernel...). A result axis has
    `stride * (n - 1) + dilation * (k - 1) + 1 + output_padding - pads` elements;
    `output_shape`, where not empty, gives it instead and pads follow from it. With
    `channels_last` the weights are (channels, kernel..., output channels / group).
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$w, Optional<AnyTensor>:$bias,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       DenseI64ArrayAttr:$output_padding, DenseI64ArrayAttr:$output_shape,
                       I64Attr:$group, QONNX_AutoPad:$auto_pad, UnitAttr:$channels_last);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x `,` $w (`bias` $bias^)? `strides` $strides `pads` $pads `dilations` $dilations
    `output_padding` $output_padding `output_shape` $output_shape `group` $group $auto_pad
    (`channels_last` $channels_last^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

class QONNX_PoolOp<string mnemonic, list<Trait> traits = []>
    : QONNX_Op<mnemonic, !listconcat([Pure, SameOperandsAndResultElementType], traits)> {
  let results = (outs AnyTensor:$result);
  let hasVerifier = 1;
}

def QONNX_MaxPoolOp : QONNX_PoolOp<"max_pool"> {
  let summary = "largest element of each window; padding never wins";
  let description = [{
    ONNX MaxPool over (samples, channels, spatial...). With `ceil_mode` a last window
    may reach beyond the padded input.
  }];
  let arguments = (ins AnyTensor:$x, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       UnitAttr:$ceil_mode, QONNX_AutoPad:$auto_pad, UnitAttr:$channels_last);
  let assemblyFormat = [{
    $x `kernel` $kernel `strides` $strides `pads` $pads `dilations` $dilations (`ceil` $ceil_mode^)? $auto_pad
    (`channels_last` $channels_last^)? attr-dict `:` functional-type(operands, results)
  }];
}

def QONNX_AveragePoolOp : QONNX_PoolOp<"average_pool"> {
  let summary = "float32 sum of each window over the number of its elements";
  let description = [{
    ONNX AveragePool: a division, not a product with a reciprocal. Padding counts in
    the divisor only with `count_include_pad`.
  }];
  let arguments = (ins AnyTensor:$x, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
                       DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       UnitAttr:$ceil_mode, UnitAttr:$count_include_pad, QONNX_AutoPad:$auto_pad,
                       UnitAttr:$channels_last);
  let assemblyFormat = [{
    $x `kernel` $kernel `strides` $strides `pads` $pads `dilations` $dilations (`ceil` $ceil_mode^)?
    (`include_pad` $count_include_pad^)? $auto_pad (`channels_last` $channels_last^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def QONNX_ReduceOp : QONNX_Op<"reduce", [Pure]> {
  let summary = "sum, mean, product, least or greatest along axes";
  let description = [{
    ONNX ReduceSum, ReduceMean and relatives; GlobalAveragePool and GlobalMaxPool are
    imported as this over the spatial axes. Without `axes` all are reduced, or none
    with `noop`.

    ```mlir
    %y = qonnx.reduce mean %x axes %a keep_dims : (tensor<1x8x4x4xf32>, tensor<2xi64>) -> tensor<1x8x1x1xf32>
    ```
  }];
  let arguments = (ins QONNX_Reduction:$reduction, AnyTensor:$x, Optional<AnyTensor>:$axes,
                       UnitAttr:$keep_dims, UnitAttr:$noop_with_empty_axes);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $reduction $x (`axes` $axes^)? (`keep_dims` $keep_dims^)? (`noop` $noop_with_empty_axes^)?
    attr-dict `:` functional-type(operands, results)
  }];
}

#endif // QONNX_OPS_WINDOW_TD
