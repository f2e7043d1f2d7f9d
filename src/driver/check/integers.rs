//! A tensor as exact integers times exact steps, for sums that round nowhere.
//!
//! What becomes of integers on the way is in [`arithmetic`] (sums, products, Relu) and
//! [`movement`]; the scales of a sum's operands become those of its results in [`outputs`].

mod arithmetic;
mod movement;
pub mod outputs;

use crate::{
    eval::{
        IntType, Tensor,
        ops::{broadcast, unscale::ScaleProduct},
    },
    lowering::grid::{Dyadic, dyadics, product_of},
};
use ndarray::{ArrayD, IxDyn};

/// float32 holds integers up to this magnitude, each.
const FLOAT_LIMIT: f64 = (1u64 << 24) as f64;
/// Integers stay within 64 bits below this magnitude.
const INTEGER_LIMIT: f64 = (1u64 << 62) as f64;

/// `q * step / divisors`, where steps and divisors broadcast against `q`.
#[derive(Clone, Debug)]
pub struct Integers {
    /// The integers.
    pub q: ArrayD<i64>,
    /// Exact: products of scales.
    pub step: ArrayD<Dyadic>,
    /// What a pool divides by, where that has no exact inverse.
    pub divisors: Vec<ArrayD<f32>>,
    /// No sample makes a value of `q` larger than this.
    pub limit: f64,
    /// Whether `q` is the same in every sample.
    pub constant: bool,
    /// Whether a float32 operation between the last quantizer and here rounded what is exact here.
    pub derived: bool,
}

impl Integers {
    /// Codes times scales; constant ones have no limit but themselves.
    pub fn of_codes(codes: &Tensor, scales: &[&Tensor], limit: Option<f64>) -> Option<Self> {
        let step = product_of(scales.iter().copied()).ok()?;
        let q = codes.as_int().ok()?.clone();
        let (constant, limit) = (limit.is_none(), limit.unwrap_or_else(|| largest(&q)));
        Some(Self { q, step, divisors: Vec::new(), limit, constant, derived: false })
    }

    /// A float tensor on the coarsest grid of powers of two that holds it; None if some
    /// value needs too many bits.
    pub fn of_floats(tensor: &Tensor, constant: bool) -> Option<Self> {
        const BITS: i32 = 40;
        let values = dyadics(tensor.as_f32().ok()?)?;
        let nonzero = || values.iter().filter(|value| value.mantissa != 0);
        let finest = nonzero().map(|value| value.exponent).min().unwrap_or(0);
        let widest = nonzero().map(|value| value.exponent + value.bits() as i32).max().unwrap_or(0);
        if widest - finest > BITS {
            return None;
        }
        let q = values.mapv(|value| match value.mantissa {
            0 => 0,
            mantissa => (mantissa << (value.exponent - finest)) as i64,
        });
        // Activations of other samples may be larger: only constants have a known limit.
        let limit = if constant { largest(&q) } else { f64::INFINITY };
        let step = ArrayD::from_elem(IxDyn(&[]), Dyadic { mantissa: 1, exponent: finest });
        Some(Self { q, step, divisors: Vec::new(), limit, constant, derived: false })
    }

    /// Sums of products of operands: their steps and divisors multiply.
    pub fn joined(q: ArrayD<i64>, operands: &[Self], limit: f64) -> Option<Self> {
        let one = ArrayD::from_elem(IxDyn(&[]), Dyadic::ONE);
        let times = |step: ArrayD<Dyadic>, other: &Self| {
            broadcast::all_known(broadcast::zip(&step, &other.step, Dyadic::times).ok()?)
        };
        let step = operands.iter().try_fold(one, times)?;
        let divisors = operands.iter().flat_map(|operand| operand.divisors.clone()).collect();
        let (constant, derived) = (operands.iter().all(|o| o.constant), operands.iter().any(|o| o.derived));
        Some(Self { q, step, divisors, limit, constant, derived })
    }

    /// Whether integers up to this magnitude stay within 64 bits.
    pub fn fits(magnitude: f64) -> bool {
        magnitude < INTEGER_LIMIT
    }

