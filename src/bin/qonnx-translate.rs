//! `qonnx-translate`: between files and MLIR, as mlir-translate.

use anyhow::{Context, Result, bail};
use clap::Parser;
use qonnx_dialect::Program;
use qonnxc::{
    export::{
        hlscpp::{self, ExportOptions},
        onnx::{self, Flavour},
    },
    import,
};
use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Translates between files and MLIR.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// The file to translate; - is standard input (MLIR only).
    #[arg(default_value = "-")]
    input: PathBuf,
    /// ONNX to the qonnx dialect.
    #[arg(long, conflicts_with_all = ["export_hlscpp", "export_onnx"])]
    import_onnx: bool,
    /// The hls dialect to HLS C++: all files of the project, one after another.
    #[arg(long)]
    export_hlscpp: bool,
    /// The qonnx dialect back to ONNX, at any stage before quantizers are split.
    #[arg(long, conflicts_with = "export_hlscpp")]
    export_onnx: bool,
    /// How --export-onnx writes quantizers.
    #[arg(long, value_enum, default_value_t, requires = "export_onnx")]
    onnx_flavour: Flavour,
    /// Where to write; - is standard output.
    #[arg(short, default_value = "-")]
    output: PathBuf,
    /// Print locations: the names of ONNX nodes.
    #[arg(long)]
    mlir_print_debuginfo: bool,
    /// Write bytecode instead of text.
    #[arg(long)]
    emit_bytecode: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", qonnxc::driver::message(&error));
            ExitCode::from(1)
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let output = if arguments.import_onnx {
        let program = import::import_file(&arguments.input)?;
        match arguments.emit_bytecode {
            true => program.to_bytecode(),
            false => program.to_text(arguments.mlir_print_debuginfo).into_bytes(),
        }
    } else if arguments.export_hlscpp {
        let program = Program::parse(&read(&arguments.input)?)?;
        export(&program)?.into_bytes()
    } else if arguments.export_onnx {
        qonnxc::passes::register();
        let mut program = Program::parse(&read(&arguments.input)?)?;
        arguments.onnx_flavour.apply(&mut program)?;
        onnx::export(&program)?
    } else {
        bail!("say what to do: --import-onnx, --export-onnx or --export-hlscpp");
    };
    write(&arguments.output, &output)
}

fn export(program: &Program) -> Result<String> {
    Ok(hlscpp::export(program, &ExportOptions::default())?.to_text())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut source = Vec::new();
        std::io::stdin().read_to_end(&mut source)?;
        return Ok(source);
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, output: &[u8]) -> Result<()> {
    if path == Path::new("-") {
        return Ok(std::io::stdout().write_all(output)?);
    }
    std::fs::write(path, output).with_context(|| format!("cannot write {}", path.display()))
}
