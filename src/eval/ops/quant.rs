//! QONNX's integer quantizers: Quant (also IntQuant) and BipolarQuant.
//!
//! Source: `qonnx/custom_op/general/{intquant,bipolar_quant}.py`. All arithmetic is float32, or float64 where numpy
//! would promote to it because of a float64 or wide integer operand.

use ndarray::ArrayD;

use super::broadcast::{broadcast_shapes, view_as, zip};
use super::rounding::{Real, RoundingMode};
use crate::eval::tensor::{EvalError, IntType, Tensor};

/// Attributes of a Quant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuantParams {
    /// Whether codes can be negative.
    pub signed: bool,
    /// Whether the range is one code shorter, so that it is symmetric if signed.
    pub narrow: bool,
    /// How values between codes round.
    pub rounding: RoundingMode,
}

/// Least and greatest code of `width` bits before rounding, computed in float type `T` as the reference does:
/// `-2^(b-1) (+1 if narrow)` to `2^(b-1) - 1`, or 0 to `2^b - 1` (`- 2` if narrow).
pub fn limits<T: Real>(signed: bool, narrow: bool, width: T) -> (T, T) {
    let (one, two) = (T::one(), T::one() + T::one());
    match (signed, narrow) {
        (true, false) => (-two.powf(width - one), two.powf(width - one) - one),
        (true, true) => (-two.powf(width - one) + one, two.powf(width - one) - one),
        (false, false) => (T::zero(), two.powf(width) - one),
        (false, true) => (T::zero(), two.powf(width) - two),
    }
}

/// What follows `x / scale + zero_point`: the clamp and rounding of one quantizer, ready for many values.
#[derive(Clone, Copy, Debug)]
pub struct Quantizer<T> {
    bipolar: bool,
    low: T,
    high: T,
    rounding: RoundingMode,
}

impl<T: Real> Quantizer<T> {
    /// A quantizer to `width` bits. One signed bit means -1 and 1.
    pub fn new(params: QuantParams, width: T) -> Self {
        let (low, high) = limits(params.signed, params.narrow, width);
        let bipolar = params.signed && width == T::one();
        Self { bipolar, low, high, rounding: params.rounding }
    }

    /// A quantizer with these limits, whatever width they come from.
    pub fn with_limits(low: T, high: T, rounding: RoundingMode) -> Self {
        Self { bipolar: false, low, high, rounding }
    }

    /// The code of `y`, as a float. NaN stays NaN, but for one signed bit, where it is -1.
    #[inline]
    pub fn code(&self, y: T) -> T {
        if self.bipolar {
            return bipolar(y);
        }
        let y = if y > self.high { self.high } else { y };
        let y = if y < self.low { self.low } else { y };
        self.rounding.round(y)
    }

    /// The whole Quant of one value.
    #[inline]
    pub fn quantize(&self, x: T, scale: T, zero_point: T) -> T {
        (self.code(x / scale + zero_point) - zero_point) * scale
    }

    /// The narrowest type that holds all codes.
    ///
    /// # Errors
    /// If that takes more than 64 bits.
    pub fn code_type(&self) -> Result<IntType, EvalError> {
        if self.bipolar {
            return Ok(IntType::signed(2));
        }
        let (low, high) = (self.code(self.low).into(), self.code(self.high).into());
        let limit = 2f64.powi(63);
        if !(low >= -limit && high < limit) {
            return Err(EvalError::attribute(format!("codes from {low} to {high} do not fit 64 bits")));
        }
        Ok(IntType::holding(low as i64, high as i64))
    }
}

/// 1 if not negative, else -1; NaN gives -1.
fn bipolar<T: Real>(y: T) -> T {
    if y >= T::zero() { T::one() } else { -T::one() }
}

