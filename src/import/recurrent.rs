//! RNN, GRU and LSTM, their steps written out: products, sums and activations per step.
//!
//! All inputs meet their weights in one product; each step adds the state's product and the biases, in the
//! reference's order. No state before the first step means that its terms are left out.

use super::{
    ImportError,
    control::MAX_STEPS,
    node::{Context, Node},
    recurrent_activations::{Activation, activations},
};
use crate::{eval::Tensor, onnx::quoted};
use qonnx_dialect::{Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let kind = match node.op_type() {
        "RNN" => Kind::Rnn,
        "GRU" => Kind::Gru { reset_after: node.flag("linear_before_reset", 0)? },
        "LSTM" if node.proto.int("input_forget")?.unwrap_or(0) == 0 => Kind::Lstm,
        _ => return Ok(None),
    };
    let batch_first = node.flag("layout", 0)?;
    let swap = |x: Value<'c>| if batch_first { cx.transpose(x, &[1, 0, 2]) } else { x };
    let shape = node.operand(0)?.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
    let &[first, second, _] = &shape[..] else { return Err(node.error("its operand has not the rank 3")) };
    let steps = if batch_first { second } else { first };
    let steps = steps.ok_or_else(|| node.error("the length of its sequence is not known: fix it in the model"))?;
    if steps == 0 || steps > MAX_STEPS {
        return Err(node.error(format!("has a sequence of {steps} steps, expected 1 to {MAX_STEPS}")));
    }
    if !all_steps(cx, node, steps) {
        return Ok(None);
    }
    let hidden =
        node.proto.int("hidden_size")?.filter(|size| *size > 0).ok_or_else(|| node.error("has no hidden_size"))?;
    // Lists of its places are as long.
    node.positions(&[usize::try_from(hidden).unwrap_or(usize::MAX), 8])?;
    let layer = Layer { cx, node, kind, steps, hidden, x: swap(node.operand(0)?) };
    let backwards: &[bool] = match node.proto.string("direction")?.unwrap_or("forward") {
        "forward" => &[false],
        "reverse" => &[true],
        "bidirectional" => &[false, true],
        other => {
            return Err(
                node.error(format!("direction is {}, expected forward, reverse or bidirectional", quoted(other)))
            );
        }
    };
    let runs = backwards.iter().enumerate().map(|(index, backward)| layer.run(index, *backward, swap));
    let runs = runs.collect::<Result<Vec<_>, _>>()?;
    Ok(Some(layer.results(&runs, batch_first)))
}

/// Whether every sequence has its full length.
fn all_steps<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, steps: usize) -> bool {
    let full =
        |lengths: Value<'c>| cx.known(lengths).is_some_and(|l| l.to_f64_vec().iter().all(|l| *l == steps as f64));
    node.optional(4).is_none_or(full)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Rnn,
    /// `reset_after`: the reset gate scales the state's product, not the state.
    Gru {
        reset_after: bool,
    },
    Lstm,
}

struct Layer<'a, 'm, 'c> {
    cx: &'a Context<'m, 'c>,
    node: &'a Node<'m, 'c>,
    kind: Kind,
    steps: usize,
    hidden: i64,
    /// (steps, batch, inputs).
    x: Value<'c>,
}

/// What one direction gives: the state after each step, in the order of the sequence, and the last ones.
struct Run<'c> {
    states: Vec<Value<'c>>,
    last: Value<'c>,
    cell: Option<Value<'c>>,
}

/// One direction's constants.
struct Weights<'c> {
    /// Transposed: (hidden, gates * hidden).
    recurrent: Value<'c>,
    /// Of input and of state, (gates * hidden) each.
    biases: Option<(Value<'c>, Value<'c>)>,
    /// Of input, output and forget gate, (hidden) each.
    peepholes: Option<[Value<'c>; 3]>,
    activations: Vec<Activation>,
    clip: Option<f32>,
}

/// What goes from step to step.
#[derive(Clone, Copy)]
struct State<'c> {
    hidden: Option<Value<'c>>,
    cell: Option<Value<'c>>,
}

impl<'c> Layer<'_, '_, 'c> {
    fn gates(&self) -> i64 {
        match self.kind {
            Kind::Rnn => 1,
            Kind::Gru { .. } => 3,
            Kind::Lstm => 4,
        }
    }

