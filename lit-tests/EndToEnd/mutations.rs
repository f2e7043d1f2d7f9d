//! Whether `qonnxc check` catches wrong hardware: constants and requantizers of lowered
//! models are made wrong one at a time, and the check has to refuse each.
//!
//! A mutated form that equals the original on every value of its operand's type is
//! equivalent and left out. What is not caught was not reached by the samples.

use qonnx_dialect::{Attribute, Builder, Op, OpKind, Rounding, form, form::Form, hls};
use qonnxc::{
    driver::{LoweringOptions, Model, check, check::CheckOptions},
    eval::convert::{attribute_of, constant_of, int_type},
    eval::{IntType, Tensor},
    lowering::{range::Ranges, requantize::FormExt},
    transforms::functions::of_kind,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Odd scales and float logits, powers of two with biases, comparisons, thresholds; convolutions,
/// padding, branches and pools.
const MODELS: [&str; 5] = ["digits_mlp", "jets_mlp_pow2", "bnn", "no_quant_between", "residual_cnn"];
const SAMPLES: usize = 128;
/// Mutants of a kind and model.
const MUTANTS: usize = 8;

/// What one kind of mutation came to.
#[derive(Default)]
struct Tally {
    caught: usize,
    missed: usize,
    equivalent: usize,
}

/// An attribute of an operation, and what to put in its place.
struct Mutant<'c> {
    kind: &'static str,
    op: Op<'c>,
    attribute: &'static str,
    wrong: Attribute<'c>,
}

#[test]
fn wrong_hardware_is_refused() {
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for name in MODELS {
        let folder = tempfile::tempdir().unwrap();
        let mut model = Model::load(&file(name), &LoweringOptions::default()).unwrap();
        model.lower_to("hls").unwrap();
        let path = folder.path().join("hls.mlir");
        std::fs::write(&path, model.program.to_text(true)).unwrap();
        let unmutated = check::check(&options(name, &path)).unwrap();
        assert!(unmutated.exact, "{name}: {:?}", unmutated.differences);
        for (kind, text) in texts(&model, &mut tallies) {
            std::fs::write(&path, text).unwrap();
            let tally = tallies.entry(kind).or_default();
            match is_refused(name, &path) {
                true => tally.caught += 1,
                false => tally.missed += 1,
            }
        }
    }
    for (kind, Tally { caught, missed, equivalent }) in &tallies {
        println!("{kind}: {caught} caught, {missed} not reached by the samples, {equivalent} equivalent");
    }
    let expected = ["addend", "bias", "factor", "padding", "rounding", "shift", "threshold", "weight"];
    assert!(tallies.keys().copied().eq(expected), "kinds found: {:?}", tallies.keys());
    for (kind, tally) in &tallies {
        assert!(tally.caught > 0 && tally.missed == 0, "mutants of kind '{kind}' were not caught");
    }
}

/// Refused by the report, or because an operation finds values outside of its type.
fn is_refused(name: &str, path: &Path) -> bool {
    check::check(&options(name, path)).map_or(true, |report| !report.exact)
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lit-tests/models").join(name).with_extension("onnx")
}

fn options(name: &str, lowered: &Path) -> CheckOptions {
    CheckOptions {
        model: file(name),
        lowered: Some(lowered.into()),
        samples: Some(SAMPLES),
        no_cpp: true,
        ..CheckOptions::default()
    }
}

/// The module as text, once for each mutant.
fn texts(model: &Model, tallies: &mut BTreeMap<&'static str, Tally>) -> Vec<(&'static str, String)> {
    model.program.with(|module| {
        let text = |mutant: Mutant<'_>| {
            let right = mutant.op.attribute(mutant.attribute).unwrap();
            mutant.op.set_attribute(mutant.attribute, mutant.wrong);
            let text = model.program.to_text(true);
            mutant.op.set_attribute(mutant.attribute, right);
            (mutant.kind, text)
        };
        mutants(module, tallies).into_iter().map(text).collect()
    })
}

fn mutants<'c>(module: Op<'c>, tallies: &mut BTreeMap<&'static str, Tally>) -> Vec<Mutant<'c>> {
    let mut mutants = Vec::new();
    for op in [OpKind::HlsMatmul, OpKind::HlsConv].into_iter().flat_map(|kind| of_kind(module, kind)) {
        mutants.extend(constants(op, 1, "weight"));
        if op.operand_count() > 2 {
            mutants.extend(constants(op, 2, "bias"));
        }
    }
    for (kind, name) in [(OpKind::HlsAdd, "bias"), (OpKind::HlsMul, "factor")] {
        for op in of_kind(module, kind) {
            mutants.extend(constants(op, 1, name));
        }
    }
    for pad in of_kind(module, OpKind::HlsPad) {
        let value = pad.i64_attribute("value");
        // In front of MaxPool one below every code never wins: a wrong one has to.
        let least = Ranges::default().of(pad.operand(0)).unwrap().span().0;
        let wrong = match value {
            _ if value < least => least + 1,
            1.. => value - 1,
            _ => value + 1,
        };
        let wrong = Builder::before(pad).i64(wrong);
        mutants.push(Mutant { kind: "padding", op: pad, attribute: "value", wrong });
    }
    for op in of_kind(module, OpKind::HlsRequantize) {
        mutants.extend(forms(op, tallies));
    }
    thinned(mutants)
}

