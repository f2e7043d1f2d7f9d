//! The float chain between an accumulator and a quantizer, as a program on plain data.
//!
//! Evaluated in the reference's own float32 arithmetic, one vector of accumulator values at
//! a time. Where constants vary (per channel), each combination is a function of its own,
//! numbered over the constants' common shape.

mod program;

pub use program::{Join, Program};

use crate::eval::{
    Tensor,
    convert::{constant_of, known_value},
    interpreter::{binary_of, minifloat_of, rounding_of, unary_of},
    ops::{
        broadcast::{broadcast_shapes, view_as},
        layout,
        quant::Quantizer,
    },
};
use crate::lowering::propagate_scales::REASON;
use program::{Argument, Step, sources_of};
use qonnx_dialect::{Op, OpKind, Value, qonnx};
use std::collections::HashMap;

/// Why an operation has no chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No integer stands in front of it: it is the host's.
    Host,
    /// Why it cannot be lowered.
    Problem(String),
}

/// A chain ending in a quantizer or, for comparisons of floats, in a float.
#[derive(Clone, Debug)]
pub struct Chain<'c> {
    /// The integers it starts from: one tensor, or the branches that it joins.
    pub sources: Vec<Value<'c>>,
    /// The operation where two branches first meet.
    pub join: Option<Op<'c>>,
    program: Program,
}

impl<'c> Chain<'c> {
    /// The chain that ends in a quantizer.
    ///
    /// # Errors
    /// See [`Stop`].
    pub fn ending_in(op: Op<'c>) -> Result<Self, Stop> {
        let mut builder = ChainBuilder::new(op);
        let input = builder.argument(op.operand(0))?;
        let last = match op.kind() {
            OpKind::QonnxQuantize => {
                let quantize = qonnx::Quantize::of(op).ok_or(Stop::Host)?;
                let mode = rounding_of(quantize.rounding());
                Step::Quantize(input, Quantizer::with_limits(quantize.low(), quantize.high(), mode))
            }
            OpKind::QonnxQuantizeMinifloat => Step::Minifloat(input, minifloat_of(op).ok_or(Stop::Host)?),
            OpKind::QonnxBinarize => Step::Binarize(input),
            OpKind::QonnxCountThresholds => Step::Count(input, builder.thresholds(op)?),
            _ => return Err(Stop::Host),
        };
        builder.finish(Some(last))
    }

    /// The chain that gives a float value.
    ///
    /// # Errors
    /// See [`Stop`].
    pub fn giving(value: Value<'c>) -> Result<Self, Stop> {
        let op = value.defining_op().ok_or(Stop::Host)?;
        let mut builder = ChainBuilder::new(op);
        builder.argument(value)?;
        builder.finish(None)
    }

    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }
}

/// Collects steps from the quantizer up to the integers.
struct ChainBuilder<'c> {
    place: Op<'c>,
    sources: Vec<Value<'c>>,
    join: Option<Op<'c>>,
    steps: Vec<Step>,
    constants: Vec<Tensor>,
    seen: HashMap<Value<'c>, Argument>,
}

impl<'c> ChainBuilder<'c> {
    fn new(place: Op<'c>) -> Self {
        let (sources, steps, constants) = (Vec::new(), Vec::new(), Vec::new());
        Self { place, sources, join: None, steps, constants, seen: HashMap::new() }
    }

    fn argument(&mut self, value: Value<'c>) -> Result<Argument, Stop> {
        if let Some(known) = self.seen.get(&value) {
            return Ok(*known);
        }
        let argument = match known_value(value) {
            Some(tensor) => Argument::Constant(self.constant(tensor)),
            None => {
                let op = value.defining_op().ok_or(Stop::Host)?;
                let step = self.step(op)?;
                self.steps.push(step);
                Argument::Step(self.steps.len() - 1)
            }
        };
        self.seen.insert(value, argument);
        Ok(argument)
    }

    fn constant(&mut self, tensor: Tensor) -> usize {
        self.constants.push(tensor);
        self.constants.len() - 1
    }

    fn step(&mut self, op: Op<'c>) -> Result<Step, Stop> {
        if let Some(unary) = unary_of(op) {
            return Ok(Step::Unary(unary, self.argument(op.operand(0))?));
        }
        if let Some(binary) = binary_of(op) {
            if binary.is_comparison() {
                return Err(self.blocked(op));
            }
            let (a, b) = (self.argument(op.operand(0))?, self.argument(op.operand(1))?);
            if let (Argument::Step(a), Argument::Step(b)) = (a, b)
                && sources_of(&self.steps, a) != sources_of(&self.steps, b)
            {
                self.join.get_or_insert(op);
            }
            return Ok(Step::Binary(binary, a, b));
        }
        match op.kind() {
            OpKind::QonnxUnscale => self.unscale(op),
            OpKind::QonnxFma => {
                let [a, b, c] = [op.operand(0), op.operand(1), op.operand(2)];
                Ok(Step::Fma([self.argument(a)?, self.argument(b)?, self.argument(c)?]))
            }
            OpKind::QonnxClip => {
                let clip = qonnx::Clip::of(op).ok_or(Stop::Host)?;
                let x = self.argument(clip.x())?;
                let low = clip.low().map(|low| self.argument(low)).transpose()?;
                let high = clip.high().map(|high| self.argument(high)).transpose()?;
                Ok(Step::Clip(x, low, high))
            }
            _ => Err(self.blocked(op)),
        }
    }

