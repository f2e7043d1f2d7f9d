//! FloatQuant: codes are multiples of the least step.

use super::{
    parameters::{parameter, scale_parameter},
    parts::Parts,
    quant::quantize_constant,
};
use crate::eval::{Tensor, convert::constant_of, ops::float_quant::FloatFormat};
use qonnx_dialect::{Element, qonnx};

/// Codes of a FloatQuant take this many bits at most: sums of products must stay exact.
pub(super) const MINIFLOAT_BITS: f64 = 40.0;

/// One that does not saturate gives infinities or NaN, which have no code: it stays whole.
pub(super) fn split_float_quant(quant: qonnx::FloatQuant<'_>) -> Result<(), String> {
    let op = quant.op();
    if !quant.saturation() && constant_of(quant.x()).is_none() {
        return Ok(());
    }
    let scale = scale_parameter(quant.scale())?;
    let number = |name, value| parameter(name, value)?.only_value().map_err(|problem| problem.to_string());
    let format = FloatFormat {
        exponent_width: number("exponent width", quant.exponent_bits())?,
        mantissa_width: number("mantissa width", quant.mantissa_bits())?,
        exponent_bias: number("exponent bias", quant.exponent_bias())?,
        max_value: number("maximum", quant.max_value())?,
    };
    let (least, maximum) = (format.least_exponent(), format.maximum());
    let greatest = maximum / least.exp2();
    let whole = format.mantissa_width.fract() == 0.0 && least.fract() == 0.0 && greatest.fract() == 0.0;
    if !whole || !(1.0..MINIFLOAT_BITS.exp2()).contains(&greatest) || least.abs() > 120.0 {
        return Err(format!(
            "its values are multiples of 2^{least} up to {maximum}: that takes no whole codes of at most {MINIFLOAT_BITS} bits; use fewer exponent bits"
        ));
    }
    let step = Tensor::F32(scale.to_f32().mapv(|scale| scale * (least as f32).exp2()));
    if let Some(input) = constant_of(quant.x()) {
        return quantize_constant(op, &input, &step);
    }
    let parts = Parts::new(op)?;
    let y = parts.scaled(quant.x(), &scale);
    let ty = parts.builder.tensor(Element::of_range(-(greatest as i64), greatest as i64), &parts.shape);
    let (mantissa, least) = (format.mantissa_width as i64, least as i64);
    let (rounding, saturation) = (quant.rounding(), quant.saturation());
    let builder = &parts.builder;
    let q = qonnx::QuantizeMinifloat::build(builder, y, rounding, mantissa, least, maximum as f32, saturation, [ty]);
    let result = parts.unscaled(q.result(), &Tensor::scalar(0.0), &step)?;
    op.replace(&[result]);
    Ok(())
}
