//! Normalization: BatchNormalization in inference and LayerNormalization.

use ndarray::{Axis, Zip};

use super::broadcast::view_as;
use crate::eval::tensor::{EvalError, Tensor};

/// The per-channel factors `ns = (1 / sqrt(variance + epsilon)) * scale` and offsets `nb = bias - mean * ns` that
/// onnxruntime computes first; each operation rounds to float32.
///
/// # Errors
/// If the operands are not float32 vectors of one length.
pub fn batch_norm_constants(
    scale: &Tensor,
    bias: &Tensor,
    mean: &Tensor,
    variance: &Tensor,
    epsilon: f32,
) -> Result<(Tensor, Tensor), EvalError> {
    let shape = scale.shape();
    if [bias, mean, variance].iter().any(|t| t.shape() != shape) || shape.len() != 1 {
        return Err(EvalError::shape(format!(
            "scale, bias, mean and variance have shapes {shape:?}, {:?}, {:?} and {:?}, expected one vector shape",
            bias.shape(),
            mean.shape(),
            variance.shape()
        )));
    }
    let factor =
        Zip::from(variance.as_f32()?).and(scale.as_f32()?).map_collect(|&v, &s| (1.0 / (v + epsilon).sqrt()) * s);
    let offset = Zip::from(bias.as_f32()?).and(mean.as_f32()?).and(&factor).map_collect(|&b, &m, &f| b - m * f);
    Ok((Tensor::F32(factor), Tensor::F32(offset)))
}

/// BatchNormalization with the running mean and variance: `x * ns + nb`, rounded after the product and after
/// the sum ([`batch_norm_constants`]). Channels are axis 1.
///
/// # Errors
/// If `x` has no axis 1 or its extent is not the number of channels.
pub fn batch_norm(
    x: &Tensor,
    scale: &Tensor,
    bias: &Tensor,
    mean: &Tensor,
    variance: &Tensor,
    epsilon: f32,
) -> Result<Tensor, EvalError> {
    let (factor, offset) = batch_norm_constants(scale, bias, mean, variance, epsilon)?;
    let channels = factor.len();
    if x.shape().get(1) != Some(&channels) {
        return Err(EvalError::shape(format!(
            "the input has shape {:?}, expected {channels} channels on axis 1",
            x.shape()
        )));
    }
    let mut y = x.as_f32()?.clone();
    let (factor, offset) = (factor.as_f32()?, offset.as_f32()?);
    for ((mut channel, &f), &b) in y.axis_iter_mut(Axis(1)).zip(factor).zip(offset) {
        channel.mapv_inplace(|v| v * f + b);
    }
    Ok(Tensor::F32(y))
}

/// LayerNormalization over the axes from `axis` on: `(x - mean) / sqrt(variance + epsilon) * scale + bias` in
/// float32. The order in which onnxruntime sums is not known; here mean and variance are those of float64, so that
/// the result is within a few ulp of any order.
///
/// # Errors
/// If the axis does not exist or scale or bias do not broadcast to the normalized axes.
pub fn layer_norm(
    x: &Tensor,
    scale: &Tensor,
    bias: Option<&Tensor>,
    axis: i64,
    epsilon: f32,
) -> Result<Tensor, EvalError> {
    let axis = super::layout::axis_index(axis, x.rank())?;
    let shape = x.shape().to_vec();
    let (rows, inner): (usize, usize) = (shape.iter().take(axis).product(), shape.iter().skip(axis).product());
    let tail = shape.get(axis..).unwrap_or_default();
    let parameters =
        |t: &Tensor| -> Result<Vec<f32>, EvalError> { Ok(view_as(t.as_f32()?, tail)?.iter().copied().collect()) };
    let scale = parameters(scale)?;
    let bias = bias.map(parameters).transpose()?;
    let mut values: Vec<f32> = x.as_f32()?.iter().copied().collect();
    for row in values.chunks_mut(inner.max(1)).take(rows) {
        normalize_row(row, &scale, bias.as_deref(), epsilon);
    }
    Tensor::f32(&shape, values)
}

fn normalize_row(row: &mut [f32], scale: &[f32], bias: Option<&[f32]>, epsilon: f32) {
    let n = row.len() as f64;
    let mean = row.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = row.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
    let (mean, deviation) = (mean as f32, (variance + f64::from(epsilon)).sqrt() as f32);
    for (i, (v, s)) in row.iter_mut().zip(scale).enumerate() {
        let y = (*v - mean) / deviation * s;
        *v = bias.and_then(|b| b.get(i)).map_or(y, |b| y + b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_and_results_have_the_bits_of_onnxruntime() {
        let x = Tensor::f32(&[2, 2], vec![1.1, -2.3, 0.7, 5.9]).unwrap();
        let vector = |a, b| Tensor::f32(&[2], vec![a, b]).unwrap();
        let (scale, bias, mean, variance) = (vector(0.9, 1.7), vector(0.1, -0.3), vector(0.45, -1.2), vector(0.8, 2.1));
        let y = batch_norm(&x, &scale, &bias, &mean, &variance, 1e-5).unwrap().to_f32_vec();
        let bits: Vec<u32> = y.into_iter().map(f32::to_bits).collect();
        assert_eq!(bits, [0x3f41_0925, 0xbfcb_92de, 0x3eb3_ff28, 0x4100_7714]);
        assert!(batch_norm(&Tensor::scalar(0.0), &scale, &bias, &mean, &variance, 1e-5).is_err());
        assert!(batch_norm_constants(&x, &bias, &mean, &variance, 1e-5).is_err());
    }

    #[test]
    fn rows_are_normalized() {
        let x = Tensor::f32(&[2, 2], vec![1.0, 3.0, -2.0, 2.0]).unwrap();
        let y = layer_norm(&x, &Tensor::scalar(2.0), Some(&Tensor::scalar(1.0)), -1, 0.0).unwrap();
        assert_eq!(y.to_f32_vec(), [-1.0, 3.0, -1.0, 3.0]);
        assert!(layer_norm(&x, &x, None, -1, 0.0).is_err());
    }
}
