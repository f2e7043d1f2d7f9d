//! QuantizeLinear, Clip of codes, DequantizeLinear.

use super::{
    parameters::{all, exponent_of, parameter, scale_parameter},
    parts::Parts,
};
use crate::eval::{
    EvalError, Tensor,
    convert::{constant_of, hls_constant},
    evaluate,
    ops::quantize_linear::along_axis,
};
use qonnx_dialect::{Builder, Op, RoundingMode, Value, qonnx};

pub(super) fn split_quantize_linear(op: Op<'_>) -> Result<(), String> {
    let quant = qonnx::QuantizeLinear::of(op).ok_or("is no QuantizeLinear")?;
    let scale = scale_parameter(quant.scale())?;
    let zero_point = quant.zero_point().map(|zero| parameter("zero point", zero)).transpose()?;
    let element = op.result(0).tensor_type().ok_or("the result is no tensor")?.element;
    let (low, high) = element.range().ok_or_else(|| format!("{element} is no integer type"))?;
    if constant_of(quant.x()).is_some() {
        let tensors: Vec<Tensor> = op.operands().iter().filter_map(|operand| constant_of(*operand)).collect();
        let operands: Vec<&Tensor> = tensors.iter().collect();
        let codes = evaluate(op, &operands).map_err(text)?;
        let codes = codes.first().ok_or("has no result")?;
        let values = codes.to_i64_vec().map_err(text)?;
        // The users were given the file's type; they take any integers.
        op.replace(&[hls_constant(&Builder::before(op), codes.shape(), &values)]);
        return Ok(());
    }
    let parts = Parts::new(op)?;
    let scale = along_axis(&scale, &parts.shape, quant.axis()).map_err(text)?;
    let y = parts.scaled(quant.x(), &scale);
    let zero_point = match zero_point {
        Some(zero) => along_axis(&zero, &parts.shape, quant.axis()).map_err(text)?,
        None => Tensor::scalar_int(0),
    };
    let floats = Tensor::F32(zero_point.to_f32());
    let y = if all(&floats, 0.0) {
        y
    } else {
        let rounded = qonnx::Round::build(&parts.builder, y, [parts.float()]).result();
        parts.shifted(rounded, &floats)
    };
    let exponent = exponent_of(&scale).filter(|_| all(&floats, 0.0));
    let q = parts.quantize(y, RoundingMode::HalfEven, low as f32, high as f32, exponent)?;
    op.replace(&[q]);
    Ok(())
}

/// A Clip between QuantizeLinear and DequantizeLinear narrows the codes.
pub(super) fn join_clip(op: Op<'_>) -> Result<(), String> {
    let clip = qonnx::Clip::of(op).ok_or("is no Clip")?;
    let Some(ty) = clip.x().tensor_type().filter(|ty| !ty.element.is_float()) else { return Ok(()) };
    let (least, greatest) = ty.element.range().ok_or_else(|| format!("{} is no integer type", ty.element))?;
    let bound = |value: Option<Value<'_>>, absent: i64| match value {
        None => Ok(absent),
        Some(value) => parameter("bound", value)?.only_value().map(|bound| bound as i64).map_err(text),
    };
    let (low, high) = (bound(clip.low(), least)?, bound(clip.high(), greatest)?);
    if let Some(codes) = constant_of(clip.x()) {
        let values = codes.to_i64_vec().map_err(text)?;
        let clipped: Vec<i64> = values.into_iter().map(|code| code.max(low).min(high)).collect();
        op.replace(&[hls_constant(&Builder::before(op), codes.shape(), &clipped)]);
        return Ok(());
    }
    let Some(inner) = clip.x().defining_op().and_then(qonnx::Quantize::of) else {
        return Err("clips integers that come from no quantizer".into());
    };
    let parts = Parts::new(op)?;
    // Limits that leave no code give the nearer one of the Clip, and the upper one if they are the wrong way round.
    let clipped = |limit: f32| limit.max(low as f32).min(high as f32);
    let (low, high) = (clipped(inner.low()), clipped(inner.high()));
    let q = parts.quantize(inner.x(), inner.rounding(), low, high, inner.exponent())?;
    op.replace(&[q]);
    Ok(())
}

pub(super) fn split_dequantize_linear(op: Op<'_>) -> Result<(), String> {
    let quant = qonnx::DequantizeLinear::of(op).ok_or("is no DequantizeLinear")?;
    let parts = Parts::new(op)?;
    let scale = along_axis(&scale_parameter(quant.scale())?, &parts.shape, quant.axis()).map_err(text)?;
    let zero_point = match quant.zero_point() {
        Some(zero) => along_axis(&parameter("zero point", zero)?, &parts.shape, quant.axis()).map_err(text)?,
        None => Tensor::scalar_int(0),
    };
    let x = match constant_of(quant.x()) {
        // Integer constants are the hardware's: in the narrowest type.
        Some(codes) => {
            let values = codes.to_i64_vec().map_err(text)?;
            hls_constant(&parts.builder, codes.shape(), &values)
        }
        None => quant.x(),
    };
    let result = parts.unscaled(x, &Tensor::F32(zero_point.to_f32()), &scale)?;
    op.replace(&[result]);
    Ok(())
}

fn text(problem: EvalError) -> String {
    problem.to_string()
}
