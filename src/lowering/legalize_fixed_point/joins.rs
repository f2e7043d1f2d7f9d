//! Two or more integer tensors that meet in float before a quantizer.
//!
//! In this order:
//! 1. Their sum or product itself, where float32 rounds nothing of it: scales that are powers
//!    of two, as a rule.
//! 2. Factors for each branch whose sum (or the product of both) gives the codes
//!    ([`branches`]): proven for every pair.
//! 3. A table of all combinations, where there are few.
//!
//! What has none of these stays in float32.

use super::{Entries, bounds, replace};
use crate::{
    eval::convert::hls_constant,
    lowering::{
        propagate_scales::Propagation,
        range::{Ranges, shape_of},
        requantize::{
            Chain, Form, StepFunction,
            branches::{Merged, merge},
            chain::Program,
            cheapest,
        },
    },
};
use qonnx_dialect::{Builder, Op, Value, hls};
use std::collections::HashMap;

/// Combinations of a table.
const MOST_COMBINATIONS: u128 = 1 << 16;

type Bounds = Vec<Vec<(i64, i64)>>;

/// How the branches of each function become one integer.
struct Plan {
    /// Factors of the two branches, or None for their product.
    factors: Option<Vec<(i64, i64)>>,
    forms: Vec<Form>,
}

pub(super) fn requantize<'c>(
    op: Op<'c>,
    chain: &Chain<'c>,
    ranges: &mut Ranges<'c>,
    limit: u128,
) -> Result<(), String> {
    if chain.join.is_some_and(|join| Propagation::default().lower_exact_join(join)) {
        return super::requantize(op, ranges, limit);
    }
    let program = chain.program();
    let shape = shape_of(op.result(0))?;
    let mut all = Vec::with_capacity(chain.sources.len());
    for source in &chain.sources {
        all.push(bounds(program.shape(), &*ranges.of(*source)?, &shape)?);
    }
    let reason = match plan(program, &all) {
        Ok(plan) => return build(op, chain, ranges, &plan),
        Err(reason) => reason,
    };
    let combinations = |f: usize| all.iter().map(|b| u128::from(b[f].0.abs_diff(b[f].1)) + 1).product::<u128>();
    if (0..program.functions()).all(|f| combinations(f) <= MOST_COMBINATIONS)
        && let Ok(()) = tabulate(op, chain, ranges, &all)
    {
        return Ok(());
    }
    Err(reason)
}

fn plan(program: &Program, all: &Bounds) -> Result<Plan, String> {
    let join = program.join().filter(|_| all.len() == 2);
    let join = join.ok_or("joins branches that meet more than once")?;
    let mut known: HashMap<_, (Option<(i64, i64)>, Form)> = HashMap::new();
    let (mut factors, mut forms, mut entries) = (Vec::new(), Vec::new(), Entries::default());
    for f in 0..program.functions() {
        let (left, right) = (all[join.left.0][f], all[join.right.0][f]);
        let key = (program.key(f), left, right);
        let (pair, form) = match known.get(&key) {
            Some(plan) => plan.clone(),
            None => {
                let plan = match merge(program, &join, f, left, right)? {
                    Merged::Sum { left, right, codes } => (Some((left, right)), cheapest(&codes)),
                    Merged::Product { codes } => (None, cheapest(&codes)),
                };
                known.insert(key, plan.clone());
                plan
            }
        };
        entries.add(&form)?;
        factors.push(pair);
        forms.push(form);
    }
    // Sources in the order of the program's, not of the join's operands.
    let ordered = |(left, right)| if join.left.0 == 0 { (left, right) } else { (right, left) };
    let factors = factors.into_iter().map(|pair| pair.map(ordered)).collect();
    Ok(Plan { factors, forms })
}

fn build<'c>(op: Op<'c>, chain: &Chain<'c>, ranges: &mut Ranges<'c>, plan: &Plan) -> Result<(), String> {
    let &[a, b] = chain.sources.as_slice() else { return Err("joins no two branches".into()) };
    let functions = chain.program().shape();
    let shape = shape_of(op.result(0))?;
    let sum = match &plan.factors {
        None => ranges.narrowed(op, &shape, |builder, ty| hls::Mul::build(builder, a, b, None, [ty]).op())?,
        Some(factors) => {
            let left = scaled(op, ranges, a, functions, factors.iter().map(|pair| pair.0).collect())?;
            let right = scaled(op, ranges, b, functions, factors.iter().map(|pair| pair.1).collect())?;
            ranges.narrowed(op, &shape, |builder, ty| hls::Add::build(builder, left, right, None, [ty]).op())?
        }
    };
    replace(op, sum, functions, plan.forms.clone())
}

