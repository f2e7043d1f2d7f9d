//! A layer that computes in float32 (`hls.float`): codes in, codes out.

use super::{
    ExportError,
    float_ops::{self, FloatArray, FloatPrinter, Scalar, Storage},
    layer::{Array, comment},
    module::{Layer, ValueTypes, returned, shape},
    names::Namer,
};
use qonnx_dialect::{Op, OpKind, Value};

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
        let (name, shape) = (array.name.clone(), array.shape.clone());
        printer.bind(*value, FloatArray { name, ty: Scalar::Integer, shape, constant: None, is_coded: true });
    }
    for (value, array) in &outputs {
        printer.bind_output(*value, array.clone());
    }
    let body: Vec<Op<'c>> = layer.function.body().into_iter().filter(|op| op.name() != "func.return").collect();
    let (constants, body): (Vec<_>, Vec<_>) = body.into_iter().partition(|op| op.kind() == OpKind::QonnxConstant);
    constants.into_iter().try_for_each(|op| float_ops::print(&mut printer, op))?;
    for group in body.chunk_by(|a, b| fuse(*a, *b)) {
        match group {
            [op] if !float_ops::is_elementwise(*op) => float_ops::print(&mut printer, *op)?,
            group => printer.fused(group, float_ops::print)?,
        }
    }
    printer.code.close();
    let body = std::mem::take(&mut printer.code).finish();
    *globals = printer.names;
    Ok(format!("{}{body}", printer.constants))
}

/// Whether two neighbours share a loop nest.
fn fuse(a: Op<'_>, b: Op<'_>) -> bool {
    let shape = |op: Op<'_>| op.result(0).tensor_type().and_then(|ty| ty.static_shape());
    float_ops::is_elementwise(a) && float_ops::is_elementwise(b) && shape(a) == shape(b)
}
