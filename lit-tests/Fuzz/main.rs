//! Files from anywhere end in an error, never in a crash: mutants of valid ONNX files and of IR, on the whole way down.
//!
//! A child process runs one mutant after another, with little memory and little time for each. It announces each, so
//! that the one that it dies of is known; it is written to `target/tmp/fuzz`, and the next child starts behind it.
//! Mutants depend on the seed and their number only.
//!
//! `FUZZ_SECONDS` sets the time for each target (default 60), `FUZZ_SEED` the seed (default 1).

mod mutant;
mod onnx;
mod target;
mod text;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use target::Target;

/// Memory that a child may address, in kilobytes: the compiler's own few gigabytes are below it.
const MEMORY: u64 = 8 << 20;
/// So many failures are enough to look at.
const MOST_FAILURES: usize = 10;

#[test]
fn onnx_files_are_refused_or_compiled() {
    fuzz(Target::Onnx);
}

#[test]
fn ir_is_refused_or_lowered() {
    fuzz(Target::Text);
}

/// Not a test: what a child runs.
#[test]
#[ignore = "runs in the processes that the other tests start"]
fn child() {
    let setting = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by the parent"));
    let target = Target::named(&setting("FUZZ_TARGET"));
    let seconds = setting("FUZZ_SECONDS").parse().unwrap();
    target::run(target, seed(), setting("FUZZ_FIRST").parse().unwrap(), Duration::from_secs(seconds));
}

fn fuzz(target: Target) {
    let end = Instant::now() + Duration::from_secs(number("FUZZ_SECONDS", 60));
    let (mut failures, mut next) = (Vec::new(), 0);
    while failures.len() < MOST_FAILURES && Instant::now() < end {
        let Some((last, problem)) = run_child(target, next, end.saturating_duration_since(Instant::now())) else {
            break;
        };
        failures.push(format!("{}: {problem}", written(target, last).display()));
        next = last + 1;
    }
    assert!(failures.is_empty(), "{} of the mutants crash:\n{}", failures.len(), failures.join("\n"));
}

/// The mutant that the child died of, and its last words; None where it came to its end.
fn run_child(target: Target, first: u64, time: Duration) -> Option<(u64, String)> {
    let folder = folder();
    let words = folder.join(format!("{}.stderr", target.name()));
    let program = std::env::current_exe().unwrap();
    let status = Command::new("sh")
        .args(["-c", &format!("ulimit -v {MEMORY}; exec \"$@\""), "sh"])
        .arg(program)
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env("FUZZ_TARGET", target.name())
        .env("FUZZ_FIRST", first.to_string())
        .env("FUZZ_SECONDS", time.as_secs().max(1).to_string())
        .env("FUZZ_SEED", seed().to_string())
        .stdout(File::create(folder.join(format!("{}.stdout", target.name()))).unwrap())
        .stderr(File::create(&words).unwrap())
        .status()
        .unwrap();
    let words = fs::read_to_string(words).unwrap_or_default();
    let announced = |line: &str| line.strip_prefix(target::ANNOUNCES)?.parse::<u64>().ok();
    let last = words.lines().filter_map(announced).last();
    if status.success() {
        eprintln!("{}: {} mutants", target.name(), last.map_or(0, |last| last + 1 - first));
        return None;
    }
    let (_, said) = words.rsplit_once(target::ANNOUNCES).unwrap_or_default();
    let said: Vec<&str> = said.lines().skip(1).take(3).collect();
    Some((last.expect("the child ran a mutant"), format!("{status}: {}", said.join(" "))))
}

/// Writes a mutant for a person to look at.
fn written(target: Target, number: u64) -> PathBuf {
    let path = folder().join(format!("{}-{}-{number}.{}", target.name(), seed(), target.extension()));
    fs::write(&path, target.mutant(seed(), number)).unwrap();
    path
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn seed() -> u64 {
    number("FUZZ_SEED", 1)
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}
