//! Pad: extends or (with negative amounts) crops a tensor.

use ndarray::{ArrayD, Axis, Slice};

use super::layout::{axis_index, axis_indices};
use crate::eval::tensor::{EvalError, Tensor, element_count};

/// Where padded elements come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PadMode {
    /// One constant.
    Constant,
    /// Mirrored at the border element, which is not repeated.
    Reflect,
    /// The border element.
    Edge,
    /// The opposite side.
    Wrap,
}

/// Pads every axis by `pads[axis]` in front and `pads[rank + axis]` behind. `value` (default 0) is that of mode
/// constant, of one element and the type of `x`.
///
/// # Errors
/// If the number of pads is not twice the rank, the result is too large, or a reflection exceeds the axis.
pub fn pad(x: &Tensor, pads: &[i64], mode: PadMode, value: Option<&Tensor>) -> Result<Tensor, EvalError> {
    let (Some((front, behind)), true) = (pads.split_at_checked(x.rank()), pads.len() == 2 * x.rank()) else {
        return Err(EvalError::shape(format!("{} pads for a tensor of rank {}", pads.len(), x.rank())));
    };
    let mut shape = Vec::with_capacity(x.rank());
    for ((&d, &f), &b) in x.shape().iter().zip(front).zip(behind) {
        let extent = i128::from(f) + i128::from(b) + d as i128;
        let extent = usize::try_from(extent).ok().filter(|_| f.unsigned_abs().max(b.unsigned_abs()) < 1 << 40);
        shape.push(extent.ok_or_else(|| EvalError::shape(format!("pads {pads:?} do not fit shape {:?}", x.shape())))?);
    }
    element_count(&shape)?;
    let misfit = |t: &Tensor| EvalError::element_type("the pad value", t, &x.element_type());
    Ok(match (x, value) {
        (Tensor::F32(a), None) => Tensor::F32(extend(a, front, &shape, mode, 0.0)?),
        (Tensor::F32(a), Some(Tensor::F32(v))) => Tensor::F32(extend(a, front, &shape, mode, only(v)?)?),
        (Tensor::F64(a), None) => Tensor::F64(extend(a, front, &shape, mode, 0.0)?),
        (Tensor::F64(a), Some(Tensor::F64(v))) => Tensor::F64(extend(a, front, &shape, mode, only(v)?)?),
        (Tensor::Int(t, a), None) => Tensor::Int(*t, extend(a, front, &shape, mode, 0)?),
        (Tensor::Int(t, a), Some(Tensor::Int(u, v))) if t == u => {
            Tensor::Int(*t, extend(a, front, &shape, mode, only(v)?)?)
        }
        (_, Some(v)) => return Err(misfit(v)),
    })
}

/// Pads of every axis from those of `axes` alone, in front of each, then behind each.
///
/// # Errors
/// If the numbers of pads and axes do not fit, or an axis does not exist or comes twice.
pub fn of_all_axes(pads: &[i64], axes: Option<&[i64]>, rank: usize) -> Result<Vec<i64>, EvalError> {
    let every: Vec<i64> = (0..rank as i64).collect();
    let axes = axes.unwrap_or(&every);
    if pads.len() != 2 * axes.len() {
        return Err(EvalError::shape(format!("has {} pads for {} axes", pads.len(), axes.len())));
    }
    axis_indices(axes, rank)?;
    let (front, behind) = pads.split_at(axes.len());
    let mut all = vec![0; 2 * rank];
    for ((&axis, &front), &behind) in axes.iter().zip(front).zip(behind) {
        let axis = axis_index(axis, rank)?;
        for (place, amount) in [(axis, front), (axis + rank, behind)] {
            if let Some(pad) = all.get_mut(place) {
                *pad = amount;
            }
        }
    }
    Ok(all)
}

fn only<T: Copy>(value: &ArrayD<T>) -> Result<T, EvalError> {
    value
        .iter()
        .copied()
        .next()
        .filter(|_| value.len() == 1)
        .ok_or_else(|| EvalError::shape(format!("the pad value has shape {:?}, expected one element", value.shape())))
}

