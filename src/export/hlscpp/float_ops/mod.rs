//! Operations on floats, each as the evaluator does it: the driver's, and those of float layers.

mod moves;
mod printer;
mod quantizers;
mod windows;

pub(super) use printer::{FloatArray, FloatPrinter, Scalar, Storage};

use crate::{
    eval::{convert, interpreter::is_channels_last, ops::broadcast},
    export::hlscpp::{
        ExportError,
        code::{axes, index, index_by_stride, strides},
        module::{node_name, shape},
        scale::Scale,
    },
    transforms::kinds::CHANNELS_LAST,
};
use printer::float;
use qonnx_dialect::{Element, Op, OpKind, Value, constants::Elements, qonnx};

/// Prints one operation.
pub(super) fn print<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    if is_channels_last(op) {
        return Err(ExportError::node(op, CHANNELS_LAST));
    }
    if let Some(template) = unary(op) {
        floats(op)?;
        return printer
            .each(op, |printer, axes| Ok(template.replace('$', &printer.broadcast(op.operand(0), op, axes)?)));
    }
    if let Some(template) = binary(op) {
        floats(op)?;
        return printer.each(op, |printer, axes| {
            let (a, b) = (printer.broadcast(op.operand(0), op, axes)?, printer.broadcast(op.operand(1), op, axes)?);
            Ok(template.replace('$', "\u{1}").replace('@', &b).replace('\u{1}', &a))
        });
    }
    if moves::is_move(op) {
        return moves::movement(printer, op);
    }
    use OpKind::*;
    match op.kind() {
        QonnxConstant => printer.constant(op),
        QonnxView | QonnxIdentity | QonnxReshape | QonnxFlatten | QonnxSqueeze | QonnxUnsqueeze => printer.alias(op),
        QonnxPow => pow(printer, op),
        QonnxFma => {
            floats(op)?;
            printer.each(op, |printer, axes| {
                let [x, a, b] = [0, 1, 2].map(|i| printer.broadcast(op.operand(i), op, axes));
                Ok(format!("std::fma({}, {}, {})", x?, a?, b?))
            })
        }
        QonnxClip => clip(printer, op),
        QonnxCast => cast(printer, op),
        QonnxSoftmax => rows(printer, op, "softmax"),
        QonnxLogSoftmax => rows(printer, op, "log_softmax"),
        QonnxArgMax => arg_max(printer, op),
        QonnxTopK => moves::top_k(printer, op),
        QonnxConcat => moves::concat(printer, op),
        QonnxWhere => moves::choose(printer, op),
        QonnxMaxPool | QonnxAveragePool => windows::pool(printer, op),
        QonnxReduce => windows::reduce(printer, op),
        QonnxQuantizeLinear => quantizers::quantize_linear(printer, op),
        QonnxDequantizeLinear => quantizers::dequantize_linear(printer, op),
        QonnxFloatQuant => quantizers::float_quant(printer, op),
        QonnxBatchNormalization => batch_normalization(printer, op),
        QonnxLayerNormalization => layer_normalization(printer, op),
        QonnxQuantize => quantize(printer, op),
        QonnxQuantizeMinifloat => quantizers::quantize_minifloat(printer, op),
        QonnxBinarize => {
            floats(op)?;
            printer.each(op, |printer, axes| {
                Ok(format!("{} >= 0.0f ? 1 : -1", printer.broadcast(op.operand(0), op, axes)?))
            })
        }
        QonnxCountThresholds => count_thresholds(printer, op),
        QonnxUnscale => unscale(printer, op),
        _ => {
            let problem =
                "is no operation on floats that C++ is written for: quantize in front of it and behind, or remove it";
            Err(ExportError::node(op, problem))
        }
    }
}

/// Whether an operation goes over its result an element at a time.
pub(super) fn is_elementwise(op: Op<'_>) -> bool {
    use OpKind::*;
    let listed = matches!(
        op.kind(),
        QonnxPow
            | QonnxFma
            | QonnxClip
            | QonnxCast
            | QonnxBatchNormalization
            | QonnxQuantize
            | QonnxQuantizeMinifloat
            | QonnxBinarize
            | QonnxCountThresholds
            | QonnxUnscale
    );
    listed || unary(op).is_some() || binary(op).is_some()
}

