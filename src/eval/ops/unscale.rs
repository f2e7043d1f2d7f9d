//! Exact products of an integer with float32 scales, rounded once.
//!
//! A chain of linear ops on `q * scale` is exact as integers times the product of all scales. That product has
//! 24 bits a scale, so it is kept as an integer times a power of two, never in a float.

use super::broadcast::{broadcast_shapes, view_as};
use crate::eval::tensor::{EvalError, Tensor};

/// The exact product of float32 scales: `±magnitude * 2^exponent`.
#[derive(Clone, Debug)]
pub struct ScaleProduct {
    negative: bool,
    /// Little-endian digits of base 2^32.
    magnitude: Vec<u32>,
    exponent: i64,
    /// The product in floats where a scale is infinite or NaN.
    special: Option<f32>,
}

impl ScaleProduct {
    /// The product of `scales`; of none, 1.
    pub fn new(scales: &[f32]) -> Self {
        let special = scales.iter().any(|s| !s.is_finite()).then(|| scales.iter().product());
        let mut product = Self { negative: false, magnitude: vec![1], exponent: 0, special };
        for &scale in scales {
            let (mantissa, exponent) = decompose(scale);
            product.negative ^= scale.is_sign_negative();
            product.exponent += i64::from(exponent);
            multiply(&mut product.magnitude, mantissa);
        }
        product
    }

    /// The dyadic rational `mantissa * 2^exponent`.
    pub fn of_dyadic(mantissa: i128, exponent: i32) -> Self {
        let rest = mantissa.unsigned_abs();
        let mut magnitude: Vec<u32> = (0..4).map(|digit| (rest >> (32 * digit)) as u32).collect();
        while magnitude.len() > 1 && magnitude.last() == Some(&0) {
            magnitude.pop();
        }
        Self { negative: mantissa < 0, magnitude, exponent: exponent.into(), special: None }
    }

    /// `n` times the product, rounded once, half to even; infinite beyond float32. Zero has the product's sign.
    pub fn times(&self, n: i64) -> f32 {
        if let Some(special) = self.special {
            return n as f32 * special;
        }
        let negative = self.negative != (n < 0);
        let n = n.unsigned_abs();
        if let [digit] = self.magnitude.as_slice() {
            return round_u128(negative, u128::from(*digit) * u128::from(n), self.exponent);
        }
        if let [low, high] = self.magnitude.as_slice() {
            let magnitude = u128::from(*low) | u128::from(*high) << 32;
            return round_u128(negative, magnitude * u128::from(n), self.exponent);
        }
        let (mut low, mut high) = (self.magnitude.clone(), self.magnitude.clone());
        multiply(&mut low, n as u32);
        multiply(&mut high, (n >> 32) as u32);
        high.insert(0, 0);
        add(&mut high, &low);
        round_digits(negative, &high, self.exponent)
    }
}

/// `n` times the exact product of `scales`, rounded once, half to even.
pub fn round_product(n: i64, scales: &[f32]) -> f32 {
    ScaleProduct::new(scales).times(n)
}

/// `(q - zero_point)` times the exact product of all `scales`, rounded once to float32. All operands broadcast.
///
/// # Errors
/// If `q` is no integer, the zero point is not integral, a scale is not float32, or the shapes do not broadcast.
pub fn unscale(q: &Tensor, scales: &[Tensor], zero_point: Option<&Tensor>) -> Result<Tensor, EvalError> {
    let q = q.as_int()?;
    let zero = Tensor::scalar_int(0);
    let zero = integral(zero_point.unwrap_or(&zero))?;
    let factors = scales.iter().map(Tensor::as_f32).collect::<Result<Vec<_>, _>>()?;
    let shapes = factors.iter().map(|f| f.shape());
    let common = broadcast_shapes(shapes)?;
    // One product a distinct scale position, then every integer against its product.
    let views = factors.iter().map(|f| view_as(f, &common)).collect::<Result<Vec<_>, _>>()?;
    let mut iterators: Vec<_> = views.iter().map(|v| v.iter()).collect();
    let products = (0..common.iter().product()).map(|_| {
        let scales: Vec<f32> = iterators.iter_mut().filter_map(|i| i.next().copied()).collect();
        ScaleProduct::new(&scales)
    });
    let products = crate::eval::tensor::array(&common, products.collect())?;
    let shape = broadcast_shapes([q.shape(), zero.shape(), &common])?;
    let (q, zero, products) = (view_as(q, &shape)?, view_as(&zero, &shape)?, view_as(&products, &shape)?);
    let values = ndarray::Zip::from(q).and(zero).and(products).map_collect(|&q, &z, p| p.times(q.saturating_sub(z)));
    Ok(Tensor::F32(values))
}

/// A zero point as integers, whatever its element type.
fn integral(zero_point: &Tensor) -> Result<ndarray::ArrayD<i64>, EvalError> {
    if let Tensor::Int(_, a) = zero_point {
        return Ok(a.clone());
    }
    let values = zero_point.to_f64();
    match values.iter().find(|v| v.fract() != 0.0 || v.abs() >= 2f64.powi(62)) {
        Some(v) => Err(EvalError::value(format!("the zero point {v} is not an integer"))),
        None => Ok(values.mapv(|v| v as i64)),
    }
}

/// The magnitude of a finite float32 as `mantissa * 2^exponent`, the mantissa odd (or 0).
pub(super) fn decompose(x: f32) -> (u32, i32) {
    let bits = x.to_bits();
    let (field, fraction) = ((bits >> 23 & 0xff) as i32, bits & 0x7f_ffff);
    let (mantissa, exponent) = if field == 0 { (fraction, -149) } else { (fraction | 0x80_0000, field - 150) };
    if mantissa == 0 {
        return (0, 0);
    }
    let zeros = mantissa.trailing_zeros();
    (mantissa >> zeros, exponent + zeros as i32)
}

