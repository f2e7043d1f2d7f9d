//! Shapes of movement and selection, many of which follow from values.

use super::{
    Dims, Inference, Shapes, all_known, broadcast, broadcast_dims, declared, dims, fixed, message,
    windows::{channels_first, laid_out},
};
use crate::eval::{
    Tensor,
    ops::{
        layout, pad,
        resize::{Target, resized},
        select,
    },
};
use qonnx_dialect::{Op, OpKind, qonnx};

/// No tensor has more axes: bounds what a hostile length of a shape can cost.
const MAX_RANK: usize = 64;

impl<'c> Inference<'c> {
    /// The shape of the one result of an operation that moves, selects or computes single elements.
    pub(super) fn moved(&self, op: Op<'c>) -> Result<Option<Dims>, String> {
        let x = dims(op, 0);
        match op.kind() {
            OpKind::QonnxReshape => self.reshape(op, x),
            OpKind::QonnxFlatten => flatten(x, op.i64_attribute("axis")),
            OpKind::QonnxSqueeze => self.squeeze(op, x),
            OpKind::QonnxUnsqueeze => self.unsqueeze(op, x),
            OpKind::QonnxTranspose => transpose(x, &op.i64s_attribute("permutation")),
            OpKind::QonnxShape => Ok(Some(vec![x.map(|dims| shape_range(op, dims.len()).len())])),
            OpKind::QonnxGather => self.gather(op, x, dims(op, 1)),
            OpKind::QonnxScatter => Ok(x),
            OpKind::QonnxConcat => concat(op),
            OpKind::QonnxSlice => self.slice(qonnx::Slice::of(op).ok_or("is no slice")?, x),
            OpKind::QonnxPad => self.pad(qonnx::Pad::of(op).ok_or("is no pad")?, x),
            OpKind::QonnxResize => self.resize(qonnx::Resize::of(op).ok_or("is no resize")?, x),
            OpKind::QonnxDepthToSpace | OpKind::QonnxSpaceToDepth => {
                let (x, block) = (channels_first(op, 0), op.i64_attribute("block"));
                let deep = op.kind() == OpKind::QonnxDepthToSpace;
                let result = if deep { depth_to_space(x, block) } else { space_to_depth(x, block) };
                result.map(|result| laid_out(op, result))
            }
            OpKind::QonnxExpand => self.expand(op, x),
            OpKind::QonnxTile => self.tile(op, x),
            OpKind::QonnxConstantOfShape => self.filled(op, x),
            OpKind::QonnxRange => Ok(self.range(op)),
            OpKind::QonnxArgMax => arg_max(op, x),
            // What is left is elementwise.
            _ => broadcast(op),
        }
    }

    fn reshape(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let Some(target) = self.known_i64s(op.operand(1)) else { return Ok(None) };
        let allow_zero = op.unit_attribute("allow_zero");
        if let Some(shape) = fixed(&dims) {
            let shape = layout::reshaped(&shape, &target, allow_zero).map_err(message)?;
            return Ok(all_known(shape));
        }
        if target.iter().filter(|dim| **dim == -1).count() > 1 {
            return Err(format!("shape {target:?} leaves more than one dimension open"));
        }
        let dim = |(index, size): (usize, &i64)| match size {
            0 if !allow_zero => dims.as_ref().and_then(|dims| dims.get(index).copied().flatten()),
            size => usize::try_from(*size).ok(),
        };
        Ok(Some(target.iter().enumerate().map(dim).collect()))
    }

