//! The straight lines that round to a given staircase.
//!
//! A shift computes `round((m * n + c) / 2^k)`: a line with slope `m / 2^k`, rounded. It gives
//! the codes of a rising function exactly if the line passes above a *floor* point at the first
//! input of every piece and below a *ceiling* point at the last one (the outermost two are left
//! to saturation). With codes doubled, so that half-way points are integers, a piece with code
//! `y` asks for
//!
//! | rounding | at the first input, at least | at the last input, at most |
//! |---|---|---|
//! | floor | `2y` | `2y + 2`, strictly |
//! | half to even | `2y - 1`, strictly for odd `y` | `2y + 1`, strictly for odd `y` |
//!
//! Only the upper convex hull of the floor and the lower one of the ceiling matter. The room a
//! slope leaves between the two is a concave function of it, so the two ends of the interval of
//! possible slopes are found by Newton's method from outside, in exact fractions.

use super::form::Rounding;
use super::hull::{Point, hull, replace};
use super::step_function::StepFunction;

/// Codes up to this size keep every intermediate result within `i128`.
const MAX_CODE: u64 = 1 << 40;
/// Longest shift that is tried.
const MAX_SHIFT: u32 = 62;
/// Multipliers that are tried for one shift; only rounding to even ever needs a second.
const MULTIPLIERS: i128 = 8;

/// A fraction with a positive denominator, in half codes per input.
#[derive(Clone, Copy, Debug)]
struct Slope {
    rise: i128,
    run: i128,
}

impl Point {
    /// Height above the line through the origin, times the run of the slope.
    fn height(&self, slope: Slope) -> i128 {
        i128::from(self.half) * slope.run - slope.rise * i128::from(self.n)
    }
}

/// `round((multiplier * n + addend) / 2^shift)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) multiplier: i64,
    pub(super) addend: i64,
    pub(super) shift: u32,
}

/// The slopes allowed by all points: no end above if saturation leaves the steps unbounded.
struct Slopes {
    lowest: Slope,
    highest: Option<Slope>,
}

/// A pair of points that bound the room of a slope.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pair {
    floor: Point,
    ceiling: Point,
}

impl Pair {
    fn rise(&self) -> i128 {
        i128::from(self.ceiling.half) - i128::from(self.floor.half)
    }

    fn run(&self) -> i128 {
        i128::from(self.ceiling.n) - i128::from(self.floor.n)
    }

    /// Room between the points at a slope, times its run.
    fn room(&self, slope: Slope) -> i128 {
        self.rise() * slope.run - self.run() * slope.rise
    }
}

/// The slope with the most room (or the least lack of it), and what limits it.
pub(super) struct Tightest {
    /// Room in half codes, negative if no line fits; an estimate, to compare candidates by.
    pub(super) room: f64,
    /// Slope in half codes per input.
    pub(super) slope: f64,
    /// Points of the floor, at most two, that limit it.
    pub(super) floor: Vec<Point>,
    /// Points of the ceiling, at most two, that limit it.
    pub(super) ceiling: Vec<Point>,
}

/// A step to a code that begins at an input from `first` to `last`: those before `last` do not occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LooseStep {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) code: i64,
}

impl LooseStep {
    /// The step over negated inputs, where it goes to the code before it.
    pub(super) fn mirrored(self, before: i64) -> Self {
        Self { first: 1 - self.last, last: 1 - self.first, code: before }
    }
}

/// What a line has to reach where a piece with this code begins.
fn floor(rounding: Rounding, n: i64, code: i64) -> Point {
    match rounding {
        Rounding::Floor => Point { n, half: 2 * code, strict: false },
        Rounding::HalfEven => Point { n, half: 2 * code - 1, strict: code & 1 == 1 },
    }
}

