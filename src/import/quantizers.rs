//! QONNX's quantizers in every domain that exporters use, and ONNX's own.

use super::{
    ImportError, minifloats,
    node::{Context, Node, element_of},
    tensors,
};
use crate::eval::{
    convert::qonnx_constant,
    ops::{multi_threshold, quantize_linear::per_element},
};
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

/// Imports QuantizeLinear and DequantizeLinear, per tensor, per axis or in blocks along an axis.
pub fn import_onnx<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if !["QuantizeLinear", "DequantizeLinear"].contains(&node.op_type()) {
        return Ok(None);
    }
    let axis = node.proto.int("axis")?.unwrap_or(1);
    let Some((x, scale, zero_point)) = linear_operands(cx, node, axis)? else { return Ok(None) };
    let value = if node.op_type() == "QuantizeLinear" {
        if let Some(value) = minifloats::quantize_linear(cx, node, (x, scale, axis))? {
            return Ok(Some(vec![value]));
        }
        let Some(element) = quantized_element(node, zero_point)? else { return Ok(None) };
        qonnx::QuantizeLinear::build(&cx.builder, x, scale, zero_point, axis, [cx.unranked(element)]).result()
    } else {
        let declared = node.proto.int("output_dtype")?.filter(|ty| *ty != 0);
        if declared.is_some_and(|ty| tensors::element_of_number(ty) != Some(element_of(scale))) {
            return Ok(None);
        }
        if element_of(x).is_float() {
            let value = minifloats::dequantize_linear(cx, node, (x, scale, axis))?;
            return Ok(value.map(|value| vec![value]));
        }
        qonnx::DequantizeLinear::build(&cx.builder, x, scale, zero_point, axis, [cx.like(scale)]).result()
    };
    Ok(Some(vec![value]))
}

type LinearOperands<'c> = (Value<'c>, Value<'c>, Option<Value<'c>>);

/// Operand, scale and zero point; those that are one a block are written out as one an element.
/// None where they are not known.
fn linear_operands<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    axis: i64,
) -> Result<Option<LinearOperands<'c>>, ImportError> {
    let (x, scale, zero_point) = (node.operand(0)?, node.operand(1)?, node.optional(2));
    let block = match node.proto.int("block_size")?.unwrap_or(0) {
        0 => return Ok(Some((x, scale, zero_point))),
        size => usize::try_from(size).map_err(|_| node.error(format!("block_size is {size}, expected 0 or more")))?,
    };
    let shape = x.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
    let place = node.axis(axis, shape.len())?;
    let Some(extent) = shape.get(place).copied().flatten() else { return Ok(None) };
    let written_out = |value: Value<'c>| -> Result<_, ImportError> {
        let Some(tensor) = cx.known(value) else { return Ok(None) };
        let tensor = per_element(&tensor, axis, block, extent).map_err(|problem| node.error(problem))?;
        Ok(Some(qonnx_constant(&cx.builder, &tensor)))
    };
    let Some(scale) = written_out(scale)? else { return Ok(None) };
    let Some(zero_point) = zero_point else { return Ok(Some((x, scale, None))) };
    Ok(written_out(zero_point)?.map(|zero_point| (x, scale, Some(zero_point))))
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
    let axis = multi_threshold::channel_axis(rank, layout).map_err(|problem| node.error(problem))?;
    let ty = cx.like(x);
    Ok(qonnx::MultiThreshold::build(&cx.builder, x, thresholds, scale, bias, axis as i64, [ty]).result())
}
