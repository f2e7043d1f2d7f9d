//! Round as a quantizer of scale 1.
//!
//! HAWQ's files round to integers and add these: what a sum takes must be integers in hardware,
//! too. A Round in front of another quantizer stays what it is, one of the operations of a chain.

use super::{gives_codes, is_quantizer, parts::Parts, trunc::UNCLAMPED};
use crate::{
    eval::{Tensor, convert::constant_of},
    transforms::{hoist_movement::is_elementwise, kinds::adds},
};
use qonnx_dialect::{Op, OpKind, RoundingMode, Value};
use std::collections::HashSet;

/// Splits a Round that a sum takes.
pub fn split_round(op: Op<'_>) -> Result<(), String> {
    if constant_of(op.operand(0)).is_some() || !feeds_a_sum(op.result(0)) {
        return Ok(());
    }
    let parts = Parts::new(op)?;
    let q = parts.quantize(op.operand(0), RoundingMode::HalfEven, -UNCLAMPED, UNCLAMPED, Some(0))?;
    let result = parts.unscaled(q, &Tensor::scalar(0.0), &Tensor::scalar(1.0))?;
    op.replace(&[result]);
    Ok(())
}

/// Whether elements of a value are added to each other before a quantizer rounds them.
fn feeds_a_sum(value: Value<'_>) -> bool {
    let (mut open, mut seen) = (vec![value], HashSet::new());
    while let Some(value) = open.pop() {
        for user in value.users() {
            if adds(user) {
                return true;
            }
            let passes = (is_elementwise(user) || moves(user)) && !is_quantizer(user) && !gives_codes(user);
            if passes && seen.insert(user) {
                open.extend(user.results());
            }
        }
    }
    false
}

fn moves(op: Op<'_>) -> bool {
    matches!(
        op.kind(),
        OpKind::QonnxView
            | OpKind::QonnxTranspose
            | OpKind::QonnxGather
            | OpKind::QonnxConcat
            | OpKind::QonnxPad
            | OpKind::QonnxMaxPool
    )
}
