//! MultiThreshold: counts, per channel, how many thresholds a value reaches.
//!
//! Source: `qonnx/custom_op/general/multithreshold.py`.

use ndarray::{ArrayD, ArrayView1, Axis, Ix2};

use super::layout::axis_index;
use crate::eval::tensor::{EvalError, IntType, Tensor};

/// The channel axis that the reference assumes for a tensor of `rank` and a `data_layout` like `"NCHW"`: that of C;
/// without a layout axis 1, but the last axis for rank 3.
///
/// # Errors
/// For ranks 0 and 1, and for a layout whose C lies outside the tensor.
pub fn channel_axis(rank: usize, data_layout: Option<&str>) -> Result<usize, EvalError> {
    let axis = match data_layout.filter(|l| !l.is_empty()) {
        Some(layout) => layout.find('C').unwrap_or(1),
        None if rank == 3 => 2,
        None => 1,
    };
    if axis >= rank {
        return Err(EvalError::shape(format!(
            "MultiThreshold has its channels on axis {axis} of a tensor of rank {rank}"
        )));
    }
    Ok(axis)
}

/// `out_scale * (number of thresholds <= x) + out_bias`. `thresholds` has shape (channels or 1, steps) and need not
/// be sorted; NaN reaches nothing and is reached by nothing. Integers give float64, as in numpy.
///
/// # Errors
/// If the number of channels does not fit.
pub fn multi_threshold(
    x: &Tensor,
    thresholds: &Tensor,
    out_scale: f32,
    out_bias: f32,
    axis: usize,
) -> Result<Tensor, EvalError> {
    if let (Tensor::F32(x), Tensor::F32(t)) = (x, thresholds) {
        let counts = count(x, t, axis)?;
        return Ok(Tensor::F32(counts.mapv(|n| out_scale * n as f32 + out_bias)));
    }
    let counts = count(&x.to_f64(), &thresholds.to_f64(), axis)?;
    Ok(match x {
        Tensor::F32(_) => Tensor::F32(counts.mapv(|n| out_scale * n as f32 + out_bias)),
        _ => Tensor::F64(counts.mapv(|n| f64::from(out_scale) * n as f64 + f64::from(out_bias))),
    })
}

/// The counts alone, between integers: what threshold hardware computes.
///
/// # Errors
/// If an operand is no integer or the number of channels does not fit.
pub fn count_thresholds(x: &Tensor, thresholds: &Tensor, axis: i64) -> Result<Tensor, EvalError> {
    let axis = axis_index(axis, x.rank())?;
    let counts = count(x.as_int()?, thresholds.as_int()?, axis)?;
    let steps = thresholds.shape().last().copied().unwrap_or(0);
    Ok(Tensor::Int(IntType::holding(0, steps as i64), counts))
}

fn count<T: PartialOrd + Copy>(x: &ArrayD<T>, thresholds: &ArrayD<T>, axis: usize) -> Result<ArrayD<i64>, EvalError> {
    let shape = thresholds.shape().to_vec();
    let table = thresholds.view().into_dimensionality::<Ix2>().ok();
    let channels = x.shape().get(axis).copied();
    let (Some(table), Some(channels)) = (table.filter(|t| [Some(1), channels].contains(&Some(t.nrows()))), channels)
    else {
        return Err(EvalError::shape(format!(
            "thresholds have shape {shape:?}, expected (channels or 1, steps) for axis {axis} of {:?}",
            x.shape()
        )));
    };
    let mut counts = ArrayD::zeros(x.raw_dim());
    for channel in 0..channels {
        let row = if table.nrows() == 1 { 0 } else { channel };
        let steps = table.row(row);
        let counts = counts.index_axis_mut(Axis(axis), channel);
        ndarray::Zip::from(counts).and(x.index_axis(Axis(axis), channel)).for_each(|n, &x| *n = reached(steps, x));
    }
    Ok(counts)
}

fn reached<T: PartialOrd>(steps: ArrayView1<'_, T>, x: T) -> i64 {
    steps.iter().map(|t| i64::from(x >= *t)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_per_channel() {
        let x = Tensor::f32(&[1, 2, 2], vec![0.0, 1.0, f32::NAN, 3.0]).unwrap();
        let t = Tensor::f32(&[2, 2], vec![0.0, 2.0, 1.0, f32::NAN]).unwrap();
        let y = multi_threshold(&x, &t, 2.0, -1.0, 1).unwrap();
        assert_eq!(y.to_f32_vec(), [1.0, 1.0, -1.0, 1.0]);
        let last = channel_axis(3, None).unwrap();
        assert_eq!(multi_threshold(&x, &t, 1.0, 0.0, last).unwrap().to_f32_vec(), [1.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn axes_and_shapes_are_checked() {
        assert_eq!(channel_axis(4, Some("NHWC")), Ok(3));
        assert_eq!(channel_axis(5, None), Ok(1));
        assert!(channel_axis(1, None).is_err());
        let x = Tensor::f32(&[1, 3], vec![0.0; 3]).unwrap();
        let t = Tensor::f32(&[2, 1], vec![0.0; 2]).unwrap();
        assert!(multi_threshold(&x, &t, 1.0, 0.0, 1).is_err());
    }

    #[test]
    fn integer_counts() {
        let x = Tensor::indices(vec![-1, 0, 7]);
        let t = Tensor::int(IntType::I64, &[1, 3], vec![0, 1, 8]).unwrap();
        let n = count_thresholds(&x, &t, 0).unwrap();
        assert_eq!(n, Tensor::int(IntType::unsigned(2), &[3], vec![0, 1, 2]).unwrap());
    }
}
