//! The forms a requantizer can take in hardware, and what each computes.

pub use qonnx_dialect::{Rounding, form::Form};

/// The arithmetic of [`Rounding`].
pub trait RoundingExt {
    /// `value / 2^shift`, rounded; shifts above 126 count as 126.
    fn shift_right(self, value: i128, shift: u32) -> i128;
}

impl RoundingExt for Rounding {
    fn shift_right(self, value: i128, shift: u32) -> i128 {
        let shift = shift.min(126);
        let quotient = value >> shift;
        match self {
            Self::Floor => quotient,
            Self::HalfEven if shift == 0 => quotient,
            Self::HalfEven => {
                let half = 1_i128 << (shift - 1);
                let rest = value - (quotient << shift);
                let up = rest > half || (rest == half && quotient & 1 == 1);
                quotient + i128::from(up)
            }
        }
    }
}

/// The kinds of forms, from the cheapest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FormKind {
    /// [`Form::Constant`].
    Constant,
    /// [`Form::Compare`].
    Compare,
    /// [`Form::MulShift`] by a power of two, rounding down.
    Shift,
    /// [`Form::MulShift`] by a power of two, rounding to even.
    HalfEvenShift,
    /// Any other [`Form::MulShift`] without exceptions.
    MulShift,
    /// [`Form::Pieces`].
    Pieces,
    /// [`Form::MulShift`] with exceptions.
    Exceptions,
    /// [`Form::Thresholds`].
    Thresholds,
    /// [`Form::Table`].
    Table,
}

/// What a [`Form`] computes and costs.
pub trait FormExt {
    /// The code of `n`.
    ///
    /// Total: a table gives inputs it does not cover the code of its nearer end, and an empty
    /// list of codes gives 0. [`prove`](super::prove) accepts no form that relies on either.
    fn apply(&self, n: i64) -> i64;

    /// Which kind of form this is.
    fn kind(&self) -> FormKind;

    /// Bits of the multiplier's odd part: what a multiplier has to be built for. 1 for a plain
    /// shift, 0 where nothing is multiplied, the larger one of two pieces.
    fn multiplier_bits(&self) -> u32;

    /// Estimated cost for inputs of `input_bits` bits; the unit is one bit of an adder or
    /// comparator, about a LUT.
    ///
    /// Only good for comparing forms: a constant multiplier counts as an adder for every second
    /// bit, an exception or a comparison as one comparator, a table as 64-bit memories.
    fn cost(&self, input_bits: u32) -> u64;
}

impl FormExt for Form {
    fn apply(&self, n: i64) -> i64 {
        match self {
            Self::Constant { code } => *code,
            Self::Compare { threshold, below, above } => {
                if n >= *threshold {
                    *above
                } else {
                    *below
                }
            }
            Self::MulShift { multiplier, addend, shift, rounding, low, high, exceptions } => {
                if let Some(&(_, code)) = exceptions.iter().find(|&&(at, _)| at == n) {
                    return code;
                }
                let sum = i128::from(*multiplier) * i128::from(n) + i128::from(*addend);
                let code = rounding.shift_right(sum, *shift);
                saturate(code.max(i128::from(*low)).min(i128::from(*high)))
            }
            Self::Pieces { split, below, above } => {
                if n < *split {
                    below.apply(n)
                } else {
                    above.apply(n)
                }
            }
            Self::Thresholds { thresholds, codes } => {
                let passed = thresholds.partition_point(|&threshold| threshold <= n);
                codes.get(passed).or(codes.last()).copied().unwrap_or(0)
            }
            Self::Table { first, codes } => {
                let index = usize::try_from(i128::from(n) - i128::from(*first)).unwrap_or(0);
                codes.get(index).or(codes.last()).copied().unwrap_or(0)
            }
        }
    }

    fn kind(&self) -> FormKind {
        match self {
            Self::Constant { .. } => FormKind::Constant,
            Self::Compare { .. } => FormKind::Compare,
            Self::MulShift { exceptions, .. } if !exceptions.is_empty() => FormKind::Exceptions,
            Self::MulShift { multiplier, rounding, .. } => {
                match (multiplier.unsigned_abs().is_power_of_two(), rounding) {
                    (true, Rounding::Floor) => FormKind::Shift,
                    (true, Rounding::HalfEven) => FormKind::HalfEvenShift,
                    (false, _) => FormKind::MulShift,
                }
            }
            Self::Pieces { .. } => FormKind::Pieces,
            Self::Thresholds { .. } => FormKind::Thresholds,
            Self::Table { .. } => FormKind::Table,
        }
    }

    fn multiplier_bits(&self) -> u32 {
        match self {
            Self::MulShift { multiplier, .. } => odd_bits(*multiplier),
            Self::Pieces { below, above, .. } => below.multiplier_bits().max(above.multiplier_bits()),
            _ => 0,
        }
    }

