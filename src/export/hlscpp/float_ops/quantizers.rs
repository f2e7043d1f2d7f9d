//! ONNX's own quantizers and QONNX's FloatQuant.

use super::{
    axis_of,
    printer::{FloatPrinter, Scalar, float},
    quoted,
};
use crate::eval::ops::float_quant::FloatFormat;
use crate::export::hlscpp::{ExportError, code::Axis, number};
use qonnx_dialect::{Op, RoundingMode, Value, constants::Elements, qonnx};

/// The function that rounds.
pub(super) fn rounding(mode: RoundingMode) -> &'static str {
    match mode.keyword() {
        "ceil" => "std::ceil",
        "floor" => "std::floor",
        "up" => "float_math::up",
        "down" => "float_math::down",
        "half_up" => "float_math::half_up",
        "half_down" => "float_math::half_down",
        _ => "float_math::half_even",
    }
}

/// `x / scale` rounded to a minifloat, times `scale`.
pub(super) fn float_quant<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let Some(view) = qonnx::FloatQuant::of(op) else { return Err(ExportError::node(op, "is no FloatQuant")) };
    let [exponent_width, mantissa_width, exponent_bias, max_value] =
        [view.exponent_bits(), view.mantissa_bits(), view.exponent_bias(), view.max_value()]
            .map(|value| parameter(printer, op, value));
    let format = FloatFormat {
        exponent_width: exponent_width?,
        mantissa_width: mantissa_width?,
        exponent_bias: exponent_bias?,
        max_value: max_value?,
    };
    let maximum = float(format.maximum() as f32);
    let beyond = match (view.saturation(), view.has_inf(), view.has_nan()) {
        (true, ..) => maximum.clone(),
        (_, true, _) => float(f32::INFINITY),
        (.., true) => float(f32::NAN),
        _ => {
            let problem = "has saturation = 0 and neither has_inf nor has_nan: set one of the three";
            return Err(ExportError::node(op, problem));
        }
    };
    let mantissa = float(format.mantissa_width as f32);
    let least = float((1.0 - format.exponent_bias - format.mantissa_width) as f32);
    let rounding = rounding(view.rounding());
    printer.each(op, |printer, axes| {
        let x = float_element(printer, view.x(), op, axes)?;
        let scale = float_element(printer, view.scale(), op, axes)?;
        let unit = format!("float_math::minifloat_unit({x} / {scale}, {mantissa}, {least})");
        Ok(format!("float_math::minifloat({x} / {scale}, {unit}, {rounding}, {maximum}, {beyond}) * {scale}"))
    })
}

/// The integer part of a FloatQuant that saturates or has no code beyond its maximum.
pub(super) fn quantize_minifloat<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let Some(view) = qonnx::QuantizeMinifloat::of(op) else {
        return Err(ExportError::node(op, "is no quantize_minifloat"));
    };
    let (maximum, node) = (float(view.maximum()), quoted(&op.node_name()));
    let beyond = if view.saturation() { maximum.clone() } else { float(f32::NAN) };
    let (mantissa, least) = (float(view.mantissa() as f32), float(view.least() as f32));
    let (rounding, step) = (rounding(view.rounding()), float((view.least() as f32).exp2()));
    printer.each(op, |printer, axes| {
        let x = float_element(printer, view.x(), op, axes)?;
        let unit = format!("float_math::minifloat_unit({x}, {mantissa}, {least})");
        let value = format!("float_math::minifloat({x}, {unit}, {rounding}, {maximum}, {beyond})");
        Ok(format!("float_math::to_code({value} / {step}, {node})"))
    })
}

/// The one number of a constant operand.
fn parameter<'c>(printer: &FloatPrinter<'c>, op: Op<'c>, value: Value<'c>) -> Result<f64, ExportError> {
    let number = printer.array(value, op)?.constant.and_then(|elements| match elements {
        Elements::F32(values) => <[f32; 1]>::try_from(values).ok().map(|[value]| value.into()),
        Elements::F64(values) => <[f64; 1]>::try_from(values).ok().map(|[value]| value),
        Elements::Int(values) => <[i64; 1]>::try_from(values).ok().map(|[value]| value as f64),
    });
    number
        .ok_or_else(|| ExportError::node(op, format!("has a parameter of type {}, expected one constant", value.ty())))
}

/// `saturate(round_half_even(x / scale) + zero_point)`.
pub(super) fn quantize_linear<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let range = op.result(0).tensor_type().and_then(|ty| ty.element.range());
    let (low, high) = range.ok_or_else(|| ExportError::node(op, "gives no integers"))?;
    let literal = |n: i64| number::literal(n.into());
    let (low, high) = (literal(low), literal(high));
    printer.each(op, |printer, axes| {
        let x = float_element(printer, op.operand(0), op, axes)?;
        let (scale, zero) = parameters(printer, op, axes)?;
        Ok(format!("float_math::quantize_linear({x}, {scale}, {zero}, {low}, {high})"))
    })
}

/// `(q - zero_point) * scale`.
pub(super) fn dequantize_linear<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    if printer.array(op.operand(0), op)?.ty != Scalar::Integer {
        return Err(ExportError::node(op, format!("dequantizes {}, expected integers", op.operand(0).ty())));
    }
    printer.each(op, |printer, axes| {
        let q = printer.broadcast(op.operand(0), op, axes)?;
        let (scale, zero) = parameters(printer, op, axes)?;
        Ok(format!("static_cast<float>({q} - {zero}) * {scale}"))
    })
}

fn float_element<'c>(
    printer: &mut FloatPrinter<'c>,
    value: Value<'c>,
    op: Op<'c>,
    axes: &[Axis],
) -> Result<String, ExportError> {
    match printer.array(value, op)?.ty {
        Scalar::Float => printer.broadcast(value, op, axes),
        _ => Err(ExportError::node(op, format!("quantizes with {}, expected float32", value.ty()))),
    }
}

/// Scale and zero point at a place: one for all, or one for each step along the axis.
fn parameters<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>, axes: &[Axis]) -> Result<(String, String), ExportError> {
    let shape = printer.array(op.operand(0), op)?.shape;
    let at = |printer: &mut FloatPrinter<'c>, value: Value<'c>| {
        if printer.array(value, op)?.shape.iter().product::<usize>() == 1 {
            return printer.element(value, op, "0");
        }
        let axis = axes.get(axis_of(op, "axis", &shape)?).filter(|axis| axis.extent > 1);
        printer.element(value, op, axis.map_or("0", |axis| &axis.variable))
    };
    let scale = at(printer, op.operand(1))?;
    let zero = if op.operand_count() > 2 { at(printer, op.operand(2))? } else { "0LL".into() };
    Ok((scale, zero))
}
