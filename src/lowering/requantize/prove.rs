//! The proof that a form equals a step function on every input.
//!
//! Complete and independent of how the form was found: on each piece where the function is
//! constant, every part of the form is monotone or constant between break points of its own, so
//! both ends of each such stretch decide for all inputs between them. Tables go entry by entry.

use super::form::{Form, FormExt};
use super::step_function::{Piece, StepFunction};
use thiserror::Error;

/// What a successful proof covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// How many inputs are covered: all of the domain.
    pub values: u128,
    /// How many evaluations it took.
    pub evaluations: u64,
}

/// Why a form does not equal a function.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Counterexample {
    /// The form gives another code.
    #[error("the form gives code {found} for input {n}; expected {expected}")]
    Differs {
        /// The input.
        n: i64,
        /// The function's code.
        expected: i64,
        /// The form's code.
        found: i64,
    },
    /// The form is not well formed, so its meaning is not defined.
    #[error("malformed form: {0}")]
    Malformed(&'static str),
}

/// Prove that `form` equals `f` on the whole domain of `f`.
///
/// # Errors
/// An input on which they differ, or what is malformed about the form.
pub fn prove(form: &Form, f: &StepFunction) -> Result<Proof, Counterexample> {
    check_shape(form, f.low(), f.high())?;
    let mut evaluations = 0;
    for piece in f.pieces() {
        prove_piece(form, piece, &mut evaluations)?;
    }
    Ok(Proof { values: f.size(), evaluations })
}

/// What [`prove_piece`] relies on: order, lengths and coverage.
fn check_shape(form: &Form, low: i64, high: i64) -> Result<(), Counterexample> {
    let require = |holds: bool, what| {
        if holds { Ok(()) } else { Err(Counterexample::Malformed(what)) }
    };
    match form {
        Form::Constant { .. } | Form::Compare { .. } => Ok(()),
        Form::MulShift { shift, low, high, exceptions, .. } => {
            require(*shift <= 126, "shift above 126")?;
            require(low <= high, "clamp with low above high")?;
            let increasing = exceptions.is_sorted_by(|a, b| a.0 < b.0);
            require(increasing, "exceptions not strictly increasing")
        }
        Form::Pieces { split, below, above } => {
            require(low < *split && *split <= high, "split outside the domain")?;
            check_shape(below, low, *split - 1)?;
            check_shape(above, *split, high)
        }
        Form::Thresholds { thresholds, codes } => {
            require(codes.len() == thresholds.len() + 1, "codes are not one more than thresholds")?;
            require(thresholds.is_sorted_by(|a, b| a < b), "thresholds not strictly increasing")
        }
        Form::Table { first, codes } => {
            let end = i128::from(*first) + codes.len() as i128;
            require(*first <= low && i128::from(high) < end, "table does not cover the domain")
        }
    }
}

/// Prove that `form` has the piece's code on all of it.
fn prove_piece(form: &Form, piece: Piece, evaluations: &mut u64) -> Result<(), Counterexample> {
    let mut check = |n| {
        *evaluations += 1;
        equal(n, piece.code, form.apply(n))
    };
    match form {
        Form::Constant { .. } => check(piece.first),
        // Two values and one break: equal ends leave no room for a third.
        Form::Compare { .. } => check(piece.first).and_then(|()| check(piece.last)),
        Form::MulShift { exceptions, .. } => {
            stretches(piece, exceptions.iter().map(|&(n, _)| n)).try_for_each(|(first, last)| {
                check(first)?;
                check(last)
            })
        }
        Form::Pieces { split, below, above } => {
            if piece.first < *split {
                let last = piece.last.min(*split - 1);
                prove_piece(below, Piece { last, ..piece }, evaluations)?;
            }
            if piece.last >= *split {
                let first = piece.first.max(*split);
                prove_piece(above, Piece { first, ..piece }, evaluations)?;
            }
            Ok(())
        }
        Form::Thresholds { thresholds, .. } => {
            let start = thresholds.partition_point(|&at| at <= piece.first);
            let inside = thresholds.get(start..).unwrap_or_default();
            let inside = inside.iter().copied().take_while(|&at| at <= piece.last);
            check(piece.first)?;
            inside.into_iter().try_for_each(check)
        }
        Form::Table { .. } => (piece.first..=piece.last).try_for_each(check),
    }
}

/// The piece cut so that each of the given inputs (strictly increasing) is a stretch of its own.
fn stretches(piece: Piece, alone: impl Iterator<Item = i64>) -> impl Iterator<Item = (i64, i64)> {
    let Piece { first, last, .. } = piece;
    let inside = alone.filter(move |&n| first <= n && n <= last);
    let mut next = first;
    inside
        .map(Some)
        .chain([None])
        .flat_map(move |stop| {
            let end = stop.map_or(last, |n| n - 1);
            let between = (next <= end).then_some((next, end));
            next = stop.map_or(last, |n| n + 1);
            [between, stop.map(|n| (n, n))]
        })
        .flatten()
}

