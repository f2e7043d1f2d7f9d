//! `qonnx-channels-last`: a whole graph with its channels last.

use super::{
    functions::{functions, returned},
    insert_quantizers::{argument_names, result_names},
    lower_channels_last::{permuted, transposed},
    lower_shapes::padded,
    push_transposes::push,
};
use crate::eval::{
    interpreter::{CHANNELS_LAST, is_channels_last, laid_out_operands},
    ops::layout::{channels_first, channels_last},
};
use qonnx_dialect::{Builder, Op, OpKind, Reported, Value, options::QonnxChannelsLastOptions};

/// Puts the channels last in each operation that has some, and moves the transposes out of the way.
///
/// # Errors
/// If the rank of a convolution's or pool's operand or result is not known.
pub fn run(module: Op<'_>, _: &QonnxChannelsLastOptions) -> Result<(), Reported> {
    for function in functions(module) {
        for op in function.body() {
            mark(op)?;
        }
        push(function);
        report(function);
    }
    Ok(())
}

/// The operation with its channels last, between transposes. A matrix of samples and channels has them so already.
fn mark(op: Op<'_>) -> Result<(), Reported> {
    let Some(laid_out) = laid_out_operands(op.kind()).filter(|_| !is_channels_last(op)) else { return Ok(()) };
    let (x, _) = permuted(op, op.operand(0), channels_last)?;
    if x.shape.is_none_or(|shape| shape.len() < 3) {
        return Ok(());
    }
    let op = with_pads(op)?;
    let builder = Builder::before(op);
    let mut operands = op.operands();
    for operand in operands.iter_mut().take(laid_out) {
        *operand = transposed(&builder, op, *operand, channels_last)?;
    }
    let (ty, _) = permuted(op, op.result(0), channels_last)?;
    let last = builder.copy(op, &operands, &[ty.to_type(op.context())]);
    last.set_attribute(CHANNELS_LAST, builder.unit());
    op.replace(&[transposed(&builder, op, last.result(0), channels_first)?]);
    Ok(())
}

/// The operation with its pads as numbers, which every reader of channels last knows; as it is where shapes are open.
fn with_pads(op: Op<'_>) -> Result<Op<'_>, Reported> {
    let is_static = |value: Value<'_>| value.tensor_type().is_some_and(|ty| ty.static_shape().is_some());
    let is_window = op.attribute("auto_pad").is_some() && op.operands().into_iter().all(is_static);
    let Some(padded) = is_window.then(|| padded(op)).transpose()?.flatten() else { return Ok(op) };
    op.replace(&[padded]);
    Ok(padded.defining_op().unwrap_or(op))
}

/// Says of each transpose that is left who needs it.
fn report(function: Op<'_>) {
    let (inputs, outputs) = (argument_names(function), result_names(function));
    let results = returned(function);
    for op in function.body().into_iter().filter(|op| op.kind() == OpKind::QonnxTranspose) {
        let (x, result) = (op.operand(0), op.result(0));
        let output = results.iter().position(|value| *value == result).and_then(|index| outputs.get(index));
        let input = inputs.get(x.index()).filter(|_| x.defining_op().is_none());
        let order = op.i64s_attribute("permutation");
        let place = match (input, output, result.users().first()) {
            (Some(name), ..) => format!("at the input '{name}', which keeps its layout"),
            (_, Some(name), _) => format!("at the output '{name}', which keeps its layout"),
            (.., Some(user)) => {
                format!("in front of {} ({}), which depends on the layout", user.node_name(), user.name())
            }
            (.., None) => continue,
        };
        op.remark(format!("a transpose {order:?} is left {place}"));
    }
}
