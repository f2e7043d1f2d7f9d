//! `qonnx-lower-movement`: what only selects and repeats elements becomes gathers.
//!
//! Slice, Split, Gather, Resize to the nearest, Expand, Tile and Pad of the modes reflect,
//! edge and wrap all take, along each axis, elements by position. The evaluator tells which:
//! it runs the operation on a tensor of positions. So every operation has its one meaning,
//! and what follows knows `view` and `gather` by constant indices only.

use super::functions::{erase_dead, functions};
use crate::eval::{
    Tensor,
    convert::{constant_of, qonnx_constant},
    evaluate,
};
use ndarray::{ArrayD, Dimension, IxDyn};
use qonnx_dialect::{
    Builder, Op, OpKind, PadMode, Reported, TensorType, Value, options::QonnxLowerMovementOptions, qonnx,
};

/// Replaces each such operation whose parameters are constant and whose shapes are known.
///
/// # Errors
/// Where the evaluator refuses the operation.
pub fn run(module: Op<'_>, _: &QonnxLowerMovementOptions) -> Result<(), Reported> {
    for function in functions(module) {
        for op in function.body().into_iter().filter(|op| selects(*op)) {
            lower(op).map_err(|problem| op.error(problem))?;
        }
        erase_dead(function);
    }
    Ok(())
}

fn selects(op: Op<'_>) -> bool {
    match op.kind() {
        OpKind::QonnxSlice
        | OpKind::QonnxSplit
        | OpKind::QonnxResize
        | OpKind::QonnxExpand
        | OpKind::QonnxTile
        | OpKind::QonnxGather => true,
        OpKind::QonnxPad => qonnx::Pad::of(op).is_some_and(|pad| pad.mode() != PadMode::Constant),
        _ => false,
    }
}

fn lower(op: Op<'_>) -> Result<(), String> {
    let x = op.operand(0);
    let known: Option<Vec<Tensor>> = op.operands().into_iter().skip(1).map(constant_of).collect();
    let (Some(known), Some(from)) = (known, x.tensor_type().and_then(|ty| ty.static_shape())) else { return Ok(()) };
    let results = op.results();
    let shapes: Option<Vec<Vec<usize>>> =
        results.iter().map(|result| result.tensor_type().and_then(|ty| ty.static_shape())).collect();
    let Some(shapes) = shapes else { return Ok(()) };
    if from.contains(&0) || shapes.iter().any(|shape| shape.contains(&0)) {
        return Ok(());
    }
    let values = match op.kind() {
        OpKind::QonnxGather => match gathered(op, x, &known[0], &shapes[0]) {
            Some(value) => vec![value],
            None => return Ok(()),
        },
        _ => selected(op, x, &known, &from, &shapes)?,
    };
    op.replace(&values);
    Ok(())
}

/// Indices of any rank: a list of them, then a view.
fn gathered<'c>(op: Op<'c>, x: Value<'c>, indices: &Tensor, shape: &[usize]) -> Option<Value<'c>> {
    if indices.rank() == 1 {
        return None;
    }
    let rank = x.tensor_type()?.shape?.len();
    let axis = crate::eval::ops::layout::axis_index(op.i64_attribute("axis"), rank).ok()?;
    let picked = gather(op, x, axis, indices.to_i64_vec().ok()?);
    Some(viewed(op, picked, shape))
}

/// For each result a gather along each axis where positions change.
fn selected<'c>(
    op: Op<'c>,
    x: Value<'c>,
    known: &[Tensor],
    from: &[usize],
    shapes: &[Vec<usize>],
) -> Result<Vec<Value<'c>>, String> {
    // Expand may add axes in front.
    let rank = shapes.first().map_or(from.len(), Vec::len).max(from.len());
    let ranked = [vec![1; rank - from.len()], from.to_vec()].concat();
    let mut values = vec![viewed(op, x, &ranked); shapes.len()];
    for (axis, extent) in ranked.iter().enumerate() {
        // As many elements as before: nothing is stretched there.
        if op.kind() == OpKind::QonnxResize && shapes.iter().all(|shape| shape[axis] == *extent) {
            continue;
        }
        for (value, indices) in values.iter_mut().zip(positions(op, known, &ranked, axis)?) {
            if indices.iter().copied().ne(0..*extent as i64) {
                *value = gather(op, *value, axis, indices);
            }
        }
    }
    Ok(values)
}

/// Where each result's elements come from along one axis.
fn positions(op: Op<'_>, known: &[Tensor], shape: &[usize], axis: usize) -> Result<Vec<Vec<i64>>, String> {
    let coordinates = ArrayD::from_shape_fn(IxDyn(shape), |index| index.slice()[axis] as i64);
    let coordinates = Tensor::Int(crate::eval::IntType::I64, coordinates);
    let operands: Vec<&Tensor> = std::iter::once(&coordinates).chain(known).collect();
    let results = evaluate(op, &operands).map_err(|problem| problem.to_string())?;
    let along = |result: &Tensor| {
        let mut line = result.as_int().map_err(|problem| problem.to_string())?.view();
        for other in (0..shape.len()).filter(|other| *other != axis) {
            line.slice_axis_inplace(ndarray::Axis(other), ndarray::Slice::from(0..1));
        }
        Ok(line.iter().copied().collect())
    };
    results.iter().map(along).collect()
}

fn gather<'c>(op: Op<'c>, x: Value<'c>, axis: usize, indices: Vec<i64>) -> Value<'c> {
    let builder = Builder::before(op);
    let ty = x.tensor_type().map(|mut ty| {
        if let Some(extent) = ty.shape.as_mut().and_then(|shape| shape.get_mut(axis)) {
            *extent = Some(indices.len());
        }
        ty.to_type(op.context())
    });
    let indices = qonnx_constant(&builder, &Tensor::indices(indices));
    qonnx::Gather::build(&builder, x, indices, axis as i64, [ty.unwrap_or(x.ty())]).result()
}

fn viewed<'c>(op: Op<'c>, x: Value<'c>, shape: &[usize]) -> Value<'c> {
    let Some(ty) = x.tensor_type().filter(|ty| ty.static_shape().as_deref() != Some(shape)) else { return x };
    let ty = TensorType::new(ty.element, shape).to_type(op.context());
    qonnx::View::build(&Builder::before(op), x, [ty]).result()
}
