//! `qonnx-push-transposes`: transposes move to where they cost least, and cancel on the way.
//!
//! Each value of the function is known by the one that is computed and an order of its axes; a transpose is a name for
//! another order and computes nothing. An operation that can do its work in any order ([`plan`]) takes the one
//! that needs the fewest transposes, of its operands as they are at hand ([`forms`]) and of its results as they are wanted
//! ([`wants`]). What then is needed in an order that is not there is transposed, once for all who need it. One walk down
//! the function decides everything, so that it ends on every graph.

mod absorb;
mod forms;
mod plan;
mod wants;

use super::functions::{erase_dead, functions};
use crate::transforms::permutation::Permutation;
use forms::Forms;
use plan::{Operand, Plan};
use qonnx_dialect::{Builder, Op, OpKind, Reported, Value, options::QonnxPushTransposesOptions, qonnx};
use wants::Wants;

/// Moves the transposes of each function.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &QonnxPushTransposesOptions) -> Result<(), Reported> {
    functions(module).for_each(push);
    Ok(())
}

/// Moves the transposes of a function.
pub fn push(function: Op<'_>) {
    let wants = Wants::of(function);
    let mut forms = Forms::default();
    for op in function.body() {
        step(op, &wants, &mut forms);
    }
    erase_dead(function);
    absorb::into_weights(function);
}

/// Whether an operation gives its elements on in their order, whatever the axes.
fn reads_in_order(op: Op<'_>) -> bool {
    matches!(
        op.kind(),
        OpKind::QonnxReshape | OpKind::QonnxFlatten | OpKind::QonnxSqueeze | OpKind::QonnxUnsqueeze | OpKind::QonnxView
    )
}

fn step<'c>(op: Op<'c>, wants: &Wants<'c>, forms: &mut Forms<'c>) {
    if op.kind() == OpKind::QonnxTranspose {
        return forms.alias(op);
    }
    if let Some((order, plan)) = choose(op, wants, forms) {
        return reorder(op, &order, &plan, forms);
    }
    for (index, operand) in op.operands().into_iter().enumerate() {
        let Some(rank) = forms::rank_of(operand) else { continue };
        let as_it_was = forms.get(operand, &Permutation::identity(rank), op);
        if as_it_was != operand {
            op.set_operand(index, as_it_was);
        }
    }
    skip_view(op, forms);
}

/// A change of shape of what moves only axes of one element is one of what was there before.
fn skip_view<'c>(op: Op<'c>, forms: &mut Forms<'c>) {
    let is_static = |value: Value<'c>| value.tensor_type().is_some_and(|ty| ty.static_shape().is_some());
    if !reads_in_order(op) || !is_static(op.result(0)) {
        return;
    }
    let Some(view) = op.operand(0).defining_op().and_then(qonnx::View::of).filter(|view| is_static(view.x())) else {
        return;
    };
    let result = op.result(0);
    let direct = qonnx::View::build(&Builder::before(op), view.x(), [result.ty()]).result();
    if let Some(rank) = forms::rank_of(result) {
        forms.define(result, direct, &Permutation::identity(rank));
    }
}

/// The order of an operation that costs least; the first of several, which are those of its operands, then those of its
/// users.
fn choose<'c>(op: Op<'c>, wants: &Wants<'c>, forms: &Forms<'c>) -> Option<(Permutation, Plan)> {
    let rank = plan::rank_of(op)?;
    let at_hand = op.operands().into_iter().filter(|operand| qonnx_constant(*operand).is_none());
    let at_hand = at_hand.flat_map(|operand| forms.orders(operand));
    let wanted = op.results().into_iter().flat_map(|result| wants.orders(result)).cloned();
    let mut tried: Vec<Permutation> = Vec::new();
    let mut best: Option<(usize, Permutation, Plan)> = None;
    for order in at_hand.chain(wanted).chain([Permutation::identity(rank)]) {
        if order.rank() != rank || tried.contains(&order) {
            continue;
        }
        tried.push(order.clone());
        let Some(plan) = plan::plan(op, &order) else { continue };
        let cost = cost(op, &plan, wants, forms);
        if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
            best = Some((cost, order, plan));
        }
    }
    best.map(|(_, order, plan)| (order, plan))
}

fn qonnx_constant(value: Value<'_>) -> Option<qonnx::Constant<'_>> {
    value.defining_op().and_then(qonnx::Constant::of)
}

fn cost<'c>(op: Op<'c>, plan: &Plan, wants: &Wants<'c>, forms: &Forms<'c>) -> usize {
    let operand = |(operand, role): (Value<'c>, &Operand)| match role {
        Operand::Moved(order) => forms.cost(operand, order),
        Operand::Same | Operand::Constant(_) => 0,
    };
    let operands: usize = op.operands().into_iter().zip(&plan.operands).map(operand).sum();
    let results: usize =
        op.results().into_iter().zip(&plan.results).map(|(value, order)| wants.cost(value, order)).sum();
    operands + results
}

/// The operation in its new order; in the old one it only gets operands that are computed.
fn reorder<'c>(op: Op<'c>, order: &Permutation, plan: &Plan, forms: &mut Forms<'c>) {
    let as_it_was = order.is_identity();
    let mut operands = op.operands();
    for (operand, role) in operands.iter_mut().zip(&plan.operands) {
        *operand = match (role, forms::rank_of(*operand)) {
            (Operand::Constant(_), _) if as_it_was => *operand,
            (Operand::Constant(tensor), _) => plan::constant(op, tensor),
            (Operand::Moved(order), Some(rank)) if as_it_was && rank < order.rank() => {
                forms.get(*operand, &Permutation::identity(rank), op)
            }
            (Operand::Moved(order), _) => forms.get(*operand, order, op),
            (Operand::Same, Some(rank)) => forms.get(*operand, &Permutation::identity(rank), op),
            (Operand::Same, None) => *operand,
        };
    }
    if as_it_was {
        operands.into_iter().enumerate().for_each(|(index, operand)| op.set_operand(index, operand));
        return;
    }
    let Some(new) = plan::build(op, plan, &operands) else { return };
    for (index, (result, order)) in op.results().into_iter().zip(&plan.results).enumerate() {
        forms.define(result, new.result(index), order);
    }
}
