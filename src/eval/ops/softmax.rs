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
}
