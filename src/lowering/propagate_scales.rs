//! `qonnx-propagate-scales`: unscale moves down, integers remain.
//!
//! A dot product asks for each operand as integers on a grid ([`Grid`]). An operand that
//! is an `unscale` is one; so is a constant that needs few bits; and an affine operation in
//! between joins the grid if the reference computes it without a rounding: then float32 and
//! the grid agree to the last bit. What fails to join leaves the dot product in float, with
//! the reason in `hls.reason`, which `hls-verify-legal` reports where it matters.

use super::{
    grid::{Dyadic, Grid, constant_grid, dyadics},
    range::{Range, Ranges},
};
use crate::{
    eval::{
        Tensor,
        convert::{constant_of, hls_constant, known_value, qonnx_constant},
    },
    transforms::{
        functions::{erase_dead, functions},
        hoist_views::layout_of,
        layout::Layout,
    },
};
use ndarray::ArrayD;
use qonnx_dialect::{Builder, Element, Op, OpKind, Reported, Value, hls, options::QonnxPropagateScalesOptions, qonnx};
use std::collections::HashMap;

/// The attribute that says why an operation stayed in float.
pub const REASON: &str = "hls.reason";

/// Constants without a quantizer may take this many bits on their own grid.
const CONSTANT_BITS: u32 = 24;
/// float32 holds integers of this many bits exactly.
const FLOAT_BITS: u32 = 24;
/// A finer grid may add this many bits to an integer.
const REFINED_BITS: u32 = 32;

