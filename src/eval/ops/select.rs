//! Ops that pick or join elements: Concat, Split, Slice, Gather, Where, Shape and ConstantOfShape.

use std::{iter::StepBy, ops::Range};

use ndarray::{ArrayD, ArrayViewD, Axis, Slice};

use super::broadcast::zip3;
use super::layout::{axis_index, axis_indices, extents};
use crate::eval::tensor::{EvalError, Tensor, element_count, map_array};

/// Concat along an existing axis.
///
/// # Errors
/// If there is nothing to join, element types differ, or the other extents do.
pub fn concat(parts: &[&Tensor], axis: i64) -> Result<Tensor, EvalError> {
    let first = parts.first().ok_or_else(|| EvalError::shape("there is nothing to concatenate"))?;
    let axis = Axis(axis_index(axis, first.rank())?);
    Ok(match first {
        Tensor::F32(_) => Tensor::F32(join(parts, axis, |t| if let Tensor::F32(a) = t { Some(a) } else { None })?),
        Tensor::F64(_) => Tensor::F64(join(parts, axis, |t| if let Tensor::F64(a) = t { Some(a) } else { None })?),
        Tensor::Int(ty, _) => Tensor::Int(
            *ty,
            join(parts, axis, |t| if let Tensor::Int(u, a) = t { (u == ty).then_some(a) } else { None })?,
        ),
    })
}

