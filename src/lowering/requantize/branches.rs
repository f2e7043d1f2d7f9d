//! Two integer tensors that meet in float before a quantizer: a residual add, a gate.
//!
//! The reference computes `tail(fl(A(a) + B(b)))`, or with A multiplied by a constant in the same
//! rounding (a fused multiply-add), where A and B are float chains of one integer each. Hardware computes `form(m * a + n * b)`. That both agree for every pair of
//! a and b is shown without visiting all pairs: a code changes where the rounded sum passes a
//! float threshold, and since A, B and the rounded sum keep order, the pairs that pass lie
//! above a staircase. Only its corners limit the threshold on `m * a + n * b`.
//!
//! Products `tail(fl(A(a) * B(b)))` of plain branches depend on `a * b` alone up to rounding;
//! these are small enough to visit all pairs.

use super::{
    Form, FormExt, StepFunction, bisect,
    chain::{Join, Program},
    cheapest::partition,
    corridor::LooseStep,
    fit::fit_loosely,
    step_function::Step,
};
use crate::eval::{
    float_order::{float_of, key_of},
    ops::elementwise::Binary,
};

/// How two branches become one integer, and the codes as a function of that.
#[derive(Clone, Debug)]
pub enum Merged {
    /// `left * a + right * b`.
    Sum {
        /// Factor of the left branch.
        left: i64,
        /// Factor of the right branch.
        right: i64,
        /// Code of each sum.
        codes: StepFunction,
    },
    /// `a * b`.
    Product {
        /// Code of each product.
        codes: StepFunction,
    },
}

/// Values that a branch takes in all; each costs an evaluation of its chain.
const MOST_VALUES: u64 = 1 << 20;
/// Pairs that all staircases of one function ask for.
const MOST_PROBES: u64 = 1 << 24;
/// Pairs of a product that are visited.
const MOST_PAIRS: u64 = 1 << 20;
/// Pairs of factors that are tried for a line, once one pair gives the codes.
const ATTEMPTS: usize = 12;
/// Factors have up to this many bits.
const FACTOR_BITS: u32 = 30;

/// The cheapest way to merge the branches of function `f`, whose sources take these values.
///
/// # Errors
/// Why there is none: the chain keeps no order, takes too many values, or no factors follow
/// the reference's rounding.
pub fn merge(program: &Program, join: &Join, f: usize, left: (i64, i64), right: (i64, i64)) -> Result<Merged, String> {
    let size = |(low, high): (i64, i64)| high.abs_diff(low).saturating_add(1);
    if size(left).max(size(right)) > MOST_VALUES {
        return Err(format!(
            "joins branches of {} and {} values, more than the {MOST_VALUES} that are examined",
            size(left),
            size(right)
        ));
    }
    match join.op {
        Binary::Add | Binary::Sub => merge_sum(program, join, f, left, right),
        Binary::Mul if program.is_plain(join.left) && program.is_plain(join.right) => {
            if size(left) * size(right) > MOST_PAIRS {
                return Err(format!("multiplies branches of {} pairs of values", size(left) * size(right)));
            }
            merge_product(program, join, f, left, right)
        }
        op => Err(format!("joins two branches by {op:?}")),
    }
}

/// A branch with its values in rising order.
struct Branch {
    /// Values, never falling.
    values: Vec<f32>,
    /// Integer of the first value.
    start: i64,
    /// Whether the integers fall as values rise.
    falls: bool,
    /// What a sum multiplies the values by, in one rounding; positive.
    factor: f32,
}

impl Branch {
    fn new(program: &Program, f: usize, branch: (usize, usize), (low, high): (i64, i64), negate: bool) -> Option<Self> {
        let inputs: Vec<i64> = (low..=high).collect();
        let mut values = program.branch(f, branch, &inputs);
        if negate {
            values.iter_mut().for_each(|value| *value = -*value);
        }
        if values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let falls = values.first() > values.last();
        if falls {
            values.reverse();
        }
        let rises = values.windows(2).all(|pair| pair[0] <= pair[1]);
        rises.then_some(Self { values, start: if falls { high } else { low }, falls, factor: 1.0 })
    }

    /// The rounded sum of the value at place i, times its factor, and one of another branch.
    fn sum(&self, i: usize, other: f32) -> f32 {
        if self.factor == 1.0 { self.values[i] + other } else { self.values[i].mul_add(self.factor, other) }
    }

    fn first(&self) -> f64 {
        f64::from(self.values[0]) * f64::from(self.factor)
    }

