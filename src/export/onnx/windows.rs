//! Convolutions, pools, reductions.

use super::form::{Form, inputs};
use crate::{eval::interpreter::is_channels_last, transforms::lower_channels_last::has_onnx_operator};
use qonnx_dialect::{AutoPad, Op, OpKind, Reduction, Value, qonnx};

/// The form of an operation of this family.
pub fn form(op: Op<'_>) -> Result<Option<Form<'_>>, String> {
    if is_channels_last(op) && !has_onnx_operator(op) {
        return Err(
            "has its channels last in a form that ONNX has no operator for: run qonnx-lower-channels-last".into()
        );
    }
    let form = match op.kind() {
        OpKind::QonnxConv => qonnx::Conv::of(op).map(conv),
        OpKind::QonnxConvTranspose => qonnx::ConvTranspose::of(op).map(conv_transpose),
        OpKind::QonnxMaxPool => qonnx::MaxPool::of(op).map(|pool| {
            let form = Form::of("MaxPool", op).ints("kernel_shape", &pool.kernel()).flag("ceil_mode", pool.ceil_mode());
            window(form, &pool.strides(), &pool.pads(), &pool.dilations(), pool.auto_pad())
        }),
        OpKind::QonnxAveragePool => qonnx::AveragePool::of(op).map(|pool| {
            let form = Form::of("AveragePool", op)
                .ints("kernel_shape", &pool.kernel())
                .flag("ceil_mode", pool.ceil_mode())
                .flag("count_include_pad", pool.count_include_pad());
            window(form, &pool.strides(), &pool.pads(), &pool.dilations(), pool.auto_pad())
        }),
        OpKind::QonnxReduce => qonnx::Reduce::of(op).map(reduce),
        _ => None,
    };
    Ok(form.map(|form| if is_channels_last(op) { form.with_channels_last() } else { form }))
}

/// What convolutions and pools have in common. Pads stand beside `auto_pad` only where it leaves them to the file.
fn window<'c>(form: Form<'c>, strides: &[i64], pads: &[i64], dilations: &[i64], auto_pad: AutoPad) -> Form<'c> {
    let form = form.ints("strides", strides).ints("dilations", dilations);
    match auto_pad {
        AutoPad::Notset => form.ints("pads", pads),
        other => form.string("auto_pad", &other.keyword().to_uppercase()),
    }
}

fn conv(conv: qonnx::Conv<'_>) -> Form<'_> {
    let form = Form::new("Conv", inputs([Some(conv.x()), Some(conv.w()), conv.bias()]))
        .ints("kernel_shape", &kernel_of(conv.w(), conv.channels_last()))
        .int("group", conv.group());
    window(form, &conv.strides(), &conv.pads(), &conv.dilations(), conv.auto_pad())
}

fn conv_transpose(conv: qonnx::ConvTranspose<'_>) -> Form<'_> {
    let form = Form::new("ConvTranspose", inputs([Some(conv.x()), Some(conv.w()), conv.bias()]))
        .ints("kernel_shape", &kernel_of(conv.w(), conv.channels_last()))
        .int("group", conv.group())
        .ints("output_padding", &conv.output_padding())
        .ints("output_shape", &conv.output_shape());
    window(form, &conv.strides(), &conv.pads(), &conv.dilations(), conv.auto_pad())
}

/// The spatial extents of weights; empty where they are not known, which ONNX allows.
fn kernel_of(weights: Value<'_>, channels_last: bool) -> Vec<i64> {
    let shape = weights.tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default();
    let spatial = shape.len().saturating_sub(2);
    shape.into_iter().skip(if channels_last { 1 } else { 2 }).take(spatial).map(|extent| extent as i64).collect()
}

/// Axes are an operand in all of them.
fn reduce(reduce: qonnx::Reduce<'_>) -> Form<'_> {
    let name = match reduce.reduction() {
        Reduction::Sum => "ReduceSum",
        Reduction::Mean => "ReduceMean",
        Reduction::Prod => "ReduceProd",
        Reduction::Min => "ReduceMin",
        Reduction::Max => "ReduceMax",
    };
    Form::new(name, inputs([Some(reduce.x()), reduce.axes()]))
        .flag("keepdims", reduce.keep_dims())
        .flag("noop_with_empty_axes", reduce.noop_with_empty_axes())
}
