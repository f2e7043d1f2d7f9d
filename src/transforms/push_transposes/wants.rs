//! The orders of axes that those who use a value want it in, from the function's end up.

use super::{
    forms::rank_of,
    permutation::Permutation,
    plan::{self, Operand},
};
use qonnx_dialect::{Op, OpKind, Value};
use std::collections::HashMap;

/// What a transpose at an end of the graph costs: less than elsewhere, so that it goes there.
pub const INTERFACE: usize = 2;
/// What any other transpose costs.
pub const INSIDE: usize = 3;

/// No more different orders of one value are told apart.
const MOST: usize = 8;

/// An order that a value is wanted in, and what a transpose to it costs.
#[derive(Clone, Debug)]
pub struct Want {
    /// The order.
    pub order: Permutation,
    /// The cost.
    pub cost: usize,
}

/// The different orders that each value is wanted in.
#[derive(Default)]
pub struct Wants<'c>(HashMap<Value<'c>, Vec<Want>>);

impl<'c> Wants<'c> {
    /// Of all values of a function.
    pub fn of(function: Op<'c>) -> Self {
        let mut wants = Self::default();
        for op in function.body().into_iter().rev() {
            for (value, want) in wants.by(op) {
                wants.add(value, want);
            }
        }
        wants
    }

    /// Those of one value, in the order of its users.
    pub fn get(&self, value: Value<'c>) -> &[Want] {
        self.0.get(&value).map_or(&[], Vec::as_slice)
    }

    /// What the transposes cost that a value of this order needs for its users.
    pub fn cost(&self, value: Value<'c>, order: &Permutation) -> usize {
        let shape = value.tensor_type().and_then(|ty| ty.shape).and_then(|shape| order.applied(&shape));
        let is_free = |want: &&Want| {
            let step = order.inverse().then(&want.order);
            step.is_identity() || shape.as_ref().is_some_and(|shape| step.keeps_elements(shape))
        };
        self.get(value).iter().filter(|want| !is_free(want)).map(|want| want.cost).sum()
    }

    fn add(&mut self, value: Value<'c>, want: Want) {
        let wants = self.0.entry(value).or_default();
        if let Some(known) = wants.iter_mut().find(|known| known.order == want.order) {
            known.cost = known.cost.max(want.cost);
        } else if wants.len() < MOST {
            wants.insert(0, want);
        }
    }

    /// What an operation wants of its operands.
    fn by(&self, op: Op<'c>) -> Vec<(Value<'c>, Want)> {
        if op.kind() == OpKind::QonnxTranspose {
            let Some(permutation) = Permutation::of(&op.i64s_attribute("permutation")) else { return Vec::new() };
            let wants = self.get(op.result(0)).iter().rev();
            let through = |want: &Want| Want { order: permutation.then(&want.order), cost: want.cost };
            return wants.map(|want| (op.operand(0), through(want))).collect();
        }
        let rank = plan::rank_of(op).filter(|rank| plan::plan(op, &Permutation::identity(*rank)).is_some());
        let Some(rank) = rank else {
            let cost = if op.name() == "func.return" { INTERFACE } else { INSIDE };
            return op.operands().into_iter().filter_map(|operand| as_it_is(operand, cost)).collect();
        };
        let wants = op.results().into_iter().flat_map(|result| self.get(result).iter().rev());
        let wants = wants.filter(|want| want.order.rank() == rank);
        wants.flat_map(|want| through_plan(op, want)).collect()
    }
}

fn as_it_is(value: Value<'_>, cost: usize) -> Option<(Value<'_>, Want)> {
    Some((value, Want { order: Permutation::identity(rank_of(value)?), cost }))
}

fn through_plan<'c>(op: Op<'c>, want: &Want) -> Vec<(Value<'c>, Want)> {
    let Some(plan) = plan::plan(op, &want.order) else { return Vec::new() };
    let operands = op.operands().into_iter().zip(plan.operands);
    let wanted = |(operand, role): (Value<'c>, Operand)| match role {
        Operand::Moved(order) if rank_of(operand) == Some(order.rank()) => {
            Some((operand, Want { order, cost: want.cost }))
        }
        _ => as_it_is(operand, INSIDE),
    };
    operands.filter_map(wanted).collect()
}