/// `$` is the operand.
fn unary(op: Op<'_>) -> Option<String> {
    let attribute = |name: &str| float(op.f32_attribute(name));
    use OpKind::*;
    Some(match op.kind() {
        QonnxNeg => "-$".into(),
        QonnxAbs => "std::fabs($)".into(),
        QonnxSqrt => "std::sqrt($)".into(),
        QonnxExp => "float_math::exp($)".into(),
        QonnxLog => "float_math::eigen_log($)".into(),
        QonnxErf => "float_math::erf($)".into(),
        QonnxReciprocal => "1.0f / $".into(),
        QonnxSign => "float_math::sign($)".into(),
        QonnxRound => "float_math::half_even($)".into(),
        QonnxFloor => "std::floor($)".into(),
        QonnxCeil => "std::ceil($)".into(),
        QonnxRelu => "float_math::max($, 0.0f)".into(),
        QonnxSigmoid => "float_math::sigmoid($)".into(),
        QonnxTanh => "float_math::tanh($)".into(),
        QonnxSoftplus => "float_math::softplus($)".into(),
        QonnxSoftsign => "$ * (1.0f / (1.0f + std::fabs($)))".into(),
        QonnxHardSwish => "$ * float_math::max(float_math::min($ * (1.0f / 6.0f) + 0.5f, 1.0f), 0.0f)".into(),
        QonnxLeakyRelu => format!("$ >= 0.0f ? $ : {} * $", attribute("alpha")),
        QonnxElu => format!("float_math::elu($, {})", attribute("alpha")),
        QonnxSelu => format!("float_math::selu($, {}, {})", attribute("alpha"), attribute("gamma")),
        QonnxHardSigmoid => {
            format!("float_math::max(float_math::min({} * $ + {}, 1.0f), 0.0f)", attribute("alpha"), attribute("beta"))
        }
        _ => return None,
    })
}

/// `$` and `@` are the operands.
fn binary(op: Op<'_>) -> Option<&'static str> {
    use OpKind::*;
    Some(match op.kind() {
        QonnxAdd => "$ + @",
        QonnxSub => "$ - @",
        QonnxMul => "$ * @",
        QonnxDiv => "$ / @",
        QonnxMin => "float_math::min($, @)",
        QonnxMax => "float_math::max($, @)",
        QonnxPrelu => "$ >= 0.0f ? $ : $ * @",
        QonnxEqual => "$ == @ ? 1 : 0",
        QonnxLess => "$ < @ ? 1 : 0",
        QonnxGreater => "$ > @ ? 1 : 0",
        _ => return None,
    })
}

/// Float arithmetic of the driver is float32's.
fn floats(op: Op<'_>) -> Result<(), ExportError> {
    let other = op.operands().into_iter().find(|v| v.tensor_type().is_none_or(|ty| ty.element != Element::F32));
    match other {
        None => Ok(()),
        Some(value) => Err(ExportError::node(op, format!("computes on {}, expected float32 on the host", value.ty()))),
    }
}

/// onnxruntime squares and cubes by multiplication where the exponent is one value.
fn pow<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    floats(op)?;
    let constant = printer.array(op.operand(1), op)?.constant;
    let single = constant.and_then(|elements| {
        if let Elements::F32(v) = elements { (v.len() == 1).then(|| v.first().copied())? } else { None }
    });
    printer.each(op, |printer, axes| {
        let (a, b) = (printer.broadcast(op.operand(0), op, axes)?, printer.broadcast(op.operand(1), op, axes)?);
        Ok(match single {
            Some(2.0) => format!("{a} * {a}"),
            Some(3.0) => format!("{a} * {a} * {a}"),
            _ => format!("float_math::power({a}, {b})"),
        })
    })
}

