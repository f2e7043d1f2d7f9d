//! A tensor as exact integers times exact scales, for sums that round nowhere.

use crate::{
    eval::{
        IntType, Tensor,
        ops::{broadcast, matmul, unscale},
    },
    lowering::grid::Dyadic,
    transforms::layout::Layout,
};
use ndarray::{ArrayD, Axis, IxDyn};

/// float32 holds integers up to this magnitude, each.
const FLOAT_LIMIT: f64 = (1u64 << 24) as f64;
/// Sums stay within 64 bits below this magnitude.
const INTEGER_LIMIT: f64 = (1u64 << 62) as f64;

/// `q` times the product of `scales`, which broadcast against it.
#[derive(Clone, Debug)]
pub struct Integers {
    /// Signed 64-bit integers.
    pub q: Tensor,
    /// float32 factors.
    pub scales: Vec<Tensor>,
    /// No sample makes a value of `q` larger than this.
    pub limit: f64,
    /// Whether `q` is the same in every sample.
    pub constant: bool,
}

impl Integers {
    /// A float tensor on the coarsest grid of powers of two that holds it; None if some
    /// value needs too many bits.
    pub fn of_floats(tensor: &Tensor, constant: bool) -> Option<Self> {
        const BITS: i32 = 40;
        let values: Vec<Dyadic> =
            tensor.as_f32().ok()?.iter().map(|value| Dyadic::of(*value)).collect::<Option<_>>()?;
        let nonzero = || values.iter().filter(|value| value.mantissa != 0);
        let finest = nonzero().map(|value| value.exponent).min().unwrap_or(0);
        let widest = nonzero().map(|value| value.exponent + value.bits() as i32).max().unwrap_or(0);
        if widest - finest > BITS || !(-126..=126).contains(&finest) {
            return None;
        }
        let shift =
            |value: &Dyadic| if value.mantissa == 0 { 0 } else { (value.mantissa << (value.exponent - finest)) as i64 };
        let codes: Vec<i64> = values.iter().map(shift).collect();
        let largest = codes.iter().map(|code| code.unsigned_abs()).max().unwrap_or(0) as f64;
        // Activations of other samples may be larger: only constants have a known limit.
        let limit = if constant { largest } else { f64::INFINITY };
        let q = Tensor::int(IntType::I64, tensor.shape(), codes).ok()?;
        Some(Self { q, scales: vec![Tensor::scalar(2f32.powi(finest))], limit, constant })
    }

    /// The values, each rounded once.
    pub fn value(&self) -> Option<Tensor> {
        unscale::unscale(&self.q, &self.scales, None).ok()
    }

    /// In another layout.
    pub fn moved(&self, layout: &Layout) -> Option<Self> {
        let q = layout.apply(&self.q);
        let scales = self.scales.iter().map(|scale| layout.follow(scale)).collect::<Option<_>>()?;
        Some(Self { q: q.ok()?, scales, ..self.clone() })
    }

    /// With each integer changed by a function that makes none larger.
    pub fn mapped(&self, f: impl Fn(i64) -> i64) -> Option<Self> {
        Some(Self { q: Tensor::Int(IntType::I64, self.q.as_int().ok()?.mapv(f)), ..self.clone() })
    }

    /// Whether the product of the scales is nowhere negative.
    pub fn is_positive(&self) -> bool {
        self.scales.iter().all(|scale| scale.to_f32_vec().into_iter().all(|scale| scale > 0.0))
    }

    /// The matrix product, exact; None where scales vary along the contracted axis or
    /// 64 bits do not hold it.
    pub fn matmul(&self, other: &Self) -> Option<Self> {
        let plain = self.q.rank() >= 2 && other.q.rank() >= 2;
        let fits = self.actual() * other.column_sum() < INTEGER_LIMIT;
        if !plain || !fits || !uniform(&self.scales, 1) || !uniform(&other.scales, 2) {
            return None;
        }
        let terms = *self.q.shape().last()? as f64;
        let limit = if other.constant { self.limit * other.column_sum() } else { self.limit * other.limit * terms };
        let q = matmul::matmul(&self.q, &other.q).ok()?;
        Some(Self { q, scales: [self.scales.clone(), other.scales.clone()].concat(), limit, constant: false })
    }

