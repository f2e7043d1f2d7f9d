//! `hls-outline-kernel`: the integer operations of a function become its kernel.

use super::{
    exponents::{EXPONENT, Exponents},
    names::Names,
};
use crate::transforms::functions::{callee, functions, retype};
use qonnx_dialect::{Builder, Op, OpKind, Reported, Value, options::HlsOutlineKernelOptions};
use std::collections::HashSet;

/// Marks the function that is the hardware's top.
pub const KERNEL: &str = "hls.kernel";
/// On a function: the name that its kernel shall have.
pub const TOP: &str = "hls.top";

/// Outlines each function that has integer operations and is no kernel itself.
///
/// # Errors
/// If a float operation lies between two integer ones.
pub fn run(module: Op<'_>, _: &HlsOutlineKernelOptions) -> Result<(), Reported> {
    let all: Vec<Op<'_>> = functions(module).collect();
    let mut names = Names::of(module);
    for function in all {
        if !function.unit_attribute(KERNEL) && !function.unit_attribute(super::outline_layers::LAYER) {
            outline(function, &mut names)?;
        }
    }
    Ok(())
}

fn outline<'c>(function: Op<'c>, names: &mut Names) -> Result<(), Reported> {
    let kernel: Vec<Op<'c>> = function.body().into_iter().filter(|op| is_hardware(*op)).collect();
    if kernel.is_empty() {
        return Ok(());
    }
    let inside: HashSet<Op<'c>> = kernel.iter().copied().collect();
    refuse_islands(function, &inside)?;
    let inputs = unique(kernel.iter().flat_map(|op| op.operands()).filter(|value| !is_inside(*value, &inside)));
    let outputs: Vec<Value<'c>> =
        kernel.iter().flat_map(|op| op.results()).filter(|value| leaves(*value, &inside)).collect();
    // Constants that only the host uses stay with it.
    let name = names.unique(&top_name(function));
    let call = move_to_function(function, &name, KERNEL, &kernel, &inputs, &outputs);
    move_behind_operands(function, call);
    Ok(())
}

/// An integer operation, or a layer that was outlined before.
fn is_hardware(op: Op<'_>) -> bool {
    op.kind().is_hls() || callee(op).is_some_and(|function| function.unit_attribute(super::outline_layers::LAYER))
}

/// The name the driver gave, the graph's, or one after the function's.
fn top_name(function: Op<'_>) -> String {
    if let Some(name) = function.optional_str_attribute(TOP) {
        return name.to_string();
    }
    let graph = function.node_name();
    let plain = !graph.is_empty() && graph != "unknown" && !graph.contains(':');
    if plain { graph } else { format!("{}_kernel", function.optional_str_attribute("sym_name").unwrap_or("main")) }
}

fn is_inside<'c>(value: Value<'c>, inside: &HashSet<Op<'c>>) -> bool {
    value.defining_op().is_some_and(|op| inside.contains(&op))
}

fn leaves<'c>(value: Value<'c>, inside: &HashSet<Op<'c>>) -> bool {
    value.users().iter().any(|user| !inside.contains(user))
}

fn unique<'c>(values: impl Iterator<Item = Value<'c>>) -> Vec<Value<'c>> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(*value)).collect()
}

/// A float operation that depends on the kernel and on which the kernel depends.
fn refuse_islands<'c>(function: Op<'c>, inside: &HashSet<Op<'c>>) -> Result<(), Reported> {
    let mut behind: HashSet<Op<'c>> = HashSet::new();
    for op in function.body() {
        let sources = op.operands().into_iter().filter_map(Value::defining_op);
        let is_constant = |op: &Op<'c>| matches!(op.kind(), OpKind::HlsConstant | OpKind::QonnxConstant);
        let depends = sources
            .into_iter()
            .filter(|source| !is_constant(source))
            .any(|source| behind.contains(&source) || inside.contains(&source));
        if depends && !inside.contains(&op) {
            behind.insert(op);
        }
    }
    for op in function.body().into_iter().filter(|op| inside.contains(op)) {
        let island = op.operands().into_iter().filter_map(Value::defining_op).find(|source| behind.contains(source));
        if let Some(island) = island {
            return Err(super::verify_legal::refuse(island));
        }
    }
    Ok(())
}

/// Moves operations into a new function behind `place`'s module and calls it in front
/// of the first user; gives the call.
pub(super) fn move_to_function<'c>(
    place: Op<'c>,
    name: &str,
    mark: &str,
    body: &[Op<'c>],
    inputs: &[Value<'c>],
    outputs: &[Value<'c>],
) -> Op<'c> {
    let types: Vec<_> = inputs.iter().map(|value| value.ty()).collect();
    let results: Vec<_> = outputs.iter().map(|value| value.ty()).collect();
    // Callees stand behind their callers, in the order they are called.
    let module = place.parent().unwrap_or(place);
    let location = body.iter().find(|op| op.kind() != OpKind::HlsConstant).map_or(place.location(), |op| op.location());
    let function = Builder::at_end_of(module).at(location).function(name, &types, &results, true);
    let builder = Builder::at_end_of(function).at(location);
    function.set_attribute(mark, builder.unit());
    let last = *body.last().unwrap_or(&place);
    let call =
        Builder::before(last).at(location).create("func.call", inputs, &[("callee", builder.symbol(name))], &results);
    let exits = builder.create("func.return", outputs, &[], &[]);
    for op in body {
        op.move_before(exits);
    }
    let inside: HashSet<Op<'c>> = body.iter().copied().chain([exits]).collect();
    for (output, result) in outputs.iter().zip(call.results()) {
        for (user, index) in output.uses() {
            if !inside.contains(&user) {
                user.set_operand(index, result);
            }
        }
    }
    for (input, argument) in inputs.iter().zip(function.arguments()) {
        for (user, index) in input.uses() {
            if inside.contains(&user) {
                user.set_operand(index, argument);
            }
        }
    }
    let mut known = Exponents::default();
    let exponents: Vec<_> = inputs.iter().map(|input| known.of(*input)).collect();
    if exponents.iter().any(Option::is_some) {
        let attributes = exponents.iter().map(|exponent| match exponent {
            Some(exponent) => builder.dictionary(&[(EXPONENT, builder.i64(*exponent))]),
            None => builder.dictionary(&[]),
        });
        function.set_attribute("arg_attrs", builder.array(&attributes.collect::<Vec<_>>()));
    }
    retype(function);
    call
}

/// The call stands where the last moved operation stood: behind its operands, but
/// perhaps behind a user. Users that come before move behind it.
fn move_behind_operands<'c>(function: Op<'c>, call: Op<'c>) {
    let mut late: HashSet<Op<'c>> = HashSet::from([call]);
    let body = function.body();
    let Some(end) = body.last().copied() else { return };
    for op in body {
        let depends = op.operands().into_iter().filter_map(Value::defining_op).any(|source| late.contains(&source));
        if depends && op != end {
            late.insert(op);
            op.move_before(end);
        }
    }
}
