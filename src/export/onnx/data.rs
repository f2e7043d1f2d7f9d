//! Movement and selection. Constants are the graph's business.

use super::{
    form::{Form, Input, inputs},
    tensors,
};
use crate::eval::{Tensor, interpreter::is_channels_last};
use qonnx_dialect::{Op, OpKind, qonnx};

/// The form of an operation of this family.
pub fn form(op: Op<'_>) -> Result<Option<Form<'_>>, String> {
    if is_channels_last(op) {
        return Err("has its channels last, which ONNX has no operator for: run qonnx-lower-channels-last".into());
    }
    let form = match op.kind() {
        OpKind::QonnxReshape => Form::of("Reshape", op).flag("allowzero", op.unit_attribute("allow_zero")),
        OpKind::QonnxView => view(op)?,
        OpKind::QonnxFlatten => Form::of("Flatten", op).int("axis", op.i64_attribute("axis")),
        OpKind::QonnxSqueeze => Form::of("Squeeze", op),
        OpKind::QonnxUnsqueeze => Form::of("Unsqueeze", op),
        OpKind::QonnxTranspose => Form::of("Transpose", op).ints("perm", &op.i64s_attribute("permutation")),
        OpKind::QonnxShape => {
            let form = Form::of("Shape", op).int("start", op.i64_attribute("start"));
            op.optional_i64_attribute("end").into_iter().fold(form, |form, end| form.int("end", end))
        }
        OpKind::QonnxExpand => Form::of("Expand", op),
        OpKind::QonnxTile => Form::of("Tile", op),
        OpKind::QonnxRange => Form::of("Range", op),
        OpKind::QonnxWhere => Form::of("Where", op),
        OpKind::QonnxDepthToSpace => {
            let mode = if op.unit_attribute("column_row_depth") { "CRD" } else { "DCR" };
            Form::of("DepthToSpace", op).int("blocksize", op.i64_attribute("block")).string("mode", mode)
        }
        OpKind::QonnxSpaceToDepth => Form::of("SpaceToDepth", op).int("blocksize", op.i64_attribute("block")),
        OpKind::QonnxGather => Form::of("Gather", op).int("axis", op.i64_attribute("axis")),
        OpKind::QonnxScatter => Form::of("ScatterElements", op).int("axis", 0),
        OpKind::QonnxConcat => Form::of("Concat", op).int("axis", op.i64_attribute("axis")),
        _ => return selection(op),
    };
    Ok(Some(form))
}

/// Operators with optional operands or several results.
fn selection(op: Op<'_>) -> Result<Option<Form<'_>>, String> {
    Ok(match op.kind() {
        OpKind::QonnxSlice => qonnx::Slice::of(op).map(|slice| {
            let (starts, ends) = (Some(slice.starts()), Some(slice.ends()));
            Form::new("Slice", inputs([Some(slice.x()), starts, ends, slice.axes(), slice.steps()]))
        }),
        OpKind::QonnxSplit => qonnx::Split::of(op).map(|split| {
            let form = Form::new("Split", inputs([Some(split.x()), split.lengths()])).int("axis", split.axis());
            // One of the two must be there.
            if split.lengths().is_none() { form.int("num_outputs", op.result_count() as i64) } else { form }
        }),
        OpKind::QonnxPad => qonnx::Pad::of(op).map(|pad| {
            Form::new("Pad", inputs([Some(pad.x()), Some(pad.pads()), pad.value(), pad.axes()]))
                .string("mode", pad.mode().keyword())
        }),
        OpKind::QonnxResize => qonnx::Resize::of(op).map(|resize| {
            // Operand 1 is the region of interest of another mode.
            Form::new("Resize", inputs([Some(resize.x()), None, resize.scales(), resize.sizes()]))
                .string("mode", "nearest")
                .string("coordinate_transformation_mode", resize.transform().keyword())
                .string("nearest_mode", resize.nearest().keyword())
        }),
        OpKind::QonnxConstantOfShape => {
            let Some(constant) = qonnx::ConstantOfShape::of(op) else { return Ok(None) };
            let mut value = tensors::of_attribute("value", constant.value())?;
            // One element, as a vector.
            value.dims = vec![1];
            Some(Form::of("ConstantOfShape", op).tensor("value", value))
        }
        OpKind::QonnxArgMax => qonnx::ArgMax::of(op).map(|search| {
            Form::of("ArgMax", op)
                .int("axis", search.axis())
                .flag("keepdims", search.keep_dims())
                .flag("select_last_index", search.select_last_index())
        }),
        OpKind::QonnxTopK => {
            let form = Form::of("TopK", op).int("axis", op.i64_attribute("axis"));
            Some(form.flag("largest", op.unit_attribute("largest")))
        }
        _ => None,
    })
}

/// A Reshape to the shape of the result.
fn view(op: Op<'_>) -> Result<Form<'_>, String> {
    let shape = op.result(0).tensor_type().and_then(|ty| ty.static_shape()).ok_or("has a result of unknown shape")?;
    let has_zero = shape.contains(&0);
    let shape = Tensor::indices(shape.into_iter().map(|extent| extent as i64).collect());
    let form = Form::new("Reshape", vec![Input::Value(op.operand(0)), Input::Constant("shape", shape)]);
    // Without it, 0 copies an extent of the operand.
    Ok(if has_zero { form.int("allowzero", 1) } else { form })
}
