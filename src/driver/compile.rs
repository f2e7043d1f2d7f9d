//! `qonnxc compile`: a file to a C++ project, all of it or nothing.

use super::{
    evaluate::{self, Sample},
    model::{LoweringOptions, Model},
    npz::NamedArrays,
    report, samples,
};
use crate::{
    eval::{Interpreter, Tensor, interpreter::Observer},
    export::hlscpp::{self, ExportOptions, Interface, Numbers, Port, Project},
    pipeline::STAGES,
};
use anyhow::{Context, Result, anyhow};
use clap::{Args, ValueEnum};
use qonnx_dialect::{Op, Program};
use std::{path::PathBuf, process::ExitCode, rc::Rc, time::Instant};

/// Samples for the testbench where no vectors are given.
const TESTBENCH_SAMPLES: usize = 16;
/// Fewer where all their codes would be more than this: vectors.txt stays below a few megabytes.
const TESTBENCH_CODES: usize = 1 << 18;
/// Text of the IR elides nothing, so that it can be read back.
const TEMPS: &str = "ir";

/// Compile a model to an HLS C++ project.
#[derive(Args, Clone, Debug)]
pub struct CompileOptions {
    /// The QONNX file (.onnx), or a module at the stage `import` or `hls` (.mlir, .mlirbc)
    pub model: PathBuf,
    /// The folder to write
    #[arg(short, long)]
    pub output: PathBuf,
    /// C++ types of values with a binary point
    #[arg(long, value_enum, default_value_t = NumbersArgument::Auto)]
    pub numbers: NumbersArgument,
    /// Samples for the testbench (in0, in1, ...; first axis = samples)
    #[arg(long, value_name = "V.npz")]
    pub vectors: Option<PathBuf>,
    /// Keep the IR after each stage, numbered, in the folder's `ir`
    #[arg(long)]
    pub save_temps: bool,
    /// FPGA part for run_hls.tcl
    #[arg(long)]
    pub part: Option<String>,
    /// Clock period in nanoseconds for run_hls.tcl
    #[arg(long)]
    pub clock: Option<f64>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub lowering: LoweringOptions,
}

/// `--numbers`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum NumbersArgument {
    /// ap_fixed where the scale is a power of two and the zero point 0, else ap_int
    #[default]
    Auto,
    /// ap_int everywhere
    Integer,
    /// ap_fixed everywhere; an error where a value has no binary point
    Fixed,
}

impl From<NumbersArgument> for Numbers {
    fn from(argument: NumbersArgument) -> Self {
        match argument {
            NumbersArgument::Auto => Self::Auto,
            NumbersArgument::Integer => Self::Integer,
            NumbersArgument::Fixed => Self::Fixed,
        }
    }
}

/// Compiles and writes the project.
///
/// # Errors
/// If the model cannot become hardware or the folder cannot be written; then nothing is.
pub fn run(options: &CompileOptions) -> Result<ExitCode> {
    let start = Instant::now();
    let mut model = Model::load(&options.model, &options.lowering)?;
    let mut temps = Vec::new();
    model.lower_with("hls", |stage, program| {
        if options.save_temps {
            temps.push((stage.name, program.to_text(true)));
        }
        Ok(())
    })?;
    let mut project = project(&model.program, &export_options(options))?;
    add_vectors(&model, options, &mut project)?;
    for (stage, text) in temps {
        let number = STAGES.iter().position(|candidate| candidate.name == stage).unwrap_or(0);
        project.files.insert(format!("{TEMPS}/{number}-{stage}.mlir"), text);
    }
    let report = report::Report::of(&model, start.elapsed())?;
    project.files.insert("report.json".into(), serde_json::to_string_pretty(&report)? + "\n");
    project.write(&options.output).with_context(|| format!("cannot write {}", options.output.display()))?;
    for remark in &model.remarks {
        eprintln!("remark: {remark}");
    }
    match options.json {
        true => super::print(&format!("{}\n", serde_json::to_string(&report)?))?,
        false => super::print(&report.to_string())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn export_options(options: &CompileOptions) -> ExportOptions {
    let default = ExportOptions::default();
    ExportOptions {
        numbers: options.numbers.into(),
        part: options.part.clone().unwrap_or(default.part),
        clock: options.clock.unwrap_or(default.clock),
        ..default
    }
}

/// The C++ project of a lowered program.
///
/// # Errors
/// What the exporter cannot print, by node.
pub fn project(program: &Program, options: &ExportOptions) -> Result<Project> {
    Ok(hlscpp::export(program, options)?)
}

/// Kernel inputs and outputs on samples, for the testbench.
fn add_vectors(model: &Model, options: &CompileOptions, project: &mut Project) -> Result<()> {
    if project.interface.kernel_outputs.is_empty() {
        return Ok(());
    }
    let samples = match &options.vectors {
        Some(path) => evaluate::samples(&model.program, &NamedArrays::read(path)?)?,
        None => samples::generate(&model.program, testbench_samples(&project.interface), 1)?,
    };
    let vectors = kernel_vectors(&model.program, &samples)?;
    let lines = vectors.iter().map(|(inputs, outputs)| (inputs.as_slice(), outputs.as_slice()));
    project.files.insert("vectors.txt".into(), hlscpp::vectors(lines));
    Ok(())
}

fn testbench_samples(interface: &Interface) -> usize {
    let ports = interface.kernel_inputs.iter().chain(&interface.kernel_outputs);
    let codes = ports.map(Port::len).sum::<usize>();
    TESTBENCH_CODES.checked_div(codes).unwrap_or(TESTBENCH_SAMPLES).clamp(1, TESTBENCH_SAMPLES)
}

/// The codes that go into the kernel and come out of it, a pair each sample.
///
/// # Errors
/// The first operation that cannot be evaluated.
pub fn kernel_vectors(program: &Program, samples: &[Sample]) -> Result<Vec<(Vec<i64>, Vec<i64>)>> {
    program.with(|module| samples.iter().map(|sample| kernel_codes(module, sample)).collect())
}

fn kernel_codes(module: Op<'_>, sample: &Sample) -> Result<(Vec<i64>, Vec<i64>)> {
    let main = evaluate::main_function(module)?;
    let mut seen = None;
    {
        let observer: Box<Observer<'_, '_>> = Box::new(|op, inputs, outputs| {
            if op.name() == "func.call" && op.parent() == Some(main) {
                seen = Some((flat(inputs), flat(&outputs)));
            }
            outputs
        });
        Interpreter::observed(module, observer).run(main, sample.clone())?;
    }
    seen.ok_or_else(|| anyhow!("@main calls no kernel"))
}

/// All codes, one tensor after another.
pub fn flat(tensors: &[Rc<Tensor>]) -> Vec<i64> {
    tensors.iter().flat_map(|tensor| tensor.to_i64_vec().unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_tensors_get_fewer_samples() {
        let samples = |elements: usize| {
            let port = Port { name: "x".into(), shape: vec![elements] };
            testbench_samples(&Interface { kernel_inputs: vec![port], ..Interface::default() })
        };
        assert_eq!([10, 1 << 16, 1 << 30, 0].map(samples), [16, 4, 1, 16]);
    }
}
