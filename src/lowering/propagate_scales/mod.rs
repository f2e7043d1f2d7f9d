//! `qonnx-propagate-scales`: unscale moves down, integers remain.
//!
//! A dot product asks for each operand as integers on a grid ([`Grid`]). An operand that
//! is an `unscale` is one; so is a constant that needs few bits, and what [`elementwise`]
//! operations with constants, [`windows`] and [`movement`] make of such operands. What
//! fails to join leaves the dot product in float, with the reason in `hls.reason`, which
//! `hls-verify-legal` reports where it matters.
//!
//! Movement and pools of an `unscale` join the integers without being asked: a quantizer
//! behind them then sees one chain of elementwise operations.

mod contraction;
mod elementwise;
mod linear;
pub(super) mod movement;
pub(super) mod windows;

use super::{
    grid::{Dyadic, Grid, constant_grid},
    range::{Ranges, shape_of},
};
use crate::{
    eval::{
        Tensor,
        convert::{constant_of, known_value, qonnx_constant},
        interpreter::is_channels_last,
    },
    transforms::{
        functions::{erase_dead, functions},
        kinds,
    },
};
use qonnx_dialect::{Builder, Op, OpKind, Reported, Type, Value, options::QonnxPropagateScalesOptions, qonnx};
use std::collections::{HashMap, HashSet};

/// The attribute that says why an operation stayed in float.
pub const REASON: &str = "hls.reason";

/// Constants without a quantizer may take this many bits on their own grid.
const CONSTANT_BITS: u32 = 24;

/// Lowers every dot product whose operands are on a grid.
///
/// # Errors
/// None: what cannot be lowered is marked.
pub fn run(module: Op<'_>, _: &QonnxPropagateScalesOptions) -> Result<(), Reported> {
    for function in functions(module) {
        let mut propagation = Propagation::default();
        for op in function.body() {
            if let Err(reason) = propagation.lower(op) {
                op.set_attribute(REASON, Builder::before(op).str(&reason));
            }
        }
        erase_dead(function);
        fold_biases(function);
    }
    Ok(())
}

/// What is left of quantized constants is added in float, as a float constant.
fn fold_biases(function: Op<'_>) {
    for op in function.body().into_iter().filter(|op| op.kind() == OpKind::QonnxUnscale) {
        if let Some(tensor) = known_value(op.result(0)) {
            op.replace(&[qonnx_constant(&Builder::before(op), &tensor)]);
        }
    }
}

/// The grids found so far.
#[derive(Default)]
pub(super) struct Propagation<'c> {
    grids: HashMap<Value<'c>, Grid<'c>>,
    /// Values that were put in place from their grid: float32's very value of it. Others
    /// joined a grid for a dot product, which rounds less often than the reference does.
    placed: HashSet<Value<'c>>,
    ranges: Ranges<'c>,
}

