//! Whole models against their golden vectors: those of the project through the compiled C++,
//! those of `$QONNX_MODELS` (default `../shared/models`), where the folder is there, through the
//! evaluator.

use qonnx_dialect::Program;
use qonnxc::{
    driver::{evaluate, npz::NamedArrays},
    import,
    pipeline::{Options, STAGES},
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

fn corpus(folder: &Path, engine: &str) -> (bool, serde_json::Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qonnxc"));
    let output = command.arg("corpus").arg(folder).args(["--json", "--engine", engine]).output().expect("qonnxc runs");
    let report = serde_json::from_slice(&output.stdout);
    (
        output.status.success(),
        report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr))),
    )
}

/// Models by status.
fn count(report: &serde_json::Value, status: &str) -> usize {
    let models = report["models"].as_array().expect("the report lists models");
    models.iter().filter(|model| model["status"] == status).count()
}

#[test]
fn own_models_through_the_compiled_cpp() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lit-tests/models");
    let (fine, report) = corpus(&folder, "cpp");
    println!(
        "{} exact, {} close, {} refused",
        count(&report, "exact"),
        count(&report, "close"),
        count(&report, "refused")
    );
    assert!(fine, "{report:#}");
    assert!(count(&report, "exact") + count(&report, "close") >= 21);
}

fn public_models() -> PathBuf {
    let folder = std::env::var_os("QONNX_MODELS").map(PathBuf::from);
    folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models"))
}

#[test]
fn public_models_are_exact_or_refused() {
    let folder = public_models();
    if !folder.join("manifest.json").is_file() {
        println!("skipped: all models of {} (not there)", folder.display());
        return;
    }
    let (_, report) = corpus(&folder, "eval");
    println!(
        "{} exact, {} close, {} refused",
        count(&report, "exact"),
        count(&report, "close"),
        count(&report, "refused")
    );
    for bad in ["differs", "crashed", "timeout"] {
        let models = report["models"].as_array().expect("the report lists models");
        let names: Vec<_> = models.iter().filter(|model| model["status"] == bad).map(|model| &model["name"]).collect();
        assert!(names.is_empty(), "{bad}: {names:?}");
    }
    assert!(count(&report, "exact") > 0);
}

/// Every model whose quantizers upstream's dialect can say, there and back by way of text: the same bits.
#[test]
fn models_come_back_from_the_quant_dialect() {
    qonnxc::passes::register();
    qonnx_dialect::register_transforms();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("lit-tests/models");
    assert!(come_back(&own) >= 20);
    for folder in ["zoo", "brevitas", "ops"] {
        let folder = public_models().join(folder);
        if folder.is_dir() {
            assert!(come_back(&folder) > 0);
        }
    }
}

/// How many models of a folder come back.
fn come_back(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).expect("is a folder").map(|entry| entry.expect("is a file").path());
    let mut models: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "onnx")).collect();
    models.sort();
    let (mut same, mut refused) = (0, 0);
    for model in models {
        let Ok(mut program) = import::import_file(&model) else { continue };
        let vectors = NamedArrays::read(&model.with_extension("npz"));
        let (Ok(()), Ok(vectors)) = (STAGES[1].run(&mut program, &Options::default()), vectors) else { continue };
        let Some(back) = there_and_back(&program) else {
            refused += 1;
            continue;
        };
        let mut samples = evaluate::samples(&program, &vectors).expect("the vectors fit");
        samples.truncate(8);
        let values = |program: &Program| {
            let outputs =
                evaluate::run(program, &samples).unwrap_or_else(|error| panic!("{}: {error}", model.display()));
            outputs.iter().flatten().flat_map(|tensor| tensor.to_f64_vec()).collect::<Vec<f64>>()
        };
        let equal = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
        let (expected, found) = (values(&program), values(&back));
        assert!(expected.len() == found.len() && expected.iter().zip(&found).all(equal), "{}", model.display());
        same += 1;
    }
    println!("{}: {same} come back from quant, {refused} refused", folder.display());
    same
}

/// None if a quantizer is refused.
fn there_and_back(program: &Program) -> Option<Program> {
    let parse = |program: &Program| Program::parse(program.to_text(true).as_bytes()).expect("text is read");
    let mut there = parse(program);
    if let Err(refusal) = there.run("builtin.module(convert-qonnx-to-quant)") {
        assert!(!refusal.diagnostics.is_empty());
        return None;
    }
    let mut back = parse(&there);
    back.run("builtin.module(convert-quant-to-qonnx)").unwrap_or_else(|error| panic!("{error}"));
    assert!(!back.to_text(false).contains(" quant.") && !back.to_text(false).contains("!quant."));
    Some(back)
}
