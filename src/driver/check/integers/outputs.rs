//! Steps of a sum's operands as steps of its results: those that vary among the terms of
//! one result are brought to one first.

use super::Integers;
use crate::eval::ops::layout::axis_indices;
use ndarray::{ArrayD, IxDyn};
use qonnx_dialect::{Op, OpKind};

/// How elements of an operand of a sum meet the results.
#[derive(Clone, Debug, PartialEq)]
pub enum Meeting {
    /// All elements along these axes; they are left out of the result, or stay with extent 1.
    Along { axes: Vec<usize>, keep: bool },
    /// An input of a convolution: all channels of a group, at all places.
    Input { groups: usize, outputs: usize },
    /// Its weights, (outputs, channels / groups, kernel).
    Weights,
    /// Weights (channels, outputs / groups, kernel) of a transposed convolution.
    TransposedWeights { groups: usize },
}

impl Meeting {
    /// Of the operand `index` of an operation with operands of these shapes; `axes` are those
    /// that a reduction has. None if it is no sum or has no such operand.
    pub fn of(op: Op<'_>, index: usize, shapes: &[&[usize]], axes: &[i64]) -> Option<Self> {
        let shape = shapes.get(index)?;
        let groups = || usize::try_from(op.optional_i64_attribute("group").unwrap_or(1)).ok().filter(|g| *g > 0);
        Some(match (op.kind(), index) {
            (OpKind::QonnxMatmul, _) if shapes.iter().any(|shape| shape.len() < 2) => return None,
            (OpKind::QonnxMatmul, 0) => Self::Along { axes: vec![shape.len() - 1], keep: true },
            (OpKind::QonnxMatmul, 1) => Self::Along { axes: vec![shape.len() - 2], keep: true },
            (OpKind::QonnxConv, 0) => Self::Input { groups: groups()?, outputs: *shapes.get(1)?.first()? },
            (OpKind::QonnxConv, 1) => Self::Weights,
            (OpKind::QonnxConvTranspose, 0) => {
                Self::Input { groups: groups()?, outputs: shapes.get(1)?.get(1)?.checked_mul(groups()?)? }
            }
            (OpKind::QonnxConvTranspose, 1) => Self::TransposedWeights { groups: groups()? },
            (OpKind::QonnxAveragePool, 0) => Self::Along { axes: (2..shape.len()).collect(), keep: true },
            (OpKind::QonnxReduce, 0) => {
                let axes =
                    if axes.is_empty() { (0..shape.len()).collect() } else { axis_indices(axes, shape.len()).ok()? };
                Self::Along { axes, keep: op.unit_attribute("keep_dims") }
            }
            _ => return None,
        })
    }

