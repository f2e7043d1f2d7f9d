//! Compiles an exported project with the system's C++ compiler and runs it.

use crate::export::hlscpp::{Interface, Port};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Instant,
};
use thiserror::Error;

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct CsimOptions {
    /// Native integers in place of `ap_int`: the same codes, much faster.
    pub native: bool,
    /// The folder of `ap_int.h`; looked for if absent ([`find_ap_types`]).
    pub ap_types: Option<PathBuf>,
    /// The compiler; `$CXX` or `g++` if absent.
    pub compiler: Option<String>,
}

/// Why a simulation failed.
#[derive(Debug, Error)]
pub enum CsimError {
    /// No headers.
    #[error("no ap_int.h in {}: run tools/ap-types.sh, or name the folder with --ap-types or QONNXC_AP_TYPES", .0.display())]
    NoApTypes(PathBuf),
    /// A program could not be started.
    #[error("cannot run {program}: {error}")]
    Start {
        /// The compiler or the simulation.
        program: String,
        /// The system's reason.
        error: io::Error,
    },
    /// The compiler refused the project.
    #[error("{compiler} cannot compile {}:\n{messages}", .project.display())]
    Compile {
        /// The compiler's name.
        compiler: String,
        /// The project's folder.
        project: PathBuf,
        /// What it said.
        messages: String,
    },
    /// The simulation ended with an error.
    #[error("the simulation failed: {0}")]
    Run(String),
    /// Input or output has the wrong size.
    #[error("{what} has {found} numbers, expected {expected}")]
    Size {
        /// Which array.
        what: &'static str,
        /// Numbers that are there.
        found: usize,
        /// What was expected.
        expected: String,
    },
    /// A file between the simulation and us.
    #[error("cannot exchange samples with the simulation: {0}")]
    Exchange(#[from] io::Error),
}

/// A compiled simulation.
#[derive(Clone, Debug)]
pub struct Csim {
    /// The program.
    pub program: PathBuf,
    /// What the compiler took.
    pub compile_seconds: f64,
    /// What the compiler warned of; empty as a rule.
    pub warnings: String,
    project: PathBuf,
    interface: Interface,
}

/// What `run` gives: a tensor each, all samples one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct CsimRun {
    /// The graph's outputs.
    pub outputs: Vec<Vec<f32>>,
    /// The kernel's outputs.
    pub codes: Vec<Vec<i64>>,
    /// How many samples it did a second, the exchange of files left out.
    pub samples_per_second: f64,
}

/// What `check` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsimCheck {
    /// Whether all codes are as in `vectors.txt`.
    pub equal: bool,
    /// What the testbench printed.
    pub report: String,
}

/// The folder of `ap_int.h`: the one given, `$QONNXC_AP_TYPES`, or where `tools/ap-types.sh` puts it.
///
/// # Errors
/// If there is no `ap_int.h` in it.
pub fn find_ap_types(given: Option<&Path>) -> Result<PathBuf, CsimError> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = || variable("XDG_CACHE_HOME").or_else(|| Some(variable("HOME")?.join(".cache")));
    let folder = given.map(Path::to_path_buf).or_else(|| variable("QONNXC_AP_TYPES"));
    let folder = folder.or_else(|| Some(cache()?.join("qonnxc/ap_types"))).unwrap_or_else(|| "ap_types".into());
    match folder.join("ap_int.h").is_file() {
        true => Ok(folder),
        false => Err(CsimError::NoApTypes(folder)),
    }
}

