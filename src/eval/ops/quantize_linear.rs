//! ONNX's own quantizers: QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear.
//!
//! QuantizeLinear rounds before it adds the zero point, QONNX's Quant after.

use ndarray::{ArrayD, Axis};

use super::broadcast::zip3;
use super::layout::axis_index;
use crate::eval::tensor::{EvalError, IntType, Tensor, map_array};

/// QuantizeLinear: `saturate(round_half_even(x / scale) + zero_point)` in `ty`; NaN gives the least code.
/// Scale and zero point are one value, one for each place along `axis`, or one an element.
///
/// # Errors
/// If scale or zero point have another shape.
pub fn quantize_linear(
    x: &Tensor,
    scale: &Tensor,
    zero_point: Option<&Tensor>,
    ty: IntType,
    axis: i64,
) -> Result<Tensor, EvalError> {
    let x = x.to_f32();
    let scale = expand(&scale.to_f32(), x.shape(), axis)?;
    let zero_point = zero_points(zero_point, &scale, x.shape(), axis)?;
    let (low, high) = (ty.min(), ty.max());
    let code = |x: f32, scale: f32, zero: i64| {
        let q = (x / scale).round_ties_even();
        if q.is_nan() { low } else { (q as i64).saturating_add(zero).clamp(low, high) }
    };
    Ok(Tensor::Int(ty, zip3(&x, &scale, &zero_point, code)?))
}

/// DequantizeLinear: `(q - zero_point) * scale`, the difference exact, then rounded to float32 once before and
/// once after the product. Parameters as in [`quantize_linear`].
///
/// # Errors
/// If `q` is no integer or scale or zero point have another shape.
pub fn dequantize_linear(
    q: &Tensor,
    scale: &Tensor,
    zero_point: Option<&Tensor>,
    axis: i64,
) -> Result<Tensor, EvalError> {
    let q = q.as_int()?;
    let scale = expand(&scale.to_f32(), q.shape(), axis)?;
    let zero_point = zero_points(zero_point, &scale, q.shape(), axis)?;
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
    let codes = quantize_linear(x, &scale, Some(&zero), ty, 0)?;
    Ok((codes, scale, zero))
}

fn zero_points(
    zero_point: Option<&Tensor>,
    scale: &ArrayD<f32>,
    shape: &[usize],
    axis: i64,
) -> Result<ArrayD<i64>, EvalError> {
    match zero_point {
        Some(z) => expand(z.as_int()?, shape, axis),
        None => Ok(ArrayD::zeros(scale.raw_dim())),
    }
}

/// A parameter in a shape that broadcasts to `shape`: one value, one for each place along an axis, or one an element.
///
/// # Errors
/// If it has another shape.
pub fn along_axis(p: &Tensor, shape: &[usize], axis: i64) -> Result<Tensor, EvalError> {
    Ok(map_array!(p, values => expand(values, shape, axis)?))
}

fn expand<T: Copy>(p: &ArrayD<T>, shape: &[usize], axis: i64) -> Result<ArrayD<T>, EvalError> {
    if p.len() == 1 {
        return reshape(p, &[]);
    }
    if p.shape() == shape {
        return Ok(p.clone());
    }
    let axis = axis_index(axis, shape.len())?;
    let extent = shape.get(axis).copied().unwrap_or(0);
    if p.shape() != [extent] {
        return Err(EvalError::shape(format!(
            "a parameter of shape {:?} is neither one value nor one a channel nor one an element: expected {extent} for \
             axis {axis}, or {shape:?}",
            p.shape()
        )));
    }
    let mut expanded = vec![1; shape.len()];
    expanded.iter_mut().skip(axis).take(1).for_each(|place| *place = extent);
    reshape(p, &expanded)
}

fn reshape<T: Copy>(p: &ArrayD<T>, shape: &[usize]) -> Result<ArrayD<T>, EvalError> {
    crate::eval::tensor::array(shape, p.iter().copied().collect())
}

/// A parameter that has one value for each `block` elements along an axis of `extent` elements, with one an
/// element; the last block may be shorter.
///
/// # Errors
/// If its extent is another.
pub fn per_element(p: &Tensor, axis: i64, block: usize, extent: usize) -> Result<Tensor, EvalError> {
    let axis = axis_index(axis, p.rank())?;
    let (found, expected) = (p.shape().get(axis).copied().unwrap_or(0), extent.div_ceil(block.max(1)));
    if found != expected {
        return Err(EvalError::shape(format!(
            "scale or zero point has shape {:?}, expected {expected} blocks of {block} along axis {axis} of {extent} elements",
            p.shape()
        )));
    }
    let blocks: Vec<usize> = (0..extent).map(|index| index / block.max(1)).collect();
    Ok(map_array!(p, values => values.select(Axis(axis), &blocks)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_before_the_zero_point() {
        let x = Tensor::f32(&[1, 5], vec![0.5, 1.5, -1000.0, 1000.0, f32::NAN]).unwrap();
        let one = Tensor::int(IntType::unsigned(8), &[], vec![1]).unwrap();
        let q = quantize_linear(&x, &Tensor::scalar(1.0), Some(&one), IntType::unsigned(8), 1).unwrap();
        assert_eq!(q.to_i64_vec().unwrap(), [1, 3, 0, 255, 0]);
        let y = dequantize_linear(&q, &Tensor::scalar(0.5), Some(&one), 1).unwrap();
        assert_eq!(y.to_f32_vec(), [0.0, 1.0, -0.5, 127.0, -0.5]);
    }

    #[test]
    fn scales_per_axis_and_per_block() {
        let q = Tensor::int(IntType::signed(4), &[2, 3], vec![1, 2, 3, 4, 5, 6]).unwrap();
        let rows = Tensor::f32(&[2], vec![1.0, 10.0]).unwrap();
        let y = dequantize_linear(&q, &rows, None, 0).unwrap();
        assert_eq!(y.to_f32_vec(), [1.0, 2.0, 3.0, 40.0, 50.0, 60.0]);
        let blocks = Tensor::f32(&[2, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let each = per_element(&blocks, -1, 2, 3).unwrap();
        assert_eq!(each.to_f32_vec(), [1.0, 1.0, 2.0, 3.0, 3.0, 4.0]);
        let y = dequantize_linear(&q, &each, None, -1).unwrap();
        assert_eq!(y.to_f32_vec(), [1.0, 2.0, 6.0, 12.0, 15.0, 24.0]);
        assert!(dequantize_linear(&q, &rows, None, 1).is_err());
        assert!(per_element(&blocks, -1, 1, 3).is_err() && per_element(&blocks, 2, 2, 3).is_err());
    }
}