    /// Values that broadcast against the operand, as they broadcast against the results; None
    /// if they vary among the terms of one result.
    fn follow<T: Copy + PartialEq>(&self, values: &ArrayD<T>, shape: &[usize]) -> Option<ArrayD<T>> {
        if values.len() == 1 {
            return Some(ArrayD::from_elem(IxDyn(&[]), *values.first()?));
        }
        let missing = shape.len().checked_sub(values.ndim())?;
        let ranked = [vec![1; missing], values.shape().to_vec()].concat();
        let values = values.clone().into_shape_with_order(ranked).ok()?;
        let uniform = |axes: &[usize]| axes.iter().all(|axis| values.shape().get(*axis) == Some(&1));
        let from = |first: usize| (first..shape.len()).collect::<Vec<_>>();
        let channels = |count: usize, channel: &dyn Fn(usize) -> Option<T>| {
            let all = (0..count).map(channel).collect::<Option<Vec<T>>>()?;
            let spatial = shape.len().checked_sub(2)?;
            ArrayD::from_shape_vec(IxDyn(&[vec![count], vec![1; spatial]].concat()), all).ok()
        };
        match self {
            Self::Along { axes, keep } => {
                let kept = |axis: &usize| *keep || !axes.contains(axis);
                let extents: Vec<usize> =
                    (0..shape.len()).filter(kept).filter_map(|axis| values.shape().get(axis).copied()).collect();
                uniform(axes).then(|| values.clone().into_shape_with_order(extents).ok())?
            }
            Self::Input { groups, outputs } => {
                if !uniform(&[vec![0], from(2)].concat()) {
                    return None;
                }
                let flat: Vec<T> = values.iter().copied().collect();
                let group = |output: usize| {
                    let (per, first) = (flat.len() / groups, output / (outputs / groups).max(1));
                    let members = flat.get(first * per..(first + 1) * per)?;
                    let one = *members.first()?;
                    members.iter().all(|member| *member == one).then_some(one)
                };
                channels(*outputs, &group)
            }
            Self::Weights => uniform(&from(1)).then(|| channels(values.len(), &|o| values.iter().nth(o).copied()))?,
            Self::TransposedWeights { groups } => {
                if !uniform(&from(2)) {
                    return None;
                }
                let (inner, outer) = (shape.first()? / groups, *shape.get(1)?);
                let at = |i: usize, o: usize| {
                    let place =
                        |index: usize, axis: usize| if values.shape().get(axis) == Some(&1) { 0 } else { index };
                    let index = [vec![place(i, 0), place(o, 1)], vec![0; shape.len() - 2]].concat();
                    values.get(index.as_slice()).copied()
                };
                let output = |output: usize| {
                    let (first, o) = (output / outer.max(1) * inner, output % outer.max(1));
                    let one = at(first, o)?;
                    (first..first + inner).all(|i| at(i, o) == Some(one)).then_some(one)
                };
                channels(outer * groups, &output)
            }
        }
    }
}

impl Integers {
    /// The same with steps and divisors as the results have them, or on one step.
    pub fn meeting(&self, meeting: &Meeting) -> Option<Self> {
        let follow = |integers: &Self| {
            let step = meeting.follow(&integers.step, integers.q.shape())?;
            let divisors =
                integers.divisors.iter().map(|d| meeting.follow(d, integers.q.shape())).collect::<Option<_>>()?;
            Some(Self { step, divisors, ..integers.clone() })
        };
        follow(self).or_else(|| follow(&self.on_one_step()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(shape: &[usize], values: &[i32]) -> ArrayD<i32> {
        ArrayD::from_shape_vec(IxDyn(shape), values.to_vec()).unwrap()
    }

    #[test]
    fn values_of_channels_become_those_of_outputs() {
        let input = Meeting::Input { groups: 2, outputs: 4 };
        let follow = |v: &[i32]| input.follow(&values(&[1, 4, 1], v), &[1, 4, 9]);
        assert_eq!(follow(&[1, 1, 2, 2]), Some(values(&[4, 1], &[1, 1, 2, 2])));
        assert_eq!(follow(&[1, 2, 3, 4]), None);
        assert_eq!(input.follow(&values(&[9], &[1; 9]), &[1, 4, 9]), None);
        assert_eq!(Meeting::Weights.follow(&values(&[2, 1, 1], &[1, 2]), &[2, 3, 3]), Some(values(&[2, 1], &[1, 2])));
        let transposed = Meeting::TransposedWeights { groups: 2 };
        assert_eq!(
            transposed.follow(&values(&[1, 3, 1], &[1, 2, 3]), &[4, 3, 2]),
            Some(values(&[6, 1], &[1, 2, 3, 1, 2, 3]))
        );
    }

    #[test]
    fn contracted_axes_are_left_out() {
        let along = |keep| Meeting::Along { axes: vec![1], keep };
        let channels = values(&[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
        assert_eq!(along(false).follow(&channels, &[2, 5, 3]).unwrap().shape(), [2, 3]);
        assert_eq!(along(true).follow(&channels, &[2, 5, 3]).unwrap().shape(), [2, 1, 3]);
        assert_eq!(along(true).follow(&values(&[2, 3], &[1; 6]), &[7, 2, 3]), None);
    }
}
