//! `hls-outline-layers`: a function for each layer of a kernel.
//!
//! A layer begins at a dot product, whose padding it takes along, or where an operation needs
//! more than one layer gives, as a residual sum does. It takes the operations that follow one
//! after another.

use super::{
    names::Names,
    outline_kernel::{KERNEL, move_to_function},
};
use crate::transforms::{
    functions::{callee, functions},
    kinds::is_hls_constant,
};
use qonnx_dialect::{Builder, Op, OpKind, Reported, Value, options::HlsOutlineLayersOptions};
use std::collections::{HashMap, HashSet};

/// Marks the functions that are a kernel's units.
pub const LAYER: &str = "hls.layer";

/// Outlines the layers of each kernel.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &HlsOutlineLayersOptions) -> Result<(), Reported> {
    let mut names = Names::of(module);
    let kernels: Vec<Op<'_>> = functions(module).filter(|function| function.unit_attribute(KERNEL)).collect();
    for kernel in kernels {
        for layer in layers(kernel) {
            outline(kernel, &layer, &mut names);
        }
        order(kernel);
    }
    Ok(())
}

/// Callees in the order they are called: float layers were outlined before.
fn order(kernel: Op<'_>) {
    let layers: Vec<Op<'_>> = kernel.body().into_iter().filter_map(callee).collect();
    for pair in layers.windows(2).rev() {
        pair[0].move_before(pair[1]);
    }
}

/// The operations of each layer, constants left out.
fn layers(kernel: Op<'_>) -> Vec<Vec<Op<'_>>> {
    let mut layers: Vec<Vec<Op<'_>>> = Vec::new();
    // The layer that an operation ends, by position.
    let mut ends: HashMap<Op<'_>, usize> = HashMap::new();
    for op in kernel.body() {
        if op.kind() == OpKind::HlsConstant || op.kind() == OpKind::Other {
            continue;
        }
        let front = op.operands().into_iter().filter_map(Value::defining_op).find_map(|source| ends.remove(&source));
        let layer = front.and_then(|index| Some((index, layers.get_mut(index).filter(|layer| continues(layer, op))?)));
        match layer {
            Some((index, layer)) => {
                layer.push(op);
                ends.insert(op, index);
            }
            None => {
                ends.insert(op, layers.len());
                layers.push(vec![op]);
            }
        }
    }
    layers
}

/// Whether an operation takes just what a layer gave last.
fn continues<'c>(layer: &[Op<'c>], op: Op<'c>) -> bool {
    let has_work = || layer.iter().any(|inner| is_work(*inner));
    if begins_dot_product(op) && has_work() {
        return false;
    }
    let mut open = op.operands().into_iter().filter(|value| !is_hls_constant(*value)).peekable();
    let Some(last) = layer.last() else { return false };
    let single_use = last.results().iter().map(|result| result.uses().len()).sum::<usize>() == 1;
    open.peek().is_some() && single_use && open.all(|value| value.defining_op() == Some(*last))
}

fn is_dot_product(op: Op<'_>) -> bool {
    matches!(op.kind(), OpKind::HlsMatmul | OpKind::HlsConv)
}

/// What a dot product does not follow in one layer.
fn is_work(op: Op<'_>) -> bool {
    is_dot_product(op) || matches!(op.kind(), OpKind::HlsRequantize | OpKind::HlsReduceWindow)
}

/// A dot product, or the padding that only a convolution uses.
fn begins_dot_product(op: Op<'_>) -> bool {
    let padding = || {
        let uses = op.result(0).uses();
        matches!(uses.as_slice(), [(user, 0)] if user.kind() == OpKind::HlsConv)
    };
    is_dot_product(op) || (op.kind() == OpKind::HlsPad && padding())
}

fn outline<'c>(kernel: Op<'c>, layer: &[Op<'c>], names: &mut Names) {
    let mut body = constants_of(layer);
    body.extend_from_slice(layer);
    let inside: HashSet<Op<'c>> = body.iter().copied().collect();
    let mut seen = HashSet::new();
    let outside = |value: &Value<'c>| !value.defining_op().is_some_and(|op| inside.contains(&op));
    let inputs: Vec<_> =
        layer.iter().flat_map(|op| op.operands()).filter(|value| outside(value) && seen.insert(*value)).collect();
    let leaves = |value: &Value<'c>| value.users().iter().any(|user| !inside.contains(user));
    let outputs: Vec<_> = layer.iter().flat_map(|op| op.results()).filter(leaves).collect();
    // A place in a text is no name.
    let main = layer.iter().find(|op| is_dot_product(**op)).or(layer.first());
    let name = main.map(|op| op.node_name()).filter(|name| !name.contains(".mlir")).unwrap_or_default();
    let name = names.unique(&name);
    move_to_function(kernel, &name, LAYER, &body, &inputs, &outputs);
}

/// The layer's constants, copied where another layer uses them too.
fn constants_of<'c>(layer: &[Op<'c>]) -> Vec<Op<'c>> {
    let inside: HashSet<Op<'c>> = layer.iter().copied().collect();
    let mut constants: Vec<Op<'c>> = Vec::new();
    for op in layer {
        for (index, operand) in op.operands().into_iter().enumerate() {
            let Some(constant) = operand.defining_op().filter(|op| op.kind() == OpKind::HlsConstant) else { continue };
            if constants.contains(&constant) {
                continue;
            }
            let shared = operand.users().iter().any(|user| !inside.contains(user));
            let own = if shared { copy(constant) } else { constant };
            if shared {
                op.set_operand(index, own.result(0));
            }
            constants.push(own);
        }
    }
    constants
}

fn copy<'c>(constant: Op<'c>) -> Op<'c> {
    Builder::before(constant).copy(constant, &[], &[constant.result(0).ty()])
}