/// What a line must not pass where a piece with this code ends.
fn ceiling(rounding: Rounding, n: i64, code: i64) -> Point {
    match rounding {
        Rounding::Floor => Point { n, half: 2 * code + 2, strict: true },
        Rounding::HalfEven => Point { n, half: 2 * code + 1, strict: code & 1 == 1 },
    }
}

/// All points a line has to pass between; for a rising function with at least two steps.
#[derive(Clone)]
pub(super) struct Corridor {
    rounding: Rounding,
    floor: Vec<Point>,
    ceiling: Vec<Point>,
    floor_hull: Vec<Point>,
    ceiling_hull: Vec<Point>,
}

impl Corridor {
    /// The corridor of a rising function; `None` if it has less than two steps or codes of more
    /// than 40 bits.
    pub(super) fn new(f: &StepFunction, rounding: Rounding) -> Option<Self> {
        let (low, high) = f.code_range();
        if f.steps().len() < 2 || low.unsigned_abs().max(high.unsigned_abs()) > MAX_CODE {
            return None;
        }
        let steps = f.steps().len();
        let floors = f.pieces().skip(1).map(|piece| floor(rounding, piece.first, piece.code));
        let ceilings = f.pieces().take(steps).map(|piece| ceiling(rounding, piece.last, piece.code));
        Some(Self::from_points(rounding, floors.collect(), ceilings.collect()))
    }

    /// The corridor of all functions that rise from `first` by these steps, each somewhere in its
    /// interval; `None` as for [`Corridor::new`].
    pub(super) fn between(first: i64, steps: &[LooseStep], rounding: Rounding) -> Option<Self> {
        let wide = |code: i64| code.unsigned_abs() > MAX_CODE;
        if steps.len() < 2 || wide(first) || steps.iter().any(|step| wide(step.code)) {
            return None;
        }
        let before = std::iter::once(first).chain(steps.iter().map(|step| step.code));
        let floors = steps.iter().map(|step| floor(rounding, step.last, step.code));
        let ceilings = steps.iter().zip(before).map(|(step, before)| ceiling(rounding, step.first - 1, before));
        Some(Self::from_points(rounding, floors.collect(), ceilings.collect()))
    }

    fn from_points(rounding: Rounding, floor: Vec<Point>, ceiling: Vec<Point>) -> Self {
        let floor_hull = hull(&floor, 1);
        let ceiling_hull = hull(&ceiling, -1);
        Self { rounding, floor, ceiling, floor_hull, ceiling_hull }
    }

    /// The line with the shortest shift and so the smallest multiplier, if there is one.
    pub(super) fn fit(&self) -> Option<Line> {
        let slopes = self.slopes()?;
        let shortest = u32::from(self.rounding == Rounding::HalfEven);
        (shortest..=MAX_SHIFT).find_map(|shift| {
            let multipliers = slopes.multipliers(shift);
            multipliers.into_iter().flatten().find_map(|multiplier| {
                let (least, most) = self.addends(multiplier, shift);
                let addend = roundest(least, most)?;
                Line::new(multiplier, addend, shift, self.rounding)
            })
        })
    }

    /// Whether there is any line, its ends of the slope included.
    pub(super) fn has_line(&self) -> bool {
        self.slopes().is_some()
    }

    /// The slopes that leave room (at the ends of the interval, maybe none); `None` if no slope does.
    fn slopes(&self) -> Option<Slopes> {
        Some(Slopes { highest: self.last_slope(1)?, lowest: self.last_slope(-1)?? })
    }

    /// The highest (`sign` 1) or lowest (-1) slope that leaves room. `Some(None)` if there is no
    /// such end, `None` if no slope leaves room.
    fn last_slope(&self, sign: i128) -> Option<Option<Slope>> {
        // At an infinite slope, only the outermost points count.
        let mut pair = if sign > 0 {
            Pair { floor: *self.floor_hull.first()?, ceiling: *self.ceiling_hull.last()? }
        } else {
            Pair { floor: *self.floor_hull.last()?, ceiling: *self.ceiling_hull.first()? }
        };
        if sign * pair.run() <= 0 {
            return Some(None);
        }
        loop {
            let slope = Slope { rise: sign * pair.rise(), run: sign * pair.run() };
            let next = self.touching(slope)?;
            if next.room(slope) >= 0 {
                return Some(Some(slope));
            }
            if sign * next.run() <= 0 {
                return None;
            }
            pair = next;
        }
    }

