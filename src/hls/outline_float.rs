//! `hls-outline-float`: quantizers that no integer form equals become layers in float32.
//!
//! The reference computes what stands between integers and a quantizer in float32. Where
//! `qonnx-legalize-fixed-point` found integers that give the same codes, nothing of it is left.
//! Elsewhere the hardware does what the reference does: the operations themselves, one rounding
//! each. What is exact about them is their meaning, so there is nothing to prove.

use super::{names::Names, outline_kernel::move_to_function, outline_layers::LAYER};
use crate::{
    lowering::propagate_scales::REASON,
    transforms::{
        functions::{callee, erase_dead, functions},
        kinds::is_dot_product,
        split_quant::gives_codes,
    },
};
use qonnx_dialect::{Builder, Element, Op, OpKind, Reported, Value, options::HlsOutlineFloatOptions};
use std::collections::{HashMap, HashSet};

/// Marks the layers that compute in float32.
pub const FLOAT: &str = "hls.float";

/// Outlines each quantizer behind integers that is left in a host function.
///
/// # Errors
/// None: what cannot be a layer stays, and `hls-outline-kernel` names it.
pub fn run(module: Op<'_>, _: &HlsOutlineFloatOptions) -> Result<(), Reported> {
    let mut names = Names::of(module);
    let hosts: Vec<Op<'_>> = functions(module).filter(|function| !function.unit_attribute(LAYER)).collect();
    for function in hosts {
        let quantizers: Vec<Op<'_>> = function.body().into_iter().filter(|op| gives_codes(*op)).collect();
        for quantizer in quantizers {
            if let Some(chain) = FloatChain::behind_integers(quantizer) {
                let name = names.unique(&quantizer.node_name());
                outline(function, &chain, &name);
            }
        }
        erase_dead(function);
    }
    Ok(())
}

/// A quantizer and the float operations between integers and it.
struct FloatChain<'c> {
    quantizer: Op<'c>,
    /// The operations in front of the quantizer, constants included.
    body: HashSet<Op<'c>>,
    /// The integers that it starts from.
    sources: Vec<Value<'c>>,
}

impl<'c> FloatChain<'c> {
    /// None where no integers stand in front, or where a float comes from outside.
    fn behind_integers(quantizer: Op<'c>) -> Option<Self> {
        let mut chain = Self { quantizer, body: HashSet::new(), sources: Vec::new() };
        let mut open = vec![quantizer];
        let mut has_integers = false;
        while let Some(op) = open.pop() {
            for operand in op.operands() {
                let inner = operand.defining_op();
                let is_constant = inner.is_some_and(|inner| inner.kind() == OpKind::QonnxConstant);
                if !is_constant && is_integer(operand) {
                    has_integers |= op.kind() == OpKind::QonnxUnscale;
                    if !chain.sources.contains(&operand) {
                        chain.sources.push(operand);
                    }
                    continue;
                }
                let inner = inner.filter(|inner| is_constant || is_float_operation(*inner))?;
                if chain.body.insert(inner) {
                    open.push(inner);
                }
            }
        }
        has_integers.then_some(chain)
    }
}

/// Codes; a Bool is what floats were compared to.
fn is_integer(value: Value<'_>) -> bool {
    value.tensor_type().is_some_and(|ty| matches!(ty.element, Element::Int { .. }))
}

/// Whether a layer can compute it in float32; dot products are the integers' work.
pub(super) fn is_float_operation(op: Op<'_>) -> bool {
    let is_known = !matches!(op.kind(), OpKind::QonnxOnnx | OpKind::Other) && !op.kind().is_hls();
    is_known && !is_dot_product(op)
}

/// Moves the quantizer and a copy of what stands in front of it to a function.
fn outline<'c>(function: Op<'c>, chain: &FloatChain<'c>, name: &str) {
    let quantizer = chain.quantizer;
    let reason = quantizer.optional_str_attribute(REASON).unwrap_or("no integer form of it is known").to_string();
    quantizer.remark(format!("is computed in float32 inside the hardware: {reason}"));
    let mut copies: HashMap<Value<'c>, Value<'c>> = HashMap::new();
    let copied =
        |copies: &HashMap<Value<'c>, Value<'c>>, value: Value<'c>| copies.get(&value).copied().unwrap_or(value);
    let mut body = Vec::with_capacity(chain.body.len() + 1);
    for op in function.body().into_iter().filter(|op| chain.body.contains(op)) {
        let operands: Vec<Value<'c>> = op.operands().into_iter().map(|operand| copied(&copies, operand)).collect();
        let types: Vec<_> = op.results().iter().map(|result| result.ty()).collect();
        let copy = Builder::before(quantizer).at(op.location()).copy(op, &operands, &types);
        copies.extend(op.results().into_iter().zip(copy.results()));
        body.push(copy);
    }
    for (index, operand) in quantizer.operands().into_iter().enumerate() {
        quantizer.set_operand(index, copied(&copies, operand));
    }
    body.push(quantizer);
    let call = move_to_function(function, name, LAYER, &body, &chain.sources, &quantizer.results());
    if let Some(layer) = callee(call) {
        layer.set_attribute(FLOAT, Builder::before(layer).unit());
    }
}
