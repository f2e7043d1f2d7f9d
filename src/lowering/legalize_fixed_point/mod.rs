//! `qonnx-legalize-fixed-point`: float chains become proven requantizers.
//!
//! A chain of one integer is tabulated or bisected here; where [`joins`] of two meet, they
//! become one; [`select`]ions compare integers.

mod joins;
mod select;

use super::{
    propagate_scales::REASON,
    range::{Range, Ranges, shape_of},
    requantize::{Chain, Form, Rounding, StepFunction, Stop, chain::Program, cheapest, code_range, from_monotone},
    sink_joins::PART,
};
use crate::transforms::{
    functions::{erase_dead, functions, retype},
    split_quant::gives_codes,
};
use qonnx_dialect::{
    Builder, Element, Op, OpKind, Reported, RoundingMode, Value, form, hls, options::QonnxLegalizeFixedPointOptions,
    qonnx,
};
use rayon::prelude::*;
use std::collections::HashMap;

/// Thresholds and table entries of one operation: beyond, float32 arithmetic costs less hardware.
const MOST_ENTRIES: usize = 1 << 18;
/// Thresholds of one function, each a comparator.
const MOST_THRESHOLDS: usize = 1 << 10;
/// Entries of one function's table, a memory.
const MOST_OF_TABLE: usize = 1 << 16;
/// Below this size a table costs less than bisection.
const SMALL: u128 = 1 << 12;

/// Lowers every quantizer behind integers, and ArgMax and TopK of integers.
///
/// # Errors
/// None: what cannot be lowered is marked with its reason.
pub fn run(module: Op<'_>, options: &QonnxLegalizeFixedPointOptions) -> Result<(), Reported> {
    let limit = u128::try_from(options.tabulation_limit).unwrap_or(0);
    for function in functions(module) {
        let mut ranges = Ranges::default();
        for op in function.body() {
            let outcome = match op.kind() {
                _ if gives_codes(op) => requantize(op, &mut ranges, limit),
                OpKind::QonnxArgMax | OpKind::QonnxTopK => select::run(op, &mut ranges, limit),
                OpKind::HlsMatmul
                | OpKind::HlsConv
                | OpKind::HlsAdd
                | OpKind::HlsSub
                | OpKind::HlsMul
                | OpKind::HlsMax
                | OpKind::HlsReduceWindow
                | OpKind::HlsPad
                | OpKind::HlsConcat
                | OpKind::HlsView
                | OpKind::HlsTranspose
                // Codes that never occur in front of an operation leave it narrower than it was built.
                | OpKind::HlsGather => ranges.fit(op),
                _ => Ok(()),
            };
            if let Err(reason) = outcome {
                op.set_attribute(REASON, Builder::before(op).str(&reason));
            }
        }
        erase_dead(function);
        // Codes that are an output may be narrower now.
        retype(function);
    }
    Ok(())
}

fn requantize<'c>(op: Op<'c>, ranges: &mut Ranges<'c>, limit: u128) -> Result<(), String> {
    if let Some((codes, form)) = unchanged(op, ranges) {
        return replace(op, codes, &[], vec![form]);
    }
    let chain = match Chain::ending_in(op) {
        Ok(chain) => chain,
        Err(Stop::Host) => return Ok(()),
        Err(Stop::Problem(reason)) => return Err(reason),
    };
    let &[source] = chain.sources.as_slice() else { return joins::requantize(op, &chain, ranges, limit) };
    let range = ranges.of(source)?;
    let shape = shape_of(source)?;
    let forms = forms(chain.program(), &range, &shape, limit)?;
    replace(op, source, chain.program().shape(), forms)
}

/// The magnitude up to which a rounding mode leaves float32's integers as they are: HALF_UP and HALF_DOWN
/// add a half, and 8388609 becomes 8388610 or 8388608.
fn exact_up_to(mode: RoundingMode) -> i64 {
    match mode {
        RoundingMode::HalfUp | RoundingMode::HalfDown => 1 << 23,
        _ => 1 << 24,
    }
}

/// The integers that a quantizer gives as they are, those of an accumulator or codes that
/// were only moved, and one form for them all. A table of steps would have one for each.
fn unchanged<'c>(op: Op<'c>, ranges: &mut Ranges<'c>) -> Option<(Value<'c>, Form)> {
    let quantize = qonnx::Quantize::of(op)?;
    let codes = qonnx::Unscale::of(quantize.x().defining_op()?).filter(|unscale| unscale.scales().is_empty())?.q();
    let (low, high) = ranges.of(codes).ok()?.span();
    let limits = (quantize.low().ceil() as i64, quantize.high().floor() as i64);
    let (multiplier, addend, shift, rounding) = (1, 0, 0, Rounding::Floor);
    let form = Form::MulShift { multiplier, addend, shift, rounding, low, high, exceptions: Vec::new() };
    let exact = exact_up_to(quantize.rounding());
    (low >= limits.0.max(-exact) && high <= limits.1.min(exact)).then_some((codes, form))
}

