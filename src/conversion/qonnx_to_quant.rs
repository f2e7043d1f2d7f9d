//! `convert-qonnx-to-quant`: quantizers as casts of upstream's quant dialect.
//!
//! | here | there |
//! |---|---|
//! | Quant; QuantizeLinear, Clip and DequantizeLinear | `quant.qcast`, `quant.dcast` |
//! | QuantizeLinear, Clip and another DequantizeLinear | `quant.qcast`, `quant.scast` twice, `quant.dcast` |
//! | Quant or BipolarQuant of a constant; codes behind DequantizeLinear | `arith.constant`, `quant.scast`, `quant.dcast` |
//!
//! Constants become codes because these are the same whatever a tool takes `quant.qcast` for: upstream's
//! own lowering cuts fractions off. So any rounding is fine there, and one signed bit.

mod linear;
mod quantizer;

use super::{ZeroPoint, erase_unused, parameters::Parameters};
use crate::{
    eval::{
        self, Tensor,
        convert::constant_of,
        ops::quant::{is_power_of_two, limits, promotes_to_f64},
    },
    transforms::split_quant::is_quantizer,
};
use qonnx_dialect::{
    Element, Op, OpKind, Reported, RoundingMode, Value, options::ConvertQonnxToQuantOptions, qonnx,
    quant::MAX_STORAGE_BITS,
};
use quantizer::Quantizer;

/// Integers beyond this many bits are not all float32.
const FLOAT_BITS: f64 = 24.0;

/// Replaces each quantizer.
///
/// # Errors
/// At each one that the dialect cannot say bit for bit (NaN aside).
pub fn run(module: Op<'_>, options: &ConvertQonnxToQuantOptions) -> Result<(), Reported> {
    let order = ZeroPoint::named(module, &options.zero_point)?;
    let mut outcome = Ok(());
    for op in module.nested() {
        if let Err(problem) = convert(op, order) {
            outcome = Err(op.error(problem));
        }
    }
    erase_unused(module);
    outcome
}

fn convert(op: Op<'_>, order: ZeroPoint) -> Result<(), String> {
    match op.kind() {
        OpKind::QonnxQuant | OpKind::QonnxBipolarQuant => match (constant_of(op.operand(0)), qonnx::Quant::of(op)) {
            (Some(_), _) => of_constant(op),
            (None, Some(quant)) => quantizer_of(quant)?.said(order)?.casts(quant.x(), op, op.location()),
            (None, None) => Err("gives -1 and 1 alone: no !quant.uniform leaves out the code between".into()),
        },
        OpKind::QonnxDequantizeLinear => linear::convert(op, order),
        OpKind::QonnxQuantizeLinear => match linear::user_of_codes(op) {
            Some(user) => Err(format!("gives codes to {}, expected dequantize_linear alone", user.name())),
            None => Ok(()),
        },
        OpKind::QonnxUnscale => Err(PART.into()),
        _ if !is_quantizer(op) => Ok(()),
        OpKind::QonnxTrunc | OpKind::QonnxTruncToScale => {
            Err("rounds twice, quant.qcast once: keep it in the qonnx dialect".into())
        }
        OpKind::QonnxFloatQuant | OpKind::QonnxMultiThreshold => {
            Err("has values that are not a uniform grid: no !quant.uniform says it".into())
        }
        _ => Err(PART.into()),
    }
}

const PART: &str = "is a part of a quantizer: run convert-qonnx-to-quant before qonnx-split-quant";

/// A parameter, which a type can hold only if it is known.
fn parameter(value: Value<'_>, name: &str) -> Result<Tensor, String> {
    let problem = || format!("has a {name} that is not constant, which no type holds: run qonnx-fold-constants first");
    constant_of(value).ok_or_else(problem)
}

/// Scale and zero point of a quantizer of QONNX, for its result's shape.
fn parameters_of(op: Op<'_>) -> Result<Parameters, String> {
    let result = op.result(0).tensor_type().filter(|ty| ty.element == Element::F32);
    let operand = op.operand(0).tensor_type().filter(|ty| ty.element == Element::F32);
    let (Some(result), Some(_)) = (result, operand) else {
        return Err("is of another type than float32".into());
    };
    let zero_point = match qonnx::Quant::of(op) {
        Some(quant) => parameter(quant.zero_point(), "zero point")?,
        None => Tensor::scalar(0.0),
    };
    Parameters::broadcast(&parameter(op.operand(1), "scale")?, &zero_point, result.static_shape().as_deref())
}

