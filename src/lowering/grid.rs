//! Tensors as integers on an exact grid.

use super::range::Range;
use crate::eval::{
    Tensor,
    convert::{constant_of, hls_constant, qonnx_constant},
    ops::broadcast,
};
use ndarray::ArrayD;
use qonnx_dialect::{Builder, Value};
use std::ops::RangeInclusive;

/// A value `q * s1 * s2 * ... / d1 / ...` with exact float32 scales, all constant and
/// broadcast against q.
#[derive(Clone, Debug)]
pub struct Grid<'c> {
    /// The integers.
    pub q: Value<'c>,
    /// The scales, float32 constants.
    pub scales: Vec<Value<'c>>,
    /// Divisors with no exact inverse (a pool's 9), float32 constants: the value is
    /// `fl(fl(q * s1 * ...) / d1) ...`. They move down with the scales.
    pub divisors: Vec<Value<'c>>,
}

/// An exact dyadic rational `mantissa * 2^exponent`; the mantissa is odd, or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dyadic {
    /// Odd, or 0.
    pub mantissa: i128,
    /// Power of two.
    pub exponent: i32,
}

impl Dyadic {
    /// One.
    pub const ONE: Self = Self { mantissa: 1, exponent: 0 };

    /// The float's own value; None if it is not finite.
    pub fn of(value: f32) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let (exponent, fraction) = ((bits >> 23) & 0xff, i128::from(bits & 0x007f_ffff));
        let (magnitude, exponent) = match exponent {
            0 => (fraction, -149),
            _ => (fraction | 0x0080_0000, exponent as i32 - 150),
        };
        Some(Self { mantissa: if value < 0.0 { -magnitude } else { magnitude }, exponent }.normal())
    }

    /// The product; None if the mantissa leaves 126 bits.
    pub fn times(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        (mantissa.unsigned_abs() < 1 << 126).then_some(Self { mantissa, exponent: self.exponent + other.exponent })
    }

    /// The float that it is; None if float32 does not hold it.
    pub fn to_f32(self) -> Option<f32> {
        let value = self.mantissa as f32 * 2f32.powi(self.exponent);
        (Self::of(value) == Some(self)).then_some(value)
    }

    /// How often `step` goes into it; None if not a whole number of times of up to `bits` bits.
    pub fn over(self, step: Self, bits: u32) -> Option<i64> {
        // A zero has no exponent of its own.
        if self.mantissa == 0 {
            return (step.mantissa != 0).then_some(0);
        }
        if step.mantissa == 0 || self.mantissa % step.mantissa != 0 {
            return None;
        }
        let shift = u32::try_from(self.exponent - step.exponent).ok().filter(|shift| *shift < bits)?;
        let quotient = self.mantissa / step.mantissa;
        let taken = 128 - quotient.unsigned_abs().leading_zeros() + shift;
        (taken <= bits).then(|| (quotient << shift) as i64)
    }

    /// Bits of the mantissa.
    pub fn bits(self) -> u32 {
        128 - self.mantissa.unsigned_abs().leading_zeros()
    }

    fn normal(self) -> Self {
        if self.mantissa == 0 {
            return Self { mantissa: 0, exponent: 0 };
        }
        let zeros = self.mantissa.trailing_zeros();
        Self { mantissa: self.mantissa >> zeros, exponent: self.exponent + zeros as i32 }
    }
}

/// Bits of a factor that brings integers to a common grid in hardware.
pub const FACTOR_BITS: u32 = 40;

