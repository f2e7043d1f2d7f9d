//! `qonnx-extract-bias`: a convolution's bias as the addition that it is.

use super::functions::operations;
use crate::eval::{
    convert::{constant_of, qonnx_constant},
    interpreter::is_channels_last,
    ops::layout,
};
use qonnx_dialect::{Builder, Op, Reported, Type, Value, options::QonnxExtractBiasOptions, qonnx};

/// Replaces each convolution that has a bias.
///
/// # Errors
/// If the rank of a convolution or the length of its bias is not known.
pub fn run(module: Op<'_>, _: &QonnxExtractBiasOptions) -> Result<(), Reported> {
    for op in operations(module) {
        let Some((bias, sum)) = without_bias(op) else { continue };
        let builder = Builder::before(op);
        let addend = per_channel(&builder, op, bias)?;
        let result = qonnx::Add::build(&builder, sum, addend, [op.result(0).ty()]).result();
        op.replace(&[result]);
    }
    Ok(())
}

/// The bias of a convolution and the same convolution without; None where there is no bias.
fn without_bias<'c>(op: Op<'c>) -> Option<(Value<'c>, Value<'c>)> {
    let (builder, ty): (_, Type<'c>) = (Builder::before(op), op.result_count().eq(&1).then(|| op.result(0).ty())?);
    if let Some(conv) = qonnx::Conv::of(op) {
        let (bias, strides, pads, dilations) = (conv.bias()?, conv.strides(), conv.pads(), conv.dilations());
        let (group, auto_pad) = (conv.group(), conv.auto_pad());
        let (x, w) = (conv.x(), conv.w());
        let sum = qonnx::Conv::build(
            &builder,
            x,
            w,
            None,
            &strides,
            &pads,
            &dilations,
            group,
            auto_pad,
            conv.channels_last(),
            [ty],
        );
        return Some((bias, sum.result()));
    }
    let conv = qonnx::ConvTranspose::of(op)?;
    let bias = conv.bias()?;
    let sum = qonnx::ConvTranspose::build(
        &builder,
        conv.x(),
        conv.w(),
        None,
        &conv.strides(),
        &conv.pads(),
        &conv.dilations(),
        &conv.output_padding(),
        &conv.output_shape(),
        conv.group(),
        conv.auto_pad(),
        conv.channels_last(),
        [ty],
    );
    Some((bias, sum.result()))
}

/// The bias in a shape that broadcasts along the channels: [1, channels, 1, ...].
fn per_channel<'c>(builder: &Builder<'c>, op: Op<'c>, bias: Value<'c>) -> Result<Value<'c>, Reported> {
    let unknown = || op.error("its shape or that of its bias is not known; run qonnx-infer-shapes first");
    let rank = op.result(0).tensor_type().and_then(|ty| ty.shape).map(|shape| shape.len()).ok_or_else(unknown)?;
    let ty = bias.tensor_type().ok_or_else(unknown)?;
    let channels = ty.static_shape().ok_or_else(unknown)?.iter().product();
    let mut shape = vec![1; rank];
    let channels_axis = if is_channels_last(op) { rank.max(1) - 1 } else { 1 };
    if let Some(axis) = shape.get_mut(channels_axis) {
        *axis = channels;
    }
    match constant_of(bias).filter(|tensor| crate::eval::convert::element_type(tensor) == ty.element) {
        Some(tensor) => {
            let tensor = layout::with_shape(&tensor, &shape).map_err(|problem| op.error(problem.to_string()))?;
            Ok(qonnx_constant(builder, &tensor))
        }
        None => Ok(qonnx::View::build(builder, bias, [builder.tensor(ty.element, &shape)]).result()),
    }
}
