//! What users call: `qonnxc compile`, `run`, `check`, and the corpus runner.

pub mod check;
pub mod compile;
pub mod corpus;
pub mod csim;
pub mod evaluate;
pub mod model;
pub mod npz;
pub mod report;
pub mod run;
pub mod samples;

pub use model::{LoweringOptions, Model};

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
