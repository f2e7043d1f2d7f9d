//! Trunc of both versions.

use super::{
    parameters::{all, exponent_of, float_zero_point, parameter, scale_parameter},
    parts::Parts,
    quant::quantize_constant,
};
use crate::eval::{
    Tensor,
    convert::constant_of,
    ops::{broadcast, quant},
};
use qonnx_dialect::qonnx;

/// Codes of a Trunc of version 1 are not clamped: beyond this magnitude float32 has no
/// neighbours to tell apart anyway.
pub(super) const UNCLAMPED: f32 = (1u64 << 40) as f32;

pub(super) fn split_trunc(trunc: qonnx::Trunc<'_>) -> Result<(), String> {
    let op = trunc.op();
    let scale = scale_parameter(trunc.scale())?;
    let zero_point = float_zero_point(parameter("zero point", trunc.zero_point())?)?;
    let bits = |name, value| parameter(name, value)?.only_value().map_err(|problem| problem.to_string());
    let dropped = bits("input width", trunc.in_bits())? - bits("output width", trunc.out_bits())?;
    let divisor = Tensor::scalar(2f32.powf(dropped as f32));
    if let Some(input) = constant_of(trunc.x()) {
        return quantize_constant(op, &input, &scale);
    }
    let parts = Parts::new(op)?;
    let y = parts.truncated(trunc.x(), &scale, &zero_point, &divisor);
    let exponent = exponent_of(&scale).filter(|_| all(&zero_point, 0.0));
    let q = parts.quantize(y, trunc.rounding(), -UNCLAMPED, UNCLAMPED, exponent)?;
    let result = parts.unscaled(q, &zero_point, &scale)?;
    op.replace(&[result]);
    Ok(())
}

pub(super) fn split_trunc_to_scale(trunc: qonnx::TruncToScale<'_>) -> Result<(), String> {
    let op = trunc.op();
    let (scale, result_scale) = (scale_parameter(trunc.scale())?, scale_parameter(trunc.out_scale())?);
    let zero_point = float_zero_point(parameter("zero point", trunc.zero_point())?)?;
    let width = parameter("output width", trunc.out_bits())?;
    let width = width.only_value().map_err(|problem| problem.to_string())?;
    if !(1.0..=62.0).contains(&width) {
        return Err(format!("the output width is {width}, expected 1 to 62"));
    }
    if let Some(input) = constant_of(trunc.x()) {
        return quantize_constant(op, &input, &result_scale);
    }
    let parts = Parts::new(op)?;
    // The nearest power of two to the scales' ratio, as the reference finds it in float32.
    let power = |out: f32, scale: f32| 2f32.powf((out / scale).log2().round_ties_even());
    let divisor = broadcast::zip(&result_scale.to_f32(), &scale.to_f32(), power).map_err(|p| p.to_string())?;
    let offset = broadcast::zip(&zero_point.to_f32(), &divisor, |zero, by| zero / by).map_err(|p| p.to_string())?;
    let (divisor, offset) = (Tensor::F32(divisor), Tensor::F32(offset));
    let y = parts.truncated(trunc.x(), &scale, &zero_point, &divisor);
    let (low, high) = quant::limits(trunc.is_signed(), trunc.narrow(), width as f32);
    let exponent = exponent_of(&result_scale).filter(|_| all(&offset, 0.0));
    let q = parts.quantize(y, trunc.rounding(), low, high, exponent)?;
    let result = parts.unscaled(q, &offset, &result_scale)?;
    op.replace(&[result]);
    Ok(())
}
