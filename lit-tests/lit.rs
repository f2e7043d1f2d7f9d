//! Runs LLVM's lit over the files beside this one, with the binaries just built.
//!
//! To run some only: `LIT_FILTER=QONNX/ops cargo test --test lit every_file`.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const LLVM: &str = env!("MLIR_SYS_220_PREFIX");

/// Whether lit found tests and all of them pass; its summary goes to the terminal.
fn lit_passes(name: &str, arguments: &[&str]) -> std::io::Result<bool> {
    // Cargo puts all binaries of the package into one folder.
    let bin = Path::new(env!("CARGO_BIN_EXE_qonnx-opt")).with_file_name("");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = Command::new(format!("{LLVM}/bin/lit"))
        .args(["--verbose", "--succinct", "--no-progress-bar"])
        .arg(format!("-Dbin_dir={}", bin.display()))
        .arg(format!("-Dllvm_bin_dir={LLVM}/bin"))
        .arg(format!("-Dexec_root={}", scratch.display()))
        .args(arguments)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/lit-tests"))
        .stderr(Stdio::inherit())
        .output()?;
    // In one piece, since the tests run at the same time.
    std::io::stdout().write_all(&output.stdout)?;
    Ok(output.status.success())
}

#[test]
fn every_file_passes() -> std::io::Result<()> {
    assert!(lit_passes("lit", &[])?, "lit failed: see its output above");
    Ok(())
}

/// All IR of these folders survives printing and parsing, as text and as bytecode.
#[test]
fn every_input_makes_a_round_trip() -> std::io::Result<()> {
    let folders = "--filter=:: (QONNX|HLS|Transforms|Conversion|Lowering|Outline)/";
    assert!(lit_passes("lit-roundtrip", &["-Dverify_roundtrip=1", folders])?, "lit failed: see its output above");
    Ok(())
}