    fn slope(&self) -> f64 {
        let (first, last) = (self.values[0], self.values[self.values.len() - 1]);
        (f64::from(last) - f64::from(first)) * f64::from(self.factor) / (self.values.len() - 1).max(1) as f64
    }

    fn sign(&self) -> i64 {
        if self.falls { -1 } else { 1 }
    }
}

fn merge_sum(program: &Program, join: &Join, f: usize, left: (i64, i64), right: (i64, i64)) -> Result<Merged, String> {
    if !program.is_monotone_behind(join) {
        return Err("the chain behind the join does not keep order".into());
    }
    let branch = |place, range, negate| {
        Branch::new(program, f, place, range, negate).ok_or("a branch in front of the join does not keep order")
    };
    let factor = program.factor(f, join);
    let left = Branch { factor: factor.abs(), ..branch(join.left, left, factor < 0.0)? };
    let (a, b) = (left, branch(join.right, right, join.op == Binary::Sub)?);
    let tail = tail(program, join, f, &a, &b)?;
    let (shorter, longer) = (a.values.len().min(b.values.len()), a.values.len().max(b.values.len()));
    let probes = shorter as u64 * u64::from(longer.ilog2() + 1) * tail.steps().len() as u64;
    if probes > MOST_PROBES {
        return Err(format!("the join has {probes} pairs of values to examine, more than {MOST_PROBES}"));
    }
    let stairs: Vec<Staircase> = tail.steps().iter().map(|step| Staircase::new(&a, &b, float_of(step.at))).collect();
    let feasible = factors(a.slope(), b.slope()).into_iter().filter_map(|(m, n)| {
        let bounds = stairs.iter().map(|stair| stair.bounds(m, n)).collect::<Option<Vec<_>>>()?;
        Some((m, n, LooseSteps::new(&tail, &bounds, (&a, m), (&b, n))))
    });
    let mut fallback = None;
    // One step is a comparison, whatever the factors.
    for (m, n, steps) in feasible.take(if stairs.len() < 2 { 1 } else { ATTEMPTS }) {
        let merged = |codes| Merged::Sum { left: m * a.sign(), right: n * b.sign(), codes };
        if let Some(codes) = steps.on_a_line() {
            return Ok(merged(codes));
        }
        if fallback.is_none() {
            fallback = Some(merged(steps.near_the_slopes()?));
        }
    }
    fallback.ok_or_else(|| "no factors of 30 bits follow the rounding of the reference's sum".into())
}

/// Codes as a function of the sum's float, over its ordered bits.
fn tail(program: &Program, join: &Join, f: usize, a: &Branch, b: &Branch) -> Result<StepFunction, String> {
    let (low, high) = (a.sum(0, b.values[0]), a.sum(a.values.len() - 1, b.values[b.values.len() - 1]));
    if !low.is_finite() || !high.is_finite() {
        return Err("the sum of the branches is not finite".into());
    }
    let codes = |keys: &[i64]| {
        let values: Vec<f32> = keys.iter().map(|key| float_of(*key)).collect();
        program.behind(f, join, &values)
    };
    bisect::from_monotone(key_of(low), key_of(high), codes).map_err(|problem| problem.to_string())
}

/// The pairs whose rounded sum reaches a threshold: for each place i of the left branch the
/// first place j of the right. Only corners are kept.
struct Staircase {
    /// `(i, j)` reaches the threshold, and no pair below does.
    reach: Vec<(i64, i64)>,
    /// `(i, j)` does not, and no pair above does not.
    miss: Vec<(i64, i64)>,
}

impl Staircase {
    /// Walks along the shorter branch, and finds each place of the longer by bisection.
    fn new(a: &Branch, b: &Branch, threshold: f32) -> Self {
        let swapped = a.values.len() > b.values.len();
        let place = |shorter: usize, longer: usize| if swapped { (longer, shorter) } else { (shorter, longer) };
        let passes = |(i, j): (usize, usize)| key_of(a.sum(i, b.values[j])) >= key_of(threshold);
        let (shorter, longer) = (a.values.len().min(b.values.len()), a.values.len().max(b.values.len()));
        let corner = |shorter: usize, longer: usize| {
            let (i, j) = place(shorter, longer);
            (i as i64, j as i64)
        };
        let (mut reach, mut miss): (Vec<(i64, i64)>, Vec<(i64, i64)>) = (Vec::new(), Vec::new());
        let mut first = longer;
        for at in 0..shorter {
            let before = first;
            first = partition(before, |longer| !passes(place(at, longer)));
            if first < longer && (first < before || at == 0) {
                reach.push(corner(at, first));
            }
            if first > 0 {
                // The last place of a step is its corner.
                if first == before && at > 0 {
                    miss.pop();
                }
                miss.push(corner(at, first - 1));
            }
        }
        Self { reach, miss }
    }