    fn cost(&self, input_bits: u32) -> u64 {
        let input = u64::from(input_bits);
        match self {
            Self::Constant { .. } => 0,
            Self::Compare { .. } => input,
            Self::MulShift { multiplier, addend, rounding, low, high, exceptions, .. } => {
                let code = code_bits([*low, *high]);
                let multiply = u64::from(odd_bits(*multiplier).saturating_sub(1)) * input / 2;
                let add = if *addend == 0 { 0 } else { input };
                let round = if *rounding == Rounding::HalfEven { input / 2 + code } else { 0 };
                let except = exceptions.len() as u64 * (input / 2 + code);
                multiply + add + round + 2 * code + except
            }
            Self::Pieces { below, above, .. } => input + below.cost(input_bits) + above.cost(input_bits),
            Self::Thresholds { thresholds, codes } => {
                thresholds.len() as u64 * (input + code_bits(codes.iter().copied()) / 2)
            }
            Self::Table { codes, .. } => (codes.len() as u64 * code_bits(codes.iter().copied())).div_ceil(32),
        }
    }
}

fn odd_bits(multiplier: i64) -> u32 {
    match multiplier.unsigned_abs() {
        0 => 0,
        magnitude => 64 - magnitude.leading_zeros() - magnitude.trailing_zeros(),
    }
}

/// Bits that hold every one of the codes in two's complement, or unsigned if none is negative.
fn code_bits(codes: impl IntoIterator<Item = i64>) -> u64 {
    let (mut magnitude, mut sign) = (0_i64, 0);
    for code in codes {
        magnitude |= if code < 0 { !code } else { code };
        sign |= u64::from(code < 0);
    }
    (u64::from(64 - magnitude.leading_zeros()) + sign).max(1)
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_modes() {
        let round = |rounding: Rounding| (-6..=6).map(|n| rounding.shift_right(n, 2)).collect::<Vec<_>>();
        assert_eq!(round(Rounding::Floor), [-2, -2, -1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1]);
        assert_eq!(round(Rounding::HalfEven), [-2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
        assert_eq!(Rounding::HalfEven.shift_right(5, 0), 5);
    }

    #[test]
    fn every_form_applies() {
        let shift = |exceptions| Form::MulShift {
            multiplier: -3,
            addend: 1,
            shift: 1,
            rounding: Rounding::Floor,
            low: -2,
            high: 4,
            exceptions,
        };
        let values = |form: &Form| (-3..=3).map(|n| form.apply(n)).collect::<Vec<_>>();
        assert_eq!(values(&shift(vec![])), [4, 3, 2, 0, -1, -2, -2]);
        assert_eq!(values(&shift(vec![(0, 7)])), [4, 3, 2, 7, -1, -2, -2]);
        let compare = Form::Compare { threshold: 1, below: 5, above: -5 };
        assert_eq!(values(&compare), [5, 5, 5, 5, -5, -5, -5]);
        let thresholds = Form::Thresholds { thresholds: vec![-1, 2], codes: vec![1, 0, 1] };
        assert_eq!(values(&thresholds), [1, 1, 0, 0, 0, 1, 1]);
        let table = Form::Table { first: -3, codes: vec![9, 8, 7, 6, 5, 4, 3] };
        assert_eq!(values(&table), [9, 8, 7, 6, 5, 4, 3]);
        let pieces = Form::Pieces { split: 0, below: Box::new(compare), above: Box::new(thresholds) };
        assert_eq!(values(&pieces), [5, 5, 5, 0, 0, 1, 1]);
    }

    #[test]
    fn malformed_forms_do_not_panic() {
        let empty = Form::Table { first: i64::MIN, codes: vec![] };
        assert_eq!(empty.apply(i64::MAX), 0);
        let none = Form::Thresholds { thresholds: vec![0], codes: vec![] };
        assert_eq!(none.apply(3), 0);
        let wide = Form::MulShift {
            multiplier: i64::MIN,
            addend: i64::MIN,
            shift: u32::MAX,
            rounding: Rounding::HalfEven,
            low: 1,
            high: -1,
            exceptions: vec![],
        };
        assert_eq!(wide.apply(i64::MIN), -1);
    }

    #[test]
    fn kinds_and_bits() {
        let shift = |multiplier, rounding| Form::MulShift {
            multiplier,
            addend: 0,
            shift: 3,
            rounding,
            low: 0,
            high: 1,
            exceptions: vec![],
        };
        assert_eq!(shift(-4, Rounding::Floor).kind(), FormKind::Shift);
        assert_eq!(shift(1, Rounding::HalfEven).kind(), FormKind::HalfEvenShift);
        assert_eq!(shift(3, Rounding::HalfEven).kind(), FormKind::MulShift);
        assert_eq!(shift(-4, Rounding::Floor).multiplier_bits(), 1);
        assert_eq!(shift(12, Rounding::Floor).multiplier_bits(), 2);
    }
}
