//! Step functions found by evaluating few inputs: bisection of monotone functions.
//!
//! The oracle gets batches, because the chains behind it are evaluated fastest that way. All
//! steps are searched for in the same round. Once both ends of the staircase are known, each
//! inner step is first looked for where a straight line between its neighbours puts it: most
//! requantizers are nearly affine, so 65,535 steps over 2^40 inputs cost a few evaluations each
//! rather than a bisection of 24.

use super::step_function::{InvalidSteps, LIMIT, Step, StepFunction};
use thiserror::Error;

/// Steps of one function: beyond, no form but a shift could hold them.
const MOST_STEPS: usize = 1 << 17;

/// Why no step function was found.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum BisectError<E> {
    /// The oracle failed.
    #[error(transparent)]
    Oracle(E),
    /// The oracle answered with the wrong number of codes.
    #[error("the oracle gave {found} codes for {expected} inputs")]
    WrongLength {
        /// Codes that came back.
        found: usize,
        /// Inputs that were asked for.
        expected: usize,
    },
    /// A function that was said to be monotone is not.
    #[error("not monotone: input {n} has code {code}, outside {low}..={high} of its neighbours")]
    NotMonotone {
        /// The input.
        n: i64,
        /// Its code.
        code: i64,
        /// Code of the nearest known input on one side.
        low: i64,
        /// Code of the nearest known input on the other side.
        high: i64,
    },
    /// The exact code lies outside the envelopes.
    #[error("input {n} has code {code}, outside its envelopes {low}..={high}: the stated error is too small")]
    OutsideEnvelopes {
        /// The input.
        n: i64,
        /// Its exact code.
        code: i64,
        /// Code of the lower envelope.
        low: i64,
        /// Code of the upper envelope.
        high: i64,
    },
    /// The envelopes disagree on too many inputs.
    #[error("{needed} inputs lie between the envelopes; at most {budget} may be enumerated")]
    OverBudget {
        /// Inputs to enumerate.
        needed: u128,
        /// The most that is allowed.
        budget: u64,
    },
    /// There is no end of steps.
    #[error("it takes more than {MOST_STEPS} steps, too many to search for a short form")]
    TooManySteps,
    /// The domain is empty, or an input or code is too large.
    #[error(transparent)]
    Invalid(#[from] InvalidSteps),
}

/// The step function of a monotone (rising or falling) `oracle` on `low..=high`.
///
/// The caller knows that the oracle is monotone; not every violation can be noticed.
///
/// # Errors
/// See [`BisectError`].
pub fn from_monotone<E>(
    low: i64,
    high: i64,
    mut oracle: impl FnMut(&[i64]) -> Result<Vec<i64>, E>,
) -> Result<StepFunction, BisectError<E>> {
    StepFunction::new(low, high, 0, Vec::new())?;
    let ends = ask(&mut oracle, &[low, high])?;
    let &[first, last] = ends.as_slice() else {
        return Err(BisectError::WrongLength { found: ends.len(), expected: 2 });
    };
    // Codes of a falling function are negated on the way in and on the way out.
    let sign = if first <= last { 1 } else { -1 };
    let mut rising = |inputs: &[i64]| {
        let mut codes = ask(&mut oracle, inputs)?;
        for code in &mut codes {
            *code *= sign;
        }
        Ok(codes)
    };
    let (start, end) = (Known { n: low, code: first * sign }, Known { n: high, code: last * sign });
    let mut steps = staircase(start, end, &mut rising)?;
    steps.sort_unstable_by_key(|step| step.at);
    for step in &mut steps {
        step.code *= sign;
    }
    Ok(StepFunction::new(low, high, first, steps)?)
}

/// Ask the oracle; every input gets one code of a legal size.
pub(super) fn ask<E>(
    oracle: &mut impl FnMut(&[i64]) -> Result<Vec<i64>, E>,
    inputs: &[i64],
) -> Result<Vec<i64>, BisectError<E>> {
    let codes = oracle(inputs).map_err(BisectError::Oracle)?;
    if codes.len() != inputs.len() {
        return Err(BisectError::WrongLength { found: codes.len(), expected: inputs.len() });
    }
    match codes.iter().find(|code| code.unsigned_abs() >= LIMIT.unsigned_abs()) {
        Some(&value) => Err(InvalidSteps::TooLarge { value }.into()),
        None => Ok(codes),
    }
}