/// Lowers every dot product whose operands are on a grid.
///
/// # Errors
/// None: what cannot be lowered is marked.
pub fn run(module: Op<'_>, _: &QonnxPropagateScalesOptions) -> Result<(), Reported> {
    for function in functions(module) {
        let mut propagation = Propagation::default();
        for op in function.body() {
            let outcome = match op.kind() {
                OpKind::QonnxMatmul => propagation.lower_matmul(op),
                OpKind::QonnxView | OpKind::QonnxTranspose => {
                    propagation.lower_layout(op);
                    Ok(())
                }
                _ => Ok(()),
            };
            if let Err(reason) = outcome {
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

#[derive(Default)]
struct Propagation<'c> {
    grids: HashMap<Value<'c>, Grid<'c>>,
    ranges: Ranges<'c>,
}

impl<'c> Propagation<'c> {
    fn lower_matmul(&mut self, op: Op<'c>) -> Result<(), String> {
        let (a, b) = (self.grid(op.operand(0), op)?, self.grid(op.operand(1), op)?);
        let rank = |value: Value<'c>| value.tensor_type().and_then(|ty| ty.shape).map_or(0, |shape| shape.len());
        if rank(a.q) < 2 || rank(b.q) < 2 {
            return Err("multiplies a vector; give it two axes".into());
        }
        uniform_along(&a, 1, "left")?;
        uniform_along(&b, 2, "right")?;
        let scales = [a.scales, b.scales].concat();
        let builder = Builder::before(op);
        let exponent = exponent_of(&scales);
        let (x, bias) = without_zero_point(&builder, a.q, b.q);
        let q = self.narrowed(op, |ty| hls::Matmul::build(&builder, x, b.q, bias, exponent, [ty]).op())?;
        self.replace(op, Grid { q, scales });
        Ok(())
    }

    /// A view or transpose of an unscaled value moves to the integers.
    fn lower_layout(&mut self, op: Op<'c>) {
        if op.operand(0).defining_op().is_some_and(|inner| inner.kind() == OpKind::QonnxUnscale)
            && let Ok(grid) = self.grid_of_layout(op)
        {
            self.replace(op, grid);
        }
    }

    /// Puts `unscale` of the grid in place of a float operation.
    fn replace(&mut self, op: Op<'c>, grid: Grid<'c>) {
        let unscale = qonnx::Unscale::build(&Builder::before(op), grid.q, &grid.scales, [op.result(0).ty()]).result();
        self.grids.insert(unscale, grid);
        op.replace(&[unscale]);
    }

    /// Builds an integer operation with the narrowest type of its range.
    fn narrowed(
        &mut self,
        place: Op<'c>,
        build: impl Fn(qonnx_dialect::Type<'c>) -> Op<'c>,
    ) -> Result<Value<'c>, String> {
        let shape = place.result(0).tensor_type().and_then(|ty| ty.static_shape());
        let shape = shape.ok_or("the shape of its result is not known")?;
        let builder = Builder::before(place);
        let result = build(builder.tensor(Element::Int { width: 64, signed: true }, &shape)).result(0);
        match self.ranges.of(result) {
            Ok(range) => {
                result.set_type(builder.tensor(range.element(), &shape));
                Ok(result)
            }
            Err(problem) => {
                if let Some(op) = result.defining_op() {
                    op.erase();
                }
                Err(problem)
            }
        }
    }

    /// A float value as integers on a grid; `user` is the dot product that asks.
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
        let grid = match op.kind() {
            OpKind::QonnxUnscale => {
                let unscale = qonnx::Unscale::of(op).ok_or("is no unscale")?;
                Grid { q: unscale.q(), scales: unscale.scales() }
            }
            OpKind::QonnxView | OpKind::QonnxTranspose => self.grid_of_layout(op)?,
            OpKind::QonnxIdentity => self.grid(op.operand(0), op)?,
            OpKind::QonnxAdd | OpKind::QonnxSub => self.grid_of_sum(op)?,
            OpKind::QonnxMul | OpKind::QonnxDiv => self.grid_of_product(op)?,
            OpKind::QonnxNeg => {
                let mut grid = self.grid(op.operand(0), op)?;
                grid.scales.push(qonnx_constant(&Builder::before(op), &Tensor::scalar(-1.0)));
                grid
            }
            OpKind::QonnxRelu => self.grid_of_relu(op)?,
            _ => {
                return Err(format!(
                    "operand comes from {} at {}, with no quantizer after it",
                    op.name(),
                    op.node_name()
                ));
            }
        };
        self.grids.insert(value, grid.clone());
        Ok(grid)
    }

    fn grid_of_layout(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let layout = layout_of(op).ok_or("its shape is not known")?;
        let grid = self.grid(op.operand(0), op)?;
        let builder = Builder::before(op);
        let shape = op.result(0).tensor_type().and_then(|ty| ty.static_shape()).ok_or("its shape is not known")?;
        let element = grid.q.tensor_type().ok_or("is no tensor")?.element;
        let ty = builder.tensor(element, &shape);
        let follow = |scale: &Value<'c>| {
            let scale = constant_of(*scale)?;
            layout.follow(&scale).map(|scale| qonnx_constant(&builder, &scale))
        };
        let scales: Option<Vec<_>> = grid.scales.iter().map(follow).collect();
        let scales = scales.ok_or("a scale per channel does not stay one value a channel in the new shape")?;
        Ok(Grid { q: moved(&builder, &layout, grid.q, ty)?, scales })
    }

    /// `x + c` for a constant on the grid, `x + y` for two grids of one step.
    fn grid_of_sum(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let (a, b) = (op.operand(0), op.operand(1));
        let subtract = op.kind() == OpKind::QonnxSub;
        match (known_value(a), known_value(b)) {
            (None, Some(constant)) => self.shifted(op, a, &constant, if subtract { Shift::Minus } else { Shift::Plus }),
            (Some(constant), None) => self.shifted(op, b, &constant, if subtract { Shift::From } else { Shift::Plus }),
            _ => self.sum_of_grids(op, a, b),
        }
    }

    fn shifted(&mut self, op: Op<'c>, x: Value<'c>, constant: &Tensor, shift: Shift) -> Result<Grid<'c>, String> {
        let grid = self.grid(x, op)?;
        let step = grid.step()?;
        let values = constant.as_f32().map_err(|problem| problem.to_string())?;
        let values = dyadics(values).ok_or("adds a constant that is not finite")?;
        let (offsets, refined) = on_grid(&values, &step).ok_or_else(|| off_grid(op))?;
        let builder = Builder::before(op);
        let mut grid = grid;
        if refined > 0 {
            grid = self.refined(op, grid, refined)?;
        }
        let flat: Vec<i64> = offsets.iter().copied().collect();
        let k = hls_constant(&builder, offsets.shape(), &flat);
        let exponent = exponent_of(&grid.scales);
        let q = self.narrowed(op, |ty| match shift {
            Shift::Plus => hls::Add::build(&builder, grid.q, k, exponent, [ty]).op(),
            Shift::Minus => hls::Sub::build(&builder, grid.q, k, exponent, [ty]).op(),
            Shift::From => hls::Sub::build(&builder, k, grid.q, exponent, [ty]).op(),
        })?;
        self.exact(op, Grid { q, scales: grid.scales })
    }

    /// The same values on a grid `2^bits` times finer.
    fn refined(&mut self, op: Op<'c>, grid: Grid<'c>, bits: u32) -> Result<Grid<'c>, String> {
        let builder = Builder::before(op);
        let factor = hls_constant(&builder, &[], &[1i64 << bits]);
        let mut scales = grid.scales;
        scales.push(qonnx_constant(&builder, &Tensor::scalar(2f32.powi(-(bits as i32)))));
        let shape = grid.q.tensor_type().and_then(|ty| ty.static_shape()).ok_or("its shape is not known")?;
        let wide = builder.tensor(Element::Int { width: 64, signed: true }, &shape);
        let q = hls::Mul::build(&builder, grid.q, factor, exponent_of(&scales), [wide]).result();
        let range = self.ranges.of(q)?;
        q.set_type(builder.tensor(range.element(), &shape));
        Ok(Grid { q, scales })
    }

    fn sum_of_grids(&mut self, op: Op<'c>, a: Value<'c>, b: Value<'c>) -> Result<Grid<'c>, String> {
        let (mut a, mut b) = (self.grid(a, op)?, self.grid(b, op)?);
        let single = |grid: &Grid<'c>| {
            let step = grid.step()?;
            if step.len() == 1 { step.first().copied().ok_or("no step") } else { Err("no step") }.map_err(|_| {
                "adds two branches with a scale per channel before a dot product; quantize their sum".to_string()
            })
        };
        let (step_a, step_b) = (single(&a)?, single(&b)?);
        if step_a.mantissa != step_b.mantissa {
            return Err(off_grid(op));
        }
        let apart = step_a.exponent.abs_diff(step_b.exponent);
        if apart > REFINED_BITS {
            return Err(off_grid(op));
        }
        if step_a.exponent > step_b.exponent {
            a = self.refined(op, a, apart)?;
        } else if apart > 0 {
            b = self.refined(op, b, apart)?;
        }
        let builder = Builder::before(op);
        let exponent = exponent_of(&a.scales);
        let q = self.narrowed(op, |ty| match op.kind() {
            OpKind::QonnxSub => hls::Sub::build(&builder, a.q, b.q, exponent, [ty]).op(),
            _ => hls::Add::build(&builder, a.q, b.q, exponent, [ty]).op(),
        })?;
        self.exact(op, Grid { q, scales: a.scales })
    }

    /// `x * c` and `x / c` change the scale, where c is constant.
    fn grid_of_product(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let (a, b) = (op.operand(0), op.operand(1));
        let divides = op.kind() == OpKind::QonnxDiv;
        let (x, constant) = match (known_value(a), known_value(b)) {
            (None, Some(constant)) => (a, constant),
            (Some(constant), None) if !divides => (b, constant),
            _ => {
                return Err(format!(
                    "{} at {} has no constant operand and no quantizer after it",
                    op.name(),
                    op.node_name()
                ));
            }
        };
        let mut grid = self.grid(x, op)?;
        let factor = if divides { inverse(&constant).ok_or_else(|| off_grid(op))? } else { constant };
        if factor.to_f32_vec().iter().any(|factor| *factor == 0.0 || !factor.is_finite()) {
            return Err(format!("{} at {} multiplies by 0 or by no number", op.name(), op.node_name()));
        }
        grid.scales.push(qonnx_constant(&Builder::before(op), &factor));
        self.exact(op, grid)
    }

    fn grid_of_relu(&mut self, op: Op<'c>) -> Result<Grid<'c>, String> {
        let grid = self.grid(op.operand(0), op)?;
        if grid.step()?.iter().any(|step| step.mantissa <= 0) {
            return Err("a Relu follows a scale that is not positive".into());
        }
        let builder = Builder::before(op);
        let zero = hls_constant(&builder, &[], &[0]);
        let exponent = exponent_of(&grid.scales);
        let q = self.narrowed(op, |ty| hls::Max::build(&builder, grid.q, zero, exponent, [ty]).op())?;
        Ok(Grid { q, scales: grid.scales })
    }

    /// The grid, if float32 holds each of its values: then the reference's operation
    /// that gave them did not round.
    fn exact(&mut self, op: Op<'c>, grid: Grid<'c>) -> Result<Grid<'c>, String> {
        let bits = grid.step()?.iter().map(|step| step.bits()).max().unwrap_or(0);
        let range: &Range = &*self.ranges.of(grid.q)?;
        let (low, high) = range.span();
        let magnitude = 64 - low.unsigned_abs().max(high.unsigned_abs()).leading_zeros();
        if bits + magnitude <= FLOAT_BITS {
            return Ok(grid);
        }
        Err(format!(
            "{} at {} rounds in float32 ({} bits of {FLOAT_BITS}) and a dot product follows with no quantizer between: put one there",
            op.name(),
            op.node_name(),
            bits + magnitude
        ))
    }
}

