//! `qonnx-hoist-movement`: views, transposes, gathers and greatest elements move up
//! through elementwise operations, to the dot product or the quantizer above: behind a
//! quantizer they move codes.

use super::{functions::functions, layout::Layout};
use crate::eval::{
    Tensor,
    convert::{constant_of, known_value, qonnx_constant},
    interpreter::{binary_of, is_channels_last, unary_of},
    ops::{elementwise::Binary, elementwise::Unary, layout::axis_index},
};
use qonnx_dialect::{
    Builder, Op, OpKind, Reduction, Reported, TensorType, Value, options::QonnxHoistMovementOptions, qonnx,
};

/// Moves each change of layout, and each pool of greatest elements, up as far as it goes.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &QonnxHoistMovementOptions) -> Result<(), Reported> {
    for function in functions(module) {
        for op in function.body() {
            // Erased with the last move past it.
            let mut mover = op.parent().is_some().then_some(op);
            while let Some(op) = mover {
                mover = hoist(op);
            }
        }
    }
    Ok(())
}

/// The layout that an operation changes to.
pub fn layout_of(op: Op<'_>) -> Option<Layout> {
    let shape = |value: Value<'_>| value.tensor_type()?.static_shape();
    match op.kind() {
        OpKind::QonnxView => Some(Layout::View { from: shape(op.operand(0))?, to: shape(op.result(0))? }),
        OpKind::QonnxTranspose => Some(Layout::Transpose { permutation: op.i64s_attribute("permutation") }),
        OpKind::QonnxGather => {
            let indices = constant_of(op.operand(1)).filter(|indices| indices.rank() == 1)?;
            let extents = shape(op.operand(0))?;
            let axis = axis_index(op.i64_attribute("axis"), extents.len()).ok()?;
            let position = |index: &i64| axis_index(*index, extents[axis]).ok().map(|index| index as i64);
            let indices = indices.as_int().ok()?.iter().map(position).collect::<Option<_>>()?;
            Some(Layout::Gather { rank: extents.len(), axis, indices })
        }
        _ => None,
    }
}

/// What moves up, and what that asks of the operation above it.
enum Mover {
    Layout(Layout),
    /// A greatest element along these axes: it needs an order that is kept.
    Greatest(Vec<usize>),
}

impl Mover {
    fn of(op: Op<'_>) -> Option<Self> {
        if let Some(layout) = layout_of(op) {
            return Some(Self::Layout(layout));
        }
        let rank = op.operands().first()?.tensor_type()?.shape?.len();
        match op.kind() {
            OpKind::QonnxMaxPool if is_channels_last(op) => Some(Self::Greatest((1..rank - 1).collect())),
            OpKind::QonnxMaxPool => Some(Self::Greatest((2..rank).collect())),
            // Axes that vanish would change the constants' shapes.
            OpKind::QonnxReduce => {
                let reduce = qonnx::Reduce::of(op).filter(|r| r.reduction() == Reduction::Max && r.keep_dims())?;
                Some(Self::Greatest(match reduce.axes() {
                    Some(axes) => {
                        let axes = constant_of(axes)?.to_i64_vec().ok()?;
                        axes.into_iter().map(|axis| axis_index(axis, rank).ok()).collect::<Option<_>>()?
                    }
                    None => (0..rank).collect(),
                }))
            }
            _ => None,
        }
    }

    /// Whether it may pass this operation, of which operand `moved` is not constant.
    fn passes(&self, op: Op<'_>, moved: usize) -> bool {
        matches!(self, Self::Layout(_)) || keeps_order(op, moved)
    }

    /// The constant in front of the operation that has passed.
    fn follow(&self, constant: &Tensor, rank: usize) -> Option<Tensor> {
        match self {
            Self::Layout(layout) => layout.follow(constant),
            Self::Greatest(axes) => {
                let extent = |axis: &usize| {
                    let place = (axis + constant.rank()).checked_sub(rank);
                    place.and_then(|place| constant.shape().get(place)).copied().unwrap_or(1)
                };
                axes.iter().all(|axis| extent(axis) == 1).then(|| constant.clone())
            }
        }
    }
}

