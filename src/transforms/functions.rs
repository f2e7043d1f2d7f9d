//! What several passes do with functions and their operations.

use qonnx_dialect::{Builder, Op, OpKind, Value};

/// The functions of a module that have a body.
pub fn functions<'c>(module: Op<'c>) -> impl Iterator<Item = Op<'c>> {
    module.body().into_iter().filter(|op| op.name() == "func.func" && !op.body().is_empty())
}

/// The operations of all functions, in order.
pub fn operations<'c>(module: Op<'c>) -> impl Iterator<Item = Op<'c>> {
    functions(module).flat_map(|function| function.body())
}

/// The operations of one kind.
pub fn of_kind<'c>(module: Op<'c>, kind: OpKind) -> impl Iterator<Item = Op<'c>> {
    operations(module).filter(move |op| op.kind() == kind)
}

/// What a function returns.
pub fn returned<'c>(function: Op<'c>) -> Vec<Value<'c>> {
    function.body().last().filter(|op| op.name() == "func.return").map(|op| op.operands()).unwrap_or_default()
}

/// The name of the function that a `func.call` calls; None for other operations.
pub fn callee_name(call: Op<'_>) -> Option<String> {
    let text = (call.name() == "func.call").then(|| call.attribute("callee"))??.to_string();
    Some(text.trim_start_matches('@').trim_matches('"').to_string())
}

/// The function that a `func.call` in a function's body calls, in the same module.
pub fn callee<'c>(call: Op<'c>) -> Option<Op<'c>> {
    let name = callee_name(call)?;
    let functions = call.parent()?.parent()?.body();
    functions.into_iter().find(|op| op.optional_str_attribute("sym_name") == Some(name.as_str()))
}

/// Makes a function's type follow its arguments and what it returns.
pub fn retype(function: Op<'_>) {
    let list = |values: Vec<Value<'_>>| {
        let types: Vec<String> = values.iter().map(|value| value.ty().to_string()).collect();
        types.join(", ")
    };
    let text = format!("({}) -> ({})", list(function.arguments()), list(returned(function)));
    if let Some(ty) = Builder::before(function).parse_attribute(&text) {
        function.set_attribute("function_type", ty);
    }
}

/// Erases operations without side effects whose results nothing uses, users first.
pub fn erase_dead(function: Op<'_>) {
    for op in function.body().into_iter().rev() {
        if op.result_count() > 0 && op.name() != "func.call" && op.is_unused() {
            op.erase();
        }
    }
}
