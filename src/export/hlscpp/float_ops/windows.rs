//! Pools and reductions, in the evaluator's order of float operations.

use super::printer::{FloatPrinter, Scalar};
use crate::{
    eval::{convert, ops::layout::axis_index},
    export::hlscpp::{
        ExportError,
        code::{Axis, affine_index, axes, index, index_by_stride, strides, term_axes},
    },
};
use qonnx_dialect::{AutoPad, Op, OpKind, Reduction, qonnx};

fn floats(printer: &FloatPrinter<'_>, op: Op<'_>) -> Result<(), ExportError> {
    match printer.values_type(op.operand(0)) {
        Some(Scalar::Float) => Ok(()),
        _ => Err(ExportError::node(op, format!("computes on {}, expected float32 on the host", op.operand(0).ty()))),
    }
}

/// One spatial axis of a pool.
struct PooledAxis {
    extent: i64,
    stride: i64,
    dilation: i64,
    front: i64,
    behind: i64,
}

impl PooledAxis {
    /// The position of a window's element.
    fn position(&self, window: &Axis, element: &Axis) -> String {
        let terms = [(window, self.stride), (element, self.dilation)];
        affine_index(terms.into_iter(), -self.front)
    }
}

fn pooled_axes(op: Op<'_>, spatial: &[usize]) -> Result<Vec<PooledAxis>, ExportError> {
    if op.i64_attribute("auto_pad") != AutoPad::Notset.number() {
        return Err(ExportError::node(op, "has padding that is not written out; run qonnx-lower-shapes"));
    }
    let [strides, dilations, pads] = ["strides", "dilations", "pads"].map(|name| op.i64s_attribute(name));
    let axis = |(position, extent): (usize, &usize)| {
        Some(PooledAxis {
            extent: *extent as i64,
            stride: strides.get(position).copied()?,
            dilation: dilations.get(position).copied()?,
            front: pads.get(position).copied()?,
            behind: pads.get(position + spatial.len()).copied()?,
        })
    };
    let axes: Option<Vec<PooledAxis>> = spatial.iter().enumerate().map(axis).collect();
    axes.ok_or_else(|| ExportError::node(op, "has a window of another rank than its operand"))
}

/// The greatest element of each window, or the sum over their number; padding is left out.
pub(super) fn pool<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    floats(printer, op)?;
    let shape = printer.array(op.operand(0), op)?.shape;
    let pooled = pooled_axes(op, shape.get(2..).unwrap_or_default())?;
    let kernel: Vec<usize> = op.i64s_attribute("kernel").iter().filter_map(|k| usize::try_from(*k).ok()).collect();
    let from = printer.written(op.operand(0), op)?;
    let result = printer.result(op, 0)?;
    let (loops, terms) = (axes(&result.shape), term_axes(&kernel));
    let average = op.kind() == OpKind::QonnxAveragePool;
    let count = printer.code.open_loops("", &loops);
    printer.code.line(if average { "float sum = 0.0f;" } else { "float most = -INFINITY;" });
    if average {
        printer.code.line("int elements = 0;");
    }
    let inner = printer.code.open_loops("", &terms);
    let places = loops.iter().skip(2).zip(&terms).zip(&pooled);
    let positions: Vec<String> = places.map(|((window, element), axis)| axis.position(window, element)).collect();
    let planes: Vec<Axis> = loops.iter().take(2).cloned().collect();
    pool_element(printer, op, &pooled, &positions, &format!("{from}[{}]", pool_index(&planes, &shape)));
    printer.code.close_all(inner);
    let value = if average { "sum / static_cast<float>(elements)" } else { "most" };
    printer.code.line(format!("{}[{}] = {value};", result.name, index(&loops, &result.shape)));
    printer.code.close_all(count);
    Ok(())
}

/// The flat index of position (at0, at1, ...) of a plane.
fn pool_index(planes: &[Axis], shape: &[usize]) -> String {
    // Of any extent but 1, whose variables are not written.
    let spatial = (0..shape.len().saturating_sub(2)).map(|axis| Axis { variable: format!("at{axis}"), extent: 2 });
    let all: Vec<Axis> = planes.iter().cloned().chain(spatial).collect();
    index_by_stride(all.iter().zip(strides(shape)))
}

/// Takes one element of a window into account, if it is no padding.
fn pool_element(printer: &mut FloatPrinter<'_>, op: Op<'_>, axes: &[PooledAxis], positions: &[String], element: &str) {
    let average = op.kind() == OpKind::QonnxAveragePool;
    let with_padding = average && op.unit_attribute("count_include_pad");
    for (axis, position) in positions.iter().enumerate() {
        printer.code.line(format!("const int at{axis} = {position};"));
    }
    let all = |condition: &dyn Fn(usize, &PooledAxis) -> String| {
        axes.iter().enumerate().map(|(i, axis)| condition(i, axis)).collect::<Vec<_>>().join(" && ")
    };
    if with_padding {
        let reached = all(&|i, axis| format!("at{i} < {}", axis.extent + axis.behind));
        printer.code.line(format!("if ({reached}) elements++;"));
    }
    printer.code.open(format!("if ({})", all(&|i, axis| format!("at{i} >= 0 && at{i} < {}", axis.extent))));
    printer.code.line(format!("const float x = {element};"));
    printer.code.line(if average { "sum += x;" } else { "most = x > most ? x : most;" });
    if average && !with_padding {
        printer.code.line("elements++;");
    }
    printer.code.close();
}

