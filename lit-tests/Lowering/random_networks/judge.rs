//! One network: compiled, run at the stages, compared.
//!
//! Where all scales are powers of two, float32 sums are exact in any order and the hardware
//! must give the very bits of the file. Odd scales go through `check`, which excuses a code
//! only by an error bound of the reference's own sums.

use super::network::{File, Network};
use qonnxc::driver::{
    LoweringOptions, Model,
    check::{self, CheckOptions},
    evaluate::{self, Sample},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

const SAMPLES: usize = 8;
/// The stages compared: what the file says, floats cut into layers, integers.
const STAGES: [&str; 3] = ["import", "split", "hls"];

/// What was compared bit by bit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Compared {
    /// Values of all samples.
    pub values: usize,
    /// Whether some sample gives another result than the first.
    pub varies: bool,
}

/// How far a network is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Down to the hardware's module.
    Module,
    /// Through the compiled C++, with native integers.
    Cpp,
}

/// Judges a network that was written to `path`: what was compared.
///
/// # Errors
/// The refusal, the panic, or what differs.
pub fn judge(network: &Network, path: &Path, seed: u64, depth: Depth) -> Result<Compared, String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| try_judge(network, path, seed, depth)));
    outcome.unwrap_or_else(|panic| Err(format!("panic: {}", message(&*panic))))
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn try_judge(network: &Network, path: &Path, seed: u64, depth: Depth) -> Result<Compared, String> {
    let file = network.file();
    if network.odd || depth == Depth::Cpp {
        checked(path, seed, depth)?;
    }
    if network.odd { Ok(Compared { values: 0, varies: true }) } else { compared(path, &file, seed) }
}

/// Bit by bit, stage by stage.
fn compared(path: &Path, file: &File, seed: u64) -> Result<Compared, String> {
    let samples = file.samples(SAMPLES, seed);
    let mut model = Model::load(path, &LoweringOptions::default()).map_err(|error| format!("{error:#}"))?;
    let mut reference: Option<Vec<f64>> = None;
    for stage in STAGES {
        model.lower_to(stage).map_err(|error| format!("on the way to {stage}: {error:#}"))?;
        let values = outputs(&model, &samples).map_err(|error| format!("stage {stage} does not run: {error}"))?;
        let expected = reference.get_or_insert_with(|| values.clone());
        if let Some((at, (want, got))) = expected.iter().zip(&values).enumerate().find(|(_, (want, got))| want != got) {
            return Err(format!("stage {stage}: value {at} is {got}, the file says {want}"));
        }
        if expected.len() != values.len() {
            return Err(format!("stage {stage} gives {} values, the file {}", values.len(), expected.len()));
        }
    }
    let values = reference.unwrap_or_default();
    let mut samples = values.chunks((values.len() / SAMPLES).max(1));
    let first = samples.next();
    Ok(Compared { values: values.len(), varies: samples.any(|sample| Some(sample) != first) })
}

fn outputs(model: &Model, samples: &[Sample]) -> Result<Vec<f64>, String> {
    let outputs = evaluate::run(&model.program, samples).map_err(|error| format!("{error:#}"))?;
    Ok(outputs.iter().flatten().flat_map(|tensor| tensor.to_f64_vec()).collect())
}

fn checked(path: &Path, seed: u64, depth: Depth) -> Result<(), String> {
    let options = CheckOptions {
        model: path.into(),
        samples: Some(SAMPLES),
        seed,
        native: true,
        no_cpp: depth == Depth::Module,
        ..CheckOptions::default()
    };
    let report = check::check(&options).map_err(|error| format!("check: {error:#}"))?;
    if report.exact { Ok(()) } else { Err(format!("check: {:?}", report.differences)) }
}
