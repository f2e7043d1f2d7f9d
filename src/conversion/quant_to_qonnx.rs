//! `convert-quant-to-qonnx`: casts of upstream's quant dialect as quantizers.
//!
//! | there | here |
//! |---|---|
//! | `qcast`, `dcast`, limits of a whole width | `qonnx.quant` |
//! | other limits, no zero point to add before rounding | `quantize_linear`, `clip`, `dequantize_linear` |
//! | other limits and such a zero point | `max` and `min` in front of a wider `qonnx.quant` |
//! | `dcast` of stored codes | `dequantize_linear` |
//! | codes that a function takes or gives | signed or unsigned integers |
//!
//! `max` and `min` in front of a quantizer limit its codes: it keeps order, and the values of the two
//! limits are checked to have the limits as their codes.

mod forms;

use super::{ZeroPoint, erase_unused, parameters::Parameters};
use crate::{
    eval::{
        Tensor,
        convert::{int_type, qonnx_constant},
    },
    transforms::functions::{callee_name, functions, retype},
};
use forms::{Linear, Width, limited, widened};
use qonnx_dialect::{
    Builder, Element, Op, Reported, TensorType, Value,
    constants::{self, Elements},
    options::ConvertQuantToQonnxOptions,
    qonnx,
    quant::{UniformType, is_quantized},
    signless_width, with_element,
};

/// Replaces each cast.
///
/// # Errors
/// At each one that cannot be said in the qonnx dialect.
pub fn run(module: Op<'_>, options: &ConvertQuantToQonnxOptions) -> Result<(), Reported> {
    let order = ZeroPoint::named(module, &options.zero_point)?;
    let mut conversion = Conversion { module, order, arguments: Vec::new(), functions: Vec::new() };
    let mut outcome = Ok(());
    for op in module.nested() {
        let done = match op.name() {
            "quant.dcast" => conversion.dequantize(op),
            "func.return" => conversion.give(op),
            _ => Ok(()),
        };
        if let Err(problem) = done {
            outcome = Err(op.error(problem));
        }
    }
    own_constants(module);
    erase_unused(module);
    for op in module.nested().into_iter().filter(|op| matches!(op.name(), "quant.qcast" | "quant.scast")) {
        if let Some(user) = op.result(0).users().into_iter().find(|user| !takes_codes(*user)) {
            outcome =
                Err(op.error(format!("gives codes to {}, expected quant.dcast or a function's end", user.name())));
        }
    }
    if outcome.is_ok() {
        conversion.retype();
    }
    outcome
}

/// Whether an operation is looked at as one that takes codes.
fn takes_codes(op: Op<'_>) -> bool {
    matches!(op.name(), "quant.dcast" | "quant.scast" | "func.return")
}

/// Constants of arith in front of our operations become ours.
fn own_constants(module: Op<'_>) {
    for op in module.nested().into_iter().filter(|op| op.name() == "arith.constant") {
        let result = op.result(0);
        if result.tensor_type().is_none() || !result.users().iter().any(|user| user.name().starts_with("qonnx.")) {
            continue;
        }
        if let Some(value) = op.attribute("value") {
            op.replace(&[qonnx::Constant::build(&Builder::before(op), value, [result.ty()]).result()]);
        }
    }
}

struct Conversion<'c> {
    module: Op<'c>,
    order: ZeroPoint,
    /// Arguments that are codes, and what they become.
    arguments: Vec<(Value<'c>, Element)>,
    /// Whose types follow.
    functions: Vec<Op<'c>>,
}

