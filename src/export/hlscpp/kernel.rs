//! The top function, its header, and the kernel behind plain 64-bit integers.

use super::{
    ExportError, ExportOptions, Port,
    code::Code,
    float_layer,
    layer::{self, Array},
    module::{Kernel, ValueTypes, returned, shape, signature_attribute},
    names::{Namer, identifier},
    rom::Roms,
};
use crate::hls::outline_float::FLOAT;
use qonnx_dialect::{Op, Value};
use std::collections::HashMap;

/// The files of the kernel and what goes in and out.
pub(super) struct KernelFiles {
    pub top: String,
    pub header: String,
    pub source: String,
    pub weights: String,
    /// `codes.cpp`.
    pub codes: String,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
}

/// Prints the kernel.
pub(super) fn print<'c>(kernel: &Kernel<'c>, options: &ExportOptions) -> Result<KernelFiles, ExportError> {
    let types = ValueTypes::of(kernel, options.numbers);
    let mut globals = Namer::default();
    let top = globals.name(kernel.name);
    let mut roms = Roms::default();
    let mut layers = Vec::new();
    let mut functions = Vec::new();
    for layer in &kernel.layers {
        let name = globals.name(layer.name);
        layers.push(match layer.function.unit_attribute(FLOAT) {
            true => float_layer::print(*layer, &name, &types, &mut globals)?,
            false => layer::print(*layer, &name, &types, options, &mut roms, &mut globals)?,
        });
        functions.push(name);
    }
    let (inputs, outputs) = ports(kernel, &types)?;
    let signature = signature(&top, &inputs, &outputs);
    let mut body = TopPrinter {
        code: Code::default(),
        types: &types,
        locals: globals.clone(),
        names: HashMap::new(),
        uses: HashMap::new(),
    };
    body.print(kernel, &signature, &functions, &inputs, &outputs)?;
    let floats = kernel.layers.iter().any(|layer| layer.function.unit_attribute(FLOAT));
    let include = if floats { "#include \"float_math.h\"\n" } else { "" };
    let source = format!(
        "#include \"{top}.h\"\n\n{include}#include \"weights.h\"\n\n{}\n{}",
        layers.join("\n"),
        body.code.finish()
    );
    let ports =
        |arrays: &[Array]| arrays.iter().map(|a| Port { name: a.name.clone(), shape: a.shape.clone() }).collect();
    Ok(KernelFiles {
        header: header(&top, &signature, options),
        source,
        weights: weights(&roms.finish()),
        codes: codes(&top, &inputs, &outputs),
        inputs: ports(&inputs),
        outputs: ports(&outputs),
        top,
    })
}

/// Arrays for the kernel's arguments and results, named as the graph's where the module says so.
fn ports<'c>(kernel: &Kernel<'c>, types: &ValueTypes<'c>) -> Result<(Vec<Array>, Vec<Array>), ExportError> {
    let function = kernel.function;
    let mut namer = Namer::default();
    let mut port = |value: Value<'c>, op: Op<'c>, list: &str, index: usize, default: String| {
        let own = signature_attribute(function, list, index, "qonnx.name")
            .map(|name| name.to_string().trim_matches('"').to_string());
        let number = types.number(value, op)?;
        if number.width + u32::from(!number.signed) > 64 {
            let problem = format!("gives or takes {} bits at the kernel's border, expected at most 64", number.width);
            return Err(ExportError::node(op, problem));
        }
        Ok(Array { name: namer.name(&own.unwrap_or(default)), number, shape: shape(value, op)? })
    };
    let mut inputs = Vec::new();
    for (index, argument) in function.arguments().into_iter().enumerate() {
        inputs.push(port(argument, function, "arg_attrs", index, format!("input{index}"))?);
    }
    let mut outputs = Vec::new();
    for (index, value) in returned(function).into_iter().enumerate() {
        let op = value.defining_op().unwrap_or(function);
        outputs.push(port(value, op, "res_attrs", index, format!("output{index}"))?);
    }
    Ok((inputs, outputs))
}

fn signature(top: &str, inputs: &[Array], outputs: &[Array]) -> String {
    let inputs = inputs.iter().map(|array| format!("const {}", array.declaration()));
    let parameters: Vec<String> = inputs.chain(outputs.iter().map(Array::declaration)).collect();
    format!("void {top}({})", parameters.join(", "))
}

fn header(top: &str, signature: &str, options: &ExportOptions) -> String {
    let numbers = format!("{:?}", options.numbers).to_lowercase();
    format!(
        "// {top}: the kernel's top function. Numbers: {numbers}.\n#pragma once\n\n#include \"types.h\"\n\n{signature};\n"
    )
}

fn weights(tables: &str) -> String {
    format!(
        "// Constants of the kernel: weights, biases, and the parameters of its requantizers.\n#pragma once\n\n#include \"types.h\"\n\nnamespace rom {{\n\n{tables}}}  // namespace rom\n"
    )
}

/// Writes the top function.
struct TopPrinter<'a, 'c> {
    code: Code,
    types: &'a ValueTypes<'c>,
    locals: Namer,
    /// The arrays that still wait for a reader, one a use.
    names: HashMap<Value<'c>, Vec<String>>,
    uses: HashMap<Value<'c>, usize>,
}