fn clip<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    floats(op)?;
    let Some(view) = qonnx::Clip::of(op) else { return Err(ExportError::node(op, "is no clip")) };
    printer.each(op, |printer, axes| {
        let mut expression = printer.broadcast(op.operand(0), op, axes)?;
        for (function, bound) in [("max", view.low()), ("min", view.high())] {
            if let Some(bound) = bound {
                expression = format!("float_math::{function}({expression}, {})", printer.broadcast(bound, op, axes)?);
            }
        }
        Ok(expression)
    })
}

fn cast<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let from = printer.array(op.operand(0), op)?.ty;
    let element = op.result(0).tensor_type().map(|ty| ty.element);
    let to = element
        .and_then(Scalar::of)
        .ok_or_else(|| ExportError::node(op, "casts to a type that the driver cannot hold"))?;
    printer.each(op, |printer, axes| {
        let x = printer.broadcast(op.operand(0), op, axes)?;
        let integer = |x: String| if from == Scalar::Integer { x } else { format!("float_math::to_integer({x})") };
        Ok(match (element, to) {
            (Some(Element::Bool), _) => format!("{x} != 0 ? 1 : 0"),
            (Some(Element::Int { width, signed }), _) if width < 64 => {
                format!("float_math::wrap_integer({}, {width}, {signed})", integer(x))
            }
            (_, Scalar::Integer) => integer(x),
            (_, to) => format!("static_cast<{}>({x})", to.name()),
        })
    })
}

/// The axis of an operation as a position in a shape.
pub(super) fn axis_of(op: Op<'_>, attribute: &str, shape: &[usize]) -> Result<usize, ExportError> {
    let axis = op.i64_attribute(attribute);
    let position = usize::try_from(if axis < 0 { axis + shape.len() as i64 } else { axis }).ok();
    position
        .filter(|position| *position < shape.len())
        .ok_or_else(|| ExportError::node(op, format!("has no axis {axis} in shape {shape:?}")))
}

/// Extents outside the axis, along it, and inside.
pub(super) fn split(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    let extent = |part: Option<&[usize]>| part.unwrap_or_default().iter().product::<usize>();
    (extent(shape.get(..axis)), shape.get(axis).copied().unwrap_or(1), extent(shape.get(axis + 1..)))
}

fn rows<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>, function: &str) -> Result<(), ExportError> {
    floats(op)?;
    let source = printer.written(op.operand(0), op)?;
    let result = printer.result(op, 0)?;
    let (outer, extent, inner) = split(&result.shape, axis_of(op, "axis", &result.shape)?);
    let loops = axes(&[outer, inner]);
    let count = printer.open_loops(&loops);
    let at = index_by_stride(loops.iter().zip([extent * inner, 1]));
    printer.code.line(format!("float_math::{function}(&{source}[{at}], &{}[{at}], {extent}, {inner});", result.name));
    printer.code.close_all(count);
    Ok(())
}

fn arg_max<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let FloatArray { shape, .. } = printer.array(op.operand(0), op)?;
    let source = printer.written(op.operand(0), op)?;
    let result = printer.result(op, 0)?;
    let (outer, extent, inner) = split(&shape, axis_of(op, "axis", &shape)?);
    let loops = axes(&[outer, inner]);
    let count = printer.open_loops(&loops);
    let (from, to) =
        (index_by_stride(loops.iter().zip([extent * inner, 1])), index_by_stride(loops.iter().zip([inner, 1])));
    let last = op.unit_attribute("select_last_index");
    printer
        .code
        .line(format!("{}[{to}] = float_math::arg_max(&{source}[{from}], {extent}, {inner}, {last});", result.name));
    printer.code.close_all(count);
    Ok(())
}

