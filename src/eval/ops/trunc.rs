//! QONNX's Trunc: drops the least significant bits of an already quantized value, as after an average pool.
//!
//! Source: `qonnx/custom_op/general/trunc.py`. Results have numpy's promoted type: float64 if an operand has.

use ndarray::ArrayD;

use super::broadcast::zip;
use super::quant::{limits, promotes_to_f64, width_value};
use super::rounding::{Real, RoundingMode};
use crate::eval::tensor::{EvalError, Tensor};

/// Version 1: `(round(round_half_even(x / scale + z) / 2^(input_width - output_width)) - z) * scale`.
///
/// # Errors
/// If shapes do not broadcast.
pub fn trunc_v1(
    x: &Tensor,
    scale: &Tensor,
    zero_point: &Tensor,
    input_width: &Tensor,
    output_width: &Tensor,
    rounding: RoundingMode,
) -> Result<Tensor, EvalError> {
    let operands = [x, scale, zero_point, input_width, output_width];
    if operands.iter().any(|t| promotes_to_f64(t)) {
        return Ok(Tensor::F64(v1(operands.map(Tensor::to_f64), rounding)?));
    }
    Ok(Tensor::F32(v1(operands.map(Tensor::to_f32), rounding)?))
}

fn v1<T: Real>(
    [x, scale, zero_point, input_width, output_width]: [ArrayD<T>; 5],
    rounding: RoundingMode,
) -> Result<ArrayD<T>, EvalError> {
    let divisor = zip(&input_width, &output_width, |i, o| (T::one() + T::one()).powf(i - o))?;
    let y = integer_value(&x, &scale, &zero_point)?;
    let y = zip(&y, &divisor, |y, d| rounding.round(y / d))?;
    zip(&zip(&y, &zero_point, |y, z| y - z)?, &scale, |y, s| y * s)
}

/// `round_half_even(x / scale + zero_point)`.
fn integer_value<T: Real>(x: &ArrayD<T>, s: &ArrayD<T>, z: &ArrayD<T>) -> Result<ArrayD<T>, EvalError> {
    let y = zip(x, s, |x, s| x / s)?;
    zip(&y, z, |y, z| (y + z).round_half_even())
}

/// Attributes of version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TruncParams {
    /// Whether codes can be negative.
    pub signed: bool,
    /// Whether the range is one code shorter.
    pub narrow: bool,
    /// How the dropped bits round.
    pub rounding: RoundingMode,
}

/// Version 2: with `k = 2^round(log2(output_scale / scale))`,
/// `(round(clamp(round_half_even(x / scale + z) / k)) - z / k) * output_scale`.
///
/// # Errors
/// If shapes do not broadcast or the output width is not one value.
pub fn trunc_v2(
    x: &Tensor,
    scale: &Tensor,
    zero_point: &Tensor,
    output_scale: &Tensor,
    output_width: &Tensor,
    params: TruncParams,
) -> Result<Tensor, EvalError> {
    let bits = width_value(output_width)?;
    let (low, high) = match output_width {
        Tensor::F32(_) => {
            let (low, high) = limits(params.signed, params.narrow, bits as f32);
            (f64::from(low), f64::from(high))
        }
        _ => limits(params.signed, params.narrow, bits),
    };
    let operands = [x, scale, zero_point, output_scale];
    if operands.iter().any(|t| promotes_to_f64(t)) {
        return Ok(Tensor::F64(v2(operands.map(Tensor::to_f64), (low, high), params.rounding)?));
    }
    Ok(Tensor::F32(v2(operands.map(Tensor::to_f32), (low as f32, high as f32), params.rounding)?))
}

fn v2<T: Real>(
    [x, scale, zero_point, output_scale]: [ArrayD<T>; 4],
    (low, high): (T, T),
    rounding: RoundingMode,
) -> Result<ArrayD<T>, EvalError> {
    let two = T::one() + T::one();
    let divisor = zip(&output_scale, &scale, |o, s| two.powf((o / s).log2().round_half_even()))?;
    let y = integer_value(&x, &scale, &zero_point)?;
    let y = zip(&y, &divisor, |y, d| {
        let y = y / d;
        let y = if y > high { high } else { y };
        rounding.round(if y < low { low } else { y })
    })?;
    let zero_point = zip(&zero_point, &divisor, |z, d| z / d)?;
    zip(&zip(&y, &zero_point, |y, z| y - z)?, &output_scale, |y, s| y * s)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(values: &[f32]) -> Tensor {
        Tensor::f32(&[values.len()], values.to_vec()).unwrap()
    }

    #[test]
    fn version_1_drops_bits() {
        let x = vector(&[-5.0, -4.0, 5.0, 6.0, 7.0]);
        let (one, zero) = (Tensor::scalar(1.0), Tensor::scalar(0.0));
        let run =
            |mode| trunc_v1(&x, &one, &zero, &Tensor::scalar(8.0), &Tensor::scalar(6.0), mode).unwrap().to_f32_vec();
        assert_eq!(run(RoundingMode::Floor), [-2.0, -1.0, 1.0, 1.0, 1.0]);
        assert_eq!(run(RoundingMode::HalfEven), [-1.0, -1.0, 1.0, 2.0, 2.0]);
    }

    #[test]
    fn version_2_rescales_and_clamps() {
        let x = vector(&[-9.0, 3.0, 40.0]);
        let (one, two) = (Tensor::scalar(1.0), Tensor::scalar(2.0));
        let params = TruncParams { signed: true, narrow: false, rounding: RoundingMode::Floor };
        let y = trunc_v2(&x, &one, &two, &Tensor::scalar(4.0), &Tensor::scalar(4.0), params).unwrap();
        // (floor(-7/4) - 0.5) * 4, (floor(5/4) - 0.5) * 4, (min(10.5, 7) - 0.5) * 4
        assert_eq!(y.to_f32_vec(), [-10.0, 2.0, 26.0]);
    }
}
