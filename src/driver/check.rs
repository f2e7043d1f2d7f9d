//! `qonnxc check`: the proof by running, stage against stage.
//!
//! | row | what is compared | with |
//! |---|---|---|
//! | `import` to `split` | the graph's outputs | the stage before |
//! | `golden` | the file's outputs | vectors of another implementation |
//! | `forms` | each requantizer, on every value that can occur | the file's chain of float operations |
//! | `layers` | the codes of each quantizer, fed with the reference's codes | the split graph in float32 |
//! | `outputs` | the graph's outputs, fed likewise | the split graph, sums exact |
//! | `hls` | the hardware's module, end to end | the split graph in float32 |
//! | `cpp` | the compiled C++, codes and outputs | the hardware's module |
//!
//! Only the reference's own float32 summation excuses a difference, and it is computed from
//! the file ([`replay`]), never from what the lowering made of it.

mod cpp;
mod fed;
mod forms;
mod golden;
mod integers;
mod layers;
mod reference;
mod replay;
pub mod report;
mod spread;
mod stages;
mod sums;
mod table;

use super::{
    csim::CsimOptions,
    evaluate,
    model::{LoweringOptions, Model},
    npz::NamedArrays,
    samples,
};
use crate::transforms::functions::operations;
use anyhow::{Context, Result, bail};
use clap::Args;
use qonnx_dialect::{Op, Program, Value};
pub use report::Report;
use std::{path::PathBuf, process::ExitCode};

/// Check that every stage computes what the file says.
#[derive(Args, Clone, Debug, Default)]
pub struct CheckOptions {
    /// The .onnx file
    pub model: PathBuf,
    /// Samples: in0, in1, ...; with out0, out1, ... these are compared too
    #[arg(long, value_name = "V.npz")]
    pub vectors: Option<PathBuf>,
    /// How many samples to make where there are no vectors (16, or fewer if the model is large), or to take of them
    #[arg(long, value_name = "N")]
    pub samples: Option<usize>,
    /// Seed of the samples that are made
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Check this module of the stage hls, such as one that --save-temps wrote, in place of
    /// the one that the lowering gives
    #[arg(long, value_name = "FILE.mlir")]
    pub lowered: Option<PathBuf>,
    /// Leave out the compiled C++
    #[arg(long)]
    pub no_cpp: bool,
    /// The folder of ap_int.h
    #[arg(long, value_name = "DIR")]
    pub ap_types: Option<PathBuf>,
    /// Native integers in place of ap_int in the compiled C++
    #[arg(long)]
    pub native: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub lowering: LoweringOptions,
}

/// Samples that are made if nobody says how many, and the values that they may have in all: each is computed at every
/// stage, and again with exact sums.
const SAMPLES: usize = 16;
const VALUES: usize = 1 << 26;

/// Checks, prints the report, and fails unless all is exact or explained.
///
/// # Errors
/// If the model or the vectors cannot be read, or the model cannot be lowered.
pub fn run(options: &CheckOptions) -> Result<ExitCode> {
    let report = check(options)?;
    match options.json {
        true => super::print(&format!("{}\n", serde_json::to_string(&report)?))?,
        false => super::print(&table::text(&report))?,
    }
    Ok(if report.exact { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The report.
///
/// # Errors
/// As [`run`].
pub fn check(options: &CheckOptions) -> Result<Report> {
    let mut split = Model::load(&options.model, &options.lowering)?;
    if split.stage.is_none() {
        bail!("{} is a module: check needs the ONNX file; an edited module goes to --lowered", options.model.display());
    }
    split.lower_to(stages::LAST)?;
    let vectors = options.vectors.as_deref().map(NamedArrays::read).transpose()?;
    let samples = samples_of(options, &split.program, vectors.as_ref())?;
    let mut report = Report {
        model: split.name.clone(),
        samples: samples.len(),
        remarks: split.remarks.clone(),
        ..Report::default()
    };
    let mut model = Model::load(&options.model, &options.lowering)?;
    let floats = stages::check(&mut model, &samples, &split.program)?;
    floats.stages.into_iter().for_each(|stage| report.push(stage));
    if let Some(vectors) = &vectors {
        golden::check(&floats.plain, &samples, &floats.import, vectors)?
            .into_iter()
            .for_each(|stage| report.push(stage));
    }
    let hls = hardware(options, model)?;
    report.push(forms::check(&split.program, &hls)?);
    let outcome = split.program.with(|split| hls.with(|hls| layers::check(split, hls, &samples)))?;
    outcome.stages.into_iter().for_each(|stage| report.push(stage));
    report.layers = outcome.layers;
    if !options.no_cpp {
        let csim = CsimOptions { native: options.native, ap_types: options.ap_types.clone(), compiler: None };
        report.push(cpp::check(&hls, &samples, &outcome.runs, &csim)?);
    }
    Ok(report)
}

fn samples_of(options: &CheckOptions, split: &Program, vectors: Option<&NamedArrays>) -> Result<Vec<evaluate::Sample>> {
    let mut samples = match vectors {
        Some(vectors) => evaluate::samples(split, vectors)?,
        None => samples::generate(split, options.samples.unwrap_or_else(|| split.with(affordable)), options.seed)?,
    };
    samples.truncate(options.samples.unwrap_or(usize::MAX));
    if samples.is_empty() {
        bail!("there are no samples to check");
    }
    Ok(samples)
}

/// As many samples as fit into [`VALUES`], and at least one.
fn affordable(module: Op<'_>) -> usize {
    let elements = |value: Value<'_>| value.tensor_type().and_then(|ty| ty.element_count()).unwrap_or(0);
    let all = operations(module).flat_map(|op| op.results()).map(elements).fold(0, usize::saturating_add);
    VALUES.checked_div(all).unwrap_or(SAMPLES).clamp(1, SAMPLES)
}

/// The module of the stage hls: our own, or the user's.
fn hardware(options: &CheckOptions, mut model: Model) -> Result<Program> {
    match &options.lowered {
        Some(path) => Program::read(path).with_context(|| format!("{} is no module", path.display())),
        None => {
            model.lower_to("hls")?;
            Ok(model.program)
        }
    }
}