/// An input whose code is known.
#[derive(Clone, Copy)]
struct Known {
    n: i64,
    code: i64,
}

/// Where a search looks next.
#[derive(Clone, Copy)]
enum Strategy {
    /// On both sides of a guessed step: at `guess - 1` and `guess`.
    Guess(i64),
    /// Away from a guess that was too low, in growing strides.
    Upwards(i64),
    /// Away from a guess that was too high, in growing strides.
    Downwards(i64),
    /// In the middle.
    Bisect,
}

/// The search for the first input in `from.n+1..=to.n` whose code is at least `target`.
struct Search {
    /// The interval whose steps are looked for.
    from: Known,
    to: Known,
    target: i64,
    /// The bracket: `low.code < target <= high.code`.
    low: Known,
    high: Known,
    strategy: Strategy,
}

impl Search {
    fn new(from: Known, to: Known, target: i64, strategy: Strategy) -> Self {
        Self { from, to, target, low: from, high: to, strategy }
    }

    /// The search for the step to the middle code between two ends, guessed by a straight line;
    /// `None` if there is no step between them.
    fn halving(from: Known, to: Known) -> Option<Self> {
        let codes = i128::from(to.code) - i128::from(from.code);
        if codes <= 0 {
            return None;
        }
        let half = (codes + 1) / 2;
        // The code `from.code` begins at `from.n`, and `to.code + 1` would begin after `to.n`.
        let width = i128::from(to.n) + 1 - i128::from(from.n);
        let scaled = half.checked_mul(width).map(|product| (product + codes / 2) / (codes + 1));
        let offset = scaled.unwrap_or(width / 2).clamp(1, (width - 1).max(1));
        let strategy = Strategy::Guess(from.n + i64::try_from(offset).unwrap_or(1));
        let target = from.code + i64::try_from(half).unwrap_or(1);
        Some(Self::new(from, to, target, strategy))
    }

    fn is_done(&self) -> bool {
        self.high.n - self.low.n <= 1
    }

    /// Inputs to evaluate, strictly inside the bracket.
    fn probes(&self) -> impl Iterator<Item = i64> + use<> {
        let (low, high) = (self.low.n, self.high.n);
        let middle = low + (high - low) / 2;
        let (a, b) = match self.strategy {
            Strategy::Guess(guess) => (Some(guess - 1), Some(guess)),
            Strategy::Upwards(stride) => (Some(middle.min(low.saturating_add(stride))), None),
            Strategy::Downwards(stride) => (Some(middle.max(high.saturating_sub(stride))), None),
            Strategy::Bisect => (Some(middle), None),
        };
        [a, b].into_iter().flatten().filter(move |&n| low < n && n < high)
    }

    /// Narrow the bracket.
    fn learn<E>(&mut self, n: i64, code: i64) -> Result<(), BisectError<E>> {
        let (low, high) = (self.low.code, self.high.code);
        if n <= self.low.n || n >= self.high.n {
            return Ok(());
        }
        if code < low || code > high {
            return Err(BisectError::NotMonotone { n, code, low, high });
        }
        if code < self.target {
            self.low = Known { n, code };
        } else {
            self.high = Known { n, code };
        }
        Ok(())
    }

    /// Choose where to look next, given the bracket before the last round.
    fn adapt(&mut self, low: i64, high: i64) {
        let untouched = |above: bool| {
            if above { self.high.n == high } else { self.low.n == low }
        };
        self.strategy = match self.strategy {
            Strategy::Guess(_) if untouched(true) => Strategy::Upwards(1),
            Strategy::Guess(_) if untouched(false) => Strategy::Downwards(1),
            Strategy::Upwards(stride) if untouched(true) => Strategy::Upwards(stride.saturating_mul(8)),
            Strategy::Downwards(stride) if untouched(false) => Strategy::Downwards(stride.saturating_mul(8)),
            _ => Strategy::Bisect,
        };
    }

    /// The step between the ends of a finished search.
    fn step(&self) -> Step {
        Step { at: self.high.n, code: self.high.code }
    }
}

