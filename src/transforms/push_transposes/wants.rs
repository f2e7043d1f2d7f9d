//! What an order of axes of a value costs those who make it and those who use it, before anything is decided.
//!
//! Both are estimates that pass from operation to operation, first down the function (what it takes to have a value in
//! an order), then up (what follows for its users). Only differences between orders matter, and no order is dearer than
//! another by more than the transpose from one to the other.

use super::{
    super::permutation::Permutation,
    forms::rank_of,
    plan::{self, Operand, Plan},
};
use qonnx_dialect::{Op, OpKind, Value};
use std::collections::HashMap;

/// What a transpose at an end of the graph costs: less than elsewhere, so that it goes there.
pub const INTERFACE: usize = 2;
/// What any other transpose costs.
pub const INSIDE: usize = 3;

/// No more orders of one value, and no more users of it, are told apart.
const MOST: usize = 16;

/// What orders of a value cost: those that are listed, and others by a transpose to one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Costs {
    listed: Vec<(Permutation, usize)>,
    transpose: usize,
    /// Whether it is the value itself that is needed: one transpose then serves all who need the same.
    direct: bool,
}

impl Costs {
    fn as_it_is(rank: usize, transpose: usize) -> Self {
        Self { listed: vec![(Permutation::identity(rank), 0)], transpose, direct: true }
    }

    fn of(&self, order: &Permutation, shape: &[Option<usize>]) -> usize {
        let from = order.applied(shape);
        let cost = |(other, cost): &(Permutation, usize)| {
            let step = order.inverse().then(other);
            let is_free = step.is_identity() || from.as_ref().is_some_and(|from| step.keeps_elements(from));
            cost + if is_free { 0 } else { self.transpose }
        };
        self.listed.iter().filter(|(other, _)| other.rank() == order.rank()).map(cost).min().unwrap_or(0)
    }

    /// The cheapest counts as nothing.
    fn relative(mut listed: Vec<(Permutation, usize)>, transpose: usize) -> Option<Self> {
        listed.truncate(MOST);
        let least = listed.iter().map(|(_, cost)| *cost).min()?;
        listed.iter_mut().for_each(|(_, cost)| *cost -= least);
        Some(Self { listed, transpose, direct: false })
    }

    fn renamed(&self, rename: impl Fn(&Permutation) -> Permutation) -> Self {
        let listed = self.listed.iter().map(|(order, cost)| (rename(order), *cost)).collect();
        Self { listed, ..*self }
    }
}

/// The costs of all values of a function.
#[derive(Default)]
pub struct Wants<'c> {
    made: HashMap<Value<'c>, Costs>,
    /// One entry a user, or for several that share a transpose.
    used: HashMap<Value<'c>, Vec<Costs>>,
}

impl<'c> Wants<'c> {
    /// Of all values of a function.
    pub fn of(function: Op<'c>) -> Self {
        let mut wants = Self::default();
        let argument = |value: Value<'c>| Some((value, Costs::as_it_is(rank_of(value)?, INTERFACE)));
        wants.made.extend(function.arguments().into_iter().filter_map(argument));
        let body = function.body();
        for op in &body {
            wants.pass_down(*op);
        }
        for op in body.into_iter().rev() {
            wants.pass_up(op);
        }
        wants
    }

    /// The orders that users of a value are cheap with.
    pub fn orders(&self, value: Value<'c>) -> impl Iterator<Item = &Permutation> {
        self.used.get(&value).into_iter().flatten().rev().flat_map(|costs| costs.listed.iter().map(|(order, _)| order))
    }

    /// What it costs the users of a value that it has this order.
    pub fn cost(&self, value: Value<'c>, order: &Permutation) -> usize {
        let shape = value.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
        self.used.get(&value).into_iter().flatten().map(|costs| costs.of(order, &shape)).sum()
    }

    /// What it takes to have an operand in an order: a constant has any.
    fn cost_to_make(&self, value: Value<'c>, order: &Permutation) -> usize {
        let shape = value.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
        self.made.get(&value).map_or(0, |costs| costs.of(order, &shape))
    }

