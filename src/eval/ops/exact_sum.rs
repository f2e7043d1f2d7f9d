//! Sums of float32 products that are correctly rounded, and the data to bound any other order of summation.
//!
//! A reference that adds in float32 in an unknown order stays within `(terms + 3) * 2^-24 * magnitude` of the exact
//! sum; a checker needs both to tell a legal difference from a wrong lowering.

use ndarray::{Array2, ArrayD, ArrayView2};

use super::conv::Patches;
use super::matmul::batched;
use super::unscale::round_digits;
use super::window::ConvParams;
use crate::eval::tensor::EvalError;

/// For every output element the exact sum rounded once, and what bounds a float32 summation of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactSum {
    /// The exact sums, rounded half to even to float32.
    pub value: ArrayD<f32>,
    /// Sums of the absolute values of the terms, rounded up.
    pub magnitude: ArrayD<f64>,
    /// Number of terms of each sum.
    pub terms: usize,
}

/// Digits of 32 bits of the fixed-point accumulator; products of float32 need 555 bits, the rest is headroom.
const DIGITS: usize = 20;
/// The least exponent of a product of two float32 values: the weight of the accumulator's last bit.
const LEAST_EXPONENT: i32 = -298;
/// So many products, each below 2^32 a digit, leave an `i64` digit without overflow.
const CARRY_INTERVAL: u32 = 1 << 29;

/// A float32 value as `mantissa * 2^exponent`; non-finite values have the mantissa 0 and are handled apart.
#[derive(Clone, Copy)]
struct Term {
    mantissa: i64,
    exponent: i32,
    value: f32,
}

impl Term {
    fn new(value: f32) -> Self {
        let bits = value.to_bits();
        let (field, fraction) = ((bits >> 23 & 0xff) as i32, i64::from(bits & 0x7f_ffff));
        let magnitude = match field {
            0 => fraction,
            255 => 0,
            _ => fraction | 0x80_0000,
        };
        let mantissa = if value.is_sign_negative() { -magnitude } else { magnitude };
        Self { mantissa, exponent: field.max(1) - 150, value }
    }
}

/// A fixed-point number that holds any sum of float32 products exactly.
struct Accumulator {
    /// Little-endian, base 2^32, each with its own sign until [`carry`].
    digits: [i64; DIGITS],
    pending: u32,
    /// Sum of the terms that are infinite or NaN.
    special: f32,
    magnitude: f64,
    terms: u32,
}

impl Accumulator {
    fn new() -> Self {
        Self { digits: [0; DIGITS], pending: 0, special: 0.0, magnitude: 0.0, terms: 0 }
    }

    fn add_product(&mut self, a: Term, b: Term) {
        self.terms += 1;
        let product = a.mantissa * b.mantissa;
        if product == 0 {
            // Exactly 0 for finite operands, infinite or NaN otherwise.
            self.special += a.value * b.value;
            self.magnitude += f64::from((a.value * b.value).abs());
            return;
        }
        self.magnitude += (f64::from(a.value) * f64::from(b.value)).abs();
        let position = (a.exponent + b.exponent - LEAST_EXPONENT) as usize;
        let shifted = i128::from(product.unsigned_abs()) << (position % 32);
        let sign = product.signum();
        for (i, digit) in self.digits.iter_mut().skip(position / 32).take(3).enumerate() {
            *digit += sign * i64::from((shifted >> (32 * i)) as u32);
        }
        self.pending += 1;
        if self.pending == CARRY_INTERVAL {
            carry(&mut self.digits);
            self.pending = 0;
        }
    }

    /// The sum rounded half to even.
    fn round(mut self) -> f32 {
        if self.special != 0.0 {
            return self.special;
        }
        let negative = carry(&mut self.digits);
        if negative {
            self.digits.iter_mut().for_each(|d| *d = -*d);
            carry(&mut self.digits);
        }
        round_digits(negative, &self.digits.map(|d| d as u32), LEAST_EXPONENT.into())
    }

    /// The sum of absolute values, with the error of its own float64 summation added.
    fn magnitude_bound(&self) -> f64 {
        let bound = self.magnitude * (1.0 + f64::from(self.terms) * f64::EPSILON);
        if bound > 0.0 { bound.next_up() } else { bound }
    }
}

/// Brings all digits but the last into `0..2^32`; whether the number is negative.
fn carry(digits: &mut [i64; DIGITS]) -> bool {
    let mut carry = 0;
    let (last, rest) = match digits.split_last_mut() {
        Some(parts) => parts,
        None => return false,
    };
    for digit in rest {
        let sum = *digit + carry;
        *digit = sum & 0xffff_ffff;
        carry = sum >> 32;
    }
    *last += carry;
    *last < 0
}