/// A branch times its factors, one a function.
fn scaled<'c>(
    op: Op<'c>,
    ranges: &mut Ranges<'c>,
    branch: Value<'c>,
    functions: &[usize],
    factors: Vec<i64>,
) -> Result<Value<'c>, String> {
    if factors.iter().all(|factor| *factor == 1) {
        return Ok(branch);
    }
    let alike = factors.windows(2).all(|pair| pair[0] == pair[1]);
    let (shape, factors) = if alike { (&[][..], &factors[..1]) } else { (functions, &factors[..]) };
    let builder = Builder::before(op);
    let constant = hls_constant(&builder, shape, factors);
    let result = crate::eval::ops::broadcast::broadcast_shape(&shape_of(branch)?, shape).map_err(|p| p.to_string())?;
    ranges.narrowed(op, &result, |builder, ty| hls::Mul::build(builder, branch, constant, None, [ty]).op())
}

/// One integer for each combination of the sources' values: mixed radix, the last source
/// counts fastest.
fn tabulate<'c>(op: Op<'c>, chain: &Chain<'c>, ranges: &mut Ranges<'c>, all: &Bounds) -> Result<(), String> {
    let program = chain.program();
    // One radix for all functions: the widest interval of each source.
    let spans: Vec<(i64, i64)> = all
        .iter()
        .map(|bounds| bounds.iter().fold((i64::MAX, i64::MIN), |(l, h), b| (l.min(b.0), h.max(b.1))))
        .collect();
    let size: u128 = spans.iter().map(|(low, high)| u128::from(low.abs_diff(*high)) + 1).product();
    if size > MOST_COMBINATIONS {
        return Err("too many combinations".into());
    }
    let inputs = combinations(&spans);
    let columns: Vec<&[i64]> = inputs.iter().map(Vec::as_slice).collect();
    let weights: Vec<i64> =
        (0..spans.len()).map(|source| spans[source + 1..].iter().map(|(low, high)| high - low + 1).product()).collect();
    let start: i64 = spans.iter().zip(&weights).map(|((low, _), weight)| low * weight).sum();
    let (mut forms, mut entries) = (Vec::new(), Entries::default());
    let mut known: HashMap<Vec<u32>, Form> = HashMap::new();
    for f in 0..program.functions() {
        let form = match known.get(&program.key(f)) {
            Some(form) => form.clone(),
            None => {
                let codes = program.codes_of(f, &columns)?;
                let codes = StepFunction::from_table(start, &codes).map_err(|problem| problem.to_string())?;
                let form = cheapest(&codes);
                known.insert(program.key(f), form.clone());
                form
            }
        };
        entries.add(&form)?;
        forms.push(form);
    }
    let shape = shape_of(op.result(0))?;
    let mut index: Option<Value<'c>> = None;
    for (source, weight) in chain.sources.iter().zip(&weights) {
        let digit = scaled(op, ranges, *source, &[], vec![*weight])?;
        index = Some(match index {
            None => digit,
            Some(sum) => {
                ranges.narrowed(op, &shape, |builder, ty| hls::Add::build(builder, sum, digit, None, [ty]).op())?
            }
        });
    }
    replace(op, index.ok_or("has no source")?, program.shape(), forms)
}

/// Every combination of values, a column a source.
fn combinations(spans: &[(i64, i64)]) -> Vec<Vec<i64>> {
    let mut columns: Vec<Vec<i64>> = vec![Vec::new(); spans.len()];
    let mut row: Vec<i64> = spans.iter().map(|(low, _)| *low).collect();
    loop {
        columns.iter_mut().zip(&row).for_each(|(column, value)| column.push(*value));
        let Some(place) = (0..row.len()).rev().find(|place| row[*place] < spans[*place].1) else { return columns };
        row[place] += 1;
        for later in place + 1..row.len() {
            row[later] = spans[later].0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_source_counts_fastest() {
        assert_eq!(combinations(&[(0, 1), (-1, 1)]), [vec![0, 0, 0, 1, 1, 1], vec![-1, 0, 1, -1, 0, 1]]);
    }
}
