//! `driver.h`: what the host computes in front of the kernel and behind it.

use super::{
    ExportError, Port,
    float_ops::{self, FloatArray, FloatPrinter, Scalar, Storage},
    kernel::from,
    module::{Parts, returned, shape, signature_attribute},
    names::Namer,
};
use crate::transforms::functions::callee_name;
use qonnx_dialect::{Op, OpKind, Value};

/// `driver.h` and what goes in and out of the network.
pub(super) struct HostFile {
    pub driver: String,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
}

/// Prints the driver; `top` is the kernel's name in C++.
pub(super) fn print(parts: &Parts<'_>, top: Option<&str>) -> Result<HostFile, ExportError> {
    let mut names = Namer::default();
    top.into_iter().for_each(|top| drop(names.name(&format!("{top}_codes"))));
    let mut printer = FloatPrinter::new(names, Storage::Host);
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
    printer: FloatPrinter<'_>,
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
         #pragma once\n\n#include <vector>\n\n{include}#include \"float_math.h\"\n\n{}{}",
        super::layer::one_line(&parts.name),
        describe("in ", inputs),
        describe("out", outputs),
        printer.constants,
        printer.code.finish(),
    )
}

impl<'c> FloatPrinter<'c> {
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
            let ty = Scalar::of_value(argument, host)?;
            let array =
                FloatArray { name: name.clone(), ty, shape: shape(argument, host)?, constant: None, is_coded: false };
            if ty == Scalar::Float {
                self.bind(argument, array);
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
            (OpKind::Other, _) if op.name() == "func.return" => Ok(()),
            (OpKind::Other, Some(top))
                if callee_name(op).as_deref() == parts.kernel.as_ref().map(|kernel| kernel.name) =>
            {
                self.kernel_call(op, top)
            }
            _ => float_ops::print(self, op),
        }
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
}

fn signature_name(function: Op<'_>, list: &str, index: usize) -> Option<String> {
    let text = signature_attribute(function, list, index, "qonnx.name")?.to_string();
    Some(text.trim_matches('"').to_string())
}