    /// The points that a line of this slope meets first.
    fn touching(&self, slope: Slope) -> Option<Pair> {
        let floor = self.floor_hull.iter().max_by_key(|point| point.height(slope))?;
        let ceiling = self.ceiling_hull.iter().min_by_key(|point| point.height(slope))?;
        Some(Pair { floor: *floor, ceiling: *ceiling })
    }

    /// Least and most addend for a multiplier and a shift; none if they cross.
    fn addends(&self, multiplier: i128, shift: u32) -> (i128, i128) {
        let height = |point: &Point| ((i128::from(point.half) << shift) >> 1) - multiplier * i128::from(point.n);
        let floor = self.floor_hull.iter().map(|p| height(p) + i128::from(p.strict));
        let ceiling = self.ceiling_hull.iter().map(|p| height(p) - i128::from(p.strict));
        (floor.max().unwrap_or(0), ceiling.min().unwrap_or(0))
    }

    /// The slope with the most room; `None` if there is no limit to it.
    pub(super) fn tightest(&self) -> Option<Tightest> {
        // Tangents of the concave room from both sides; they meet above its maximum.
        let mut rising = Pair { floor: *self.floor_hull.last()?, ceiling: *self.ceiling_hull.first()? };
        let mut falling = Pair { floor: *self.floor_hull.first()?, ceiling: *self.ceiling_hull.last()? };
        if rising.run() >= 0 || falling.run() <= 0 {
            return None;
        }
        loop {
            let slope = Slope { rise: falling.rise() - rising.rise(), run: falling.run() - rising.run() };
            let pair = self.touching(slope)?;
            if pair.run() == 0 || pair.room(slope) >= rising.room(slope) {
                return Some(Tightest::new(slope, pair, rising, falling));
            }
            if pair.run() > 0 {
                falling = pair;
            } else {
                rising = pair;
            }
        }
    }

    /// The corridor without the input of one point of the floor: the next input takes its place.
    pub(super) fn without_floor(&self, point: Point) -> Self {
        let moved = Point { n: point.n + 1, ..point };
        let floor = replace(&self.floor, point, moved);
        let floor_hull = hull(&floor, 1);
        Self { floor, floor_hull, ..self.clone() }
    }

    /// The corridor without the input of one point of the ceiling: the one before takes its place.
    pub(super) fn without_ceiling(&self, point: Point) -> Self {
        let moved = Point { n: point.n - 1, ..point };
        let ceiling = replace(&self.ceiling, point, moved);
        let ceiling_hull = hull(&ceiling, -1);
        Self { ceiling, ceiling_hull, ..self.clone() }
    }
}

impl Line {
    /// The line in lowest terms; `None` if a number does not fit.
    fn new(mut multiplier: i128, mut addend: i128, mut shift: u32, rounding: Rounding) -> Option<Self> {
        // Rounding to even by 0 bits is no rounding, so 1 bit is the least.
        let shortest = u32::from(rounding == Rounding::HalfEven);
        while shift > shortest && multiplier & 1 == 0 && addend & 1 == 0 {
            (multiplier, addend, shift) = (multiplier >> 1, addend >> 1, shift - 1);
        }
        let multiplier = i64::try_from(multiplier).ok()?;
        Some(Self { multiplier, addend: i64::try_from(addend).ok()?, shift })
    }
}

