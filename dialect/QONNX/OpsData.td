//===- OpsData.td - constants, movement, selection --------------*- tablegen -*-===//
#ifndef QONNX_OPS_DATA_TD
#define QONNX_OPS_DATA_TD

include "QONNX/Dialect.td"
include "QONNX/Attributes.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

def QONNX_ConstantOp : QONNX_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "an initializer of the file or a folded value";
  let description = [{
    Small values are `dense`, large weights `dense_resource` blobs that go from
    the file to the hardware without a copy.

    ```mlir
    %s = qonnx.constant dense<0.25> : tensor<f32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def QONNX_ReshapeOp : QONNX_Op<"reshape", [Pure]> {
  let summary = "the same elements in another shape";
  let description = [{
    ONNX Reshape: 0 in `shape` copies the dimension of the input (unless
    `allow_zero`), one -1 is inferred.
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$shape, UnitAttr:$allow_zero);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $shape (`allow_zero` $allow_zero^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_ViewOp : QONNX_Op<"view", [Pure, SameOperandsAndResultElementType]> {
  let summary = "the same elements in the shape of the result";
  let description = [{
    What `qonnx-lower-shapes` makes of Reshape, Flatten, Squeeze and Unsqueeze
    once shapes are known: a change of shape with nothing left to compute.

    ```mlir
    %y = qonnx.view %x : (tensor<1x8x8xf32>) -> tensor<1x64xf32>
    ```
  }];
  let arguments = (ins AnyStaticShapeTensor:$x);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$x attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QONNX_FlattenOp : QONNX_Op<"flatten", [Pure, SameOperandsAndResultElementType]> {
  let summary = "a matrix: axes before `axis`, and the rest";
  let arguments = (ins AnyTensor:$x, I64Attr:$axis);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

class QONNX_SqueezeLikeOp<string mnemonic, string formula> : QONNX_Op<mnemonic, [Pure]> {
  let summary = formula;
  let arguments = (ins AnyTensor:$x, Optional<AnyTensor>:$axes);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x (`axes` $axes^)? attr-dict `:` functional-type(operands, results)";
}
def QONNX_SqueezeOp : QONNX_SqueezeLikeOp<"squeeze", "removes axes of size 1 (all of them if none are named)">;
def QONNX_UnsqueezeOp : QONNX_SqueezeLikeOp<"unsqueeze", "inserts axes of size 1">;

def QONNX_TransposeOp : QONNX_Op<"transpose", [Pure, SameOperandsAndResultElementType]> {
  let summary = "axes in another order";
  let description = [{
    `result.shape[i] = x.shape[permutation[i]]`. Identity permutations and pairs
    that cancel fold away.

    ```mlir
    %y = qonnx.transpose %x [1, 0] : (tensor<64x784xf32>) -> tensor<784x64xf32>
    ```
  }];
  let arguments = (ins AnyTensor:$x, DenseI64ArrayAttr:$permutation);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x $permutation attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def QONNX_ShapeOp : QONNX_Op<"shape", [Pure]> {
  let summary = "the dimensions as int64, from `start` to `end`";
  let arguments = (ins AnyTensor:$x, I64Attr:$start, OptionalAttr<I64Attr>:$end);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `start` $start (`end` $end^)? attr-dict `:` functional-type(operands, results)";
}

def QONNX_GatherOp : QONNX_Op<"gather", [Pure]> {
  let summary = "slices along an axis by index";
  let arguments = (ins AnyTensor:$x, AnyTensor:$indices, I64Attr:$axis);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $indices `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_ScatterOp : QONNX_Op<"scatter", [Pure, AllElementTypesMatch<["x", "updates", "result"]>]> {
  let summary = "a vector with elements replaced by index";
  let description = [{
    ONNX ScatterElements of vectors: `result[indices[i]] = updates[i]`, the last update of an element counts.
    Indices may count from the end. Made for indices that are computed; constant ones become gathers at import.

    ```mlir
    %y = qonnx.scatter %x, %i, %u : (tensor<8xf32>, tensor<2xsi64>, tensor<2xf32>) -> tensor<8xf32>
    ```
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$indices, AnyTensor:$updates);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $indices `,` $updates attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_ConcatOp : QONNX_Op<"concat", [Pure, SameOperandsAndResultElementType]> {
  let summary = "one after another along an axis";
  let arguments = (ins Variadic<AnyTensor>:$inputs, I64Attr:$axis);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$inputs `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_SliceOp : QONNX_Op<"slice", [Pure, AttrSizedOperandSegments]> {
  let summary = "a strided part";
  let description = [{ ONNX Slice, since version 10 with bounds as operands; attributes of version 1 are imported as constants. }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$starts, AnyTensor:$ends,
                       Optional<AnyTensor>:$axes, Optional<AnyTensor>:$steps);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $starts `,` $ends (`axes` $axes^)? (`steps` $steps^)? attr-dict `:` functional-type(operands, results)";
}

def QONNX_SplitOp : QONNX_Op<"split", [Pure]> {
  let summary = "parts along an axis, one a result";
  let description = [{ ONNX Split. Without `lengths` the parts are equal, the last one shorter where needed. }];
  let arguments = (ins AnyTensor:$x, Optional<AnyTensor>:$lengths, I64Attr:$axis);
  let results = (outs Variadic<AnyTensor>:$results);
  let assemblyFormat = "$x (`lengths` $lengths^)? `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_PadOp : QONNX_Op<"pad", [Pure, AttrSizedOperandSegments]> {
  let summary = "elements added (or, where negative, taken away) around";
  let description = [{
    ONNX Pad: `pads` has an entry in front of each axis, then one behind each; of the
    axes in `axes` only, where present. `value` (default 0) is that of mode constant.

    ```mlir
    %y = qonnx.pad constant %x, %p : (tensor<1x2xf32>, tensor<4xi64>) -> tensor<1x4xf32>
    ```
  }];
  let arguments = (ins QONNX_PadMode:$mode, AnyTensor:$x, AnyTensor:$pads,
                       Optional<AnyTensor>:$value, Optional<AnyTensor>:$axes);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $mode $x `,` $pads (`value` $value^)? (`axes` $axes^)? attr-dict `:` functional-type(operands, results)
  }];
}

def QONNX_ResizeOp : QONNX_Op<"resize", [Pure, AttrSizedOperandSegments]> {
  let summary = "each axis stretched to the nearest elements";
  let description = [{
    ONNX Resize with mode nearest, and Upsample. Either `scales` (float32 factors, one an
    axis: `floor(extent * factor)`) or `sizes` (extents) is present, for every axis.
  }];
  let arguments = (ins AnyTensor:$x, Optional<AnyTensor>:$scales, Optional<AnyTensor>:$sizes,
                       QONNX_CoordinateTransform:$transform, QONNX_NearestMode:$nearest);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = [{
    $x (`scales` $scales^)? (`sizes` $sizes^)? $transform $nearest attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

class QONNX_BlockOp<string mnemonic, string formula> : QONNX_Op<mnemonic, [Pure, SameOperandsAndResultElementType]> {
  let summary = formula;
  let results = (outs AnyTensor:$result);
  let hasVerifier = 1;
}
def QONNX_DepthToSpaceOp : QONNX_BlockOp<"depth_to_space", "channels become block x block patches"> {
  let description = [{
    ONNX DepthToSpace of (samples, channels, height, width), or with `channels_last` of
    (samples, height, width, channels); mode DCR, or CRD with `crd`.
  }];
  let arguments = (ins AnyTensor:$x, I64Attr:$block, UnitAttr:$column_row_depth, UnitAttr:$channels_last);
  let assemblyFormat = [{
    $x `block` $block (`crd` $column_row_depth^)? (`channels_last` $channels_last^)? attr-dict
    `:` functional-type(operands, results)
  }];
}
def QONNX_SpaceToDepthOp : QONNX_BlockOp<"space_to_depth", "block x block patches become channels"> {
  let arguments = (ins AnyTensor:$x, I64Attr:$block, UnitAttr:$channels_last);
  let assemblyFormat = [{
    $x `block` $block (`channels_last` $channels_last^)? attr-dict `:` functional-type(operands, results)
  }];
}

def QONNX_ExpandOp : QONNX_Op<"expand", [Pure]> {
  let summary = "broadcast to the shape of both";
  let arguments = (ins AnyTensor:$x, AnyTensor:$shape);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $shape attr-dict `:` functional-type(operands, results)";
}
def QONNX_TileOp : QONNX_Op<"tile", [Pure]> {
  let summary = "repeated along each axis";
  let arguments = (ins AnyTensor:$x, AnyTensor:$repeats);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `,` $repeats attr-dict `:` functional-type(operands, results)";
}

def QONNX_ConstantOfShapeOp : QONNX_Op<"constant_of_shape", [Pure]> {
  let summary = "one value everywhere";
  let arguments = (ins AnyTensor:$shape, ElementsAttr:$value);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$shape `of` $value attr-dict `:` functional-type(operands, results)";
}
def QONNX_RangeOp : QONNX_Op<"range", [Pure]> {
  let summary = "start, start + step, ... before limit";
  let arguments = (ins AnyTensor:$start, AnyTensor:$limit, AnyTensor:$step);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$start `,` $limit `,` $step attr-dict `:` functional-type(operands, results)";
}
def QONNX_WhereOp : QONNX_Op<"where", [Pure]> {
  let summary = "condition ? a : b, broadcast as numpy does";
  let arguments = (ins AnyTensor:$condition, AnyTensor:$a, AnyTensor:$b);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$condition `,` $a `,` $b attr-dict `:` functional-type(operands, results)";
}

def QONNX_ArgMaxOp : QONNX_Op<"arg_max", [Pure]> {
  let summary = "index of the largest along an axis";
  let arguments = (ins AnyTensor:$x, I64Attr:$axis, UnitAttr:$keep_dims, UnitAttr:$select_last_index);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "$x `axis` $axis (`keep_dims` $keep_dims^)? (`select_last` $select_last_index^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_TopKOp : QONNX_Op<"top_k", [Pure]> {
  let summary = "the k largest or smallest along an axis, and where they are";
  let description = [{
    Equal values keep the order of their indices.

    ```mlir
    %v, %i = qonnx.top_k %x, %k axis 1 largest : (tensor<1x10xf32>, tensor<1xi64>) -> (tensor<1x1xf32>, tensor<1x1xi64>)
    ```
  }];
  let arguments = (ins AnyTensor:$x, AnyTensor:$k, I64Attr:$axis, UnitAttr:$largest);
  let results = (outs AnyTensor:$values, AnyTensor:$indices);
  let assemblyFormat = "$x `,` $k `axis` $axis (`largest` $largest^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def QONNX_OnnxOp : QONNX_Op<"onnx", [Pure]> {
  let summary = "an ONNX node that this dialect has no operator for";
  let description = [{
    Carries operator, domain and attributes as they are, so that the file makes a
    round trip and every such node is reported by name, all at once.

    ```mlir
    %y = qonnx.onnx "Einsum" domain "" (%a, %b) {equation = "ij,jk->ik"} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<*xf32>
    ```
  }];
  let arguments = (ins StrAttr:$op_type, StrAttr:$domain, Variadic<AnyTensor>:$inputs);
  let results = (outs Variadic<AnyTensor>:$results);
  let assemblyFormat = "$op_type `domain` $domain ` ` `(` $inputs `)` attr-dict `:` functional-type(operands, results)";
}

#endif // QONNX_OPS_DATA_TD
