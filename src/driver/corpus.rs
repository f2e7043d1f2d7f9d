//! `qonnxc corpus`: a folder of models against their golden vectors.
//!
//! Each model is compiled and run by a `qonnxc` process of its own, so that a crash or a hang
//! is one model's result and not the end of the run. What counts as right stands in the
//! folder's `manifest.json` (`corpus/manifest.rs`); `corpus/compare.rs` says how
//! outputs are compared.

mod compare;
mod judge;
mod manifest;
mod process;
mod table;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use judge::{Judge, Verdict};
use manifest::Model;

/// Compile and run every model of a folder and compare with its golden vectors.
#[derive(Debug, Args)]
pub struct CorpusOptions {
    /// Folder with a manifest.json
    pub dir: PathBuf,
    /// Print JSON instead of a table
    #[arg(long)]
    pub json: bool,
    /// Only models whose name or LIST/NAME matches
    #[arg(long, value_name = "GLOB")]
    pub only: Option<String>,
    /// What runs the models: eval, cpp, ...
    #[arg(long, default_value = "eval")]
    pub engine: String,
    /// With --engine=cpp: native integers in place of ap_int
    #[arg(long)]
    pub native: bool,
    /// Models at a time [default: one a CPU]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZero<usize>>,
    /// Seconds that one call of the compiler may take
    #[arg(long, value_name = "S", default_value_t = 120)]
    pub timeout: u64,
    /// Another qonnxc than this one
    #[arg(long, value_name = "PATH", hide = true)]
    pub compiler: Option<PathBuf>,
}

/// Runs the corpus and prints the results on stdout. The exit code is 1 if any model did not
/// do what the manifest expects.
///
/// # Errors
/// If the manifest can't be read, no model is selected, or stdout can't be written.
pub fn run(options: &CorpusOptions) -> Result<ExitCode> {
    let models = selected(options)?;
    let compiler = match &options.compiler {
        Some(path) => path.clone(),
        None => std::env::current_exe().context("path of this program")?,
    };
    let judge = Judge {
        folder: &options.dir,
        compiler: &compiler,
        engine: &options.engine,
        native: options.native,
        timeout: Duration::from_secs(options.timeout),
    };
    let jobs = options.jobs.map_or_else(cpus, NonZero::get);
    let verdicts = judge_all(&judge, &models, jobs);
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{:#}", as_json(&verdicts))?;
    } else {
        table::write(&verdicts, &mut out)?;
    }
    let failed = verdicts.iter().any(|verdict| !verdict.ok);
    Ok(ExitCode::from(u8::from(failed)))
}

/// The models of the manifest that `--only` asks for, with the name of their list.
fn selected(options: &CorpusOptions) -> Result<Vec<(String, Model)>> {
    let pattern = options.only.as_deref().unwrap_or("*");
    let glob = glob::Pattern::new(pattern).with_context(|| format!("--only '{pattern}'"))?;
    let mut models = Vec::new();
    for (list, entries) in manifest::read(&options.dir)? {
        let wanted = |model: &Model| glob.matches(&model.name) || glob.matches(&format!("{list}/{}", model.name));
        let entries = entries.into_iter().filter(wanted);
        models.extend(entries.map(|model| (list.clone(), model)));
    }
    if models.is_empty() {
        bail!("no model of {} matches '{pattern}'", options.dir.display());
    }
    Ok(models)
}