    /// The values: each product rounded once, then each division.
    pub fn value(&self) -> Option<Tensor> {
        let products = self.step.map(|step| ScaleProduct::of_dyadic(step.mantissa, step.exponent));
        let shape = broadcast::broadcast_shape(self.q.shape(), products.shape()).ok()?;
        let (q, products) = (broadcast::view_as(&self.q, &shape).ok()?, broadcast::view_as(&products, &shape).ok()?);
        let value = ndarray::Zip::from(q).and(products).map_collect(|q, product| product.times(*q));
        let divided = |value: ArrayD<f32>, by: &ArrayD<f32>| broadcast::zip(&value, by, |v, d| v / d).ok();
        self.divisors.iter().try_fold(value, divided).map(Tensor::F32)
    }

    /// The integers as a tensor.
    pub fn codes(&self) -> Tensor {
        Tensor::Int(IntType::I64, self.q.clone())
    }

    /// Whether steps and divisors are nowhere negative.
    pub fn is_positive(&self) -> bool {
        let divisors = self.divisors.iter().flatten().all(|divisor| *divisor > 0.0);
        divisors && self.step.iter().all(|step| step.mantissa > 0)
    }

    /// Whether float32 holds every partial sum of values on this grid, and of an addend.
    pub fn is_exact_in_float(&self, addend: Option<&Tensor>) -> bool {
        let held = |step: Dyadic, addend: f32| {
            let unit = step.mantissa.unsigned_abs() as f64 * 2f64.powi(step.exponent);
            let multiple = f64::from(addend) / unit;
            let on_grid = multiple.fract() == 0.0 && multiple * unit == f64::from(addend);
            let odd = step.mantissa.unsigned_abs() as f64;
            on_grid && step.exponent >= -149 && odd * (self.limit + multiple.abs()) <= FLOAT_LIMIT
        };
        let zero = ArrayD::from_elem(IxDyn(&[]), 0f32);
        let addend = addend.map_or(zero, Tensor::to_f32);
        let all = broadcast::zip(&self.step, &addend, held);
        self.divisors.is_empty() && all.is_ok_and(|all| all.iter().all(|held| *held))
    }

    /// The largest magnitude that is there, or may be in another sample.
    pub fn magnitude(&self) -> f64 {
        if self.limit.is_finite() { self.limit } else { largest(&self.q) }
    }
}

fn largest(q: &ArrayD<i64>) -> f64 {
    q.iter().map(|q| q.unsigned_abs()).max().unwrap_or(0) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integers(q: &[i64], scales: &[f32], limit: f64) -> Integers {
        let q = Tensor::int(IntType::I64, &[q.len()], q.to_vec()).unwrap();
        let scales: Vec<Tensor> = scales.iter().map(|scale| Tensor::scalar(*scale)).collect();
        Integers::of_codes(&q, &scales.iter().collect::<Vec<_>>(), Some(limit)).unwrap()
    }

    #[test]
    fn values_are_rounded_once_and_then_divided() {
        let product = integers(&[1, -3], &[0.1, 0.3, 0.7], 127.0);
        let expected = [1, -3].map(|n| crate::eval::ops::unscale::round_product(n, &[0.1, 0.3, 0.7]));
        assert_eq!(product.value().unwrap().to_f32_vec(), expected);
        let nine = ArrayD::from_elem(IxDyn(&[]), 9.0);
        let divided = Integers { divisors: vec![nine], ..product };
        assert_eq!(divided.value().unwrap().to_f32_vec(), expected.map(|value| value / 9.0));
    }

    #[test]
    fn the_certificate_counts_bits_of_scales_and_wants_the_bias_on_the_grid() {
        let y = integers(&[1], &[0.5, 0.25], 889.0);
        assert!(y.is_exact_in_float(None) && y.is_exact_in_float(Some(&Tensor::scalar(0.375))));
        assert!(!y.is_exact_in_float(Some(&Tensor::scalar(0.3))));
        assert!(!integers(&[1], &[0.5, 0.1], 889.0).is_exact_in_float(None));
        assert!(!integers(&[1], &[0.5], f64::INFINITY).is_exact_in_float(None));
    }

    #[test]
    fn floats_share_the_coarsest_grid() {
        let grid = Integers::of_floats(&Tensor::f32(&[3], vec![0.75, -2.0, 0.0]).unwrap(), true).unwrap();
        assert_eq!(grid.q.iter().copied().collect::<Vec<_>>(), [3, -8, 0]);
        assert_eq!((grid.limit, grid.step.first().unwrap().exponent), (8.0, -2));
        assert!(Integers::of_floats(&Tensor::f32(&[2], vec![1.0, 1e-30]).unwrap(), true).is_none());
    }
}