/// Quant: `(clamp-and-round(x / scale + zero_point) - zero_point) * scale`. Scale and zero point broadcast
/// against `x` as in numpy and may enlarge the result, which is float32 always.
///
/// # Errors
/// If the shapes do not broadcast or the bit width is not one value.
pub fn quant(
    x: &Tensor,
    scale: &Tensor,
    zero_point: &Tensor,
    bit_width: &Tensor,
    params: QuantParams,
) -> Result<Tensor, EvalError> {
    let bits = width_value(bit_width)?;
    if let Some(promoted) = Promoted::new([x, scale, zero_point], bit_width, params)? {
        let value = |x: f64, s: f64, z: f64| promoted.value(promoted.code(x, s, z), s, z);
        let y = apply(&x.to_f64(), &scale.to_f64(), &zero_point.to_f64(), value)?;
        return Ok(Tensor::F32(y.mapv(|v| v as f32)));
    }
    let quantizer = match bit_width {
        Tensor::F32(_) => Quantizer::new(params, bits as f32),
        _ => {
            let wide = Quantizer::new(params, bits);
            Quantizer { bipolar: wide.bipolar, low: wide.low as f32, high: wide.high as f32, rounding: wide.rounding }
        }
    };
    let y = apply(&x.to_f32(), &scale.to_f32(), &zero_point.to_f32(), |x, s, z| quantizer.quantize(x, s, z))?;
    Ok(Tensor::F32(y))
}

/// A Quant in float64, as numpy computes it where an operand is not float32.
#[derive(Clone, Copy, Debug)]
pub struct Promoted {
    quantizer: Quantizer<f64>,
    /// Whether the quotient is one of float32: numpy promotes operation by operation.
    narrow: bool,
}

impl Promoted {
    /// For operand, scale and zero point of these types; None if they are all float32.
    ///
    /// # Errors
    /// If the bit width is not one value.
    pub fn new(operands: [&Tensor; 3], bit_width: &Tensor, params: QuantParams) -> Result<Option<Self>, EvalError> {
        let [x, scale, zero_point] = operands.map(promotes_to_f64);
        if !(x || scale || zero_point) {
            return Ok(None);
        }
        let quantizer = widen(params, bit_width, width_value(bit_width)?);
        Ok(Some(Self { quantizer, narrow: !x && !scale }))
    }

    /// The code of `x`.
    #[inline]
    pub fn code(&self, x: f64, scale: f64, zero_point: f64) -> f64 {
        let quotient = if self.narrow { f64::from(x as f32 / scale as f32) } else { x / scale };
        self.quantizer.code(quotient + zero_point)
    }

    /// What a code stands for, before the reference casts it to float32.
    #[inline]
    pub fn value(&self, code: f64, scale: f64, zero_point: f64) -> f64 {
        (code - zero_point) * scale
    }
}

/// A float64 quantizer whose limits were computed in the type of the bit width.
fn widen(params: QuantParams, bit_width: &Tensor, bits: f64) -> Quantizer<f64> {
    match bit_width {
        Tensor::F32(_) => {
            let narrow = Quantizer::new(params, bits as f32);
            let (low, high) = (f64::from(narrow.low), f64::from(narrow.high));
            Quantizer { bipolar: narrow.bipolar, low, high, rounding: narrow.rounding }
        }
        _ => Quantizer::new(params, bits),
    }
}

/// `f` of every value with its scale and zero point; fast where these are single values.
pub(super) fn apply<T: Real>(
    x: &ArrayD<T>,
    scale: &ArrayD<T>,
    zero_point: &ArrayD<T>,
    f: impl Fn(T, T, T) -> T,
) -> Result<ArrayD<T>, EvalError> {
    let shape = broadcast_shapes([x.shape(), scale.shape(), zero_point.shape()])?;
    let x = view_as(x, &shape)?;
    if let (1, 1, Some(&s), Some(&z)) = (scale.len(), zero_point.len(), scale.first(), zero_point.first()) {
        return Ok(x.mapv(|v| f(v, s, z)));
    }
    let (s, z) = (view_as(scale, &shape)?, view_as(zero_point, &shape)?);
    Ok(ndarray::Zip::from(x).and(s).and(z).map_collect(|&x, &s, &z| f(x, s, z)))
}