/// The greatest step of which both are multiples by factors of up to `bits` bits.
pub fn common_step(a: Dyadic, b: Dyadic, bits: u32) -> Option<Dyadic> {
    let mantissa = i128::try_from(gcd(a.mantissa.unsigned_abs(), b.mantissa.unsigned_abs())).ok()?;
    // A zero has no exponent of its own.
    let exponent = match (a.mantissa, b.mantissa) {
        (0, _) => b.exponent,
        (_, 0) => a.exponent,
        _ => a.exponent.min(b.exponent),
    };
    let step = Dyadic { mantissa, exponent };
    (mantissa != 0 && a.over(step, bits).is_some() && b.over(step, bits).is_some()).then_some(step)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl<'c> Grid<'c> {
    /// The exact product of the scales, element by element.
    ///
    /// # Errors
    /// If a scale is not constant, not finite, or the product is too long.
    pub fn step(&self) -> Result<ArrayD<Dyadic>, String> {
        let scales = self.scales.iter().map(|scale| constant_of(*scale).ok_or("a scale is not constant"));
        product_of(&scales.collect::<Result<Vec<_>, _>>()?)
    }

    /// Whether a step is positive (1) or negative (-1), divisors included.
    ///
    /// # Errors
    /// As [`Grid::step`], and where a step is 0.
    pub fn signs(&self) -> Result<ArrayD<i64>, String> {
        let mut signs = self.step()?.mapv(|step| step.mantissa.signum() as i64);
        for divisor in &self.divisors {
            let divisor = constant_of(*divisor).ok_or("a divisor is not constant")?.to_f32();
            signs = broadcast::zip(&signs, &divisor, |sign, d| if d < 0.0 { -sign } else { sign })
                .map_err(|problem| problem.to_string())?;
        }
        if signs.iter().any(|sign| *sign == 0) {
            return Err("a scale is 0".into());
        }
        Ok(signs)
    }

    /// Whether a scale or divisor takes several values along an axis of a tensor of this rank.
    pub fn varies_along(&self, axis: usize, rank: usize) -> bool {
        self.scales.iter().chain(&self.divisors).any(|scale| {
            let shape = scale.tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default();
            let place = (axis + shape.len()).checked_sub(rank);
            place.and_then(|place| shape.get(place)).is_some_and(|extent| *extent != 1)
        })
    }

    /// Whether float32 holds every value of the grid for integers in this range.
    pub fn is_held_by_f32(&self, range: &Range) -> bool {
        const MOST: u128 = 1 << f32::MANTISSA_DIGITS;
        // Within these, neither a subnormal nor an infinity is near.
        const EXPONENTS: RangeInclusive<i32> = -100..=100;
        let holds = |step: Dyadic, n: i64| {
            let magnitude = step.mantissa.unsigned_abs().checked_mul(u128::from(n.unsigned_abs()));
            magnitude.is_some_and(|magnitude| magnitude <= MOST) && EXPONENTS.contains(&step.exponent)
        };
        let Ok(step) = self.step() else { return false };
        let held =
            |bound: &ArrayD<i64>| broadcast::zip(&step, bound, holds).is_ok_and(|held| held.iter().all(|holds| *holds));
        self.divisors.is_empty() && held(&range.low) && held(&range.high)
    }

    /// Whether both divide by the same, in the same order.
    pub fn same_divisors(&self, other: &Self) -> bool {
        let values = |grid: &Self| grid.divisors.iter().map(|d| constant_of(*d)).collect::<Option<Vec<_>>>();
        self.divisors == other.divisors || values(self).is_some_and(|own| Some(own) == values(other))
    }
}

/// The exact product of float32 scales, element by element.
///
/// # Errors
/// If a scale is no float32, not finite, or the product is too long.
pub fn product_of<'t>(scales: impl IntoIterator<Item = &'t Tensor>) -> Result<ArrayD<Dyadic>, String> {
    let mut product = ArrayD::from_elem(vec![], Dyadic::ONE);
    for scale in scales {
        let scale = scale.as_f32().map_err(|problem| problem.to_string())?;
        let scale = dyadics(scale).ok_or("a scale is not finite")?;
        let longer = broadcast::zip(&product, &scale, Dyadic::times).map_err(|problem| problem.to_string())?;
        product = broadcast::all_known(longer).ok_or("the product of the scales has more than 126 bits")?;
    }
    Ok(product)
}

/// Each element as a dyadic; None if one is not finite.
pub fn dyadics(values: &ArrayD<f32>) -> Option<ArrayD<Dyadic>> {
    broadcast::all_known(values.mapv(Dyadic::of))
}

