//! Movement and selection along axes other than that of the samples.

use super::{Passed, Samples, numbers, shape_of};
use crate::eval::{
    Tensor,
    convert::constant_of,
    ops::{layout, pad::of_all_axes},
};
use qonnx_dialect::{Op, Value, qonnx};

impl<'c> Samples<'c> {
    pub(super) fn transpose(&self, op: Op<'c>) -> Result<Passed, String> {
        let axis = self.axis_of_first(op)?;
        let place = op.i64s_attribute("permutation").iter().position(|from| *from == axis as i64);
        place.map(Passed::on).ok_or_else(|| format!("axis {axis} is not in its permutation"))
    }

    /// From samples, or with indices that samples have.
    pub(super) fn gather(&self, op: Op<'c>) -> Result<Passed, String> {
        let (x, indices) = (op.operand(0), op.operand(1));
        let along = layout::axis_index(op.i64_attribute("axis"), shape_of(x)?.len()).map_err(|p| p.to_string())?;
        match (self.axis(x), self.axis(indices)) {
            (Some(axis), None) if axis == along => {
                Err(format!("it selects along axis {axis}, which holds the samples"))
            }
            (Some(axis), None) if axis < along => Ok(Passed::on(axis)),
            (Some(axis), None) => Ok(Passed::on(axis + shape_of(indices)?.len() - 1)),
            (None, Some(axis)) => Ok(Passed::on(along + axis)),
            _ => Err("its operand and its indices both depend on an input".into()),
        }
    }

    pub(super) fn concat(&self, op: Op<'c>) -> Result<Passed, String> {
        let operands = op.operands();
        let axis = operands.iter().find_map(|operand| self.axis(*operand)).ok_or("no operand has samples")?;
        let rank = shape_of(op.result(0))?.len();
        let along = layout::axis_index(op.i64_attribute("axis"), rank).map_err(|problem| problem.to_string())?;
        if along == axis {
            return Err(format!("it joins along axis {axis}, which holds the samples"));
        }
        let mut passed = Passed::on(axis);
        for (index, operand) in operands.into_iter().enumerate() {
            match self.axis(operand) {
                Some(own) if own == axis => {}
                Some(own) => return Err(format!("operand {index} has its samples along axis {own}, not {axis}")),
                None => {
                    let repeated = self.repeated(operand, axis);
                    passed = passed.with(index, repeated.map_err(|problem| format!("operand {index} {problem}"))?);
                }
            }
        }
        Ok(passed)
    }

    /// Bounds that are the extent may mean all samples or so many of them.
    pub(super) fn slice(&self, op: Op<'c>) -> Result<Passed, String> {
        let slice = qonnx::Slice::of(op).ok_or("is no slice")?;
        let (axis, shape) = (self.axis_of_first(op)?, shape_of(slice.x())?);
        let [starts, ends] = [numbers(slice.starts(), "list of starts")?, numbers(slice.ends(), "list of ends")?];
        let axes = match slice.axes() {
            Some(axes) => numbers(axes, "list of axes")?,
            None => (0..starts.len() as i64).collect(),
        };
        let axes = layout::axis_indices(&axes, shape.len()).map_err(|problem| problem.to_string())?;
        let Some(index) = axes.iter().position(|sliced| *sliced == axis) else { return Ok(Passed::on(axis)) };
        let steps = slice.steps().map(|steps| numbers(steps, "list of steps")).transpose()?.unwrap_or_default();
        let at = |list: &[i64], default| list.get(index).copied().unwrap_or(default);
        let all = at(&starts, 1) == 0 && at(&ends, 0) >= i64::from(i32::MAX) && at(&steps, 1) == 1;
        if !all {
            return Err(format!("it takes a part along axis {axis}, which holds the samples"));
        }
        Ok(Passed::on(axis))
    }

    pub(super) fn pad(&self, op: Op<'c>) -> Result<Passed, String> {
        let pad = qonnx::Pad::of(op).ok_or("is no pad")?;
        let (axis, rank) = (self.axis_of_first(op)?, shape_of(pad.x())?.len());
        let axes = pad.axes().map(|axes| numbers(axes, "list of axes")).transpose()?;
        let pads = of_all_axes(&numbers(pad.pads(), "list of pads")?, axes.as_deref(), rank);
        let pads = pads.map_err(|problem| problem.to_string())?;
        if [axis, axis + rank].iter().any(|place| pads.get(*place).is_some_and(|pad| *pad != 0)) {
            return Err(format!("it pads axis {axis}, which holds the samples"));
        }
        Ok(Passed::on(axis))
    }

    pub(super) fn resize(&self, op: Op<'c>) -> Result<Passed, String> {
        let resize = qonnx::Resize::of(op).ok_or("is no resize")?;
        let axis = self.axis_of_first(op)?;
        let [before, after] = [shape_of(resize.x())?, shape_of(op.result(0))?].map(|shape| shape.get(axis).copied());
        let scale = resize.scales().and_then(constant_of).and_then(|scales| scales.to_f32_vec().get(axis).copied());
        if before != after || scale.is_some_and(|scale| scale != 1.0) {
            return Err(format!("it stretches axis {axis}, which holds the samples"));
        }
        let Some(sizes) = resize.sizes() else { return Ok(Passed::on(axis)) };
        Ok(Passed::on(axis).with(1, self.with_samples(numbers(sizes, "list of sizes")?, axis)))
    }

    pub(super) fn expand(&self, op: Op<'c>) -> Result<Passed, String> {
        let (own, shape, result) = (self.axis_of_first(op)?, shape_of(op.operand(0))?, shape_of(op.result(0))?);
        let axis = own + result.len() - shape.len().min(result.len());
        if shape.get(own) != result.get(axis) {
            return Err(format!("it repeats axis {own}, which holds the samples"));
        }
        let target = numbers(op.operand(1), "shape")?;
        let place = (axis + target.len()).checked_sub(result.len());
        // 1 leaves what is there.
        let said = place.filter(|place| target.get(*place).is_some_and(|extent| *extent != 1));
        Ok(said.map_or_else(|| Passed::on(axis), |place| Passed::on(axis).with(1, self.with_samples(target, place))))
    }

    pub(super) fn tile(&self, op: Op<'c>) -> Result<Passed, String> {
        let axis = self.axis_of_first(op)?;
        match numbers(op.operand(1), "list of repeats")?.get(axis) {
            Some(1) => Ok(Passed::on(axis)),
            _ => Err(format!("it repeats axis {axis}, which holds the samples")),
        }
    }

    /// A constant of one sample once for each.
    pub(super) fn repeated(&self, constant: Value<'c>, axis: usize) -> Result<Tensor, String> {
        let tensor = constant_of(constant).filter(|_| self.old == 1);
        let tensor = tensor.ok_or("has values along the axis of the samples and is no constant of a single one")?;
        let times = |place| if place == axis { self.new as i64 } else { 1 };
        let repeats: Vec<i64> = (0..tensor.rank()).map(times).collect();
        layout::tile(&tensor, &repeats).map_err(|problem| problem.to_string())
    }

    /// Extents with the new number of samples at a place.
    fn with_samples(&self, mut extents: Vec<i64>, place: usize) -> Tensor {
        if let Some(extent) = extents.get_mut(place) {
            *extent = self.scaled(usize::try_from(*extent).unwrap_or(0)) as i64;
        }
        Tensor::indices(extents)
    }
}