/// Puts `hls.requantize` in place of a quantizer; a form for each element of `functions`.
fn replace<'c>(op: Op<'c>, source: Value<'c>, functions: &[usize], forms: Vec<Form>) -> Result<(), String> {
    let (channels, forms) = shared(functions, forms);
    let shape = shape_of(source)?;
    let low = forms.iter().map(|form| code_range(form).0).min().unwrap_or(0);
    let high = forms.iter().map(|form| code_range(form).1).max().unwrap_or(0);
    let builder = Builder::before(op);
    let attributes: Vec<_> = forms.iter().map(|form| form::write(&builder, form)).collect();
    let ty = builder.tensor(Element::of_range(low, high), &shape);
    let exponent = op.optional_i64_attribute("exponent");
    let result = hls::Requantize::build(&builder, source, &channels, builder.array(&attributes), exponent, [ty]);
    if op.unit_attribute(PART) {
        result.op().set_attribute(PART, builder.unit());
    }
    op.replace(&[result.result()]);
    Ok(())
}

/// One form for all channels where they agree.
fn shared(shape: &[usize], forms: Vec<Form>) -> (Vec<i64>, Vec<Form>) {
    if forms.windows(2).all(|pair| pair[0] == pair[1]) {
        return (Vec::new(), forms.into_iter().take(1).collect());
    }
    (shape.iter().map(|dim| *dim as i64).collect(), forms)
}

/// The form of each function, on the range of the values that it meets.
fn forms(program: &Program, range: &Range, shape: &[usize], limit: u128) -> Result<Vec<Form>, String> {
    let bounds = bounds(program.shape(), range, shape)?;
    let key = |f: usize| (program.key(f), bounds[f]);
    // The first of each kind stands for the others.
    let mut places: HashMap<(Vec<u32>, (i64, i64)), usize> = HashMap::new();
    let mut distinct: Vec<usize> = Vec::new();
    let place = (0..bounds.len()).map(|f| {
        *places.entry(key(f)).or_insert_with(|| {
            distinct.push(f);
            distinct.len() - 1
        })
    });
    let place: Vec<usize> = place.collect();
    let form = |f: &usize| -> Result<Form, String> {
        let form = cheapest(&step_function(program, *f, bounds[*f].0, bounds[*f].1, limit)?);
        Entries::default().add(&form)?;
        Ok(form)
    };
    // The first alone: if it fails, so would most.
    let Some((first, others)) = distinct.split_first() else { return Ok(Vec::new()) };
    let mut found = vec![form(first)?];
    found.extend(others.par_iter().map(form).collect::<Result<Vec<_>, _>>()?);
    let mut entries = Entries::default();
    place.into_iter().map(|at| entries.add(&found[at]).map(|()| found[at].clone())).collect()
}

/// Counts what the forms of one operation store.
#[derive(Default)]
struct Entries(usize);

impl Entries {
    /// # Errors
    /// If that is too much.
    fn add(&mut self, form: &Form) -> Result<(), String> {
        let (thresholds, table) = stored(form);
        self.0 += thresholds + table;
        if thresholds <= MOST_THRESHOLDS && table <= MOST_OF_TABLE && self.0 <= MOST_ENTRIES {
            return Ok(());
        }
        Err(format!(
            "its requantizers need more than {MOST_THRESHOLDS} thresholds or {MOST_OF_TABLE} table entries each, or \
             {MOST_ENTRIES} in all: where codes are wide and the accumulator has more bits than float32's 24, the \
             file's rounding follows no short form; fewer bits need less hardware"
        ))
    }
}

/// Thresholds and table entries of a form.
fn stored(form: &Form) -> (usize, usize) {
    match form {
        Form::Thresholds { thresholds, .. } => (thresholds.len(), 0),
        Form::Table { codes, .. } => (0, codes.len()),
        Form::Pieces { below, above, .. } => {
            let (below, above) = (stored(below), stored(above));
            (below.0 + above.0, below.1 + above.1)
        }
        _ => (0, 0),
    }
}

/// The interval of the values that each function meets.
pub(crate) fn bounds(functions: &[usize], range: &Range, shape: &[usize]) -> Result<Vec<(i64, i64)>, String> {
    let missing = shape.len().saturating_sub(functions.len());
    let padded: Vec<usize> = std::iter::repeat_n(1, missing).chain(functions.iter().copied()).collect();
    let merged = range.merged(shape.len(), |axis| padded.get(axis).is_none_or(|extent| *extent == 1));
    let all = merged.broadcast(&padded).ok_or("the range does not broadcast")?;
    Ok(all.low.iter().copied().zip(all.high.iter().copied()).collect())
}

/// Function `f` on an interval: by bisection where it is monotone, else tabulated.
pub(crate) fn step_function(
    program: &Program,
    f: usize,
    low: i64,
    high: i64,
    limit: u128,
) -> Result<StepFunction, String> {
    let size = u128::from(high.abs_diff(low)) + 1;
    if size > SMALL && program.is_monotone() {
        return from_monotone(low, high, |inputs| program.codes(f, inputs)).map_err(|problem| problem.to_string());
    }
    if size > limit {
        return Err(format!(
            "its float chain does not keep order and the accumulator takes {size} values, more than the {limit} that are tabulated: use fewer bits"
        ));
    }
    let inputs: Vec<i64> = (low..=high).collect();
    StepFunction::from_table(low, &program.codes(f, &inputs)?).map_err(|problem| problem.to_string())
}
