//! `qonnx-quant-to-qcdq`: Quant as QuantizeLinear, Clip and DequantizeLinear.
//!
//! Quant rounds `x / scale + zero_point`, QuantizeLinear `x / scale`. With a zero point of 0 that
//! is the same. With another the sum of Quant is rounded to float32 first, where values near a tie
//! become ties: 1.4999999 + 128 is 129.5. No parameters of QuantizeLinear say that, but Div and Add
//! in front of one with scale 1 and zero point 0 do. Let y be that sum, l and h the least and greatest
//! code: `y / 1 = y`, and since rounding keeps order and leaves integers alone, the code of Quant,
//! `round(clamp(y, l, h))`, is `clip(saturate(round(y)), l, h)`, whatever the type that holds l and h.
//!
//! Where numpy adds in float64, no value near a tie becomes one: even zero points leave ties to the same
//! side, so that the codes agree; odd ones do not, and ONNX has no QuantizeLinear of float64 to add them for.
//!
//! A quantizer of a constant is evaluated, whatever its rounding: the constant becomes one of codes.

use super::functions::{erase_dead, functions};
use crate::eval::{
    self, Tensor,
    convert::{constant_of, element_of, qonnx_constant},
    ops::{
        quant::{is_power_of_two, limits, promotes_to_f64},
        quantize_linear,
    },
    tensor::{EvalError, IntType},
};
use qonnx_dialect::{
    Builder, Element, Op, OpKind, Reported, RoundingMode, TensorType, Value, options::QonnxQuantToQcdqOptions, qonnx,
};

/// The widest codes of QuantizeLinear, and those that only DequantizeLinear takes: of biases.
const MAX_BITS: f64 = 16.0;
const MAX_BITS_OF_CONSTANTS: f64 = 32.0;

/// Replaces each quantizer of QONNX's domain.
///
/// # Errors
/// At each one that the three operators cannot say bit for bit.
pub fn run(module: Op<'_>, _: &QonnxQuantToQcdqOptions) -> Result<(), Reported> {
    let mut outcome = Ok(());
    for function in functions(module) {
        for op in function.body().into_iter().filter(|op| is_of_qonnx(op.kind())) {
            if let Err(problem) = rewrite(op) {
                outcome = Err(op.error(format!("{problem}; the flavour qonnx keeps it as it is")));
            }
        }
        erase_dead(function);
    }
    outcome
}

fn is_of_qonnx(kind: OpKind) -> bool {
    matches!(
        kind,
        OpKind::QonnxQuant
            | OpKind::QonnxBipolarQuant
            | OpKind::QonnxTrunc
            | OpKind::QonnxTruncToScale
            | OpKind::QonnxFloatQuant
            | OpKind::QonnxMultiThreshold
    )
}

fn rewrite(op: Op<'_>) -> Result<(), String> {
    if op.result(0).tensor_type().is_none_or(|ty| ty.element != Element::F32) {
        return Err("gives another type than float32".into());
    }
    let constant = op.operand(0).defining_op().filter(|op| op.kind() == OpKind::QonnxConstant);
    match (op.kind(), constant) {
        (OpKind::QonnxQuant | OpKind::QonnxBipolarQuant, Some(constant)) => of_constant(op, constant),
        (OpKind::QonnxQuant, None) => qonnx::Quant::of(op).map_or(Ok(()), of_computed),
        _ => Err("is not of the form QuantizeLinear, Clip, DequantizeLinear".into()),
    }
}

/// Codes between two limits in an integer type of ONNX.
struct Codes {
    ty: IntType,
    low: i64,
    high: i64,
    /// Only -1 and 1, whichever the sign says.
    binary: bool,
}

impl Codes {
    /// Those of a quantizer with an integer width.
    fn of(op: Op<'_>, max_bits: f64) -> Result<Self, String> {
        let Some(quant) = qonnx::Quant::of(op) else {
            return Ok(Self { ty: IntType::signed(8), low: -1, high: 1, binary: true });
        };
        let width = parameter(quant.bit_width(), "bit width")?.only_value().map_err(text)?;
        if width.fract() != 0.0 || !(1.0..=max_bits).contains(&width) {
            return Err(format!("has {width} bits, expected a whole number from 1 to {max_bits}"));
        }
        let signed = quant.is_signed();
        let bits = match width {
            ..=8.0 => 8,
            ..=16.0 => 16,
            _ if signed => 32,
            _ => return Err(format!("has {width} bits without a sign, expected up to {MAX_BITS}")),
        };
        let ty = if signed { IntType::signed(bits) } else { IntType::unsigned(bits) };
        let binary = signed && width == 1.0;
        let (low, high) = if binary { (-1.0, 1.0) } else { limits(signed, quant.narrow(), width) };
        Ok(Self { ty, low: low as i64, high: high as i64, binary })
    }
}