/// `x * ns + nb` with both computed here, in float32 and in onnxruntime's order.
fn batch_normalization<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    floats(op)?;
    let mut parameters = Vec::new();
    for (operand, name) in (1..).zip(["scale", "bias", "mean", "variance"]) {
        match printer.constant_of(op.operand(operand), op, name)? {
            Elements::F32(values) => parameters.push(values),
            _ => return Err(ExportError::node(op, format!("has a {name} that is not float32"))),
        }
    }
    let [scale, bias, mean, variance] = parameters.as_slice() else {
        return Err(ExportError::node(op, "lacks a parameter"));
    };
    let epsilon = op.f32_attribute("epsilon");
    let factors: Vec<f32> = variance.iter().zip(scale).map(|(v, s)| (1.0 / (v + epsilon).sqrt()) * s).collect();
    let offsets: Vec<f32> = bias.iter().zip(mean).zip(&factors).map(|((b, m), f)| b - m * f).collect();
    let shape = printer.array(op.operand(0), op)?.shape;
    if shape.get(1) != Some(&factors.len()) || offsets.len() != factors.len() {
        return Err(ExportError::node(
            op,
            format!("normalizes {} channels of a tensor of shape {shape:?}", factors.len()),
        ));
    }
    let base = node_name(op).unwrap_or_else(|| "batch_normalization".into());
    let names = ["factor", "offset"].map(|role| printer.names.name(&format!("{base}_{role}")));
    let [factor, offset] = &names;
    printer.write_constant(factor, "float", Elements::F32(factors));
    printer.write_constant(offset, "float", Elements::F32(offsets));
    printer.each(op, |printer, axes| {
        let x = printer.broadcast(op.operand(0), op, axes)?;
        let channel = index_by_stride(axes.iter().skip(1).take(1).map(|axis| (axis, 1)));
        Ok(format!("{x} * {factor}[{channel}] + {offset}[{channel}]"))
    })
}

/// Rows from the axis on, each with its own mean and deviation.
fn layer_normalization<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    floats(op)?;
    let Some(view) = qonnx::LayerNormalization::of(op) else {
        return Err(ExportError::node(op, "is no normalization"));
    };
    let shape = printer.array(op.operand(0), op)?.shape;
    let tail = shape.get(axis_of(op, "axis", &shape)?..).unwrap_or_default();
    let inner: usize = tail.iter().product();
    let scale = row_parameter(printer, op, view.scale(), tail, "scale")?;
    let bias = view.bias().map(|bias| row_parameter(printer, op, bias, tail, "bias")).transpose()?;
    let bias = bias.unwrap_or_else(|| "nullptr".into());
    let source = printer.written(op.operand(0), op)?;
    let result = printer.result(op, 0)?;
    let loops = axes(&[shape.iter().product::<usize>() / inner.max(1)]);
    let count = printer.open_loops(&loops);
    let at = index_by_stride(loops.iter().zip([inner]));
    let (epsilon, name) = (float(view.epsilon()), &result.name);
    printer
        .code
        .line(format!("float_math::layer_norm(&{source}[{at}], &{name}[{at}], {scale}, {bias}, {inner}, {epsilon});"));
    printer.code.close_all(count);
    Ok(())
}

/// The name of a constant array with a value for each element of a row of this shape.
fn row_parameter<'c>(
    printer: &mut FloatPrinter<'c>,
    op: Op<'c>,
    value: Value<'c>,
    row: &[usize],
    role: &str,
) -> Result<String, ExportError> {
    let constant = convert::constant_of(value).and_then(|tensor| tensor.as_f32().ok().cloned());
    let constant =
        constant.ok_or_else(|| ExportError::node(op, format!("has a {role} that is no float32 constant")))?;
    let values = broadcast::view_as(&constant, row).map_err(|problem| ExportError::node(op, problem.to_string()))?;
    let name = printer.names.name(&format!("{}_{role}", node_name(op).unwrap_or_else(|| "layer_norm".into())));
    printer.write_constant(&name, "float", Elements::F32(values.iter().copied().collect()));
    Ok(name)
}

fn quantize<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    floats(op)?;
    let Some(view) = qonnx::Quantize::of(op) else { return Err(ExportError::node(op, "is no quantize")) };
    let rounding = quantizers::rounding(view.rounding());
    let (low, high, node) = (float(view.low()), float(view.high()), quoted(&op.node_name()));
    printer.each(op, |printer, axes| {
        let x = printer.broadcast(op.operand(0), op, axes)?;
        Ok(format!("float_math::to_code({rounding}(float_math::limit_code({x}, {low}, {high})), {node})"))
    })
}