    /// Whether float32 holds every partial sum of values on this grid, and of an addend.
    pub fn is_exact_in_float(&self, addend: Option<&Tensor>) -> bool {
        let Some(step) = self.step() else { return false };
        let held = |step: Dyadic, addend: f32| {
            let unit = step.mantissa.unsigned_abs() as f64 * 2f64.powi(step.exponent);
            let multiple = f64::from(addend) / unit;
            let on_grid = multiple.fract() == 0.0 && multiple * unit == f64::from(addend);
            let odd = step.mantissa.unsigned_abs() as f64;
            on_grid && step.exponent >= -149 && odd * (self.limit + multiple.abs()) <= FLOAT_LIMIT
        };
        let zero = ArrayD::from_elem(IxDyn(&[]), 0f32);
        let addend = addend.map_or(zero, Tensor::to_f32);
        broadcast::zip(&step, &addend, held).is_ok_and(|all| all.iter().all(|held| *held))
    }

    /// The scales' exact product.
    fn step(&self) -> Option<ArrayD<Dyadic>> {
        let mut step = ArrayD::from_elem(IxDyn(&[]), Some(Dyadic::ONE));
        for scale in &self.scales {
            let times = |a: Option<Dyadic>, b: f32| a?.times(Dyadic::of(b)?);
            step = broadcast::zip(&step, scale.as_f32().ok()?, times).ok()?;
        }
        let items: Option<Vec<Dyadic>> = step.iter().copied().collect();
        ArrayD::from_shape_vec(step.raw_dim(), items?).ok()
    }

    /// The largest magnitude that is there.
    fn actual(&self) -> f64 {
        let magnitudes = self.q.as_int().map(|q| q.iter().map(|q| q.unsigned_abs()).max().unwrap_or(0));
        magnitudes.map_or(f64::INFINITY, |largest| largest as f64)
    }

    /// The largest sum of magnitudes along the contracted axis of a right operand.
    fn column_sum(&self) -> f64 {
        let Ok(q) = self.q.as_int() else { return f64::INFINITY };
        let Some(axis) = q.ndim().checked_sub(2) else { return f64::INFINITY };
        let sums = q.mapv(|q| q.unsigned_abs() as f64).sum_axis(Axis(axis));
        sums.into_iter().fold(0.0, f64::max)
    }
}

/// Whether no scale varies along the axis that is `from_end`-th from behind.
fn uniform(scales: &[Tensor], from_end: usize) -> bool {
    scales.iter().all(|scale| {
        let shape = scale.shape();
        shape.len().checked_sub(from_end).and_then(|axis| shape.get(axis)).is_none_or(|extent| *extent == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integers(shape: &[usize], q: &[i64], scale: f32, limit: f64, constant: bool) -> Integers {
        let q = Tensor::int(IntType::I64, shape, q.to_vec()).unwrap();
        Integers { q, scales: vec![Tensor::scalar(scale)], limit, constant }
    }

    #[test]
    fn products_are_exact_and_rounded_once() {
        let x = integers(&[1, 2], &[3, -7], 0.1, 127.0, false);
        let w = integers(&[2, 1], &[5, 2], 0.3, 7.0, true);
        let y = x.matmul(&w).unwrap();
        assert_eq!(y.value().unwrap().to_f32_vec(), [unscale::round_product(1, &[0.1, 0.3])]);
        assert_eq!(y.limit, 127.0 * 7.0);
    }

    #[test]
    fn the_certificate_counts_bits_of_scales_and_wants_the_bias_on_the_grid() {
        let x = integers(&[1, 2], &[3, -7], 0.5, 127.0, false);
        let w = integers(&[2, 1], &[5, 2], 0.25, 7.0, true);
        let y = x.matmul(&w).unwrap();
        assert!(y.is_exact_in_float(None) && y.is_exact_in_float(Some(&Tensor::scalar(0.375))));
        assert!(!y.is_exact_in_float(Some(&Tensor::scalar(0.3))));
        let odd = Integers { scales: vec![Tensor::scalar(0.1)], ..w };
        assert!(!x.matmul(&odd).unwrap().is_exact_in_float(None));
    }

    #[test]
    fn floats_share_the_coarsest_grid() {
        let grid = Integers::of_floats(&Tensor::f32(&[3], vec![0.75, -2.0, 0.0]).unwrap(), true).unwrap();
        assert_eq!(grid.q.to_i64_vec().unwrap(), [3, -8, 0]);
        assert_eq!((grid.limit, grid.scales[0].to_f32_vec()[0]), (8.0, 0.25));
        assert!(Integers::of_floats(&Tensor::f32(&[2], vec![1.0, 1e-30]).unwrap(), true).is_none());
    }
}
