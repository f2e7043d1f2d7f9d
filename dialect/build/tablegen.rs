//! mlir-tblgen and llvm-tblgen.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub struct TableGen {
    llvm: PathBuf,
    out: PathBuf,
}

impl TableGen {
    pub fn new(llvm: PathBuf, out: PathBuf) -> Self {
        for folder in ["QONNX", "HLS", "Passes.td"] {
            println!("cargo::rerun-if-changed={folder}");
        }
        Self { llvm, out }
    }

    /// Writes the `.inc` files of a dialect.
    pub fn dialect(&self, name: &str) -> Result<(), Box<dyn Error>> {
        let namespace = format!("--dialect={}", name.to_lowercase());
        let ops = format!("{name}/Ops.td");
        let mut jobs = vec![
            ("-gen-dialect-decls", "Dialect.h.inc"),
            ("-gen-dialect-defs", "Dialect.cpp.inc"),
            ("-gen-enum-decls", "Enums.h.inc"),
            ("-gen-enum-defs", "Enums.cpp.inc"),
            ("-gen-op-decls", "Ops.h.inc"),
            ("-gen-op-defs", "Ops.cpp.inc"),
        ];
        if name == "HLS" {
            jobs.push(("-gen-attrdef-decls", "Attributes.h.inc"));
            jobs.push(("-gen-attrdef-defs", "Attributes.cpp.inc"));
        }
        for (generator, suffix) in jobs {
            let mut arguments = vec![generator, &ops];
            if generator.contains("dialect") {
                arguments.push(&namespace);
            }
            self.generate(&arguments, &format!("{name}{suffix}"))?;
        }
        Ok(())
    }

    pub fn passes(&self) -> Result<(), Box<dyn Error>> {
        self.generate(&["-gen-pass-decls", "-name", "Qonnx", "Passes.td"], "Passes.h.inc")
    }

    /// Every record of a file, as `llvm-tblgen --dump-json` writes it.
    pub fn json(&self, file: &str) -> Result<serde_json::Value, Box<dyn Error>> {
        let text = self.run("llvm-tblgen", &["--dump-json", file])?;
        Ok(serde_json::from_slice(&text)?)
    }

    fn generate(&self, arguments: &[&str], name: &str) -> Result<(), Box<dyn Error>> {
        let text = self.run("mlir-tblgen", arguments)?;
        write_if_changed(&self.out.join(name), &String::from_utf8(text)?)
    }

    fn run(&self, tool: &str, arguments: &[&str]) -> Result<Vec<u8>, Box<dyn Error>> {
        let tool = self.llvm.join("bin").join(tool);
        let output = Command::new(&tool)
            .args(arguments)
            .arg("-I.")
            .arg(format!("-I{}", self.llvm.join("include").display()))
            .output()
            .map_err(|error| format!("cannot run {}: {error}; run tools/setup.sh", tool.display()))?;
        if !output.status.success() {
            return Err(
                format!("{} {arguments:?}:\n{}", tool.display(), String::from_utf8_lossy(&output.stderr)).into()
            );
        }
        Ok(output.stdout)
    }
}

/// Leaves the file's time alone where nothing changed, so that objects stay valid.
pub fn write_if_changed(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    Ok(fs::write(path, text)?)
}
