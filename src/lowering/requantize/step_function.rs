//! A function from an interval of integers to codes, stored as the places where the code changes.

use thiserror::Error;

/// Inputs and codes lie strictly between `-LIMIT` and `LIMIT`, so that sums and products of
/// them stay within `i128`.
pub const LIMIT: i64 = 1 << 62;

/// From `at` on (up to the next step) the function has the value `code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// First input with the new code.
    pub at: i64,
    /// The new code; differs from the one before.
    pub code: i64,
}

/// A maximal interval `first..=last` on which the function is constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First input of the interval.
    pub first: i64,
    /// Last input of the interval (included).
    pub last: i64,
    /// The code on it.
    pub code: i64,
}

/// Which way a monotone function goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Never falls; constant functions count as rising.
    Rising,
    /// Never rises, and falls somewhere.
    Falling,
}

/// Why steps do not describe a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidSteps {
    /// The domain is empty.
    #[error("the domain {low}..={high} is empty; expected at least one input")]
    Empty {
        /// First input.
        low: i64,
        /// Last input.
        high: i64,
    },
    /// An input or code is too large for exact arithmetic.
    #[error("{value} is out of range; expected an absolute value below 2^62")]
    TooLarge {
        /// The input or code.
        value: i64,
    },
    /// A step lies outside the domain, or not after the one before.
    #[error("step at {at} out of order; expected strictly increasing places in {low}+1..={high}")]
    OutOfOrder {
        /// Place of the step.
        at: i64,
        /// First input.
        low: i64,
        /// Last input.
        high: i64,
    },
    /// A step leads to the code that was there before.
    #[error("step at {at} keeps code {code}; expected consecutive codes to differ")]
    NoChange {
        /// Place of the step.
        at: i64,
        /// The code.
        code: i64,
    },
}

/// A function from the integers `low..=high` to codes, not necessarily monotone.
///
/// Steps are strictly increasing in place and consecutive codes differ, so equal functions are
/// equal values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFunction {
    low: i64,
    high: i64,
    first: i64,
    steps: Vec<Step>,
}

impl StepFunction {
    /// The function with code `first` from `low` up to the first step.
    ///
    /// # Errors
    /// See [`InvalidSteps`].
    pub fn new(low: i64, high: i64, first: i64, steps: Vec<Step>) -> Result<Self, InvalidSteps> {
        if low > high {
            return Err(InvalidSteps::Empty { low, high });
        }
        check_size(low)?;
        check_size(high)?;
        check_size(first)?;
        let mut before = Step { at: low, code: first };
        for &step in &steps {
            let Step { at, code } = step;
            if at <= before.at || at > high {
                return Err(InvalidSteps::OutOfOrder { at, low, high });
            }
            if code == before.code {
                return Err(InvalidSteps::NoChange { at, code });
            }
            check_size(code)?;
            before = step;
        }
        Ok(Self { low, high, first, steps })
    }

    /// The function with `f(low + i) = codes[i]`.
    ///
    /// # Errors
    /// If `codes` is empty, or an input or code is too large.
    pub fn from_table(low: i64, codes: &[i64]) -> Result<Self, InvalidSteps> {
        let size = i64::try_from(codes.len()).unwrap_or(i64::MAX);
        let high = low.saturating_add(size).saturating_sub(1);
        let pieces = (low..).zip(codes).map(|(n, &code)| Piece { first: n, last: n, code });
        Self::from_pieces(low, high, pieces)
    }

    /// Adjoining pieces from `low` to `high`; neighbours with one code are merged.
    pub(super) fn from_pieces(
        low: i64,
        high: i64,
        pieces: impl IntoIterator<Item = Piece>,
    ) -> Result<Self, InvalidSteps> {
        let mut pieces = pieces.into_iter();
        let Some(Piece { code: first, .. }) = pieces.next() else {
            return Err(InvalidSteps::Empty { low, high });
        };
        let mut current = first;
        let mut steps = Vec::new();
        for Piece { first: at, code, .. } in pieces {
            if code != current {
                steps.push(Step { at, code });
                current = code;
            }
        }
        Self::new(low, high, first, steps)
    }

    /// First input.
    pub fn low(&self) -> i64 {
        self.low
    }

    /// Last input (included).
    pub fn high(&self) -> i64 {
        self.high
    }

    /// The code of the first input.
    pub fn first(&self) -> i64 {
        self.first
    }

    /// The code of the last input.
    pub fn last(&self) -> i64 {
        self.steps.last().map_or(self.first, |step| step.code)
    }

    /// Where the code changes, in increasing order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many inputs there are.
    pub fn size(&self) -> u128 {
        u128::from(self.high.abs_diff(self.low)) + 1
    }

    /// Bits of a two's complement (or, if nothing is negative, unsigned) input.
    pub fn input_bits(&self) -> u32 {
        let sign = u32::from(self.low < 0);
        let magnitude = |n: i64| 64 - (if n < 0 { !n } else { n }).leading_zeros();
        (magnitude(self.low).max(magnitude(self.high)) + sign).max(1)
    }

    /// The code of `n`; inputs outside the domain get the code of its nearer end.
    pub fn apply(&self, n: i64) -> i64 {
        let passed = self.steps.partition_point(|step| step.at <= n);
        let step = passed.checked_sub(1).and_then(|index| self.steps.get(index));
        step.map_or(self.first, |step| step.code)
    }