impl<'c> Propagation<'c> {
    /// Puts integers in place of an operation that must have them, or may at no cost.
    fn lower(&mut self, op: Op<'c>) -> Result<(), String> {
        if op.result_count() != 1 || known_value(op.result(0)).is_some() {
            return Ok(());
        }
        if is_channels_last(op) {
            return Err(kinds::CHANNELS_LAST.into());
        }
        let grid = match op.kind() {
            OpKind::QonnxMatmul => self.grid_of_matmul(op)?,
            OpKind::QonnxConv => self.grid_of_conv(op)?,
            OpKind::QonnxConvTranspose => self.grid_of_conv_transpose(op)?,
            OpKind::QonnxAveragePool => return self.lower_average_pool(op),
            OpKind::QonnxReduce if !windows::is_reduce_max(op) => return self.lower_reduce(op),
            _ if self.moves_integers(op) && !self.mixes_scales(op) => match self.grid_of_move(op) {
                Ok(Some(grid)) => grid,
                // The chain behind it says what it could not do.
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        self.replace(op, grid);
        Ok(())
    }

    /// Puts a sum or product of integer branches on their common grid, if float32 rounds neither
    /// the branches nor what joins them; says whether it did.
    pub(in crate::lowering) fn lower_exact_join(&mut self, op: Op<'c>) -> bool {
        if !self.is_exact(op) {
            return false;
        }
        let grid = self.grids.get(&op.result(0)).cloned();
        grid.into_iter().for_each(|grid| self.replace(op, grid));
        true
    }

    /// Whether float32 holds everything between the integers and the result of an operation.
    fn is_exact(&mut self, op: Op<'c>) -> bool {
        if op.kind() != OpKind::QonnxUnscale {
            let open = op.operands().into_iter().filter(|operand| known_value(*operand).is_none());
            if !open.into_iter().all(|operand| operand.defining_op().is_some_and(|inner| self.is_exact(inner))) {
                return false;
            }
        }
        let Ok(grid) = self.grid(op.result(0), op) else { return false };
        let range = self.ranges.of(grid.q);
        range.is_ok_and(|range| grid.is_held_by_f32(&range))
    }

    /// Whether an operation only moves or selects what is on a grid already.
    fn moves_integers(&self, op: Op<'c>) -> bool {
        let on_grid = |value: Value<'c>| {
            let unscaled = value.defining_op().is_some_and(|inner| inner.kind() == OpKind::QonnxUnscale);
            unscaled || self.placed.contains(&value)
        };
        let mut open = op.operands().into_iter().filter(|value| constant_of(*value).is_none()).peekable();
        open.peek().is_some() && open.all(on_grid)
    }

    /// Whether elements of different scales meet in an operation that moves: a quantizer behind
    /// it rather takes them one by one ([`super::sink_joins`]).
    fn mixes_scales(&mut self, op: Op<'c>) -> bool {
        if !matches!(op.kind(), OpKind::QonnxMaxPool | OpKind::QonnxReduce | OpKind::QonnxPad) {
            return false;
        }
        let rank = shape_of(op.operand(0)).map_or(0, |shape| shape.len());
        let grid = self.grid(op.operand(0), op);
        let varies = |axes: Vec<usize>| grid.is_ok_and(|grid| axes.iter().any(|axis| grid.varies_along(*axis, rank)));
        windows::mixed_axes(op).is_ok_and(varies)
    }

    /// Puts `unscale` of the grid in place of a float operation.
    fn replace(&mut self, op: Op<'c>, grid: Grid<'c>) {
        let value = self.unscaled(op, &grid, op.result(0).ty());
        self.place(value, grid);
        op.replace(&[value]);
    }

    fn place(&mut self, value: Value<'c>, grid: Grid<'c>) {
        self.placed.insert(value);
        self.grids.insert(value, grid);
    }

    /// The float value of a grid: `unscale`, then a division for each divisor.
    fn unscaled(&mut self, place: Op<'c>, grid: &Grid<'c>, ty: Type<'c>) -> Value<'c> {
        let builder = Builder::before(place);
        let value = qonnx::Unscale::build(&builder, grid.q, &grid.scales, [ty]).result();
        grid.divisors.iter().fold(value, |value, divisor| qonnx::Div::build(&builder, value, *divisor, [ty]).result())
    }

    /// A float value as integers on a grid; `user` is the operation that asks.
    fn grid(&mut self, value: Value<'c>, user: Op<'c>) -> Result<Grid<'c>, String> {
        if let Some(grid) = self.grids.get(&value) {
            return Ok(grid.clone());
        }
        if let Some(tensor) = constant_of(value) {
            let grid = constant_grid(&Builder::before(user), &tensor, CONSTANT_BITS);
            return grid.ok_or_else(|| {
                format!("has float weights that no quantizer precedes: quantize them in the file, or name a format with --default-format ({})", value.ty())
            });
        }
        let Some(op) = value.defining_op() else {
            return Err("an input of the graph reaches it unquantized; name a format with --input-format".into());
        };
        let grid = self.grid_of_op(op)?.ok_or_else(|| {
            format!("operand comes from {} at {}, with no quantizer after it", op.name(), op.node_name())
        })?;
        self.grids.insert(value, grid.clone());
        Ok(grid)
    }

    /// None where the operation has no integer form.
    fn grid_of_op(&mut self, op: Op<'c>) -> Result<Option<Grid<'c>>, String> {
        Ok(Some(match op.kind() {
            OpKind::QonnxUnscale => {
                let unscale = qonnx::Unscale::of(op).ok_or("is no unscale")?;
                Grid { q: unscale.q(), scales: unscale.scales(), divisors: Vec::new() }
            }
            OpKind::QonnxIdentity => self.grid(op.operand(0), op)?,
            OpKind::QonnxAdd | OpKind::QonnxSub => self.grid_of_sum(op)?,
            OpKind::QonnxMul | OpKind::QonnxDiv => self.grid_of_product(op)?,
            OpKind::QonnxNeg => {
                let mut grid = self.grid(op.operand(0), op)?;
                grid.scales.push(qonnx_constant(&Builder::before(op), &Tensor::scalar(-1.0)));
                grid
            }
            OpKind::QonnxRelu => self.grid_of_relu(op)?,
            _ => return self.grid_of_move(op),
        }))
    }
}

/// The exponent of the scales' product, if it is a single power of two.
pub fn exponent_of(scales: &[Value<'_>]) -> Option<i64> {
    let mut exponent = 0;
    for scale in scales {
        let value = constant_of(*scale)?.only_value().ok()?;
        let dyadic = Dyadic::of(value as f32).filter(|d| d.mantissa == 1)?;
        exponent += i64::from(dyadic.exponent);
    }
    Some(exponent)
}
