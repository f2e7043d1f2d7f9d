//! Floats of 8 and 4 bits: Cast to them, QuantizeLinear and DequantizeLinear.
//!
//! Tensors of such floats become float32 tensors of the same values; constants keep the name of
//! their type in an attribute. Cast and QuantizeLinear round to the format; DequantizeLinear is a
//! product, for a zero point other than 0 makes no sense here.

use super::{
    ImportError,
    node::{Context, Node, element_of},
};
use crate::onnx::ElementType;
use qonnx_dialect::{Element, RoundingMode, Value, qonnx};

/// The attribute of a constant that the file has in a narrower float.
pub const ELEMENT: &str = "qonnx.element";

/// A format of floats: bits of exponent and mantissa, bias, greatest number; whether there is something beyond.
struct Format {
    exponent: f32,
    mantissa: f32,
    bias: f32,
    greatest: f32,
    infinite: bool,
    limited: bool,
}

/// What sets a type apart.
const FORMATS: [(ElementType, Format); 5] = [
    (ElementType::Float8E4M3Fn, format(4.0, 3.0, 7.0, 448.0)),
    (ElementType::Float8E4M3Fnuz, format(4.0, 3.0, 8.0, 240.0)),
    (ElementType::Float8E5M2, Format { infinite: true, ..format(5.0, 2.0, 15.0, 57344.0) }),
    (ElementType::Float8E5M2Fnuz, format(5.0, 2.0, 16.0, 57344.0)),
    (ElementType::Float4E2M1, Format { limited: true, ..format(2.0, 1.0, 1.0, 6.0) }),
];

/// A format with NaN, but without infinities.
const fn format(exponent: f32, mantissa: f32, bias: f32, greatest: f32) -> Format {
    Format { exponent, mantissa, bias, greatest, infinite: false, limited: false }
}

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
    match node.optional(2).and_then(format_of_value) {
        None => Ok(format_of_number(node.proto.int("output_dtype")?)),
        known => Ok(known),
    }
}

fn format_of_value(value: Value<'_>) -> Option<&'static Format> {
    value.defining_op().and_then(|op| op.optional_str_attribute(ELEMENT)).and_then(format_named)
}

fn format_of_number(number: Option<i64>) -> Option<&'static Format> {
    let element = number.and_then(|number| i32::try_from(number).ok()).and_then(ElementType::from_onnx)?;
    format_named(&element.to_string())
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
    Ok(Some(rounded(cx, cx.div(x, scale), format, true)))
}

/// `x` in a format. Beyond the greatest number that, or else infinity or NaN, as the format has them.
fn rounded<'c>(cx: &Context<'_, 'c>, x: Value<'c>, format: &Format, saturate: bool) -> Value<'c> {
    let saturate = saturate || format.limited;
    // FloatQuant makes NaN of infinities; here they are large numbers.
    let bound = if saturate { format.greatest } else { 2.0 * format.greatest };
    let (low, high) = (cx.scalar(-bound), cx.scalar(bound));
    let limited = qonnx::Clip::build(&cx.builder, x, Some(low), Some(high), [cx.like(x)]).result();
    let [exponent, mantissa, bias] = [format.exponent, format.mantissa, format.bias].map(|number| cx.scalar(number));
    let (one, greatest, mode) = (cx.scalar(1.0), cx.scalar(format.greatest), RoundingMode::HalfEven);
    let (inf, nan, ty) = (format.infinite, !format.infinite, cx.like(x));
    let op = qonnx::FloatQuant::build(
        &cx.builder,
        limited,
        one,
        exponent,
        mantissa,
        bias,
        greatest,
        mode,
        inf,
        nan,
        saturate,
        [ty],
    );
    op.result()
}

/// Imports Cast to the type of a number, or CastLike to that of a constant; None if it is no such float.
pub fn cast<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, to: Option<i64>) -> Result<Option<Value<'c>>, ImportError> {
    let Some(format) = (match to {
        Some(number) => format_of_number(Some(number)),
        None => format_of_value(node.operand(1)?),
    }) else {
        return Ok(None);
    };
    // NaN has no value there.
    if format.limited {
        return Ok(None);
    }
    let x = cx.cast(node.operand(0)?, Element::F32);
    Ok(Some(rounded(cx, x, format, node.flag("saturate", 1)?)))
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
    // The scale's type is the result's.
    Ok(Some(cx.cast(cx.mul(x, cx.cast(scale, Element::F32)), element_of(scale))))
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