/// `move(f(x, c))` to `f(move(x), c')`; gives the new move.
fn hoist(op: Op<'_>) -> Option<Op<'_>> {
    let mover = Mover::of(op)?;
    let inner = op.operand(0).defining_op()?;
    if inner.result_count() != 1 || !is_elementwise(inner) {
        return None;
    }
    // What has other users is computed twice: in a chain of floats that costs nothing.
    let moved = moved_operand(inner)?;
    if !mover.passes(inner, moved) {
        return None;
    }
    let constants = followed_constants(inner, moved, &mover)?;
    let result = op.result(0).tensor_type()?;
    let x = inner.operand(moved);
    let x_type = TensorType { element: x.tensor_type()?.element, ..result.clone() };
    // The place of the inner operation: its operands are known there.
    let builder = Builder::before(inner);
    let mut operands = vec![x];
    for other in op.operands().into_iter().skip(1) {
        operands.push(qonnx_constant(&builder, &constant_of(other)?));
    }
    let new = builder.at(op.location()).copy(op, &operands, &[x_type.to_type(op.context())]);
    let mut operands = inner.operands();
    operands[moved] = new.result(0);
    for (index, constant) in constants {
        operands[index] = qonnx_constant(&builder, &constant);
    }
    let types = [TensorType { element: inner.result(0).tensor_type()?.element, ..result }.to_type(op.context())];
    let behind = builder.copy(inner, &operands, &types);
    op.replace(&[behind.result(0)]);
    if inner.is_unused() {
        inner.erase();
    }
    Some(new)
}

/// Operations that compute each element of the first operand on its own, given
/// constants that broadcast to it.
pub fn is_elementwise(op: Op<'_>) -> bool {
    let known = unary_of(op).is_some() || binary_of(op).is_some();
    known || matches!(op.kind(), OpKind::QonnxClip | OpKind::QonnxFma | OpKind::QonnxCast | OpKind::QonnxIdentity)
}

/// Whether a greater operand never gives a lesser result, whatever element it is.
pub fn keeps_order(op: Op<'_>, moved: usize) -> bool {
    if let Some(unary) = unary_of(op) {
        return match unary {
            Unary::Relu | Unary::Sign | Unary::Round | Unary::Floor | Unary::Ceil => true,
            Unary::LeakyRelu { alpha } => alpha >= 0.0,
            Unary::HardSigmoid { alpha, .. } => alpha >= 0.0,
            _ => false,
        };
    }
    let others =
        (0..op.operand_count()).filter(|index| *index != moved).filter_map(|index| known_value(op.operand(index)));
    let constants: Vec<f32> = others.flat_map(|constant| constant.to_f32_vec()).collect();
    let finite = constants.iter().all(|value| value.is_finite());
    match binary_of(op) {
        Some(Binary::Add | Binary::Min | Binary::Max) => finite,
        Some(Binary::Sub) => finite && moved == 0,
        Some(Binary::Mul) => finite && constants.iter().all(|value| *value >= 0.0),
        Some(Binary::Div) => finite && moved == 0 && constants.iter().all(|value| *value > 0.0),
        Some(Binary::Prelu) => moved == 0 && constants.iter().all(|slope| *slope >= 0.0),
        Some(_) => false,
        None => matches!(op.kind(), OpKind::QonnxClip | OpKind::QonnxIdentity) && moved == 0,
    }
}

/// The one operand that is not constant, if it has the shape of the result.
pub fn moved_operand(op: Op<'_>) -> Option<usize> {
    let open: Vec<usize> = (0..op.operand_count()).filter(|index| known_value(op.operand(*index)).is_none()).collect();
    let [index] = open[..] else { return None };
    let shape = |value: Value<'_>| value.tensor_type().and_then(|ty| ty.shape);
    (shape(op.operand(index)) == shape(op.result(0))).then_some(index)
}

fn followed_constants(op: Op<'_>, moved: usize, mover: &Mover) -> Option<Vec<(usize, Tensor)>> {
    let rank = op.result(0).tensor_type()?.shape?.len();
    let others = (0..op.operand_count()).filter(|index| *index != moved);
    others.map(|index| Some((index, mover.follow(&known_value(op.operand(index))?, rank)?))).collect()
}
