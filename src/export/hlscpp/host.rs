//! `driver.h`: what the host computes in front of the kernel and behind it.

use super::{
    ExportError, Port,
    code::{Axis, Code, axes, index},
    host_ops,
    kernel::from,
    module::{Parts, callee, node_name, returned, shape, signature_attribute},
    names::Namer,
    rom::wrap,
};
use qonnx_dialect::{
    Element, Op, OpKind, Value,
    constants::{self, Elements},
};
use std::collections::HashMap;

/// `driver.h` and what goes in and out of the network.
pub(super) struct HostFile {
    pub driver: String,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
}

/// The element types that the driver computes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostType {
    Float,
    Double,
    Integer,
}

impl HostType {
    /// In C++.
    pub fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Double => "double",
            Self::Integer => "long long",
        }
    }

    /// Of an element of the IR; None for half floats.
    pub fn of(element: Element) -> Option<Self> {
        match element {
            Element::F32 => Some(Self::Float),
            Element::F64 => Some(Self::Double),
            Element::Bool | Element::Int { .. } => Some(Self::Integer),
            Element::F16 | Element::BF16 => None,
        }
    }
}

/// A tensor in the driver: a flat array, and its elements where they are known.
#[derive(Clone, Debug)]
pub(super) struct HostArray {
    pub name: String,
    pub ty: HostType,
    pub shape: Vec<usize>,
    pub constant: Option<Elements>,
}

/// Writes the body of `run`.
pub(super) struct HostPrinter<'c> {
    pub code: Code,
    /// Constants, at file scope.
    pub constants: String,
    pub names: Namer,
    values: HashMap<Value<'c>, HostArray>,
    /// Constants that were written.
    written: HashMap<Value<'c>, String>,
}

/// Prints the driver; `top` is the kernel's name in C++.
pub(super) fn print(parts: &Parts<'_>, top: Option<&str>) -> Result<HostFile, ExportError> {
    let mut names = Namer::default();
    top.into_iter().for_each(|top| drop(names.name(&format!("{top}_codes"))));
    let mut printer = HostPrinter {
        code: Code::default(),
        constants: String::new(),
        names,
        values: HashMap::new(),
        written: HashMap::new(),
    };
    let (inputs, input_names) = printer.inputs(parts.host)?;
    let (outputs, output_names) = printer.outputs(parts.host)?;
    let inputs_list = input_names.iter().map(|name| format!("const float *{name}"));
    let outputs_list = output_names.iter().map(|name| format!("float *{name}"));
    let list: Vec<String> = inputs_list.chain(outputs_list).chain(["long long *codes".to_string()]).collect();
    printer.code.open(format!("inline void run({})", list.join(", ")));
    if parts.kernel.is_none() {
        printer.code.line("(void)codes;  // nothing is left to compute in integers");
    }
    printer.convert_inputs(parts.host, &input_names)?;
    for op in parts.host.body() {
        printer.operation(op, parts, top)?;
    }
    printer.store_outputs(parts.host, &output_names)?;
    printer.code.close();
    let driver = driver_text(parts, top, &inputs, &outputs, printer);
    Ok(HostFile { driver, inputs, outputs })
}

fn driver_text(
    parts: &Parts<'_>,
    top: Option<&str>,
    inputs: &[Port],
    outputs: &[Port],
    printer: HostPrinter<'_>,
) -> String {
    let describe = |kind: &str, ports: &[Port]| -> String {
        ports
            .iter()
            .map(|port| format!("//   {kind} {}: {:?}\n", super::layer::one_line(&port.name), port.shape))
            .collect()
    };
    let include = if top.is_some() { "#include \"codes.h\"\n" } else { "" };
    format!(
        "// {}: one sample of the whole network, floats in and floats out.\n//\n{}{}//\n\
         // `codes` takes the kernel's integers, all outputs one after another; it may be null.\n\
         #pragma once\n\n#include <vector>\n\n{include}#include \"host_math.h\"\n\n{}{}",
        super::layer::one_line(&parts.name),
        describe("in ", inputs),
        describe("out", outputs),
        printer.constants,
        printer.code.finish(),
    )
}

impl<'c> HostPrinter<'c> {
    fn inputs(&mut self, host: Op<'c>) -> Result<(Vec<Port>, Vec<String>), ExportError> {
        let mut ports = Vec::new();
        for (index, argument) in host.arguments().into_iter().enumerate() {
            let name = signature_name(host, "arg_attrs", index).unwrap_or_else(|| format!("in{index}"));
            ports.push(Port { name, shape: shape(argument, host)? });
        }
        let names = ports.iter().map(|port| self.names.name(&port.name)).collect();
        Ok((ports, names))
    }

    fn outputs(&mut self, host: Op<'c>) -> Result<(Vec<Port>, Vec<String>), ExportError> {
        let mut ports = Vec::new();
        for (index, value) in returned(host).into_iter().enumerate() {
            let name = signature_name(host, "res_attrs", index).unwrap_or_else(|| format!("out{index}"));
            ports.push(Port { name, shape: shape(value, host)? });
        }
        let names = ports.iter().map(|port| self.names.name(&port.name)).collect();
        Ok((ports, names))
    }

