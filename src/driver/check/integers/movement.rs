//! Integers through operations that move or select.

use super::Integers;
use crate::{
    eval::{Tensor, evaluate, ops::broadcast, ops::layout::axis_index},
    lowering::grid::{Dyadic, FACTOR_BITS, common_step},
};
use ndarray::{ArrayD, Axis, IxDyn};
use qonnx_dialect::{Op, OpKind, Reduction, qonnx};

/// Whether the results of an operation are elements of its first operand, whatever their values.
fn moves(kind: OpKind) -> bool {
    matches!(
        kind,
        OpKind::QonnxReshape
            | OpKind::QonnxView
            | OpKind::QonnxFlatten
            | OpKind::QonnxSqueeze
            | OpKind::QonnxUnsqueeze
            | OpKind::QonnxTranspose
            | OpKind::QonnxGather
            | OpKind::QonnxSlice
            | OpKind::QonnxSplit
            | OpKind::QonnxResize
            | OpKind::QonnxDepthToSpace
            | OpKind::QonnxSpaceToDepth
            | OpKind::QonnxExpand
            | OpKind::QonnxTile
    )
}

/// Whether a reduction selects the greatest.
fn is_reduce_max(op: Op<'_>) -> bool {
    qonnx::Reduce::of(op).is_some_and(|reduce| reduce.reduction() == Reduction::Max)
}

/// Steps and divisors of each result.
type Spread = (Vec<ArrayD<Dyadic>>, Vec<Vec<ArrayD<f32>>>);

impl Integers {
    /// The results of an operation that moves elements: `rest` are its other operands.
    /// None if it does not, or not with these steps.
    pub fn moved(&self, op: Op<'_>, rest: &[&Tensor]) -> Option<Vec<Self>> {
        let mixes = matches!(op.kind(), OpKind::QonnxPad | OpKind::QonnxMaxPool) || is_reduce_max(op);
        if mixes && !self.is_uniform_where_changed(op) {
            return self.evened()?.moved(op, rest);
        }
        let on = |tensor: &Tensor| evaluate(op, &[&[tensor], rest].concat()).ok();
        let codes = on(&self.codes())?;
        let (steps, divisors) = match op.kind() {
            _ if mixes => {
                let selects = op.kind() == OpKind::QonnxPad || self.is_positive();
                selects.then(|| self.kept(codes.len()))?
            }
            kind if moves(kind) && self.is_uniform() => self.kept(codes.len()),
            kind if moves(kind) => (self.spread(&self.step, &on)?, self.spread_all(&on, codes.len())?),
            _ => return None,
        };
        let results = codes.iter().zip(steps).zip(divisors).map(|((codes, step), divisors)| {
            Some(Self { q: codes.as_int().ok()?.clone(), step, divisors, ..self.clone() })
        });
        results.collect()
    }

    /// Whether one step and one of each divisor hold everywhere.
    fn is_uniform(&self) -> bool {
        self.step.len() == 1 && self.divisors.iter().all(|divisor| divisor.len() == 1)
    }

    /// On the greatest step of which all are multiples; None if there is none, or one divides.
    fn evened(&self) -> Option<Self> {
        let common = |a: Dyadic, b: &Dyadic| if a == *b { Some(a) } else { common_step(a, *b, FACTOR_BITS) };
        let step = self.step.iter().try_fold(*self.step.first()?, common)?;
        let multiples = broadcast::all_known(self.step.mapv(|own| own.over(step, FACTOR_BITS)))?;
        let q = broadcast::all_known(broadcast::zip(&self.q, &multiples, i64::checked_mul).ok()?)?;
        let largest = multiples.iter().map(|multiple| multiple.unsigned_abs()).max()? as f64;
        let step = ArrayD::from_elem(IxDyn(&[]), step);
        self.divisors.is_empty().then(|| Self { q, step, limit: self.limit * largest, ..self.clone() })
    }

    /// Steps and divisors as they are, for each result.
    fn kept(&self, results: usize) -> Spread {
        let scalar = |len: usize| len == 1;
        let step = match self.step.first() {
            Some(step) if scalar(self.step.len()) => ArrayD::from_elem(IxDyn(&[]), *step),
            _ => self.step.clone(),
        };
        let divisors = self.divisors.iter().map(|divisor| match divisor.first() {
            Some(first) if scalar(divisor.len()) => ArrayD::from_elem(IxDyn(&[]), *first),
            _ => divisor.clone(),
        });
        (vec![step; results], vec![divisors.collect(); results])
    }