    /// The thresholds on `m * i + n * j` that all pairs allow, `(first, last)`; None if none
    /// does. Where no pair reaches or none misses there is no such bound.
    fn bounds(&self, m: i64, n: i64) -> Option<(Option<i64>, Option<i64>)> {
        let sum = |(i, j): &(i64, i64)| m * i + n * j;
        let last = self.reach.iter().map(sum).min();
        let first = self.miss.iter().map(sum).max().map(|greatest| greatest + 1);
        first.zip(last).is_none_or(|(first, last)| first <= last).then_some((first, last))
    }
}

/// Pairs of factors whose ratio approaches that of the slopes, the smallest first.
fn factors(a: f64, b: f64) -> Vec<(i64, i64)> {
    if !(a > 0.0 && b > 0.0) {
        // A constant branch takes no part in the sum.
        return vec![(i64::from(a > 0.0), i64::from(b > 0.0))];
    }
    let mut pairs = vec![(1, 1)];
    let ratio = a / b;
    // Best approximations of the ratio and what lies between them (semiconvergents).
    let (mut before, mut last) = ((0i64, 1i64), (1i64, 0i64));
    let mut rest = ratio;
    for _ in 0..64 {
        let whole = rest.floor();
        if !(0.0..f64::from(1 << FACTOR_BITS)).contains(&whole) {
            break;
        }
        let whole = whole as i64;
        let steps = whole.min(16);
        for step in (whole - steps + 1).max(1)..=whole {
            pairs.push((before.0 + step * last.0, before.1 + step * last.1));
        }
        let next = (before.0 + whole * last.0, before.1 + whole * last.1);
        (before, last) = (last, next);
        let fraction = rest - rest.floor();
        if fraction < 1e-9 || last.0.max(last.1) >= 1 << FACTOR_BITS {
            break;
        }
        rest = 1.0 / fraction;
    }
    // Nearest integers at growing powers of two serve where the ratio is only an estimate.
    let larger = a.max(b);
    for bits in 1..=FACTOR_BITS {
        let unit = f64::from(1u32 << bits) / larger;
        pairs.push(((a * unit).round() as i64, (b * unit).round() as i64));
    }
    pairs.retain(|(m, n)| *m > 0 && *n > 0 && m.max(n) < &(1 << FACTOR_BITS));
    pairs.sort_by_key(|(m, n)| *m.max(n));
    pairs.dedup();
    pairs
}

/// Codes over `m * a + n * b` in the branches' own integers: each step may begin anywhere in an
/// interval of sums that do not occur.
struct LooseSteps {
    /// The least and the greatest sum.
    low: i64,
    high: i64,
    /// Code of the least.
    first: i64,
    /// The steps, and where the line that the slopes draw has each.
    steps: Vec<LooseStep>,
    drawn: Vec<i64>,
}

impl LooseSteps {
    fn new(
        tail: &StepFunction,
        bounds: &[(Option<i64>, Option<i64>)],
        (a, m): (&Branch, i64),
        (b, n): (&Branch, i64),
    ) -> Self {
        // Places count from the first value; integers start where they start.
        let low = m * a.sign() * a.start + n * b.sign() * b.start;
        let high = low + m * (a.values.len() as i64 - 1) + n * (b.values.len() as i64 - 1);
        let unit = (a.slope() / m.max(1) as f64).max(b.slope() / n.max(1) as f64);
        let base = a.first() + b.first();
        let mut all = Self { low, high, first: tail.first(), steps: Vec::new(), drawn: Vec::new() };
        for (step, (least, greatest)) in tail.steps().iter().zip(bounds) {
            match (least, greatest) {
                // No pair reaches it.
                (_, None) => break,
                // All pairs do.
                (None, Some(_)) => {
                    all.first = step.code;
                    all.steps.clear();
                    all.drawn.clear();
                }
                (Some(least), Some(greatest)) => {
                    all.steps.push(LooseStep { first: low + least, last: low + greatest, code: step.code });
                    let place = ((f64::from(float_of(step.at)) - base) / unit).ceil() as i64;
                    all.drawn.push(low.saturating_add(place));
                }
            }
        }
        all
    }