impl Slopes {
    /// A few multipliers that give such a slope, a power of two first if there is one.
    fn multipliers(&self, shift: u32) -> Option<impl Iterator<Item = i128> + use<>> {
        let Slope { rise, run } = self.lowest;
        let least = div_ceil(rise << shift, 2 * run).max(1);
        let most = match self.highest {
            Some(Slope { rise, run }) => (rise << shift).div_euclid(2 * run),
            None => i128::MAX,
        };
        if least > most {
            return None;
        }
        let power = u128::try_from(least).ok()?.checked_next_power_of_two()?;
        let power = i128::try_from(power).ok().filter(|&power| power <= most);
        let end = most.min(least.saturating_add(MULTIPLIERS));
        Some(power.into_iter().chain(least..=end))
    }
}

impl Tightest {
    fn new(slope: Slope, pair: Pair, rising: Pair, falling: Pair) -> Self {
        let pairs = if pair.run() == 0 { [pair, pair] } else { [rising, falling] };
        let [a, b] = pairs;
        let mut floor = vec![a.floor, b.floor];
        let mut ceiling = vec![a.ceiling, b.ceiling];
        floor.dedup();
        ceiling.dedup();
        let run = slope.run as f64;
        let room = pair.room(slope) as f64 / run;
        Self { room, slope: slope.rise as f64 / run, floor, ceiling }
    }
}

/// The number in `least..=most` with the most trailing zeros.
fn roundest(least: i128, most: i128) -> Option<i128> {
    if least > most {
        return None;
    }
    if least <= 0 && most >= 0 {
        return Some(0);
    }
    (0..126).rev().find_map(|zeros| {
        let unit = 1_i128 << zeros;
        let first = div_ceil(least, unit).checked_mul(unit)?;
        (first <= most).then_some(first)
    })
}

/// `a / b`, rounded up, for positive `b`.
fn div_ceil(a: i128, b: i128) -> i128 {
    -(-a).div_euclid(b)
}

#[cfg(test)]
mod tests {
    use super::super::form::RoundingExt;
    use super::*;

    #[test]
    fn roundest_numbers() {
        assert_eq!(roundest(-3, 5), Some(0));
        assert_eq!(roundest(5, 13), Some(8));
        assert_eq!(roundest(-13, -9), Some(-12));
        assert_eq!(roundest(7, 7), Some(7));
        assert_eq!(roundest(8, 7), None);
    }

    /// Every multiplier and addend up to a bound, tried on every input.
    fn brute_force_shift(f: &StepFunction, rounding: Rounding) -> Option<u32> {
        let (low, high) = (i128::from(f.first()), i128::from(f.last()));
        (0..=4_u32).find(|&shift| {
            (1..=(3 << shift)).any(|m: i128| {
                (-300..=300).any(|c: i128| {
                    (f.low()..=f.high()).all(|n| {
                        let code = rounding.shift_right(m * i128::from(n) + c, shift);
                        code.clamp(low, high) == i128::from(f.apply(n))
                    })
                })
            })
        })
    }

    #[test]
    fn shortest_shift_is_found() {
        let mut state = 1_u64;
        for rounding in [Rounding::Floor, Rounding::HalfEven] {
            let mut found = [0; 2];
            for _ in 0..100 {
                let mut code = 0;
                let codes: Vec<i64> = (0..9)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
                        code += [0, 1, 1, 1, 1, 1, 2][(state >> 40) as usize % 7];
                        code
                    })
                    .collect();
                let f = StepFunction::from_table(-4, &codes).unwrap();
                let Some(corridor) = Corridor::new(&f, rounding) else {
                    continue;
                };
                let least = u32::from(rounding == Rounding::HalfEven);
                let fit = corridor.fit().map(|line| line.shift).filter(|&shift| shift <= 4);
                let brute = brute_force_shift(&f, rounding).map(|shift| shift.max(least));
                assert_eq!(fit, brute, "{codes:?} {rounding:?}");
                found[usize::from(fit.is_some())] += 1;
            }
            assert!(found[0] > 5 && found[1] > 5, "{found:?}");
        }
    }
}