    fn spread_all(
        &self,
        on: &impl Fn(&Tensor) -> Option<Vec<Tensor>>,
        results: usize,
    ) -> Option<Vec<Vec<ArrayD<f32>>>> {
        let mut all = vec![Vec::new(); results];
        for divisor in &self.divisors {
            for (list, divisor) in all.iter_mut().zip(self.spread(divisor, on)?) {
                list.push(divisor);
            }
        }
        Some(all)
    }

    /// Where the operation takes what broadcasts against the integers.
    fn spread<T: Copy + PartialEq>(
        &self,
        values: &ArrayD<T>,
        on: &impl Fn(&Tensor) -> Option<Vec<Tensor>>,
    ) -> Option<Vec<ArrayD<T>>> {
        let flat: Vec<T> = values.iter().copied().collect();
        let positions = ArrayD::from_shape_vec(values.raw_dim(), (0..flat.len() as i64).collect()).ok()?;
        let everywhere = broadcast::view_as(&positions, self.q.shape()).ok()?.to_owned();
        let everywhere = Tensor::Int(crate::eval::IntType::I64, everywhere);
        let moved = on(&everywhere)?;
        let taken = moved.iter().map(|positions| {
            let positions = positions.as_int().ok()?;
            let values = positions.mapv(|position| usize::try_from(position).ok().and_then(|p| flat.get(p).copied()));
            broadcast::all_known(values).map(compact)
        });
        taken.collect()
    }

    /// Whether steps vary only along axes that a pad or pool leaves as they are.
    fn is_uniform_where_changed(&self, op: Op<'_>) -> bool {
        if op.kind() == OpKind::QonnxReduce || self.is_uniform() {
            return self.is_uniform();
        }
        let Some(result) = op.result(0).tensor_type().and_then(|ty| ty.static_shape()) else { return false };
        let kept = |axis: usize| match op.kind() {
            OpKind::QonnxPad => result.get(axis) == self.q.shape().get(axis),
            _ => axis < 2,
        };
        let uniform = |shape: &[usize]| {
            let missing = result.len() - shape.len().min(result.len());
            shape.iter().enumerate().all(|(place, extent)| *extent == 1 || kept(place + missing))
        };
        result.len() == self.q.ndim() && uniform(self.step.shape()) && self.divisors.iter().all(|d| uniform(d.shape()))
    }

    /// One after another; None if they divide by different numbers of divisors.
    pub fn concatenated(parts: &[&Self], axis: i64) -> Option<Self> {
        let first = parts.first()?;
        let axis = Axis(axis_index(axis, first.q.ndim()).ok()?);
        if parts.iter().any(|part| !part.divisors.is_empty()) {
            return None;
        }
        let codes: Vec<_> = parts.iter().map(|part| part.q.view()).collect();
        let q = ndarray::concatenate(axis, &codes).ok()?;
        let steps = parts.iter().map(|part| broadcast::view_as(&part.step, part.q.shape()).ok());
        let steps = steps.collect::<Option<Vec<_>>>()?;
        let step = compact(ndarray::concatenate(axis, &steps).ok()?);
        let limit = parts.iter().map(|part| part.limit).fold(0.0, f64::max);
        let (constant, derived) = (parts.iter().all(|p| p.constant), parts.iter().any(|p| p.derived));
        Some(Self { q, step, divisors: Vec::new(), limit, constant, derived })
    }
}

/// The same by broadcasting: axes along which nothing changes have an extent of 1.
fn compact<T: Copy + PartialEq>(array: ArrayD<T>) -> ArrayD<T> {
    (0..array.ndim()).fold(array, |array, axis| {
        let axis = Axis(axis);
        let mut slices = array.axis_iter(axis);
        match slices.next() {
            Some(first) if slices.all(|slice| slice == first) => first.to_owned().insert_axis(axis),
            _ => array,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::IntType;

    #[test]
    fn branches_keep_their_steps_along_the_axis() {
        let part = |scale: f32| {
            let q = Tensor::int(IntType::I64, &[1, 2, 2], vec![1, 2, 3, 4]).unwrap();
            Integers::of_codes(&q, &[&Tensor::scalar(scale)], Some(4.0)).unwrap()
        };
        let joined = Integers::concatenated(&[&part(0.5), &part(0.1)], 1).unwrap();
        assert_eq!((joined.q.shape(), joined.step.shape()), ([1, 4, 2].as_slice(), [1, 4, 1].as_slice()));
        assert_eq!(joined.value().unwrap().to_f32_vec()[..5], [0.5, 1.0, 1.5, 2.0, 0.1]);
        assert_eq!(Integers::concatenated(&[&part(0.5), &part(0.5)], 1).unwrap().step.len(), 1);
    }
}
