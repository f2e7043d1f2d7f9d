//! Dot products, windows, reductions.

use super::{Passed, Samples, numbers, shape_of};
use crate::eval::ops::layout;
use qonnx_dialect::{Op, qonnx};

impl<'c> Samples<'c> {
    /// Rows of the left operand, columns of the right one and leading axes stay apart; what is summed does not.
    pub(super) fn matmul(&self, op: Op<'c>) -> Result<Passed, String> {
        let (a, b) = (op.operand(0), op.operand(1));
        let (rank_a, rank_b) = (shape_of(a)?.len(), shape_of(b)?.len());
        let rank = rank_a.max(rank_b);
        let summed = |problem| Err(format!("it adds the samples of {problem} to each other"));
        match (self.axis(a), self.axis(b)) {
            (Some(axis), _) if axis + 1 == rank_a => summed("operand 0"),
            (_, Some(axis)) if axis + 2 == rank_b.max(2) => summed("operand 1"),
            // A vector on the right takes the last axis away.
            (Some(axis), None) if rank_b == 1 => Ok(Passed::on(axis)),
            _ if rank_a < 2 || rank_b < 2 => Err("a vector meets samples".into()),
            (Some(axis), None) => self.beside(op, axis + rank - rank_a, axis + 2 == rank_a, 1),
            (None, Some(axis)) => self.beside(op, axis + rank - rank_b, axis + 1 == rank_b, 0),
            (Some(left), Some(right)) => {
                let (left_place, right_place) = (left + rank - rank_a, right + rank - rank_b);
                let leading = left + 2 < rank_a && right + 2 < rank_b;
                let same = shape_of(a)?.get(left) == shape_of(b)?.get(right);
                if left_place != right_place || !leading || !same {
                    return Err("both operands have samples, expected them along one leading axis".into());
                }
                Ok(Passed::on(left_place))
            }
            (None, None) => Err("no operand has samples".into()),
        }
    }

    /// Samples of one operand along an axis of the result; a leading axis of the other must be one for all of them.
    fn beside(&self, op: Op<'c>, place: usize, is_own: bool, other: usize) -> Result<Passed, String> {
        let (shape, rank) = (shape_of(op.operand(other))?, shape_of(op.result(0))?.len());
        let extent = (place + shape.len()).checked_sub(rank).and_then(|axis| shape.get(axis).copied());
        if !is_own && extent.is_some_and(|extent| extent != 1) {
            return Err(format!("operand {other} has several matrices along axis {place}, which holds the samples"));
        }
        Ok(Passed::on(place))
    }

    pub(super) fn gemm(&self, op: Op<'c>) -> Result<Passed, String> {
        let gemm = qonnx::Gemm::of(op).ok_or("is no Gemm")?;
        let rows = usize::from(gemm.trans_a());
        if self.axis(gemm.a()) != Some(rows) || self.axis(gemm.b()).is_some() {
            return Err("expected samples in the rows of operand 0 alone".into());
        }
        let Some(c) = gemm.c() else { return Ok(Passed::on(0)) };
        let shape = shape_of(c)?;
        let is_one_row = shape.len() < 2 || shape.first() == Some(&1);
        match self.axis(c) {
            Some(0) if shape.len() == 2 && shape.first() == shape_of(op.result(0))?.first() => Ok(Passed::on(0)),
            None if is_one_row => Ok(Passed::on(0)),
            _ => Err("what it adds has other rows than the samples".into()),
        }
    }

    /// Axis 0 is that of samples in windows, blocks and normalizations of channels.
    pub(super) fn on_axis_0(&self, op: Op<'c>) -> Result<Passed, String> {
        match self.axis_of_first(op)? {
            0 => Ok(Passed::on(0)),
            axis => Err(format!("its samples are along axis {axis}, expected 0")),
        }
    }

    pub(super) fn reduce(&self, op: Op<'c>) -> Result<Passed, String> {
        let reduce = qonnx::Reduce::of(op).ok_or("is no reduction")?;
        let (axis, rank) = (self.axis_of_first(op)?, shape_of(reduce.x())?.len());
        let axes = reduce.axes().map(|axes| numbers(axes, "list of axes")).transpose()?.unwrap_or_default();
        if axes.is_empty() && reduce.noop_with_empty_axes() {
            return Ok(Passed::on(axis));
        }
        let axes = layout::axis_indices(&axes, rank).map_err(|problem| problem.to_string())?;
        if axes.is_empty() || axes.contains(&axis) {
            return Err(format!("it makes one value of all along axis {axis}, which holds the samples"));
        }
        let gone = if reduce.keep_dims() { 0 } else { axes.into_iter().filter(|reduced| *reduced < axis).count() };
        Ok(Passed::on(axis - gone))
    }

    /// Split, TopK, ArgMax and Softmax work along one axis and leave the others.
    pub(super) fn along_another_axis(&self, op: Op<'c>) -> Result<Passed, String> {
        let (axis, rank) = (self.axis_of_first(op)?, shape_of(op.operand(0))?.len());
        let own = layout::axis_index(op.i64_attribute("axis"), rank).map_err(|problem| problem.to_string())?;
        if own == axis {
            return Err(format!("it works along axis {axis}, which holds the samples"));
        }
        let dropped = shape_of(op.result(0))?.len() < rank && own < axis;
        let passed = Passed::on(axis - usize::from(dropped));
        Ok(Passed { axes: passed.axes.repeat(op.result_count()), ..passed })
    }
}