    fn squeeze(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let Some(dims) = dims else { return Ok(None) };
        if op.operand_count() < 2 {
            let known = dims.iter().all(Option::is_some);
            return Ok(known.then(|| dims.into_iter().filter(|dim| *dim != Some(1)).collect()));
        }
        let Some(axes) = self.known_i64s(op.operand(1)) else { return Ok(None) };
        let axes = layout::axis_indices(&axes, dims.len()).map_err(message)?;
        if let Some(axis) = axes.iter().find(|axis| dims[**axis].is_some_and(|dim| dim != 1)) {
            return Err(format!(
                "axis {axis} has {:?} elements, only an axis of 1 can be squeezed",
                dims[*axis].unwrap_or(0)
            ));
        }
        Ok(Some(dims.into_iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, dim)| dim).collect()))
    }

    fn unsqueeze(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let axes = if op.operand_count() > 1 { self.known_i64s(op.operand(1)) } else { None };
        let (Some(dims), Some(axes)) = (dims, axes) else { return Ok(None) };
        let rank = dims.len() + axes.len();
        let mut axes = layout::axis_indices(&axes, rank).map_err(message)?;
        axes.sort_unstable();
        let mut result = dims;
        for axis in axes {
            result.insert(axis.min(result.len()), Some(1));
        }
        Ok(Some(result))
    }

    fn gather(&self, op: Op<'c>, x: Option<Dims>, indices: Option<Dims>) -> Result<Option<Dims>, String> {
        let (Some(x), Some(indices)) = (x, indices) else { return Ok(None) };
        let axis = layout::axis_index(op.i64_attribute("axis"), x.len()).map_err(message)?;
        if let (Some(extent), Some(values)) = (x[axis], self.known_i64s(op.operand(1))) {
            let extent = extent as i64;
            if let Some(index) = values.iter().find(|index| **index < -extent || **index >= extent) {
                return Err(format!("index {index} is outside axis {axis} of {extent} elements"));
            }
        }
        let mut result = x;
        result.splice(axis..=axis, indices);
        Ok(Some(result))
    }

    fn slice(&self, slice: qonnx::Slice<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let (Some(shape), Some(starts), Some(ends), Some(axes), Some(steps)) = (
            fixed(&dims),
            self.known_i64s(slice.starts()),
            self.known_i64s(slice.ends()),
            self.optional_i64s(slice.axes()),
            self.optional_i64s(slice.steps()),
        ) else {
            return Ok(dims.map(|dims| vec![None; dims.len()]));
        };
        let shape = select::slice_shape(&shape, &starts, &ends, axes.as_deref(), steps.as_deref());
        Ok(all_known(shape.map_err(message)?))
    }

    pub(super) fn top_k(&self, op: Op<'c>) -> Shapes {
        let (Some(mut dims), Some(k)) = (dims(op, 0), self.known_i64s(op.operand(1))) else { return Ok(declared(op)) };
        let axis = layout::axis_index(op.i64_attribute("axis"), dims.len()).map_err(message)?;
        let k = k.first().and_then(|k| usize::try_from(*k).ok()).ok_or("k is no positive number")?;
        if dims[axis].is_some_and(|extent| k > extent) {
            return Err(format!("wants the {k} largest of {} elements", dims[axis].unwrap_or(0)));
        }
        dims[axis] = Some(k);
        Ok(vec![Some(dims.clone()), Some(dims)])
    }

    /// One part a result: of the lengths given, or equal.
    pub(super) fn split(&self, op: Op<'c>) -> Shapes {
        let parts = op.result_count();
        let Some(dims) = dims(op, 0) else { return Ok(vec![None; parts]) };
        let axis = layout::axis_index(op.i64_attribute("axis"), dims.len()).map_err(message)?;
        let lengths = match (op.operands().get(1), dims[axis]) {
            (Some(lengths), _) => self.known_i64s(*lengths),
            (None, Some(extent)) => Some(select::equal_parts(extent, parts).map_err(message)?),
            (None, None) => None,
        };
        let Some(lengths) = lengths else {
            let mut open = dims;
            open[axis] = None;
            return Ok(vec![Some(open); parts]);
        };
        if lengths.len() != parts {
            return Err(format!("has {} parts and {parts} results", lengths.len()));
        }
        let total = lengths.iter().try_fold(0usize, |sum, length| sum.checked_add(usize::try_from(*length).ok()?));
        if let Some(extent) = dims[axis].filter(|extent| total != Some(*extent)) {
            return Err(format!("parts {lengths:?} do not make up axis {axis} of {extent} elements"));
        }
        let part = |length: &i64| {
            let mut part = dims.clone();
            part[axis] = usize::try_from(*length).ok();
            Some(part)
        };
        Ok(lengths.iter().map(part).collect())
    }

    fn pad(&self, op: qonnx::Pad<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let Some(dims) = dims else { return Ok(None) };
        let (Some(pads), Some(axes)) = (self.known_i64s(op.pads()), self.optional_i64s(op.axes())) else {
            return Ok(Some(vec![None; dims.len()]));
        };
        let pads = pad::of_all_axes(&pads, axes.as_deref(), dims.len()).map_err(message)?;
        let (front, behind) = pads.split_at(dims.len());
        let padded = |((dim, front), behind): ((&Option<usize>, &i64), &i64)| {
            let Some(dim) = dim else { return Ok(None) };
            let extent = i128::from(*front) + i128::from(*behind) + *dim as i128;
            let extent = usize::try_from(extent).map(Some);
            extent.map_err(|_| format!("pads {front} and {behind} do not fit an axis of {dim} elements"))
        };
        Ok(Some(dims.iter().zip(front).zip(behind).map(padded).collect::<Result<_, _>>()?))
    }

    fn resize(&self, resize: qonnx::Resize<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let Some(dims) = dims else { return Ok(None) };
        let target = match (resize.scales(), resize.sizes()) {
            (Some(scales), _) => self.known.get(&scales).map(|scales| Target::Scales(scales.to_f32_vec())),
            (None, Some(sizes)) => self.known_i64s(sizes).map(Target::Sizes),
            (None, None) => None,
        };
        match (target, fixed(&Some(dims.clone()))) {
            (Some(target), Some(shape)) => Ok(all_known(resized(&shape, &target).map_err(message)?)),
            _ => Ok(Some(vec![None; dims.len()])),
        }
    }

    fn expand(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let (Some(dims), Some(target)) = (dims, self.known_i64s(op.operand(1))) else { return Ok(None) };
        let target = layout::extents(&target).map_err(message)?;
        broadcast_dims(&dims, &target.into_iter().map(Some).collect()).map(Some)
    }

    fn tile(&self, op: Op<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let Some(dims) = dims else { return Ok(None) };
        let Some(repeats) = self.known_i64s(op.operand(1)) else { return Ok(Some(vec![None; dims.len()])) };
        let repeats = layout::extents(&repeats).map_err(message)?;
        if repeats.len() != dims.len() {
            return Err(format!("has {} repeats for a tensor of rank {}", repeats.len(), dims.len()));
        }
        let tiled = |(dim, repeat): (Option<usize>, usize)| dim.and_then(|dim| dim.checked_mul(repeat));
        Ok(Some(dims.into_iter().zip(repeats).map(tiled).collect()))
    }

    /// The extents are a value; where that is not known, its length is the rank.
    fn filled(&self, op: Op<'c>, shape: Option<Dims>) -> Result<Option<Dims>, String> {
        if let Some(shape) = self.known_i64s(op.operand(0)) {
            return Ok(all_known(layout::extents(&shape).map_err(message)?));
        }
        let rank = shape.and_then(|shape| shape.first().copied().flatten());
        Ok(rank.filter(|rank| *rank <= MAX_RANK).map(|rank| vec![None; rank]))
    }

    fn range(&self, op: Op<'c>) -> Option<Dims> {
        let values = self.evaluated(op).and_then(|values| values.into_iter().next());
        Some(vec![values.map(|values| values.len())])
    }
}