/// Scale and zero point as QuantizeLinear has them: one of each, or one a place along an axis.
struct Parameters {
    scale: Tensor,
    zero_point: Tensor,
    axis: i64,
}

impl Parameters {
    /// Those of a quantizer whose codes have this type and whose operand has this shape.
    fn of(op: Op<'_>, ty: IntType, shape: &[usize]) -> Result<Self, String> {
        let scale = parameter(op.operand(1), "scale")?;
        let zero_point = match qonnx::Quant::of(op) {
            Some(quant) => parameter(quant.zero_point(), "zero point")?,
            None => Tensor::scalar(0.0),
        };
        let (scales, zeros) = (scale.to_f64_vec(), zero_point.to_f64_vec());
        if let Some(scale) = scales.iter().find(|scale| !(scale.is_finite() && **scale > 0.0)) {
            return Err(format!("has a scale of {scale}, expected a positive number"));
        }
        if scales.iter().any(|scale| f64::from(*scale as f32) != *scale) {
            return Err("has a scale that float32 does not hold".into());
        }
        let fits = |zero: f64| zero.fract() == 0.0 && (ty.min() as f64..=ty.max() as f64).contains(&zero);
        if let Some(zero) = zeros.iter().find(|zero| !fits(**zero)) {
            return Err(format!("has a zero point of {zero}, expected an integer from {} to {}", ty.min(), ty.max()));
        }
        let axes = [axis_of(&scale, shape, "scale")?, axis_of(&zero_point, shape, "zero point")?];
        let axis = match axes {
            [Some(scale), Some(zero)] if scale != zero => {
                return Err(format!("has scales along axis {scale} and zero points along axis {zero}"));
            }
            [Some(axis), _] | [None, Some(axis)] => axis,
            [None, None] => return Self::new(&[], &scales, &zeros, ty, 1).map_err(text),
        };
        let extent = shape.get(axis).copied().unwrap_or(1);
        Self::new(&[extent], &scales, &zeros, ty, axis as i64).map_err(text)
    }

    /// One value of either stands for all.
    fn new(shape: &[usize], scales: &[f64], zeros: &[f64], ty: IntType, axis: i64) -> Result<Self, EvalError> {
        let count = shape.iter().product();
        let all = |values: &[f64]| -> Vec<f64> { values.iter().copied().cycle().take(count).collect() };
        let scale = Tensor::f32(shape, all(scales).into_iter().map(|scale| scale as f32).collect())?;
        let zero_point = Tensor::int(ty, shape, all(zeros).into_iter().map(|zero| zero as i64).collect())?;
        Ok(Self { scale, zero_point, axis })
    }
}

fn text(problem: EvalError) -> String {
    problem.to_string()
}

/// A parameter, which must be known.
fn parameter(value: Value<'_>, name: &str) -> Result<Tensor, String> {
    constant_of(value).ok_or_else(|| format!("has a {name} that is not constant: run qonnx-fold-constants first"))
}

/// The axis of a shape along which a parameter varies; None where it is one value.
fn axis_of(parameter: &Tensor, shape: &[usize], name: &str) -> Result<Option<usize>, String> {
    let several =
        || format!("has a {name} of shape {:?}, expected one value or one axis of {shape:?}", parameter.shape());
    let Some(offset) = shape.len().checked_sub(parameter.rank()) else { return Err(several()) };
    let wide: Vec<usize> = (0..parameter.rank()).filter(|axis| parameter.shape()[*axis] != 1).collect();
    match wide.as_slice() {
        [] => Ok(None),
        [axis] if parameter.shape()[*axis] == shape[axis + offset] => Ok(Some(axis + offset)),
        _ => Err(several()),
    }
}