    fn pass_down(&mut self, op: Op<'c>) {
        if op.kind() == OpKind::QonnxConstant {
            return;
        }
        if op.kind() == OpKind::QonnxTranspose {
            let Some(back) = Permutation::of(&op.i64s_attribute("permutation")).map(|order| order.inverse()) else {
                return;
            };
            let costs = self.made.get(&op.operand(0)).map(|costs| costs.renamed(|order| back.then(order)));
            self.made.extend(costs.map(|costs| (op.result(0), costs)));
            return;
        }
        let plans = self.plans(op, false);
        let total = |plan: &Plan| -> usize {
            moved(op, plan).into_iter().map(|(operand, order)| self.cost_to_make(operand, order)).sum()
        };
        let totals: Vec<(&Plan, usize)> = plans.iter().map(|plan| (plan, total(plan))).collect();
        for (index, result) in op.results().into_iter().enumerate() {
            let listed = totals.iter().filter_map(|(plan, cost)| Some((plan.results.get(index)?.clone(), *cost)));
            let costs = Costs::relative(listed.collect(), INSIDE);
            // What is made of constants alone has any order, too.
            let is_open = op.operands().iter().any(|operand| self.made.contains_key(operand));
            let costs =
                if totals.is_empty() { rank_of(result).map(|rank| Costs::as_it_is(rank, INSIDE)) } else { costs };
            self.made.extend(costs.filter(|_| is_open || totals.is_empty()).map(|costs| (result, costs)));
        }
    }

    fn pass_up(&mut self, op: Op<'c>) {
        if op.kind() == OpKind::QonnxTranspose {
            let Some(order) = Permutation::of(&op.i64s_attribute("permutation")) else { return };
            let through = self.used.get(&op.result(0)).cloned().unwrap_or_default();
            through.iter().for_each(|costs| self.add(op.operand(0), costs.renamed(|wanted| order.then(wanted))));
            return;
        }
        let plans = self.plans(op, true);
        for (index, operand) in op.operands().into_iter().enumerate() {
            let Some(rank) = rank_of(operand) else { continue };
            let transpose = if op.name() == "func.return" { INTERFACE } else { INSIDE };
            let listed = plans.iter().filter_map(|plan| match plan.operands.get(index)? {
                Operand::Moved(order) if order.rank() == rank => Some((order.clone(), self.rest(op, plan, index))),
                _ => None,
            });
            let costs = Costs::relative(listed.collect(), transpose);
            self.add(operand, costs.unwrap_or_else(|| Costs::as_it_is(rank, transpose)));
        }
    }

    /// What an operation costs beside one of its operands.
    fn rest(&self, op: Op<'c>, plan: &Plan, index: usize) -> usize {
        let own = op.operand(index);
        let others = moved(op, plan).into_iter().filter(|(operand, _)| *operand != own);
        let others: usize = others.map(|(operand, order)| self.cost_to_make(operand, order)).sum();
        let results = op.results().into_iter().zip(&plan.results);
        others + results.map(|(result, order)| self.cost(result, order)).sum::<usize>()
    }

    /// What the operation may be, as far as an order suggests itself; nothing if it keeps its own.
    fn plans(&self, op: Op<'c>, with_users: bool) -> Vec<Plan> {
        let Some(rank) = plan::rank_of(op) else { return Vec::new() };
        let operands = op.operands();
        let made = operands.iter().filter_map(|operand| self.made.get(operand));
        let made = made.flat_map(|costs| costs.listed.iter().map(|(order, _)| order));
        let results = if with_users { op.results() } else { Vec::new() };
        let used = results.into_iter().flat_map(|result| self.orders(result));
        let mut orders: Vec<Permutation> = Vec::new();
        for order in made.chain(used).chain([&Permutation::identity(rank)]) {
            if order.rank() == rank && !orders.contains(order) {
                orders.push(order.clone());
            }
        }
        orders.iter().filter_map(|order| plan::plan(op, order)).collect()
    }

    fn add(&mut self, value: Value<'c>, costs: Costs) {
        let known = self.used.entry(value).or_default();
        if !(costs.direct && known.contains(&costs)) && known.len() < MOST {
            known.push(costs);
        }
    }
}

/// The operands that are needed in an order of full rank.
fn moved<'p, 'c>(op: Op<'c>, plan: &'p Plan) -> Vec<(Value<'c>, &'p Permutation)> {
    let operands = op.operands().into_iter().zip(&plan.operands);
    let moved = operands.filter_map(|(operand, role)| match role {
        Operand::Moved(order) if rank_of(operand) == Some(order.rank()) => Some((operand, order)),
        _ => None,
    });
    moved.collect()
}
