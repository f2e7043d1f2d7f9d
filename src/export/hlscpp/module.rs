//! The module taken apart: host function, kernel, layers, and the binary point of every value.

use super::{ExportError, Numbers, number::Number};
use crate::{
    hls::exponents,
    transforms::{functions::callee_name, kinds::is_hls_constant},
};
use qonnx_dialect::{Op, Value, attributes};
use std::collections::{HashMap, HashSet};

/// The functions of a module in their roles.
pub(super) struct Parts<'c> {
    pub host: Op<'c>,
    pub kernel: Option<Kernel<'c>>,
    /// Of the network, for file names.
    pub name: String,
}

/// The hardware's top function and what it calls, in order.
pub(super) struct Kernel<'c> {
    pub function: Op<'c>,
    pub name: &'c str,
    /// The operation of the host function that calls it.
    pub call: Option<Op<'c>>,
    pub layers: Vec<Layer<'c>>,
}

/// A call in the kernel and the function that it calls.
#[derive(Clone, Copy)]
pub(super) struct Layer<'c> {
    pub call: Op<'c>,
    pub function: Op<'c>,
    pub name: &'c str,
}

impl<'c> Parts<'c> {
    /// Finds the functions.
    ///
    /// # Errors
    /// If there is no host function, several kernels, or a kernel does more than call layers.
    pub fn of(module: Op<'c>) -> Result<Self, ExportError> {
        let functions: Vec<Op<'c>> = module.body().into_iter().filter(|op| op.name() == "func.func").collect();
        let is_kernel = |op: &&Op<'c>| op.unit_attribute("hls.kernel");
        let is_host = |op: &&Op<'c>| !op.unit_attribute("hls.kernel") && !op.unit_attribute("hls.layer");
        let host = functions.iter().filter(is_host).copied().find(|op| symbol(*op) == "main");
        let host = host.or_else(|| functions.iter().copied().find(|op| is_host(&op)));
        let host = host.ok_or_else(|| structure("has no host function: one without hls.kernel and hls.layer"))?;
        let mut kernels = functions.iter().filter(is_kernel);
        let kernel = kernels.next().map(|op| Kernel::of(*op, host, &functions)).transpose()?;
        if let Some(second) = kernels.next() {
            return Err(structure(format!("has a second kernel, @{}; one is expected", symbol(*second))));
        }
        let name = module.optional_str_attribute("qonnx.name").or(kernel.as_ref().map(|k| k.name)).unwrap_or("model");
        Ok(Self { host, kernel, name: name.to_string() })
    }
}

impl<'c> Kernel<'c> {
    fn of(function: Op<'c>, host: Op<'c>, functions: &[Op<'c>]) -> Result<Self, ExportError> {
        let name = symbol(function);
        let calls: Vec<Op<'c>> =
            host.body().into_iter().filter(|op| callee_name(*op).as_deref() == Some(name)).collect();
        if calls.len() > 1 {
            return Err(structure(format!("calls the kernel @{name} {} times; one call is expected", calls.len())));
        }
        let mut layers = Vec::new();
        for call in function.body().into_iter().filter(|op| op.name() != "func.return") {
            let Some(callee) = callee_name(call) else {
                return Err(ExportError::node(call, "a kernel only calls layers: put it in a function with hls.layer"));
            };
            let layer = functions.iter().find(|op| symbol(**op) == callee && op.unit_attribute("hls.layer"));
            let layer =
                layer.ok_or_else(|| ExportError::node(call, format!("@{callee} is no function with hls.layer")))?;
            layers.push(Layer { call, function: *layer, name: symbol(*layer) });
        }
        Ok(Self { function, name, call: calls.first().copied(), layers })
    }
}

fn structure(message: impl Into<String>) -> ExportError {
    ExportError::Structure(message.into())
}

fn symbol(function: Op<'_>) -> &str {
    function.optional_str_attribute("sym_name").unwrap_or_default()
}

/// What a function returns.
pub(super) fn returned<'c>(function: Op<'c>) -> Vec<Value<'c>> {
    let last = function.body().last().copied();
    last.filter(|op| op.name() == "func.return").map(Op::operands).unwrap_or_default()
}

/// An entry of the attributes of argument or result `index` (`arg_attrs`, `res_attrs`).
pub(super) fn signature_attribute<'c>(
    function: Op<'c>,
    list: &str,
    index: usize,
    name: &str,
) -> Option<qonnx_dialect::Attribute<'c>> {
    attributes::item(attributes::array_item(function.attribute(list)?, index)?, name)
}

