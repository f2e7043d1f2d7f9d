//! `qonnx-lower-channels-last`: an operation with its channels last as the one on channels first, between transposes.

use super::functions::operations;
use crate::eval::{
    interpreter::{CHANNELS_LAST, is_channels_last, laid_out_operands},
    ops::layout::{channels_first, channels_last},
};
use qonnx_dialect::{
    AutoPad, Builder, Element, Op, OpKind, Reported, TensorType, Value, options::QonnxLowerChannelsLastOptions, qonnx,
};

/// Replaces each operation with its channels last; with `for-onnx` those that ONNX files cannot say.
///
/// # Errors
/// If the rank of an operand or a result is not known.
pub fn run(module: Op<'_>, options: &QonnxLowerChannelsLastOptions) -> Result<(), Reported> {
    for op in operations(module).filter(|op| is_channels_last(*op)) {
        if !(options.for_onnx && has_onnx_operator(op)) {
            lower(op)?;
        }
    }
    Ok(())
}

/// Whether the domain `qonnx.custom_op.channels_last` has the operation, and infers its shape as it is: float32 of one
/// or two spatial axes, pads written out, of a MaxPool equal on both sides.
pub fn has_onnx_operator(op: Op<'_>) -> bool {
    let Some(ty) = op.operands().first().and_then(|x| x.tensor_type()) else { return false };
    let rank = ty.shape.map_or(0, |shape| shape.len());
    if ty.element != Element::F32 || !(3..=4).contains(&rank) {
        return false;
    }
    let is_padded = op.optional_i64_attribute("auto_pad") == Some(AutoPad::Notset.number());
    match op.kind() {
        OpKind::QonnxBatchNormalization => true,
        OpKind::QonnxConv => is_padded,
        OpKind::QonnxMaxPool => {
            let pads = op.i64s_attribute("pads");
            let (front, behind) = pads.split_at(pads.len() / 2);
            let plain = op.i64s_attribute("dilations").iter().all(|dilation| *dilation == 1);
            is_padded && plain && front == behind && !op.unit_attribute("ceil_mode")
        }
        _ => false,
    }
}

fn lower(op: Op<'_>) -> Result<(), Reported> {
    let laid_out = laid_out_operands(op.kind()).unwrap_or(0);
    let builder = Builder::before(op);
    let mut operands = op.operands();
    for operand in operands.iter_mut().take(laid_out) {
        *operand = transposed(&builder, op, *operand, channels_first)?;
    }
    let attributes = op.attributes();
    let kept = attributes.iter().filter(|(name, _)| name != CHANNELS_LAST);
    let attributes: Vec<_> = kept.map(|(name, value)| (name.as_str(), *value)).collect();
    let types = op.results().into_iter().map(|result| permuted(op, result, channels_first));
    let types = types.map(|ty| ty.map(|(ty, _)| ty.to_type(op.context()))).collect::<Result<Vec<_>, _>>()?;
    let first = builder.create(op.name(), &operands, &attributes, &types);
    let back = first.results().into_iter().map(|result| transposed(&builder, op, result, channels_last));
    let results = back.collect::<Result<Vec<_>, _>>()?;
    op.replace(&results);
    Ok(())
}

/// The value by the permutation of its rank.
pub fn transposed<'c>(
    builder: &Builder<'c>,
    op: Op<'c>,
    value: Value<'c>,
    permutation: fn(usize) -> Vec<i64>,
) -> Result<Value<'c>, Reported> {
    let (ty, permutation) = permuted(op, value, permutation)?;
    Ok(qonnx::Transpose::build(builder, value, &permutation, [ty.to_type(op.context())]).result())
}

/// The value's type by the permutation of its rank, and that.
pub fn permuted(
    op: Op<'_>,
    value: Value<'_>,
    permutation: fn(usize) -> Vec<i64>,
) -> Result<(TensorType, Vec<i64>), Reported> {
    let known = value.tensor_type().and_then(|ty| Some((ty.element, ty.shape?)));
    let unknown = || op.error(format!("a rank is not known: {}; run qonnx-infer-shapes first", value.ty()));
    let (element, shape) = known.ok_or_else(unknown)?;
    let permutation = permutation(shape.len());
    let moved = permutation.iter().map(|axis| shape.get(*axis as usize).copied().flatten()).collect();
    Ok((TensorType { element, shape: Some(moved) }, permutation))
}
