//! Changes of shape: the same elements in row-major order.

use super::{Passed, Samples, numbers, shape_of};
use crate::eval::{Tensor, ops::layout};
use qonnx_dialect::{Op, OpKind};

impl<'c> Samples<'c> {
    /// The axis of the result with as many elements in front of it that holds whole samples. The target in the file
    /// has the old number in it, or the number of elements of all samples.
    pub(super) fn reshape(&self, op: Op<'c>) -> Result<Passed, String> {
        let (axis, shape) = (self.axis_of_first(op)?, shape_of(op.operand(0))?);
        let mut target = shape_of(op.result(0))?;
        let outer = |shape: &[usize], axis: usize| shape.iter().take(axis).product::<usize>();
        let before = outer(&shape, axis);
        let holds = |place: &usize| {
            outer(&target, *place) == before && target.get(*place).is_some_and(|extent| extent % self.old == 0)
        };
        let place = (0..target.len()).find(holds).ok_or_else(|| {
            format!("no axis of {target:?} holds the {} samples along axis {axis} of {shape:?}", self.old)
        })?;
        if op.kind() != OpKind::QonnxReshape {
            return Ok(Passed::on(place));
        }
        if let Some(extent) = target.get_mut(place) {
            *extent = self.scaled(*extent);
        }
        let target = target.into_iter().map(|extent| extent as i64).collect();
        // Extents of 0 would be copies of the operand's.
        Ok(if shape.contains(&0) { Passed::on(place) } else { Passed::on(place).with(1, Tensor::indices(target)) })
    }

    pub(super) fn flatten(&self, op: Op<'c>) -> Result<Passed, String> {
        let (axis, shape) = (self.axis_of_first(op)?, shape_of(op.operand(0))?);
        let split = op.i64_attribute("axis");
        let split = if split < 0 { split + shape.len() as i64 } else { split };
        let split = usize::try_from(split).map_err(|_| format!("axis {split} does not exist"))?;
        let (place, first) = if axis < split { (0, 0) } else { (1, split) };
        let before: usize = shape.get(first..axis).unwrap_or_default().iter().product();
        if before != 1 {
            return Err(format!("it puts axis {axis} of {shape:?}, which holds the samples, behind others"));
        }
        Ok(Passed::on(place))
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