/// Only the integer part of a Quant: the codes of `y`, which is `x / scale + zero_point` already, in the
/// narrowest type that holds all codes. One signed bit gives -1 and 1.
///
/// # Errors
/// If `y` is no float tensor, holds a NaN, or the codes take more than 64 bits.
pub fn quantize_int(
    y: &Tensor,
    signed: bool,
    narrow: bool,
    width: f32,
    rounding: RoundingMode,
) -> Result<Tensor, EvalError> {
    let params = QuantParams { signed, narrow, rounding };
    let quantizer = Quantizer::new(params, width);
    let ty = quantizer.code_type()?;
    let codes = match y {
        Tensor::F32(a) => a.mapv(|v| f64::from(quantizer.code(v))),
        Tensor::F64(a) => {
            let quantizer = widen(params, &Tensor::scalar(width), f64::from(width));
            a.mapv(|v| quantizer.code(v))
        }
        Tensor::Int(..) => {
            return Err(EvalError::element_type("the operand of quantize", y, "a float"));
        }
    };
    if codes.iter().any(|v| v.is_nan()) {
        return Err(EvalError::value("NaN has no integer code: quantize it in floating point (Quant) or remove it"));
    }
    Ok(Tensor::Int(ty, codes.mapv(|v| v as i64)))
}

/// BipolarQuant: `scale` where `x` is not negative, `-scale` elsewhere and for NaN.
///
/// # Errors
/// If the shapes do not broadcast or an operand is no float.
pub fn bipolar_quant(x: &Tensor, scale: &Tensor) -> Result<Tensor, EvalError> {
    match (x, scale) {
        (Tensor::F32(x), Tensor::F32(s)) => Ok(Tensor::F32(zip(x, s, |x, s| bipolar(x) * s)?)),
        (Tensor::Int(..), _) => Err(EvalError::element_type("the operand of BipolarQuant", x, "a float")),
        _ if promotes_to_f64(x) || promotes_to_f64(scale) => {
            Ok(Tensor::F64(zip(&x.to_f64(), &scale.to_f64(), |x, s| bipolar(x) * s)?))
        }
        _ => Ok(Tensor::F32(zip(&x.to_f32(), &scale.to_f32(), |x, s| bipolar(x) * s)?)),
    }
}

/// The single value of a bit width.
pub(super) fn width_value(bit_width: &Tensor) -> Result<f64, EvalError> {
    bit_width
        .only_value()
        .map_err(|_| EvalError::shape(format!("the bit width has shape {:?}, expected one value", bit_width.shape())))
}

/// Whether a number is plus or minus a power of two that is a normal float32.
pub fn is_power_of_two(value: f64) -> bool {
    let exponent = value.abs().log2();
    exponent.fract() == 0.0 && (-126.0..=127.0).contains(&exponent) && 2f64.powi(exponent as i32) == value.abs()
}

