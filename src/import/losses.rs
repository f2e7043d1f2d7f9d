//! Losses of classes: NegativeLogLikelihoodLoss, and SoftmaxCrossEntropyLoss in front of it.

use super::{
    ImportError,
    node::{Context, INT64, Node},
};
use crate::{eval::Tensor, onnx::quoted};
use qonnx_dialect::{Element, Reduction, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    Ok(Some(match node.op_type() {
        "NegativeLogLikelihoodLoss" => vec![likelihood(cx, node, node.operand(0)?)?],
        "SoftmaxCrossEntropyLoss" => {
            let x = node.operand(0)?;
            let logarithms = qonnx::LogSoftmax::build(&cx.builder, x, 1, [cx.like(x)]).result();
            vec![likelihood(cx, node, logarithms)?, logarithms]
        }
        _ => return Ok(None),
    }))
}

/// `-weight * x` at the class that the target names, for each place or reduced. Of all products along the classes
/// one is not 0, so that their sum is that.
fn likelihood<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, x: Value<'c>) -> Result<Value<'c>, ImportError> {
    let (rank, classes) = (node.rank(node.operand(0)?)?, node.channels(node.operand(0)?)?);
    let target = cx.cast(node.operand(1)?, INT64);
    let target = qonnx::Unsqueeze::build(&cx.builder, target, Some(cx.indices(&[1])), [cx.unranked(INT64)]).result();
    let places: Vec<usize> = std::iter::once(classes).chain(std::iter::repeat_n(1, rank.saturating_sub(2))).collect();
    let class = cx.int64s(node, &places, (0..classes as i64).collect())?;
    let is_target = cx.compare("qonnx.equal", target, class);
    let counted = match node.proto.int("ignore_index")? {
        Some(ignored) => {
            let ignored = cx.compare("qonnx.equal", target, cx.int64(ignored));
            let no = cx.constant(Element::Bool, &Tensor::scalar_int(0));
            cx.select(ignored, no, is_target)
        }
        None => is_target,
    };
    let zero = cx.scalar_like(x, 0.0);
    let weight = match node.optional(2) {
        Some(weights) => {
            let shape: Vec<i64> = places.iter().map(|extent| *extent as i64).collect();
            cx.reshape(weights, &shape)
        }
        None => cx.scalar_like(x, 1.0),
    };
    let at_target = |value| cx.reduce(Reduction::Sum, cx.select(counted, value, zero), &[1], false);
    let weights = at_target(weight);
    let negative = cx.apply("qonnx.neg", &[at_target(x)]);
    let losses = if node.optional(2).is_some() { cx.mul(negative, weights) } else { negative };
    let sum =
        |value| qonnx::Reduce::build(&cx.builder, Reduction::Sum, value, None, false, false, [cx.like(x)]).result();
    match node.proto.string("reduction")?.unwrap_or("mean") {
        "none" => Ok(losses),
        "sum" => Ok(sum(losses)),
        "mean" => Ok(cx.div(sum(losses), sum(weights))),
        other => Err(node.error(format!("reduction is {}, expected none, sum or mean", quoted(other)))),
    }
}