    fn unscale(&mut self, op: Op<'c>) -> Result<Step, Stop> {
        let unscale = qonnx::Unscale::of(op).ok_or(Stop::Host)?;
        let source = match self.sources.iter().position(|source| *source == unscale.q()) {
            Some(source) => source,
            None => {
                self.sources.push(unscale.q());
                self.sources.len() - 1
            }
        };
        let scales = unscale.scales().into_iter().map(|scale| match self.argument(scale)? {
            Argument::Constant(index) => Ok(index),
            Argument::Step(_) => Err(Stop::Problem("a scale is not constant".into())),
        });
        Ok(Step::Unscale(source, scales.collect::<Result<_, _>>()?))
    }

    /// Thresholds as one constant a step: column i of the rows, along the channel axis.
    fn thresholds(&mut self, op: Op<'c>) -> Result<Vec<usize>, Stop> {
        let problem = |text: &str| Stop::Problem(text.to_string());
        let tensor = constant_of(op.operand(1)).ok_or_else(|| problem("the thresholds are not constant"))?;
        let rank = op.operand(0).tensor_type().and_then(|ty| ty.shape).map_or(0, |shape| shape.len());
        let axis = layout::axis_index(op.i64_attribute("channel_axis"), rank).map_err(|p| problem(&p.to_string()))?;
        let [rows, steps] = tensor.shape() else { return Err(problem("the thresholds are no matrix")) };
        let mut shape = vec![1; rank];
        shape[axis] = *rows;
        let values = tensor.to_f32_vec();
        let column = |step: usize| (0..*rows).map(|row| values[row * steps + step]).collect::<Vec<f32>>();
        let columns: Vec<Vec<f32>> = (0..*steps).map(column).collect();
        let mut indices = Vec::with_capacity(columns.len());
        for column in columns {
            let tensor = Tensor::f32(&shape, column).map_err(|p| problem(&p.to_string()))?;
            indices.push(self.constant(tensor));
        }
        Ok(indices)
    }

    fn blocked(&self, op: Op<'c>) -> Stop {
        // Only what already has integers before it could have been hardware.
        if !self.sources.is_empty() || has_integer_source(op, 64) {
            let (name, node) = (op.name(), op.node_name());
            return Stop::Problem(match op.optional_str_attribute(REASON) {
                Some(reason) => format!("{name} at {node}, in front of it, stays in float: {reason}"),
                None => format!(
                    "{name} at {node} lies between integers and this quantizer and is not elementwise with constants"
                ),
            });
        }
        Stop::Host
    }

    fn finish(mut self, last: Option<Step>) -> Result<Chain<'c>, Stop> {
        self.steps.extend(last);
        if self.sources.is_empty() {
            return Err(Stop::Host);
        }
        let problem = |text: String| Stop::Problem(text);
        let shape = broadcast_shapes(self.constants.iter().map(Tensor::shape)).map_err(|p| problem(p.to_string()))?;
        let extents_of = |value: Value<'c>| value.tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default();
        let extents = extents_of(self.place.result(0));
        let sources: Vec<Vec<usize>> = self.sources.iter().map(|source| extents_of(*source)).collect();
        let joined = broadcast_shapes(sources.iter().map(Vec::as_slice)).map_err(|p| problem(p.to_string()))?;
        let fits = broadcast_shapes([shape.as_slice(), extents.as_slice()]).is_ok_and(|all| all == extents);
        if !fits || joined != extents {
            return Err(problem(format!(
                "constants of shape {shape:?} enlarge the integers of shape {joined:?} in front of {:?}",
                self.place
            )));
        }
        let full = |tensor: &Tensor| {
            let array = tensor.to_f32();
            view_as(&array, &shape).map(|view| view.iter().copied().collect()).map_err(|p| problem(p.to_string()))
        };
        let constants = self.constants.iter().map(full).collect::<Result<Vec<Vec<f32>>, _>>()?;
        let program = Program { steps: self.steps, constants, shape };
        Ok(Chain { sources: self.sources, join: self.join, program })
    }
}

/// Whether an `unscale` stands somewhere before an operation.
pub fn has_integer_source(op: Op<'_>, depth: usize) -> bool {
    depth > 0
        && op.operands().into_iter().filter_map(Value::defining_op).any(|inner| {
            inner.kind() == OpKind::QonnxUnscale && constant_of(inner.operand(0)).is_none()
                || has_integer_source(inner, depth - 1)
        })
}