fn equal(n: i64, expected: i64, found: i64) -> Result<(), Counterexample> {
    if expected == found { Ok(()) } else { Err(Counterexample::Differs { n, expected, found }) }
}

/// The inputs, in increasing order, on which a monotone shift without exceptions differs from
/// `f`, each with the code of `f`; `None` if there are more than `limit`.
pub(super) fn differences(base: &Form, f: &StepFunction, limit: usize) -> Option<Vec<(i64, i64)>> {
    let mut found = Vec::new();
    for piece in f.pieces() {
        let wrong = |&n: &i64| base.apply(n) != piece.code;
        let before = found.len();
        let room = limit + 1 - before;
        found.extend((piece.first..=piece.last).take_while(wrong).take(room));
        let head = (found.len() - before) as i64;
        // Where the shift is right it is right on an interval, so the rest is at the other end.
        let tail_first = piece.first + head;
        let tail = (tail_first..=piece.last).rev().take_while(wrong).take(room);
        let mut tail: Vec<i64> = tail.collect();
        tail.reverse();
        found.extend(tail);
        if found.len() > limit {
            return None;
        }
    }
    Some(found.into_iter().map(|n| (n, f.apply(n))).collect())
}

#[cfg(test)]
mod tests {
    use super::super::form::Rounding;
    use super::*;

    fn shift(multiplier: i64, addend: i64, rounding: Rounding, exceptions: Vec<(i64, i64)>) -> Form {
        Form::MulShift { multiplier, addend, shift: 4, rounding, low: -8, high: 7, exceptions }
    }

    fn tabulate(form: &Form) -> StepFunction {
        let codes: Vec<i64> = (-200..=200).map(|n| form.apply(n)).collect();
        StepFunction::from_table(-200, &codes).unwrap()
    }

    #[test]
    fn covers_every_value() {
        let form = shift(1, 0, Rounding::HalfEven, vec![]);
        let f = tabulate(&form);
        let proof = prove(&form, &f).unwrap();
        assert_eq!(proof.values, 401);
        assert_eq!(proof.evaluations, 2 * (f.steps().len() as u64 + 1));
    }

    #[test]
    fn exceptions_are_needed_and_suffice() {
        let form = shift(3, 5, Rounding::Floor, vec![(-7, 3), (0, 5), (1, -5), (200, 0)]);
        let f = tabulate(&form);
        assert!(prove(&form, &f).is_ok());
        let plain = shift(3, 5, Rounding::Floor, vec![]);
        assert!(matches!(prove(&plain, &f), Err(Counterexample::Differs { n: -7, .. })));
    }

    #[test]
    fn an_exception_inside_a_piece_is_seen() {
        let f = tabulate(&shift(1, 0, Rounding::Floor, vec![]));
        let form = shift(1, 0, Rounding::Floor, vec![(5, 1)]);
        let expected = Counterexample::Differs { n: 5, expected: 0, found: 1 };
        assert_eq!(prove(&form, &f), Err(expected));
    }

    #[test]
    fn differences_are_complete() {
        let f = tabulate(&shift(5, 3, Rounding::HalfEven, vec![]));
        let other = shift(5, 4, Rounding::HalfEven, vec![]);
        let brute: Vec<(i64, i64)> =
            (-200..=200).filter(|&n| other.apply(n) != f.apply(n)).map(|n| (n, f.apply(n))).collect();
        assert!(!brute.is_empty());
        assert_eq!(differences(&other, &f, brute.len()), Some(brute.clone()));
        assert_eq!(differences(&other, &f, brute.len() - 1), None);
    }

    #[test]
    fn malformed_forms_are_refused() {
        let f = StepFunction::from_table(0, &[0, 0, 1]).unwrap();
        let malformed = |form| matches!(prove(&form, &f), Err(Counterexample::Malformed(_)));
        assert!(malformed(Form::Table { first: 0, codes: vec![0, 0] }));
        assert!(malformed(Form::Table { first: 1, codes: vec![0, 1] }));
        assert!(malformed(Form::Thresholds { thresholds: vec![2], codes: vec![0] }));
        assert!(malformed(Form::Thresholds { thresholds: vec![2, 2], codes: vec![0, 0, 1] }));
        assert!(malformed(shift(1, 0, Rounding::Floor, vec![(1, 0), (1, 0)])));
        let constant = || Box::new(Form::Constant { code: 0 });
        assert!(malformed(Form::Pieces { split: 3, below: constant(), above: constant() }));
    }
}