/// `(x - z) * w` is `x * w - z * sum of w`: the zero point becomes a bias, where z and w are
/// constant.
fn without_zero_point<'c>(builder: &Builder<'c>, x: Value<'c>, w: Value<'c>) -> (Value<'c>, Option<Value<'c>>) {
    let bias = || {
        let difference = x.defining_op().and_then(hls::Sub::of)?;
        let zero = constant_of(difference.b())?.to_i64_vec().ok()?;
        let weights = constant_of(w)?;
        let [rows, columns] = weights.shape() else { return None };
        let zero = if zero.len() == 1 { vec![zero[0]; *rows] } else { zero };
        if zero.len() != *rows {
            return None;
        }
        let weights = weights.to_i64_vec().ok()?;
        let column = |column: usize| (0..*rows).map(|row| -zero[row] * weights[row * columns + column]).sum();
        let bias: Vec<i64> = (0..*columns).map(column).collect();
        Some((difference.a(), hls_constant(builder, &[*columns], &bias)))
    };
    match bias() {
        Some((codes, bias)) => (codes, Some(bias)),
        None => (x, None),
    }
}

/// How a constant enters a sum.
enum Shift {
    Plus,
    Minus,
    From,
}

fn off_grid(op: Op<'_>) -> String {
    format!(
        "{} at {} adds values whose scales have no small common grid, and a dot product follows with no quantizer between: put one there",
        op.name(),
        op.node_name()
    )
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
    let quotients = crate::eval::ops::broadcast::zip(values, step, quotient).ok()?;
    let quotients: Vec<(i128, i32)> = quotients.iter().copied().collect::<Option<_>>()?;
    let finest = quotients.iter().map(|(_, exponent)| *exponent).min().unwrap_or(0).min(0);
    let refined = finest.unsigned_abs();
    let integer = |(mantissa, exponent): &(i128, i32)| {
        let shift = if *mantissa == 0 { 0 } else { u32::try_from(exponent - finest).ok()? };
        let fits = shift < 62 && mantissa.unsigned_abs().leading_zeros() > 66 + shift;
        fits.then(|| (mantissa << shift) as i64)
    };
    let offsets: Vec<i64> = quotients.iter().map(integer).collect::<Option<_>>()?;
    let shape = crate::eval::ops::broadcast::broadcast_shape(values.shape(), step.shape()).ok()?;
    Some((ArrayD::from_shape_vec(shape, offsets).ok()?, refined)).filter(|_| refined <= REFINED_BITS)
}

