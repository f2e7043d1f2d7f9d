//! ONNX's own quantizers: QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear.
//!
//! QuantizeLinear rounds before it adds the zero point, QONNX's Quant after.

use ndarray::{ArrayD, Axis, Slice};

use super::broadcast::{view_as, zip3};
use super::layout::axis_index;
use crate::eval::tensor::{EvalError, IntType, Tensor};

/// Which values share a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granularity {
    /// The axis of a scale vector or of the blocks.
    pub axis: i64,
    /// Values along the axis that share a scale; 0 for a whole tensor (scalar scale) or axis (vector scale).
    pub block_size: usize,
}

/// QuantizeLinear: `saturate(round_half_even(x / scale) + zero_point)` in `ty`; NaN gives the least code.
///
/// # Errors
/// If scale or zero point do not fit the granularity.
pub fn quantize_linear(
    x: &Tensor,
    scale: &Tensor,
    zero_point: Option<&Tensor>,
    ty: IntType,
    granularity: Granularity,
) -> Result<Tensor, EvalError> {
    let x = x.to_f32();
    let scale = expand(&scale.to_f32(), x.shape(), granularity)?;
    let zero_point = zero_points(zero_point, &scale, x.shape(), granularity)?;
    let (low, high) = (ty.min(), ty.max());
    let code = |x: f32, scale: f32, zero: i64| {
        let q = (x / scale).round_ties_even();
        if q.is_nan() { low } else { (q as i64).saturating_add(zero).clamp(low, high) }
    };
    Ok(Tensor::Int(ty, zip3(&x, &scale, &zero_point, code)?))
}

/// DequantizeLinear: `(q - zero_point) * scale`, the difference exact, then rounded to float32 once before and
/// once after the product.
///
/// # Errors
/// If `q` is no integer or scale or zero point do not fit the granularity.
pub fn dequantize_linear(
    q: &Tensor,
    scale: &Tensor,
    zero_point: Option<&Tensor>,
    granularity: Granularity,
) -> Result<Tensor, EvalError> {
    let q = q.as_int()?;
    let scale = expand(&scale.to_f32(), q.shape(), granularity)?;
    let zero_point = zero_points(zero_point, &scale, q.shape(), granularity)?;
    let value = |q: i64, scale: f32, zero: i64| q.wrapping_sub(zero) as f32 * scale;
    Ok(Tensor::F32(zip3(q, &scale, &zero_point, value)?))
}

/// DynamicQuantizeLinear: codes, scale and zero point for uint8 from the range of `x`, which includes 0.
///
/// # Errors
/// If `x` is not float32.
pub fn dynamic_quantize_linear(x: &Tensor) -> Result<(Tensor, Tensor, Tensor), EvalError> {
    let (low, high) = x.as_f32()?.iter().fold((0.0f32, 0.0f32), |(l, h), &v| (l.min(v), h.max(v)));
    let scale = if high == low { 1.0 } else { (high - low) / 255.0 };
    let ty = IntType::unsigned(8);
    let zero = (0.0 - low / scale).clamp(0.0, 255.0).round_ties_even() as i64;
    let zero = Tensor::Int(ty, ndarray::arr0(zero).into_dyn());
    let scale = Tensor::scalar(scale);
    let codes = quantize_linear(x, &scale, Some(&zero), ty, Granularity { axis: 0, block_size: 0 })?;
    Ok((codes, scale, zero))
}

fn zero_points(
    zero_point: Option<&Tensor>,
    scale: &ArrayD<f32>,
    shape: &[usize],
    granularity: Granularity,
) -> Result<ArrayD<i64>, EvalError> {
    match zero_point {
        Some(z) => expand(z.as_int()?, shape, granularity),
        None => Ok(ArrayD::zeros(scale.raw_dim())),
    }
}

/// A parameter in a shape that broadcasts to `shape`.
fn expand<T: Copy>(p: &ArrayD<T>, shape: &[usize], granularity: Granularity) -> Result<ArrayD<T>, EvalError> {
    if p.len() == 1 && granularity.block_size == 0 {
        return reshape(p, &[]);
    }
    let axis = axis_index(granularity.axis, shape.len())?;
    let extent = shape.get(axis).copied().unwrap_or(0);
    let mut expected = if granularity.block_size == 0 { vec![1; shape.len()] } else { shape.to_vec() };
    if let Some(e) = expected.get_mut(axis) {
        *e = if granularity.block_size == 0 { extent } else { extent.div_ceil(granularity.block_size) };
    }
    let fits = if granularity.block_size == 0 { p.shape() == [extent] } else { p.shape() == expected };
    if !fits {
        return Err(EvalError::shape(format!(
            "scale or zero point has shape {:?}, expected one value, or {expected:?} (without the ones) for axis {axis} of {shape:?}",
            p.shape()
        )));
    }
    if granularity.block_size == 0 { reshape(p, &expected) } else { repeat(p, shape, axis, granularity.block_size) }
}

fn reshape<T: Copy>(p: &ArrayD<T>, shape: &[usize]) -> Result<ArrayD<T>, EvalError> {
    crate::eval::tensor::array(shape, p.iter().copied().collect())
}

/// Every slice along `axis` repeated `block` times, cut to `shape`.
fn repeat<T: Copy>(p: &ArrayD<T>, shape: &[usize], axis: usize, block: usize) -> Result<ArrayD<T>, EvalError> {
    let extent = shape.get(axis).copied().unwrap_or(0);
    let indices: Vec<usize> = (0..extent).map(|i| i / block).collect();
    let repeated = p.select(Axis(axis), &indices);
    Ok(view_as(&repeated, shape)?.slice_axis(Axis(axis), Slice::from(..)).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Granularity = Granularity { axis: 1, block_size: 0 };

    #[test]
    fn rounds_before_the_zero_point() {
        let x = Tensor::f32(&[1, 5], vec![0.5, 1.5, -1000.0, 1000.0, f32::NAN]).unwrap();
        let one = Tensor::int(IntType::unsigned(8), &[], vec![1]).unwrap();
        let q = quantize_linear(&x, &Tensor::scalar(1.0), Some(&one), IntType::unsigned(8), WHOLE).unwrap();
        assert_eq!(q.to_i64_vec().unwrap(), [1, 3, 0, 255, 0]);
        let y = dequantize_linear(&q, &Tensor::scalar(0.5), Some(&one), WHOLE).unwrap();
        assert_eq!(y.to_f32_vec(), [0.0, 1.0, -0.5, 127.0, -0.5]);
    }

    #[test]
    fn scales_per_axis_and_per_block() {
        let q = Tensor::int(IntType::signed(4), &[2, 3], vec![1, 2, 3, 4, 5, 6]).unwrap();
        let rows = Tensor::f32(&[2], vec![1.0, 10.0]).unwrap();
        let y = dequantize_linear(&q, &rows, None, Granularity { axis: 0, block_size: 0 }).unwrap();
        assert_eq!(y.to_f32_vec(), [1.0, 2.0, 3.0, 40.0, 50.0, 60.0]);
        let blocks = Tensor::f32(&[2, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let y = dequantize_linear(&q, &blocks, None, Granularity { axis: -1, block_size: 2 }).unwrap();
        assert_eq!(y.to_f32_vec(), [1.0, 2.0, 6.0, 12.0, 15.0, 24.0]);
        assert!(dequantize_linear(&q, &rows, None, WHOLE).is_err());
    }
}