fn flatten(dims: Option<Dims>, axis: i64) -> Result<Option<Dims>, String> {
    let Some(dims) = dims else { return Ok(Some(vec![None, None])) };
    let rank = dims.len() as i64;
    let split = if axis < 0 { axis + rank } else { axis };
    let split = usize::try_from(split).ok().filter(|split| *split <= dims.len());
    let split = split.ok_or_else(|| format!("axis {axis} is outside a tensor of rank {rank}"))?;
    let size = |part: &[Option<usize>]| part.iter().copied().product::<Option<usize>>();
    let (outer, inner) = dims.split_at(split);
    Ok(Some(vec![size(outer), size(inner)]))
}

fn transpose(dims: Option<Dims>, permutation: &[i64]) -> Result<Option<Dims>, String> {
    let Some(dims) = dims else { return Ok(Some(vec![None; permutation.len()])) };
    let axis = |axis: &i64| usize::try_from(*axis).ok().and_then(|axis| dims.get(axis).copied());
    let result: Option<Dims> = permutation.iter().map(axis).collect();
    let result = result.filter(|result| result.len() == dims.len());
    result.map(Some).ok_or_else(|| format!("permutation {permutation:?} does not fit a tensor of rank {}", dims.len()))
}

fn concat(op: Op<'_>) -> Result<Option<Dims>, String> {
    let shapes: Option<Vec<Dims>> =
        op.operands().iter().map(|operand| operand.tensor_type().and_then(|ty| ty.shape)).collect();
    let Some(shapes) = shapes else { return Ok(None) };
    let mut result = shapes.first().cloned().unwrap_or_default();
    let axis = layout::axis_index(op.i64_attribute("axis"), result.len()).map_err(message)?;
    for shape in &shapes[1..] {
        if shape.len() != result.len() {
            return Err(format!("joins tensors of ranks {} and {}", result.len(), shape.len()));
        }
        for (index, (a, b)) in result.iter_mut().zip(shape).enumerate() {
            match (index == axis, *a, *b) {
                (true, Some(x), Some(y)) => *a = Some(x + y),
                (true, ..) => *a = None,
                (false, Some(x), Some(y)) if x != y => {
                    return Err(format!("joins {x} and {y} elements on axis {index}"));
                }
                (false, x, y) => *a = x.or(y),
            }
        }
    }
    Ok(Some(result))
}