/// The name of the ONNX node that an operation stands for; None if its location is a place in a text.
pub(super) fn node_name(op: Op<'_>) -> Option<String> {
    let name = op.node_name();
    let is_place = name.starts_with('"') || name.contains('[') || name == "unknown";
    (!is_place && !name.is_empty()).then_some(name)
}

/// All node names in an operation's location, a fused one's, too; its own name where there is none.
pub(super) fn node_names(op: Op<'_>) -> String {
    let text = op.location().to_string();
    let mut names: Vec<&str> = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, after)) = rest.split_once('"') {
        let Some((name, after)) = after.split_once('"') else { break };
        if !after.starts_with(':') && !names.contains(&name) {
            names.push(name);
        }
        rest = after;
    }
    if names.is_empty() { op.name().to_string() } else { names.join(", ") }
}

/// The shape of a value, all of it known and with elements.
pub(super) fn shape(value: Value<'_>, op: Op<'_>) -> Result<Vec<usize>, ExportError> {
    let shape = value.tensor_type().and_then(|ty| ty.static_shape());
    let shape = shape
        .ok_or_else(|| ExportError::node(op, format!("has a value of type {}, expected a static shape", value.ty())))?;
    match shape.contains(&0) {
        true => Err(ExportError::node(op, format!("has a value without elements, {}", value.ty()))),
        false => Ok(shape),
    }
}

/// The C++ type of every value of the kernel and its layers.
#[derive(Default)]
pub(super) struct ValueTypes<'c> {
    exponents: HashMap<Value<'c>, i64>,
    /// Indices: integers that have no binary point by nature.
    indices: HashSet<Value<'c>>,
    numbers: Numbers,
}

impl<'c> ValueTypes<'c> {
    /// Follows the binary points from the kernel's arguments through all layers.
    pub fn of(kernel: &Kernel<'c>, numbers: Numbers) -> Self {
        let mut types = Self { numbers, ..Self::default() };
        if numbers == Numbers::Integer {
            return types;
        }
        for (index, argument) in kernel.function.arguments().into_iter().enumerate() {
            let own = signature_attribute(kernel.function, "arg_attrs", index, "hls.exponent");
            let own = own.and_then(|attribute| attribute.to_string().split(' ').next()?.parse().ok());
            let passed = kernel
                .call
                .filter(|call| index < call.operand_count())
                .and_then(|call| call.operand(index).defining_op()?.optional_i64_attribute("exponent"));
            types.set(argument, own.or(passed));
        }
        for layer in &kernel.layers {
            types.follow_layer(*layer);
        }
        types
    }

    fn follow_layer(&mut self, layer: Layer<'c>) {
        for (argument, operand) in layer.function.arguments().into_iter().zip(layer.call.operands()) {
            self.inherit(argument, operand);
        }
        for op in layer.function.body() {
            for (index, result) in op.results().into_iter().enumerate() {
                let exponent = exponents::of_result(op, index, |value| self.exponents.get(&value).copied());
                self.set(result, exponent);
                let moved = exponents::is_move(op) && op.operands().iter().all(|value| self.indices.contains(value));
                if moved || exponents::is_index(op, index) {
                    self.indices.insert(result);
                }
            }
        }
        for (result, value) in layer.call.results().into_iter().zip(returned(layer.function)) {
            self.inherit(result, value);
        }
    }

    fn set(&mut self, value: Value<'c>, exponent: Option<i64>) {
        self.exponents.extend(exponent.map(|exponent| (value, exponent)));
    }

    fn inherit(&mut self, value: Value<'c>, from: Value<'c>) {
        self.set(value, self.exponents.get(&from).copied());
        if self.indices.contains(&from) {
            self.indices.insert(value);
        }
    }

    /// The type of a value that `op` gives or takes.
    ///
    /// # Errors
    /// If it is no tensor of integers, too wide, or lacks the binary point that `Numbers::Fixed` demands.
    pub fn number(&self, value: Value<'c>, op: Op<'c>) -> Result<Number, ExportError> {
        let number = value.tensor_type().and_then(|ty| Number::of(ty.element));
        let number = number.ok_or_else(|| {
            let widest = super::number::MAX_WIDTH;
            ExportError::node(
                op,
                format!("has a value of type {}, expected integers of at most {widest} bits", value.ty()),
            )
        })?;
        let exponent = self.exponents.get(&value).copied();
        if self.numbers == Numbers::Fixed
            && exponent.is_none()
            && !is_hls_constant(value)
            && !self.indices.contains(&value)
        {
            let problem =
                "a value has no binary point: its scale is no power of two; export it as integers or automatically";
            return Err(ExportError::node(op, problem));
        }
        Ok(number.with_exponent(exponent))
    }
}