impl Csim {
    /// Compiles the project that was written to a folder.
    ///
    /// # Errors
    /// If the headers, the compiler or its consent are missing.
    pub fn build(project: &Path, interface: &Interface, options: &CsimOptions) -> Result<Self, CsimError> {
        let compiler = options.compiler.clone().or_else(|| env::var("CXX").ok().filter(|name| !name.is_empty()));
        let compiler = compiler.unwrap_or_else(|| "g++".into());
        let target = if options.native { "build/native/csim" } else { "build/ap/csim" };
        let mut make = Command::new("make");
        make.arg("-C").arg(project).args(["-s", target]).arg(format!("CXX={compiler}"));
        if !options.native && !interface.kernel_outputs.is_empty() {
            let folder = find_ap_types(options.ap_types.as_deref())?;
            // The compiler runs in the project's folder.
            let folder = fs::canonicalize(&folder)?;
            make.arg(format!("AP_TYPES={}", folder.display()));
        }
        let start = Instant::now();
        let output = start_and_wait(&mut make, "make")?;
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            return Err(CsimError::Compile { compiler, project: project.into(), messages });
        }
        Ok(Self {
            program: fs::canonicalize(project.join(target))?,
            compile_seconds: start.elapsed().as_secs_f64(),
            warnings: messages,
            project: project.into(),
            interface: interface.clone(),
        })
    }

    /// Runs whole samples: an array each graph input, all its samples one after another.
    ///
    /// # Errors
    /// If an input has the wrong size or the simulation fails, as it does on a NaN that has no code.
    pub fn run(&self, inputs: &[&[f32]]) -> Result<CsimRun, CsimError> {
        let samples = samples(inputs, &self.interface.inputs)?;
        let bytes = interleave(inputs, &self.interface.inputs, samples, |value| value.to_le_bytes());
        let (result, samples_per_second) = self.exchange("--run", &bytes)?;
        let floats = numbers(&self.interface.outputs) * 4;
        let sample = floats + numbers(&self.interface.kernel_outputs) * 8;
        let parts = split_samples(&result, sample, samples)?;
        let outputs =
            deinterleave(parts.iter().map(|part| part.get(..floats)), &self.interface.outputs, f32::from_le_bytes);
        let codes = deinterleave(
            parts.iter().map(|part| part.get(floats..)),
            &self.interface.kernel_outputs,
            i64::from_le_bytes,
        );
        Ok(CsimRun { outputs, codes, samples_per_second })
    }

    /// Runs the kernel alone, codes to codes.
    ///
    /// # Errors
    /// If an input has the wrong size or the simulation fails.
    pub fn codes(&self, inputs: &[&[i64]]) -> Result<Vec<Vec<i64>>, CsimError> {
        let samples = samples(inputs, &self.interface.kernel_inputs)?;
        let bytes = interleave(inputs, &self.interface.kernel_inputs, samples, |value| value.to_le_bytes());
        let (result, _) = self.exchange("--codes", &bytes)?;
        let parts = split_samples(&result, numbers(&self.interface.kernel_outputs) * 8, samples)?;
        Ok(deinterleave(parts.iter().map(|part| Some(*part)), &self.interface.kernel_outputs, i64::from_le_bytes))
    }

    /// Compares with the project's `vectors.txt`.
    ///
    /// # Errors
    /// If the simulation can't be run or has no vectors.
    pub fn check(&self) -> Result<CsimCheck, CsimError> {
        let mut command = Command::new(&self.program);
        let output = start_and_wait(command.current_dir(&self.project), "csim")?;
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.code() {
            Some(0) => Ok(CsimCheck { equal: true, report }),
            Some(1) if !report.is_empty() => Ok(CsimCheck { equal: false, report }),
            _ => Err(failed(&output)),
        }
    }

    fn exchange(&self, mode: &str, bytes: &[u8]) -> Result<(Vec<u8>, f64), CsimError> {
        let folder = tempfile::tempdir()?;
        let (from, to) = (folder.path().join("in"), folder.path().join("out"));
        fs::write(&from, bytes)?;
        let output = start_and_wait(Command::new(&self.program).arg(mode).arg(&from).arg(&to), "csim")?;
        if !output.status.success() {
            return Err(failed(&output));
        }
        let report = String::from_utf8_lossy(&output.stdout);
        let rate = report.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0.0);
        Ok((fs::read(&to)?, rate))
    }
}

