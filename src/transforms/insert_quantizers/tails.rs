//! Outputs that end in float operations: a Quant makes them part of the hardware, to a stated precision.

use super::{FixedFormat, Formats, all_known, is_linear, quant, result_names};
use crate::transforms::{hoist_movement::layout_of, split_quant::is_quantizer};
use qonnx_dialect::{Builder, Element, Op, OpKind, Reported, Value};
use std::collections::HashSet;

/// Puts a Quant in front of each output that `formats` names and, if `all`, of each that ends in
/// float operations.
///
/// # Errors
/// If a format names no output, or one that has no float values.
pub(super) fn quantize(function: Op<'_>, formats: &Formats, all: bool) -> Result<(), Reported> {
    let names = result_names(function);
    all_known("output", formats, &names).map_err(|problem| function.error(problem))?;
    let Some(terminator) = function.body().last().copied() else { return Ok(()) };
    for (index, (value, name)) in terminator.operands().into_iter().zip(&names).enumerate() {
        let tail = tail(value).filter(|_| all);
        let format = formats.get(name).copied().or_else(|| tail.map(natural_format));
        let Some(format) = format else { continue };
        if value.tensor_type().is_none_or(|ty| ty.element != Element::F32) {
            return Err(function.error(format!("output '{name}' is {}: only float32 is quantized", value.ty())));
        }
        let quantized = quant(&Builder::before(terminator).named(&format!("{name}_quant")), value, format);
        let ends = tail.map_or(String::new(), |tail| format!(" ends in {} and", operation(tail)));
        quantized.op().remark(format!(
            "output '{name}'{ends} is not quantized in the file: rounded to {format}, half to even, saturating; \
             within its range at most {} from the file's value",
            format.step() / 2.0
        ));
        terminator.set_operand(index, quantized.result());
    }
    Ok(())
}

/// The float operation that gives an output, seen through what moves or selects; a Concat where it joins what
/// one gives. None where quantizers or dot products do (integers and their scale), or what gives integers.
fn tail(value: Value<'_>) -> Option<Op<'_>> {
    let mut op = value.defining_op().filter(|_| ends_in_float(value))?;
    while is_move(op) {
        op = op.operand(0).defining_op()?;
    }
    Some(op)
}

fn is_move(op: Op<'_>) -> bool {
    layout_of(op).is_some() || op.kind() == OpKind::QonnxMaxPool
}

/// Whether an element may come from a float operation behind the last quantizer or dot product.
fn ends_in_float(value: Value<'_>) -> bool {
    let (mut open, mut seen) = (vec![value], HashSet::new());
    while let Some(value) = open.pop() {
        let Some(op) = value.defining_op().filter(|op| seen.insert(*op)) else { continue };
        match op.kind() {
            OpKind::QonnxDequantizeLinear | OpKind::QonnxConstant => {}
            OpKind::QonnxConcat => open.extend(op.operands()),
            _ if is_move(op) => open.push(op.operand(0)),
            _ if is_linear(op) || is_quantizer(op) => {}
            _ if value.tensor_type().is_some_and(|ty| ty.element == Element::F32) => return true,
            _ => {}
        }
    }
    false
}

/// 16 bits, with as many before the binary point as the operation's results need.
fn natural_format(tail: Op<'_>) -> FixedFormat {
    let of = |integer, signed| FixedFormat { width: 16, integer, signed };
    match tail.kind() {
        OpKind::QonnxSoftmax | OpKind::QonnxSigmoid | OpKind::QonnxHardSigmoid => of(1, false),
        OpKind::QonnxTanh | OpKind::QonnxErf | OpKind::QonnxSoftsign => of(2, true),
        _ => FixedFormat::DEFAULT,
    }
}

/// What it is in the IR, and the node's name.
fn operation(op: Op<'_>) -> String {
    format!("{} at {}", op.name(), op.node_name())
}
