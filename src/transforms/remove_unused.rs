//! `qonnx-remove-unused`: what no result of a function depends on.

use super::{
    functions::{callee_name, erase_dead, functions, operations, retype},
    insert_quantizers::argument_names,
};
use qonnx_dialect::{Attribute, Builder, Op, Reported, attributes, options::QonnxRemoveUnusedOptions};
use std::collections::HashSet;

/// Erases operations, constants and arguments that nothing uses.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &QonnxRemoveUnusedOptions) -> Result<(), Reported> {
    functions(module).for_each(erase_dead);
    let called: HashSet<String> = operations(module).filter_map(callee_name).collect();
    // Calls would have to follow.
    let is_called = |function: &Op<'_>| function.optional_str_attribute("sym_name").is_some_and(|n| called.contains(n));
    functions(module).filter(|function| !is_called(function)).for_each(erase_arguments);
    Ok(())
}

fn erase_arguments(function: Op<'_>) {
    let arguments = function.arguments();
    let (gone, kept): (Vec<usize>, Vec<usize>) =
        (0..arguments.len()).partition(|index| arguments.get(*index).is_some_and(|argument| argument.is_unused()));
    if gone.is_empty() {
        return;
    }
    let attributes = attributes_of(function);
    let kept: Vec<Attribute<'_>> = kept.iter().filter_map(|index| attributes.get(*index).copied()).collect();
    for index in gone.into_iter().rev() {
        function.erase_argument(index);
    }
    function.set_attribute("arg_attrs", Builder::before(function).array(&kept));
    retype(function);
}

/// A dictionary an argument; the others keep the names that their places gave them.
fn attributes_of(function: Op<'_>) -> Vec<Attribute<'_>> {
    let (builder, own) = (Builder::before(function), function.attribute("arg_attrs"));
    let attributes = |(index, name): (usize, String)| {
        let named = || builder.dictionary(&[("qonnx.name", builder.str(&name))]);
        own.and_then(|list| attributes::array_item(list, index)).unwrap_or_else(named)
    };
    argument_names(function).into_iter().enumerate().map(attributes).collect()
}