fn join<'a, T: Clone + 'a>(
    parts: &[&'a Tensor],
    axis: Axis,
    array: impl Fn(&'a Tensor) -> Option<&'a ArrayD<T>>,
) -> Result<ArrayD<T>, EvalError> {
    let mut views: Vec<ArrayViewD<'_, T>> = Vec::with_capacity(parts.len());
    for part in parts {
        let types = || EvalError::element_type("an operand of concat", part, "that of the first");
        views.push(array(part).ok_or_else(types)?.view());
    }
    let total = views.iter().try_fold(0usize, |n, v| n.checked_add(v.len())).unwrap_or(usize::MAX);
    element_count(&[total])?;
    let misfit = || {
        let shapes: Vec<&[usize]> = parts.iter().map(|p| p.shape()).collect();
        EvalError::shape(format!("shapes {shapes:?} cannot be joined on axis {}", axis.index()))
    };
    // The library checks extents, but takes equal ranks for granted.
    if views.iter().any(|v| Some(v.ndim()) != views.first().map(|f| f.ndim())) {
        return Err(misfit());
    }
    ndarray::concatenate(axis, &views).map_err(|_| misfit())
}

/// Split into parts of the given extents along `axis`.
///
/// # Errors
/// If the extents do not add up to that of the axis.
pub fn split(x: &Tensor, lengths: &[i64], axis: i64) -> Result<Vec<Tensor>, EvalError> {
    let axis = axis_index(axis, x.rank())?;
    let extent = x.shape().get(axis).copied().unwrap_or(0);
    // Extents of one axis, not of one tensor: their product means nothing.
    let lengths: Result<Vec<usize>, _> = lengths.iter().map(|&length| usize::try_from(length)).collect();
    let lengths = lengths.map_err(|_| EvalError::shape("the length of a part is negative"))?;
    if lengths.iter().try_fold(0usize, |n, &l| n.checked_add(l)) != Some(extent) {
        return Err(EvalError::shape(format!("parts {lengths:?} do not add up to the extent {extent} of axis {axis}")));
    }
    let mut start = 0;
    let parts = lengths.iter().map(|&length| {
        let range = Slice::from(start..start + length);
        start += length;
        map_array!(x, a => a.slice_axis(Axis(axis), range).to_owned())
    });
    Ok(parts.collect())
}

/// The extents of `parts` equal parts of an axis (Split with `num_outputs`): the last one may be shorter.
///
/// # Errors
/// If there are no parts.
pub fn equal_parts(extent: usize, parts: usize) -> Result<Vec<i64>, EvalError> {
    if parts == 0 || parts > extent.max(1) {
        return Err(EvalError::shape(format!("an extent of {extent} cannot be split in {parts} parts")));
    }
    let length = extent.div_ceil(parts);
    Ok((0..parts).map(|i| extent.saturating_sub(i * length).min(length) as i64).collect())
}

/// Slice: `starts[i]..ends[i]` by `steps[i]` on `axes[i]`. Negative positions count from the end, those beyond the
/// axis are limited to it; a negative step walks backward. `axes` and `steps` default to all axes and ones.
///
/// # Errors
/// If the lists differ in length, a step is 0, or an axis does not exist or comes twice.
pub fn slice(
    x: &Tensor,
    starts: &[i64],
    ends: &[i64],
    axes: Option<&[i64]>,
    steps: Option<&[i64]>,
) -> Result<Tensor, EvalError> {
    let mut result = x.clone();
    for (axis, positions) in visited(x.shape(), starts, ends, axes, steps)? {
        let positions: Vec<usize> = positions.map(|p| p.unsigned_abs() as usize).collect();
        result = map_array!(&result, a => a.select(Axis(axis), &positions));
    }
    Ok(result)
}

/// The shape of a [`slice`] of a tensor of this shape.
///
/// # Errors
/// As [`slice`].
pub fn slice_shape(
    shape: &[usize],
    starts: &[i64],
    ends: &[i64],
    axes: Option<&[i64]>,
    steps: Option<&[i64]>,
) -> Result<Vec<usize>, EvalError> {
    let mut result = shape.to_vec();
    for (axis, positions) in visited(shape, starts, ends, axes, steps)? {
        if let Some(extent) = result.get_mut(axis) {
            // Exact for a range, however long.
            *extent = positions.size_hint().0;
        }
    }
    Ok(result)
}

/// The positions that a slice visits on each axis that it names.
fn visited(
    shape: &[usize],
    starts: &[i64],
    ends: &[i64],
    axes: Option<&[i64]>,
    steps: Option<&[i64]>,
) -> Result<Vec<(usize, StepBy<Range<i64>>)>, EvalError> {
    let all: Vec<i64> = (0..starts.len() as i64).collect();
    let ones = vec![1; starts.len()];
    let (axes, steps) = (axes.unwrap_or(&all), steps.unwrap_or(&ones));
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(EvalError::shape("starts, ends, axes and steps of a slice differ in length"));
    }
    axis_indices(axes, shape.len())?;
    element_count(shape)?;
    let bounds = starts.iter().zip(ends).zip(axes).zip(steps);
    let visit = |(((&start, &end), &axis), &step): (((&i64, &i64), &i64), &i64)| {
        let axis = axis_index(axis, shape.len())?;
        let extent = shape.get(axis).copied().unwrap_or(0);
        Ok((axis, positions(extent as i64, start, end, step)?))
    };
    bounds.map(visit).collect()
}

/// The positions that a slice of one axis visits; negated where it walks backward.
fn positions(extent: i64, start: i64, end: i64, step: i64) -> Result<StepBy<Range<i64>>, EvalError> {
    let from_end = |p: i64| if p < 0 { p.saturating_add(extent) } else { p };
    let range = match step {
        0 => return Err(EvalError::attribute("the step of a slice is 0")),
        1.. => from_end(start).clamp(0, extent)..from_end(end).clamp(0, extent),
        _ => {
            // Backward from start down to, not including, end: counted from the far side.
            let (start, end) = (from_end(start).clamp(-1, extent - 1), from_end(end).clamp(-1, extent - 1));
            -start..-end
        }
    };
    let stride = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(range.step_by(stride))
}

/// Gather: slices of `x` along `axis` at `indices`, whose shape replaces the axis. Negative indices count from the end.
///
/// # Errors
/// If an index lies outside the axis or is no integer.
pub fn gather(x: &Tensor, indices: &Tensor, axis: i64) -> Result<Tensor, EvalError> {
    let axis = axis_index(axis, x.rank())?;
    let extent = x.shape().get(axis).copied().unwrap_or(0);
    let mut positions = Vec::with_capacity(indices.len());
    for &index in indices.as_int()? {
        let position = axis_index(index, extent)
            .map_err(|_| EvalError::value(format!("index {index} lies outside the extent {extent} of axis {axis}")))?;
        positions.push(position);
    }
    let mut shape: Vec<usize> = x.shape().to_vec();
    shape.splice(axis..=axis, indices.shape().iter().copied());
    element_count(&shape)?;
    let picked = map_array!(x, a => a.select(Axis(axis), &positions));
    super::layout::with_shape(&picked, &shape)
}

/// Where: `a` where the condition holds, else `b`, under broadcasting.
///
/// # Errors
/// If the condition is no integer tensor or the element types differ.
pub fn select(condition: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor, EvalError> {
    let c = condition.as_int()?;
    match (a, b) {
        (Tensor::F32(x), Tensor::F32(y)) => Ok(Tensor::F32(zip3(c, x, y, |c, x, y| if c != 0 { x } else { y })?)),
        (Tensor::F64(x), Tensor::F64(y)) => Ok(Tensor::F64(zip3(c, x, y, |c, x, y| if c != 0 { x } else { y })?)),
        (Tensor::Int(t, x), Tensor::Int(u, y)) if t == u => {
            Ok(Tensor::Int(*t, zip3(c, x, y, |c, x, y| if c != 0 { x } else { y })?))
        }
        _ => Err(EvalError::element_type("the third operand of where", b, &a.element_type())),
    }
}

/// Shape: the extents of axes `start..end` (negative ones count from the end) as an int64 vector.
pub fn shape(x: &Tensor, start: i64, end: Option<i64>) -> Tensor {
    let rank = x.rank() as i64;
    let limit = |p: i64| (if p < 0 { p.saturating_add(rank) } else { p }).clamp(0, rank) as usize;
    let range = limit(start)..limit(end.unwrap_or(rank));
    Tensor::indices(x.shape().get(range).unwrap_or_default().iter().map(|&d| d as i64).collect())
}

/// ConstantOfShape: `value` (one element) in every place.
///
/// # Errors
/// If the shape is negative or too large, or there is not one value.
pub fn constant_of_shape(target: &[i64], value: &Tensor) -> Result<Tensor, EvalError> {
    let shape = extents(target)?;
    value.only_value()?;
    let one = super::layout::with_shape(value, &[])?;
    Ok(map_array!(&one, a => super::broadcast::view_as(a, &shape)?.to_owned()))
}

/// Range: `start, start + step, ...` before `limit`, as int64.
///
/// # Errors
/// If the step is 0 or there are too many values.
pub fn range(start: i64, limit: i64, step: i64) -> Result<Tensor, EvalError> {
    if step == 0 {
        return Err(EvalError::attribute("the step of a range is 0"));
    }
    let distance = (i128::from(limit) - i128::from(start)) * i128::from(step.signum());
    let count = distance.max(0).div_euclid(i128::from(step).abs())
        + i128::from(distance.max(0).rem_euclid(i128::from(step).abs()) != 0);
    let count = element_count(&[usize::try_from(count).unwrap_or(usize::MAX)])?;
    Ok(Tensor::indices((0..count as i64).map(|i| start.wrapping_add(step.wrapping_mul(i))).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::tensor::IntType;

    fn x() -> Tensor {
        Tensor::indices((0..6).collect())
    }

    fn ints(t: Tensor) -> Vec<i64> {
        t.to_i64_vec().unwrap()
    }

    #[test]
    fn slices_in_both_directions() {
        let run = |s, e, step| ints(slice(&x(), &[s], &[e], None, Some(&[step])).unwrap());
        assert_eq!(run(1, -1, 2), [1, 3]);
        assert_eq!(run(-1, i64::MIN, -2), [5, 3, 1]);
        assert_eq!(run(100, 2, -1), [5, 4, 3]);
        assert_eq!(run(4, 2, 1), [0i64; 0]);
        assert_eq!(run(i64::MIN, i64::MAX, i64::MAX), [0]);
        assert_eq!(run(-1, 0, i64::MIN), [5]);
        assert!(slice(&x(), &[0], &[1], None, Some(&[0])).is_err());
        assert!(slice(&x(), &[0], &[1], Some(&[1]), None).is_err());
        let empty = Tensor::indices(vec![]);
        assert!(slice(&empty, &[-1], &[i64::MIN], None, Some(&[-1])).unwrap().is_empty());
    }

    #[test]
    fn joins_and_splits() {
        let parts = split(&x(), &[1, 5], 0).unwrap();
        assert_eq!(concat(&[&parts[0], &parts[1]], 0).unwrap(), x());
        assert_eq!(equal_parts(7, 3), Ok(vec![3, 3, 1]));
        assert!(split(&x(), &[1, 1], 0).is_err());
        assert!(concat(&[&x(), &Tensor::scalar(1.0)], 0).is_err());
        assert!(concat(&[], 0).is_err());
        let matrix = Tensor::int(IntType::I64, &[1, 2], vec![0, 1]).unwrap();
        assert!(concat(&[&matrix, &x()], 1).is_err());
    }

    #[test]
    fn gathers_with_the_shape_of_the_indices() {
        let indices = Tensor::int(IntType::I64, &[1, 2], vec![-1, 0]).unwrap();
        let picked = gather(&x(), &indices, 0).unwrap();
        assert_eq!((picked.shape(), ints(picked.clone())), (&[1, 2][..], vec![5, 0]));
        assert!(gather(&x(), &Tensor::indices(vec![6]), 0).is_err());
    }

    #[test]
    fn shapes_and_constants() {
        let m = Tensor::f32(&[2, 3, 4], vec![0.0; 24]).unwrap();
        assert_eq!(ints(shape(&m, 1, None)), [2, 3, 4][1..]);
        assert_eq!(ints(shape(&m, -1, Some(i64::MAX))), [4]);
        assert_eq!(constant_of_shape(&[2], &Tensor::scalar(3.0)).unwrap().to_f32_vec(), [3.0, 3.0]);
        assert!(constant_of_shape(&[1 << 32], &Tensor::scalar(3.0)).is_err());
        assert_eq!(ints(range(5, 0, -2).unwrap()), [5, 3, 1]);
        assert!(range(i64::MIN, i64::MAX, 1).is_err());
        let picked = select(&Tensor::indices(vec![1, 0]), &Tensor::indices(vec![7]), &Tensor::indices(vec![8]));
        assert_eq!(ints(picked.unwrap()), [7, 8]);
    }
}
