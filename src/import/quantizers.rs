//! QONNX's quantizers in every domain that exporters use, and ONNX's own.

use super::{
    ImportError,
    node::{Context, Node, element_of},
    tensors,
};
use crate::eval::ops::multi_threshold;
use qonnx_dialect::{Element, RoundingMode, Value, qonnx};

/// Imports a quantizer of QONNX, FINN or Brevitas.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "Quant" | "IntQuant" => quant(cx, node)?,
        "BipolarQuant" => {
            let (x, scale) = (node.operand(0)?, node.operand(1)?);
            qonnx::BipolarQuant::build(&cx.builder, x, scale, [cx.like(x)]).result()
        }
        "Trunc" | "TruncQuant" => trunc(cx, node)?,
        "FloatQuant" => float_quant(cx, node)?,
        "MultiThreshold" => multi_threshold(cx, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// Imports QuantizeLinear and DequantizeLinear, per tensor or per axis.
pub fn import_onnx<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if node.proto.int("block_size")?.is_some_and(|size| size != 0) {
        return Ok(None);
    }
    let axis = node.proto.int("axis")?.unwrap_or(1);
    let value = match node.op_type() {
        "QuantizeLinear" => {
            let (x, scale, zero_point) = (node.operand(0)?, node.operand(1)?, node.optional(2));
            let Some(element) = quantized_element(node, zero_point)? else { return Ok(None) };
            qonnx::QuantizeLinear::build(&cx.builder, x, scale, zero_point, axis, [cx.unranked(element)]).result()
        }
        "DequantizeLinear" => {
            let (x, scale, zero_point) = (node.operand(0)?, node.operand(1)?, node.optional(2));
            if node
                .proto
                .int("output_dtype")?
                .is_some_and(|ty| ty != 0 && tensors::element_of_number(ty) != Some(element_of(scale)))
            {
                return Ok(None);
            }
            qonnx::DequantizeLinear::build(&cx.builder, x, scale, zero_point, axis, [cx.like(scale)]).result()
        }
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// The type of the zero point, of `output_dtype` where there is none, or uint8; None where that is a float, or
/// the quotient is to have a precision of its own.
fn quantized_element<'c>(node: &Node<'_, 'c>, zero_point: Option<Value<'c>>) -> Result<Option<Element>, ImportError> {
    let number = |name| Ok::<_, ImportError>(node.proto.int(name)?.filter(|number| *number != 0));
    let declared = number("output_dtype")?;
    let element = match (zero_point.map(element_of), declared) {
        (Some(element), _) => element,
        (None, Some(number)) => return Ok(tensors::element_of_number(number).filter(|element| !element.is_float())),
        (None, None) => Element::Int { width: 8, signed: false },
    };
    if declared.is_some_and(|number| tensors::element_of_number(number) != Some(element)) {
        return Err(node.error(format!("output_dtype and the zero point, which is {element}, name different types")));
    }
    let taken = !element.is_float() && number("precision")?.is_none_or(|number| number == 1);
    Ok(taken.then_some(element))
}

fn quant<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let [x, scale, zero_point, width] = [node.operand(0)?, node.operand(1)?, node.operand(2)?, node.operand(3)?];
    // The reference raises where these are absent; 1 and 0 are QONNX's documented defaults.
    let signed = node.proto.int("signed")?.unwrap_or(1) != 0;
    let narrow = node.proto.int("narrow")?.unwrap_or(0) != 0;
    let rounding = rounding_mode(node, node.proto.string("rounding_mode")?.unwrap_or("ROUND"))?;
    let op = qonnx::Quant::build(&cx.builder, x, scale, zero_point, width, rounding, signed, narrow, [cx.like(x)]);
    Ok(op.result())
}

