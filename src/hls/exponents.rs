//! Binary points: a code stands for `code * 2^exponent`. Arithmetic states its result's, moves keep their operand's.

use crate::transforms::{
    functions::{callee, returned},
    kinds::is_hls_constant,
};
use qonnx_dialect::{Op, OpKind, Value, attributes};
use std::collections::HashMap;

/// On an argument: the binary point of its codes.
pub const EXPONENT: &str = "hls.exponent";

/// The binary point of result `index` of an operation, given those of its operands.
pub fn of_result<'c>(op: Op<'c>, index: usize, mut of: impl FnMut(Value<'c>) -> Option<i64>) -> Option<i64> {
    let own = op.optional_i64_attribute("exponent");
    match op.kind() {
        OpKind::HlsView | OpKind::HlsTranspose | OpKind::HlsPad | OpKind::HlsGather => of(op.operand(0)),
        OpKind::HlsReduceWindow => own.or_else(|| of(op.operand(0))),
        OpKind::HlsConcat => common(op, of),
        OpKind::HlsTopK if index == 0 => of(op.operand(0)),
        OpKind::HlsTopK | OpKind::HlsArgMax => None,
        _ => own,
    }
}

/// Whether a result counts elements: such an integer has no binary point by nature.
pub fn is_index(op: Op<'_>, index: usize) -> bool {
    op.kind() == OpKind::HlsArgMax || (op.kind() == OpKind::HlsTopK && index == 1)
}

/// Whether the elements of the result are those of the operands.
pub fn is_move(op: Op<'_>) -> bool {
    use OpKind::*;
    matches!(op.kind(), HlsView | HlsTranspose | HlsPad | HlsGather | HlsConcat)
}

/// What all operands share; a constant takes any.
fn common<'c>(op: Op<'c>, of: impl FnMut(Value<'c>) -> Option<i64>) -> Option<i64> {
    let mut exponents = op.operands().into_iter().filter(|value| !is_hls_constant(*value)).map(of);
    let first = exponents.next()??;
    exponents.all(|exponent| exponent == Some(first)).then_some(first)
}

/// Looks binary points up, through moves and calls, each value once.
#[derive(Default)]
pub struct Exponents<'c> {
    known: HashMap<Value<'c>, Option<i64>>,
}

impl<'c> Exponents<'c> {
    /// The binary point of a value's codes.
    pub fn of(&mut self, value: Value<'c>) -> Option<i64> {
        if let Some(known) = self.known.get(&value) {
            return *known;
        }
        let exponent = match value.defining_op() {
            Some(op) if op.name() == "func.call" => self.of_call(op, value.index()),
            Some(op) => of_result(op, value.index(), |value| self.of(value)),
            None => argument_exponent(value),
        };
        self.known.insert(value, exponent);
        exponent
    }

    fn of_call(&mut self, call: Op<'c>, index: usize) -> Option<i64> {
        self.of(*returned(callee(call)?).get(index)?)
    }
}

/// An argument's own attribute; found through a user, since arguments do not know their
/// function.
fn argument_exponent(value: Value<'_>) -> Option<i64> {
    let function = value.users().first()?.parent()?;
    let attributes = function.attribute("arg_attrs")?;
    attributes::i64_item(attributes::array_item(attributes, value.index())?, EXPONENT)
}
