//! Dot products, normalization, softmax.

use super::{
    ImportError,
    node::{Context, Node, rank_of},
};
use qonnx_dialect::{Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "MatMul" => {
            let (a, b) = (node.operand(0)?, node.operand(1)?);
            qonnx::Matmul::build(&cx.builder, a, b, [cx.like(a)]).result()
        }
        "Gemm" => gemm(cx, node)?,
        "BatchNormalization" => match batch_normalization(cx, node)? {
            Some(value) => value,
            None => return Ok(None),
        },
        "LayerNormalization" if !(1..3).any(|output| node.uses_output(output)) => {
            let (x, scale) = (node.operand(0)?, node.operand(1)?);
            let axis = node.proto.int("axis")?.unwrap_or(-1);
            let epsilon = node.proto.float("epsilon")?.unwrap_or(1e-5);
            let bias = node.optional(2);
            qonnx::LayerNormalization::build(&cx.builder, x, scale, bias, axis, epsilon, [cx.like(x)]).result()
        }
        "Softmax" => softmax(cx, node, "qonnx.softmax")?,
        "LogSoftmax" => softmax(cx, node, "qonnx.log_softmax")?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

fn gemm<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (a, b) = (node.operand(0)?, node.operand(1)?);
    let alpha = node.proto.float("alpha")?.unwrap_or(1.0);
    let beta = node.proto.float("beta")?.unwrap_or(1.0);
    let trans_a = node.flag("transA", 0)?;
    let trans_b = node.flag("transB", 0)?;
    let ty = cx.like(a);
    Ok(qonnx::Gemm::build(&cx.builder, a, b, node.optional(2), alpha, beta, trans_a, trans_b, [ty]).result())
}

/// At inference, with one output.
fn batch_normalization<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let training = node.version >= 14 && node.flag("training_mode", 0)?;
    let per_element = node.version < 9 && node.proto.int("spatial")? == Some(0);
    if training || per_element || (1..5).any(|output| node.uses_output(output)) {
        return Ok(None);
    }
    let epsilon = node.proto.float("epsilon")?.unwrap_or(1e-5);
    let x = node.operand(0)?;
    let [scale, bias, mean, variance] = [node.operand(1)?, node.operand(2)?, node.operand(3)?, node.operand(4)?];
    let op =
        qonnx::BatchNormalization::build(&cx.builder, x, scale, bias, mean, variance, epsilon, false, [cx.like(x)]);
    Ok(Some(op.result()))
}

fn softmax<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, name: &str) -> Result<Value<'c>, ImportError> {
    along_axis(cx, node, |x, axis| Ok(cx.same_type(name, &[x], &[("axis", cx.builder.i64(axis))])))
}

/// What softmax and its like apply along an axis: since version 13 `axis`; before, all axes from `axis` on, flattened.
pub fn along_axis<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    along: impl Fn(Value<'c>, i64) -> Result<Value<'c>, ImportError>,
) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    if node.version >= 13 {
        return along(x, node.proto.int("axis")?.unwrap_or(-1));
    }
    let axis = node.proto.int("axis")?.unwrap_or(1);
    if axis == -1 || rank_of(x).is_some_and(|rank| rank as i64 == axis + 1) {
        return along(x, axis);
    }
    let matrix = qonnx::Flatten::build(&cx.builder, x, axis, [cx.like(x)]).result();
    Ok(cx.reshape_to(along(matrix, -1)?, cx.shape(x)))
}
