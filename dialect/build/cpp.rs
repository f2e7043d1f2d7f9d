//! Compiles the C++ with clang, an object a file, only what changed.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// Sources and whether they include the dialects' generated headers.
const SOURCES: [(&str, bool); 12] = [
    ("QONNX/Dialect.cpp", true),
    ("QONNX/Fold.cpp", true),
    ("QONNX/Verify.cpp", true),
    ("QONNX/VerifyWindow.cpp", true),
    ("HLS/Dialect.cpp", true),
    ("HLS/Fold.cpp", true),
    ("HLS/Verify.cpp", true),
    ("HLS/VerifyWindow.cpp", true),
    ("CAPI.cpp", true),
    ("Passes.cpp", true),
    ("OptMain.cpp", false),
    ("LspMain.cpp", false),
];

// NDEBUG in every profile: the layout of a class in MLIR's headers depends on it.
const FLAGS: [&str; 6] = ["-std=c++17", "-fno-rtti", "-fno-exceptions", "-DNDEBUG", "-O2", "-fPIC"];

pub fn compile(llvm: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    for file in ["CAPI.h", "Bytecode.h", "Shapes.h", "Permutation.h", "build"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let generated = newest(out, "inc")?.max(newest(Path::new("QONNX"), "h")?).max(newest(Path::new("HLS"), "h")?);
    let shared = newest(Path::new("."), "h")?;
    let mut jobs = Vec::new();
    let mut objects = Vec::new();
    for (source, includes_dialects) in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        let object = out.join(source.replace('/', "_")).with_extension("o");
        let mut inputs = modified(Path::new(source)).max(shared);
        if includes_dialects {
            inputs = inputs.max(generated);
        }
        if modified(&object) <= inputs {
            jobs.push(command(llvm, out, source, &object));
        }
        objects.push(object);
    }
    run_all(jobs)?;
    archive(llvm, out, &objects)?;
    println!("cargo::rustc-link-search=native={}", out.display());
    println!("cargo::rustc-link-lib=static=qonnx_dialect");
    Ok(())
}

fn command(llvm: &Path, out: &Path, source: &str, object: &Path) -> Command {
    let mut command = Command::new(llvm.join("bin/clang++"));
    command.args(FLAGS).arg("-I.").arg(format!("-I{}", out.display()));
    command.arg("-isystem").arg(llvm.join("include"));
    command.args(["-Wall", "-Werror", "-c", source, "-o"]).arg(object);
    command
}

/// Two at a time: each wants half a gigabyte.
fn run_all(mut jobs: Vec<Command>) -> Result<(), Box<dyn Error>> {
    for pair in jobs.chunks_mut(2) {
        let children = pair.iter_mut().map(Command::spawn).collect::<Result<Vec<_>, _>>()?;
        for mut child in children {
            if !child.wait()?.success() {
                return Err("clang++ failed".into());
            }
        }
    }
    Ok(())
}

fn archive(llvm: &Path, out: &Path, objects: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let library = out.join("libqonnx_dialect.a");
    let _ = fs::remove_file(&library);
    let status = Command::new(llvm.join("bin/llvm-ar")).arg("crs").arg(&library).args(objects).status()?;
    status.success().then_some(()).ok_or("llvm-ar failed".into())
}

fn newest(folder: &Path, extension: &str) -> Result<SystemTime, Box<dyn Error>> {
    let mut time = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == extension) {
            time = time.max(modified(&path));
        }
    }
    Ok(time)
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}
