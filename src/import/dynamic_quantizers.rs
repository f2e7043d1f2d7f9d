//! DynamicQuantizeLinear: QuantizeLinear to uint8 with the scale and zero point of the operand's own range.
//!
//! The evaluator computes it; hardware has fixed scales, so that `qonnx-verify-supported` reports the quantizer.

use super::{
    ImportError,
    node::{Context, Node},
};
use qonnx_dialect::{Element, Reduction, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if node.op_type() != "DynamicQuantizeLinear" {
        return Ok(None);
    }
    let x = node.operand(0)?;
    let (zero, steps) = (cx.scalar(0.0), cx.scalar(255.0));
    // The range holds 0.
    let end = |kind, join| {
        let end = qonnx::Reduce::build(&cx.builder, kind, x, None, false, false, [cx.like(x)]).result();
        cx.apply(join, &[end, zero])
    };
    let (least, greatest) = (end(Reduction::Min, "qonnx.min"), end(Reduction::Max, "qonnx.max"));
    let is_empty = cx.compare("qonnx.equal", least, greatest);
    let scale = cx.select(is_empty, cx.scalar(1.0), cx.div(cx.sub(greatest, least), steps));
    let exact = cx.sub(zero, cx.div(least, scale));
    let limited = qonnx::Clip::build(&cx.builder, exact, Some(zero), Some(steps), [cx.like(x)]).result();
    let byte = Element::Int { width: 8, signed: false };
    let zero_point = cx.cast(cx.apply("qonnx.round", &[limited]), byte);
    let codes = qonnx::QuantizeLinear::build(&cx.builder, x, scale, Some(zero_point), 1, [cx.unranked(byte)]).result();
    Ok(Some(vec![codes, scale, zero_point]))
}
