//! Quant and BipolarQuant.

use super::{
    parameters::{all, exponent_of, float_zero_point, parameter, scale_parameter},
    parts::Parts,
    promoted::PromotedQuant,
};
use crate::eval::{
    Tensor,
    convert::{constant_of, hls_constant},
    evaluate,
    ops::quant,
};
use qonnx_dialect::{Builder, Op, qonnx};

pub(super) fn split_quant(quant: qonnx::Quant<'_>) -> Result<(), String> {
    let op = quant.op();
    if let Some(promoted) = PromotedQuant::of(quant)? {
        return promoted.split(quant);
    }
    let scale = scale_parameter(quant.scale())?;
    let zero_point = float_zero_point(parameter("zero point", quant.zero_point())?)?;
    let width = parameter("bit width", quant.bit_width())?;
    let width = width.only_value().map_err(|_| format!("the bit width has {} elements, expected one", width.len()))?;
    if !(1.0..=62.0).contains(&width) {
        return Err(format!("the bit width is {width}, expected 1 to 62"));
    }
    if let Some(input) = constant_of(quant.x()) {
        return quantize_constant(op, &input, &scale);
    }
    let parts = Parts::new(op)?;
    let y = parts.shifted(parts.scaled(quant.x(), &scale), &zero_point);
    let exponent = exponent_of(&scale).filter(|_| all(&zero_point, 0.0));
    let q = if quant.is_signed() && width == 1.0 {
        parts.binarize(y, exponent)
    } else {
        let (low, high) = quant::limits(quant.is_signed(), quant.narrow(), width as f32);
        parts.quantize(y, quant.rounding(), low, high, exponent)?
    };
    let result = parts.unscaled(q, &zero_point, &scale)?;
    op.replace(&[result]);
    Ok(())
}

/// The codes of a quantized constant, from the quantizer's own result: the reference
/// computes `code * scale`, so the code is the nearest integer to `y / scale`.
pub(super) fn quantize_constant(op: Op<'_>, input: &Tensor, scale: &Tensor) -> Result<(), String> {
    let tensors: Vec<Tensor> = op.operands().iter().skip(1).filter_map(|operand| constant_of(*operand)).collect();
    let mut operands = vec![input];
    operands.extend(&tensors);
    let result = evaluate(op, &operands).map_err(|problem| problem.to_string())?;
    let result = result.first().ok_or("has no result")?;
    let shape = result.shape().to_vec();
    let parts = Parts { builder: Builder::before(op), shape: shape.clone() };
    let codes = codes_of(result, scale)?;
    let q = hls_constant(&parts.builder, &shape, &codes);
    let y = parts.unscaled(q, &Tensor::scalar(0.0), scale)?;
    op.replace(&[y]);
    Ok(())
}

/// `values / scale` as integers, checked by multiplying back.
pub(super) fn codes_of(values: &Tensor, scale: &Tensor) -> Result<Vec<i64>, String> {
    let values = values.as_f32().map_err(|problem| problem.to_string())?;
    let scale = scale.as_f32().map_err(|problem| problem.to_string())?;
    let broadcast = scale.broadcast(values.raw_dim()).ok_or("the scale does not broadcast to the weights")?;
    let mut codes = Vec::with_capacity(values.len());
    for (value, scale) in values.iter().zip(broadcast.iter()) {
        let code = (f64::from(*value) / f64::from(*scale)).round();
        if !code.is_finite() || code as f32 * *scale != *value {
            return Err(format!(
                "the quantized constant {value} is no multiple of its scale {scale}; is its zero point an integer?"
            ));
        }
        codes.push(code as i64);
    }
    Ok(codes)
}

pub(super) fn split_bipolar(quant: qonnx::BipolarQuant<'_>) -> Result<(), String> {
    let op = quant.op();
    let scale = scale_parameter(quant.scale())?;
    if let Some(input) = constant_of(quant.x()) {
        return quantize_constant(op, &input, &scale);
    }
    let parts = Parts::new(op)?;
    let q = parts.binarize(quant.x(), exponent_of(&scale));
    let result = parts.unscaled(q, &Tensor::scalar(0.0), &scale)?;
    op.replace(&[result]);
    Ok(())
}
