//! Requantizers against the float chains of the file, for every value that can occur: no
//! sample is needed, so none can miss a wrong threshold or rounding.
//!
//! The chains and the ranges of their integers come from a lowering of the file made here;
//! the forms from the module that is checked. Where integers of two branches meet in front of
//! a quantizer, the lowering's factors are no form alone: samples check those.

use super::{
    reference::{Counter, Key, keyed},
    report::{Place, Stage},
};
use crate::{
    driver::evaluate::main_function,
    hls::placement::Placement,
    lowering::{
        legalize_fixed_point::{bounds, step_function},
        range::Ranges,
        requantize::{Chain, Counterexample, StepFunction, prove},
    },
    pipeline::STAGES,
    transforms::{functions::callee, layout::padded, split_quant::gives_codes},
};
use anyhow::{Context, Result};
use ndarray::{ArrayD, IxDyn};
use qonnx_dialect::{Op, OpKind, Program, form, hls};
use std::{collections::HashMap, rc::Rc};

/// The pass that puts forms in place of chains.
const LEGALIZE: &str = "qonnx-legalize-fixed-point";
/// Chains that do not keep order are tabulated up to this many values.
const TABULATED: u128 = 1 << 22;

/// Proves the forms of `checked`; `split` is the file's graph with its quantizers split.
///
/// # Errors
/// If the passes fail, or a chain cannot be read.
pub fn check(split: &Program, checked: &Program) -> Result<Stage> {
    let mut stage = Stage::new("forms");
    let chains = lowered(split, |pass| pass != LEGALIZE)?;
    let own = lowered(split, |_| true)?;
    let known = chains.with(|chains| own.with(|own| functions_of(chains, own)))?;
    checked.with(|module| {
        let mut found = HashMap::new();
        for (key, op) in executed(module)? {
            found.entry(key.node.clone()).or_insert_with(Vec::new).push((key, op));
        }
        let mut proven = 0;
        for (node, all) in &known {
            let place = Place { node, sample: 0 };
            let Some(forms) = found.get(node).filter(|forms| forms.len() == all.len()) else { continue };
            for (functions, (_, op)) in all.iter().zip(forms) {
                if let (Some(functions), true) = (functions, op.kind() == OpKind::HlsRequantize) {
                    compare(&mut stage, place, functions, *op)?;
                    proven += 1;
                }
            }
        }
        stage.remark(&format!("{proven} requantizers proven on all values"));
        Ok(stage)
    })
}

/// A copy of the split graph after the passes of the next stage, up to the first not wanted.
fn lowered(split: &Program, wanted: impl Fn(&str) -> bool) -> Result<Program> {
    let stage =
        STAGES.iter().find(|stage| stage.passes().contains(&LEGALIZE)).context("no stage makes requantizers")?;
    let mut program = Program::parse(&split.to_bytecode())?;
    let end = stage.passes().iter().position(|pass| *pass == LEGALIZE).unwrap_or_default();
    let passes: Vec<&str> = stage.passes().iter().take(end + 1).copied().take_while(|pass| wanted(pass)).collect();
    program.run(&format!("builtin.module({})", passes.join(",")))?;
    Ok(program)
}

/// The functions of a quantizer, an axis for each of its integer's.
type Functions = ArrayD<Rc<StepFunction>>;

/// By node, the functions of its quantizers in order; None for those with no single integer
/// in front.
fn functions_of(chains: Op<'_>, own: Op<'_>) -> Result<HashMap<String, Vec<Option<Functions>>>> {
    let quantizes = |op: Op<'_>| gives_codes(op) || op.kind() == OpKind::HlsRequantize;
    let legalized: HashMap<Key, Op<'_>> = keyed(main_function(own)?, quantizes).into_iter().collect();
    let mut ranges = Ranges::default();
    let mut all: HashMap<String, Vec<Option<Functions>>> = HashMap::new();
    for (key, op) in keyed(main_function(chains)?, gives_codes) {
        let requantize = legalized.get(&key).copied().and_then(hls::Requantize::of);
        let functions = requantize.and_then(|requantize| functions(op, requantize, &mut ranges));
        all.entry(key.node).or_default().push(functions);
    }
    Ok(all)
}

/// The functions of one quantizer on the range of the integer that its requantizer takes.
fn functions<'c>(quantizer: Op<'_>, requantize: hls::Requantize<'c>, ranges: &mut Ranges<'c>) -> Option<Functions> {
    let chain = Chain::ending_in(quantizer).ok().filter(|chain| chain.sources.len() == 1)?;
    let program = chain.program();
    let shape = requantize.x().tensor_type()?.static_shape()?;
    let range = ranges.of(requantize.x()).ok()?;
    let bounds = bounds(program.shape(), &range, &shape).ok()?;
    let mut known: HashMap<(Vec<u32>, i64, i64), Rc<StepFunction>> = HashMap::new();
    let mut all = Vec::with_capacity(bounds.len());
    for (f, (low, high)) in bounds.into_iter().enumerate() {
        let key = (program.key(f), low, high);
        let function = match known.get(&key) {
            Some(function) => function.clone(),
            None => Rc::new(step_function(program, f, low, high, TABULATED).ok()?),
        };
        known.insert(key, function.clone());
        all.push(function);
    }
    // An axis for each of the integer's.
    ArrayD::from_shape_vec(IxDyn(&padded(program.shape(), shape.len())?), all).ok()
}

/// The requantizers and quantizers of a module in the order in which `main` runs them.
fn executed(module: Op<'_>) -> Result<Vec<(Key, Op<'_>)>> {
    let mut counter = Counter::default();
    let mut found = Vec::new();
    visit(main_function(module)?, DEPTH, &mut |op| {
        if gives_codes(op) || op.kind() == OpKind::HlsRequantize {
            found.push((counter.next(op.node_name()), op));
        }
    });
    Ok(found)
}

/// How deep calls may go: `main`, kernel, layer, and room.
const DEPTH: usize = 8;

fn visit<'c>(function: Op<'c>, depth: usize, see: &mut dyn FnMut(Op<'c>)) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for op in function.body() {
        see(op);
        if let Some(callee) = callee(op) {
            visit(callee, depth, see);
        }
    }
}

fn compare(stage: &mut Stage, place: Place<'_>, functions: &Functions, op: Op<'_>) -> Result<()> {
    let functions = Placement::of(op).placed(functions);
    let forms = hls::Requantize::of(op).and_then(|requantize| form::read_all(requantize.forms()));
    let forms = forms.context("a form cannot be read")?;
    if forms.len() != 1 && forms.len() != functions.len() {
        stage.problem(place, format!("has {} forms, expected 1 or {}", forms.len(), functions.len()));
        return Ok(());
    }
    for (channel, (function, form)) in functions.iter().zip(forms.iter().cycle()).enumerate() {
        match prove(form, function) {
            Ok(proof) => stage.compared = stage.compared.saturating_add(proof.values.try_into().unwrap_or(usize::MAX)),
            Err(Counterexample::Differs { n, expected, found }) => stage.problem(
                place,
                format!("function {channel} gives code {found} for integer {n}; the file's chain gives {expected}"),
            ),
            Err(malformed) => stage.problem(place, format!("function {channel}: {malformed}")),
        }
    }
    Ok(())
}
