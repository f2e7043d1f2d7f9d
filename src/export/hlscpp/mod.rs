//! HLS C++: a module with a kernel of integers to a project for Vitis HLS that also runs by itself.
//!
//! What the project holds, and which module here writes it:
//!
//! | file | what | written by |
//! |---|---|---|
//! | `types.h` | number types, rounding and clamping | a template |
//! | `weights.h` | constants, ROMs | [`rom`] |
//! | `NAME.h`, `NAME.cpp` | the top function and one function a layer | [`kernel`], [`layer`], [`integer_ops`], [`requantize`] |
//! | `codes.h`, `codes.cpp` | the kernel behind 64-bit integers | [`kernel`] |
//! | `driver.h` | float operations in front of the kernel and behind | [`host`], [`float_ops`] |
//! | `float_math.h` | their arithmetic | [`float_ops`] |
//! | `testbench.cpp`, `Makefile`, `run_hls.tcl` | simulation and synthesis | templates |
//!
//! # What the code looks like
//!
//! Tensors are flat arrays, row by row. A layer is one function, an operation one loop nest in
//! it; names are those of the ONNX nodes. Every width is the IR's, which was proven: nothing
//! overflows but partial sums, whose wrapping does not matter. The printer changes nothing: what
//! should be written otherwise is the business of a pass.
//!
//! # Numbers
//!
//! A value with a binary point (`exponent`) is an `ap_fixed` of the same bits under
//! [`Numbers::Auto`]. Arithmetic is done on these where the binary points of operands and result
//! fit together, and on codes elsewhere, so the codes are the same in every mode.

mod code;
mod float_layer;
mod float_ops;
mod host;
mod integer_ops;
mod kernel;
mod layer;
mod module;
mod names;
mod nested_affine;
mod number;
mod project;
mod requantize;
mod rom;
mod scale;
#[cfg(test)]
mod tests;

pub use project::{Project, vectors};

use qonnx_dialect::{Op, Program};
use std::collections::BTreeMap;
use thiserror::Error;

/// Which C++ types stand for the kernel's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Numbers {
    /// `ap_fixed` for values with a binary point, `ap_int` for the rest.
    #[default]
    Auto,
    /// `ap_int` for all.
    Integer,
    /// As `Auto`, but a value without a binary point is an error.
    Fixed,
}

/// What an export can be told.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// C++ types of values.
    pub numbers: Numbers,
    /// The device, for `run_hls.tcl`.
    pub part: String,
    /// The clock period in nanoseconds, for `run_hls.tcl`.
    pub clock: f64,
    /// Layers of up to this many multiplications take a new input every cycle; larger ones
    /// compute an output a cycle.
    pub parallel_multipliers: usize,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self { numbers: Numbers::Auto, part: "xcu250-figd2104-2L-e".into(), clock: 5.0, parallel_multipliers: 4096 }
    }
}

/// Why a module could not be exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The module's functions are not what an export needs.
    #[error("the module {0}")]
    Structure(String),
    /// An operation has no form in C++.
    #[error("{node} ({operation}): {problem}")]
    Node {
        /// The ONNX node's name.
        node: String,
        /// The operation in the IR.
        operation: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A template could not be filled.
    #[error("a template of the project could not be filled: {0}")]
    Template(#[from] minijinja::Error),
}

impl ExportError {
    fn node(op: Op<'_>, problem: impl Into<String>) -> Self {
        Self::Node { node: op.node_name(), operation: op.name().to_string(), problem: problem.into() }
    }
}

/// A tensor that goes into the network or the kernel, or comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// As in the graph; of the kernel's, as in C++.
    pub name: String,
    /// Dimensions.
    pub shape: Vec<usize>,
}

impl Port {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What goes in and out, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// The graph's inputs, as floats.
    pub inputs: Vec<Port>,
    /// The graph's outputs, as floats.
    pub outputs: Vec<Port>,
    /// The kernel's inputs, as codes.
    pub kernel_inputs: Vec<Port>,
    /// The kernel's outputs, as codes.
    pub kernel_outputs: Vec<Port>,
}

/// Prints a module whose linear part was lowered to a kernel of `hls` operations.
///
/// # Errors
/// If an operation has no form in C++, which the message names by its ONNX node.
pub fn export(program: &Program, options: &ExportOptions) -> Result<Project, ExportError> {
    program.with(|module| {
        let parts = module::Parts::of(module)?;
        let kernel = parts.kernel.as_ref().map(|kernel| kernel::print(kernel, options)).transpose()?;
        let host = host::print(&parts, kernel.as_ref().map(|kernel| kernel.top.as_str()))?;
        let mut interface = Interface { inputs: host.inputs, outputs: host.outputs, ..Interface::default() };
        let mut files = BTreeMap::from([("driver.h".to_string(), host.driver)]);
        let mut top = None;
        if let Some(kernel) = kernel {
            interface.kernel_inputs = kernel.inputs;
            interface.kernel_outputs = kernel.outputs;
            files.insert(format!("{}.h", kernel.top), kernel.header);
            files.insert(format!("{}.cpp", kernel.top), kernel.source);
            files.insert("weights.h".into(), kernel.weights);
            files.insert("codes.cpp".into(), kernel.codes);
            top = Some(kernel.top);
        }
        project::complete(&parts.name, top, interface, files, options)
    })
}