/// The limits of a Quant whose codes are stored in whole bits.
fn declared_limits(quant: qonnx::Quant<'_>) -> Result<(i64, i64), String> {
    let width = width(quant)?;
    if width.fract() != 0.0 || !(1.0..=f64::from(MAX_STORAGE_BITS)).contains(&width) {
        return Err(format!("has {width} bits, expected a whole number from 1 to {MAX_STORAGE_BITS}"));
    }
    let (low, high) = limits(quant.is_signed(), quant.narrow(), width);
    Ok((low as i64, high as i64))
}

fn width(quant: qonnx::Quant<'_>) -> Result<f64, String> {
    parameter(quant.bit_width(), "bit width")?.only_value().map_err(|problem| problem.to_string())
}

fn is_binary(quant: qonnx::Quant<'_>) -> bool {
    quant.is_signed() && width(quant) == Ok(1.0)
}

/// A Quant of computed values.
fn quantizer_of(quant: qonnx::Quant<'_>) -> Result<Quantizer, String> {
    if quant.rounding() != RoundingMode::HalfEven {
        let rounding = quant.rounding().keyword().to_uppercase();
        return Err(format!("rounds by {rounding}; quant.qcast is taken as half to even"));
    }
    let (low, high) = declared_limits(quant)?;
    if is_binary(quant) {
        return Err("has one signed bit, -1 and 1: no !quant.uniform leaves out the code between".into());
    }
    let parameters = parameters_of(quant.op())?;
    let [scale, zero_point] = [parameter(quant.scale(), "scale")?, parameter(quant.zero_point(), "zero point")?];
    // A quotient by a power of two is the same in float64, and so are products of up to 24 bits.
    let is_exact = scale.to_f64_vec().into_iter().all(is_power_of_two);
    let is_wide = high as f64 >= 2f64.powf(FLOAT_BITS);
    let in_f64 = promotes_to_f64(&scale) || promotes_to_f64(&zero_point);
    if promotes_to_f64(&scale) && !is_exact || in_f64 && is_wide {
        return Err("computes in float64, quant.qcast in float32".into());
    }
    let mut zeros = parameters.zero_point().iter().copied();
    let adds = match zeros.clone().find(|zero| *zero != 0) {
        None => None,
        Some(_) if !in_f64 => Some(ZeroPoint::BeforeRounding),
        // No value of float64 moves to a tie, and even numbers leave ties to the same side.
        Some(_) => match zeros.find(|zero| zero % 2 != 0) {
            None => Some(ZeroPoint::AfterRounding),
            Some(zero) => return Err(format!("adds its odd zero point {zero} in float64, quant.qcast in float32")),
        },
    };
    Ok(Quantizer { storage: None, low, high, parameters, adds })
}

/// The codes of a quantized constant; any rounding will do.
fn of_constant(op: Op<'_>) -> Result<(), String> {
    let operands = op.operands().into_iter().map(|operand| parameter(operand, "parameter"));
    let operands = operands.collect::<Result<Vec<Tensor>, _>>()?;
    let values = eval::evaluate(op, &operands.iter().collect::<Vec<_>>()).map_err(|problem| problem.to_string())?;
    let values = values.first().ok_or("has no value")?.as_f32().map_err(|problem| problem.to_string())?;
    let parameters = parameters_of(op)?;
    let codes = parameters.codes(values)?;
    let (least, greatest) = codes.iter().fold((0, 0), |(low, high), code| (low.min(*code), high.max(*code)));
    let declared = match qonnx::Quant::of(op).filter(|quant| !is_binary(*quant)) {
        Some(quant) => declared_limits(quant).unwrap_or((0, 0)),
        None => (-1, 1),
    };
    let (low, high) = (declared.0.min(least), declared.1.max(greatest).max(1));
    let quantizer = Quantizer { storage: None, low, high, parameters, adds: None };
    let location = op.operand(0).defining_op().map_or(op.location(), |constant| constant.location());
    quantizer.exact(codes.iter().copied())?.stored(&codes, op, location)
}