    fn convert_inputs(&mut self, host: Op<'c>, names: &[String]) -> Result<(), ExportError> {
        for (argument, name) in host.arguments().into_iter().zip(names) {
            let ty = host_type(argument, host)?;
            let array = HostArray { name: name.clone(), ty, shape: shape(argument, host)?, constant: None };
            if ty == HostType::Float {
                self.values.insert(argument, array);
                continue;
            }
            let converted = self.declare(argument, host, &format!("{name}_values"))?;
            let count: usize = array.shape.iter().product();
            self.code.line(format!(
                "for (int i = 0; i < {count}; i++) {}[i] = static_cast<{}>({name}[i]);",
                converted.name,
                ty.name()
            ));
        }
        Ok(())
    }

    fn store_outputs(&mut self, host: Op<'c>, names: &[String]) -> Result<(), ExportError> {
        for (value, name) in returned(host).into_iter().zip(names) {
            let count: usize = shape(value, host)?.iter().product();
            let element = self.element(value, host, "i")?;
            self.code.line(format!("for (int i = 0; i < {count}; i++) {name}[i] = static_cast<float>({element});"));
        }
        Ok(())
    }

    fn operation(&mut self, op: Op<'c>, parts: &Parts<'c>, top: Option<&str>) -> Result<(), ExportError> {
        match (op.kind(), top) {
            (OpKind::QonnxConstant, _) => self.constant(op),
            (OpKind::Other, _) if op.name() == "func.return" => Ok(()),
            (OpKind::Other, Some(top)) if callee(op).as_deref() == parts.kernel.as_ref().map(|kernel| kernel.name) => {
                self.kernel_call(op, top)
            }
            _ => host_ops::print(self, op),
        }
    }

    fn constant(&mut self, op: Op<'c>) -> Result<(), ExportError> {
        let elements = op.attribute("value").and_then(constants::read);
        let (_, elements) = elements.ok_or_else(|| ExportError::node(op, "is a constant that cannot be read"))?;
        let ty = host_type(op.result(0), op)?;
        let array = HostArray { name: String::new(), ty, shape: shape(op.result(0), op)?, constant: Some(elements) };
        self.values.insert(op.result(0), array);
        Ok(())
    }

    fn kernel_call(&mut self, op: Op<'c>, top: &str) -> Result<(), ExportError> {
        let count = |values: &[Value<'c>]| -> Result<usize, ExportError> {
            values.iter().try_fold(0, |sum, value| Ok(sum + shape(*value, op)?.iter().product::<usize>()))
        };
        let (operands, results) = (op.operands(), op.results());
        let (inputs, outputs) = (self.names.name("kernel_inputs"), self.names.name("kernel_outputs"));
        self.code.line(format!(
            "std::vector<long long> {inputs}({}), {outputs}({});",
            count(&operands)?,
            count(&results)?
        ));
        let mut offset = 0;
        for operand in operands {
            let size: usize = shape(operand, op)?.iter().product();
            let element = self.element(operand, op, "i")?;
            self.code.line(format!("for (int i = 0; i < {size}; i++) {inputs}[{}] = {element};", from(offset)));
            offset += size;
        }
        self.code.line(format!("{top}_codes({inputs}.data(), {outputs}.data());"));
        let mut offset = 0;
        for (position, result) in results.into_iter().enumerate() {
            let array = self.declare(result, op, &format!("{top}_result{position}"))?;
            let size: usize = array.shape.iter().product();
            self.code.line(format!(
                "for (int i = 0; i < {size}; i++) {}[i] = {outputs}[{}];",
                array.name,
                from(offset)
            ));
            offset += size;
        }
        self.code.open("if (codes)");
        self.code.line(format!("for (int i = 0; i < {offset}; i++) codes[i] = {outputs}[i];"));
        self.code.close();
        Ok(())
    }

    /// Declares the array of a result.
    pub fn declare(&mut self, value: Value<'c>, op: Op<'c>, wanted: &str) -> Result<HostArray, ExportError> {
        let (ty, shape) = (host_type(value, op)?, shape(value, op)?);
        let array = HostArray { name: self.names.name(wanted), ty, shape, constant: None };
        let count: usize = array.shape.iter().product();
        self.code.line(format!("std::vector<{}> {}({count});", ty.name(), array.name));
        self.values.insert(value, array.clone());
        Ok(array)
    }

    /// Declares the array of an operation's result, named after its node.
    pub fn result(&mut self, op: Op<'c>, index: usize) -> Result<HostArray, ExportError> {
        let name = node_name(op).unwrap_or_else(|| op.name().trim_start_matches("qonnx.").to_string());
        self.declare(op.result(index), op, &name)
    }

    /// Gives a value another name: the same elements in another shape.
    pub fn alias(&mut self, op: Op<'c>) -> Result<(), ExportError> {
        let mut array = self.array(op.operand(0), op)?;
        // The name must exist before it is shared.
        if array.constant.is_some() {
            self.written(op.operand(0), op)?;
            let name = self.written.get(&op.operand(0)).cloned().unwrap_or_default();
            self.written.insert(op.result(0), name);
        }
        array.shape = shape(op.result(0), op)?;
        self.values.insert(op.result(0), array);
        Ok(())
    }

