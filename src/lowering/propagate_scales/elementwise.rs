//! Sums, products and Relu on grids.

use super::{Propagation, exponent_of, shape_of};
use crate::{
    eval::{
        Tensor,
        convert::{hls_constant, known_value, qonnx_constant},
        ops::broadcast,
    },
    lowering::grid::{Dyadic, FACTOR_BITS, Grid, common_step, dyadics},
};
use ndarray::ArrayD;
use qonnx_dialect::{Builder, Op, OpKind, Value, hls};

/// A finer grid may add this many bits to an integer.
const REFINED_BITS: u32 = 32;

/// How a constant enters a sum.
enum Shift {
    Plus,
    Minus,
    From,
}

impl<'c> Propagation<'c> {
    /// `x + c` for a constant on the grid, `x + y` for two grids of one step.
    pub(super) fn grid_of_sum(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let (a, b) = (op.operand(0), op.operand(1));
        let subtract = op.kind() == OpKind::QonnxSub;
        match (known_value(a), known_value(b)) {
            (None, Some(constant)) => self.shifted(op, a, &constant, if subtract { Shift::Minus } else { Shift::Plus }),
            (Some(constant), None) => self.shifted(op, b, &constant, if subtract { Shift::From } else { Shift::Plus }),
            _ => self.sum_of_grids(op, a, b),
        }
    }