/// Scales must not vary along the contracted axis, the `from_end`-th from behind.
fn uniform_along(grid: &Grid<'_>, from_end: usize, side: &str) -> Result<(), String> {
    for scale in &grid.scales {
        let shape = scale.tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default();
        let extent = shape.len().checked_sub(from_end).map_or(1, |axis| shape[axis]);
        if extent != 1 {
            return Err(format!(
                "the scale of its {side} operand varies along the contracted axis ({extent} values): integers cannot be added across it"
            ));
        }
    }
    Ok(())
}

fn moved<'c>(
    builder: &Builder<'c>,
    layout: &Layout,
    q: Value<'c>,
    ty: qonnx_dialect::Type<'c>,
) -> Result<Value<'c>, String> {
    // Integer constants move at compile time.
    if let Some(codes) = constant_of(q) {
        let moved = match layout {
            Layout::View { to, .. } => crate::eval::ops::layout::with_shape(&codes, to),
            Layout::Transpose { permutation } => crate::eval::ops::layout::transpose(&codes, permutation),
        };
        let moved = moved.map_err(|problem| problem.to_string())?;
        let values = moved.to_i64_vec().map_err(|problem| problem.to_string())?;
        return Ok(hls_constant(builder, moved.shape(), &values));
    }
    Ok(match layout {
        Layout::View { .. } => hls::View::build(builder, q, [ty]).result(),
        Layout::Transpose { permutation } => hls::Transpose::build(builder, q, permutation, [ty]).result(),
    })
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
