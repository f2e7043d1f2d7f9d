//! The meaning of quantizers and their parts.

use super::{
    operand, rounding_of,
    types::{result_element, result_int},
};
use crate::eval::{
    ops::{
        elementwise,
        float_quant::{self, FloatFormat, FloatQuantParams, Minifloat},
        layout, multi_threshold,
        quant::{self, QuantParams, Quantizer},
        quantize_linear,
        trunc::{self, TruncParams},
        unscale,
    },
    tensor::{EvalError, Tensor},
};
use qonnx_dialect::{Op, OpKind, qonnx};

/// The result of a quantizer.
pub(super) fn evaluate(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    match op.kind() {
        OpKind::QonnxQuant => {
            let quant = qonnx::Quant::of(op).ok_or_else(|| EvalError::Value("is no Quant".into()))?;
            let params = QuantParams {
                signed: quant.is_signed(),
                narrow: quant.narrow(),
                rounding: rounding_of(quant.rounding()),
            };
            quant::quant(first()?, second()?, operand(x, 2)?, operand(x, 3)?, params)
        }
        OpKind::QonnxTrunc => {
            let rounding = qonnx::Trunc::of(op).map(|trunc| rounding_of(trunc.rounding()));
            let rounding = rounding.ok_or_else(|| EvalError::Value("is no Trunc".into()))?;
            trunc::trunc_v1(first()?, second()?, operand(x, 2)?, operand(x, 3)?, operand(x, 4)?, rounding)
        }
        OpKind::QonnxTruncToScale => trunc_to_scale(op, x),
        OpKind::QonnxFloatQuant => float_quant(op, x),
        OpKind::QonnxBipolarQuant => quant::bipolar_quant(first()?, second()?),
        OpKind::QonnxMultiThreshold => {
            let axis = layout::axis_index(op.i64_attribute("channel_axis"), first()?.rank())?;
            let (scale, bias) = (op.f32_attribute("out_scale"), op.f32_attribute("out_bias"));
            multi_threshold::multi_threshold(first()?, second()?, scale, bias, axis)
        }
        OpKind::QonnxCountThresholds => {
            let axis = layout::axis_index(op.i64_attribute("channel_axis"), first()?.rank())?;
            let counts = multi_threshold::multi_threshold(first()?, second()?, 1.0, 0.0, axis)?;
            Ok(elementwise::cast(&counts, result_element(op, 0)?))
        }
        OpKind::QonnxQuantizeLinear => {
            let ty = result_int(op)?;
            quantize_linear::quantize_linear(first()?, second()?, x.get(2).copied(), ty, op.i64_attribute("axis"))
        }
        OpKind::QonnxDequantizeLinear => {
            quantize_linear::dequantize_linear(first()?, second()?, x.get(2).copied(), op.i64_attribute("axis"))
        }
        OpKind::QonnxQuantize => quantize(op, first()?),
        OpKind::QonnxQuantizeMinifloat => {
            let minifloat = minifloat_of(op).ok_or_else(|| EvalError::Value("is no minifloat".into()))?;
            codes(op, first()?, |value| minifloat.code(value))
        }
        OpKind::QonnxBinarize => {
            let codes = first()?.to_f32().mapv(|v| if v >= 0.0 { 1 } else { -1 });
            Ok(Tensor::Int(result_int(op)?, codes))
        }
        OpKind::QonnxUnscale => {
            let scales: Vec<Tensor> = x.iter().skip(1).map(|t| (*t).clone()).collect();
            unscale::unscale(first()?, &scales, None)
        }
        _ => Err(EvalError::Value(format!("{} cannot be evaluated", op.name()))),
    }
}

fn quantize(op: Op<'_>, x: &Tensor) -> Result<Tensor, EvalError> {
    let quantize = qonnx::Quantize::of(op).ok_or_else(|| EvalError::Value("is no quantize".into()))?;
    let quantizer = Quantizer::with_limits(quantize.low(), quantize.high(), rounding_of(quantize.rounding()));
    codes(op, x, |value| quantizer.code(value))
}

/// Codes of floats, which must all have one.
fn codes(op: Op<'_>, x: &Tensor, code: impl Fn(f32) -> f32) -> Result<Tensor, EvalError> {
    let codes = x.to_f32().mapv(code);
    if codes.iter().any(|code| code.is_nan()) {
        return Err(EvalError::Value("NaN has no integer code".into()));
    }
    Ok(Tensor::Int(result_int(op)?, codes.mapv(|code| code as i64)))
}

fn trunc_to_scale(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let trunc = qonnx::TruncToScale::of(op).ok_or_else(|| EvalError::Value("is no Trunc".into()))?;
    let params =
        TruncParams { signed: trunc.is_signed(), narrow: trunc.narrow(), rounding: rounding_of(trunc.rounding()) };
    // The input width says nothing that the scales do not.
    trunc::trunc_v2(operand(x, 0)?, operand(x, 1)?, operand(x, 2)?, operand(x, 4)?, operand(x, 5)?, params)
}

/// The minifloats that an operation gives.
pub fn minifloat_of(op: Op<'_>) -> Option<Minifloat> {
    let quantize = qonnx::QuantizeMinifloat::of(op)?;
    Some(Minifloat {
        mantissa: quantize.mantissa(),
        least: quantize.least(),
        maximum: quantize.maximum(),
        saturation: quantize.saturation(),
        rounding: rounding_of(quantize.rounding()),
    })
}

fn float_quant(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let quant = qonnx::FloatQuant::of(op).ok_or_else(|| EvalError::Value("is no FloatQuant".into()))?;
    let parameter = |index| operand(x, index)?.only_value();
    let format = FloatFormat {
        exponent_width: parameter(2)?,
        mantissa_width: parameter(3)?,
        exponent_bias: parameter(4)?,
        max_value: parameter(5)?,
    };
    let params = FloatQuantParams {
        has_inf: quant.has_inf(),
        has_nan: quant.has_nan(),
        saturation: quant.saturation(),
        rounding: rounding_of(quant.rounding()),
    };
    float_quant::float_quant(operand(x, 0)?, operand(x, 1)?, format, params)
}