/// Whether numpy computes in float64 when this tensor meets a float32 one.
pub fn promotes_to_f64(t: &Tensor) -> bool {
    match t {
        Tensor::F32(_) => false,
        Tensor::F64(_) => true,
        Tensor::Int(ty, _) => ty.width > 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::ops::testing::{bits, bits_of};

    fn params(signed: bool, narrow: bool) -> QuantParams {
        QuantParams { signed, narrow, rounding: RoundingMode::HalfEven }
    }

    #[test]
    fn every_rounding_mode_has_the_bits_of_qonnx() {
        let x = [-1.05, -0.45, -0.12, -0.05, 0.05, 0.149999, 0.25, 0.35, 9.0];
        let x = Tensor::f32(&[9], x.to_vec()).unwrap();
        let (scale, zero, width) = (Tensor::scalar(0.1), Tensor::scalar(0.0), Tensor::scalar(4.0));
        let cases: [(&str, Vec<u32>); 7] = [
            ("ROUND", bits("bf4ccccd becccccd bdcccccd 80000000 00000000 3dcccccd 3e4ccccd 3ecccccd 3f333333")),
            ("CEIL", bits("bf4ccccd becccccd bdcccccd 80000000 3dcccccd 3e4ccccd 3e99999a 3ecccccd 3f333333")),
            ("FLOOR", bits("bf4ccccd bf000000 be4ccccd bdcccccd 00000000 3dcccccd 3e4ccccd 3e99999a 3f333333")),
            ("UP", bits("bf4ccccd bf000000 be4ccccd bdcccccd 3dcccccd 3e4ccccd 3e99999a 3ecccccd 3f333333")),
            ("DOWN", bits("bf4ccccd becccccd bdcccccd 80000000 00000000 3dcccccd 3e4ccccd 3e99999a 3f333333")),
            ("HALF_UP", bits("bf4ccccd bf000000 bdcccccd bdcccccd 3dcccccd 3dcccccd 3e99999a 3ecccccd 3f333333")),
            ("HALF_DOWN", bits("bf4ccccd becccccd bdcccccd 80000000 00000000 3dcccccd 3e4ccccd 3e99999a 3f333333")),
        ];
        for (mode, expected) in cases {
            let params = QuantParams { signed: true, narrow: false, rounding: mode.parse().unwrap() };
            let y = quant(&x, &scale, &zero, &width, params).unwrap();
            // -0.0 and 0.0 are one code; both occur, as in the reference
            assert_eq!(bits_of(&y), expected, "{mode}");
        }
        let wide = Tensor::f64(&[], vec![0.1]).unwrap();
        let y = quant(&x, &wide, &Tensor::scalar(0.5), &width, params(true, false)).unwrap();
        let expected = bits("bf59999a bee66666 be19999a bd4ccccd 3d4ccccd 3e19999a 3e800000 3eb33333 3f266666");
        assert_eq!(bits_of(&y), expected);
    }

    #[test]
    fn limits_round_in_float32() {
        assert_eq!(limits(true, false, 8f32), (-128.0, 127.0));
        assert_eq!(limits(true, true, 8f32), (-127.0, 127.0));
        assert_eq!(limits(false, true, 1f32), (0.0, 0.0));
        assert_eq!(limits(false, false, 25f32).1, 33_554_432.0);
        assert_eq!(limits(true, false, 32f32).1, 2_147_483_648.0);
        assert_eq!(limits(false, false, 128f32).1, f32::INFINITY);
    }

    #[test]
    fn integer_part_alone() {
        let y = Tensor::f32(&[5], vec![-9.0, -0.5, 0.5, 1.5, f32::INFINITY]).unwrap();
        let codes = quantize_int(&y, true, false, 4.0, RoundingMode::HalfEven).unwrap();
        assert_eq!(codes, Tensor::int(IntType::signed(4), &[5], vec![-8, 0, 0, 2, 7]).unwrap());
        let bits = quantize_int(&y, true, false, 1.0, RoundingMode::HalfEven).unwrap();
        assert_eq!(bits.to_i64_vec().unwrap(), [-1, -1, 1, 1, 1]);
        // 2.5 bits end at 1.83, which rounds to a code beyond the limit
        let fractional = quantize_int(&y, true, false, 2.5, RoundingMode::HalfEven).unwrap();
        assert_eq!(fractional.to_i64_vec().unwrap(), [-3, 0, 0, 2, 2]);
        assert!(quantize_int(&Tensor::scalar(f32::NAN), true, false, 4.0, RoundingMode::Floor).is_err());
    }

    #[test]
    fn one_bit_nan_and_broadcasting() {
        let x = Tensor::f32(&[3], vec![-2.0, 0.0, f32::NAN]).unwrap();
        let (s, z) = (Tensor::scalar(0.5), Tensor::scalar(0.0));
        let bipolar = quant(&x, &s, &z, &Tensor::scalar(1.0), params(true, false)).unwrap();
        assert_eq!(bipolar.to_f32_vec(), [-0.5, 0.5, -0.5]);
        assert_eq!(bipolar_quant(&x, &s).unwrap(), bipolar);
        let four = quant(&x, &s, &z, &Tensor::scalar(4.0), params(true, false)).unwrap();
        assert!(four.to_f32_vec()[2].is_nan());
        let scales = Tensor::f32(&[2, 1], vec![1.0, 2.0]).unwrap();
        assert_eq!(quant(&x, &scales, &z, &s, params(true, false)).unwrap().shape(), [2, 3]);
        assert!(quant(&x, &s, &z, &x, params(true, false)).is_err());
    }
}
