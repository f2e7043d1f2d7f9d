//! Movement by positions that are constants: gathers from a flat operand, and masks.

use super::{
    ImportError,
    computed_indices::Computed,
    node::{Context, INT64, Node, element_of},
    tensors,
};
use crate::eval::{IntType, Tensor, ops::layout, tensor};
use ndarray::{ArrayD, Dimension, IxDyn};
use qonnx_dialect::{Element, PadMode, Value, qonnx};
use std::rc::Rc;

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "GatherElements" => gather_elements(cx, node)?,
        "GatherND" => gather_nd(cx, node)?,
        "ReverseSequence" => reverse_sequence(cx, node)?,
        "Compress" => compress(cx, node)?,
        "CenterCropPad" => center_crop_pad(cx, node)?,
        "OneHot" => one_hot(cx, node)?,
        "Trilu" => triangle(cx, node)?,
        "EyeLike" => eye_like(cx, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

impl<'c> Context<'_, 'c> {
    /// Elements of `x` by their place in row-major order, in the shape of `places`.
    pub fn take_flat(&self, x: Value<'c>, places: ArrayD<i64>) -> Value<'c> {
        self.take(self.reshape(x, &[-1]), 0, &Tensor::Int(IntType::I64, places))
    }

    /// A constant operand.
    ///
    /// # Errors
    /// If it is not there or depends on the graph's inputs.
    pub fn fixed(&self, node: &Node<'_, 'c>, index: usize, what: &str) -> Result<Rc<Tensor>, ImportError> {
        let known = self.known(node.operand(index)?);
        known
            .ok_or_else(|| node.error(format!("its {what} are not constant: hardware moves elements in one fixed way")))
    }
}

/// The array of a constant operand's integers.
pub fn integers(node: &Node<'_, '_>, tensor: &Tensor) -> Result<ArrayD<i64>, ImportError> {
    tensor.as_int().cloned().map_err(|problem| node.error(problem))
}

/// The place in row-major order of an index, which may count from the end.
pub fn place(node: &Node<'_, '_>, shape: &[usize], index: impl Iterator<Item = i64>) -> Result<i64, ImportError> {
    let mut place = 0;
    for (axis, (extent, index)) in shape.iter().zip(index).enumerate() {
        let index = layout::axis_index(index, *extent)
            .map_err(|_| node.error(format!("index {index} lies outside axis {axis} of {extent} elements")))?;
        place = place * extent + index;
    }
    Ok(place as i64)
}

/// `index` with another value on an axis.
fn replaced(index: &IxDyn, axis: usize, value: i64) -> impl Iterator<Item = i64> {
    index.slice().iter().enumerate().map(move |(at, old)| if at == axis { value } else { *old as i64 })
}

/// Where each element of an operand with these indices along `axis` lies in a tensor of `shape`.
pub fn places_along(
    node: &Node<'_, '_>,
    shape: &[usize],
    axis: usize,
    indices: &ArrayD<i64>,
) -> Result<ArrayD<i64>, ImportError> {
    let fits = indices.ndim() == shape.len();
    let within = |(at, (count, extent)): (usize, (&usize, &usize))| at == axis || count <= extent;
    if !fits || !indices.shape().iter().zip(shape).enumerate().all(within) {
        return Err(node.error(format!("indices of shape {:?} do not fit an operand of {shape:?}", indices.shape())));
    }
    let places = indices.indexed_iter().map(|(at, index)| place(node, shape, replaced(&at, axis, *index)));
    array(node, indices.shape(), places.collect::<Result<_, _>>()?)
}

/// An array of `shape` with `values` in row-major order.
pub fn array<T>(node: &Node<'_, '_>, shape: &[usize], values: Vec<T>) -> Result<ArrayD<T>, ImportError> {
    tensor::array(shape, values).map_err(|problem| node.error(problem))
}

fn gather_elements<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    let axis = node.axis(node.proto.int("axis")?.unwrap_or(0), shape.len())?;
    if let Some(computed) = Computed::of(cx, node)? {
        return Ok(computed.gather(cx, computed.elements(cx, node, axis)?));
    }
    let indices = integers(node, &*cx.fixed(node, 1, "indices")?)?;
    Ok(cx.take_flat(x, places_along(node, &shape, axis, &indices)?))
}

