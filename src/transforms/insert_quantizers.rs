//! `qonnx-insert-quantizers`: what a file leaves unquantized is made explicit.

use super::{functions::functions, hoist_movement::layout_of, split_quant::is_quantizer};
use crate::eval::{
    Tensor,
    convert::{constant_of, qonnx_constant},
};
use qonnx_dialect::{
    Builder, Element, Op, OpKind, Reported, RoundingMode, Value, options::QonnxInsertQuantizersOptions, qonnx,
};
use std::{collections::HashMap, fmt, str::FromStr};

/// A fixed-point format as Vitis HLS names it: `fixed<W,I>` or `ufixed<W,I>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedFormat {
    /// All bits.
    pub width: u32,
    /// Bits before the binary point, the sign among them.
    pub integer: i32,
    /// Two's complement or not.
    pub signed: bool,
}

impl FixedFormat {
    /// What an input gets unless the user names another.
    pub const DEFAULT: Self = Self { width: 16, integer: 6, signed: true };

    /// The value of one step.
    pub fn step(self) -> f32 {
        2f32.powi(self.integer - self.width as i32)
    }
}

impl fmt::Display for FixedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}fixed<{},{}>", if self.signed { "" } else { "u" }, self.width, self.integer)
    }
}

impl FromStr for FixedFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || format!("'{text}' is no format: expected fixed<W,I> or ufixed<W,I>, such as fixed<16,6>");
        let (name, rest) = text.split_once('<').ok_or_else(problem)?;
        let signed = match name.trim_start_matches("ap_") {
            "fixed" => true,
            "ufixed" => false,
            _ => return Err(problem()),
        };
        let (width, integer) = rest.strip_suffix('>').and_then(|rest| rest.split_once(',')).ok_or_else(problem)?;
        let width: u32 = width.trim().parse().map_err(|_| problem())?;
        let integer: i32 = integer.trim().parse().map_err(|_| problem())?;
        if !(1..=24).contains(&width) || !(-64..=64).contains(&integer) {
            return Err(format!(
                "'{text}': expected 1 to 24 bits, which float32 holds exactly, and a binary point near them"
            ));
        }
        Ok(Self { width, integer, signed })
    }
}

/// Quantizes inputs, and on request weights and activations.
///
/// # Errors
/// If a format cannot be read or names no input.
pub fn run(module: Op<'_>, options: &QonnxInsertQuantizersOptions) -> Result<(), Reported> {
    let formats = formats(&options.input_format).map_err(|problem| module.error(problem))?;
    let default = match options.default_format.as_str() {
        "" => None,
        text => Some(text.parse::<FixedFormat>().map_err(|problem| module.error(problem))?),
    };
    for function in functions(module) {
        let names = argument_names(function);
        if let Some(unknown) = formats.keys().find(|name| !names.contains(name)) {
            return Err(function.error(format!("has no input '{unknown}'; its inputs are {}", names.join(", "))));
        }
        for (argument, name) in function.arguments().into_iter().zip(&names) {
            let format = formats.get(name).copied();
            let float = argument.tensor_type().is_some_and(|ty| ty.element == Element::F32);
            if float && (format.is_some() || meets_linear(argument)) {
                quantize_argument(function, argument, name, format.or(default).unwrap_or(FixedFormat::DEFAULT));
            }
        }
        if let Some(format) = default {
            quantize_linear_operands(function, format);
        }
    }
    Ok(())
}

fn formats(options: &[String]) -> Result<HashMap<String, FixedFormat>, String> {
    let mut formats = HashMap::new();
    for option in options {
        let (name, format) = option.rsplit_once('=').ok_or_else(|| format!("'{option}': expected NAME=fixed<W,I>"))?;
        formats.insert(name.to_string(), format.parse()?);
    }
    Ok(formats)
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
    matches!(
        op.kind(),
        OpKind::QonnxMatmul
            | OpKind::QonnxGemm
            | OpKind::QonnxConv
            | OpKind::QonnxConvTranspose
            | OpKind::QonnxAveragePool
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_in_vitis() {
        let format: FixedFormat = "fixed<16,6>".parse().unwrap();
        assert_eq!((format, format.step()), (FixedFormat::DEFAULT, 2f32.powi(-10)));
        assert_eq!("ufixed<8,8>".parse::<FixedFormat>().unwrap().to_string(), "ufixed<8,8>");
        for bad in ["", "fixed", "fixed<16>", "fixed<0,0>", "fixed<99,1>", "float<8,4>", "fixed<8,4"] {
            assert!(bad.parse::<FixedFormat>().is_err(), "{bad}");
        }
    }
}
