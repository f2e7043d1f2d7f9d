//! Operators of `qonnx.custom_op.channels_last`: those of ONNX on tensors (samples, spatial..., channels).

use super::{
    ImportError, linear,
    node::{Context, Node},
    windows,
};
use crate::eval::interpreter::CHANNELS_LAST;
use qonnx_dialect::Value;

/// The domain's name.
pub const DOMAIN: &str = "qonnx.custom_op.channels_last";

/// The version of ONNX that the wrapped operators have, whatever version the domain is imported at.
pub const ONNX_VERSION: i64 = 17;

/// Imports a node of the domain. The weights of a convolution have their channels last, too.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let x = match node.op_type() {
        "Conv" | "MaxPool" | "AveragePool" | "BatchNormalization" => node.operand(0)?,
        _ => return Ok(None),
    };
    let rank = node.rank(x)?;
    if rank < 2 {
        return Err(node.error(format!("has its channels on the last axis, but the operand has rank {rank}")));
    }
    let operands = (0..node.operand_count()).map(|index| node.optional(index)).collect();
    let inner = Node::new(node.proto, operands, ONNX_VERSION);
    let results = match windows::import(cx, &inner)? {
        Some(results) => Some(results),
        None => linear::import(cx, &inner)?,
    };
    results.iter().flatten().for_each(|result| mark(cx, *result));
    Ok(results)
}

/// Says of the operation behind a value, whose type is not inferred yet, that its channels are last.
pub fn mark<'c>(cx: &Context<'_, 'c>, value: Value<'c>) {
    if let Some(op) = value.defining_op() {
        op.set_attribute(CHANNELS_LAST, cx.builder.unit());
    }
}