/// Pads axis after axis, so that corners come out as numpy has them.
fn extend<T: Copy>(
    x: &ArrayD<T>,
    front: &[i64],
    shape: &[usize],
    mode: PadMode,
    value: T,
) -> Result<ArrayD<T>, EvalError> {
    let mut result = x.clone();
    for (axis, (&front, &extent)) in front.iter().zip(shape).enumerate() {
        let length = result.shape().get(axis).copied().unwrap_or(0) as i64;
        if length == extent as i64 && front == 0 {
            continue;
        }
        let positions = (0..extent as i64).map(|i| source(i - front, length, mode));
        let positions = positions.collect::<Result<Vec<_>, _>>()?;
        let mut target = result.raw_dim();
        if let Some(d) = ndarray::Dimension::slice_mut(&mut target).get_mut(axis) {
            *d = extent;
        }
        let mut padded = ArrayD::from_elem(target, value);
        for (i, position) in positions.into_iter().enumerate() {
            if let Some(p) = position {
                let place = Slice::from(i..i + 1);
                padded.slice_axis_mut(Axis(axis), place).assign(&result.slice_axis(Axis(axis), Slice::from(p..p + 1)));
            }
        }
        result = padded;
    }
    Ok(result)
}

/// Where the element at `position` (negative in front of the axis) comes from; `None` for the constant.
fn source(position: i64, length: i64, mode: PadMode) -> Result<Option<usize>, EvalError> {
    if (0..length).contains(&position) {
        return Ok(Some(position as usize));
    }
    let inside = match mode {
        PadMode::Constant => return Ok(None),
        PadMode::Edge => position.max(0).min(length - 1),
        PadMode::Wrap if length > 0 => position.rem_euclid(length),
        PadMode::Reflect if position < 0 => -position,
        PadMode::Reflect => 2 * (length - 1) - position,
        PadMode::Wrap => -1,
    };
    if !(0..length).contains(&inside) {
        return Err(EvalError::shape(format!("an axis of extent {length} is too short for its {mode:?} padding")));
    }
    Ok(Some(inside as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pads: &[i64], mode: PadMode) -> Vec<i64> {
        pad(&Tensor::indices(vec![1, 2, 3]), pads, mode, None).unwrap().to_i64_vec().unwrap()
    }

    #[test]
    fn every_mode() {
        assert_eq!(run(&[2, 1], PadMode::Constant), [0, 0, 1, 2, 3, 0]);
        assert_eq!(run(&[2, 2], PadMode::Reflect), [3, 2, 1, 2, 3, 2, 1]);
        assert_eq!(run(&[2, 1], PadMode::Edge), [1, 1, 1, 2, 3, 3]);
        assert_eq!(run(&[1, 4], PadMode::Wrap), [3, 1, 2, 3, 1, 2, 3, 1]);
        assert_eq!(run(&[-1, 0], PadMode::Constant), [2, 3]);
        assert_eq!(run(&[-1, 1], PadMode::Constant), [2, 3, 0]);
    }

    #[test]
    fn misfits_are_refused() {
        let x = Tensor::indices(vec![1, 2, 3]);
        assert!(pad(&x, &[3, 0], PadMode::Reflect, None).is_err());
        assert!(pad(&x, &[1], PadMode::Edge, None).is_err());
        assert!(pad(&x, &[-2, -2], PadMode::Edge, None).is_err());
        assert!(pad(&x, &[i64::MIN, i64::MAX], PadMode::Constant, None).is_err());
        assert!(pad(&x, &[i64::MAX, 0], PadMode::Constant, None).is_err());
        assert!(pad(&x, &[1, 0], PadMode::Constant, Some(&Tensor::scalar(0.0))).is_err());
        let empty = Tensor::indices(vec![]);
        assert!(pad(&empty, &[1, 0], PadMode::Edge, None).is_err());
    }
}