/// The version is that of QONNX's own domain, whatever the number of operands and the node's domain.
fn trunc<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let [x, scale, zero_point, in_bits] = [node.operand(0)?, node.operand(1)?, node.operand(2)?, node.operand(3)?];
    let mode = node.proto.string("rounding_mode")?.ok_or_else(|| node.error("has no rounding_mode"))?;
    let rounding = rounding_mode(node, mode)?;
    if cx.qonnx_version < 2 {
        let out_bits = node.operand(4)?;
        let ty = cx.like(x);
        return Ok(qonnx::Trunc::build(&cx.builder, x, scale, zero_point, in_bits, out_bits, rounding, [ty]).result());
    }
    let (out_scale, out_bits) = (node.operand(4)?, node.optional(5));
    let out_bits = out_bits.ok_or_else(|| {
        node.error("operand 5 is missing: since version 2 of qonnx.custom_op.general there are 6, scale before width")
    })?;
    let (signed, narrow) = (node.flag("signed", 1)?, node.flag("narrow", 0)?);
    let op = qonnx::TruncToScale::build(
        &cx.builder,
        x,
        scale,
        zero_point,
        in_bits,
        out_scale,
        out_bits,
        rounding,
        signed,
        narrow,
        [cx.like(x)],
    );
    Ok(op.result())
}

/// The flags have no default: the reference raises where one is absent.
fn float_quant<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let flag = |name| match node.proto.int(name)? {
        Some(_) => node.flag(name, 0),
        None => Err(node.error(format!("has no {name}"))),
    };
    flag("has_subnormal")?;
    let (has_inf, has_nan, saturation) = (flag("has_inf")?, flag("has_nan")?, flag("saturation")?);
    let rounding = rounding_mode(node, node.proto.string("rounding_mode")?.unwrap_or("ROUND"))?;
    let (x, scale) = (node.operand(0)?, node.operand(1)?);
    let [exponent, mantissa, bias, maximum] = [node.operand(2)?, node.operand(3)?, node.operand(4)?, node.operand(5)?];
    let op = qonnx::FloatQuant::build(
        &cx.builder,
        x,
        scale,
        exponent,
        mantissa,
        bias,
        maximum,
        rounding,
        has_inf,
        has_nan,
        saturation,
        [cx.like(x)],
    );
    Ok(op.result())
}

fn rounding_mode(node: &Node<'_, '_>, word: &str) -> Result<RoundingMode, ImportError> {
    Ok(match word.to_ascii_uppercase().as_str() {
        "ROUND" | "HALF_EVEN" => RoundingMode::HalfEven,
        "CEIL" => RoundingMode::Ceil,
        "FLOOR" => RoundingMode::Floor,
        "UP" => RoundingMode::Up,
        "DOWN" => RoundingMode::Down,
        "HALF_UP" => RoundingMode::HalfUp,
        "HALF_DOWN" => RoundingMode::HalfDown,
        _ => {
            let modes = "ROUND, HALF_EVEN, CEIL, FLOOR, UP, DOWN, HALF_UP or HALF_DOWN";
            return Err(node.error(format!("rounding_mode is {}, expected {modes}", crate::onnx::quoted(word))));
        }
    })
}

/// The channel axis is the one of C in `data_layout`, or by rank where there is none.
fn multi_threshold<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, thresholds) = (node.operand(0)?, node.operand(1)?);
    let scale = node.proto.float("out_scale")?.unwrap_or(1.0);
    let bias = node.proto.float("out_bias")?.unwrap_or(0.0);
    let rank = x.tensor_type().and_then(|ty| ty.shape).map(|shape| shape.len());
    let rank = rank.ok_or_else(|| node.error("the operand's rank is not known"))?;
    let layout = node.proto.string("data_layout")?.filter(|layout| !layout.is_empty());
    let axis = multi_threshold::channel_axis(rank, layout).map_err(|problem| node.error(problem.to_string()))?;
    let ty = cx.like(x);
    Ok(qonnx::MultiThreshold::build(&cx.builder, x, thresholds, scale, bias, axis as i64, [ty]).result())
}
