//! `qonnx-split-quant`: quantizers in three parts.
//!
//! | in the file | in front | integer part | behind |
//! |---|---|---|---|
//! | Quant | `div` scale, `add` zero point | `quantize` | `hls.sub` zero point, `unscale` |
//! | Quant, 1 bit signed | the same | `binarize` | the same |
//! | BipolarQuant | | `binarize` | `unscale` |
//! | Trunc | `div` scale, `add` zero point, `round`, `div` 2^k | `quantize` | as Quant |
//! | FloatQuant | `div` scale | `quantize_minifloat` | `unscale` by its least step too |
//! | MultiThreshold | | `count_thresholds` | `unscale`, `add` bias |
//! | QuantizeLinear | `div` scale, `round`, `add` zero point | `quantize` | |
//! | Clip of integers | | joins the `quantize` before it | |
//! | DequantizeLinear | | | `hls.sub` zero point, `unscale` |
//! | Round, where a sum takes it | | `quantize` | `unscale` |
//! | what moves codes | | the same on floats, `quantize` | |
//!
//! Parts that do nothing (scale 1, zero point 0) are left out. A zero point that is no
//! integer stays a float subtraction, as the reference has it. Quantizers of constants
//! are evaluated: `hls.constant` and `unscale`.

mod integers;
mod promoted;
mod round;

use super::functions::{erase_dead, functions, retype};
use crate::eval::{
    Tensor,
    convert::{constant_of, hls_constant, qonnx_constant},
    evaluate,
    interpreter::rounding_of,
    ops::{broadcast, float_quant::FloatFormat, layout, quant},
};
use crate::lowering::grid::{Dyadic, FACTOR_BITS, common_step};
use promoted::PromotedQuant;
use qonnx_dialect::{
    Builder, Element, Op, OpKind, Reported, RoundingMode, Value, hls, options::QonnxSplitQuantOptions, qonnx,
};

/// Splits every quantizer.
///
/// # Errors
/// At each quantizer whose parameters are not constant or not usable.
pub fn run(module: Op<'_>, _: &QonnxSplitQuantOptions) -> Result<(), Reported> {
    let mut outcome = Ok(());
    for function in functions(module) {
        for op in function.body() {
            if let Err(problem) = split(op) {
                outcome = Err(op.error(problem));
            }
        }
        erase_dead(function);
        // Codes that are an output take as many bits as they need.
        retype(function);
    }
    outcome
}

/// Whether an operation is the integer part of a quantizer.
pub fn gives_codes(op: Op<'_>) -> bool {
    matches!(
        op.kind(),
        OpKind::QonnxQuantize | OpKind::QonnxQuantizeMinifloat | OpKind::QonnxBinarize | OpKind::QonnxCountThresholds
    )
}

/// Quantizers at any stage.
pub fn is_quantizer(op: Op<'_>) -> bool {
    gives_codes(op)
        || matches!(
            op.kind(),
            OpKind::QonnxQuant
                | OpKind::QonnxBipolarQuant
                | OpKind::QonnxMultiThreshold
                | OpKind::QonnxQuantizeLinear
                | OpKind::QonnxTrunc
                | OpKind::QonnxTruncToScale
                | OpKind::QonnxFloatQuant
        )
}

fn split(op: Op<'_>) -> Result<(), String> {
    match op.kind() {
        OpKind::QonnxQuant => split_quant(qonnx::Quant::of(op).ok_or("is no Quant")?),
        OpKind::QonnxBipolarQuant => split_bipolar(qonnx::BipolarQuant::of(op).ok_or("is no BipolarQuant")?),
        OpKind::QonnxTrunc => split_trunc(qonnx::Trunc::of(op).ok_or("is no Trunc")?),
        OpKind::QonnxTruncToScale => split_trunc_to_scale(qonnx::TruncToScale::of(op).ok_or("is no Trunc")?),
        OpKind::QonnxFloatQuant => split_float_quant(qonnx::FloatQuant::of(op).ok_or("is no FloatQuant")?),
        OpKind::QonnxMultiThreshold => split_thresholds(qonnx::MultiThreshold::of(op).ok_or("is no MultiThreshold")?),
        OpKind::QonnxQuantizeLinear => split_quantize_linear(op),
        OpKind::QonnxRound => round::split_round(op),
        OpKind::QonnxClip => join_clip(op),
        OpKind::QonnxDequantizeLinear => split_dequantize_linear(op),
        _ => integers::through_floats(op),
    }
}