    /// The direction, if the function has one.
    pub fn is_monotone(&self) -> Option<Direction> {
        let befores = std::iter::once(self.first).chain(self.steps.iter().map(|step| step.code));
        let (mut rises, mut falls) = (false, false);
        for (before, step) in befores.zip(&self.steps) {
            rises |= step.code > before;
            falls |= step.code < before;
        }
        match (rises, falls) {
            (true, true) => None,
            (false, true) => Some(Direction::Falling),
            _ => Some(Direction::Rising),
        }
    }

    /// Smallest and largest code.
    pub fn code_range(&self) -> (i64, i64) {
        self.steps.iter().fold((self.first, self.first), |(low, high), step| (low.min(step.code), high.max(step.code)))
    }

    /// The intervals of constant code, in increasing order.
    pub fn pieces(&self) -> impl DoubleEndedIterator<Item = Piece> + Clone + '_ {
        (0..=self.steps.len()).map(|index| self.piece(index))
    }

    /// The piece after `index` steps; the last one for larger indices.
    pub fn piece(&self, index: usize) -> Piece {
        let last = self.steps.get(index).map_or(self.high, |step| step.at - 1);
        let opening = index.min(self.steps.len()).checked_sub(1);
        match opening.and_then(|opening| self.steps.get(opening)) {
            Some(step) => Piece { first: step.at, last, code: step.code },
            None => Piece { first: self.low, last, code: self.first },
        }
    }

    /// `n -> f(-n)`.
    pub(super) fn mirrored(&self) -> Self {
        let mut steps = Vec::with_capacity(self.steps.len());
        for (index, step) in self.steps.iter().enumerate().rev() {
            steps.push(Step { at: 1 - step.at, code: self.piece(index).code });
        }
        Self { low: -self.high, high: -self.low, first: self.last(), steps }
    }

    /// The function below `split`, which must lie in `low+1..=high`, and the one from it on.
    pub(super) fn split_at(&self, split: i64) -> (Self, Self) {
        let below = self.steps.partition_point(|step| step.at < split);
        let upto = self.steps.partition_point(|step| step.at <= split);
        let (head, tail) = (self.steps.get(..below), self.steps.get(upto..));
        let below =
            Self { low: self.low, high: split - 1, first: self.first, steps: head.unwrap_or_default().to_vec() };
        let above =
            Self { low: split, high: self.high, first: self.apply(split), steps: tail.unwrap_or_default().to_vec() };
        (below, above)
    }
}

fn check_size(value: i64) -> Result<(), InvalidSteps> {
    if value.abs_diff(0) < LIMIT.abs_diff(0) { Ok(()) } else { Err(InvalidSteps::TooLarge { value }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(low: i64, codes: &[i64]) -> StepFunction {
        StepFunction::from_table(low, codes).unwrap()
    }

    #[test]
    fn table_round_trips() {
        let codes = [3, 3, 5, 5, 4, 4, 4, -1];
        let f = function(-2, &codes);
        let again: Vec<i64> = (-2..=5).map(|n| f.apply(n)).collect();
        assert_eq!(again, codes);
        assert_eq!((f.low(), f.high(), f.first(), f.last()), (-2, 5, 3, -1));
        assert_eq!(f.steps().len(), 3);
        assert_eq!(f.code_range(), (-1, 5));
        assert_eq!(f.piece(2), Piece { first: 2, last: 4, code: 4 });
        assert_eq!(f.size(), 8);
    }

    #[test]
    fn direction() {
        assert_eq!(function(0, &[1, 1]).is_monotone(), Some(Direction::Rising));
        assert_eq!(function(0, &[1, 4]).is_monotone(), Some(Direction::Rising));
        assert_eq!(function(0, &[4, 1]).is_monotone(), Some(Direction::Falling));
        assert_eq!(function(0, &[1, 4, 1]).is_monotone(), None);
    }

    #[test]
    fn mirror_and_split() {
        let f = function(-2, &[3, 3, 5, 5, 4, 4, 4, -1]);
        let g = f.mirrored();
        for n in -5..=2 {
            assert_eq!(g.apply(n), f.apply(-n));
        }
        assert_eq!(g.mirrored(), f);
        for split in -1..=5 {
            let (below, above) = f.split_at(split);
            assert_eq!((below.high(), above.low()), (split - 1, split));
            for n in -2..=5 {
                let part = if n < split { &below } else { &above };
                assert_eq!(part.apply(n), f.apply(n));
            }
            let rebuilt = StepFunction::new(above.low, above.high, above.first, above.steps.clone());
            assert_eq!(rebuilt, Ok(above));
        }
    }

    #[test]
    fn input_bits() {
        assert_eq!(function(-2, &[0; 4]).input_bits(), 2);
        assert_eq!(function(0, &[0; 4]).input_bits(), 2);
        assert_eq!(function(-3, &[0; 4]).input_bits(), 3);
        assert_eq!(function(0, &[0]).input_bits(), 1);
    }

    #[test]
    fn refuses_bad_steps() {
        let step = |at, code| Step { at, code };
        let new = |steps| StepFunction::new(0, 9, 0, steps);
        assert!(matches!(new(vec![step(0, 1)]), Err(InvalidSteps::OutOfOrder { at: 0, .. })));
        assert!(matches!(new(vec![step(10, 1)]), Err(InvalidSteps::OutOfOrder { at: 10, .. })));
        assert!(matches!(new(vec![step(3, 0)]), Err(InvalidSteps::NoChange { at: 3, .. })));
        assert!(matches!(new(vec![step(3, LIMIT)]), Err(InvalidSteps::TooLarge { .. })));
        assert!(matches!(StepFunction::from_table(0, &[]), Err(InvalidSteps::Empty { .. })));
    }
}
