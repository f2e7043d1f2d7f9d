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
        // What negative amounts take away is gone before the rest is padded.
        let (cut, behind) = ((-front).max(0), extent as i64 - length - front);
        let kept = (length - cut + behind.min(0)).max(0);
        let positions = (0..extent as i64).map(|i| {
            let position = source(i - front.max(0), kept, mode)?;
            Ok(position.map(|position| position + cut as usize))
        });
        let positions = positions.collect::<Result<Vec<_>, EvalError>>()?;
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

/// Puts `interior` integers `value` between neighbours of every axis, then `low` in front and `high` behind; negative
/// `low` and `high` crop.
///
/// # Errors
/// If `x` is no integer, a list does not fit its rank, the result is too large, or an extent negative.
pub fn pad_interior(x: &Tensor, [low, high, interior]: [&[i64]; 3], value: i64) -> Result<Tensor, EvalError> {
    let Tensor::Int(ty, array) = x else {
        return Err(EvalError::element_type("the padded operand", x, "an integer"));
    };
    let rank = x.rank();
    if [low.len(), high.len(), interior.len()] != [rank; 3] {
        return Err(EvalError::shape(format!("lists of padding for a tensor of rank {rank} differ in length")));
    }
    let misfit = || EvalError::shape(format!("padding {low:?}, {high:?}, {interior:?} does not fit {:?}", x.shape()));
    let (mut shape, mut from, mut to) = (Vec::new(), Vec::new(), Vec::new());
    for (((&extent, &low), &high), &interior) in x.shape().iter().zip(low).zip(high).zip(interior) {
        let axis = PaddedAxis::new(extent, low, high, interior).ok_or_else(misfit)?;
        shape.push(axis.extent);
        from.push(axis.from);
        to.push(axis.to);
    }
    element_count(&shape)?;
    let mut result = ArrayD::from_elem(shape, value);
    let axis = |list: &[Slice], axis: Axis| list.get(axis.index()).copied().unwrap_or(Slice::from(..));
    let source = array.slice_each_axis(|a| axis(&from, a.axis));
    result.slice_each_axis_mut(|a| axis(&to, a.axis)).assign(&source);
    Ok(Tensor::Int(*ty, result))
}

/// One axis of [`pad_interior`]: the new extent, which elements stay, and where they go.
struct PaddedAxis {
    extent: usize,
    from: Slice,
    to: Slice,
}

impl PaddedAxis {
    fn new(extent: usize, low: i64, high: i64, interior: i64) -> Option<Self> {
        let (extent, low, step) = (extent as i128, i128::from(low), i128::from(interior) + 1);
        if step < 1 {
            return None;
        }
        let stretched = if extent == 0 { 0 } else { (extent - 1).checked_mul(step)? + 1 };
        let length = usize::try_from(stretched + low + i128::from(high)).ok()?;
        // The first that is not cropped in front, and the first that is cropped behind.
        let first = if low < 0 { (-low + step - 1) / step } else { 0 }.min(extent);
        let end = (length as i128 - low + step - 1).max(0) / step;
        let count = end.min(extent) - first;
        if count <= 0 {
            return Some(Self { extent: length, from: Slice::from(0..0), to: Slice::from(0..0) });
        }
        let start = isize::try_from(low + first * step).ok()?;
        let first = isize::try_from(first).ok()?;
        let count = isize::try_from(count).ok()?;
        // A step beyond the axis never happens.
        let step = isize::try_from(step).unwrap_or(isize::MAX);
        let end = (count - 1).checked_mul(step)?.checked_add(start)?.checked_add(1)?;
        Some(Self { extent: length, from: Slice::from(first..first + count), to: Slice::new(start, Some(end), step) })
    }
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
        assert_eq!(run(&[-1, 1], PadMode::Wrap), [2, 3, 2]);
        assert_eq!(run(&[-4, 1], PadMode::Constant), [] as [i64; 0]);
    }

    #[test]
    fn interior_padding_and_crops() {
        let x = Tensor::indices(vec![1, 2, 3]);
        let run =
            |low, high, interior| pad_interior(&x, [&[low], &[high], &[interior]], 7).unwrap().to_i64_vec().unwrap();
        assert_eq!(run(1, 2, 0), [7, 1, 2, 3, 7, 7]);
        assert_eq!(run(0, 0, 2), [1, 7, 7, 2, 7, 7, 3]);
        assert_eq!(run(-1, -1, 1), [7, 2, 7]);
        assert_eq!(run(-2, 1, 1), [2, 7, 3, 7]);
        assert_eq!(run(-4, 4, 1), [3, 7, 7, 7, 7]);
        assert_eq!(run(-5, 1, 1), [7]);
        assert_eq!(run(3, -5, 1), [7, 7, 7]);
        let square = Tensor::int(crate::eval::tensor::IntType::signed(8), &[2, 2], vec![1, 2, 3, 4]).unwrap();
        let y = pad_interior(&square, [&[0, 1], &[-1, 0], &[1, 0]], 0).unwrap();
        assert_eq!((y.shape(), y.to_i64_vec().unwrap()), (&[2, 3][..], vec![0, 1, 2, 0, 0, 0]));
        let empty = pad_interior(&Tensor::indices(vec![]), [&[1], &[1], &[5]], 4).unwrap();
        assert_eq!(empty.to_i64_vec().unwrap(), [4, 4]);
        for [low, high, interior] in [[-4, 0, 0], [0, 0, -1], [i64::MAX, i64::MAX, i64::MAX], [0, 0, i64::MAX]] {
            assert!(pad_interior(&x, [&[low], &[high], &[interior]], 0).is_err(), "{low} {high} {interior}");
        }
        assert!(pad_interior(&x, [&[0], &[], &[0]], 0).is_err());
        assert!(pad_interior(&Tensor::scalar(1.0), [&[], &[], &[]], 0).is_err());
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