/// QuantizeLinear, Clip where the type holds more codes, DequantizeLinear.
fn of_computed(quant: qonnx::Quant<'_>) -> Result<(), String> {
    let (op, x) = (quant.op(), quant.x());
    let codes = Codes::of(op, MAX_BITS)?;
    let shape = x.tensor_type().and_then(|ty| ty.static_shape());
    let shape = shape.ok_or("has an operand of unknown shape: run qonnx-infer-shapes first")?;
    let parameters = Parameters::of(op, codes.ty, &shape)?;
    let exact = same_for_every_value(quant, &codes, &parameters)?;
    let builder = Builder::before(op);
    let (scale, zero) = (qonnx_constant(&builder, &parameters.scale), qonnx_constant(&builder, &parameters.zero_point));
    let ty = TensorType::new(element_of(codes.ty), &shape).to_type(builder.context());
    let axis = parameters.axis;
    let quantized = match exact {
        Exact::Together => qonnx::QuantizeLinear::build(&builder, x, scale, Some(zero), axis, [ty]).result(),
        Exact::SumFirst => {
            let [step, offset] = [parameter(quant.scale(), "scale")?, parameter(quant.zero_point(), "zero point")?];
            let [step, offset] = [step, offset].map(|value| qonnx_constant(&builder, &Tensor::F32(value.to_f32())));
            let quotient = qonnx::Div::build(&builder, x, step, [x.ty()]).result();
            let sum = qonnx::Add::build(&builder, quotient, offset, [x.ty()]).result();
            let one = qonnx_constant(&builder, &Tensor::scalar(1.0));
            let none = Tensor::int(codes.ty, &[], vec![0]).map_err(text)?;
            let none = qonnx_constant(&builder, &none);
            qonnx::QuantizeLinear::build(&builder, sum, one, Some(none), 1, [ty]).result()
        }
    };
    let clipped = if (codes.low, codes.high) == (codes.ty.min(), codes.ty.max()) {
        quantized
    } else {
        let bound = |code| Tensor::int(codes.ty, &[], vec![code]).map(|code| qonnx_constant(&builder, &code));
        let [low, high] = [bound(codes.low), bound(codes.high)].map(Result::ok);
        qonnx::Clip::build(&builder, quantized, low, high, [ty]).result()
    };
    let result = quant.result().ty();
    op.replace(&[qonnx::DequantizeLinear::build(&builder, clipped, scale, Some(zero), axis, [result]).result()]);
    Ok(())
}

/// What gives the codes of a Quant.
enum Exact {
    /// QuantizeLinear with its scale and zero point.
    Together,
    /// Div and Add in float32, and QuantizeLinear of the sum.
    SumFirst,
}

/// What gives the same codes for every value.
fn same_for_every_value(quant: qonnx::Quant<'_>, codes: &Codes, parameters: &Parameters) -> Result<Exact, String> {
    if quant.rounding() != RoundingMode::HalfEven {
        return Err(format!("rounds by {}, QuantizeLinear half to even", quant.rounding().keyword().to_uppercase()));
    }
    if codes.binary {
        return Err("has one signed bit, which means -1 and 1".into());
    }
    let is_float32 = quant.x().tensor_type().is_some_and(|ty| ty.element == Element::F32);
    let [scale, zero_point] = [parameter(quant.scale(), "scale")?, parameter(quant.zero_point(), "zero point")?];
    // A quotient by a power of two is the same in float64.
    let is_exact = scale.to_f64_vec().into_iter().all(is_power_of_two);
    if !is_float32 || promotes_to_f64(&scale) && !is_exact {
        return Err("divides in float64, QuantizeLinear in float32".into());
    }
    let zeros = parameters.zero_point.to_i64_vec().map_err(text)?;
    if zeros.iter().all(|zero| *zero == 0) {
        return Ok(Exact::Together);
    }
    if !promotes_to_f64(&scale) && !promotes_to_f64(&zero_point) {
        return Ok(Exact::SumFirst);
    }
    match zeros.into_iter().find(|zero| zero % 2 != 0) {
        Some(zero) => Err(format!(
            "adds its odd zero point {zero} in float64 before it rounds, QuantizeLinear behind: ties differ"
        )),
        None => Ok(Exact::Together),
    }
}

/// The codes themselves, and DequantizeLinear.
fn of_constant<'c>(op: Op<'c>, constant: Op<'c>) -> Result<(), String> {
    let operands = op.operands().into_iter().map(|operand| parameter(operand, "parameter"));
    let operands = operands.collect::<Result<Vec<Tensor>, _>>()?;
    let values = eval::evaluate(op, &operands.iter().collect::<Vec<_>>()).map_err(text)?;
    let Some(values) = values.into_iter().next() else { return Ok(()) };
    let codes = Codes::of(op, MAX_BITS_OF_CONSTANTS)?;
    let Parameters { scale, zero_point, axis } = Parameters::of(op, codes.ty, values.shape())?;
    if codes.ty.width == 32 && zero_point.to_f64_vec().iter().any(|zero| *zero != 0.0) {
        return Err("has codes of 32 bits and a zero point, expected 0".into());
    }
    let zeros = Some(&zero_point);
    let integers = quantize_linear::quantize_linear(&values, &scale, zeros, codes.ty, axis).map_err(text)?;
    let back = quantize_linear::dequantize_linear(&integers, &scale, zeros, axis).map_err(text)?;
    if back.to_f64_vec() != values.to_f64_vec() {
        return Err("has values that no codes of DequantizeLinear stand for".into());
    }
    let builder = Builder::before(op);
    let integers = qonnx_constant(&builder.at(constant.location()), &integers);
    let (scale, zero) = (qonnx_constant(&builder, &scale), qonnx_constant(&builder, &zero_point));
    let ty = op.result(0).ty();
    op.replace(&[qonnx::DequantizeLinear::build(&builder, integers, scale, Some(zero), axis, [ty]).result()]);
    Ok(())
}
