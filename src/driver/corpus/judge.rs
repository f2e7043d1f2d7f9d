//! One model: compiled, run, compared, and judged by what the manifest expects.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use fancy_regex::Regex;
use ndarray::{ArrayD, IxDyn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::compare::{self, Comparison};
use super::manifest::{Expect, Input, Model};
use super::process::{self, Ending, Finished};
use crate::driver::{npz::NamedArrays, report::Bits};

/// What became of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Every element is equal, or one of the listed right values of an ambiguous one.
    Exact,
    /// Float outputs agree within their tolerance.
    Close,
    /// Compiled; nothing to compare with.
    Compiled,
    /// Some element differs.
    Differs,
    /// Refused with a message.
    Refused,
    /// Ended by a signal, a panic or an unknown exit code.
    Crashed,
    /// Ended by the time limit.
    Timeout,
    /// The runner could not do its work, for example for want of a file.
    Error,
}

/// A model's line in the results.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// The list of the manifest.
    pub folder: String,
    /// The model's name.
    pub name: String,
    /// What happened.
    pub status: Status,
    /// Whether that is as it should be.
    pub ok: bool,
    /// Counts, the reason of a refusal, or what was expected instead.
    pub detail: String,
    /// Wall time of `compile`.
    pub compile_ms: Option<f64>,
    /// Time of the C++ compiler, where `run` says it.
    pub gxx_seconds: Option<f64>,
    /// Speed of the compiled model, where `run` says it.
    pub samples_per_second: Option<f64>,
    /// Number of elements compared.
    pub compared: usize,
    /// Number of elements that differ and may not.
    pub differing: usize,
    /// Requantizers by form, from the compiler's report.
    pub requantizers: BTreeMap<String, u64>,
    /// Bits of arithmetic, from the compiler's report.
    pub bits: Bits,
}

/// What is the same for all models.
pub struct Judge<'a> {
    /// The folder with the manifest.
    pub folder: &'a Path,
    /// The `qonnxc` to run.
    pub compiler: &'a Path,
    /// Passed on to `run`.
    pub engine: &'a str,
    /// Passed on to `run`: native integers in the C++.
    pub native: bool,
    /// For each call of the compiler.
    pub timeout: Duration,
}

/// Vectors to run, with what they need.
struct Vectors {
    path: PathBuf,
    ambiguous: PathBuf,
}

