//! A transpose in front of a Flatten goes into the weights of the dot product behind: their rows in another order.

use super::{super::permutation::Permutation, plan::broadcasts, reads_in_order};
use crate::{
    eval::{
        Tensor,
        convert::{constant_of, element_type, qonnx_constant},
        ops::{layout, select},
    },
    transforms::functions::erase_dead,
};
use qonnx_dialect::{Builder, Op, OpKind, TensorType, Value, qonnx};

/// Takes out each transpose that only orders what constant weights are multiplied with.
pub fn into_weights(function: Op<'_>) {
    for op in function.body().into_iter().filter(|op| op.kind() == OpKind::QonnxTranspose) {
        if let Some(changes) = changes_behind(op) {
            changes.into_iter().for_each(Change::apply);
        }
    }
    erase_dead(function);
}

/// What a user of the transpose needs in its place.
enum Change<'c> {
    Operand(Op<'c>, usize, Value<'c>),
    Shape(Op<'c>, Value<'c>),
}

impl<'c> Change<'c> {
    fn apply(self) {
        match self {
            Self::Operand(op, index, value) => op.set_operand(index, value),
            Self::Shape(op, x) => {
                let view = qonnx::View::build(&Builder::before(op), x, [op.result(0).ty()]).result();
                op.replace(&[view]);
            }
        }
    }
}

/// All that has to change so that the transpose can go; None where something behind it depends on the order.
fn changes_behind<'c>(op: Op<'c>) -> Option<Vec<Change<'c>>> {
    let permutation = Permutation::of(&op.i64s_attribute("permutation"))?;
    let mut changes = Vec::new();
    for user in op.result(0).users() {
        let result = reads_in_order(user).then(|| user.result(0))?;
        let rows = Rows::of(op, &permutation, result.tensor_type()?.static_shape()?.last().copied()?)?;
        changes.push(Change::Shape(user, op.operand(0)));
        rows.follow(result, &mut changes)?;
    }
    (!changes.is_empty()).then_some(changes)
}

/// The elements along the last axis of a flattened tensor, in the order they had before the transpose.
struct Rows {
    /// Where each comes from.
    positions: Tensor,
    count: usize,
}

impl Rows {
    /// Of a transpose whose trailing axes are flattened to `count` elements.
    fn of(op: Op<'_>, permutation: &Permutation, count: usize) -> Option<Self> {
        let shape = op.operand(0).tensor_type()?.static_shape()?;
        let split = (0..=permutation.fixed()).find(|axis| shape.iter().skip(*axis).product::<usize>() == count)?;
        let behind: Vec<usize> = shape.iter().skip(split).copied().collect();
        let order: Vec<i64> = permutation.to_i64s().iter().skip(split).map(|axis| axis - split as i64).collect();
        let own = layout::with_shape(&Tensor::indices((0..count as i64).collect()), &behind).ok()?;
        let moved = layout::transpose(&own, &order).ok()?.to_i64_vec().ok()?;
        let mut positions = vec![0; count];
        for (place, own) in moved.into_iter().enumerate() {
            *positions.get_mut(usize::try_from(own).ok()?)? = place as i64;
        }
        Some(Self { positions: Tensor::indices(positions), count })
    }

