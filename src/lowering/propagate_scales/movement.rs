//! Operations that move or select values: on integers they do the same.

use super::{Propagation, shape_of};
use crate::{
    eval::{
        Tensor,
        convert::{constant_of, hls_constant, qonnx_constant},
        ops::layout::axis_indices,
    },
    lowering::grid::Grid,
    transforms::{hoist_movement::layout_of, layout::Layout},
};
use ndarray::Axis;
use qonnx_dialect::{Builder, Op, OpKind, PadMode, Value, hls, qonnx};

/// What joins values without computing.
pub(in crate::lowering) enum Join {
    /// One after another.
    Concat,
    /// With this code around.
    Pad(i64),
    /// The greatest of windows or axes.
    Greatest,
    /// In another layout.
    Layout(Layout),
}

impl<'c> Propagation<'c> {
    /// None where the operation computes.
    pub(super) fn grid_of_move(&mut self, op: Op<'c>) -> Result<Option<Grid<'c>>, String> {
        if let Some(layout) = layout_of(op) {
            let grid = self.grid(op.operand(0), op)?;
            let shape = shape_of(op.result(0))?;
            return self.moved(op, grid, &layout, &shape).map(Some);
        }
        Ok(Some(match op.kind() {
            OpKind::QonnxConcat => {
                let parts =
                    op.operands().into_iter().map(|input| self.grid(input, op)).collect::<Result<Vec<_>, _>>()?;
                self.concatenated(op, &parts)?
            }
            OpKind::QonnxPad => {
                let grid = self.grid(op.operand(0), op)?;
                let grid = self.evened(op, grid)?;
                let code = self.code_of(&grid, constant_scalar(qonnx::Pad::of(op).and_then(|pad| pad.value()))?)?;
                self.padded_with(op, grid, code)?
            }
            OpKind::QonnxMaxPool => {
                let grid = self.grid(op.operand(0), op)?;
                self.max_pooled(op, grid)?
            }
            OpKind::QonnxReduce if super::windows::is_reduce_max(op) => {
                let grid = self.grid(op.operand(0), op)?;
                self.greatest(op, grid)?
            }
            _ => return Ok(None),
        }))
    }

    /// A join of floats (see [`Join`]) as one of these codes.
    pub(in crate::lowering) fn join_of_codes(
        &mut self,
        op: Op<'c>,
        join: &Join,
        codes: &[Value<'c>],
    ) -> Result<Value<'c>, String> {
        let grids: Vec<Grid<'c>> =
            codes.iter().map(|q| Grid { q: *q, scales: Vec::new(), divisors: Vec::new() }).collect();
        let first = || grids.first().cloned().ok_or("has no operand".to_string());
        let grid = match join {
            Join::Concat => self.concatenated(op, &grids)?,
            Join::Pad(code) => self.padded_with(op, first()?, *code)?,
            Join::Greatest if op.kind() == OpKind::QonnxMaxPool => self.max_pooled(op, first()?)?,
            Join::Greatest => self.greatest(op, first()?)?,
            Join::Layout(layout) => self.moved(op, first()?, layout, &shape_of(op.result(0))?)?,
        };
        Ok(grid.q)
    }

    pub(super) fn moved(
        &mut self,
        op: Op<'c>,
        grid: Grid<'c>,
        layout: &Layout,
        shape: &[usize],
    ) -> Result<Grid<'c>, String> {
        let builder = Builder::before(op);
        let before = shape_of(grid.q)?;
        let follow = |scale: &Value<'c>| {
            let scale = constant_of(*scale)?;
            // A scale that does not stay one value a channel becomes one an element.
            let whole = || layout.apply(&Tensor::F32(scale.to_f32().broadcast(before.clone())?.to_owned())).ok();
            layout.follow(&scale).or_else(whole).map(|scale| qonnx_constant(&builder, &scale))
        };
        let follow = |scales: &[Value<'c>]| {
            let scales: Option<Vec<_>> = scales.iter().map(follow).collect();
            scales.ok_or("a scale is not constant")
        };
        let (scales, divisors) = (follow(&grid.scales)?, follow(&grid.divisors)?);
        let element = grid.q.tensor_type().ok_or("is no tensor")?.element;
        let ty = builder.tensor(element, shape);
        let q = match constant_of(grid.q) {
            // Integer constants move at compile time.
            Some(codes) => {
                let moved = layout.apply(&codes).map_err(|problem| problem.to_string())?;
                let values = moved.to_i64_vec().map_err(|problem| problem.to_string())?;
                hls_constant(&builder, moved.shape(), &values)
            }
            None => match layout {
                Layout::View { .. } => hls::View::build(&builder, grid.q, [ty]).result(),
                Layout::Transpose { permutation } => {
                    hls::Transpose::build(&builder, grid.q, permutation, [ty]).result()
                }
                Layout::Gather { axis, indices, .. } => {
                    hls::Gather::build(&builder, grid.q, *axis as i64, indices, [ty]).result()
                }
            },
        };
        Ok(Grid { q, scales, divisors })
    }

    /// Branches keep their scales: one value for each place along the axis.
    fn concatenated(&mut self, op: Op<'c>, parts: &[Grid<'c>]) -> Result<Grid<'c>, String> {
        let concat = qonnx::Concat::of(op).ok_or("is no Concat")?;
        let shape = shape_of(op.result(0))?;
        let axis = crate::eval::ops::layout::axis_index(concat.axis(), shape.len()).map_err(|p| p.to_string())?;
        let extents = parts.iter().map(|part| Ok(shape_of(part.q)?[axis])).collect::<Result<Vec<_>, String>>()?;
        let builder = Builder::before(op);
        let lists = |list: for<'g> fn(&'g Grid<'c>) -> &'g [Value<'c>]| {
            let longest = parts.iter().map(|part| list(part).len()).max().unwrap_or(0);
            let place = |place: usize| {
                let parts: Vec<_> = parts.iter().map(|part| list(part).get(place).copied()).collect();
                joined(&builder, &parts, &extents, axis, shape.len())
            };
            (0..longest).map(place).collect::<Result<Vec<_>, String>>()
        };
        let (scales, divisors) = (lists(|part| &part.scales)?, lists(|part| &part.divisors)?);
        let codes: Vec<Value<'c>> = parts.iter().map(|part| part.q).collect();
        let q = self
            .ranges
            .narrowed(op, &shape, |builder, ty| hls::Concat::build(builder, &codes, axis as i64, [ty]).op())?;
        Ok(Grid { q, scales, divisors })
    }

    fn padded_with(&mut self, op: Op<'c>, grid: Grid<'c>, code: i64) -> Result<Grid<'c>, String> {
        let pad = qonnx::Pad::of(op).ok_or("is no Pad")?;
        if pad.mode() != PadMode::Constant {
            return Err(format!("pads at {} in a way that qonnx-lower-movement has not lowered", op.node_name()));
        }
        let rank = shape_of(grid.q)?.len();
        let (low, high) = amounts(pad, rank)?;
        let q = self.surrounded(op, grid.q, [&low, &high, &vec![0; rank]], code)?;
        Ok(Grid { q, ..grid })
    }

    /// The code of a constant, the same whatever the channel.
    fn code_of(&self, grid: &Grid<'c>, value: f64) -> Result<i64, String> {
        if value == 0.0 {
            return Ok(0);
        }
        let none = || format!("pads with {value}, which is no multiple of the scale: pad with 0 or with a code");
        let step = grid.step()?;
        let mut codes = step.iter().map(|step| {
            let code = value / (step.mantissa as f64 * 2f64.powi(step.exponent));
            let exact = code.round() * step.mantissa as f64 * 2f64.powi(step.exponent);
            (exact as f32 == value as f32 && code.abs() < 2f64.powi(52)).then_some(code.round() as i64)
        });
        let first = codes.next().flatten().ok_or_else(none)?;
        let alike = grid.divisors.is_empty() && codes.all(|code| code == Some(first));
        alike.then_some(first).ok_or_else(none)
    }
}