/// Exact sums and magnitudes of `a @ b` for two matrices whose extents agree.
fn product(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> (Array2<f32>, Array2<f64>) {
    let (a, b) = (a.mapv(Term::new), b.t().mapv(Term::new));
    let b = b.as_standard_layout();
    let shape = (a.nrows(), b.nrows());
    let (mut values, mut magnitudes) = (Array2::zeros(shape), Array2::zeros(shape));
    for ((i, j), value) in values.indexed_iter_mut() {
        let mut sum = Accumulator::new();
        for (&x, &y) in a.row(i).iter().zip(b.row(j)) {
            sum.add_product(x, y);
        }
        if let Some(m) = magnitudes.get_mut((i, j)) {
            *m = sum.magnitude_bound();
        }
        *value = sum.round();
    }
    (values, magnitudes)
}

/// The matrix product under numpy's rules, each element summed exactly.
///
/// # Errors
/// If the shapes do not fit.
pub fn matmul_exact(a: &ArrayD<f32>, b: &ArrayD<f32>) -> Result<ExactSum, EvalError> {
    let terms = a.shape().last().copied().unwrap_or(0);
    // Both results at once, as pairs, then apart.
    let pairs = batched(a, b, |a, b| {
        let (values, magnitudes) = product(a, b);
        ndarray::Zip::from(&values).and(&magnitudes).map_collect(|&v, &m| (v, m))
    })?;
    Ok(ExactSum { value: pairs.mapv(|p| p.0), magnitude: pairs.mapv(|p| p.1), terms })
}

/// The convolution without bias, each element summed exactly; padding counts as terms of value 0.
///
/// # Errors
/// As [`conv`](super::conv::conv).
pub fn conv_exact(x: &ArrayD<f32>, weights: &ArrayD<f32>, params: &ConvParams) -> Result<ExactSum, EvalError> {
    let patches = Patches::new(x.shape(), weights.shape(), params)?;
    let pairs = patches.convolve(x, weights, |w, columns| {
        let (values, magnitudes) = product(w, columns);
        ndarray::Zip::from(&values).and(&magnitudes).map_collect(|&v, &m| (v, m))
    })?;
    let terms = weights.shape().iter().skip(1).product();
    Ok(ExactSum { value: pairs.mapv(|p| p.0), magnitude: pairs.mapv(|p| p.1), terms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::tensor::array;

    fn dot(a: &[f32], b: &[f32]) -> (f32, f64) {
        let a = array(&[a.len()], a.to_vec()).unwrap();
        let b = array(&[b.len()], b.to_vec()).unwrap();
        let sum = matmul_exact(&a, &b).unwrap();
        assert_eq!((sum.value.ndim(), sum.terms), (0, a.len()));
        (sum.value.sum(), sum.magnitude.sum())
    }

    #[test]
    fn cancellation_costs_nothing() {
        let (value, magnitude) = dot(&[1e30, 1.0, -1e30, 1e-30], &[1e8, 1.0, 1e8, 1e-15]);
        assert_eq!(value.to_bits(), 1.0f32.to_bits());
        assert!((2e38..2.000_001e38).contains(&magnitude));
        assert_eq!(dot(&[f32::MAX, f32::MAX, -3.0], &[f32::MAX, -f32::MAX, 0.1]).0, -3.0 * 0.1f32);
        assert_eq!(dot(&[f32::MAX; 3], &[f32::MAX; 3]).0, f32::INFINITY);
    }

    #[test]
    fn ties_look_at_the_last_bit() {
        let ulp = 1.0 + f32::EPSILON;
        // 1 + 2^-24 is a tie and goes to even; the least bit below decides otherwise
        assert_eq!(dot(&[1.0, 2f32.powi(-24)], &[1.0, 1.0]).0, 1.0);
        assert_eq!(dot(&[1.0, 2f32.powi(-24), 1e-45], &[1.0, 1.0, 1e-45]).0, ulp);
        assert_eq!(dot(&[ulp, 2f32.powi(-24), -1e-45], &[1.0, 1.0, 1e-45]).0, ulp);
        assert_eq!(dot(&[-1.0, -2f32.powi(-24), -1e-45], &[1.0, 1.0, 1e-45]).0, -ulp);
    }

    #[test]
    fn infinities_and_nans_pass() {
        assert_eq!(dot(&[f32::INFINITY, 1.0], &[2.0, -5.0]).0, f32::INFINITY);
        assert!(dot(&[f32::INFINITY], &[0.0]).0.is_nan());
        assert!(dot(&[f32::INFINITY, f32::NEG_INFINITY], &[1.0, 1.0]).0.is_nan());
    }
}
