//! A file and its way down the stages.

use super::evaluate::main_function;
use crate::{
    import,
    pipeline::{Options, STAGES, Stage},
    transforms::insert_quantizers::{FixedFormat, all_known, argument_names, format, formats, result_names},
};
use anyhow::{Context, Error, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use qonnx_dialect::{Builder, Program};
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

/// What a user may say about the way down, on the command line.
#[derive(Args, Clone, Debug, Default)]
pub struct LoweringOptions {
    /// Fixed-point format of an input that the file leaves unquantized, such as
    /// image=fixed<16,6>; may be given once an input
    #[arg(long, value_name = "NAME=fixed<W,I>", value_parser = named_format)]
    pub input_format: Vec<String>,
    /// Quantize float weights and activations of a model without quantizers
    #[arg(long, value_name = "fixed<W,I>", value_parser = format)]
    pub default_format: Option<String>,
    /// How many samples are computed at a time: axis 0 of all inputs
    #[arg(long, value_name = "N")]
    pub batch_size: Option<NonZeroUsize>,
    /// Where float operations behind the last quantizer run: exactly as the file says on the host, or in
    /// hardware, their results rounded to a fixed-point format that is reported
    #[arg(long, value_enum, default_value_t)]
    pub float_tail: FloatTail,
    /// Fixed-point format of an output that ends in float operations, such as
    /// probability=ufixed<12,1>; may be given once an output
    #[arg(long, value_name = "NAME=fixed<W,I>", value_parser = named_format)]
    pub output_format: Vec<String>,
}

/// Where float operations behind the last quantizer run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FloatTail {
    /// In the driver, in float32.
    #[default]
    Host,
    /// In hardware: tables where short ones are exact, else float layers.
    Lut,
}

/// A format that can be read, as it was given: passes take it as text.
fn format(text: &str) -> Result<String, String> {
    text.parse::<FixedFormat>().map(|_| text.to_string())
}

fn named_format(text: &str) -> Result<String, String> {
    format::named(text).map(|_| text.to_string())
}

impl LoweringOptions {
    /// Refuses formats of what the graph does not have.
    fn fit(&self, program: &Program) -> Result<()> {
        let (inputs, outputs) = (formats(&self.input_format), formats(&self.output_format));
        let (inputs, outputs) = (inputs.map_err(Error::msg)?, outputs.map_err(Error::msg)?);
        if inputs.is_empty() && outputs.is_empty() {
            return Ok(());
        }
        program.with(|module| {
            let main = main_function(module)?;
            all_known("input", &inputs, &argument_names(main))
                .and_then(|()| all_known("output", &outputs, &result_names(main)))
                .map_err(|problem| anyhow!("the graph {problem}"))
        })
    }

    fn pipeline(&self) -> Options {
        Options {
            input_formats: self.input_format.clone(),
            default_format: self.default_format.clone(),
            float_tail_in_hardware: self.float_tail == FloatTail::Lut,
            output_formats: self.output_format.clone(),
            batch_size: self.batch_size.map(NonZeroUsize::get),
        }
    }
}

/// A program and the stage it is at.
pub struct Model {
    /// The file's name without its extension.
    pub name: String,
    /// The module.
    pub program: Program,
    /// The last stage that it went through; None for a module read from a file.
    pub stage: Option<usize>,
    /// What passes remarked on the way.
    pub remarks: Vec<String>,
    options: Options,
}

impl Model {
    /// Reads `.onnx`, `.mlir` or `.mlirbc`.
    ///
    /// # Errors
    /// If the file cannot be read or is no valid model.
    pub fn load(path: &Path, options: &LoweringOptions) -> Result<Self> {
        crate::passes::register();
        qonnx_dialect::register_transforms();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let (program, stage) = match extension {
            "mlir" | "mlirbc" => (Program::read(path)?, None),
            _ => (import::import_file(path)?, Some(0)),
        };
        if stage.is_none() && options.batch_size.is_some() {
            bail!("{} is a module, which stays as it is: run qonnx-opt --qonnx-set-batch-size on it", path.display());
        }
        options.fit(&program)?;
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        name_top(&program, &name);
        Ok(Self { name, program, stage, remarks: Vec::new(), options: options.pipeline() })
    }

    /// Goes down to a stage; a module read from a file stays as it is.
    ///
    /// # Errors
    /// What the pass that fails reports.
    pub fn lower_to(&mut self, stage: &str) -> Result<()> {
        self.lower_with(stage, |_, _| Ok(()))
    }

    /// The same, showing the program after each stage, the first included.
    ///
    /// # Errors
    /// What the pass that fails reports, or the observer.
    pub fn lower_with(&mut self, stage: &str, mut observe: impl FnMut(&Stage, &Program) -> Result<()>) -> Result<()> {
        let target = index_of(stage)?;
        let Some(mut current) = self.stage else { return Ok(()) };
        observe(&STAGES[current], &self.program)?;
        while current < target {
            current += 1;
            let outcome = STAGES[current].run(&mut self.program, &self.options);
            self.remarks.extend(self.program.take_remarks());
            outcome.map_err(|error| anyhow!("{error}"))?;
            self.stage = Some(current);
            observe(&STAGES[current], &self.program)?;
        }
        Ok(())
    }

    /// Whether the module can be at this stage or a later one.
    pub fn is_at_least(&self, stage: &str) -> bool {
        let target = STAGES.iter().position(|candidate| candidate.name == stage);
        match (self.stage, target) {
            (Some(current), Some(target)) => current >= target,
            _ => true,
        }
    }
}

/// The kernel is called after the file.
fn name_top(program: &Program, name: &str) {
    program.with(|module| {
        for function in module.body().into_iter().filter(|op| op.name() == "func.func") {
            if function.optional_str_attribute("sym_name") == Some("main") {
                function.set_attribute(crate::hls::outline_kernel::TOP, Builder::before(function).str(name));
            }
        }
    });
}

fn index_of(stage: &str) -> Result<usize> {
    let names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
    match names.iter().position(|name| *name == stage) {
        Some(index) => Ok(index),
        None => bail!("there is no stage '{stage}'; the stages are {}", names.join(", ")),
    }
}

/// A folder that does not exist yet, or only with files of an earlier compile.
///
/// # Errors
/// If the path is a file.
pub fn output_folder(path: &Path) -> Result<PathBuf> {
    if path.is_file() {
        bail!("{} is a file, expected a folder to write", path.display());
    }
    Ok(std::path::absolute(path).with_context(|| format!("{} is no path", path.display()))?)
}