impl<'c> Conversion<'c> {
    /// A `quant.dcast`.
    fn dequantize(&mut self, op: Op<'c>) -> Result<(), String> {
        let (operand, builder) = (op.operand(0), Builder::before(op));
        let uniform = uniform_of(operand)?;
        let value = match operand.defining_op().filter(|op| op.name() == "quant.qcast") {
            Some(quantize) => self.quantized(&builder.at(quantize.location()), quantize.operand(0), &uniform)?,
            None => {
                let codes = self.codes(&builder, operand, uniform.storage)?;
                let linear = Linear::new(&builder, &uniform, uniform.storage, operand)?;
                linear.dequantize(&builder, codes, op.result(0))
            }
        };
        op.replace(&[value]);
        Ok(())
    }

    /// Codes that a function ends with.
    fn give(&mut self, op: Op<'c>) -> Result<(), String> {
        for (index, value) in op.operands().into_iter().enumerate() {
            let quantized = match value.defining_op().filter(|op| op.name() == "quant.scast") {
                Some(cast) if !is_quantized(value.ty()) => cast.operand(0),
                _ if is_quantized(value.ty()) => value,
                _ => continue,
            };
            let storage = uniform_of(quantized)?.storage;
            let codes = self.codes(&Builder::before(op), quantized, storage)?;
            op.set_operand(index, codes);
            self.functions.extend(op.parent());
        }
        Ok(())
    }

    /// The value of a `quant.dcast` of a `quant.qcast`.
    fn quantized(&self, builder: &Builder<'c>, x: Value<'c>, uniform: &UniformType) -> Result<Value<'c>, String> {
        let parameters = Parameters::of(uniform, shape_of(x)?.as_deref())?;
        let is_linear = self.order == ZeroPoint::AfterRounding || parameters.only_zero_point() == Some(0);
        let is_quant = self.order == ZeroPoint::BeforeRounding || parameters.only_zero_point() == Some(0);
        match Width::of(uniform.low, uniform.high).filter(|_| is_quant) {
            Some(width) => Ok(width.quant(builder, x, &parameters)),
            None if is_linear => {
                let linear = Linear::new(builder, uniform, widened(uniform.storage), x)?;
                let codes = linear.quantize(builder, x, uniform)?;
                Ok(linear.dequantize(builder, codes, x))
            }
            None => {
                let x = limited(builder, x, uniform, &parameters)?;
                Ok(Width::holding(uniform.low, uniform.high).quant(builder, x, &parameters))
            }
        }
    }

    /// Codes of a quantized value, as integers with a sign or without.
    fn codes(&mut self, builder: &Builder<'c>, value: Value<'c>, storage: Element) -> Result<Value<'c>, String> {
        let mut value = value;
        loop {
            if is_quantized(value.ty()) && uniform_of(value)?.storage != storage {
                return Err(format!("reads codes of another type as {storage}"));
            }
            let Some(op) = value.defining_op() else { return self.argument(value, storage) };
            match op.name() {
                "quant.scast" => value = op.operand(0),
                "quant.qcast" => return self.codes_of(builder, op),
                "arith.constant" | "qonnx.constant" => return stored(op, storage),
                name => {
                    return Err(format!("takes codes of {name}, expected those of a cast, a constant or an argument"));
                }
            }
        }
    }

    /// The codes of a `quant.qcast`.
    fn codes_of(&self, builder: &Builder<'c>, op: Op<'c>) -> Result<Value<'c>, String> {
        let (x, uniform, builder) = (op.operand(0), uniform_of(op.result(0))?, builder.at(op.location()));
        let linear = Linear::new(&builder, &uniform, uniform.storage, x)?;
        let mut zeros = uniform.zero_points.iter();
        if self.order == ZeroPoint::AfterRounding || zeros.all(|zero| *zero == 0) {
            return linear.quantize(&builder, x, &uniform);
        }
        let reach = |zero: &i64| (uniform.low - zero).abs().max((uniform.high - zero).abs());
        if uniform.zero_points.iter().any(|zero| reach(zero) >= 1 << 22) {
            return Err("gives codes of more than 22 bits, which float32 does not lead back to".into());
        }
        // Each value is that of a code, far from any tie: when the zero point is added does not matter.
        let value = self.quantized(&builder, x, &uniform)?;
        linear.quantize(&builder, value, &uniform)
    }

    /// An argument of a function that is codes.
    fn argument(&mut self, value: Value<'c>, storage: Element) -> Result<Value<'c>, String> {
        if let Some((_, element)) = self.arguments.iter().find(|(known, _)| *known == value) {
            let problem = || format!("takes an argument as codes of {storage} that is one of {element} elsewhere");
            return if *element == storage { Ok(value) } else { Err(problem()) };
        }
        let function = functions(self.module).find(|function| function.arguments().contains(&value));
        let function = function.ok_or("takes codes that are the argument of a block within a function")?;
        if let Some(user) = value.users().into_iter().find(|user| !takes_codes(*user)) {
            return Err(format!("takes an argument as codes that {} takes, too", user.name()));
        }
        let name = function.optional_str_attribute("sym_name");
        if self.module.nested().into_iter().any(|op| callee_name(op).as_deref() == name) {
            return Err("takes codes of a function that is called: inline it first".into());
        }
        self.arguments.push((value, storage));
        self.functions.push(function);
        Ok(value)
    }

    /// Arguments and functions get their new types.
    fn retype(&self) {
        for (argument, element) in &self.arguments {
            let context = self.module.context();
            if let Some(ty) = with_element(argument.ty(), element.to_type(context)) {
                argument.set_type(ty);
            }
        }
        self.functions.iter().for_each(|function| retype(*function));
    }
}

