//! A layer that computes in float32 (`hls.float`): codes in, codes out.

use super::{
    ExportError,
    float_ops::{self, FloatArray, FloatPrinter, Scalar, Storage},
    layer::{Array, comment},
    module::{Layer, ValueTypes, returned, shape},
    names::Namer,
};
use qonnx_dialect::Value;

/// The C++ of a float layer, its constants in front.
pub(super) fn print<'c>(
    layer: Layer<'c>,
    function_name: &str,
    types: &ValueTypes<'c>,
    globals: &mut Namer,
) -> Result<String, ExportError> {
    let mut printer = FloatPrinter::new(globals.clone(), Storage::Hardware);
    let port = |printer: &mut FloatPrinter<'c>, value: Value<'c>, name: &str| -> Result<Array, ExportError> {
        let op = value.defining_op().unwrap_or(layer.call);
        Ok(Array { name: printer.names.name(name), number: types.number(value, op)?, shape: shape(value, op)? })
    };
    let mut inputs = Vec::new();
    for argument in layer.function.arguments() {
        inputs.push((argument, port(&mut printer, argument, "in")?));
    }
    let mut outputs = Vec::new();
    for value in returned(layer.function) {
        outputs.push((value, port(&mut printer, value, "out")?));
    }
    for op in layer.function.body() {
        comment(&mut printer.code, op);
    }
    let list: Vec<String> = (inputs.iter().map(|(_, array)| format!("const {}", array.declaration())))
        .chain(outputs.iter().map(|(_, array)| array.declaration()))
        .collect();
    printer.code.open(format!("static void {function_name}({})", list.join(", ")));
    for array in inputs.iter().chain(&outputs).map(|(_, array)| array) {
        array.partition().into_iter().for_each(|pragma| printer.code.pragma(pragma));
    }
    for (value, array) in &inputs {
        read(&mut printer, *value, array);
    }
    for op in layer.function.body().into_iter().filter(|op| op.name() != "func.return") {
        float_ops::print(&mut printer, op)?;
    }
    for (value, array) in &outputs {
        let code = printer.element(*value, layer.call, "i")?;
        each(&mut printer, array, &array.assignment("i", &code, true));
    }
    printer.code.close();
    let body = std::mem::take(&mut printer.code).finish();
    *globals = printer.names;
    Ok(format!("{}{body}", printer.constants))
}

/// The codes of an input as integers that float operations take.
fn read<'c>(printer: &mut FloatPrinter<'c>, value: Value<'c>, array: &Array) {
    let codes = printer.names.name(&format!("{}_codes", array.name));
    printer.code.line(format!("MEMORY long long {codes}[{}];", array.len()));
    each(printer, array, &format!("{codes}[i] = static_cast<long long>(code({}[i]));", array.name));
    printer.bind(value, FloatArray { name: codes, ty: Scalar::Integer, shape: array.shape.clone(), constant: None });
}

/// A statement for each element `i` of an array.
fn each(printer: &mut FloatPrinter<'_>, array: &Array, statement: &str) {
    printer.code.open(format!("for (int i = 0; i < {}; i++)", array.len()));
    printer.code.pragma("PIPELINE II=1");
    printer.code.line(statement);
    printer.code.close();
}
