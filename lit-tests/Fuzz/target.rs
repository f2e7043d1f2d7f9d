//! What is fuzzed: each target's seeds, and what is done with a mutant.

use super::{mutant::Choices, onnx, text};
use qonnx_dialect::Program;
use qonnxc::{
    driver::{compile::kernel_vectors, samples},
    export::hlscpp::{self, ExportOptions},
    import,
    onnx::{Model, normalize},
    pipeline::{Options, STAGES},
};
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

/// In front of a mutant's number, before it runs.
pub const ANNOUNCES: &str = "mutant ";
/// Longer than this takes no mutant of seeds that compile in a fraction of a second.
const SLOWEST: Duration = Duration::from_secs(30);
/// Larger seeds are slow and say nothing more.
const LARGEST_SEED: u64 = 64 << 10;

/// What is fuzzed.
#[derive(Clone, Copy)]
pub enum Target {
    /// Bytes of an ONNX file.
    Onnx,
    /// IR as text.
    Text,
}

impl Target {
    /// The one of this name.
    pub fn named(name: &str) -> Self {
        if name == Self::Onnx.name() { Self::Onnx } else { Self::Text }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
            Self::Text => "text",
        }
    }

    /// Of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
            Self::Text => "mlir",
        }
    }

    /// A mutant, the same for the same numbers.
    pub fn mutant(self, seed: u64, number: u64) -> Vec<u8> {
        let mut choices = Choices::new(seed, number);
        let seeds = self.seeds();
        let source = std::fs::read(choices.of(&seeds).expect("there are seeds")).unwrap();
        match self {
            Self::Onnx => onnx::mutated(&source, &mut choices),
            Self::Text => text::mutated(&source, &mut choices),
        }
    }

    /// The files that mutants are made of, in the order of their names.
    fn seeds(self) -> Vec<PathBuf> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("lit-tests");
        let mut folders = vec![tests];
        if let (Self::Onnx, Some(models)) = (self, std::env::var_os("QONNX_MODELS")) {
            folders.push(Path::new(&models).join("malformed"));
        }
        let mut seeds = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == self.extension())
                    && path.metadata().is_ok_and(|file| file.len() <= LARGEST_SEED)
                {
                    seeds.push(path);
                }
            }
        }
        seeds.sort();
        seeds
    }

    fn run(self, mutant: &[u8], choices: &mut Choices) {
        match self {
            Self::Onnx => run_onnx(mutant),
            Self::Text => run_text(mutant, choices),
        }
    }
}

/// Runs mutants from a number on until the time is over. A panic, also one that MLIR's boundary would catch, and a
/// mutant that takes too long end the process.
pub fn run(target: Target, seed: u64, first: u64, time: Duration) {
    qonnxc::passes::register();
    qonnx_dialect::register_transforms();
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("{panic}");
        std::process::exit(101);
    }));
    let started = std::sync::Arc::new(Mutex::new(Instant::now()));
    let watched = started.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            if watched.lock().is_ok_and(|started| started.elapsed() > SLOWEST) {
                eprintln!("takes more than {} s", SLOWEST.as_secs());
                std::process::exit(102);
            }
        }
    });
    let end = Instant::now() + time;
    for number in (first..).take_while(|_| Instant::now() < end) {
        let mutant = target.mutant(seed, number);
        let _ = writeln!(std::io::stderr(), "{ANNOUNCES}{number}");
        *started.lock().unwrap() = Instant::now();
        target.run(&mutant, &mut Choices::new(!seed, number));
    }
}

/// As `qonnxc compile` does, without writing the files.
fn run_onnx(file: &[u8]) {
    let Ok(mut model) = Model::from_bytes(file.to_vec().into(), std::env::temp_dir().join("no-such-folder")) else {
        return;
    };
    if normalize(&mut model).is_err() {
        return;
    }
    let Ok(mut program) = import::import(&model) else { return };
    if STAGES.iter().all(|stage| stage.run(&mut program, &Options::default()).is_ok()) {
        export(&program);
    }
}

/// Passes beside the way down.
const CONVERSIONS: [&str; 4] = [
    "convert-qonnx-to-quant",
    "convert-qonnx-to-quant{zero-point=after-rounding}",
    "convert-quant-to-qonnx",
    "convert-quant-to-qonnx{zero-point=after-rounding}",
];

/// As `qonnx-opt` and `qonnx-translate` do: the whole way, or one pass, or the exporter. What was converted is printed
/// and read again, and goes the whole way.
fn run_text(source: &[u8], choices: &mut Choices) {
    let Ok(mut program) = Program::parse(source) else { return };
    if choices.below(4) == 0 {
        let conversions: Vec<&str> = (0..2).filter_map(|_| choices.of(&CONVERSIONS).copied()).collect();
        if program.run(&format!("builtin.module({})", conversions.join(","))).is_err() {
            return;
        }
        let Ok(again) = Program::parse(program.to_text(true).as_bytes()) else { return };
        program = again;
    }
    match choices.below(4) {
        0 => export(&program),
        1 => {
            let passes: Vec<&str> = STAGES.iter().flat_map(|stage| stage.passes().iter().copied()).collect();
            let pass = choices.of(&passes).copied().unwrap_or("canonicalize");
            let _ = program.run(&format!("builtin.module({pass})"));
        }
        _ => {
            if STAGES.iter().all(|stage| stage.run(&mut program, &Options::default()).is_ok()) {
                export(&program);
            }
        }
    }
}

/// To C++, and once through the evaluator for the testbench.
fn export(program: &Program) {
    if hlscpp::export(program, &ExportOptions::default()).is_ok()
        && let Ok(samples) = samples::generate(program, 1, 1)
    {
        let _ = kernel_vectors(program, &samples);
    }
}
