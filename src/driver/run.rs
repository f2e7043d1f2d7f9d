//! `qonnxc run`: a model on samples, by the evaluator at any stage or by the compiled C++.

use super::{
    compile::project,
    csim::{Csim, CsimOptions, CsimRun},
    evaluate::{self, IntegerOutput, OutputCodes, Sample, stacked},
    model::{LoweringOptions, Model},
    npz::{Array, NamedArrays},
};
use crate::export::hlscpp::ExportOptions;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use ndarray::{ArrayD, IxDyn};
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode, time::Instant};

/// Run a model on samples.
#[derive(Args, Clone, Debug)]
pub struct RunOptions {
    /// .onnx, .mlir or .mlirbc
    pub model: PathBuf,
    /// Samples: in0, in1, ...; first axis = samples
    #[arg(long, value_name = "V.npz")]
    pub inputs: PathBuf,
    /// Where to write out0, ... and, where an output is an integer with a scale, code0, scale0, zero_point0
    #[arg(long, value_name = "O.npz")]
    pub outputs: PathBuf,
    /// The stage to evaluate; by default the hardware's, or the file's own meaning if it has none
    #[arg(long)]
    pub stage: Option<String>,
    /// What computes
    #[arg(long, value_enum, default_value_t = Engine::Eval)]
    pub engine: Engine,
    /// With --engine=cpp: native integers in place of ap_int
    #[arg(long)]
    pub native: bool,
    /// The folder of ap_int.h
    #[arg(long, value_name = "DIR")]
    pub ap_types: Option<PathBuf>,
    /// Print facts of the run as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub lowering: LoweringOptions,
}

/// `--engine`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The evaluator, on the IR of a stage
    Eval,
    /// The exported C++, compiled
    Cpp,
}

/// What `--json` prints.
#[derive(Clone, Debug, Default, Serialize)]
struct Facts {
    stage: String,
    samples: usize,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    gxx_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples_per_second: Option<f64>,
}

/// Runs and writes the outputs.
///
/// # Errors
/// If the model or the samples cannot be read, or an operation cannot be evaluated.
pub fn run(options: &RunOptions) -> Result<ExitCode> {
    let model = prepared(options)?;
    let vectors = NamedArrays::read(&options.inputs)?;
    let samples = evaluate::samples(&model.program, &vectors)?;
    let mut facts = Facts { samples: samples.len(), ..Facts::default() };
    if let Some(stage) = model.stage {
        facts.stage = crate::pipeline::STAGES[stage].name.to_string();
    }
    let start = Instant::now();
    let outputs = match options.engine {
        Engine::Eval => by_evaluator(&model, &samples)?,
        Engine::Cpp => by_cpp(&model, &samples, options, &mut facts)?,
    };
    facts.seconds = start.elapsed().as_secs_f64();
    outputs.write(&options.outputs)?;
    if options.json {
        super::print(&format!("{}\n", serde_json::to_string(&facts)?))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The model at the stage to run.
fn prepared(options: &RunOptions) -> Result<Model> {
    let mut model = Model::load(&options.model, &options.lowering)?;
    match (&options.stage, options.engine) {
        (Some(stage), Engine::Cpp) if stage != "hls" => bail!("--engine=cpp runs the stage hls, not {stage}"),
        (Some(stage), _) => model.lower_to(stage)?,
        (None, Engine::Cpp) => model.lower_to("hls")?,
        (None, Engine::Eval) => {
            model.lower_to("cleanup")?;
            let Err(reason) = model.lower_to("hls") else { return Ok(model) };
            // The file still has a meaning; the user is told that it is not the hardware's.
            eprintln!("note: evaluated as the file says, since it cannot become hardware:\n{reason:#}");
            model = Model::load(&options.model, &options.lowering)?;
            model.lower_to("cleanup")?;
        }
    }
    Ok(model)
}

fn by_evaluator(model: &Model, samples: &[Sample]) -> Result<NamedArrays> {
    let mut arrays = NamedArrays::default();
    for (index, tensors) in evaluate::run(&model.program, samples)?.iter().enumerate() {
        arrays.insert(format!("out{index}"), stacked(tensors));
    }
    for OutputCodes { output, codes, scale } in evaluate::run_codes(&model.program, samples)? {
        insert_codes(&mut arrays, output, stacked(&codes), scale);
    }
    Ok(arrays)
}

fn insert_codes(arrays: &mut NamedArrays, index: usize, codes: Array, scale: ArrayD<f64>) {
    arrays.insert(format!("code{index}"), codes);
    arrays.insert(format!("scale{index}"), scale);
    arrays.insert(format!("zero_point{index}"), ArrayD::from_elem(IxDyn(&[]), 0i64));
}

fn by_cpp(model: &Model, samples: &[Sample], options: &RunOptions, facts: &mut Facts) -> Result<NamedArrays> {
    let project = project(&model.program, &ExportOptions::default())?;
    let folder = tempfile::tempdir().context("cannot make a folder for the C++ project")?;
    let place = folder.path().join("project");
    project.write(&place)?;
    let csim_options = CsimOptions { native: options.native, ap_types: options.ap_types.clone(), compiler: None };
    let csim = Csim::build(&place, &project.interface, &csim_options)?;
    facts.gxx_seconds = Some(csim.compile_seconds);
    let inputs: Vec<Vec<f32>> = (0..project.interface.inputs.len())
        .map(|index| samples.iter().filter_map(|sample| sample.get(index)).flat_map(|t| t.to_f32_vec()).collect())
        .collect();
    let slices: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    let results = csim.run(&slices)?;
    facts.samples_per_second = Some(results.samples_per_second);
    collected(model, samples.len(), &project.interface, &results)
}

/// Outputs as float32, and the codes of those that are the kernel's own.
fn collected(
    model: &Model,
    samples: usize,
    interface: &crate::export::hlscpp::Interface,
    results: &CsimRun,
) -> Result<NamedArrays> {
    let mut arrays = NamedArrays::default();
    let types = output_types(model)?;
    for (index, (port, values)) in interface.outputs.iter().zip(&results.outputs).enumerate() {
        let shape: Vec<usize> = std::iter::once(samples).chain(port.shape.iter().copied()).collect();
        let integer = types.get(index).copied().unwrap_or(false);
        let array: Array = match integer {
            true => {
                ArrayD::from_shape_vec(IxDyn(&shape), values.iter().map(|value| *value as i64).collect::<Vec<_>>())?
                    .into()
            }
            false => ArrayD::from_shape_vec(IxDyn(&shape), values.clone())?.into(),
        };
        arrays.insert(format!("out{index}"), array);
    }
    for IntegerOutput { output, kernel_result, scale } in evaluate::integer_outputs(&model.program)? {
        let (Some(index), Some(port)) = (kernel_result, interface.outputs.get(output)) else { continue };
        let shape: Vec<usize> = std::iter::once(samples).chain(port.shape.iter().copied()).collect();
        let codes = results.codes.get(index).cloned().unwrap_or_default();
        insert_codes(&mut arrays, output, ArrayD::from_shape_vec(IxDyn(&shape), codes)?.into(), scale);
    }
    Ok(arrays)
}

/// Whether each output is one of integers.
fn output_types(model: &Model) -> Result<Vec<bool>> {
    model.program.with(|module| {
        let main = evaluate::main_function(module)?;
        let integer = |value: qonnx_dialect::Value<'_>| value.tensor_type().is_some_and(|ty| !ty.element.is_float());
        Ok(crate::transforms::functions::returned(main).into_iter().map(integer).collect())
    })
}
