//! ONNX's own quantizers in the driver.

use super::{
    ExportError,
    code::Axis,
    host::{HostPrinter, HostType},
    host_ops::axis_of,
};
use qonnx_dialect::{Op, Value};

/// `saturate(round_half_even(x / scale) + zero_point)`.
pub(super) fn quantize_linear<'c>(printer: &mut HostPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let range = op.result(0).tensor_type().and_then(|ty| ty.element.range());
    let (low, high) = range.ok_or_else(|| ExportError::node(op, "gives no integers"))?;
    let literal = |n: i64| super::number::literal(n.into());
    let (low, high) = (literal(low), literal(high));
    printer.each(op, |printer, axes| {
        let x = float_element(printer, op, axes)?;
        let (scale, zero) = parameters(printer, op, axes)?;
        Ok(format!("host_math::quantize_linear({x}, {scale}, {zero}, {low}, {high})"))
    })
}

/// `(q - zero_point) * scale`.
pub(super) fn dequantize_linear<'c>(printer: &mut HostPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    if printer.array(op.operand(0), op)?.ty != HostType::Integer {
        return Err(ExportError::node(op, format!("dequantizes {}, expected integers", op.operand(0).ty())));
    }
    printer.each(op, |printer, axes| {
        let q = printer.broadcast(op.operand(0), op, axes)?;
        let (scale, zero) = parameters(printer, op, axes)?;
        Ok(format!("static_cast<float>({q} - {zero}) * {scale}"))
    })
}

fn float_element<'c>(printer: &mut HostPrinter<'c>, op: Op<'c>, axes: &[Axis]) -> Result<String, ExportError> {
    match printer.array(op.operand(0), op)?.ty {
        HostType::Float => printer.broadcast(op.operand(0), op, axes),
        _ => Err(ExportError::node(op, format!("quantizes {}, expected float32", op.operand(0).ty()))),
    }
}

/// Scale and zero point at a place: one for all, or one for each step along the axis.
fn parameters<'c>(printer: &mut HostPrinter<'c>, op: Op<'c>, axes: &[Axis]) -> Result<(String, String), ExportError> {
    let shape = printer.array(op.operand(0), op)?.shape;
    let at = |printer: &mut HostPrinter<'c>, value: Value<'c>| {
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