/// Sum, mean, product, least or greatest along axes.
pub(super) fn reduce<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let Some(view) = qonnx::Reduce::of(op) else { return Err(ExportError::node(op, "is no reduction")) };
    let shape = printer.array(op.operand(0), op)?.shape;
    let reduced = reduced_axes(view, shape.len())?;
    if !reduced.contains(&true) {
        return printer.alias(op);
    }
    floats(printer, op)?;
    let first = reduced.iter().position(|reduced| *reduced).unwrap_or(0);
    let trailing = reduced.iter().skip(first).all(|reduced| *reduced);
    let count: usize = shape.iter().zip(&reduced).filter(|(_, reduced)| **reduced).map(|(extent, _)| extent).product();
    let is_mean = view.reduction() == Reduction::Mean;
    if trailing && (is_mean || view.reduction() == Reduction::Sum) {
        // A mean over all spatial axes has an order of its own, which depends on the channels.
        let global = is_mean && view.keep_dims() && first == 2 && shape.len() > 2;
        let in_order = shape.get(1).is_some_and(|channels| channels % 8 == 0);
        let function = match global {
            false => "eigen_sum",
            true if in_order => "sum",
            true => "sum_by_four",
        };
        return sum_rows(printer, op, count, function, is_mean);
    }
    fold(printer, op, view.reduction(), &shape, &reduced, count)
}

fn reduced_axes(view: qonnx::Reduce<'_>, rank: usize) -> Result<Vec<bool>, ExportError> {
    let op = view.op();
    let constant = |value| {
        let axes = convert::constant_of(value).and_then(|axes| axes.to_i64_vec().ok());
        axes.ok_or_else(|| ExportError::node(op, "reduces axes that are no constant"))
    };
    let list = view.axes().map(constant).transpose()?.unwrap_or_default();
    if list.is_empty() {
        return Ok(vec![!view.noop_with_empty_axes(); rank]);
    }
    let mut reduced = vec![false; rank];
    for axis in list {
        let axis = axis_index(axis, rank).map_err(|problem| ExportError::node(op, problem.to_string()))?;
        if let Some(reduced) = reduced.get_mut(axis) {
            *reduced = true;
        }
    }
    Ok(reduced)
}

/// Sums of neighbours in memory.
fn sum_rows<'c>(
    printer: &mut FloatPrinter<'c>,
    op: Op<'c>,
    count: usize,
    function: &str,
    is_mean: bool,
) -> Result<(), ExportError> {
    let from = printer.written(op.operand(0), op)?;
    let result = printer.result(op, 0)?;
    let rows: usize = result.shape.iter().product();
    let divisor = if is_mean { format!(" / {count}.0f") } else { String::new() };
    printer.code.line(format!(
        "for (int i = 0; i < {rows}; i++) {}[i] = float_math::{function}(&{from}[0], i * {count}L, {count}){divisor};",
        result.name
    ));
    Ok(())
}

/// One element after another, in row-major order of the reduced axes.
fn fold<'c>(
    printer: &mut FloatPrinter<'c>,
    op: Op<'c>,
    reduction: Reduction,
    shape: &[usize],
    reduced: &[bool],
    count: usize,
) -> Result<(), ExportError> {
    let part = |wanted: bool| -> (Vec<usize>, Vec<usize>) {
        let all = shape.iter().copied().zip(strides(shape)).zip(reduced);
        all.filter(|(_, reduced)| **reduced == wanted).map(|(axis, _)| axis).unzip()
    };
    let ((kept, kept_strides), (folded, folded_strides)) = (part(false), part(true));
    let from = printer.written(op.operand(0), op)?;
    let result = printer.result(op, 0)?;
    let (loops, terms) = (axes(&kept), term_axes(&folded));
    let outer = printer.code.open_loops("", &loops);
    let at = |terms: &[Axis]| {
        let kept = loops.iter().zip(kept_strides.iter().copied());
        index_by_stride(kept.chain(terms.iter().zip(folded_strides.iter().copied())))
    };
    printer.code.line(format!("float value = {from}[{}];", at(&[])));
    printer.code.line("bool first = true;");
    let inner = printer.code.open_loops("", &terms);
    printer.code.line(format!("const float x = {from}[{}];", at(&terms)));
    let next = match reduction {
        Reduction::Sum | Reduction::Mean => "value + x",
        Reduction::Prod => "value * x",
        Reduction::Min => "float_math::min(value, x)",
        Reduction::Max => "float_math::max(value, x)",
    };
    printer.code.line(format!("value = first ? x : {next};"));
    printer.code.line("first = false;");
    printer.code.close_all(inner);
    let divisor = if reduction == Reduction::Mean { format!(" / {count}.0f") } else { String::new() };
    printer.code.line(format!("{}[{}] = value{divisor};", result.name, index(&loops, &kept)));
    printer.code.close_all(outer);
    Ok(())
}
