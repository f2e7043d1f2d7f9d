//! Certified bisection of functions that are only nearly monotone.
//!
//! The reference's sigmoid, tanh, exp, elu and softplus fall here and there by an ulp. With a
//! stated error around a monotone function, only the inputs close to a step are in doubt; those
//! are enumerated, everything between them is proven by its two ends.

use super::bisect::{BisectError, ask, from_monotone};
use super::step_function::{Piece, StepFunction};

/// Inputs in one batch where a stretch is enumerated.
const BATCH: i64 = 1 << 16;

/// The step function of an `exact` oracle that is only nearly monotone, such as a sigmoid in
/// float32: monotone functions `lower <= exact <= upper` enclose it, and the inputs on which
/// these two disagree (around each step) are enumerated, at most `budget` of them.
///
/// # Errors
/// See [`BisectError`].
pub fn from_envelopes<E>(
    low: i64,
    high: i64,
    budget: u64,
    lower: impl FnMut(&[i64]) -> Result<Vec<i64>, E>,
    upper: impl FnMut(&[i64]) -> Result<Vec<i64>, E>,
    mut exact: impl FnMut(&[i64]) -> Result<Vec<i64>, E>,
) -> Result<StepFunction, BisectError<E>> {
    let lower = from_monotone(low, high, lower)?;
    let upper = from_monotone(low, high, upper)?;
    let bands = bands(&lower, &upper);
    let open = bands.iter().filter(|band| band.low != band.high);
    let needed = open.map(|band| u128::from(band.last.abs_diff(band.first)) + 1).sum();
    if needed > u128::from(budget) {
        return Err(BisectError::OverBudget { needed, budget });
    }
    let mut pieces = Vec::new();
    for band in bands {
        if band.low == band.high {
            pieces.push(Piece { first: band.first, last: band.last, code: band.low });
        } else {
            enumerate(band, &mut exact, &mut pieces)?;
        }
    }
    Ok(StepFunction::from_pieces(low, high, pieces)?)
}

/// An interval on which both envelopes are constant.
#[derive(Clone, Copy)]
struct Band {
    first: i64,
    last: i64,
    low: i64,
    high: i64,
}

fn bands(lower: &StepFunction, upper: &StepFunction) -> Vec<Band> {
    let mut bands = Vec::new();
    let (mut lowers, mut uppers) = (lower.pieces(), upper.pieces());
    let (mut below, mut above) = (lowers.next(), uppers.next());
    let mut first = lower.low();
    while let (Some(b), Some(a)) = (below, above) {
        let last = b.last.min(a.last);
        bands.push(Band { first, last, low: b.code, high: a.code });
        first = last + 1;
        if b.last == last {
            below = lowers.next();
        }
        if a.last == last {
            above = uppers.next();
        }
    }
    bands
}

fn enumerate<E>(
    band: Band,
    exact: &mut impl FnMut(&[i64]) -> Result<Vec<i64>, E>,
    pieces: &mut Vec<Piece>,
) -> Result<(), BisectError<E>> {
    let mut first = band.first;
    while first <= band.last {
        let last = band.last.min(first + BATCH - 1);
        let inputs: Vec<i64> = (first..=last).collect();
        for (&n, code) in inputs.iter().zip(ask(exact, &inputs)?) {
            let Band { low, high, .. } = band;
            if code < low || code > high {
                return Err(BisectError::OutsideEnvelopes { n, code, low, high });
            }
            pieces.push(Piece { first: n, last: n, code });
        }
        first = last + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn batch(f: impl Fn(i64) -> i64) -> impl FnMut(&[i64]) -> Result<Vec<i64>, Infallible> {
        move |inputs| Ok(inputs.iter().map(|&n| f(n)).collect())
    }

    fn tabulated(low: i64, high: i64, f: impl Fn(i64) -> i64) -> StepFunction {
        let codes: Vec<i64> = (low..=high).map(f).collect();
        StepFunction::from_table(low, &codes).unwrap()
    }

    #[test]
    fn envelopes_enclose_a_wobbling_function() {
        let wobble = |n: i64| (n + (n * 2).rem_euclid(7) - 3) >> 6;
        let found = from_envelopes(-1000, 1000, 500, batch(|n| (n - 6) >> 6), batch(|n| (n + 6) >> 6), batch(wobble));
        assert_eq!(found, Ok(tabulated(-1000, 1000, wobble)));
        assert_eq!(found.unwrap().is_monotone(), None);
    }

    #[test]
    fn refuses_over_budget() {
        let found = from_envelopes(0, 99, 11, batch(|n| n >> 6), batch(|n| (n + 12) >> 6), batch(|n| n >> 6));
        assert_eq!(found, Err(BisectError::OverBudget { needed: 12, budget: 11 }));
    }

    #[test]
    fn refuses_codes_outside_the_envelopes() {
        let found = from_envelopes(0, 99, 50, batch(|n| n >> 6), batch(|n| (n + 1) >> 6), batch(|_| 7));
        let expected = BisectError::OutsideEnvelopes { n: 63, code: 7, low: 0, high: 1 };
        assert_eq!(found, Err(expected));
    }
}