    /// The part of an operand for a direction.
    fn of_direction(&self, index: usize, direction: usize) -> Option<Value<'c>> {
        self.node.optional(index).map(|value| self.cx.take(value, 0, &Tensor::scalar_int(direction as i64)))
    }

    /// Part `index` of `hidden` elements along the last axis.
    fn part(&self, x: Value<'c>, index: i64) -> Value<'c> {
        let places = (index * self.hidden..(index + 1) * self.hidden).collect();
        self.cx.take(x, -1, &Tensor::indices(places))
    }

    fn run(
        &self,
        direction: usize,
        backward: bool,
        swap: impl Fn(Value<'c>) -> Value<'c>,
    ) -> Result<Run<'c>, ImportError> {
        let cx = self.cx;
        self.node.operand(1)?;
        self.node.operand(2)?;
        let transposed = |index| self.of_direction(index, direction).map(|w| cx.transpose(w, &[1, 0]));
        let (Some(input), Some(recurrent)) = (transposed(1), transposed(2)) else {
            return Err(self.node.error("has no weights"));
        };
        let weights = self.weights(recurrent, direction)?;
        let initial = |index| {
            let start = self.node.optional(index).map(&swap);
            start.map(|start| cx.take(start, 0, &Tensor::scalar_int(direction as i64)))
        };
        let cell = if self.kind == Kind::Lstm { initial(6) } else { None };
        let mut state = State { hidden: initial(5), cell };
        let products = cx.matmul(self.x, input);
        let mut states = Vec::new();
        for step in 0..self.steps {
            let at = if backward { self.steps - 1 - step } else { step };
            let product = cx.take(products, 0, &Tensor::scalar_int(at as i64));
            state = self.step(&weights, product, state);
            states.extend(state.hidden);
        }
        let last = *states.last().ok_or_else(|| self.node.error("has no steps"))?;
        if backward {
            states.reverse();
        }
        Ok(Run { states, last, cell: state.cell })
    }

    fn weights(&self, recurrent: Value<'c>, direction: usize) -> Result<Weights<'c>, ImportError> {
        let gates = self.gates() * self.hidden;
        let half = |bias, from: i64| self.cx.take(bias, 0, &Tensor::indices((from..from + gates).collect()));
        let biases = self.of_direction(3, direction).map(|bias| (half(bias, 0), half(bias, gates)));
        let peepholes = if self.kind == Kind::Lstm { self.of_direction(7, direction) } else { None };
        let peepholes = peepholes.map(|p| [self.part(p, 0), self.part(p, 1), self.part(p, 2)]);
        let defaults: &[&str] = match self.kind {
            Kind::Rnn => &["Tanh"],
            Kind::Gru { .. } => &["Sigmoid", "Tanh"],
            Kind::Lstm => &["Sigmoid", "Tanh", "Tanh"],
        };
        let activations = activations(self.node, defaults, direction)?;
        Ok(Weights { recurrent, biases, peepholes, activations, clip: self.node.proto.float("clip")? })
    }

    fn step(&self, weights: &Weights<'c>, product: Value<'c>, state: State<'c>) -> State<'c> {
        match self.kind {
            Kind::Rnn => {
                let hidden = weights.activate(self.cx, 0, self.sum(weights, product, state.hidden));
                State { hidden: Some(hidden), cell: None }
            }
            Kind::Lstm => self.lstm(weights, self.sum(weights, product, state.hidden), state.cell),
            Kind::Gru { reset_after } => {
                State { hidden: Some(self.gru(weights, product, state.hidden, reset_after)), cell: None }
            }
        }
    }

    /// Products of input and state, and both biases.
    fn sum(&self, weights: &Weights<'c>, product: Value<'c>, hidden: Option<Value<'c>>) -> Value<'c> {
        let recurrent = |hidden| self.cx.matmul(hidden, weights.recurrent);
        let sum = hidden.map_or(product, |hidden| self.cx.add(product, recurrent(hidden)));
        weights.biases.map_or(sum, |(input, state)| self.cx.add(sum, self.cx.add(input, state)))
    }

    /// Gates in the order input, output, forget, cell.
    fn lstm(&self, weights: &Weights<'c>, sum: Value<'c>, cell: Option<Value<'c>>) -> State<'c> {
        let cx = self.cx;
        let gate = |index: i64, peephole: usize, cell: Option<Value<'c>>| {
            let seen = weights.peepholes.zip(cell).map(|(p, cell)| cx.mul(p[peephole], cell));
            let sum = self.part(sum, index);
            weights.activate(cx, 0, seen.map_or(sum, |seen| cx.add(sum, seen)))
        };
        let input = gate(0, 0, cell);
        let new = cx.mul(input, weights.activate(cx, 1, self.part(sum, 3)));
        let kept = cell.map(|cell| cx.mul(gate(2, 2, Some(cell)), cell));
        let cell = kept.map_or(new, |kept| cx.add(kept, new));
        let output = gate(1, 1, Some(cell));
        // The cell's new state is not clipped.
        State { hidden: Some(cx.mul(output, weights.function(cx, 2, cell))), cell: Some(cell) }
    }

    /// Gates in the order update, reset, hidden.
    fn gru(
        &self,
        weights: &Weights<'c>,
        product: Value<'c>,
        hidden: Option<Value<'c>>,
        reset_after: bool,
    ) -> Value<'c> {
        let cx = self.cx;
        let recurrent = hidden.map(|hidden| cx.matmul(hidden, weights.recurrent));
        let add = |a: Value<'c>, b: Option<Value<'c>>| b.map_or(a, |b| cx.add(a, b));
        let bias = |of: fn((Value<'c>, Value<'c>)) -> Value<'c>, index| weights.biases.map(|b| self.part(of(b), index));
        let both = |index| Some(cx.add(bias(|b| b.0, index)?, bias(|b| b.1, index)?));
        let gate = |index| {
            let sum = add(self.part(product, index), recurrent.map(|r| self.part(r, index)));
            weights.activate(cx, 0, add(sum, both(index)))
        };
        let (update, reset) = (gate(0), gate(1));
        let input = self.part(product, 2);
        let sum = if reset_after {
            let state = match (recurrent.map(|r| self.part(r, 2)), bias(|b| b.1, 2)) {
                (Some(state), bias) => Some(add(state, bias)),
                (None, bias) => bias,
            };
            add(add(input, state.map(|state| cx.mul(reset, state))), bias(|b| b.0, 2))
        } else {
            let columns = Tensor::indices((2 * self.hidden..3 * self.hidden).collect());
            let matrix = cx.take(weights.recurrent, 1, &columns);
            add(add(input, hidden.map(|hidden| cx.matmul(cx.mul(reset, hidden), matrix))), both(2))
        };
        let new = weights.activate(cx, 1, sum);
        let fresh = cx.mul(cx.sub(cx.scalar_like(update, 1.0), update), new);
        add(fresh, hidden.map(|hidden| cx.mul(update, hidden)))
    }

    /// Y (steps, directions, batch, hidden), then the last states (directions, batch, hidden).
    fn results(&self, runs: &[Run<'c>], batch_first: bool) -> Vec<Value<'c>> {
        let cx = self.cx;
        let stack = |parts: &[Value<'c>]| {
            let single = |part: &Value<'c>| {
                qonnx::Unsqueeze::build(&cx.builder, *part, Some(cx.indices(&[0])), [cx.like(*part)]).result()
            };
            cx.concat(&parts.iter().map(single).collect::<Vec<_>>(), 0)
        };
        let of_step =
            |step: usize| stack(&runs.iter().filter_map(|run| run.states.get(step).copied()).collect::<Vec<_>>());
        let all = stack(&(0..self.steps).map(of_step).collect::<Vec<_>>());
        let last = |states: Vec<Value<'c>>| {
            if batch_first { cx.transpose(stack(&states), &[1, 0, 2]) } else { stack(&states) }
        };
        let all = if batch_first { cx.transpose(all, &[2, 0, 1, 3]) } else { all };
        let mut results = vec![all, last(runs.iter().map(|run| run.last).collect())];
        let cells: Vec<Value<'c>> = runs.iter().filter_map(|run| run.cell).collect();
        if !cells.is_empty() {
            results.push(last(cells));
        }
        results
    }
}

impl<'c> Weights<'c> {
    /// The activation function `index` of a clipped sum.
    fn activate(&self, cx: &Context<'_, 'c>, index: usize, sum: Value<'c>) -> Value<'c> {
        let sum = self.clip.map_or(sum, |limit| {
            let bounds = [-limit, limit].map(|bound| Some(cx.scalar_like(sum, bound.into())));
            qonnx::Clip::build(&cx.builder, sum, bounds[0], bounds[1], [cx.like(sum)]).result()
        });
        self.function(cx, index, sum)
    }

    fn function(&self, cx: &Context<'_, 'c>, index: usize, x: Value<'c>) -> Value<'c> {
        self.activations.get(index).map_or(x, |activation| activation.apply(cx, x))
    }
}
