//! Activations that are made of others, in the reference's order of operations.

use super::{
    ImportError,
    node::{Context, Node},
};
use qonnx_dialect::{Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let alpha = |default: f32| Ok::<_, ImportError>(node.proto.float("alpha")?.unwrap_or(default));
    let value = match node.op_type() {
        "Gelu" => gelu(cx, node)?,
        "Celu" => match celu(cx, node.operand(0)?, alpha(1.0)?) {
            Some(value) => value,
            None => return Ok(None),
        },
        "Mish" => {
            let x = node.operand(0)?;
            cx.mul(x, cx.apply("qonnx.tanh", &[cx.apply("qonnx.softplus", &[x])]))
        }
        "Swish" => swish(cx, node.operand(0)?, alpha(1.0)?),
        "SwiGLU" => cx.mul(swish(cx, node.operand(0)?, alpha(1.0)?), node.operand(1)?),
        "ThresholdedRelu" => {
            let x = node.operand(0)?;
            qonnx::ThresholdedRelu::build(&cx.builder, x, alpha(1.0)?, [cx.like(x)]).result()
        }
        "Shrink" => shrink(cx, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// `x * sigmoid(alpha * x)`.
pub fn swish<'c>(cx: &Context<'_, 'c>, x: Value<'c>, alpha: f32) -> Value<'c> {
    let bent = if alpha == 1.0 { x } else { cx.mul(x, cx.scalar_like(x, alpha.into())) };
    cx.mul(x, cx.apply("qonnx.sigmoid", &[bent]))
}

/// In the reference's order: `(0.5 * x) * (erf(x * sqrt(1/2)) + 1)`, or with
/// `tanh(x * ((c * x) * x + sqrt(2/pi)))`, where c is `0.044715 * sqrt(2/pi)`, in place of erf.
fn gelu<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let (b, c) = ((2.0 / std::f64::consts::PI).sqrt() as f32, (0.044715 * (2.0 / std::f64::consts::PI).sqrt()) as f32);
    let bend = match node.proto.string("approximate")?.unwrap_or("none") {
        "none" => cx.apply("qonnx.erf", &[cx.mul(x, cx.scalar(std::f32::consts::FRAC_1_SQRT_2))]),
        "tanh" => {
            let slope = cx.add(cx.mul(cx.mul(x, cx.scalar(c)), x), cx.scalar(b));
            cx.apply("qonnx.tanh", &[cx.mul(x, slope)])
        }
        other => {
            let found = crate::onnx::quoted(other);
            return Err(node.error(format!("approximate is {found}, expected none or tanh")));
        }
    };
    Ok(cx.mul(cx.mul(x, cx.scalar(0.5)), cx.add(bend, cx.scalar(1.0))))
}

/// `max(x, 0) + min(alpha * (exp(x / alpha) - 1), 0)`; Elu of `x / alpha` differs from that only where the minimum
/// is 0. None for an alpha that is not positive.
fn celu<'c>(cx: &Context<'_, 'c>, x: Value<'c>, alpha: f32) -> Option<Value<'c>> {
    if alpha.is_nan() || alpha <= 0.0 {
        return None;
    }
    let bent = cx.div(x, cx.scalar_like(x, alpha.into()));
    let bent = qonnx::Elu::build(&cx.builder, bent, alpha, [cx.like(x)]).result();
    let zero = cx.scalar_like(x, 0.0);
    Some(cx.add(cx.apply("qonnx.relu", &[x]), cx.apply("qonnx.min", &[bent, zero])))
}

/// `x + bias` below `-lambd`, `x - bias` above `lambd`, 0 between.
fn shrink<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let lambd = f64::from(node.proto.float("lambd")?.unwrap_or(0.5));
    let bias = cx.scalar_like(x, node.proto.float("bias")?.unwrap_or(0.0).into());
    let is_below = cx.compare("qonnx.less", x, cx.scalar_like(x, -lambd));
    let is_above = cx.compare("qonnx.greater", x, cx.scalar_like(x, lambd));
    let above = cx.select(is_above, cx.sub(x, bias), cx.scalar_like(x, 0.0));
    Ok(cx.select(is_below, cx.add(x, bias), above))
}