impl Judge<'_> {
    /// Compiles, runs and compares one model.
    pub fn judge(&self, list: &str, model: &Model) -> Verdict {
        let mut verdict = Verdict::new(list, &model.name);
        if let Err(error) = self.try_judge(model, &mut verdict) {
            verdict.set(Status::Error, false, format!("{error:#}"));
        }
        verdict
    }

    fn try_judge(&self, model: &Model, verdict: &mut Verdict) -> Result<()> {
        let work = tempfile::tempdir().context("no temporary folder")?;
        let compiled = self.compile(model, &work.path().join("out"))?;
        verdict.compile_ms = Some(compiled.elapsed.as_secs_f64() * 1e3);
        (verdict.requantizers, verdict.bits) = reported(&work.path().join("out/report.json"));
        let accepted = match compiled.ending {
            Ending::Success => true,
            Ending::Refused => false,
            ending => {
                verdict.broken("compile", ending);
                return Ok(());
            }
        };
        if accepted {
            let ok = model.expect != Some(Expect::Reject);
            let detail = if ok { "" } else { "should have been refused" };
            verdict.set(Status::Compiled, ok, detail);
        } else {
            verdict.refused(model, &compiled.stderr)?;
        }
        if verdict.ok && !model.compile_only {
            self.run_and_compare(model, work.path(), verdict, accepted)?;
        }
        Ok(())
    }

    fn compile(&self, model: &Model, out: &Path) -> Result<Finished> {
        let mut command = Command::new(self.compiler);
        command.arg("compile").arg(self.folder.join(&model.file));
        command.arg("-o").arg(out).args(input_formats(model));
        self.start(&mut command)
    }

    /// A model that was rightly refused by `compile` may be refused by `run`, too, and must be
    /// where the reference could not run it either.
    fn run_and_compare(&self, model: &Model, work: &Path, verdict: &mut Verdict, accepted: bool) -> Result<()> {
        let vectors = match self.vectors(model) {
            Some(vectors) => vectors,
            None if model.expect == Some(Expect::Reject) && !model.inputs.is_empty() => {
                return self.run_must_refuse(model, work, verdict);
            }
            None => return Ok(()),
        };
        let outputs = work.join("outputs.npz");
        let ran = self.run(model, &vectors.path, &outputs)?;
        match ran.ending {
            Ending::Success => {}
            Ending::Refused if !accepted => return Ok(()),
            Ending::Refused => {
                let detail = format!("run: {}", reason(&ran.stderr));
                verdict.set(Status::Refused, false, detail);
                return Ok(());
            }
            ending => {
                verdict.broken("run", ending);
                return Ok(());
            }
        }
        verdict.speed(&ran.stdout);
        verdict.compared(model, &vectors, &outputs)
    }

    fn run_must_refuse(&self, model: &Model, work: &Path, verdict: &mut Verdict) -> Result<()> {
        let zeros = work.join("zeros.npz");
        zeros_for(&model.inputs).write(&zeros)?;
        let ran = self.run(model, &zeros, &work.join("outputs.npz"))?;
        match ran.ending {
            Ending::Refused => {}
            Ending::Success => verdict.set(Status::Compiled, false, "run should have refused it"),
            ending => verdict.broken("run", ending),
        }
        Ok(())
    }

    fn run(&self, model: &Model, inputs: &Path, outputs: &Path) -> Result<Finished> {
        let mut command = Command::new(self.compiler);
        command.arg("run").arg(self.folder.join(&model.file));
        command.arg("--inputs").arg(inputs);
        command.arg("--outputs").arg(outputs);
        command.args(["--engine", self.engine, "--json"]);
        command.args(self.native.then_some("--native"));
        self.start(command.args(input_formats(model)))
    }

    fn start(&self, command: &mut Command) -> Result<Finished> {
        let program = self.compiler.display();
        process::run(command, self.timeout).with_context(|| format!("cannot run {program}"))
    }

    /// Grid vectors where there are any: on these, hardware behind an unquantized input can be
    /// exact. Without them only an engine that takes floats can run such a model.
    fn vectors(&self, model: &Model) -> Option<Vectors> {
        let path = match (&model.grid_vectors, &model.vectors) {
            (Some(grid), _) => self.beside(model, grid),
            (None, Some(_)) if model.input_unquantized && self.engine != "eval" => return None,
            (None, vectors) => self.folder.join(vectors.as_ref()?),
        };
        Some(Vectors { ambiguous: path.with_extension("amb.npz"), path })
    }

    fn beside(&self, model: &Model, file: &Path) -> PathBuf {
        let from_manifest = self.folder.join(file);
        if from_manifest.exists() {
            return from_manifest;
        }
        self.folder.join(&model.file).with_file_name(file)
    }
}

/// `--input-format NAME=FORMAT` for every input of a model with grid vectors.
fn input_formats(model: &Model) -> Vec<String> {
    let Some(format) = model.grid_vectors.as_ref().and(model.grid_format.as_ref()) else {
        return Vec::new();
    };
    let pairs = model.inputs.iter();
    pairs.flat_map(|input| ["--input-format".to_owned(), format!("{}={format}", input.name)]).collect()
}

/// One sample of zeros; symbolic dimensions are 1.
fn zeros_for(inputs: &[Input]) -> NamedArrays {
    let mut arrays = NamedArrays::default();
    for (k, input) in inputs.iter().enumerate() {
        let dims = input.shape.iter().map(|dim| dim.as_u64().unwrap_or(1) as usize);
        let shape: Vec<usize> = std::iter::once(1).chain(dims).collect();
        arrays.insert(format!("in{k}"), ArrayD::<f32>::zeros(IxDyn(&shape)));
    }
    arrays
}