/// What a padding adds in front of each axis and behind it.
pub(super) fn amounts(pad: qonnx::Pad<'_>, rank: usize) -> Result<(Vec<i64>, Vec<i64>), String> {
    let list = |value: Value<'_>| {
        let tensor = constant_of(value).ok_or("its pads or axes are not constant")?;
        tensor.to_i64_vec().map_err(|problem| problem.to_string())
    };
    let pads = list(pad.pads())?;
    let axes = match pad.axes() {
        Some(axes) => axis_indices(&list(axes)?, rank).map_err(|problem| problem.to_string())?,
        None => (0..rank).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(format!("has {} pads for {} axes", pads.len(), axes.len()));
    }
    let (mut low, mut high) = (vec![0; rank], vec![0; rank]);
    for (place, axis) in axes.iter().enumerate() {
        low[*axis] = pads[place];
        high[*axis] = pads[place + axes.len()];
    }
    Ok((low, high))
}

/// One scale of all branches, along the axis where they are joined; a branch without it has 1.
fn joined<'c>(
    builder: &Builder<'c>,
    parts: &[Option<Value<'c>>],
    extents: &[usize],
    axis: usize,
    rank: usize,
) -> Result<Value<'c>, String> {
    let one = Tensor::scalar(1.0);
    let tensors = parts.iter().map(|part| match part {
        Some(value) => constant_of(*value).ok_or("a scale is not constant".to_string()),
        None => Ok(one.clone()),
    });
    let tensors = tensors.collect::<Result<Vec<_>, _>>()?;
    if let Some(first) = tensors.first().filter(|first| first.len() == 1)
        && tensors.iter().all(|tensor| tensor.to_f32_vec() == first.to_f32_vec())
    {
        return Ok(qonnx_constant(builder, &Tensor::scalar(first.to_f32_vec()[0])));
    }
    // Every branch in the rank of all, as long as itself along the axis.
    let ranked = |tensor: &Tensor| [vec![1; rank - tensor.rank().min(rank)], tensor.shape().to_vec()].concat();
    let mut common = vec![1; rank];
    for tensor in &tensors {
        for (place, extent) in ranked(tensor).into_iter().enumerate().filter(|(place, _)| *place != axis) {
            common[place] = common[place].max(extent);
        }
    }
    let mut blocks = Vec::with_capacity(tensors.len());
    for (tensor, extent) in tensors.iter().zip(extents) {
        let mut shape = common.clone();
        shape[axis] = *extent;
        let block = tensor.to_f32().into_shape_with_order(ranked(tensor)).map_err(|problem| problem.to_string())?;
        let block = block.broadcast(shape).ok_or("a scale does not broadcast")?.to_owned();
        blocks.push(block);
    }
    let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
    let all = ndarray::concatenate(Axis(axis), &views).map_err(|problem| problem.to_string())?;
    Ok(qonnx_constant(builder, &Tensor::F32(all)))
}

/// The value that a padding has; 0 where the file gives none.
fn constant_scalar(value: Option<Value<'_>>) -> Result<f64, String> {
    match value {
        None => Ok(0.0),
        Some(value) => {
            let tensor = constant_of(value).ok_or("the padding's value is not constant")?;
            tensor.only_value().map_err(|problem| problem.to_string())
        }
    }
}