fn arg_max(op: Op<'_>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
    let Some(mut dims) = dims else { return Ok(None) };
    let axis = layout::axis_index(op.i64_attribute("axis"), dims.len()).map_err(message)?;
    if op.unit_attribute("keep_dims") {
        dims[axis] = Some(1);
    } else {
        dims.remove(axis);
    }
    Ok(Some(dims))
}

fn shape_range(op: Op<'_>, rank: usize) -> std::ops::Range<usize> {
    let place = |position: i64| {
        let position = if position < 0 { position.saturating_add(rank as i64) } else { position };
        position.clamp(0, rank as i64) as usize
    };
    let start = place(op.i64_attribute("start"));
    let end = op.optional_i64_attribute("end").map_or(rank, place);
    start..end.max(start)
}

fn depth_to_space(dims: Option<Dims>, block: i64) -> Result<Option<Dims>, String> {
    let (block, Some([n, c, h, w])) = (block_of(block)?, rank_4(dims)?) else { return Ok(None) };
    let grown = |dim: Option<usize>| dim.and_then(|dim| dim.checked_mul(block));
    let depth = c.and_then(|c| c.checked_div(block.checked_mul(block)?));
    Ok(Some(vec![n, depth, grown(h), grown(w)]))
}

fn space_to_depth(dims: Option<Dims>, block: i64) -> Result<Option<Dims>, String> {
    let (block, Some([n, c, h, w])) = (block_of(block)?, rank_4(dims)?) else { return Ok(None) };
    let depth = c.and_then(|c| c.checked_mul(block)?.checked_mul(block));
    Ok(Some(vec![n, depth, h.map(|h| h / block), w.map(|w| w / block)]))
}

fn block_of(block: i64) -> Result<usize, String> {
    usize::try_from(block)
        .ok()
        .filter(|block| *block > 0)
        .ok_or_else(|| format!("block is {block}, expected 1 or more"))
}

fn rank_4(dims: Option<Dims>) -> Result<Option<[Option<usize>; 4]>, String> {
    let array = |dims: Dims| <[Option<usize>; 4]>::try_from(dims).map_err(|dims| dims.len());
    let array = dims.map(array).transpose();
    array.map_err(|rank| format!("moves blocks of a tensor of rank 4, found rank {rank}"))
}

/// The value of `qonnx.shape`, where the shape is known.
pub(super) fn shape_value(op: Op<'_>) -> Option<Tensor> {
    let shape = op.operand(0).tensor_type()?.static_shape()?;
    let dims: Vec<i64> = shape.iter().map(|dim| *dim as i64).collect();
    Some(Tensor::indices(dims.get(shape_range(op, dims.len()))?.to_vec()))
}