    fn shifted(&mut self, op: Op<'c>, x: Value<'c>, constant: &Tensor, shift: Shift) -> Result<Grid<'c>, String> {
        let mut grid = self.grid(x, op)?;
        if !grid.divisors.is_empty() && constant.to_f64().iter().any(|value| *value != 0.0) {
            return Err(off_grid(op));
        }
        let step = grid.step()?;
        let values = constant.as_f32().map_err(|problem| problem.to_string())?;
        let values = dyadics(values).ok_or("adds a constant that is not finite")?;
        let (offsets, refined) = on_grid(&values, &step).ok_or_else(|| off_grid(op))?;
        if refined > 0 {
            grid = self.refined(op, grid, &ArrayD::from_elem(vec![], refined))?;
        }
        let flat: Vec<i64> = offsets.iter().copied().collect();
        let k = hls_constant(&Builder::before(op), offsets.shape(), &flat);
        let exponent = exponent_of(&grid.scales);
        let q = self.ranges.narrowed(op, &shape_of(op.result(0))?, |builder, ty| match shift {
            Shift::Plus => hls::Add::build(builder, grid.q, k, exponent, [ty]).op(),
            Shift::Minus => hls::Sub::build(builder, grid.q, k, exponent, [ty]).op(),
            Shift::From => hls::Sub::build(builder, k, grid.q, exponent, [ty]).op(),
        })?;
        Ok(Grid { q, ..grid })
    }

    /// The same values on a grid `2^bits` times finer, element by element.
    fn refined(&mut self, op: Op<'c>, grid: Grid<'c>, bits: &ArrayD<u32>) -> Result<Grid<'c>, String> {
        if bits.iter().all(|bits| *bits == 0) {
            return Ok(grid);
        }
        let builder = Builder::before(op);
        let factors: Vec<i64> = bits.iter().map(|bits| 1i64 << bits).collect();
        let factor = hls_constant(&builder, bits.shape(), &factors);
        let mut scales = grid.scales;
        scales.push(qonnx_constant(&builder, &Tensor::F32(bits.mapv(|bits| 2f32.powi(-(bits as i32))))));
        let shape = shape_of(grid.q)?;
        let exponent = exponent_of(&scales);
        let q = self
            .ranges
            .narrowed(op, &shape, |builder, ty| hls::Mul::build(builder, grid.q, factor, exponent, [ty]).op())?;
        Ok(Grid { q, scales, divisors: grid.divisors })
    }

    fn sum_of_grids(&mut self, op: Op<'c>, a: Value<'c>, b: Value<'c>) -> Result<Grid<'c>, String> {
        let (a, b) = (self.grid(a, op)?, self.grid(b, op)?);
        if !a.same_divisors(&b) {
            return Err(off_grid(op));
        }
        let (step_a, step_b) = (a.step()?, b.step()?);
        // How much finer each must become; None where the mantissas differ.
        let apart = |a: Dyadic, b: Dyadic| (a.mantissa == b.mantissa).then(|| (a.exponent, b.exponent));
        let pairs = broadcast::zip(&step_a, &step_b, apart).map_err(|problem| problem.to_string())?;
        if pairs.iter().any(|pair| pair.is_none_or(|(a, b)| a.abs_diff(b) > REFINED_BITS)) {
            return self.sum_on_common_grid(op, a, b);
        }
        let finer = |pick: fn((i32, i32)) -> i32| pairs.mapv(|pair| pair.map_or(0, pick).max(0) as u32);
        let a = self.refined(op, a, &finer(|(a, b)| a - b))?;
        let b = self.refined(op, b, &finer(|(a, b)| b - a))?;
        let exponent = exponent_of(&a.scales);
        let q = self.ranges.narrowed(op, &shape_of(op.result(0))?, |builder, ty| match op.kind() {
            OpKind::QonnxSub => hls::Sub::build(builder, a.q, b.q, exponent, [ty]).op(),
            _ => hls::Add::build(builder, a.q, b.q, exponent, [ty]).op(),
        })?;
        // The scales of the one whose shape has more to say, or a scale per channel gets lost.
        let scales = if a.step()?.len() >= b.step()?.len() { a.scales } else { b.scales };
        Ok(Grid { q, scales, divisors: a.divisors })
    }

    /// Two steps of different mantissas: both are multiples of their greatest common divisor.
    fn sum_on_common_grid(&mut self, op: Op<'c>, a: Grid<'c>, b: Grid<'c>) -> Result<Grid<'c>, String> {
        let common =
            broadcast::zip(&a.step()?, &b.step()?, multiples_of_common_step).map_err(|problem| problem.to_string())?;
        let common: ArrayD<(i64, i64, f32)> = broadcast::all_known(common).ok_or_else(|| off_grid(op))?;
        let builder = Builder::before(op);
        let mut terms = Vec::with_capacity(2);
        for (grid, factors) in [(&a, common.mapv(|(a, _, _)| a)), (&b, common.mapv(|(_, b, _)| b))] {
            let factor = hls_constant(&builder, factors.shape(), &factors.iter().copied().collect::<Vec<_>>());
            let shape = broadcast::broadcast_shape(&shape_of(grid.q)?, factors.shape()).map_err(|p| p.to_string())?;
            let build = |builder: &Builder<'c>, ty| hls::Mul::build(builder, grid.q, factor, None, [ty]).op();
            terms.push(self.ranges.narrowed(op, &shape, build)?);
        }
        let q = self.ranges.narrowed(op, &shape_of(op.result(0))?, |builder, ty| match op.kind() {
            OpKind::QonnxSub => hls::Sub::build(builder, terms[0], terms[1], None, [ty]).op(),
            _ => hls::Add::build(builder, terms[0], terms[1], None, [ty]).op(),
        })?;
        let scale = qonnx_constant(&builder, &Tensor::F32(common.mapv(|(_, _, step)| step)));
        Ok(Grid { q, scales: vec![scale], divisors: a.divisors })
    }

    /// `x * c` and `x / c` change the scale; `x * y` multiplies the integers.
    pub(super) fn grid_of_product(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let (a, b) = (op.operand(0), op.operand(1));
        let divides = op.kind() == OpKind::QonnxDiv;
        match (known_value(a), known_value(b)) {
            (None, Some(constant)) => self.scaled(op, a, constant, divides),
            (Some(constant), None) if !divides => self.scaled(op, b, constant, false),
            (None, None) if !divides => self.product_of_grids(op, a, b),
            _ => Err(format!("{} at {} divides by what is not constant", op.name(), op.node_name())),
        }
    }

    fn scaled(&mut self, op: Op<'c>, x: Value<'c>, constant: Tensor, divides: bool) -> Result<Grid<'c>, String> {
        let mut grid = self.grid(x, op)?;
        if constant.to_f32_vec().iter().any(|factor| *factor == 0.0 || !factor.is_finite()) {
            return Err(format!("{} at {} multiplies or divides by 0 or by no number", op.name(), op.node_name()));
        }
        let builder = Builder::before(op);
        let constant = Tensor::F32(constant.to_f32());
        // The integers must have the result's shape for the constants to stay one value a channel.
        let shape = shape_of(op.result(0))?;
        if shape_of(grid.q)? != shape {
            return Err(format!("{} at {} enlarges its operand", op.name(), op.node_name()));
        }
        match inverse(&constant).filter(|_| divides) {
            Some(inverse) => grid.scales.push(qonnx_constant(&builder, &inverse)),
            None if divides => grid.divisors.push(qonnx_constant(&builder, &constant)),
            None => grid.scales.push(qonnx_constant(&builder, &constant)),
        }
        Ok(grid)
    }

    fn product_of_grids(&mut self, op: Op<'c>, a: Value<'c>, b: Value<'c>) -> Result<Grid<'c>, String> {
        let (a, b) = (self.grid(a, op)?, self.grid(b, op)?);
        let scales = [a.scales, b.scales].concat();
        let exponent = exponent_of(&scales);
        let shape = shape_of(op.result(0))?;
        let q =
            self.ranges.narrowed(op, &shape, |builder, ty| hls::Mul::build(builder, a.q, b.q, exponent, [ty]).op())?;
        Ok(Grid { q, scales, divisors: [a.divisors, b.divisors].concat() })
    }

    pub(super) fn grid_of_relu(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let grid = self.grid(op.operand(0), op)?;
        let grid = self.with_positive_step(op, grid)?;
        let zero = hls_constant(&Builder::before(op), &[], &[0]);
        let exponent = exponent_of(&grid.scales);
        let shape = shape_of(grid.q)?;
        let q = self
            .ranges
            .narrowed(op, &shape, |builder, ty| hls::Max::build(builder, grid.q, zero, exponent, [ty]).op())?;
        Ok(Grid { q, ..grid })
    }

    /// The same values with steps above 0, so that the integers have the values' order:
    /// where a step is negative, the integers change sign.
    pub(super) fn with_positive_step(&mut self, op: Op<'c>, mut grid: Grid<'c>) -> Result<Grid<'c>, String> {
        let signs = grid.signs()?;
        if signs.iter().all(|sign| *sign > 0) {
            return Ok(grid);
        }
        let builder = Builder::before(op);
        grid.scales.push(qonnx_constant(&builder, &Tensor::F32(signs.mapv(|sign| sign as f32))));
        let signs = hls_constant(&builder, signs.shape(), &signs.iter().copied().collect::<Vec<_>>());
        let exponent = exponent_of(&grid.scales);
        let shape = shape_of(grid.q)?;
        let q = self
            .ranges
            .narrowed(op, &shape, |builder, ty| hls::Mul::build(builder, grid.q, signs, exponent, [ty]).op())?;
        Ok(Grid { q, ..grid })
    }
}