/// A few of each kind, spread over the model.
fn thinned(mutants: Vec<Mutant<'_>>) -> Vec<Mutant<'_>> {
    let mut kinds: BTreeMap<&'static str, Vec<Mutant<'_>>> = BTreeMap::new();
    for mutant in mutants {
        kinds.entry(mutant.kind).or_default().push(mutant);
    }
    kinds.into_values().flat_map(few).collect()
}

fn few(mutants: Vec<Mutant<'_>>) -> Vec<Mutant<'_>> {
    let step = mutants.len().div_ceil(MUTANTS).max(1);
    mutants.into_iter().step_by(step).collect()
}

/// One element of a constant operand, off by one; of some elements.
fn constants<'c>(user: Op<'c>, operand: usize, kind: &'static str) -> Vec<Mutant<'c>> {
    let (Some(op), Some(tensor)) = (user.operand(operand).defining_op(), constant_of(user.operand(operand))) else {
        return Vec::new();
    };
    let ty = tensor_type(op);
    let values = tensor.to_i64_vec().unwrap();
    let mutant = |index: usize| {
        let mut wrong = values.clone();
        wrong[index] += if wrong[index] < ty.max() { 1 } else { -1 };
        let wrong = attribute_of(&Builder::before(op), &Tensor::int(ty, tensor.shape(), wrong).unwrap());
        Mutant { kind, op, attribute: "value", wrong }
    };
    (0..values.len()).step_by(values.len().div_ceil(MUTANTS)).map(mutant).collect()
}

fn tensor_type(op: Op<'_>) -> IntType {
    op.result(0).tensor_type().and_then(|ty| int_type(ty.element)).unwrap()
}

/// Each number of each form, off by one.
fn forms<'c>(op: Op<'c>, tallies: &mut BTreeMap<&'static str, Tally>) -> Vec<Mutant<'c>> {
    let requantize = hls::Requantize::of(op).unwrap();
    let all = form::read_all(requantize.forms()).unwrap();
    let input = int_type(requantize.x().tensor_type().unwrap().element).unwrap();
    let mut mutants = Vec::new();
    for (channel, right) in all.iter().enumerate() {
        for (kind, wrong) in wrong_forms(right) {
            if (input.min()..=input.max()).all(|n| right.apply(n) == wrong.apply(n)) {
                tallies.entry(kind).or_default().equivalent += 1;
                continue;
            }
            let builder = Builder::before(op);
            let mut forms = all.clone();
            forms[channel] = wrong;
            let forms: Vec<_> = forms.iter().map(|form| form::write(&builder, form)).collect();
            mutants.push(Mutant { kind, op, attribute: "forms", wrong: builder.array(&forms) });
        }
    }
    mutants
}

fn wrong_forms(right: &Form) -> Vec<(&'static str, Form)> {
    let with = |change: &dyn Fn(&mut Form)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        wrong
    };
    match right {
        Form::Compare { .. } => [1, -1].map(|by| ("threshold", with(&|form| moved_threshold(form, by)))).into(),
        Form::Thresholds { .. } => vec![("threshold", with(&|form| moved_threshold(form, 1)))],
        Form::MulShift { shift, .. } => {
            let mut wrong = vec![
                ("addend", with(&|form| change(form, |addend, _, _| *addend += 1))),
                ("addend", with(&|form| change(form, |addend, _, _| *addend -= 1))),
                ("rounding", with(&|form| change(form, |_, _, rounding| *rounding = other(*rounding)))),
                ("shift", with(&|form| change(form, |_, shift, _| *shift += 1))),
            ];
            if *shift > 0 {
                wrong.push(("shift", with(&|form| change(form, |_, shift, _| *shift -= 1))));
            }
            wrong
        }
        _ => Vec::new(),
    }
}

fn moved_threshold(form: &mut Form, by: i64) {
    match form {
        Form::Compare { threshold, .. } => *threshold += by,
        Form::Thresholds { thresholds, .. } => *thresholds.last_mut().unwrap() += by,
        _ => {}
    }
}

fn change(form: &mut Form, change: impl Fn(&mut i64, &mut u32, &mut Rounding)) {
    if let Form::MulShift { addend, shift, rounding, .. } = form {
        change(addend, shift, rounding);
    }
}

fn other(rounding: Rounding) -> Rounding {
    match rounding {
        Rounding::Floor => Rounding::HalfEven,
        Rounding::HalfEven => Rounding::Floor,
    }
}
