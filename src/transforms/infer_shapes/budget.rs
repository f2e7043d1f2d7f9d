//! How much a function may make the compiler compute: a small file can describe constants that no machine holds.

use crate::eval::tensor::MAX_ELEMENTS;
use qonnx_dialect::{Op, Value};
use std::collections::HashSet;

/// Elements of all constants of a function, those that the passes make included.
const MAX_TOTAL: usize = 4 * MAX_ELEMENTS;
/// Elements of what depends on an argument. Less than of a constant: to write testbenches and drivers it is held often.
const MAX_COMPUTED: usize = MAX_ELEMENTS / 2;

/// What is left of the elements that passes may make constants of.
pub struct Budget<'c> {
    left: usize,
    constant: HashSet<Value<'c>>,
}

impl<'c> Budget<'c> {
    /// Of a function of which no operation was paid for.
    ///
    /// # Errors
    /// If its arguments together are more than one tensor may be: they are all there before anything runs.
    pub fn of(function: Op<'c>) -> Result<Self, String> {
        let total = function.arguments().into_iter().map(elements).fold(0, usize::saturating_add);
        if total > MAX_COMPUTED {
            return Err(format!("the inputs of @{} have {total} elements, more than {MAX_COMPUTED}", name(function)));
        }
        Ok(Self { left: MAX_TOTAL, constant: HashSet::new() })
    }

    /// Takes off what an operation may become: all its elements if it depends on no argument, otherwise a position for
    /// each index of each axis.
    ///
    /// # Errors
    /// If less is left, or a result that depends on an argument is too large.
    pub fn pay(&mut self, op: Op<'c>) -> Result<(), String> {
        let constant = op.operands().iter().all(|operand| self.constant.contains(operand));
        let large = op.results().into_iter().map(elements).find(|elements| !constant && *elements > MAX_COMPUTED);
        if let Some(elements) = large {
            return Err(format!(
                "its result has {elements} elements, more than {MAX_COMPUTED}: make the tensor smaller"
            ));
        }
        let cost = if constant { elements } else { positions };
        let total = op.results().into_iter().map(cost).fold(0, usize::saturating_add);
        self.left = self.left.checked_sub(total).ok_or_else(|| {
            format!(
                "the constants up to here have more than {MAX_TOTAL} elements, those counted that passes compute: \
                 make them smaller"
            )
        })?;
        if constant {
            self.constant.extend(op.results());
        }
        Ok(())
    }
}

fn name(function: Op<'_>) -> &str {
    function.optional_str_attribute("sym_name").unwrap_or_default()
}

fn elements(value: Value<'_>) -> usize {
    value.tensor_type().and_then(|ty| ty.element_count()).unwrap_or(0)
}

fn positions(value: Value<'_>) -> usize {
    let shape = value.tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default();
    shape.into_iter().fold(0, usize::saturating_add)
}
