//! Changes of shape: the same elements in row-major order.

use super::{Passed, Samples, numbers, shape_of};
use crate::eval::{Tensor, ops::layout};
use qonnx_dialect::{Op, OpKind};

impl<'c> Samples<'c> {
    /// The target in the file has the old number of samples in it, or the number of elements of all.
    pub(super) fn reshape(&self, op: Op<'c>) -> Result<Passed, String> {
        let (place, mut target) = self.place_in_view(op)?;
        // Without elements an extent of 0 would be a copy of the operand's.
        if op.kind() != OpKind::QonnxReshape || target.contains(&0) {
            return Ok(Passed::on(place));
        }
        if let Some(extent) = target.get_mut(place) {
            *extent = self.scaled(*extent);
        }
        let target = target.into_iter().map(|extent| extent as i64).collect();
        Ok(Passed::on(place).with(1, Tensor::indices(target)))
    }

    /// For what changes another shape than that of the samples' new number.
    pub(super) fn as_view(&self, op: Op<'c>) -> Result<Passed, String> {
        let (place, _) = self.place_in_view(op)?;
        Ok(Passed { is_view: true, ..Passed::on(place) })
    }

    /// The axis of the result that has as many elements in front of it and holds whole samples, and the result's shape.
    fn place_in_view(&self, op: Op<'c>) -> Result<(usize, Vec<usize>), String> {
        let (axis, shape, target) = (self.axis_of_first(op)?, shape_of(op.operand(0))?, shape_of(op.result(0))?);
        let outer = |shape: &[usize], axis: usize| shape.iter().take(axis).product::<usize>();
        let holds = |place: &usize| {
            outer(&target, *place) == outer(&shape, axis)
                && target.get(*place).is_some_and(|extent| extent % self.old == 0)
        };
        let place = (0..target.len()).find(holds).ok_or_else(|| {
            format!("no axis of {target:?} holds the {} samples along axis {axis} of {shape:?}", self.old)
        })?;
        Ok((place, target))
    }

    /// From axis 0 on, one sample is a row and several are none of theirs: the row of each is meant.
    pub(super) fn flatten(&self, op: Op<'c>) -> Result<Passed, String> {
        let (axis, rank) = (self.axis_of_first(op)? as i64, shape_of(op.operand(0))?.len() as i64);
        let split = op.i64_attribute("axis");
        let split = if split < 0 { split + rank } else { split };
        let passed = self.as_view(op)?;
        Ok(Passed { is_view: passed.axes != [usize::from(axis >= split)], ..passed })
    }

    pub(super) fn squeeze(&self, op: Op<'c>) -> Result<Passed, String> {
        let (axis, shape) = (self.axis_of_first(op)?, shape_of(op.operand(0))?);
        let axes = match op.operands().get(1) {
            Some(axes) => self.axes(numbers(*axes, "list of axes")?, shape.len())?,
            None => (0..shape.len()).filter(|axis| shape.get(*axis) == Some(&1)).collect(),
        };
        if axes.contains(&axis) {
            return Err(format!("it takes axis {axis} away, which holds the samples"));
        }
        Ok(Passed::on(axis - axes.into_iter().filter(|gone| *gone < axis).count()))
    }

    pub(super) fn unsqueeze(&self, op: Op<'c>) -> Result<Passed, String> {
        let (axis, rank) = (self.axis_of_first(op)?, shape_of(op.result(0))?.len());
        let axes = op.operands().get(1).copied().ok_or("it has no axes")?;
        let new = self.axes(numbers(axes, "list of axes")?, rank)?;
        let kept: Vec<usize> = (0..rank).filter(|place| !new.contains(place)).collect();
        kept.get(axis).copied().map(Passed::on).ok_or_else(|| format!("axis {axis} is not in its result"))
    }

    fn axes(&self, axes: Vec<i64>, rank: usize) -> Result<Vec<usize>, String> {
        layout::axis_indices(&axes, rank).map_err(|problem| problem.to_string())
    }
}
