//! Runs IR: functions of either dialect, at any stage of the pipeline. A file an op family.

mod channels_last;
mod data;
mod elementwise;
mod hls;
mod linear;
mod live;
mod quantizers;
mod types;
mod windows;

use super::{
    convert::tensor_of,
    ops,
    tensor::{EvalError, Tensor},
};
use crate::transforms::functions::callee_name;
pub use channels_last::{CHANNELS_LAST, is_channels_last, laid_out_operands};
pub use elementwise::{binary_of, unary_of};
use live::Live;
use qonnx_dialect::{Op, OpKind};
pub use quantizers::minifloat_of;
use std::{collections::HashMap, rc::Rc};
use thiserror::Error;
pub use types::rounding_of;
pub use windows::{Sliding, pool_params};

/// Why a function could not be run, and at which node.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{node} ({operation}): {problem}")]
pub struct EvaluationError {
    /// The ONNX node's name.
    pub node: String,
    /// The operation's name in the IR.
    pub operation: String,
    /// What is wrong.
    pub problem: EvalError,
}

/// What an [`Interpreter`] tells about each operation that it has run; the returned
/// tensors take the place of the results.
pub type Observer<'o, 'c> = dyn FnMut(Op<'c>, &[Rc<Tensor>], Vec<Rc<Tensor>>) -> Vec<Rc<Tensor>> + 'o;

/// Runs the functions of a module.
pub struct Interpreter<'o, 'c> {
    functions: HashMap<&'c str, Op<'c>>,
    constants: HashMap<Op<'c>, Rc<Tensor>>,
    observer: Option<Box<Observer<'o, 'c>>>,
}

impl<'o, 'c> Interpreter<'o, 'c> {
    /// For the functions of a module.
    pub fn new(module: Op<'c>) -> Self {
        let named = |op: Op<'c>| Some((op.optional_str_attribute("sym_name")?, op));
        let functions = module.body().into_iter().filter_map(named).collect();
        Self { functions, constants: HashMap::new(), observer: None }
    }

    /// The same, telling an observer of each operation.
    pub fn observed(module: Op<'c>, observer: Box<Observer<'o, 'c>>) -> Self {
        Self { observer: Some(observer), ..Self::new(module) }
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<Op<'c>> {
        self.functions.get(name).copied()
    }

    /// Runs a function on its arguments.
    ///
    /// # Errors
    /// The first operation that cannot be evaluated.
    pub fn run(&mut self, function: Op<'c>, arguments: Vec<Rc<Tensor>>) -> Result<Vec<Rc<Tensor>>, EvaluationError> {
        let body = function.body();
        let mut live = Live::new(&body, function.arguments().into_iter().zip(arguments));
        for op in body {
            let fail = |problem| EvaluationError { node: op.node_name(), operation: op.name().to_string(), problem };
            let inputs = live.operands(op).map_err(fail)?;
            if op.name() == "func.return" {
                return Ok(inputs);
            }
            let outputs = self.step(op, &inputs)?;
            let outputs = match &mut self.observer {
                Some(observer) => observer(op, &inputs, outputs),
                None => outputs,
            };
            live.step(op, outputs).map_err(fail)?;
        }
        Ok(Vec::new())
    }

    fn step(&mut self, op: Op<'c>, inputs: &[Rc<Tensor>]) -> Result<Vec<Rc<Tensor>>, EvaluationError> {
        let fail = |problem| EvaluationError { node: op.node_name(), operation: op.name().to_string(), problem };
        if let Some(callee) = callee_name(op) {
            let function = self.function(&callee);
            let function =
                function.ok_or_else(|| fail(EvalError::Value(format!("calls unknown function @{callee}"))))?;
            return self.run(function, inputs.to_vec());
        }
        if matches!(op.kind(), OpKind::QonnxConstant | OpKind::HlsConstant) {
            if let Some(known) = self.constants.get(&op) {
                return Ok(vec![known.clone()]);
            }
            let tensor = Rc::new(constant(op).map_err(fail)?);
            self.constants.insert(op, tensor.clone());
            return Ok(vec![tensor]);
        }
        let inputs: Vec<&Tensor> = inputs.iter().map(Rc::as_ref).collect();
        Ok(evaluate(op, &inputs).map_err(fail)?.into_iter().map(Rc::new).collect())
    }
}

fn constant(op: Op<'_>) -> Result<Tensor, EvalError> {
    match op.attribute("value") {
        Some(value) => tensor_of(value),
        None => Err(EvalError::Value("the constant has no value".into())),
    }
}

/// The results of one operation. Constants and calls are the interpreter's.
///
/// # Errors
/// If operands do not fit the operation, or its meaning is not known (`qonnx.onnx`).
pub fn evaluate(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let results = unrounded(op, x)?;
    Ok(results.into_iter().zip(op.results()).map(|(tensor, result)| types::rounded(tensor, result)).collect())
}

fn unrounded(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    if let Some(unary) = unary_of(op) {
        return Ok(vec![ops::elementwise::unary(unary, operand(x, 0)?)?]);
    }
    if let Some(binary) = binary_of(op) {
        return Ok(vec![ops::elementwise::binary(binary, operand(x, 0)?, operand(x, 1)?)?]);
    }
    match op.kind() {
        OpKind::Other => Err(EvalError::Value(format!("{} has no meaning here", op.name()))),
        kind if kind.is_hls() => hls::evaluate_hls(op, x),
        _ if is_channels_last(op) => channels_last::evaluate(op, x),
        _ => channels_first(op, x),
    }
}

/// The results of a qonnx operation that is not elementwise, its channels on axis 1 if it has some.
fn channels_first(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    linear::evaluate(op, x)
}

fn operand<'t>(x: &[&'t Tensor], index: usize) -> Result<&'t Tensor, EvalError> {
    x.get(index).copied().ok_or_else(|| EvalError::Value(format!("operand {index} is missing")))
}

/// Operand `index` of those that are there.
fn optional_operand<'t>(x: &[&'t Tensor], present: bool, index: usize) -> Result<Option<&'t Tensor>, EvalError> {
    if present { operand(x, index).map(Some) } else { Ok(None) }
}