fn start_and_wait(command: &mut Command, program: &str) -> Result<Output, CsimError> {
    command.output().map_err(|error| CsimError::Start { program: program.into(), error })
}

fn failed(output: &Output) -> CsimError {
    let message = String::from_utf8_lossy(&output.stderr).trim().to_string();
    CsimError::Run(if message.is_empty() { output.status.to_string() } else { message })
}

fn numbers(ports: &[Port]) -> usize {
    ports.iter().map(Port::len).sum()
}

/// How many samples all inputs have.
fn samples<T>(inputs: &[&[T]], ports: &[Port]) -> Result<usize, CsimError> {
    let size = |found, expected: String| CsimError::Size { what: "the input", found, expected };
    if inputs.len() != ports.len() {
        return Err(size(inputs.len(), format!("arrays for {} inputs", ports.len())));
    }
    let mut samples = None;
    for (input, port) in inputs.iter().zip(ports) {
        let count = input.len() / port.len().max(1);
        if count * port.len() != input.len() || samples.is_some_and(|samples| samples != count) {
            return Err(size(
                input.len(),
                format!("a multiple of {} for {}, as many samples as the others", port.len(), port.name),
            ));
        }
        samples = Some(count);
    }
    Ok(samples.unwrap_or(0))
}

fn interleave<T: Copy, const N: usize>(
    inputs: &[&[T]],
    ports: &[Port],
    samples: usize,
    bytes: impl Fn(T) -> [u8; N],
) -> Vec<u8> {
    let mut all = Vec::new();
    for sample in 0..samples {
        for (input, port) in inputs.iter().zip(ports) {
            let values = input.iter().skip(sample * port.len()).take(port.len());
            values.for_each(|value| all.extend(bytes(*value)));
        }
    }
    all
}

fn split_samples(bytes: &[u8], sample: usize, samples: usize) -> Result<Vec<&[u8]>, CsimError> {
    if bytes.len() != sample * samples {
        return Err(CsimError::Size {
            what: "the simulation's output",
            found: bytes.len(),
            expected: format!("{} bytes", sample * samples),
        });
    }
    Ok(bytes.chunks(sample.max(1)).collect())
}

fn deinterleave<'b, T, const N: usize>(
    samples: impl Iterator<Item = Option<&'b [u8]>>,
    ports: &[Port],
    value: impl Fn([u8; N]) -> T,
) -> Vec<Vec<T>> {
    let mut arrays: Vec<Vec<T>> = ports.iter().map(|_| Vec::new()).collect();
    for sample in samples.flatten() {
        let mut values = sample.as_chunks::<N>().0.iter();
        for (array, port) in arrays.iter_mut().zip(ports) {
            array.extend(values.by_ref().take(port.len()).map(|bytes| value(*bytes)));
        }
    }
    arrays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_interleaved_and_taken_apart() {
        let ports = [Port { name: "a".into(), shape: vec![2] }, Port { name: "b".into(), shape: vec![1] }];
        let inputs: [&[i64]; 2] = [&[1, 2, 3, 4], &[5, 6]];
        assert_eq!(samples(&inputs, &ports).unwrap(), 2);
        let bytes = interleave(&inputs, &ports, 2, |value| value.to_le_bytes());
        let parts = split_samples(&bytes, 24, 2).unwrap();
        let arrays = deinterleave(parts.iter().map(|part| Some(*part)), &ports, i64::from_le_bytes);
        assert_eq!(arrays, [vec![1, 2, 3, 4], vec![5, 6]]);
        assert!(samples::<i64>(&[&[1, 2, 3], &[1]], &ports).is_err());
        assert!(samples::<i64>(&[&[1, 2]], &ports).is_err());
    }

    #[test]
    fn missing_headers_say_what_to_do() {
        let error = find_ap_types(Some(Path::new("no/such/folder"))).unwrap_err().to_string();
        assert!(error.contains("no/such/folder") && error.contains("tools/ap-types.sh"), "{error}");
    }
}
