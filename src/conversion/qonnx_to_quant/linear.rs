//! QuantizeLinear, Clip and DequantizeLinear.

use super::{ZeroPoint, parameter, quantizer::Quantizer};
use crate::{
    conversion::parameters::Parameters,
    eval::{
        self, Tensor,
        convert::{constant_of, element_of, int_type},
    },
};
use ndarray::ArrayD;
use qonnx_dialect::{Element, Op, OpKind, Value, qonnx};

/// An operation that takes the codes of a QuantizeLinear and is neither DequantizeLinear nor Clip.
pub fn user_of_codes(op: Op<'_>) -> Option<Op<'_>> {
    let mut values = vec![op.result(0)];
    while let Some(value) = values.pop() {
        for (user, place) in value.uses() {
            match (user.kind(), place) {
                (OpKind::QonnxDequantizeLinear, 0) => {}
                (OpKind::QonnxClip, 0) => values.push(user.result(0)),
                _ => return Some(user),
            }
        }
    }
    None
}

/// Casts in place of a DequantizeLinear and what gives its codes.
///
/// # Errors
/// If no casts say it.
pub fn convert(op: Op<'_>, order: ZeroPoint) -> Result<(), String> {
    let (source, clips) = source_of(op.operand(0));
    let linear = Linear::of(op)?;
    let (low, high) = clipped(&clips, (linear.codes.range()).ok_or("has codes of more than 63 bits")?)?;
    let quantizer = |parameters: &Parameters| Quantizer {
        storage: Some(linear.codes),
        low,
        high,
        parameters: parameters.clone(),
        adds: (parameters.only_zero_point() != Some(0)).then_some(ZeroPoint::AfterRounding),
    };
    if let Some(codes) = known_codes(source)? {
        let codes = codes.mapv(|code| code.clamp(low, high));
        let location = source.defining_op().map_or(op.location(), |constant| constant.location());
        return quantizer(&linear.parameters).exact(codes.iter().copied())?.stored(&codes, op, location);
    }
    let quantize = source.defining_op().filter(|op| op.kind() == OpKind::QonnxQuantizeLinear);
    let quantize = quantize.ok_or("has codes that come neither from quantize_linear nor from a constant")?;
    let front = Linear::of(quantize)?;
    if front.codes != linear.codes {
        return Err("has codes of another type than the quantize_linear in front of it".into());
    }
    let (x, location) = (quantize.operand(0), quantize.location());
    let said = quantizer(&front.parameters).exact([low, high])?.said(order)?;
    if front == linear {
        return said.casts(x, op, location);
    }
    let moved = low - said.low;
    said.casts_to(quantizer(&linear.parameters).exact([low, high])?.moved(moved), x, op, location)
}

/// Where codes come from, and the Clips behind, the last one first.
fn source_of(codes: Value<'_>) -> (Value<'_>, Vec<qonnx::Clip<'_>>) {
    let (mut source, mut clips) = (codes, Vec::new());
    while let Some(clip) = source.defining_op().and_then(qonnx::Clip::of) {
        source = clip.x();
        clips.push(clip);
    }
    (source, clips)
}

/// What is left of a range of codes behind Clips.
fn clipped(clips: &[qonnx::Clip<'_>], range: (i64, i64)) -> Result<(i64, i64), String> {
    let bound = |value: Option<Value<'_>>, absent: i64| match value {
        Some(value) => Ok(parameter(value, "bound")?.only_value().map_err(|problem| problem.to_string())? as i64),
        None => Ok::<i64, String>(absent),
    };
    clips.iter().rev().try_fold(range, |(least, greatest), clip| {
        let (low, high) = (bound(clip.low(), i64::MIN)?, bound(clip.high(), i64::MAX)?);
        Ok((least.max(low).min(high), greatest.max(low).min(high)))
    })
}

/// Codes that are a constant, or a constant's.
fn known_codes(source: Value<'_>) -> Result<Option<ArrayD<i64>>, String> {
    let known = match source.defining_op().filter(|op| op.kind() == OpKind::QonnxQuantizeLinear) {
        None => constant_of(source),
        Some(op) => match op.operands().into_iter().map(constant_of).collect::<Option<Vec<Tensor>>>() {
            Some(operands) => {
                let results = eval::evaluate(op, &operands.iter().collect::<Vec<_>>());
                results.map_err(|problem| problem.to_string())?.into_iter().next()
            }
            None => None,
        },
    };
    known.map(|codes| codes.as_int().cloned().map_err(|problem| problem.to_string())).transpose()
}

/// What a QuantizeLinear and its DequantizeLinear agree on.
#[derive(PartialEq)]
struct Linear {
    codes: Element,
    parameters: Parameters,
}

impl Linear {
    fn of(op: Op<'_>) -> Result<Self, String> {
        let is_dequantizer = op.kind() == OpKind::QonnxDequantizeLinear;
        let (operand, result) = (op.operand(0).tensor_type(), op.result(0).tensor_type());
        let (Some(operand), Some(result)) = (operand, result) else {
            return Err("has values that are no tensors".into());
        };
        let (codes, float) = if is_dequantizer { (&operand, &result) } else { (&result, &operand) };
        let scale = parameter(op.operand(1), "scale")?;
        let (Some(ty), Element::F32, Tensor::F32(_)) = (int_type(codes.element), float.element, &scale) else {
            return Err("is not between integers and float32".into());
        };
        let zero_point = if op.operand_count() > 2 { Some(parameter(op.operand(2), "zero point")?) } else { None };
        let (shape, axis) = (codes.static_shape(), op.i64_attribute("axis"));
        let parameters = Parameters::along(&scale, zero_point.as_ref(), shape.as_deref(), axis)?;
        Ok(Self { codes: element_of(ty), parameters })
    }
}
