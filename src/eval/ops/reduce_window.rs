//! Sums and maxima of integers over sliding windows, along any axes.

use ndarray::ArrayD;

use super::window::list;
use crate::eval::tensor::{EvalError, IntType, Tensor, array, element_count};

/// What a window becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowReduction {
    /// The sum, modulo 2^64.
    Sum,
    /// The greatest value.
    Max,
}

/// Extents of a window with its steps and the distances of its elements, an entry an axis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowParams {
    /// How many elements a window has along an axis.
    pub window: Vec<usize>,
    /// From one window to the next.
    pub strides: Vec<usize>,
    /// From one element to the next.
    pub dilations: Vec<usize>,
}

/// Reduces every window that lies inside `x`, as int64. A window is a product of intervals, so one axis is reduced
/// after the other.
///
/// # Errors
/// If `x` is no integer, a list does not fit its rank or has a 0, or the window is larger than `x`.
pub fn reduce_window(reduction: WindowReduction, x: &Tensor, params: &WindowParams) -> Result<Tensor, EvalError> {
    let rank = x.rank();
    let window = list(&params.window, rank, 1, "window extents")?;
    let strides = list(&params.strides, rank, 1, "strides")?;
    let dilations = list(&params.dilations, rank, 1, "dilations")?;
    let mut result = x.as_int()?.clone();
    for (axis, ((window, stride), dilation)) in window.into_iter().zip(strides).zip(dilations).enumerate() {
        if (window, stride) != (1, 1) {
            result = along(reduction, &result, axis, (window, stride, dilation))?;
        }
    }
    Ok(Tensor::Int(IntType::I64, result))
}

/// One axis reduced by a window of this extent, stride and dilation: neighbours along later axes all at once.
fn along(
    reduction: WindowReduction,
    x: &ArrayD<i64>,
    axis: usize,
    (window, stride, dilation): (usize, usize, usize),
) -> Result<ArrayD<i64>, EvalError> {
    let mut shape = x.shape().to_vec();
    let inner: usize = shape.iter().skip(axis + 1).product();
    let misfit = || EvalError::shape(format!("a window of {window} does not fit axis {axis} of {:?}", x.shape()));
    let extent = shape.get_mut(axis).ok_or_else(misfit)?;
    let old = *extent;
    let reach = window.checked_sub(1).and_then(|n| n.checked_mul(dilation));
    let room = reach.and_then(|reach| old.checked_sub(reach.checked_add(1)?)).ok_or_else(misfit)?;
    *extent = room.checked_div(stride).ok_or_else(misfit)? + 1;
    let count = *extent;
    let mut values = Vec::with_capacity(element_count(&shape)?);
    let flat = x.as_standard_layout();
    for block in flat.as_slice().unwrap_or_default().chunks((old * inner).max(1)) {
        for start in (0..count).map(|place| place * stride) {
            let rows = (0..window).filter_map(|k| block.get((start + k * dilation) * inner..)?.get(..inner));
            reduce_rows(reduction, rows, &mut values);
        }
    }
    array(&shape, values)
}

/// Appends the element-by-element reduction of rows of one length.
fn reduce_rows<'a>(reduction: WindowReduction, mut rows: impl Iterator<Item = &'a [i64]>, values: &mut Vec<i64>) {
    let begin = values.len();
    values.extend_from_slice(rows.next().unwrap_or_default());
    let Some(result) = values.get_mut(begin..) else { return };
    for row in rows {
        let pairs = result.iter_mut().zip(row);
        match reduction {
            WindowReduction::Sum => pairs.for_each(|(sum, value)| *sum = sum.wrapping_add(*value)),
            WindowReduction::Max => pairs.for_each(|(most, value)| *most = (*most).max(*value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(reduction: WindowReduction, window: [usize; 2], strides: [usize; 2], dilations: [usize; 2]) -> Vec<i64> {
        let x = Tensor::int(IntType::signed(8), &[3, 4], vec![1, -2, 3, 4, 9, 0, -7, 5, 2, 6, 8, -1]).unwrap();
        let params = WindowParams { window: window.into(), strides: strides.into(), dilations: dilations.into() };
        reduce_window(reduction, &x, &params).unwrap().to_i64_vec().unwrap()
    }

    #[test]
    fn sums_and_maxima() {
        use WindowReduction::{Max, Sum};
        assert_eq!(run(Sum, [2, 2], [1, 2], [1, 1]), [1 - 2 + 9, 3 + 4 - 7 + 5, 9 + 2 + 6, -7 + 5 + 8 - 1]);
        assert_eq!(run(Max, [2, 2], [1, 2], [2, 1]), [6, 8]);
        assert_eq!(run(Max, [1, 2], [2, 1], [1, 2]), [3, 4, 8, 6]);
        assert_eq!(run(Sum, [3, 4], [1, 1], [1, 1]), [28]);
        assert_eq!(run(Max, [1, 1], [2, 3], [9, 9]), [1, 4, 2, -1]);
    }

    #[test]
    fn misfits_are_refused() {
        let x = Tensor::int(IntType::signed(8), &[3], vec![1, 2, 3]).unwrap();
        let params = |window: &[usize], strides: &[usize], dilations: &[usize]| WindowParams {
            window: window.into(),
            strides: strides.into(),
            dilations: dilations.into(),
        };
        for bad in [
            params(&[4], &[1], &[1]),
            params(&[2], &[0], &[1]),
            params(&[2], &[1], &[usize::MAX]),
            params(&[0], &[2], &[1]),
            params(&[1, 1], &[], &[]),
        ] {
            assert!(reduce_window(WindowReduction::Sum, &x, &bad).is_err(), "{bad:?}");
        }
        assert!(reduce_window(WindowReduction::Sum, &Tensor::scalar(1.0), &WindowParams::default()).is_err());
    }
}