/// Requantizers of each form and bits of arithmetic, as the compiler's report says. None without a report.
fn reported(report: &Path) -> (BTreeMap<String, u64>, Bits) {
    let report: Option<Value> = fs::read(report).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    fn read<T: DeserializeOwned + Default>(report: Option<&Value>, key: &str) -> T {
        let value = report.and_then(|report| report.get(key));
        value.and_then(|value| T::deserialize(value).ok()).unwrap_or_default()
    }
    (read(report.as_ref(), "requantizers"), read(report.as_ref(), "bits"))
}

/// The first line that says something.
fn reason(stderr: &str) -> &str {
    let mut lines = stderr.lines().map(str::trim);
    lines.find(|line| !line.is_empty()).unwrap_or("no message")
}

impl Verdict {
    fn new(folder: &str, name: &str) -> Self {
        Verdict {
            folder: folder.to_owned(),
            name: name.to_owned(),
            status: Status::Error,
            ok: false,
            detail: String::new(),
            compile_ms: None,
            gxx_seconds: None,
            samples_per_second: None,
            compared: 0,
            differing: 0,
            requantizers: BTreeMap::new(),
            bits: Bits::default(),
        }
    }

    fn set(&mut self, status: Status, ok: bool, detail: impl Into<String>) {
        (self.status, self.ok, self.detail) = (status, ok, detail.into());
    }

    fn broken(&mut self, command: &str, ending: Ending) {
        match ending {
            Ending::Crashed(how) => self.set(Status::Crashed, false, format!("{command}: {how}")),
            _ => self.set(Status::Timeout, false, command),
        }
    }

    fn refused(&mut self, model: &Model, stderr: &str) -> Result<()> {
        self.set(Status::Refused, !model.must_compile(), reason(stderr));
        if stderr.trim().is_empty() {
            self.ok = false;
        }
        if let (Some(Expect::Reject), Some(pattern)) = (model.expect, &model.message) {
            let regex = Regex::new(pattern).with_context(|| format!("pattern '{pattern}'"))?;
            if !regex.is_match(stderr)? {
                self.ok = false;
                self.detail = format!("{} (no match of /{pattern}/)", self.detail);
            }
        }
        Ok(())
    }

    /// Takes `gxx_seconds` and `samples_per_second` from what `run --json` printed.
    fn speed(&mut self, stdout: &str) {
        let facts: Value = serde_json::from_str(stdout).unwrap_or_default();
        self.gxx_seconds = facts.get("gxx_seconds").and_then(Value::as_f64);
        self.samples_per_second = facts.get("samples_per_second").and_then(Value::as_f64);
    }

    fn compared(&mut self, model: &Model, vectors: &Vectors, outputs: &Path) -> Result<()> {
        let golden = NamedArrays::read(&vectors.path)?;
        let ours = NamedArrays::read(outputs).context("outputs of run")?;
        let ambiguous = vectors.ambiguous.exists().then_some(&vectors.ambiguous);
        let ambiguous = ambiguous.map(|path| NamedArrays::read(path)).transpose()?;
        match compare::outputs(model, &golden, &ours, ambiguous.as_ref()) {
            Ok(comparison) if comparison.compared == 0 => {
                return Err(anyhow!("{}: no outputs in it", vectors.path.display()));
            }
            Ok(comparison) => self.counted(&comparison),
            Err(mismatch) => self.set(Status::Differs, false, mismatch),
        }
        Ok(())
    }

    fn counted(&mut self, comparison: &Comparison) {
        let Comparison { compared, differing, tolerated, max_difference } = *comparison;
        (self.compared, self.differing) = (compared, differing);
        let max = format!("max difference {max_difference:.3e}");
        match (differing, tolerated) {
            (0, 0) => self.set(Status::Exact, true, format!("{compared} values")),
            (0, _) => {
                let detail = format!("{tolerated} of {compared} within what is allowed, {max}");
                self.set(Status::Close, true, detail);
            }
            _ => self.set(Status::Differs, false, format!("{differing} of {compared}, {max}")),
        }
    }
}
