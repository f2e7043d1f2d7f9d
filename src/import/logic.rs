//! Comparisons, logic, and arithmetic of bits and remainders.

use super::{
    ImportError,
    node::{Context, INT64, Node, element_of},
};
use crate::{
    eval::{Tensor, convert::int_type},
    onnx::quoted,
};
use qonnx_dialect::Value;

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let compare = |name| Ok::<_, ImportError>(cx.compare(name, node.operand(0)?, node.operand(1)?));
    let binary = |name| Ok::<_, ImportError>(cx.apply(name, &[node.operand(0)?, node.operand(1)?]));
    let value = match node.op_type() {
        "Equal" => compare("qonnx.equal")?,
        "Less" => compare("qonnx.less")?,
        "Greater" => compare("qonnx.greater")?,
        // Not the complement of greater: that would hold for NaN.
        "LessOrEqual" => cx.apply("qonnx.or", &[compare("qonnx.less")?, compare("qonnx.equal")?]),
        "GreaterOrEqual" => cx.apply("qonnx.or", &[compare("qonnx.greater")?, compare("qonnx.equal")?]),
        "And" | "BitwiseAnd" => binary("qonnx.and")?,
        "Or" | "BitwiseOr" => binary("qonnx.or")?,
        "Xor" | "BitwiseXor" => binary("qonnx.xor")?,
        "Not" | "BitwiseNot" => complement(cx, node.operand(0)?),
        "IsNaN" => {
            let x = node.operand(0)?;
            complement(cx, cx.compare("qonnx.equal", x, x))
        }
        "IsInf" => is_infinite(cx, node)?,
        "Mod" if node.flag("fmod", 0)? => binary("qonnx.fmod")?,
        "Mod" if element_of(node.operand(0)?).is_float() => float_remainder(cx, node.operand(0)?, node.operand(1)?),
        "Mod" => binary("qonnx.mod")?,
        "BitShift" => shift(cx, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// The remainder with the sign of b: that of C, and b once more where that has the other sign.
fn float_remainder<'c>(cx: &Context<'_, 'c>, a: Value<'c>, b: Value<'c>) -> Value<'c> {
    let remainder = cx.apply("qonnx.fmod", &[a, b]);
    let zero = cx.scalar_like(a, 0.0);
    let is_negative = |x| cx.compare("qonnx.less", x, zero);
    let differs = cx.apply("qonnx.xor", &[is_negative(remainder), is_negative(b)]);
    let is_zero = cx.compare("qonnx.equal", remainder, zero);
    let corrected = cx.select(differs, cx.add(remainder, b), remainder);
    // Zero takes the sign, too.
    let signed_zero = cx.select(is_negative(b), cx.scalar_like(a, -0.0), zero);
    cx.select(is_zero, signed_zero, corrected)
}

fn complement<'c>(cx: &Context<'_, 'c>, x: Value<'c>) -> Value<'c> {
    let ones = match int_type(element_of(x)) {
        Some(ty) if !ty.signed => ty.wrap(-1),
        _ => -1,
    };
    cx.apply("qonnx.xor", &[x, cx.constant(element_of(x), &Tensor::scalar_int(ones))])
}

fn is_infinite<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let is = |value: f64| cx.compare("qonnx.equal", x, cx.scalar_like(x, value));
    // Nothing is less than itself.
    let no = || cx.compare("qonnx.less", x, x);
    let negative = if node.flag("detect_negative", 1)? { is(f64::NEG_INFINITY) } else { no() };
    let positive = if node.flag("detect_positive", 1)? { is(f64::INFINITY) } else { no() };
    Ok(cx.apply("qonnx.or", &[negative, positive]))
}

/// A product with a power of two, or the quotient rounded down. A count outside the width shifts everything out.
fn shift<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let element = element_of(node.operand(0)?);
    let Some(ty) = int_type(element) else { return Err(node.error(format!("shifts {element}, expected integers"))) };
    let number = |value: i64| cx.int64(value);
    let (x, count, all) = (cx.cast(node.operand(0)?, INT64), cx.cast(node.operand(1)?, INT64), number(ty.width.into()));
    let count = cx.select(cx.compare("qonnx.less", count, number(0)), all, cx.apply("qonnx.min", &[count, all]));
    // In two steps: 2^64 is no int64.
    let half = cx.div(count, number(2));
    let step: fn(&Context<'_, 'c>, Value<'c>, Value<'c>) -> Value<'c> =
        match node.proto.string("direction")?.unwrap_or_default() {
            "LEFT" => |cx, x, power| cx.mul(x, power),
            "RIGHT" => |cx, x, power| cx.div(cx.sub(x, cx.apply("qonnx.mod", &[x, power])), power),
            other => return Err(node.error(format!("direction is {}, expected LEFT or RIGHT", quoted(other)))),
        };
    let power = |count| cx.apply("qonnx.pow", &[number(2), count]);
    let shifted = step(cx, step(cx, x, power(half)), power(cx.sub(count, half)));
    Ok(cx.cast(shifted, element))
}