fn cpus() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Judges all models, `jobs` at a time; the results keep the models' order.
fn judge_all(judge: &Judge, models: &[(String, Model)], jobs: usize) -> Vec<Verdict> {
    let bar = progress(models.len());
    let next = AtomicUsize::new(0);
    let results = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some((list, model)) = models.get(index) else {
                break;
            };
            let verdict = judge.judge(list, model);
            bar.set_message(format!("{list}/{}", model.name));
            bar.inc(1);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.insert(index, verdict);
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.min(models.len()) {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.into_values().collect()
}

/// On stderr, and only where that is a terminal.
fn progress(models: usize) -> ProgressBar {
    let bar = ProgressBar::new(models as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn as_json(verdicts: &[Verdict]) -> serde_json::Value {
    let folders: BTreeMap<&str, BTreeMap<&str, usize>> = table::by_folder(verdicts)
        .into_iter()
        .map(|(folder, counts)| {
            let counts = counts.into_iter().map(|(s, n)| (table::label(s), n));
            (folder, counts.collect())
        })
        .collect();
    json!({
        "ok": verdicts.iter().all(|verdict| verdict.ok),
        "folders": folders,
        "requantizers": table::requantizers(verdicts),
        "bits": table::bits(verdicts),
        "models": verdicts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use judge::Status;
    use std::path::Path;

    use crate::driver::npz::NamedArrays;

    /// A compiler that does what the name of the model says. It is checked in: a script written
    /// here could not be executed while another thread forks ("text file busy").
    const FAKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/driver/corpus/fake_compiler.sh");

    fn vectors(path: &Path, out: f32) {
        let mut arrays = NamedArrays::default();
        arrays.insert("in0", ndarray::arr1(&[1f32]).into_dyn());
        arrays.insert("out0", ndarray::arr1(&[out]).into_dyn());
        arrays.write(path).unwrap();
    }

    /// The verdict on one model with the given facts.
    fn judged(file: &str, facts: serde_json::Value) -> Verdict {
        let dir = tempfile::tempdir().unwrap();
        vectors(&dir.path().join("v.npz"), 1.0);
        vectors(&dir.path().join("wrong.npz"), 2.0);
        let mut entry = json!({"name": "m", "file": file, "vectors": "v.npz"});
        for (key, value) in facts.as_object().unwrap() {
            entry[key] = value.clone();
        }
        let model = serde_json::from_value(entry).unwrap();
        let judge = Judge {
            folder: dir.path(),
            compiler: Path::new(FAKE),
            engine: "eval",
            native: false,
            timeout: Duration::from_millis(if file.contains("hang") { 300 } else { 20_000 }),
        };
        judge_all(&judge, &[("list".to_owned(), model)], 2).remove(0)
    }

    fn outcome(file: &str, facts: serde_json::Value) -> (Status, bool) {
        let verdict = judged(file, facts);
        (verdict.status, verdict.ok)
    }

    #[test]
    fn equal_outputs_are_exact_and_speeds_are_reported() {
        let verdict = judged("good.onnx", json!({}));
        assert_eq!((verdict.status, verdict.ok), (Status::Exact, true));
        assert_eq!(verdict.gxx_seconds, Some(1.5));
        assert_eq!(verdict.requantizers.get("shift"), Some(&2));
    }

    #[test]
    fn a_wrong_value_fails_and_is_counted() {
        let verdict = judged("wrong.onnx", json!({}));
        assert_eq!((verdict.status, verdict.ok), (Status::Differs, false));
        assert_eq!(verdict.detail, "1 of 1, max difference 1.000e0");
    }

    #[test]
    fn a_crash_and_a_hang_are_never_right() {
        for expect in ["reject", "accept", "either"] {
            let facts = json!({"expect": expect});
            assert_eq!(outcome("panic.onnx", facts.clone()), (Status::Crashed, false));
            assert_eq!(outcome("abort.onnx", facts), (Status::Crashed, false));
        }
        assert_eq!(outcome("hang.onnx", json!({})), (Status::Timeout, false));
    }

    #[test]
    fn a_refusal_is_right_only_where_the_manifest_allows_it() {
        let refused = |ok| (Status::Refused, ok);
        let reject = |message| json!({"expect": "reject", "message": message, "vectors": null});
        assert_eq!(outcome("refuse.onnx", reject("(?<!x)fc1")), refused(true));
        assert_eq!(outcome("refuse.onnx", reject("fc2")), refused(false));
        assert_eq!(outcome("refuse.onnx", json!({})), refused(false));
        assert_eq!(outcome("refuse.onnx", json!({"expect": "accept"})), refused(false));
        let float = json!({"hardware": false, "vectors": null});
        assert_eq!(outcome("refuse.onnx", float), refused(true));
    }

    #[test]
    fn a_model_to_be_refused_fails_if_it_compiles_or_runs() {
        let facts = json!({"expect": "reject"});
        assert_eq!(outcome("good.onnx", facts), (Status::Compiled, false));
        let inputs = json!([{"name": "x", "shape": ["N", 4]}]);
        let facts = json!({"expect": "reject", "vectors": null, "inputs": inputs});
        assert_eq!(outcome("refuse.onnx", facts), (Status::Compiled, false));
    }

    #[test]
    fn refused_hardware_still_has_to_run_right_if_it_runs() {
        let facts = json!({"hardware": false});
        assert_eq!(outcome("refuse_wrong.onnx", facts), (Status::Differs, false));
    }
}
