//! Operators of `qonnx.custom_op.channels_last`: those of ONNX on tensors (samples, spatial..., channels).

use super::{
    ImportError, linear,
    node::{Context, Node},
    windows,
};
use qonnx_dialect::{TensorType, Value, qonnx};

/// The domain's name.
pub const DOMAIN: &str = "qonnx.custom_op.channels_last";

/// The version of ONNX that the wrapped operators have, whatever version the domain is imported at.
pub const ONNX_VERSION: i64 = 17;

/// Imports a node of the domain as transpose, operator, transpose. The weights of a convolution
/// have their channels last, too.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let transposed = match node.op_type() {
        "Conv" => 2,
        "MaxPool" | "AveragePool" | "BatchNormalization" => 1,
        _ => return Ok(None),
    };
    let x = node.operand(0)?;
    let rank = node.rank(x)?;
    if rank < 2 {
        return Err(node.error(format!("has its channels on the last axis, but the operand has rank {rank}")));
    }
    let mut first: Vec<i64> = (0..rank as i64).collect();
    first[1..].rotate_right(1);
    let mut last: Vec<i64> = (0..rank as i64).collect();
    last[1..].rotate_left(1);
    let operand = |index| match node.optional(index) {
        Some(value) if index < transposed => transpose(cx, node, value, &first).map(Some),
        value => Ok(value),
    };
    let operands = (0..node.operand_count()).map(operand).collect::<Result<_, ImportError>>()?;
    let inner = Node::new(node.proto, operands, ONNX_VERSION);
    let results = match windows::import(cx, &inner)? {
        Some(results) => Some(results),
        None => linear::import(cx, &inner)?,
    };
    let back = |y| cx.transpose(y, &last);
    Ok(results.map(|results| results.into_iter().map(back).collect()))
}

/// With the shape of the result, which the operator's handler asks for.
fn transpose<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
    permutation: &[i64],
) -> Result<Value<'c>, ImportError> {
    let known = x.tensor_type().and_then(|ty| Some((ty.element, ty.shape?)));
    let (element, shape) = known.ok_or_else(|| node.error("the rank of an operand is not known"))?;
    if shape.len() != permutation.len() {
        return Err(node.error(format!("has operands of ranks {} and {}", permutation.len(), shape.len())));
    }
    let shape = permutation.iter().map(|axis| shape.get(*axis as usize).copied().flatten()).collect();
    let ty = TensorType { element, shape: Some(shape) }.to_type(cx.builder.context());
    Ok(qonnx::Transpose::build(&cx.builder, x, permutation, [ty]).result())
}