/// Where the parts of a quantizer go.
struct Parts<'c> {
    builder: Builder<'c>,
    /// Shape of the operand and of the result.
    shape: Vec<usize>,
}

impl<'c> Parts<'c> {
    fn new(op: Op<'c>) -> Result<Self, String> {
        let ty = op.operand(0).tensor_type().ok_or("the operand is no tensor")?;
        let shape = ty.static_shape().ok_or("the operand's shape is not known; run qonnx-infer-shapes first")?;
        let result = op.result(0).tensor_type().and_then(|ty| ty.static_shape());
        if result.as_ref() != Some(&shape) {
            return Err(
                "a parameter has more dimensions than the operand and would enlarge it: give it the operand's shape"
                    .to_string(),
            );
        }
        Ok(Self { builder: Builder::before(op), shape })
    }

    fn float(&self) -> qonnx_dialect::Type<'c> {
        self.builder.tensor(Element::F32, &self.shape)
    }

    fn constant(&self, tensor: &Tensor) -> Value<'c> {
        qonnx_constant(&self.builder, tensor)
    }

    /// `x / scale`, unless that is x.
    fn scaled(&self, x: Value<'c>, scale: &Tensor) -> Value<'c> {
        if all(scale, 1.0) {
            return x;
        }
        qonnx::Div::build(&self.builder, x, self.constant(scale), [self.float()]).result()
    }

    /// `x + offset`, unless that is x.
    fn shifted(&self, x: Value<'c>, offset: &Tensor) -> Value<'c> {
        if all(offset, 0.0) {
            return x;
        }
        qonnx::Add::build(&self.builder, x, self.constant(offset), [self.float()]).result()
    }

    /// `round(x / scale + zero_point) / divisor`.
    fn truncated(&self, x: Value<'c>, scale: &Tensor, zero_point: &Tensor, divisor: &Tensor) -> Value<'c> {
        let y = self.shifted(self.scaled(x, scale), zero_point);
        let y = qonnx::Round::build(&self.builder, y, [self.float()]).result();
        self.scaled(y, divisor)
    }

    fn quantize(
        &self,
        x: Value<'c>,
        rounding: RoundingMode,
        low: f32,
        high: f32,
        exponent: Option<i64>,
    ) -> Result<Value<'c>, String> {
        let (least, greatest) = code_range(rounding, low, high)?;
        let ty = self.builder.tensor(Element::of_range(least, greatest), &self.shape);
        Ok(qonnx::Quantize::build(&self.builder, x, rounding, low, high, exponent, [ty]).result())
    }

    fn binarize(&self, x: Value<'c>, exponent: Option<i64>) -> Value<'c> {
        let ty = self.builder.tensor(Element::of_range(-1, 1), &self.shape);
        qonnx::Binarize::build(&self.builder, x, exponent, [ty]).result()
    }

    /// `(q - zero_point) * scale`.
    fn unscaled(&self, q: Value<'c>, zero_point: &Tensor, scale: &Tensor) -> Result<Value<'c>, String> {
        let whole = zero_point.to_f64().iter().all(|z| z.fract() == 0.0 && z.abs() < 1e15);
        if !whole {
            let y = qonnx::Unscale::build(&self.builder, q, &[], [self.float()]).result();
            let y = qonnx::Sub::build(&self.builder, y, self.constant(zero_point), [self.float()]).result();
            return Ok(qonnx::Mul::build(&self.builder, y, self.constant(scale), [self.float()]).result());
        }
        self.unscaled_by(q, zero_point, std::slice::from_ref(scale))
    }

    /// `q - zero_point`, which is whole, times the exact product of the scales.
    fn unscaled_by(&self, q: Value<'c>, zero_point: &Tensor, scales: &[Tensor]) -> Result<Value<'c>, String> {
        let q = if all(zero_point, 0.0) { q } else { self.without_zero_point(q, zero_point)? };
        let scales: Vec<Value<'c>> =
            scales.iter().filter(|scale| !all(scale, 1.0)).map(|scale| self.constant(scale)).collect();
        Ok(qonnx::Unscale::build(&self.builder, q, &scales, [self.float()]).result())
    }

    /// `count * factor + offset` of a count up to `most`.
    fn affine(
        &self,
        count: Value<'c>,
        most: i64,
        (factor, offset): (i64, i64),
        exponent: Option<i64>,
    ) -> Result<Value<'c>, String> {
        let mut q = count;
        let ty = |ends: [i64; 2]| {
            let element = Element::of_range(ends[0].min(ends[1]), ends[0].max(ends[1]));
            self.builder.tensor(element, &self.shape)
        };
        if factor != 1 {
            let factor_value = hls_constant(&self.builder, &[], &[factor]);
            q = hls::Mul::build(&self.builder, q, factor_value, exponent, [ty([0, factor * most])]).result();
        }
        if offset != 0 {
            let offset_value = hls_constant(&self.builder, &[], &[offset]);
            let ends = [offset, factor * most + offset];
            q = hls::Add::build(&self.builder, q, offset_value, exponent, [ty(ends)]).result();
        }
        Ok(q)
    }

    fn without_zero_point(&self, q: Value<'c>, zero_point: &Tensor) -> Result<Value<'c>, String> {
        let zeros: Vec<i64> = zero_point.to_f64().iter().map(|z| *z as i64).collect();
        if let Some(codes) = constant_of(q) {
            let zeros = Tensor::int(crate::eval::IntType::I64, zero_point.shape(), zeros).map_err(|p| p.to_string())?;
            let difference = crate::eval::ops::elementwise::binary_int(
                crate::eval::ops::elementwise::Binary::Sub,
                &codes,
                &zeros,
                crate::eval::IntType::I64,
            );
            let difference = difference.map_err(|problem| problem.to_string())?;
            return Ok(hls_constant(
                &self.builder,
                difference.shape(),
                &difference.to_i64_vec().map_err(|p| p.to_string())?,
            ));
        }
        let (low, high) = range_of(q)?;
        let least = zeros.iter().copied().min().unwrap_or(0);
        let greatest = zeros.iter().copied().max().unwrap_or(0);
        let ty = self.builder.tensor(Element::of_range(low - greatest, high - least), &self.shape);
        let zeros = hls_constant(&self.builder, zero_point.shape(), &zeros);
        Ok(hls::Sub::build(&self.builder, q, zeros, None, [ty]).result())
    }
}

fn range_of(q: Value<'_>) -> Result<(i64, i64), String> {
    q.tensor_type()
        .and_then(|ty| ty.element.range())
        .ok_or_else(|| format!("{} is no integer type of up to 63 bits", q.ty()))
}

fn split_quant(quant: qonnx::Quant<'_>) -> Result<(), String> {
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
fn quantize_constant(op: Op<'_>, input: &Tensor, scale: &Tensor) -> Result<(), String> {
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
fn codes_of(values: &Tensor, scale: &Tensor) -> Result<Vec<i64>, String> {
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

fn split_bipolar(quant: qonnx::BipolarQuant<'_>) -> Result<(), String> {
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

/// Codes of a FloatQuant take this many bits at most: sums of products must stay exact.
const MINIFLOAT_BITS: f64 = 40.0;

/// One that does not saturate gives infinities or NaN, which have no code: it stays whole.
fn split_float_quant(quant: qonnx::FloatQuant<'_>) -> Result<(), String> {
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

/// Codes of a Trunc of version 1 are not clamped: beyond this magnitude float32 has no
/// neighbours to tell apart anyway.
const UNCLAMPED: f32 = (1u64 << 40) as f32;

fn split_trunc(trunc: qonnx::Trunc<'_>) -> Result<(), String> {
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

fn split_trunc_to_scale(trunc: qonnx::TruncToScale<'_>) -> Result<(), String> {
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

fn split_thresholds(quant: qonnx::MultiThreshold<'_>) -> Result<(), String> {
    let op = quant.op();
    let thresholds = parameter("threshold matrix", quant.thresholds())?;
    let steps = thresholds.shape().last().copied().unwrap_or(0) as i64;
    let parts = Parts::new(op)?;
    let scale = Tensor::scalar(quant.out_scale());
    let exponent = exponent_of(&scale).filter(|_| quant.out_bias() == 0.0);
    let ty = parts.builder.tensor(Element::of_range(0, steps), &parts.shape);
    let count = qonnx::CountThresholds::build(
        &parts.builder,
        quant.x(),
        quant.thresholds(),
        quant.channel_axis(),
        exponent,
        [ty],
    );
    let y = match common_codes(quant.out_scale(), quant.out_bias(), steps) {
        Some((factor, offset, step)) => {
            let step = Tensor::scalar(step);
            let q = parts.affine(count.result(), steps, (factor, offset), exponent_of(&step))?;
            parts.unscaled(q, &Tensor::scalar(0.0), &step)?
        }
        None => {
            let y = parts.unscaled(count.result(), &Tensor::scalar(0.0), &scale)?;
            parts.shifted(y, &Tensor::scalar(quant.out_bias()))
        }
    };
    op.replace(&[y]);
    Ok(())
}

/// `count * scale + bias` as `(count * factor + offset) * step` where float32 rounds
/// nothing: `(factor, offset, step)`.
fn common_codes(scale: f32, bias: f32, steps: i64) -> Option<(i64, i64, f32)> {
    let (s, b) = (Dyadic::of(scale)?, Dyadic::of(bias)?);
    let step = common_step(s, b, FACTOR_BITS)?;
    let (factor, offset, unit) = (s.over(step, FACTOR_BITS)?, b.over(step, FACTOR_BITS)?, step.to_f32()?);
    let greatest = factor.abs().checked_mul(steps)?.checked_add(offset.abs())?;
    let bits = step.bits() + (64 - greatest.leading_zeros());
    (bits <= 24).then_some((factor, offset, unit))
}

fn split_quantize_linear(op: Op<'_>) -> Result<(), String> {
    let quant = qonnx::QuantizeLinear::of(op).ok_or("is no QuantizeLinear")?;
    let scale = scale_parameter(quant.scale())?;
    let zero_point = quant.zero_point().map(|zero| parameter("zero point", zero)).transpose()?;
    let element = op.result(0).tensor_type().ok_or("the result is no tensor")?.element;
    let (low, high) = element.range().ok_or_else(|| format!("{element} is no integer type"))?;
    if constant_of(quant.x()).is_some() {
        let tensors: Vec<Tensor> = op.operands().iter().filter_map(|operand| constant_of(*operand)).collect();
        let operands: Vec<&Tensor> = tensors.iter().collect();
        let codes = evaluate(op, &operands).map_err(|problem| problem.to_string())?;
        let codes = codes.first().ok_or("has no result")?;
        let values = codes.to_i64_vec().map_err(|problem| problem.to_string())?;
        // The users were given the file's type; they take any integers.
        op.replace(&[hls_constant(&Builder::before(op), codes.shape(), &values)]);
        return Ok(());
    }
    let parts = Parts::new(op)?;
    let scale = along_axis(&scale, quant.axis(), &parts.shape)?;
    let y = parts.scaled(quant.x(), &scale);
    let zero_point = match zero_point {
        Some(zero) => along_axis(&zero, quant.axis(), &parts.shape)?,
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
fn join_clip(op: Op<'_>) -> Result<(), String> {
    let clip = qonnx::Clip::of(op).ok_or("is no Clip")?;
    let Some(ty) = clip.x().tensor_type().filter(|ty| !ty.element.is_float()) else { return Ok(()) };
    let (least, greatest) = ty.element.range().ok_or_else(|| format!("{} is no integer type", ty.element))?;
    let bound = |value: Option<Value<'_>>, absent: i64| match value {
        None => Ok(absent),
        Some(value) => parameter("bound", value)?.only_value().map(|bound| bound as i64).map_err(|p| p.to_string()),
    };
    let (low, high) = (bound(clip.low(), least)?, bound(clip.high(), greatest)?);
    if let Some(codes) = constant_of(clip.x()) {
        let values = codes.to_i64_vec().map_err(|problem| problem.to_string())?;
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

fn split_dequantize_linear(op: Op<'_>) -> Result<(), String> {
    let quant = qonnx::DequantizeLinear::of(op).ok_or("is no DequantizeLinear")?;
    let parts = Parts::new(op)?;
    let scale = along_axis(&scale_parameter(quant.scale())?, quant.axis(), &parts.shape)?;
    let zero_point = match quant.zero_point() {
        Some(zero) => along_axis(&parameter("zero point", zero)?, quant.axis(), &parts.shape)?,
        None => Tensor::scalar_int(0),
    };
    let x = match constant_of(quant.x()) {
        // Integer constants are the hardware's: in the narrowest type.
        Some(codes) => {
            let values = codes.to_i64_vec().map_err(|problem| problem.to_string())?;
            hls_constant(&parts.builder, codes.shape(), &values)
        }
        None => quant.x(),
    };
    let result = parts.unscaled(x, &Tensor::F32(zero_point.to_f32()), &scale)?;
    op.replace(&[result]);
    Ok(())
}

/// A vector along an axis, shaped to broadcast; a scalar stays, and what has a value an element.
pub(super) fn along_axis(tensor: &Tensor, axis: i64, shape: &[usize]) -> Result<Tensor, String> {
    if tensor.len() == 1 {
        return layout::with_shape(tensor, &[]).map_err(|problem| problem.to_string());
    }
    if tensor.shape() == shape {
        return Ok(tensor.clone());
    }
    if tensor.rank() != 1 {
        return Err(format!(
            "a parameter of shape {:?} is neither one value nor one a channel nor one an element",
            tensor.shape()
        ));
    }
    let axis = layout::axis_index(axis, shape.len()).map_err(|problem| problem.to_string())?;
    let mut broadcast = vec![1; shape.len()];
    broadcast[axis] = tensor.len();
    layout::with_shape(tensor, &broadcast).map_err(|problem| problem.to_string())
}

/// The codes of the limits; both must be whole numbers of up to 62 bits.
fn code_range(rounding: RoundingMode, low: f32, high: f32) -> Result<(i64, i64), String> {
    let code = |limit: f32| {
        let code = rounding_of(rounding).round(limit);
        (code.abs() < 2f32.powi(62)).then_some(code as i64).ok_or_else(|| format!("codes up to {code} are too wide"))
    };
    Ok((code(low)?, code(high)?))
}

fn parameter(name: &str, value: Value<'_>) -> Result<Tensor, String> {
    constant_of(value).ok_or_else(|| {
        format!("the {name} is not constant but computed at run time; hardware needs a fixed {name}: calibrate the model and export constants")
    })
}

/// With a zero point of another type than float32 the reference adds it in float64, which
/// shows only where it is not 0.
fn float_zero_point(zero_point: Tensor) -> Result<Tensor, String> {
    match zero_point {
        Tensor::F32(_) => Ok(zero_point),
        other if all(&other, 0.0) => Ok(Tensor::F32(other.to_f32())),
        other => Err(format!(
            "the zero point has element type {}, with which the reference computes in float64: store it as float32",
            other.element_type()
        )),
    }
}

/// With a scale of another type the reference computes in float64. For a power of two
/// division and product are exact in either type, so float32 gives the same.
fn float_scale(scale: Tensor) -> Result<Tensor, String> {
    let power = |value: &f64| {
        let exponent = value.abs().log2();
        exponent.fract() == 0.0 && (-126.0..=127.0).contains(&exponent) && 2f64.powi(exponent as i32) == value.abs()
    };
    match scale {
        Tensor::F32(_) => Ok(scale),
        other if other.to_f64().iter().all(power) => Ok(Tensor::F32(other.to_f32())),
        other => Err(format!(
            "the scale has element type {} and is no power of two, so the reference computes in float64: store it as float32",
            other.element_type()
        )),
    }
}

fn scale_parameter(value: Value<'_>) -> Result<Tensor, String> {
    let scale = float_scale(parameter("scale", value)?)?;
    let bad = scale.to_f32_vec().into_iter().enumerate().find(|(_, s)| !s.is_finite() || *s == 0.0);
    match bad {
        Some((index, value)) => {
            Err(format!("the scale is {value} at element {index}, expected a finite number that is not 0"))
        }
        None => Ok(scale),
    }
}

/// The exponent of a single power of two.
fn exponent_of(scale: &Tensor) -> Option<i64> {
    let value = scale.only_value().ok()?;
    let exponent = value.log2();
    (value > 0.0 && exponent.fract() == 0.0 && 2f64.powi(exponent as i32) == value).then_some(exponent as i64)
}

fn all(tensor: &Tensor, value: f64) -> bool {
    tensor.to_f64().iter().all(|element| *element == value)
}