/// Each index names a part of `x`: of all axes behind `batch` but those that the index has.
fn gather_nd<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    let batch = usize::try_from(node.proto.int("batch_dims")?.unwrap_or(0)).unwrap_or(usize::MAX);
    if let Some(computed) = Computed::of(cx, node)? {
        let (starts, depth) = computed.parts(cx, node, batch)?;
        return Ok(computed.gather(cx, computed.spread(cx, node, starts, depth)?));
    }
    let indices = integers(node, &*cx.fixed(node, 1, "indices")?)?;
    let parts = nd_parts(node, &shape, &indices, batch)?;
    let outer = indices.shape().split_last().map_or(&[][..], |(_, outer)| outer);
    let result = [outer, &shape[parts.depth..]].concat();
    node.positions(&result)?;
    let places = parts.starts.iter().flat_map(|start| *start..*start + parts.size);
    Ok(cx.take_flat(x, array(node, &result, places.collect())?))
}

/// Parts of a tensor that GatherND and ScatterND name.
pub struct Parts {
    /// Where each begins, in row-major order.
    pub starts: Vec<i64>,
    /// How many elements each has.
    pub size: i64,
    /// How many axes an index names, those of the batch among them.
    pub depth: usize,
}

/// The parts of a tensor of `shape` that indices (..., depth) name, of which the first `batch` axes go with it.
pub fn nd_parts(
    node: &Node<'_, '_>,
    shape: &[usize],
    indices: &ArrayD<i64>,
    batch: usize,
) -> Result<Parts, ImportError> {
    let named = indices.shape().last().copied().unwrap_or(0);
    let depth = batch.saturating_add(named);
    if depth > shape.len() || batch >= indices.ndim() {
        let found = indices.shape();
        return Err(node.error(format!("indices of shape {found:?} name too many axes of an operand of {shape:?}")));
    }
    let size: usize = shape[depth..].iter().product();
    let lanes = indices.lanes(ndarray::Axis(indices.ndim() - 1));
    let outer = IxDyn(&indices.shape()[..indices.ndim() - 1]);
    let mut starts = Vec::new();
    for (at, lane) in ndarray::indices(outer).into_iter().zip(lanes) {
        let leading = at.slice()[..batch].iter().map(|index| *index as i64);
        starts.push(place(node, shape, leading.chain(lane.iter().copied()))? * size as i64);
    }
    Ok(Parts { starts, size: size as i64, depth })
}

/// The first so many elements of each sequence backwards.
fn reverse_sequence<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    let batch = node.axis(node.proto.int("batch_axis")?.unwrap_or(1), shape.len())?;
    let time = node.axis(node.proto.int("time_axis")?.unwrap_or(0), shape.len())?;
    let lengths = integers(node, &*cx.fixed(node, 1, "lengths")?)?;
    node.positions(&shape)?;
    let from = |at: &IxDyn| {
        let length = lengths.get([at[batch]].as_slice()).copied().unwrap_or(0);
        let step = at[time] as i64;
        place(node, &shape, replaced(at, time, if step < length { length - 1 - step } else { step }))
    };
    let places = ndarray::indices(IxDyn(&shape)).into_iter().map(|at| from(&at)).collect::<Result<_, _>>()?;
    Ok(cx.take_flat(x, array(node, &shape, places)?))
}

fn compress<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let condition = integers(node, &*cx.fixed(node, 1, "conditions")?)?;
    let chosen = condition.iter().enumerate().filter(|(_, chosen)| **chosen != 0).map(|(index, _)| index as i64);
    let chosen = Tensor::indices(chosen.collect());
    Ok(match node.proto.int("axis")? {
        Some(axis) => cx.take(x, axis, &chosen),
        None => cx.take(cx.reshape(x, &[-1]), 0, &chosen),
    })
}