    /// A value that was computed or is constant.
    pub fn array(&self, value: Value<'c>, op: Op<'c>) -> Result<HostArray, ExportError> {
        self.values
            .get(&value)
            .cloned()
            .ok_or_else(|| ExportError::node(op, "uses a value that the driver does not have"))
    }

    /// The element type that a value has in the driver.
    pub fn values_type(&self, value: Value<'c>) -> Option<HostType> {
        self.values.get(&value).map(|array| array.ty)
    }

    /// The elements of a constant operand.
    pub fn constant_of(&self, value: Value<'c>, op: Op<'c>, operand: &str) -> Result<Elements, ExportError> {
        let constant = self.array(value, op)?.constant;
        constant.ok_or_else(|| {
            ExportError::node(op, format!("has a {operand} that is no constant, which the driver cannot do"))
        })
    }

    /// Element `at` of a value, a literal if it is one constant number.
    pub fn element(&mut self, value: Value<'c>, op: Op<'c>, at: &str) -> Result<String, ExportError> {
        let array = self.array(value, op)?;
        let single = array.constant.as_ref().and_then(|elements| match elements {
            Elements::F32(values) if values.len() == 1 => values.first().map(|v| float(*v)),
            Elements::F64(values) if values.len() == 1 => values.first().map(|v| double(*v)),
            Elements::Int(values) if values.len() == 1 => values.first().map(|v| format!("{v}LL")),
            _ => None,
        });
        if let Some(literal) = single {
            return Ok(literal);
        }
        Ok(format!("{}[{at}]", self.written(value, op)?))
    }

    /// The element that broadcasting reads at these axes.
    pub fn broadcast(&mut self, value: Value<'c>, op: Op<'c>, axes: &[Axis]) -> Result<String, ExportError> {
        let shape = self.array(value, op)?.shape;
        self.element(value, op, &index(axes, &shape))
    }

    /// The name of an array, a constant's after it was written.
    pub fn written(&mut self, value: Value<'c>, op: Op<'c>) -> Result<String, ExportError> {
        let array = self.array(value, op)?;
        let Some(elements) = array.constant else { return Ok(array.name) };
        if let Some(name) = self.written.get(&value) {
            return Ok(name.clone());
        }
        let name = self.names.name(&format!("{}_constant", node_name(op).unwrap_or_default()));
        self.write_constant(&name, array.ty.name(), elements);
        self.written.insert(value, name.clone());
        Ok(name)
    }

    /// Writes a constant array at file scope.
    pub fn write_constant(&mut self, name: &str, ty: &str, elements: Elements) {
        let items: Vec<String> = match elements {
            Elements::F32(values) => values.into_iter().map(float).collect(),
            Elements::F64(values) => values.into_iter().map(double).collect(),
            Elements::Int(values) => values.into_iter().map(|value| super::number::literal(value.into())).collect(),
        };
        self.write_items(name, ty, items);
    }

    /// Writes an array of initializers at file scope.
    pub fn write_items(&mut self, name: &str, ty: &str, items: Vec<String>) {
        let count = items.len();
        self.constants +=
            &format!("static const {ty} {name}[{count}] = {{\n{}\n}};\n\n", wrap(items.into_iter(), "    "));
    }

    /// Loops over a result, the body's expression at each element.
    pub fn each(
        &mut self,
        op: Op<'c>,
        expression: impl FnOnce(&mut Self, &[Axis]) -> Result<String, ExportError>,
    ) -> Result<(), ExportError> {
        let array = self.result(op, 0)?;
        let axes = axes(&array.shape);
        let count = self.code.open_loops("", &axes);
        let value = expression(self, &axes)?;
        self.code.line(format!("{}[{}] = {value};", array.name, index(&axes, &array.shape)));
        self.code.close_all(count);
        Ok(())
    }
}

fn signature_name(function: Op<'_>, list: &str, index: usize) -> Option<String> {
    let text = signature_attribute(function, list, index, "qonnx.name")?.to_string();
    Some(text.trim_matches('"').to_string())
}

fn host_type(value: Value<'_>, op: Op<'_>) -> Result<HostType, ExportError> {
    let ty = value.tensor_type().and_then(|ty| HostType::of(ty.element));
    ty.ok_or_else(|| ExportError::node(op, format!("has a value of type {}, which the driver cannot hold", value.ty())))
}

/// A float32 as a C++ literal that reads back the same.
pub(super) fn float(x: f32) -> String {
    match x {
        x if x.is_nan() => "NAN".into(),
        x if x.is_infinite() => {
            if x > 0.0 {
                "INFINITY".into()
            } else {
                "-INFINITY".into()
            }
        }
        x => format!("{x:?}f"),
    }
}

fn double(x: f64) -> String {
    match x {
        x if x.is_nan() => "static_cast<double>(NAN)".into(),
        x if x.is_infinite() => format!("{}static_cast<double>(INFINITY)", if x > 0.0 { "" } else { "-" }),
        x => format!("{x:?}"),
    }
}