    /// The codes of one multiply-add-shift, if there is one.
    fn on_a_line(&self) -> Option<StepFunction> {
        let line: Form = fit_loosely(self.first, &self.steps)?;
        let codes = |inputs: &[i64]| Ok::<_, String>(inputs.iter().map(|n| line.apply(*n)).collect());
        let codes = bisect::from_monotone(self.low, self.high, codes).ok()?;
        // The search is not trusted. Every sum that occurs lies outside of the intervals, and the line
        // keeps order: if it has passed a code at the end of its interval and not before its
        // begin, all sums that occur have their codes.
        let rises = self.steps.last()?.code > self.first;
        let ordered = |a: i64, b: i64| if rises { a <= b } else { a >= b };
        let mut before = self.first;
        for step in &self.steps {
            if !ordered(codes.apply(step.first - 1), before) || !ordered(step.code, codes.apply(step.last)) {
                return None;
            }
            before = step.code;
        }
        Some(codes)
    }

    /// Each step as near as it may be to where the slopes draw it.
    fn near_the_slopes(&self) -> Result<StepFunction, String> {
        let mut steps: Vec<Step> = Vec::with_capacity(self.steps.len());
        for (step, drawn) in self.steps.iter().zip(&self.drawn) {
            let at = (*drawn).clamp(step.first, step.last).clamp(self.low + 1, self.high);
            match steps.last_mut().filter(|before| before.at >= at) {
                Some(before) => before.code = step.code,
                None => steps.push(Step { at, code: step.code }),
            }
        }
        StepFunction::new(self.low, self.high, self.first, steps).map_err(|problem| problem.to_string())
    }
}

fn merge_product(
    program: &Program,
    join: &Join,
    f: usize,
    left: (i64, i64),
    right: (i64, i64),
) -> Result<Merged, String> {
    let (a, b): (Vec<i64>, Vec<i64>) = ((left.0..=left.1).collect(), (right.0..=right.1).collect());
    let (lefts, rights) = (program.branch(f, join.left, &a), program.branch(f, join.right, &b));
    let mut products: Vec<(i64, f32)> = Vec::with_capacity(a.len() * b.len());
    for (a, left) in a.iter().zip(&lefts) {
        products.extend(b.iter().zip(&rights).map(|(b, right)| (a * b, left * right)));
    }
    products.sort_unstable_by_key(|(product, _)| *product);
    let values: Vec<f32> = products.iter().map(|(_, value)| *value).collect();
    let codes = program.behind(f, join, &values)?;
    let mut known: Vec<(i64, i64)> = products.iter().zip(codes).map(|((product, _), code)| (*product, code)).collect();
    known.dedup();
    if known.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err("equal products of codes give different codes: the reference's rounding tells them apart".into());
    }
    let (low, high) = (known.first().map_or(0, |k| k.0), known.last().map_or(0, |k| k.0));
    let first = known.first().map_or(0, |k| k.1);
    let mut steps: Vec<Step> = Vec::new();
    for (product, code) in known.into_iter().skip(1) {
        if code != steps.last().map_or(first, |step| step.code) {
            steps.push(Step { at: product, code });
        }
    }
    let codes = StepFunction::new(low, high, first, steps).map_err(|problem| problem.to_string())?;
    Ok(Merged::Product { codes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_start_small_and_approach_the_ratio() {
        assert_eq!(factors(0.1, 0.1)[0], (1, 1));
        assert!(factors(0.3, 0.1).contains(&(3, 1)));
        let (m, n) = *factors(std::f64::consts::PI, 1.0).last().unwrap();
        assert!((m as f64 / n as f64 - std::f64::consts::PI).abs() < 1e-7);
    }

    #[test]
    fn corners_bound_the_threshold() {
        let branch = |values: &[f32]| Branch { values: values.to_vec(), start: 0, falls: false, factor: 1.0 };
        let (a, b) = (branch(&[0.0, 1.0, 2.0]), branch(&[0.0, 2.0, 4.0]));
        let stair = Staircase::new(&a, &b, 3.0);
        // i + 2 j >= 3, exactly.
        assert_eq!(stair.bounds(1, 2), Some((Some(3), Some(3))));
        assert_eq!(stair.bounds(1, 1), None);
        // 2 i + 2 j >= 3, in one rounding.
        let stair = Staircase::new(&Branch { factor: 2.0, ..a }, &b, 3.0);
        assert_eq!(stair.bounds(1, 1), Some((Some(2), Some(2))));
    }
}
