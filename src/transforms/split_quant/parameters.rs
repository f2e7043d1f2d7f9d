//! Scales, zero points and widths: constants that hardware can have.

use crate::eval::{Tensor, convert::constant_of, interpreter::rounding_of};
use qonnx_dialect::{RoundingMode, Value};

/// The codes of the limits; both must be whole numbers of up to 62 bits.
pub(super) fn code_range(rounding: RoundingMode, low: f32, high: f32) -> Result<(i64, i64), String> {
    let code = |limit: f32| {
        let code = rounding_of(rounding).round(limit);
        (code.abs() < 2f32.powi(62)).then_some(code as i64).ok_or_else(|| format!("codes up to {code} are too wide"))
    };
    Ok((code(low)?, code(high)?))
}

pub(super) fn parameter(name: &str, value: Value<'_>) -> Result<Tensor, String> {
    constant_of(value).ok_or_else(|| {
        format!("the {name} is not constant but computed at run time; hardware needs a fixed {name}: calibrate the model and export constants")
    })
}

/// With a zero point of another type than float32 the reference adds it in float64, which
/// shows only where it is not 0.
pub(super) fn float_zero_point(zero_point: Tensor) -> Result<Tensor, String> {
    match zero_point {
        Tensor::F32(_) => Ok(zero_point),
        other if all(&other, 0.0) => Ok(Tensor::F32(other.to_f32())),
        other => Err(format!(
            "the zero point has element type {}, with which the reference computes in float64: store it as float32",
            other.element_type()
        )),
    }
}

/// With a scale of another type the reference computes in float64. For a power of two
/// division and product are exact in either type, so float32 gives the same.
pub(super) fn float_scale(scale: Tensor) -> Result<Tensor, String> {
    let power = |value: &f64| {
        let exponent = value.abs().log2();
        exponent.fract() == 0.0 && (-126.0..=127.0).contains(&exponent) && 2f64.powi(exponent as i32) == value.abs()
    };
    match scale {
        Tensor::F32(_) => Ok(scale),
        other if other.to_f64().iter().all(power) => Ok(Tensor::F32(other.to_f32())),
        other => Err(format!(
            "the scale has element type {} and is no power of two, so the reference computes in float64: store it as float32",
            other.element_type()
        )),
    }
}

pub(super) fn scale_parameter(value: Value<'_>) -> Result<Tensor, String> {
    let scale = float_scale(parameter("scale", value)?)?;
    let bad = scale.to_f32_vec().into_iter().enumerate().find(|(_, s)| !s.is_finite() || *s == 0.0);
    match bad {
        Some((index, value)) => {
            Err(format!("the scale is {value} at element {index}, expected a finite number that is not 0"))
        }
        None => Ok(scale),
    }
}

/// The exponent of a single power of two.
pub(super) fn exponent_of(scale: &Tensor) -> Option<i64> {
    let value = scale.only_value().ok()?;
    let exponent = value.log2();
    (value > 0.0 && exponent.fract() == 0.0 && 2f64.powi(exponent as i32) == value).then_some(exponent as i64)
}

pub(super) fn all(tensor: &Tensor, value: f64) -> bool {
    tensor.to_f64().iter().all(|element| *element == value)
}