    /// What changes in all that is computed of a value whose last axis is in another order.
    fn follow<'c>(&self, value: Value<'c>, changes: &mut Vec<Change<'c>>) -> Option<()> {
        let shape = value.tensor_type()?.static_shape()?;
        for (op, index) in value.uses() {
            let (operand, axis) = match op.kind() {
                OpKind::QonnxMatmul if index == 0 => (1, rank(op.operand(1))?.saturating_sub(2)),
                OpKind::QonnxGemm if index == 0 && !op.unit_attribute("trans_a") => {
                    (1, usize::from(op.unit_attribute("trans_b")))
                }
                _ if broadcasts(op) || is_linear_quantizer(op) => {
                    (op.result(0).tensor_type()?.static_shape()? == shape).then_some(())?;
                    for other in (0..op.operand_count()).filter(|other| *other != index) {
                        let parameter = self.parameter(op, other, shape.len())?;
                        changes.push(Change::Operand(op, other, parameter));
                    }
                    self.follow(op.result(0), changes)?;
                    continue;
                }
                _ => return None,
            };
            changes.push(Change::Operand(op, operand, self.ordered(op.operand(operand), axis, op)?));
        }
        Some(())
    }

    /// A constant that is broadcast to a value of this rank, or a scale of a quantizer.
    fn parameter<'c>(&self, op: Op<'c>, index: usize, to: usize) -> Option<Value<'c>> {
        let operand = op.operand(index);
        let single = operand.tensor_type()?.element_count()? == 1;
        if single {
            return Some(operand);
        }
        if is_linear_quantizer(op) {
            return None;
        }
        // Aligned with the last axis.
        let missing = to.checked_sub(rank(operand)?)?;
        self.ordered(operand, (to - 1).checked_sub(missing)?, op)
    }

    /// The constant, or what is made of constants, in the other order along an axis.
    fn ordered<'c>(&self, value: Value<'c>, axis: usize, user: Op<'c>) -> Option<Value<'c>> {
        let shape = value.tensor_type()?.static_shape()?;
        let is_along = shape.get(axis) == Some(&self.count);
        let builder = Builder::before(user);
        if let Some(tensor) = constant_of(value) {
            if !is_along {
                return (shape.get(axis) == Some(&1)).then_some(value);
            }
            (element_type(&tensor) == value.tensor_type()?.element).then_some(())?;
            let builder = value.defining_op().map_or(builder, |op| builder.at(op.location()));
            return Some(qonnx_constant(&builder, &select::gather(&tensor, &self.positions, axis as i64).ok()?));
        }
        let op = value.defining_op().filter(|op| op.result_count() == 1)?;
        let mut operands = op.operands();
        if op.kind() == OpKind::QonnxTranspose {
            let from = *op.i64s_attribute("permutation").get(axis)?;
            *operands.first_mut()? = self.ordered(op.operand(0), usize::try_from(from).ok()?, user)?;
        } else if is_linear_quantizer(op) {
            let is_per_row = layout::axis_index(op.i64_attribute("axis"), shape.len()).is_ok_and(|own| own == axis);
            for parameter in operands.iter_mut().skip(1) {
                let own = parameter.tensor_type()?.static_shape()?;
                if own.iter().product::<usize>() == 1 {
                    continue;
                }
                if own.len() > 1 {
                    // One an element.
                    *parameter = self.ordered(*parameter, axis, user).filter(|_| own == shape)?;
                } else if is_per_row {
                    return None;
                }
            }
            *operands.first_mut()? = self.ordered(op.operand(0), axis, user)?;
        } else if broadcasts(op) {
            for operand in &mut operands {
                *operand = self.aligned(*operand, axis, shape.len(), user)?;
            }
        } else {
            return None;
        }
        Some(builder.at(op.location()).copy(op, &operands, &[value.ty()]).result(0))
    }

    /// An operand that is broadcast to a constant of this rank.
    fn aligned<'c>(&self, value: Value<'c>, axis: usize, to: usize, user: Op<'c>) -> Option<Value<'c>> {
        let missing = to.checked_sub(rank(value)?)?;
        match axis.checked_sub(missing) {
            Some(axis) => self.ordered(value, axis, user),
            None => Some(value),
        }
    }
}

fn is_linear_quantizer(op: Op<'_>) -> bool {
    matches!(op.kind(), OpKind::QonnxQuantizeLinear | OpKind::QonnxDequantizeLinear)
}

fn rank(value: Value<'_>) -> Option<usize> {
    value.tensor_type().and_then(|ty: TensorType| ty.shape).map(|shape| shape.len())
}
