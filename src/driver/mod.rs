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
