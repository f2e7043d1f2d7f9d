//! `qonnx-unique-names`: each operation has a name that no other has.

use super::functions::functions;
use crate::onnx::Names;
use qonnx_dialect::{Builder, Op, OpKind, Reported, options::QonnxUniqueNamesOptions};

/// Names what has none, and all but the first of equal names.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &QonnxUniqueNamesOptions) -> Result<(), Reported> {
    for function in functions(module) {
        let named = function.body().into_iter().filter(|op| op.result_count() > 0);
        // Nodes first: constants that a pass made of a node have its name, too.
        let (constants, nodes): (Vec<_>, Vec<_>) = named.partition(|op| op.kind() == OpKind::QonnxConstant);
        let mut names = Names::default();
        let all = nodes.into_iter().chain(constants);
        let rest: Vec<Op<'_>> = all.filter(|op| !own_name(*op).is_some_and(|name| names.take(&name))).collect();
        for op in rest {
            let name = names.fresh(&wanted(op));
            op.set_location(Builder::before(op).named(&name).location());
        }
    }
    Ok(())
}

/// The name that an operation has from its file; None where its location is a place in a text, or unknown.
pub fn own_name(op: Op<'_>) -> Option<String> {
    let name = op.node_name();
    let is_place =
        name.starts_with('"') || name == "unknown" || name.starts_with("fused[") || name.starts_with("callsite(");
    (!is_place && !name.is_empty()).then_some(name)
}

/// A constant is called after the operation that takes it, another operation as it is called or by what it does.
fn wanted(op: Op<'_>) -> String {
    let uses = op.results().into_iter().flat_map(|result| result.uses());
    let first = uses.reduce(|first, other| if other.0.is_before(first.0) { other } else { first });
    let of_user = first.filter(|_| op.kind() == OpKind::QonnxConstant);
    let of_user = of_user.and_then(|(user, operand)| Some(format!("{}_param{operand}", own_name(user)?)));
    let kind = || op.name().rsplit('.').next().unwrap_or_default().to_string();
    of_user.or_else(|| own_name(op)).unwrap_or_else(kind)
}
