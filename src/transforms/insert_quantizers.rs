//! `qonnx-insert-quantizers`: what a file leaves unquantized is made explicit.

pub mod format;
mod tails;

use super::{functions::functions, hoist_movement::layout_of, kinds::is_dot_product, split_quant::is_quantizer};
use crate::eval::{
    Tensor,
    convert::{constant_of, qonnx_constant},
};
pub use format::FixedFormat;
use qonnx_dialect::{
    Builder, Element, Op, OpKind, Reported, RoundingMode, Value, options::QonnxInsertQuantizersOptions, qonnx,
};
use std::collections::HashMap;

/// Quantizes inputs, and on request weights, activations and the outputs of float tails.
///
/// # Errors
/// If a format cannot be read or names no input or output.
pub fn run(module: Op<'_>, options: &QonnxInsertQuantizersOptions) -> Result<(), Reported> {
    let inputs = formats(&options.input_format).map_err(|problem| module.error(problem))?;
    let default = match options.default_format.as_str() {
        "" => None,
        text => Some(text.parse::<FixedFormat>().map_err(|problem| module.error(problem))?),
    };
    let outputs = formats(&options.output_format).map_err(|problem| module.error(problem))?;
    let tails = match options.float_tail.as_str() {
        "host" => false,
        "lut" => true,
        other => return Err(module.error(format!("float-tail is '{other}', expected host or lut"))),
    };
    for function in functions(module) {
        let names = argument_names(function);
        all_known("input", &inputs, &names).map_err(|problem| function.error(problem))?;
        for (argument, name) in function.arguments().into_iter().zip(&names) {
            let format = inputs.get(name).copied();
            let float = argument.tensor_type().is_some_and(|ty| ty.element == Element::F32);
            if float && (format.is_some() || meets_linear(argument)) {
                quantize_argument(function, argument, name, format.or(default).unwrap_or(FixedFormat::DEFAULT));
            }
        }
        if let Some(format) = default {
            quantize_linear_operands(function, format);
        }
        tails::quantize(function, &outputs, tails)?;
    }
    Ok(())
}

/// Formats by the names of inputs or outputs.
pub type Formats = HashMap<String, FixedFormat>;

/// Formats as users write them, `NAME=fixed<W,I>`.
///
/// # Errors
/// At the first that cannot be read.
pub fn formats(options: &[String]) -> Result<Formats, String> {
    options.iter().map(|option| format::named(option)).collect()
}

/// Says that a format names an input or output that is not there.
///
/// # Errors
/// If there is one, with the names that there are.
pub fn all_known(what: &str, formats: &Formats, names: &[String]) -> Result<(), String> {
    match formats.keys().find(|name| !names.contains(name)) {
        Some(unknown) => Err(format!("has no {what} '{unknown}'; its {what}s are {}", names.join(", "))),
        None => Ok(()),
    }
}

/// The ONNX names of a function's arguments.
pub fn argument_names(function: Op<'_>) -> Vec<String> {
    names(function, "arg_attrs", function.arguments().len(), "in")
}

/// The ONNX names of a function's results.
pub fn result_names(function: Op<'_>) -> Vec<String> {
    names(function, "res_attrs", super::functions::returned(function).len(), "out")
}

fn names(function: Op<'_>, list: &str, count: usize, fallback: &str) -> Vec<String> {
    let dictionaries = function.attribute(list);
    let name = |index: usize| {
        let dictionary = dictionaries.and_then(|list| qonnx_dialect::attributes::array_item(list, index));
        dictionary.and_then(|dictionary| qonnx_dialect::attributes::string_item(dictionary, "qonnx.name"))
    };
    (0..count).map(|index| name(index).unwrap_or_else(|| format!("{fallback}{index}"))).collect()
}

fn is_linear(op: Op<'_>) -> bool {
    is_dot_product(op) || op.kind() == OpKind::QonnxAveragePool
}

/// Whether a value reaches a dot product before any quantizer.
fn meets_linear(value: Value<'_>) -> bool {
    let mut open = vec![value];
    let mut seen = std::collections::HashSet::new();
    while let Some(value) = open.pop() {
        for user in value.users() {
            if is_linear(user) {
                return true;
            }
            if !is_quantizer(user) && seen.insert(user) {
                open.extend(user.results());
            }
        }
    }
    false
}

fn quantize_argument<'c>(function: Op<'c>, argument: Value<'c>, name: &str, format: FixedFormat) {
    let Some(first) = function.body().first().copied() else { return };
    let quantized = quant(&Builder::before(first).named(&format!("{name}_quant")), argument, format);
    argument.replace_uses(quantized.result());
    quantized.op().set_operand(0, argument);
    let message = format!("input '{name}' is not quantized in the file: rounded to {format}, half to even, saturating");
    quantized.op().remark(message);
}

/// For models without quantizers: the operands of every dot product.
fn quantize_linear_operands(function: Op<'_>, format: FixedFormat) {
    for op in function.body().into_iter().filter(|op| is_linear(*op)) {
        for index in 0..op.operand_count() {
            let operand = op.operand(index);
            if comes_from_quantizer(operand) {
                continue;
            }
            let kind = if constant_of(operand).is_some() { "weights" } else { "activation" };
            let quantized = quant(&Builder::before(op), operand, format);
            op.set_operand(index, quantized.result());
            op.remark(format!("operand {index} ({kind}) is not quantized in the file: rounded to {format}"));
        }
    }
}

/// Whether only moves of data lie between a quantizer and the value.
fn comes_from_quantizer(value: Value<'_>) -> bool {
    let Some(op) = value.defining_op() else { return false };
    let selects = matches!(op.kind(), OpKind::QonnxMaxPool | OpKind::QonnxPad | OpKind::QonnxRelu);
    match op.kind() {
        OpKind::QonnxDequantizeLinear => true,
        OpKind::QonnxConcat => op.operands().into_iter().all(comes_from_quantizer),
        _ if selects || layout_of(op).is_some() => comes_from_quantizer(op.operand(0)),
        _ => is_quantizer(op),
    }
}

fn quant<'c>(builder: &Builder<'c>, x: Value<'c>, format: FixedFormat) -> qonnx::Quant<'c> {
    let scalar = |value: f32| qonnx_constant(builder, &Tensor::scalar(value));
    let (scale, zero, width) = (scalar(format.step()), scalar(0.0), scalar(format.width as f32));
    qonnx::Quant::build(builder, x, scale, zero, width, RoundingMode::HalfEven, format.signed, false, [x.ty()])
}
