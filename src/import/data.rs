//! Constants, movement, selection.

use super::{
    ImportError,
    node::{Context, Node},
    tensors,
};
use crate::eval::{Tensor, convert::qonnx_constant};
use qonnx_dialect::{Element, Value, qonnx};

const INT64: Element = Element::Int { width: 64, signed: true };

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "Constant" => match constant(cx, node)? {
            Some(value) => value,
            None => return Ok(None),
        },
        "Reshape" => {
            let x = node.operand(0)?;
            let shape = list(cx, node, "shape", 1, 5)?.ok_or_else(|| node.error("has no shape"))?;
            let allow_zero = node.flag("allowzero", 0)?;
            qonnx::Reshape::build(&cx.builder, x, shape, allow_zero, [cx.like(x)]).result()
        }
        "Flatten" => {
            let x = node.operand(0)?;
            let axis = node.proto.int("axis")?.unwrap_or(1);
            qonnx::Flatten::build(&cx.builder, x, axis, [cx.like(x)]).result()
        }
        "Squeeze" => {
            let x = node.operand(0)?;
            let axes = list(cx, node, "axes", 1, 13)?;
            qonnx::Squeeze::build(&cx.builder, x, axes, [cx.like(x)]).result()
        }
        "Unsqueeze" => {
            let x = node.operand(0)?;
            let axes = list(cx, node, "axes", 1, 13)?.ok_or_else(|| node.error("has no axes"))?;
            qonnx::Unsqueeze::build(&cx.builder, x, Some(axes), [cx.like(x)]).result()
        }
        "Transpose" => transpose(cx, node)?,
        "Shape" => {
            let start = node.proto.int("start")?.unwrap_or(0);
            let end = node.proto.int("end")?;
            qonnx::Shape::build(&cx.builder, node.operand(0)?, start, end, [cx.unranked(INT64)]).result()
        }
        "Gather" => {
            let x = node.operand(0)?;
            let axis = node.proto.int("axis")?.unwrap_or(0);
            qonnx::Gather::build(&cx.builder, x, node.operand(1)?, axis, [cx.like(x)]).result()
        }
        "Concat" => {
            let inputs = node.all_operands()?;
            let axis = node.proto.int("axis")?.unwrap_or(1);
            qonnx::Concat::build(&cx.builder, &inputs, axis, [cx.like(node.operand(0)?)]).result()
        }
        "Slice" => slice(cx, node)?,
        "ArgMax" => {
            let axis = node.proto.int("axis")?.unwrap_or(0);
            let keep = node.flag("keepdims", 1)?;
            let last = node.flag("select_last_index", 0)?;
            qonnx::ArgMax::build(&cx.builder, node.operand(0)?, axis, keep, last, [cx.unranked(INT64)]).result()
        }
        "TopK" => return top_k(cx, node).map(Some),
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// A list of int64 that is an attribute before version `since` and an operand since.
fn list<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    attribute: &str,
    operand: usize,
    since: i64,
) -> Result<Option<Value<'c>>, ImportError> {
    if node.version >= since {
        return Ok(node.optional(operand));
    }
    Ok(node.proto.ints(attribute)?.map(|values| cx.indices(values)))
}

fn constant<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    if let Some(tensor) = node.proto.tensor("value")? {
        // The node's name says more than that of the tensor in it.
        let mut named = tensor.clone();
        named.name = Some(node.proto.output.first().cloned().unwrap_or_default());
        return tensors::constant(&cx.builder, &named, cx.directory).map(Some);
    }
    let vector = |values: &[f32]| Tensor::f32(&[values.len()], values.to_vec());
    let tensor = if let Some(value) = node.proto.float("value_float")? {
        Tensor::scalar(value)
    } else if let Some(value) = node.proto.int("value_int")? {
        Tensor::scalar_int(value)
    } else if let Some(values) = node.proto.floats("value_floats")? {
        vector(values).map_err(|problem| node.error(problem.to_string()))?
    } else if let Some(values) = node.proto.ints("value_ints")? {
        Tensor::indices(values.to_vec())
    } else {
        return Ok(None);
    };
    Ok(Some(qonnx_constant(&cx.builder, &tensor)))
}

/// Without `perm` the axes are reversed, for which the rank must be known.
fn transpose<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let permutation = match node.proto.ints("perm")? {
        Some(permutation) => permutation.to_vec(),
        None => {
            let rank = x.tensor_type().and_then(|ty| ty.shape).map(|shape| shape.len());
            let rank = rank.ok_or_else(|| node.error("reverses axes, but the operand's rank is not known"))?;
            (0..rank as i64).rev().collect()
        }
    };
    Ok(qonnx::Transpose::build(&cx.builder, x, &permutation, [cx.like(x)]).result())
}

/// Bounds are attributes before version 10 and operands since.
fn slice<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let part = |name, operand| list(cx, node, name, operand, 10);
    let required = |name, operand| part(name, operand)?.ok_or_else(|| node.error(format!("has no {name}")));
    let (starts, ends) = (required("starts", 1)?, required("ends", 2)?);
    let (axes, steps) = (part("axes", 3)?, part("steps", 4)?);
    Ok(qonnx::Slice::build(&cx.builder, x, starts, ends, axes, steps, [cx.like(x)]).result())
}

fn top_k<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
    let x = node.operand(0)?;
    let k = if node.version < 10 {
        cx.indices(&[node.proto.int("k")?.ok_or_else(|| node.error("has no k"))?])
    } else {
        node.operand(1)?
    };
    let axis = node.proto.int("axis")?.unwrap_or(-1);
    let largest = node.flag("largest", 1)?;
    let op = qonnx::TopK::build(&cx.builder, x, k, axis, largest, [cx.like(x), cx.unranked(INT64)]);
    Ok(vec![op.values(), op.indices()])
}