/// The type of a quantized tensor, if we can say it.
fn uniform_of(value: Value<'_>) -> Result<UniformType, String> {
    if TensorType::shape_of(value.ty()).is_none() {
        return Err("casts a scalar, expected a tensor".into());
    }
    let uniform = UniformType::of(value.ty()).ok_or("has another type than !quant.uniform")?;
    if uniform.expressed != Element::F32 {
        return Err(format!("quantizes {}, expected f32", uniform.expressed));
    }
    let is_usable = |scale: f32| scale > 0.0 && scale.is_finite();
    if let Some(scale) = uniform.scales.iter().find(|scale| !is_usable(**scale as f32)) {
        return Err(format!("has a scale of {scale}, expected a positive number that float32 holds"));
    }
    let (least, greatest) = uniform.storage.range().unwrap_or((0, 0));
    let mut codes = [uniform.low, uniform.high].into_iter().chain(uniform.zero_points.iter().copied());
    if let Some(code) = codes.find(|code| !(least..=greatest).contains(code)) {
        return Err(format!("has a limit or zero point of {code}, expected a code of {}", uniform.storage));
    }
    if uniform.low >= uniform.high || uniform.scales.is_empty() {
        return Err("has no codes or no scale".into());
    }
    Ok(uniform)
}

#[expect(clippy::type_complexity, reason = "a shape as TensorType has it")]
/// The shape of a tensor.
fn shape_of(value: Value<'_>) -> Result<Option<Vec<Option<usize>>>, String> {
    TensorType::shape_of(value.ty()).ok_or_else(|| "casts a scalar, expected a tensor".into())
}

/// A constant of codes with their sign.
fn stored<'c>(op: Op<'c>, storage: Element) -> Result<Value<'c>, String> {
    let problem = "takes codes of a constant that cannot be read";
    let value = op.attribute("value").filter(|_| signless_width(op.result(0).ty()).is_some()).ok_or(problem)?;
    let signed = matches!(storage, Element::Int { signed: true, .. });
    let (ty, Elements::Int(codes)) = constants::read_signless(value, signed).ok_or(problem)? else {
        return Err(problem.into());
    };
    let int = int_type(storage).ok_or(problem)?;
    let tensor =
        Tensor::int(int, &ty.static_shape().unwrap_or_default(), codes).map_err(|problem| problem.to_string())?;
    Ok(qonnx_constant(&Builder::before(op), &tensor))
}