/// `digits *= factor`.
fn multiply(digits: &mut Vec<u32>, factor: u32) {
    let mut carry = 0u64;
    for digit in digits.iter_mut() {
        carry += u64::from(*digit) * u64::from(factor);
        *digit = carry as u32;
        carry >>= 32;
    }
    if carry != 0 {
        digits.push(carry as u32);
    }
}

/// `digits += other`.
fn add(digits: &mut Vec<u32>, other: &[u32]) {
    digits.resize(digits.len().max(other.len()) + 1, 0);
    let mut carry = 0u64;
    for (i, digit) in digits.iter_mut().enumerate() {
        carry += u64::from(*digit) + u64::from(other.get(i).copied().unwrap_or(0));
        *digit = carry as u32;
        carry >>= 32;
    }
}

/// `±digits * 2^exponent` (little-endian, base 2^32) rounded to float32.
pub(super) fn round_digits(negative: bool, digits: &[u32], exponent: i64) -> f32 {
    let top = digits.iter().rposition(|&d| d != 0).map_or(0, |i| i + 1);
    let skipped = top.saturating_sub(3);
    let (low, high) = digits.split_at(skipped);
    let kept = high.iter().take(3).rev().fold(0u128, |n, &d| n << 32 | u128::from(d));
    // A sticky bit stands for all that lies below.
    let sticky = u128::from(low.iter().any(|&d| d != 0));
    round_u128(negative, kept << 1 | sticky, exponent + 32 * skipped as i64 - 1)
}

/// `±magnitude * 2^exponent` rounded to float32, half to even.
pub(super) fn round_u128(negative: bool, magnitude: u128, exponent: i64) -> f32 {
    let sign = u32::from(negative) << 31;
    let top = i64::from(128 - magnitude.leading_zeros()) + exponent;
    if magnitude == 0 || top < -149 {
        return f32::from_bits(sign);
    }
    if top > 128 {
        return f32::from_bits(sign | 0x7f80_0000);
    }
    // The unit in the last place: 2^(top - 24), but no finer than a subnormal's.
    let unit = (top - 24).max(-149);
    let shift = unit - exponent;
    let mantissa = if shift <= 0 {
        (magnitude << shift.unsigned_abs().min(127)) as u32
    } else {
        let shift = shift.min(127) as u32;
        let (kept, rest, half) = (magnitude >> shift, magnitude & ((1 << shift) - 1), 1u128 << (shift - 1));
        let up = rest > half || (rest == half && kept & 1 == 1);
        kept as u32 + u32::from(up)
    };
    // Added, not or-ed, a mantissa that reached 2^24 carries into the exponent, up to infinity.
    let field = (unit + 149) as u32;
    f32::from_bits(sign | if field == 0 { mantissa } else { (field << 23) + mantissa })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::tensor::IntType;

    #[test]
    fn one_scale_is_a_float_product() {
        let scales = [0.1f32, -0.3, 1.0, 3.0e38, 1.0e-45, 7.0e-40, f32::MIN_POSITIVE, f32::MAX];
        for scale in scales {
            for n in [0, 1, -1, 3, 127, -128, 65_535, 16_777_215] {
                let expected = n as f32 * scale;
                assert_eq!(round_product(n, &[scale]).to_bits(), expected.to_bits(), "{n} * {scale:e}");
            }
        }
    }

    #[test]
    fn rounds_once_where_floats_round_twice() {
        // correctly rounded values, computed with rational numbers
        let cases: [(i64, &[f32], u32); 6] = [
            (3, &[0.1, 0.3], 0x3db8_51ec),
            (-77_777, &[0.1, 0.3, 0.7], 0xc4cc_2a25),
            (123_456_789, &[0.1, 1e-20, 1e-23], 0x03d2_0d04),
            (16_777_217, &[1.0], 0x4b80_0000),
            (-16_777_219, &[1.0], 0xcb80_0002),
            (3, &[0.1, 0.3, 0.7, 1.1, 1.3, 1.7], 0x3e1c_d424),
        ];
        for (n, scales, bits) in cases {
            assert_eq!(round_product(n, scales).to_bits(), bits, "{n} * {scales:?}");
        }
        assert_eq!(round_product(i64::MIN, &[]), -9_223_372_036_854_775_808.0);
        assert_eq!(round_product(1, &[1e-30, 1e-30]).to_bits(), 0);
        assert_eq!(round_product(-1, &[1e30, 1e30]), f32::NEG_INFINITY);
        assert_eq!(round_product(5, &[1e30, 1e30, 1e-30, 1e-30]), 5.0);
        assert!(round_product(0, &[f32::INFINITY]).is_nan());
    }

    #[test]
    fn operands_broadcast() {
        let q = Tensor::int(IntType::signed(8), &[2, 2], vec![1, 2, 3, -4]).unwrap();
        let per_row = Tensor::f32(&[2, 1], vec![0.5, 2.0]).unwrap();
        let y = unscale(&q, &[per_row, Tensor::scalar(0.25)], Some(&Tensor::scalar(1.0))).unwrap();
        assert_eq!(y.to_f32_vec(), [0.0, 0.125, 1.0, -2.5]);
        assert_eq!(unscale(&q, &[], None).unwrap().to_f32_vec(), [1.0, 2.0, 3.0, -4.0]);
        assert!(unscale(&q, &[], Some(&Tensor::scalar(0.5))).is_err());
    }
}
