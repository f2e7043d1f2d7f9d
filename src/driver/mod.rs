//! What users call: `qonnxc compile`, `run`, `check`, `report`, `export`, and the corpus runner.

pub mod check;
pub mod compile;
pub mod corpus;
pub mod csim;
pub mod describe;
pub mod evaluate;
pub mod export;
pub mod model;
pub mod npz;
pub mod report;
pub mod run;
pub mod samples;

pub use model::{LoweringOptions, Model};
use std::io::{self, Write};

/// Writes to stdout; a reader that has seen enough is no error.
///
/// # Errors
/// If stdout takes nothing for another reason.
pub fn print(text: &str) -> io::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// An error with its causes, each said once: many of our messages name their cause already.
pub fn message(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
