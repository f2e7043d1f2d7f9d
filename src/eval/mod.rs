//! The one meaning of every operation of both dialects.
//!
//! [`ops`] computes on plain [`tensor::Tensor`]s; [`interpreter`] walks IR and calls
//! it; [`convert`] goes between tensors and constant attributes. Constant folding,
//! `qonnxc run`, `qonnxc check` and the tests all come here, so a module means the
//! same at every stage.

pub mod convert;
pub mod float_order;
pub mod interpreter;
pub mod ops;
pub mod tensor;

pub use interpreter::{EvaluationError, Interpreter, evaluate};
pub use tensor::{EvalError, IntType, Tensor};