/// A float constant on a grid of its own: integers times one power of two, if they take
/// no more than `bits` bits.
pub fn constant_grid<'c>(builder: &Builder<'c>, tensor: &Tensor, bits: u32) -> Option<Grid<'c>> {
    let values = dyadics(tensor.as_f32().ok()?)?;
    let exponent = values.iter().filter(|value| value.mantissa != 0).map(|value| value.exponent).min().unwrap_or(0);
    let integer = |value: &Dyadic| {
        let shift = u32::try_from(value.exponent - exponent).ok().filter(|_| value.mantissa != 0).unwrap_or(0);
        let fits = value.bits() + shift <= bits;
        fits.then(|| (value.mantissa << shift) as i64)
    };
    let codes: Vec<i64> = values.iter().map(integer).collect::<Option<_>>()?;
    let q = hls_constant(builder, tensor.shape(), &codes);
    let scale = 2f32.powi(exponent);
    let scales = if exponent == 0 { Vec::new() } else { vec![qonnx_constant(builder, &Tensor::scalar(scale))] };
    (scale > 0.0).then_some(Grid { q, scales, divisors: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use qonnx_dialect::Program;

    #[test]
    fn dyadics_are_exact() {
        for value in [0.1f32, -3.0, 1e-40, f32::MAX, 0.0, 6.0] {
            let dyadic = Dyadic::of(value).unwrap();
            assert_eq!(dyadic.mantissa as f64 * 2f64.powi(dyadic.exponent), f64::from(value));
            assert!(dyadic.mantissa == 0 || dyadic.mantissa % 2 != 0);
        }
        assert_eq!(Dyadic::of(f32::NAN), None);
        let third = Dyadic::of(1.0 / 3.0).unwrap();
        assert_eq!(third.times(third).map(Dyadic::bits), Some(47));
    }

    fn dyadic(value: f32) -> Dyadic {
        Dyadic::of(value).unwrap()
    }

    #[test]
    fn the_common_step_is_the_greatest() {
        for (a, b, step) in
            [(0.75, 0.5, 0.25), (6.0, 4.0, 2.0), (15.0, -9.0, 3.0), (0.5, 0.5, 0.5), (0.0, 0.375, 0.375)]
        {
            assert_eq!(common_step(dyadic(a), dyadic(b), FACTOR_BITS), Some(dyadic(step)), "{a} and {b}");
            assert_eq!(common_step(dyadic(b), dyadic(a), FACTOR_BITS), Some(dyadic(step)), "{b} and {a}");
        }
        assert_eq!(common_step(dyadic(0.0), dyadic(0.0), FACTOR_BITS), None);
    }

    #[test]
    fn odd_scales_share_the_unit_of_their_last_bit() {
        let (a, b) = (dyadic(0.3), dyadic(0.5));
        let step = common_step(a, b, FACTOR_BITS).unwrap();
        assert_eq!(step, Dyadic { mantissa: 1, exponent: -24 });
        assert_eq!((a.over(step, FACTOR_BITS), b.over(step, FACTOR_BITS)), (Some(5_033_165), Some(8_388_608)));
    }

    #[test]
    fn factors_have_up_to_40_bits() {
        let below = |exponent: i32| dyadic(2f32.powi(exponent));
        assert_eq!(common_step(Dyadic::ONE, below(-39), FACTOR_BITS), Some(below(-39)));
        assert_eq!(common_step(Dyadic::ONE, below(-40), FACTOR_BITS), None);
    }

    #[test]
    fn over_gives_whole_multiples_only() {
        assert_eq!(dyadic(1.0).over(dyadic(0.25), FACTOR_BITS), Some(4));
        assert_eq!(dyadic(-1.5).over(dyadic(0.5), FACTOR_BITS), Some(-3));
        assert_eq!(dyadic(0.25).over(dyadic(1.0), FACTOR_BITS), None);
        assert_eq!(dyadic(1.0).over(dyadic(3.0), FACTOR_BITS), None);
        assert_eq!(dyadic(0.0).over(dyadic(3.0), FACTOR_BITS), Some(0));
        assert_eq!(dyadic(0.0).over(dyadic(4.0), FACTOR_BITS), Some(0));
        assert_eq!(dyadic(1.0).over(dyadic(0.0), FACTOR_BITS), None);
    }

    /// Runs `test` on the constants of a function, in order.
    fn with_constants<R>(constants: &[&str], test: impl FnOnce(&[Value<'_>]) -> R) -> R {
        let lines: Vec<String> =
            constants.iter().enumerate().map(|(i, constant)| format!("%{i} = qonnx.constant {constant}")).collect();
        let source = format!("func.func @f() {{\n{}\nreturn\n}}", lines.join("\n"));
        Program::parse(source.as_bytes()).unwrap().with(|module| {
            let ops = module.body()[0].body();
            let values: Vec<Value<'_>> = ops[..constants.len()].iter().map(|op| op.result(0)).collect();
            test(&values)
        })
    }

    #[test]
    fn signs_are_those_of_the_whole_step() {
        let constants = [
            "dense<[0.5, -0.25]> : tensor<2xf32>",
            "dense<-2.0> : tensor<f32>",
            "dense<[[-3.0], [3.0]]> : tensor<2x1xf32>",
        ];
        with_constants(&constants, |values| {
            let grid = Grid { q: values[0], scales: values[..2].to_vec(), divisors: values[2..].to_vec() };
            assert_eq!(grid.signs().unwrap(), ndarray::arr2(&[[1, -1], [-1, 1]]).into_dyn());
            assert!(grid.varies_along(0, 2) && grid.varies_along(1, 2));
        });
    }

    #[test]
    fn a_scale_of_zero_has_no_sign() {
        with_constants(&["dense<[0.5, 0.0]> : tensor<2xf32>"], |values| {
            let grid = Grid { q: values[0], scales: values.to_vec(), divisors: Vec::new() };
            assert_eq!(grid.signs(), Err("a scale is 0".to_string()));
            // Two axes in front of the scale's only one.
            assert!(!grid.varies_along(0, 3) && grid.varies_along(2, 3));
        });
    }
}