/// Each axis loses or gains as much in front as behind; an odd element is lost or gained behind.
fn center_crop_pad<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    let target = integers(node, &*cx.fixed(node, 1, "extents")?)?;
    let all: Vec<i64> = (0..shape.len() as i64).collect();
    let axes = node.proto.ints("axes")?.unwrap_or(&all);
    let (mut value, mut pads) = (x, vec![0; 2 * shape.len()]);
    for (axis, wanted) in axes.iter().zip(&target) {
        let axis = node.axis(*axis, shape.len())?;
        let surplus = (shape[axis] as i64).saturating_sub(*wanted);
        if surplus > 0 {
            let kept = surplus / 2..surplus / 2 + (*wanted).max(0);
            node.positions(&[kept.clone().count()])?;
            value = cx.take(value, axis as i64, &Tensor::indices(kept.collect()));
        }
        pads[axis] = (-surplus).max(0) / 2;
        pads[axis + shape.len()] = (-surplus).max(0) - pads[axis];
    }
    let (pads, ty) = (cx.indices(&pads), cx.like(x));
    Ok(qonnx::Pad::build(&cx.builder, PadMode::Constant, value, pads, None, None, [ty]).result())
}

/// Indices may count from the end.
fn one_hot<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (indices, values) = (cx.cast(node.operand(0)?, INT64), node.operand(2)?);
    let depth = cx.fixed(node, 1, "depths")?.only_value().map_err(|problem| node.error(problem))?;
    let depth = node.positions(&[depth.max(0.0) as usize])? as i64;
    let rank = node.rank(node.operand(0)?)? + 1;
    let axis = node.axis(node.proto.int("axis")?.unwrap_or(-1), rank)?;
    let indices = qonnx::Unsqueeze::build(&cx.builder, indices, Some(cx.indices(&[axis as i64])), [cx.unranked(INT64)]);
    let against = |from: i64| {
        let shape: Vec<usize> =
            std::iter::once(depth as usize).chain(std::iter::repeat_n(1, rank - 1 - axis)).collect();
        let places = cx.int64s(node, &shape, (from..from + depth).collect())?;
        Ok::<_, ImportError>(cx.compare("qonnx.equal", indices.result(), places))
    };
    let hot = cx.apply("qonnx.or", &[against(0)?, against(-depth)?]);
    let value = |index| cx.take(values, 0, &Tensor::scalar_int(index));
    Ok(cx.select(hot, value(1), value(0)))
}

/// The part on and above the k-th diagonal, or on and below it; 0 elsewhere.
fn triangle<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let shape = x.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
    let [.., Some(rows), Some(columns)] = shape[..] else {
        return Err(node.error("the extents of its operand's last two axes are not known"));
    };
    let diagonal = match node.optional(1) {
        Some(_) => cx.fixed(node, 1, "diagonals")?.only_value().map_err(|problem| node.error(problem))?,
        None => 0.0,
    };
    let (upper, diagonal) = (node.flag("upper", 1)?, diagonal as i64);
    node.positions(&[rows, columns])?;
    let kept = |at: usize| {
        let offset = (at % columns) as i64 - (at / columns) as i64;
        i64::from(if upper { offset >= diagonal } else { offset <= diagonal })
    };
    let mask = array(node, &[rows, columns], (0..rows * columns).map(kept).collect())?;
    let mask = cx.constant(Element::Bool, &Tensor::Int(IntType::BOOL, mask));
    Ok(cx.select(mask, x, cx.scalar_like(x, 0.0)))
}

fn eye_like<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    let &[rows, columns] = &shape[..] else {
        return Err(node.error(format!("its operand has rank {}, expected a matrix", shape.len())));
    };
    let element = match node.proto.int("dtype")? {
        Some(number) => tensors::element_of_number(number)
            .ok_or_else(|| node.error(format!("has the unknown element type {number}")))?,
        None => element_of(x),
    };
    let diagonal = node.proto.int("k")?.unwrap_or(0);
    node.positions(&shape)?;
    let one = |at: usize| i64::from((at % columns) as i64 - (at / columns) as i64 == diagonal);
    let eye = cx.int64s(node, &shape, (0..rows * columns).map(one).collect())?;
    Ok(cx.cast(eye, element))
}
