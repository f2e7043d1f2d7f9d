//! QONNX's FloatQuant: rounds to a minifloat format, always signed.
//!
//! Source: `qonnx/custom_op/general/floatquant.py`. `has_subnormal` has no effect there; the exponent of all ones
//! counts as a number.

use ndarray::ArrayD;

use super::broadcast::zip;
use super::quant::promotes_to_f64;
use super::rounding::{Real, RoundingMode};
use crate::eval::tensor::{EvalError, Tensor};

/// Attributes of a FloatQuant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatQuantParams {
    /// Whether the format has infinities.
    pub has_inf: bool,
    /// Whether the format has NaNs.
    pub has_nan: bool,
    /// Whether values beyond the maximum become the maximum; else infinity or NaN, as the format has them.
    pub saturation: bool,
    /// How the mantissa rounds.
    pub rounding: RoundingMode,
}

/// A minifloat format.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloatFormat {
    /// Bits of the exponent.
    pub exponent_width: f64,
    /// Bits of the mantissa behind the leading one.
    pub mantissa_width: f64,
    /// What is subtracted from the stored exponent.
    pub exponent_bias: f64,
    /// A limit below that of the format.
    pub max_value: f64,
}

impl FloatFormat {
    /// Exponent of the step between the smallest values.
    pub fn least_exponent(&self) -> f64 {
        1.0 - self.exponent_bias - self.mantissa_width
    }

    /// The greatest value: `(2 - 2^-mantissa) * 2^(2^exponent - 1 - bias)`, or `max_value` if that is less.
    pub fn maximum(&self) -> f64 {
        let mantissa = 2.0 - (-self.mantissa_width).exp2();
        let format = mantissa * (self.exponent_width.exp2() - 1.0 - self.exponent_bias).exp2();
        if self.max_value < format || self.max_value.is_nan() { self.max_value } else { format }
    }
}

/// FloatQuant: `x / scale` rounded to the mantissa, clamped to the format, times `scale`; float32 always.
///
/// # Errors
/// If a value overflows without saturation and the format has neither infinity nor NaN, or shapes do not broadcast.
pub fn float_quant(
    x: &Tensor,
    scale: &Tensor,
    format: FloatFormat,
    params: FloatQuantParams,
) -> Result<Tensor, EvalError> {
    if !(params.saturation || params.has_inf || params.has_nan) {
        return Err(EvalError::attribute(
            "FloatQuant has saturation = 0 and neither has_inf nor has_nan: set one of the three",
        ));
    }
    if promotes_to_f64(x) || promotes_to_f64(scale) {
        let y = quantize(&x.to_f64(), &scale.to_f64(), f64::MIN_POSITIVE, format, params)?;
        return Ok(Tensor::F32(y.mapv(|v| v as f32)));
    }
    let y = quantize(&x.to_f32(), &scale.to_f32(), f64::from(f32::MIN_POSITIVE), format, params)?;
    Ok(Tensor::F32(y))
}

fn quantize<T: Real>(
    x: &ArrayD<T>,
    scale: &ArrayD<T>,
    tiny: f64,
    format: FloatFormat,
    params: FloatQuantParams,
) -> Result<ArrayD<T>, EvalError> {
    let real = |v: f64| T::from(v).unwrap_or_else(T::nan);
    let (tiny, mantissa, maximum) = (real(tiny), real(format.mantissa_width), real(format.maximum()));
    let least = real(format.least_exponent());
    zip(x, scale, |x, scale| limit(rounded(x / scale, tiny, mantissa, least, params.rounding), maximum, params) * scale)
}

/// `x` to `mantissa` bits behind the leading one, in no finer step than `2^least`.
fn rounded<T: Real>(x: T, tiny: T, mantissa: T, least: T, rounding: RoundingMode) -> T {
    let exponent = (x.abs() + tiny).log2().floor() - mantissa;
    let unit = (if exponent < least { least } else { exponent }).exp2();
    unit * rounding.round(x / unit)
}

/// The integer part of FloatQuant: minifloats as multiples of their least step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minifloat {
    /// Bits behind the leading one.
    pub mantissa: i64,
    /// Exponent of the least step.
    pub least: i64,
    /// Greatest magnitude.
    pub maximum: f32,
    /// Whether larger values become the maximum; else they have no code.
    pub saturation: bool,
    /// How values between two minifloats round.
    pub rounding: RoundingMode,
}

impl Minifloat {
    /// The code of a value, in float32; NaN where there is none.
    pub fn code(self, x: f32) -> f32 {
        let (mantissa, least) = (self.mantissa as f32, self.least as f32);
        let y = rounded(x, f32::MIN_POSITIVE, mantissa, least, self.rounding);
        let y = match y.abs() <= self.maximum {
            true => y,
            false if self.saturation && !y.is_nan() => self.maximum * y.signum(),
            false => f32::NAN,
        };
        y / least.exp2()
    }
}

/// `y` within `[-maximum, maximum]`, or what the format has beyond it.
fn limit<T: Real>(y: T, maximum: T, params: FloatQuantParams) -> T {
    if y.is_nan() || y.abs() <= maximum {
        y
    } else if params.saturation {
        maximum * y.signum()
    } else if params.has_inf {
        T::infinity() * y.signum()
    } else {
        T::nan()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const E4M3: FloatFormat =
        FloatFormat { exponent_width: 4.0, mantissa_width: 3.0, exponent_bias: 7.0, max_value: f64::INFINITY };

    fn run(x: &[f32], params: FloatQuantParams) -> Vec<f32> {
        let x = Tensor::f32(&[x.len()], x.to_vec()).unwrap();
        float_quant(&x, &Tensor::scalar(1.0), E4M3, params).unwrap().to_f32_vec()
    }

    #[test]
    fn rounds_to_three_bits_and_limits() {
        let saturating =
            FloatQuantParams { has_inf: false, has_nan: true, saturation: true, rounding: RoundingMode::HalfEven };
        // 1.0625 and 1.1875 are ties; 2^-10 is half of the least subnormal
        let x = [1.0625, 1.1875, -300.0, 1e6, 0.0, 0.000_976_562_5, 0.001_464_843_8];
        assert_eq!(run(&x, saturating), [1.0, 1.25, -288.0, 480.0, 0.0, 0.0, 0.001_953_125]);
        assert!(run(&[f32::INFINITY], saturating)[0].is_nan());
        let wrapping = FloatQuantParams { saturation: false, ..saturating };
        assert!(run(&[1e6], wrapping)[0].is_nan());
        let infinite = FloatQuantParams { has_inf: true, ..wrapping };
        assert_eq!(run(&[-1e6], infinite), [f32::NEG_INFINITY]);
    }

    #[test]
    fn overflow_without_a_meaning_is_refused() {
        let params =
            FloatQuantParams { has_inf: false, has_nan: false, saturation: false, rounding: RoundingMode::HalfEven };
        assert!(float_quant(&Tensor::scalar(1.0), &Tensor::scalar(1.0), E4M3, params).is_err());
    }
}
