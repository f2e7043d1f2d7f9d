//! Operations that move elements or choose among them.
//!
//! Where an element comes from does not depend on its value, so the evaluator is asked once, on
//! the numbers of the elements. Its answer becomes loops where it counts in steps, else a table.

use super::{
    axis_of,
    printer::{FloatArray, FloatPrinter},
    split,
};
use crate::{
    eval::{Tensor, convert, evaluate, tensor::IntType},
    export::hlscpp::{
        ExportError,
        code::{affine_index, axes, index, index_by_stride},
        module::node_name,
        nested_affine,
    },
};
use qonnx_dialect::{Op, OpKind, Value, constants::Elements, qonnx};

/// Loops deeper than this are worse to read than a table.
const DEEPEST: usize = 8;

/// Whether an operation moves the elements of its first operand as its other operands, constants, say.
pub(super) fn is_move(op: Op<'_>) -> bool {
    use OpKind::*;
    matches!(
        op.kind(),
        QonnxSlice
            | QonnxGather
            | QonnxSplit
            | QonnxPad
            | QonnxResize
            | QonnxExpand
            | QonnxTile
            | QonnxDepthToSpace
            | QonnxSpaceToDepth
            | QonnxTranspose
    )
}

/// Prints one of these, a loop nest a result.
pub(super) fn movement<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let FloatArray { shape, .. } = printer.array(op.operand(0), op)?;
    let count: usize = shape.iter().product();
    // Counted from 1: 0 is what padding adds.
    let numbers = Tensor::int(IntType::I64, &shape, (1..=count as i64).collect());
    let value = qonnx::Pad::of(op).and_then(qonnx::Pad::value);
    let mut operands = vec![numbers.map_err(|problem| ExportError::node(op, problem.to_string()))?];
    for operand in op.operands().into_iter().skip(1) {
        operands.push(if Some(operand) == value { Tensor::scalar_int(0) } else { constant(operand, op)? });
    }
    let sources = evaluate(op, &operands.iter().collect::<Vec<_>>());
    let sources = sources.map_err(|problem| ExportError::node(op, problem.to_string()))?;
    let padding = match value {
        Some(value) => printer.element(value, op, "0")?,
        None => "0".into(),
    };
    let from = printer.written(op.operand(0), op)?;
    for (position, sources) in sources.iter().enumerate() {
        let sources = sources.to_i64_vec().map_err(|problem| ExportError::node(op, problem.to_string()))?;
        let result = printer.result(op, position)?;
        copy(printer, op, &sources, &from, &result.name, &padding);
    }
    Ok(())
}

fn constant(value: Value<'_>, op: Op<'_>) -> Result<Tensor, ExportError> {
    convert::constant_of(value)
        .ok_or_else(|| ExportError::node(op, "moves elements as a computed value says, which the driver cannot do"))
}

/// `to[i] = from[sources[i] - 1]`, or the padding where a source is 0.
fn copy(printer: &mut FloatPrinter<'_>, op: Op<'_>, sources: &[i64], from: &str, to: &str, padding: &str) {
    let padded = sources.contains(&0);
    let digits = if padded { None } else { nested_affine::decompose(sources) };
    if let Some((digits, first)) = digits.filter(|(digits, _)| digits.len() <= DEEPEST) {
        let extents: Vec<usize> = digits.iter().map(|digit| digit.extent).collect();
        let loops = axes(&extents);
        let source = affine_index(loops.iter().zip(digits.iter().map(|digit| digit.step)), first - 1);
        let count = printer.open_loops(&loops);
        printer.code.line(format!("{to}[{}] = {from}[{source}];", index(&loops, &extents)));
        printer.code.close_all(count);
        return;
    }
    let name = printer.names.name(&format!("{}_sources", node_name(op).unwrap_or_else(|| to.to_string())));
    let count = sources.len();
    printer.write_constant(&name, "int", Elements::Int(sources.iter().map(|source| source - 1).collect()));
    let element = format!("{from}[{name}[i]]");
    let element = if padded { format!("{name}[i] < 0 ? {padding} : {element}") } else { element };
    printer.code.line(format!("for (int i = 0; i < {count}; i++) {to}[i] = {element};"));
}

/// One operand after another along an axis.
pub(super) fn concat<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let result = printer.result(op, 0)?;
    let axis = axis_of(op, "axis", &result.shape)?;
    let (outer, extent, inner) = split(&result.shape, axis);
    let mut offset = 0;
    for part in op.operands() {
        let own = printer.array(part, op)?.shape.get(axis).copied().unwrap_or(1) * inner;
        let from = printer.written(part, op)?;
        let loops = axes(&[outer, own]);
        let count = printer.open_loops(&loops);
        let to = affine_index(loops.iter().zip([(extent * inner) as i64, 1]), offset as i64);
        let at = index_by_stride(loops.iter().zip([own, 1]));
        printer.code.line(format!("{}[{to}] = {from}[{at}];", result.name));
        printer.code.close_all(count);
        offset += own;
    }
    Ok(())
}

/// One of two values, by a condition.
pub(super) fn choose<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    printer.each(op, |printer, axes| {
        let [condition, a, b] = [0, 1, 2].map(|i| printer.broadcast(op.operand(i), op, axes));
        Ok(format!("{} != 0 ? {} : {}", condition?, a?, b?))
    })
}

/// The k largest or smallest along an axis.
pub(super) fn top_k<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let FloatArray { shape, .. } = printer.array(op.operand(0), op)?;
    let from = printer.written(op.operand(0), op)?;
    let (values, indices) = (printer.result(op, 0)?, printer.result(op, 1)?);
    let axis = axis_of(op, "axis", &shape)?;
    let (outer, extent, inner) = split(&shape, axis);
    let k = values.shape.get(axis).copied().unwrap_or(0);
    let loops = axes(&[outer, inner]);
    let count = printer.open_loops(&loops);
    let at = index_by_stride(loops.iter().zip([extent * inner, 1]));
    let to = index_by_stride(loops.iter().zip([k * inner, 1]));
    let largest = op.unit_attribute("largest");
    printer.code.line(format!(
        "float_math::top_k(&{from}[{at}], &{}[{to}], &{}[{to}], {extent}, {k}, {inner}, {largest});",
        values.name, indices.name
    ));
    printer.code.close_all(count);
    Ok(())
}
