//! Runs TableGen, compiles the C++ and writes the Rust view of the ODS.

#[path = "build/cpp.rs"]
mod cpp;
#[path = "build/ods.rs"]
mod ods;
#[path = "build/passes.rs"]
mod passes;
#[path = "build/tablegen.rs"]
mod tablegen;

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let llvm = PathBuf::from(env::var("MLIR_SYS_220_PREFIX").unwrap_or("/usr/lib/llvm-22".into()));
    println!("cargo::rerun-if-env-changed=MLIR_SYS_220_PREFIX");
    let tablegen = tablegen::TableGen::new(llvm.clone(), out.clone());

    for dialect in ["QONNX", "HLS"] {
        tablegen.dialect(dialect)?;
    }
    tablegen.passes()?;

    let records = [tablegen.json("QONNX/Ops.td")?, tablegen.json("HLS/Ops.td")?];
    fs::write(out.join("ods.rs"), ods::rust(&records)?)?;
    let records = tablegen.json("Passes.td")?;
    let declarations = passes::read(&records)?;
    fs::write(out.join("passes.rs"), passes::rust(&declarations))?;
    tablegen::write_if_changed(&out.join("PassBodies.cpp.inc"), &passes::cpp(&declarations))?;

    cpp::compile(&llvm, &out)?;
    Ok(())
}
