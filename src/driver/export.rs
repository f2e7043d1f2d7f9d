//! `qonnxc export`: a model as an ONNX file again, cleaned up.

use super::model::{LoweringOptions, Model};
use crate::{
    export::onnx::{self, Flavour},
    pipeline::CHANNELS_LAST,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use prost::Message;
use std::{path::PathBuf, process::ExitCode};

/// Write a model as an ONNX file of one opset, cleaned up.
#[derive(Args, Clone, Debug)]
pub struct ExportOptions {
    /// .onnx, .mlir or .mlirbc
    pub model: PathBuf,
    /// The file to write
    #[arg(short, long, value_name = "FILE.onnx")]
    pub output: PathBuf,
    /// How quantizers are written
    #[arg(long, value_enum, default_value_t)]
    pub flavour: Flavour,
    /// With channels last: Conv, MaxPool and BatchNormalization of the domain qonnx.custom_op.channels_last
    #[arg(long)]
    pub channels_last: bool,
    /// The stage to write: import, cleanup, or lowered, where inputs are quantized and layers written out
    #[arg(long, default_value = "cleanup")]
    pub stage: String,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub lowering: LoweringOptions,
}

/// Writes the file.
///
/// # Errors
/// If the model cannot be read, or has an operation that ONNX cannot say in this flavour.
pub fn run(options: &ExportOptions) -> Result<ExitCode> {
    if !["import", "cleanup", "lowered"].contains(&options.stage.as_str()) {
        bail!("--stage is {}, but only import, cleanup and lowered can be said in ONNX", options.stage);
    }
    let mut model = Model::load(&options.model, &options.lowering)?;
    model.lower_to(&options.stage)?;
    if options.channels_last {
        let converted = model.program.run(&format!("builtin.module({CHANNELS_LAST})"));
        model.program.take_remarks().iter().for_each(|remark| eprintln!("remark: {remark}"));
        converted?;
    }
    options.flavour.apply(&mut model.program)?;
    let file = onnx::to_proto(&model.program)?;
    // It has all weights: without the module they are in memory twice while the file is made, not three times.
    drop(model);
    std::fs::write(&options.output, file.encode_to_vec())
        .with_context(|| format!("cannot write {}", options.output.display()))?;
    Ok(ExitCode::SUCCESS)
}
