//! QuantizeLinear and DequantizeLinear of floats of 8 bits.
//!
//! Tensors of such floats become float32 tensors of the same values; constants keep the name of
//! their type in an attribute. QuantizeLinear divides and rounds to the format, saturating;
//! DequantizeLinear is a product, for a zero point other than 0 makes no sense here.

use super::{
    ImportError,
    node::{Context, Node},
};
use crate::onnx::ElementType;
use qonnx_dialect::{RoundingMode, Value, qonnx};

/// The attribute of a constant that the file has in a narrower float.
pub const ELEMENT: &str = "qonnx.element";

/// A format of floats: bits of exponent and mantissa, bias, greatest number.
struct Format {
    exponent: f32,
    mantissa: f32,
    bias: f32,
    greatest: f32,
}

/// What sets a type apart.
const FORMATS: [(ElementType, Format); 4] = [
    (ElementType::Float8E4M3Fn, Format { exponent: 4.0, mantissa: 3.0, bias: 7.0, greatest: 448.0 }),
    (ElementType::Float8E4M3Fnuz, Format { exponent: 4.0, mantissa: 3.0, bias: 8.0, greatest: 240.0 }),
    (ElementType::Float8E5M2, Format { exponent: 5.0, mantissa: 2.0, bias: 15.0, greatest: 57344.0 }),
    (ElementType::Float8E5M2Fnuz, Format { exponent: 5.0, mantissa: 2.0, bias: 16.0, greatest: 57344.0 }),
];

/// Whether tensors of this type are taken as float32.
pub fn is_minifloat(element: ElementType) -> bool {
    FORMATS.iter().any(|(known, _)| *known == element)
}

/// Whether a value's floats are narrower in the file than here.
pub fn is_narrower(value: Value<'_>) -> bool {
    value.defining_op().is_some_and(|op| {
        op.optional_str_attribute(ELEMENT).is_some() || op.kind() == qonnx_dialect::OpKind::QonnxFloatQuant
    })
}

fn format_named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|(element, _)| element.to_string() == name).map(|(_, format)| format)
}

/// The format of QuantizeLinear's result: that of the zero point, or of `output_dtype`.
fn target(node: &Node<'_, '_>) -> Result<Option<&'static Format>, ImportError> {
    let name = node.optional(2).and_then(Value::defining_op).and_then(|op| op.optional_str_attribute(ELEMENT));
    if let Some(name) = name {
        return Ok(format_named(name));
    }
    let number = node.proto.int("output_dtype")?.and_then(|number| i32::try_from(number).ok());
    let element = number.and_then(ElementType::from_onnx);
    Ok(element.and_then(|element| format_named(&element.to_string())))
}

/// Imports QuantizeLinear to a format of floats; None if it is to another type, or does not
/// saturate: infinities and NaN are no codes.
pub fn quantize_linear<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    (x, scale, axis): (Value<'c>, Value<'c>, i64),
) -> Result<Option<Value<'c>>, ImportError> {
    let Some(format) = target(node)?.filter(|_| is_zero(cx, node)) else { return Ok(None) };
    if !node.flag("saturate", 1)? {
        return Ok(None);
    }
    let scale = along_axis(cx, node, x, scale, axis)?;
    let quotient = cx.div(x, scale);
    let (low, high) = (cx.scalar(-format.greatest), cx.scalar(format.greatest));
    // FloatQuant makes NaN of infinities; here they saturate.
    let limited = qonnx::Clip::build(&cx.builder, quotient, Some(low), Some(high), [cx.like(x)]).result();
    let [exponent, mantissa, bias] = [format.exponent, format.mantissa, format.bias].map(|number| cx.scalar(number));
    let (one, mode) = (cx.scalar(1.0), RoundingMode::HalfEven);
    let (inf, nan, saturate) = (false, true, true);
    let ty = cx.like(x);
    let op = qonnx::FloatQuant::build(
        &cx.builder,
        limited,
        one,
        exponent,
        mantissa,
        bias,
        high,
        mode,
        inf,
        nan,
        saturate,
        [ty],
    );
    Ok(Some(op.result()))
}

/// Imports DequantizeLinear of such floats; None where there is a zero point.
pub fn dequantize_linear<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    (x, scale, axis): (Value<'c>, Value<'c>, i64),
) -> Result<Option<Value<'c>>, ImportError> {
    if !is_zero(cx, node) {
        return Ok(None);
    }
    let scale = along_axis(cx, node, x, scale, axis)?;
    Ok(Some(cx.mul(x, scale)))
}

fn is_zero(cx: &Context<'_, '_>, node: &Node<'_, '_>) -> bool {
    let zeros = |zero| cx.known(zero).is_some_and(|zero| zero.to_f64().iter().all(|zero| *zero == 0.0));
    node.optional(2).is_none_or(zeros)
}

/// A vector in a shape that broadcasts along an axis of x.
fn along_axis<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
    scale: Value<'c>,
    axis: i64,
) -> Result<Value<'c>, ImportError> {
    let extent = scale.tensor_type().and_then(|ty| ty.static_shape()).filter(|shape| shape.len() == 1);
    if extent.is_none_or(|shape| shape == [1]) {
        return Ok(scale);
    }
    let rank = node.rank(x)?;
    let axis = node.axis(axis, rank)?;
    let mut shape = vec![1; rank];
    shape[axis] = -1;
    Ok(cx.reshape(scale, &shape))
}