/// All steps between two ends of a rising function, in no order.
fn staircase<E>(
    start: Known,
    end: Known,
    oracle: &mut impl FnMut(&[i64]) -> Result<Vec<i64>, BisectError<E>>,
) -> Result<Vec<Step>, BisectError<E>> {
    if start.code == end.code {
        return Ok(Vec::new());
    }
    // The outermost steps first: between them lies what a straight line can describe.
    let edges = vec![
        Search::new(start, end, start.code + 1, Strategy::Bisect),
        Search::new(start, end, end.code, Strategy::Bisect),
    ];
    let edges = finish(edges, oracle)?;
    let [bottom, top] = edges.as_slice() else {
        return Ok(Vec::new());
    };
    let mut steps = vec![bottom.step()];
    if top.high.n > bottom.high.n {
        steps.push(top.step());
    }
    let mut searches: Vec<Search> = Search::halving(bottom.high, top.low).into_iter().collect();
    while !searches.is_empty() {
        let mut next = Vec::new();
        for search in finish(searches, oracle)? {
            steps.push(search.step());
            next.extend(Search::halving(search.from, search.low));
            next.extend(Search::halving(search.high, search.to));
        }
        if steps.len() > MOST_STEPS {
            return Err(BisectError::TooManySteps);
        }
        searches = next;
    }
    Ok(steps)
}

/// Run searches until all are done, one batch a round.
fn finish<E>(
    mut searches: Vec<Search>,
    oracle: &mut impl FnMut(&[i64]) -> Result<Vec<i64>, BisectError<E>>,
) -> Result<Vec<Search>, BisectError<E>> {
    loop {
        let open = || searches.iter().filter(|search| !search.is_done());
        let probes: Vec<i64> = open().flat_map(Search::probes).collect();
        if probes.is_empty() {
            return Ok(searches);
        }
        let mut answers = probes.iter().zip(oracle(&probes)?);
        for search in searches.iter_mut().filter(|search| !search.is_done()) {
            let (low, high) = (search.low.n, search.high.n);
            let count = search.probes().count();
            for (&n, code) in answers.by_ref().take(count) {
                search.learn(n, code)?;
            }
            search.adapt(low, high);
        }
    }
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
    fn finds_every_step() {
        let functions: [fn(i64) -> i64; 7] = [
            |n| n >> 3,
            |n| -(n >> 2).clamp(-3, 40),
            |_| 5,
            |n| n * 1000,
            |n| i64::from(n > 17) * 9,
            |n| n * n * n.signum() / 700,
            |n| (n.max(-200) / 77 + n / 5).clamp(-20, 11),
        ];
        for f in functions {
            for (low, high) in [(-500, 700), (0, 1), (3, 3), (17, 18)] {
                assert_eq!(from_monotone(low, high, batch(f)), Ok(tabulated(low, high, f)));
            }
        }
    }

    #[test]
    fn few_evaluations_for_many_steps() {
        let (mut calls, mut evaluations) = (0, 0);
        let f = |n: i64| (((i128::from(n) * 61_234_567) >> 50) as i64).clamp(-32768, 32767);
        let found = from_monotone(-(1 << 40), 1 << 40, |inputs: &[i64]| {
            calls += 1;
            evaluations += inputs.len();
            batch(f)(inputs)
        });
        let found = found.unwrap();
        assert_eq!(found.steps().len(), 65_535);
        for step in found.steps() {
            assert_eq!((f(step.at - 1) + 1, f(step.at)), (step.code, step.code));
        }
        assert!(evaluations < 4 * 65_536 && calls < 150, "{evaluations} in {calls} calls");
    }

    #[test]
    fn refuses_bad_oracles() {
        let short = from_monotone(0, 9, |_: &[i64]| Ok::<_, Infallible>(vec![1]));
        assert_eq!(short, Err(BisectError::WrongLength { found: 1, expected: 2 }));
        let failing = from_monotone(0, 9, |_: &[i64]| Err("no chain"));
        assert_eq!(failing, Err(BisectError::Oracle("no chain")));
        let hump = from_monotone(0, 9, batch(|n| if n == 4 { 5 } else { n / 9 }));
        assert!(matches!(hump, Err(BisectError::NotMonotone { n: 4, code: 5, .. })));
        let empty = from_monotone(1, 0, batch(|n| n));
        assert!(matches!(empty, Err(BisectError::Invalid(InvalidSteps::Empty { .. }))));
    }
}
