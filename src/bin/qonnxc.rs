//! `qonnxc`: the driver that users call.

use clap::{Parser, Subcommand};
use qonnxc::driver::{self, check, compile, corpus, describe, export, run};
use std::process::ExitCode;

/// Compiles quantized neural networks (QONNX) to bit-exact hardware.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Compile(compile::CompileOptions),
    Run(run::RunOptions),
    /// Compare every stage and the compiled C++ with the file, layer by layer
    Check(check::CheckOptions),
    Report(describe::ReportOptions),
    Export(export::ExportOptions),
    /// Run every model of a folder with a manifest and judge the results
    Corpus(corpus::CorpusOptions),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Compile(options) => compile::run(&options),
        Command::Run(options) => run::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Report(options) => describe::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Corpus(options) => corpus::run(&options),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {}", driver::message(&error));
        ExitCode::from(1)
    })
}
