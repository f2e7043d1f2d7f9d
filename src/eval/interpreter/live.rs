//! The values of a function that runs, each until its last use.

use crate::eval::tensor::{EvalError, MAX_ELEMENTS, Tensor};
use qonnx_dialect::{Op, Value};
use std::{collections::HashMap, rc::Rc};

/// Elements of all tensors that are needed at a time.
const MAX_LIVE: usize = 4 * MAX_ELEMENTS;

/// What may still be used.
pub struct Live<'c> {
    values: HashMap<Value<'c>, Rc<Tensor>>,
    /// How often each value is used by operations that have not run.
    uses: HashMap<Value<'c>, usize>,
    elements: usize,
}

impl<'c> Live<'c> {
    /// The arguments, before the first of these operations.
    pub fn new(body: &[Op<'c>], arguments: impl Iterator<Item = (Value<'c>, Rc<Tensor>)>) -> Self {
        let mut uses = HashMap::new();
        for operand in body.iter().flat_map(|op| op.operands()) {
            *uses.entry(operand).or_default() += 1;
        }
        let values: HashMap<_, _> = arguments.collect();
        let elements = values.values().map(|tensor| tensor.len()).sum();
        Self { values, uses, elements }
    }

    /// The operands of an operation.
    ///
    /// # Errors
    /// If one has no value.
    pub fn operands(&self, op: Op<'c>) -> Result<Vec<Rc<Tensor>>, EvalError> {
        let value = |operand: Value<'c>| {
            let tensor = self.values.get(&operand).cloned();
            tensor.ok_or_else(|| EvalError::Value(format!("no value for {operand:?}")))
        };
        op.operands().into_iter().map(value).collect()
    }

    /// An operation has run: adds its results, drops what was used for the last time.
    ///
    /// # Errors
    /// If too much is left.
    pub fn step(&mut self, op: Op<'c>, results: Vec<Rc<Tensor>>) -> Result<(), EvalError> {
        for operand in op.operands() {
            if let Some(left) = self.uses.get_mut(&operand) {
                *left -= 1;
                if *left == 0 {
                    self.elements -= self.values.remove(&operand).map_or(0, |tensor| tensor.len());
                }
            }
        }
        for (result, tensor) in op.results().into_iter().zip(results) {
            if self.uses.contains_key(&result) {
                self.elements += tensor.len();
                self.values.insert(result, tensor);
            }
        }
        if self.elements > MAX_LIVE {
            return Err(EvalError::Value(format!(
                "{} elements are needed at a time, more than {MAX_LIVE}",
                self.elements
            )));
        }
        Ok(())
    }
}
