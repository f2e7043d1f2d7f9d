//! ONNX: a module of the `qonnx` dialect back to a file that every tool of the field reads.
//!
//! The inverse of [`crate::import`], for modules of the stages `import`, `cleanup` and, as long as
//! no quantizer is split, `lowered`. Operators take the form of opset [`OPSET`]; quantizers that
//! ONNX does not know are nodes of `qonnx.custom_op.general`. Constants become initializers, node
//! names come from locations, the ends of the graph keep the names in `qonnx.name`. What is in the
//! dialect is what is written: another form is the business of a pass, as
//! `qonnx-lower-channels-last` for what the domain `qonnx.custom_op.channels_last` has no operator for, and
//! `qonnx-quant-to-qcdq` for [`Flavour::Qcdq`].
//!
//! A file an op family: [`elementwise`], [`linear`], [`windows`], [`data`], [`quantizers`]; each
//! gives the [`form::Form`] of an operation, [`graph`] gives everything its name.

mod data;
mod elementwise;
mod form;
mod graph;
mod linear;
mod quantizers;
mod tensors;
#[cfg(test)]
mod tests;
mod windows;

use crate::{onnx::proto::ModelProto, transforms::functions::functions};
use clap::ValueEnum;
use prost::Message;
use qonnx_dialect::{Op, Program, ProgramError};
use thiserror::Error;

/// The version of ONNX's operators that files are written in: the first with codes of 4 and of 16 bits
/// in QuantizeLinear.
pub const OPSET: i64 = 21;

/// How quantizers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Flavour {
    /// As they are: Quant stays Quant
    #[default]
    Qonnx,
    /// Quant becomes QuantizeLinear, Clip and DequantizeLinear
    Qcdq,
}

impl Flavour {
    /// Brings a module into this form.
    ///
    /// # Errors
    /// The quantizers that cannot say the same in it, by name.
    pub fn apply(self, program: &mut Program) -> Result<(), ProgramError> {
        match self {
            Self::Qonnx => program.run("builtin.module(qonnx-lower-channels-last{for-onnx=true})"),
            // No domain but ONNX's own.
            Self::Qcdq => program.run("builtin.module(qonnx-quant-to-qcdq,qonnx-lower-channels-last)"),
        }
    }
}

/// Why a module could not be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The module's functions are not what an export needs.
    #[error("the module {0}")]
    Structure(String),
    /// An input or output of the graph cannot be declared.
    #[error("graph {end} '{name}' {problem}")]
    End {
        /// `input` or `output`.
        end: &'static str,
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An operation has no form in ONNX.
    #[error("{node} ({operation}): {problem}")]
    Node {
        /// The ONNX node's name.
        node: String,
        /// The operation in the IR.
        operation: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl ExportError {
    fn node(op: Op<'_>, problem: impl Into<String>) -> Self {
        Self::Node { node: op.node_name(), operation: op.name().to_string(), problem: problem.into() }
    }
}

/// The bytes of the `.onnx` file.
///
/// # Errors
/// If an operation has no form in ONNX, which the message names by its node.
pub fn export(program: &Program) -> Result<Vec<u8>, ExportError> {
    Ok(to_proto(program)?.encode_to_vec())
}

/// The model as ONNX's own message.
///
/// # Errors
/// As [`export`].
pub fn to_proto(program: &Program) -> Result<ModelProto, ExportError> {
    program.with(|module| {
        let functions: Vec<Op<'_>> = functions(module).collect();
        let [function] = functions.as_slice() else {
            let found = functions.len();
            return Err(ExportError::Structure(format!(
                "has {found} functions, expected 1, the graph: export from before hls-outline-kernel"
            )));
        };
        graph::model(module, *function)
    })
}
