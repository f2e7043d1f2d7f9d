//! Sums, products and Relu of integers, exact.

use super::Integers;
use crate::{
    eval::{Tensor, ops::broadcast},
    lowering::grid::{Dyadic, common_step},
};
use ndarray::ArrayD;

impl Integers {
    /// `self + sign * other` on the finest grid that both need; None if 64 bits do not hold it.
    pub fn plus(&self, other: &Self, sign: i64) -> Option<Self> {
        if self.divisors != other.divisors {
            return None;
        }
        let common = broadcast::all_known(broadcast::zip(&self.step, &other.step, multiples).ok()?)?;
        let (a, a_limit) = self.times(&common.mapv(|(a, _, _)| a))?;
        let (b, b_limit) = other.times(&common.mapv(|(_, b, _)| b))?;
        let limit = a_limit + b_limit;
        let q = broadcast::zip(&a, &b, |a: i64, b: i64| a.checked_add(sign * b)).ok()?;
        let step = common.mapv(|(_, _, step)| step);
        let constant = self.constant && other.constant;
        Some(Self {
            q: broadcast::all_known(q)?,
            step,
            divisors: self.divisors.clone(),
            limit,
            constant,
            derived: true,
        })
    }

    /// The product of two tensors, element by element.
    pub fn product(&self, other: &Self) -> Option<Self> {
        let q = broadcast::all_known(broadcast::zip(&self.q, &other.q, |a: i64, b: i64| a.checked_mul(b)).ok()?)?;
        let joined = Self::joined(q, &[self.clone(), other.clone()], self.limit * other.limit)?;
        Some(Self { derived: true, ..joined })
    }

    /// The quotient by constants: exact where they are powers of two, a division of floats where not.
    pub fn over(&self, constant: &Tensor) -> Option<Self> {
        let by = constant.as_f32().ok()?;
        let inverse = |value: f32| {
            let value = Dyadic::of(value).filter(|value| value.mantissa.abs() == 1)?;
            Some(Dyadic { exponent: -value.exponent, ..value })
        };
        match broadcast::all_known(by.mapv(inverse)) {
            Some(inverse) => {
                let step = broadcast::all_known(broadcast::zip(&self.step, &inverse, Dyadic::times).ok()?)?;
                Some(Self { step, ..self.clone() })
            }
            None if by.iter().all(|value| value.is_finite() && *value != 0.0) => {
                let divisors = [self.divisors.as_slice(), &[by.clone()]].concat();
                Some(Self { divisors, derived: true, ..self.clone() })
            }
            None => None,
        }
    }

    /// With each integer changed by a function that makes none larger.
    pub fn mapped(&self, f: impl Fn(i64) -> i64) -> Self {
        Self { q: self.q.mapv(f), ..self.clone() }
    }

    /// The same steps everywhere: the greatest that all are multiples of.
    pub fn on_one_step(&self) -> Option<Self> {
        let divisors = self.divisors.iter().map(one_of).collect::<Option<Vec<_>>>()?;
        let gcd = |common: Option<Dyadic>, step: &Dyadic| match common {
            None => Some(*step),
            Some(common) => multiples(common, *step).map(|(_, _, step)| step),
        };
        let one = self.step.iter().fold(None, gcd)?;
        let factors = broadcast::all_known(self.step.mapv(|step| multiples(one, step).map(|(_, factor, _)| factor)))?;
        let (q, limit) = self.times(&factors)?;
        Some(Self { q, step: ArrayD::from_elem(vec![], one), divisors, limit, ..*self })
    }

    /// The integers times factors, and their limit.
    fn times(&self, factors: &ArrayD<i64>) -> Option<(ArrayD<i64>, f64)> {
        let most = super::largest(factors);
        if !Self::fits(self.magnitude() * most) {
            return None;
        }
        let q = broadcast::zip(&self.q, factors, |q: i64, factor: i64| q.checked_mul(factor)).ok()?;
        Some((broadcast::all_known(q)?, self.limit * most))
    }
}

/// The value that all elements have.
fn one_of(array: &ArrayD<f32>) -> Option<ArrayD<f32>> {
    let first = *array.first()?;
    array.iter().all(|value| *value == first).then(|| ArrayD::from_elem(vec![], first))
}

/// The greatest step of which both are multiples, and how many times they are.
fn multiples(a: Dyadic, b: Dyadic) -> Option<(i64, i64, Dyadic)> {
    const BITS: u32 = 61;
    let step = common_step(a, b, BITS)?;
    Some((a.over(step, BITS)?, b.over(step, BITS)?, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::IntType;

    fn integers(q: &[i64], scale: &[f32]) -> Integers {
        let q = Tensor::int(IntType::I64, &[q.len()], q.to_vec()).unwrap();
        Integers::of_codes(&q, &[&Tensor::f32(&[scale.len()], scale.to_vec()).unwrap()], Some(100.0)).unwrap()
    }

    #[test]
    fn sums_are_on_the_grid_of_both() {
        let sum = integers(&[3, 5], &[0.75]).plus(&integers(&[1, 1], &[0.5]), -1).unwrap();
        assert_eq!(sum.value().unwrap().to_f32_vec(), [1.75, 3.25]);
        // 0.75 and 0.5 are 3 and 2 quarters.
        assert_eq!((sum.q.iter().copied().collect::<Vec<_>>(), sum.limit), (vec![7, 13], 500.0));
        let odd = integers(&[1, 0], &[0.1]).plus(&integers(&[1, 1], &[0.3]), 1).unwrap();
        assert_eq!(odd.value().unwrap().to_f32_vec(), [(0.1f32 as f64 + 0.3f32 as f64) as f32, 0.3]);
        assert!(integers(&[1], &[1.0]).plus(&integers(&[1], &[1e-30]), 1).is_none());
    }

    #[test]
    fn division_is_exact_by_powers_of_two_alone() {
        let quarter = integers(&[3], &[0.1]).over(&Tensor::scalar(4.0)).unwrap();
        assert!(quarter.divisors.is_empty());
        assert_eq!(quarter.value().unwrap().to_f32_vec(), [(3.0 * 0.1f32 as f64 / 4.0) as f32]);
        let ninth = integers(&[3], &[0.1]).over(&Tensor::scalar(9.0)).unwrap();
        assert_eq!(ninth.value().unwrap().to_f32_vec(), [(3.0 * 0.1f32 as f64) as f32 / 9.0]);
    }

    #[test]
    fn steps_of_channels_meet_in_one() {
        let one = integers(&[3, 5], &[0.5, -0.75]).on_one_step().unwrap();
        assert_eq!(one.q.iter().copied().collect::<Vec<_>>(), [6, -15]);
        assert_eq!(one.value().unwrap().to_f32_vec(), [1.5, -3.75]);
    }
}
