//! Softmax and LogSoftmax, in onnxruntime's order of operations.

use super::layout::{axis_index, from_rows, rows_along};
use super::transcendental::sum_exp;
use crate::eval::tensor::{EvalError, Tensor};

/// Softmax along `axis`: `e^(x - max)` times the rounded reciprocal of the sum.
///
/// # Errors
/// If `x` is not float32 or has no such axis.
pub fn softmax(x: &Tensor, axis: i64) -> Result<Tensor, EvalError> {
    along(x, axis, |row, out| {
        let scale = 1.0 / sum_exp(row, -greatest(row), out);
        out.iter_mut().for_each(|v| *v *= scale);
    })
}

/// LogSoftmax along `axis`: `(x - max) - ln(sum of e^(x - max))`.
///
/// # Errors
/// If `x` is not float32 or has no such axis.
pub fn log_softmax(x: &Tensor, axis: i64) -> Result<Tensor, EvalError> {
    along(x, axis, |row, out| {
        let greatest = greatest(row);
        let logarithm = sum_exp(row, -greatest, out).ln();
        for (y, x) in out.iter_mut().zip(row) {
            *y = (x - greatest) - logarithm;
        }
    })
}

fn greatest(row: &[f32]) -> f32 {
    row.iter().fold(f32::MIN, |m, &v| if v > m { v } else { m })
}

fn along(x: &Tensor, axis: i64, f: impl Fn(&[f32], &mut [f32])) -> Result<Tensor, EvalError> {
    let axis = axis_index(axis, x.rank())?;
    let rows = rows_along(x.as_f32()?, axis);
    let mut results = rows.clone();
    let length = x.shape().get(axis).copied().unwrap_or(0).max(1);
    for (row, out) in rows.chunks(length).zip(results.chunks_mut(length)) {
        f(row, out);
    }
    Ok(Tensor::F32(from_rows(results, x.shape(), axis)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::ops::testing::{bits, bits_of};

    #[test]
    fn nine_values_have_the_bits_of_onnxruntime() {
        let x = Tensor::f32(&[9, 1], vec![1.0, 2.0, 3.5, -1.0, 0.25, -90.0, 1.5, 0.1, 0.7]).unwrap();
        let expected = bits("3d542d74 3e10308a 3f218da1 3be5b88c 3cc8737f 00000000 3daee92c 3cac87a7 3d1d2f5d");
        assert_eq!(bits_of(&softmax(&x, 0).unwrap()), expected);
        let expected = bits("c03d7641 bffaec82 beebb209 c09ebb21 c06d7641 c2bbebb2 c01d7641 c0770fdb c050a974");
        assert_eq!(bits_of(&log_softmax(&x, -2).unwrap()), expected);
        assert!(softmax(&x, 2).is_err());
    }
}
