//! The cleanup passes on whole models, those of the project and those of `$QONNX_MODELS` (default `../shared/models`)
//! where the folder is there: twice is as once, and no value changes.

use qonnx_dialect::Program;
use qonnxc::{
    driver::{
        evaluate::{self, Sample},
        samples,
    },
    eval::Tensor,
    import, passes,
};
use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

/// The stage of the driver.
const CLEANUP: &str = "qonnx-cleanup";
/// Passes that a stage has or a user asks for, on a model that is clean.
const PASSES: [&str; 13] = [
    "qonnx-verify-supported",
    "qonnx-infer-shapes",
    "qonnx-fold-constants",
    "qonnx-fold-pads",
    "qonnx-remove-unused",
    "qonnx-unique-names",
    "qonnx-lower-shapes",
    "qonnx-extract-bias",
    "qonnx-conv-to-matmul",
    "qonnx-lower-gemm",
    "qonnx-lower-batch-norm",
    "qonnx-qcdq-to-quant",
    "qonnx-set-batch-size{batch-size=1}",
];
/// Passes that leave the order open in which float32 adds.
const REORDERS: [&str; 1] = ["qonnx-conv-to-matmul"];
/// Larger files are only cleaned twice: the evaluator takes its time.
const EVALUATED: u64 = 1 << 20;

fn models() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = std::env::var_os("QONNX_MODELS").map_or_else(|| root.join("../shared/models"), PathBuf::from);
    let folders = [root.join("lit-tests/models"), corpus.join("brevitas"), corpus.join("ops"), corpus.join("zoo")];
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let mut models: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|e| e == "onnx")).collect();
    models.sort();
    models
}

fn pipeline(passes: &str) -> String {
    format!("builtin.module({passes})")
}

/// The model after the cleanup; None where it is refused.
fn clean(path: &Path) -> Option<Program> {
    let mut program = import::import_file(path).ok()?;
    program.run(&pipeline(CLEANUP)).ok().map(|()| program)
}

/// The outputs of a few samples; None where the evaluator refuses the model.
fn outputs(program: &Program, inputs: &[Sample]) -> Option<Vec<Vec<Rc<Tensor>>>> {
    evaluate::run(program, inputs).ok()
}

/// Equal values: of two zeros either sign. Sums in another order may differ in the last places.
fn agree(a: &Tensor, b: &Tensor, reordered: bool) -> bool {
    let close = |(a, b): (&f64, &f64)| {
        a == b || a.is_nan() && b.is_nan() || reordered && (a - b).abs() <= 1e-4 * a.abs().max(b.abs()).max(1.0)
    };
    a.shape() == b.shape() && a.to_f64_vec().iter().zip(&b.to_f64_vec()).all(close)
}

#[test]
fn each_pass_twice_is_as_once_and_keeps_every_value() {
    passes::register();
    qonnx_dialect::register_transforms();
    let (mut cleaned, mut compared) = (0, 0);
    for path in models() {
        let Some(mut program) = clean(&path) else { continue };
        cleaned += 1;
        let once = program.to_text(true);
        program.run(&pipeline(CLEANUP)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(once, program.to_text(true), "{}: {CLEANUP} twice is not as once", path.display());
        let small = path.metadata().is_ok_and(|file| file.len() < EVALUATED);
        let inputs = samples::generate(&program, 3, 7).unwrap_or_default();
        let expected = if small { outputs(&program, &inputs) } else { None };
        compared += usize::from(expected.is_some());
        for pass in PASSES {
            check(&path, pass, &inputs, expected.as_deref());
        }
    }
    println!("{cleaned} models cleaned, {compared} evaluated");
    assert!(cleaned >= 25 && compared >= 25);
}

fn check(path: &Path, pass: &str, inputs: &[Sample], expected: Option<&[Vec<Rc<Tensor>>]>) {
    let Some(mut program) = clean(path) else { return };
    // What a pass refuses, it refuses by name: other tests show what.
    if program.run(&pipeline(pass)).is_err() {
        return;
    }
    let once = program.to_text(true);
    program.run(&pipeline(pass)).unwrap_or_else(|error| panic!("{}: {pass}: {error}", path.display()));
    assert_eq!(once, program.to_text(true), "{}: {pass} twice is not as once", path.display());
    let Some(expected) = expected.filter(|_| program_has_all_inputs(&program, inputs)) else { return };
    let found = outputs(&program, inputs).unwrap_or_else(|| panic!("{}: {pass}: no values", path.display()));
    for (expected, found) in expected.iter().flatten().zip(found.iter().flatten()) {
        let reordered = REORDERS.contains(&pass);
        assert!(agree(expected, found, reordered), "{}: {pass} changes a value", path.display());
    }
}

/// `qonnx-remove-unused` takes inputs away.
fn program_has_all_inputs(program: &Program, inputs: &[Sample]) -> bool {
    let count = evaluate::inputs(program).map_or(0, |(types, _)| types.len());
    inputs.first().is_some_and(|sample| sample.len() == count)
}