fn off_grid(op: Op<'_>) -> String {
    format!(
        "{} at {} adds values whose scales have no small common grid, and a dot product follows with no quantizer between: put one there",
        op.name(),
        op.node_name()
    )
}

/// Two steps as multiples of one that float32 holds.
fn multiples_of_common_step(a: Dyadic, b: Dyadic) -> Option<(i64, i64, f32)> {
    let step = common_step(a, b, FACTOR_BITS)?;
    Some((a.over(step, FACTOR_BITS)?, b.over(step, FACTOR_BITS)?, step.to_f32()?))
}

/// `1 / c` where that is exact.
fn inverse(constant: &Tensor) -> Option<Tensor> {
    let values = constant.as_f32().ok()?;
    let exact = values.iter().all(|value| Dyadic::of(*value).is_some_and(|d| d.mantissa.abs() == 1));
    let inverse = values.mapv(|value| 1.0 / value);
    (exact && inverse.iter().all(|value| value.is_finite())).then_some(Tensor::F32(inverse))
}

/// Each value as a multiple of the step, on a grid finer by `2^bits` where needed.
fn on_grid(values: &ArrayD<Dyadic>, step: &ArrayD<Dyadic>) -> Option<(ArrayD<i64>, u32)> {
    let quotient = |value: Dyadic, step: Dyadic| {
        if value.mantissa == 0 {
            return Some((0i128, i32::MAX));
        }
        let divides = step.mantissa != 0 && value.mantissa % step.mantissa == 0;
        divides.then(|| (value.mantissa / step.mantissa, value.exponent - step.exponent))
    };
    let quotients = broadcast::zip(values, step, quotient).ok()?;
    let quotients: Vec<(i128, i32)> = quotients.iter().copied().collect::<Option<_>>()?;
    let finest = quotients.iter().map(|(_, exponent)| *exponent).min().unwrap_or(0).min(0);
    let refined = finest.unsigned_abs();
    let integer = |(mantissa, exponent): &(i128, i32)| {
        let shift = if *mantissa == 0 { 0 } else { u32::try_from(exponent - finest).ok()? };
        let fits = shift < 62 && mantissa.unsigned_abs().leading_zeros() > 66 + shift;
        fits.then(|| (mantissa << shift) as i64)
    };
    let offsets: Vec<i64> = quotients.iter().map(integer).collect::<Option<_>>()?;
    let shape = broadcast::broadcast_shape(values.shape(), step.shape()).ok()?;
    Some((ArrayD::from_shape_vec(shape, offsets).ok()?, refined)).filter(|_| refined <= REFINED_BITS)
}