/// A C++ string literal.
pub(super) fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_ascii_graphic() || c == ' ' => c.to_string(),
        _ => "?".into(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

fn count_thresholds<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    floats(op)?;
    let x_shape = printer.array(op.operand(0), op)?.shape;
    let axis = axis_of(op, "channel_axis", &x_shape)?;
    let [rows, steps] = printer.array(op.operand(1), op)?.shape[..] else {
        return Err(ExportError::node(op, "has thresholds that are no matrix"));
    };
    let thresholds = printer.written(op.operand(1), op)?;
    printer.each(op, |printer, axes| {
        let x = printer.broadcast(op.operand(0), op, axes)?;
        let channel = axes.get(axis).filter(|_| rows > 1);
        let row = index_by_stride(channel.map(|axis| (axis, steps)).into_iter());
        Ok(format!("float_math::count_reached({x}, &{thresholds}[{row}], {steps})"))
    })
}

/// Multiplies by the exact product of the scales: one `Scale` for each distinct position.
fn unscale<'c>(printer: &mut FloatPrinter<'c>, op: Op<'c>) -> Result<(), ExportError> {
    let Some(view) = qonnx::Unscale::of(op) else { return Err(ExportError::node(op, "is no unscale")) };
    if op.result(0).tensor_type().is_none_or(|ty| ty.element != Element::F32) {
        return Err(ExportError::node(op, format!("gives {}, expected float32", op.result(0).ty())));
    }
    let (common, scales) = scale_products(printer, op, &view.scales())?;
    let digits = scales.iter().map(|scale| scale.digits.len()).max().unwrap_or(1);
    let name = printer.names.name(&format!("{}_scales", node_name(op).unwrap_or_else(|| "unscale".into())));
    let items = scales.iter().map(|scale| scale.initializer(digits)).collect();
    printer.write_items(&name, &format!("float_math::Scale<{digits}>"), items);
    printer.each(op, |printer, axes| {
        let q = printer.broadcast(op.operand(0), op, axes)?;
        Ok(format!("float_math::unscale({q}, {name}[{}])", index(axes, &common)))
    })
}

fn scale_products<'c>(
    printer: &FloatPrinter<'c>,
    op: Op<'c>,
    scales: &[Value<'c>],
) -> Result<(Vec<usize>, Vec<Scale>), ExportError> {
    let mut factors = Vec::new();
    for scale in scales {
        match printer.constant_of(*scale, op, "scale")? {
            Elements::F32(values) => factors.push((shape(*scale, op)?, values)),
            _ => return Err(ExportError::node(op, format!("has a scale of type {}, expected float32", scale.ty()))),
        }
    }
    let rank = factors.iter().map(|(shape, _)| shape.len()).max().unwrap_or(0);
    let aligned = |shape: &[usize]| -> Vec<usize> {
        std::iter::repeat_n(1, rank - shape.len()).chain(shape.iter().copied()).collect()
    };
    let mut common = vec![1; rank];
    factors.iter().for_each(|(shape, _)| common.iter_mut().zip(aligned(shape)).for_each(|(c, dim)| *c = (*c).max(dim)));
    let common_strides = strides(&common);
    let mut products = Vec::new();
    for position in 0..common.iter().product::<usize>() {
        let factor = |(shape, values): &(Vec<usize>, Vec<f32>)| {
            let shape = aligned(shape);
            let own = strides(&shape);
            let steps = common_strides.iter().zip(&common).zip(shape.iter().zip(own));
            let at = steps
                .map(|((stride, extent), (dim, own))| if *dim > 1 { position / stride % extent * own } else { 0 })
                .sum::<usize>();
            values.get(at).copied().unwrap_or(f32::NAN)
        };
        let scales: Vec<f32> = factors.iter().map(factor).collect();
        let product = Scale::product(&scales);
        products.push(
            product.ok_or_else(|| ExportError::node(op, format!("has scales {scales:?}, expected finite numbers")))?,
        );
    }
    Ok((common, products))
}
