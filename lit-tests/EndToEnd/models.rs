//! Whole models against their golden vectors: those of the project through the compiled C++,
//! those of `$QONNX_MODELS` (default `../shared/models`), where the folder is there, through the
//! evaluator.

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

#[test]
fn public_models_are_exact_or_refused() {
    let folder = std::env::var_os("QONNX_MODELS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models"));
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
