//! Multiply-add-shift forms for monotone functions, exact or with a few exceptions.

use super::corridor::{Corridor, Line, LooseStep};
use super::form::{Form, FormExt, Rounding};
use super::hull::Point;
use super::prove::differences;
use super::step_function::{Direction, StepFunction};

/// The most exceptions a form may list.
pub const MAX_EXCEPTIONS: usize = 8;

/// The multiply-add-shift with this rounding that equals `f`, with the fewest multiplier bits.
///
/// `None` if `f` is not monotone, has less than two steps, or no such form exists with a shift
/// of up to 62 bits and numbers of 64.
pub fn fit(f: &StepFunction, rounding: Rounding) -> Option<Form> {
    let direction = f.is_monotone()?;
    let line = corridor(f, direction, rounding)?.fit()?;
    Some(form(line, f.code_range(), direction, rounding))
}

/// The multiply-add-shift with the fewest multiplier bits that rises (or falls) from `first` by these
/// steps, each somewhere in its interval; `None` if there is none.
pub(super) fn fit_loosely(first: i64, steps: &[LooseStep]) -> Option<Form> {
    let codes = || std::iter::once(first).chain(steps.iter().map(|step| step.code));
    let (low, high) = (codes().min()?, codes().max()?);
    let last = steps.last()?.code;
    let direction = if last > first { Direction::Rising } else { Direction::Falling };
    // A falling function rises over the negated inputs.
    let mut mirrored: Vec<LooseStep> = codes().zip(steps).map(|(before, step)| step.mirrored(before)).collect();
    mirrored.reverse();
    let (first, steps) = match direction {
        Direction::Rising => (first, steps),
        Direction::Falling => (last, mirrored.as_slice()),
    };
    let forms = [Rounding::Floor, Rounding::HalfEven].into_iter().filter_map(|rounding| {
        let line = Corridor::between(first, steps, rounding)?.fit()?;
        Some(form(line, (low, high), direction, rounding))
    });
    forms.min_by_key(FormExt::multiplier_bits)
}

/// Whether some line rounds to `f`, be its numbers of any size; if so, then for every prefix and
/// suffix of `f`, too.
pub(super) fn fits(f: &StepFunction, rounding: Rounding) -> bool {
    let corridor = |direction| corridor(f, direction, rounding);
    f.steps().len() < 2 || f.is_monotone().and_then(corridor).is_some_and(|c| c.has_line())
}

/// The most steps for which exceptions are looked for: on longer staircases, rounding in float32
/// disturbs far more inputs than may be listed.
const MAX_STEPS: usize = 1 << 10;

/// Multiply-add-shifts that equal `f` save for at most [`MAX_EXCEPTIONS`] inputs, which they
/// list; the first ones have the fewest exceptions found, later ones fewer multiplier bits.
///
/// The inputs to except are chosen greedily: of the at most four that limit the line, the one
/// that gives way to most room.
pub fn fit_with_exceptions(f: &StepFunction, rounding: Rounding) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    let Some(direction) = f.is_monotone().filter(|_| f.steps().len() <= MAX_STEPS) else {
        return found;
    };
    let Some(mut corridor) = corridor(f, direction, rounding) else {
        return found;
    };
    for left in (0..MAX_EXCEPTIONS).rev() {
        let Some(relaxed) = relax(&corridor, left) else {
            break;
        };
        corridor = relaxed;
        let Some(line) = corridor.fit() else { continue };
        let base = form(line, f.code_range(), direction, rounding);
        let fewer_bits = found.iter().all(|form| base.multiplier_bits() < form.multiplier_bits());
        if let Some(listed) = differences(&base, f, MAX_EXCEPTIONS).filter(|_| fewer_bits) {
            found.push(with_exceptions(base, listed));
        }
    }
    found
}

/// Except the input that gains most; `None` if even `left` more could not make room for a line.
fn relax(corridor: &Corridor, left: usize) -> Option<Corridor> {
    let tightest = corridor.tightest()?;
    // One input less moves the line by one slope at most; twice that allows for its turning.
    let reach = 2.0 * tightest.slope * (left as f64 + 1.0);
    if tightest.room + reach < 0.0 {
        return None;
    }
    let without_floor = |&point: &Point| corridor.without_floor(point);
    let without_ceiling = |&point: &Point| corridor.without_ceiling(point);
    let floors = tightest.floor.iter().map(without_floor);
    let options = floors.chain(tightest.ceiling.iter().map(without_ceiling));
    let room = |corridor: &Corridor| corridor.tightest().map_or(f64::INFINITY, |t| t.room);
    options.map(|option| (room(&option), option)).max_by(|a, b| a.0.total_cmp(&b.0)).map(|o| o.1)
}

/// The corridor of `f`, turned to rise.
fn corridor(f: &StepFunction, direction: Direction, rounding: Rounding) -> Option<Corridor> {
    match direction {
        Direction::Rising => Corridor::new(f, rounding),
        Direction::Falling => Corridor::new(&f.mirrored(), rounding),
    }
}

fn form(line: Line, (low, high): (i64, i64), direction: Direction, rounding: Rounding) -> Form {
    let sign = if direction == Direction::Rising { 1 } else { -1 };
    let Line { multiplier, addend, shift } = line;
    let multiplier = multiplier * sign;
    Form::MulShift { multiplier, addend, shift, rounding, low, high, exceptions: Vec::new() }
}

fn with_exceptions(base: Form, listed: Vec<(i64, i64)>) -> Form {
    match base {
        Form::MulShift { multiplier, addend, shift, rounding, low, high, .. } => {
            Form::MulShift { multiplier, addend, shift, rounding, low, high, exceptions: listed }
        }
        other => other,
    }
}