impl<'c> TopPrinter<'_, 'c> {
    fn print(
        &mut self,
        kernel: &Kernel<'c>,
        signature: &str,
        functions: &[String],
        inputs: &[Array],
        outputs: &[Array],
    ) -> Result<(), ExportError> {
        let results = returned(kernel.function);
        let operands = kernel.layers.iter().flat_map(|layer| layer.call.operands());
        for value in operands.chain(results.iter().copied()) {
            *self.uses.entry(value).or_default() += 1;
        }
        self.code.open(signature);
        for array in inputs.iter().chain(outputs) {
            array.partition().into_iter().for_each(|pragma| self.code.pragma(pragma));
            self.code.pragma(format!(
                "INTERFACE mode={} port={}",
                if array.partition().is_some() { "ap_vld" } else { "ap_memory" },
                array.name
            ));
        }
        self.code.pragma("DATAFLOW");
        for (argument, array) in kernel.function.arguments().into_iter().zip(inputs) {
            self.spread(argument, array)?;
        }
        for (layer, function) in kernel.layers.iter().zip(functions) {
            self.call(layer.call, function, &results, outputs)?;
        }
        for (value, array) in results.iter().zip(outputs) {
            let Some(source) = self.take(*value) else { continue };
            if source != array.name {
                self.code.line(format!("{}<{}>({source}, {});", copier("copy", array), array.len(), array.name));
            }
        }
        self.code.close();
        Ok(())
    }

    fn call(
        &mut self,
        call: Op<'c>,
        function: &str,
        results: &[Value<'c>],
        outputs: &[Array],
    ) -> Result<(), ExportError> {
        let mut arguments = Vec::new();
        for operand in call.operands() {
            let name = self.take(operand);
            arguments.push(name.ok_or_else(|| ExportError::node(call, "uses a value from outside the kernel"))?);
        }
        let mut arrays = Vec::new();
        for (index, result) in call.results().into_iter().enumerate() {
            let only = self.uses.get(&result) == Some(&1);
            let port = results.iter().position(|value| *value == result).filter(|_| only).and_then(|i| outputs.get(i));
            let array = match port {
                Some(port) => port.clone(),
                None => self.declare(
                    result,
                    call,
                    &if call.result_count() > 1 { format!("{function}_out{index}") } else { format!("{function}_out") },
                )?,
            };
            arguments.push(array.name.clone());
            arrays.push((result, array));
        }
        self.code.line(format!("{function}({});", arguments.join(", ")));
        arrays.into_iter().try_for_each(|(result, array)| self.spread(result, &array))
    }

    fn declare(&mut self, value: Value<'c>, op: Op<'c>, wanted: &str) -> Result<Array, ExportError> {
        let array =
            Array { name: self.locals.name(wanted), number: self.types.number(value, op)?, shape: shape(value, op)? };
        self.code.line(array.local());
        array.partition().into_iter().for_each(|pragma| self.code.pragma(pragma));
        Ok(array)
    }

    /// Makes as many copies of a value as it has readers: dataflow wants one reader an array.
    fn spread(&mut self, value: Value<'c>, array: &Array) -> Result<(), ExportError> {
        let uses = self.uses.get(&value).copied().unwrap_or(0);
        let mut names = Vec::new();
        let mut rest = array.name.clone();
        for _ in 1..uses {
            let copy = Array { name: self.locals.name(&format!("{}_copy", array.name)), ..array.clone() };
            let next = Array { name: self.locals.name(&format!("{}_rest", array.name)), ..array.clone() };
            for array in [&copy, &next] {
                self.code.line(array.local());
                array.partition().into_iter().for_each(|pragma| self.code.pragma(pragma));
            }
            self.code.line(format!(
                "{}<{}>({rest}, {}, {});",
                copier("fork", array),
                array.len(),
                copy.name,
                next.name
            ));
            names.push(copy.name);
            rest = next.name;
        }
        names.push(rest);
        names.reverse();
        self.names.insert(value, names);
        Ok(())
    }

    fn take(&mut self, value: Value<'c>) -> Option<String> {
        self.names.get_mut(&value)?.pop()
    }
}

/// The function of `types.h` that copies registers, or a memory.
fn copier(name: &str, array: &Array) -> String {
    if array.is_registers() { name.to_string() } else { format!("{name}_memory") }
}

/// The index of element i of a part of a buffer.
pub(super) fn from(offset: usize) -> String {
    if offset == 0 { "i".into() } else { format!("i + {offset}") }
}

/// `codes.cpp`: so that a caller needs no ap types.
fn codes(top: &str, inputs: &[Array], outputs: &[Array]) -> String {
    let mut code = Code::default();
    code.line("// The kernel behind plain integers: all inputs, then all outputs, one after another.");
    code.line("#include \"codes.h\"");
    code.line("");
    code.line(format!("#include \"{}.h\"", identifier(top)));
    code.line("");
    code.open(format!("void {top}_codes(const long long *inputs, long long *outputs)"));
    for array in inputs.iter().chain(outputs) {
        code.line(format!("static {};", array.declaration()));
    }
    let mut offset = 0;
    for Array { name, number, shape } in inputs {
        let count: usize = shape.iter().product();
        code.line(format!(
            "for (int i = 0; i < {count}; i++) {name}[i] = from_code<{number}>(inputs[{}]);",
            from(offset)
        ));
        offset += count;
    }
    let arguments: Vec<&str> = inputs.iter().chain(outputs).map(|array| array.name.as_str()).collect();
    code.line(format!("{top}({});", arguments.join(", ")));
    let mut offset = 0;
    for Array { name, shape, .. } in outputs {
        let count: usize = shape.iter().product();
        code.line(format!(
            "for (int i = 0; i < {count}; i++) outputs[{}] = static_cast<long long>(code({name}[i]));",
            from(offset)
        ));
        offset += count;
    }
    code.close();
    code.finish()
}
