//! What each operation is in another order of axes: one rule an op family.

use crate::transforms::permutation::Permutation;
use crate::{
    eval::{
        Tensor,
        convert::{constant_of, qonnx_constant},
        ops::layout::{axis_index, axis_indices},
    },
    transforms::hoist_movement::is_elementwise,
};
use qonnx_dialect::{Builder, Op, OpKind, TensorType, Value, qonnx};

/// What becomes of an operand.
pub enum Operand {
    /// It stays: a parameter that no axis of the data matters to.
    Same,
    /// It is needed in this order, with axes of one element in front up to the rank.
    Moved(Permutation),
    /// Another constant takes its place.
    Constant(Tensor),
}

/// An operation in another order of axes.
pub struct Plan {
    /// What becomes of each operand.
    pub operands: Vec<Operand>,
    /// Attributes that change, all of them numbers.
    pub attributes: Vec<(&'static str, i64)>,
    /// The order that each result has then.
    pub results: Vec<Permutation>,
}

/// The rank of the order that a plan asks for: that of the data. None for operations that keep theirs.
pub fn rank_of(op: Op<'_>) -> Option<usize> {
    let rank = |value: Value<'_>| value.tensor_type()?.shape.map(|shape| shape.len());
    match op.kind() {
        kind if kind.is_hls() => None,
        OpKind::QonnxTranspose | OpKind::Other | OpKind::QonnxOnnx => None,
        _ if broadcasts(op) => rank(op.result(0)),
        _ => rank(*op.operands().first()?),
    }
}

/// Operations that compute an element from those at its place, of operands that broadcast. Widths of quantizers are
/// single values, which broadcast, too.
pub fn broadcasts(op: Op<'_>) -> bool {
    use OpKind::*;
    is_elementwise(op)
        || matches!(
            op.kind(),
            QonnxWhere
                | QonnxQuant
                | QonnxBipolarQuant
                | QonnxFloatQuant
                | QonnxTrunc
                | QonnxTruncToScale
                | QonnxQuantize
                | QonnxQuantizeMinifloat
                | QonnxBinarize
                | QonnxUnscale
        )
}

/// The operation with its data in this order; None where it cannot be.
pub fn plan(op: Op<'_>, order: &Permutation) -> Option<Plan> {
    if broadcasts(op) {
        let operands = op.operands().into_iter().map(|operand| broadcast(operand, order)).collect();
        return Some(Plan { operands, attributes: Vec::new(), results: vec![order.clone()] });
    }
    match op.kind() {
        OpKind::QonnxSoftmax
        | OpKind::QonnxLogSoftmax
        | OpKind::QonnxSplit
        | OpKind::QonnxTopK
        | OpKind::QonnxGather
        | OpKind::QonnxArgMax => along_axis(op, order),
        OpKind::QonnxMultiThreshold | OpKind::QonnxCountThresholds => {
            Some(first_moved(op, order).with("channel_axis", order.place(op.i64_attribute("channel_axis"))?))
        }
        OpKind::QonnxConcat => {
            let operands = op.operands().iter().map(|_| Operand::Moved(order.clone())).collect();
            let all = Plan { operands, ..first_moved(op, order) };
            Some(all.with("axis", order.place(op.i64_attribute("axis"))?))
        }
        OpKind::QonnxQuantizeLinear | OpKind::QonnxDequantizeLinear => linear_quantizer(op, order),
        OpKind::QonnxLayerNormalization => {
            let axis = axis_index(op.i64_attribute("axis"), order.rank()).ok()?;
            let behind = order.applied(&(0..order.rank()).collect::<Vec<_>>())?;
            behind.iter().enumerate().skip(axis).all(|(place, axis)| place == *axis).then(|| first_moved(op, order))
        }
        OpKind::QonnxReduce => reduce(op, order),
        _ => listed(op, order),
    }
}

impl Plan {
    fn with(mut self, name: &'static str, value: i64) -> Self {
        self.attributes.push((name, value));
        self
    }

    fn replacing(mut self, index: usize, constant: Tensor) -> Self {
        if let Some(operand) = self.operands.get_mut(index) {
            *operand = Operand::Constant(constant);
        }
        self
    }
}

/// The first operand and all results in this order.
fn first_moved(op: Op<'_>, order: &Permutation) -> Plan {
    let moved = |index| if index == 0 { Operand::Moved(order.clone()) } else { Operand::Same };
    Plan {
        operands: (0..op.operand_count()).map(moved).collect(),
        attributes: Vec::new(),
        results: vec![order.clone(); op.result_count()],
    }
}

/// A single value stays as it is.
fn broadcast(operand: Value<'_>, order: &Permutation) -> Operand {
    let single = operand.tensor_type().and_then(|ty| ty.element_count()) == Some(1);
    let rank = operand.tensor_type().and_then(|ty| ty.shape).map(|shape| shape.len());
    if single && rank.is_some_and(|rank| rank < order.rank()) { Operand::Same } else { Operand::Moved(order.clone()) }
}

/// One axis is another, and gone from the result of some.
fn along_axis(op: Op<'_>, order: &Permutation) -> Option<Plan> {
    let axis = axis_index(op.i64_attribute("axis"), order.rank()).ok()?;
    let mut plan = first_moved(op, order).with("axis", order.place(axis as i64)?);
    let is_gone = match op.kind() {
        OpKind::QonnxArgMax => !op.unit_attribute("keep_dims"),
        OpKind::QonnxGather => match op.operands().get(1)?.tensor_type()?.shape?.len() {
            0 => true,
            1 => false,
            _ => return None,
        },
        _ => false,
    };
    if is_gone {
        plan.results = vec![order.without(&[axis]); op.result_count()];
    }
    Some(plan)
}

/// Scales are one, one a place of the axis, or one an element.
fn linear_quantizer(op: Op<'_>, order: &Permutation) -> Option<Plan> {
    let shape = |index: usize| op.operands().get(index)?.tensor_type()?.static_shape();
    let mut plan = first_moved(op, order);
    let mut has_axis = false;
    for index in 1..op.operand_count() {
        let shape = shape(index)?;
        if shape.iter().product::<usize>() == 1 {
            continue;
        }
        has_axis |= shape.len() == 1;
        if shape.len() > 1 {
            if shape.len() != order.rank() {
                return None;
            }
            *plan.operands.get_mut(index)? = Operand::Moved(order.clone());
        }
    }
    match order.place(op.i64_attribute("axis")) {
        Some(axis) => Some(plan.with("axis", axis)),
        // No scale has one.
        None => (!has_axis).then_some(plan),
    }
}

fn reduce(op: Op<'_>, order: &Permutation) -> Option<Plan> {
    let reduce = qonnx::Reduce::of(op)?;
    let plan = first_moved(op, order);
    let axes = match reduce.axes() {
        Some(axes) => constant_of(axes)?.to_i64_vec().ok()?,
        None => Vec::new(),
    };
    let dropped = match axes.is_empty() {
        true if reduce.noop_with_empty_axes() => return Some(plan),
        true => (0..order.rank()).collect(),
        false => axis_indices(&axes, order.rank()).ok()?,
    };
    let plan = match axes.is_empty() {
        true => plan,
        false => plan.replacing(1, places(order, &axes)?),
    };
    let results = if reduce.keep_dims() { order.clone() } else { order.without(&dropped) };
    Some(Plan { results: vec![results], ..plan })
}

/// Where axes go, in their own order.
fn places(order: &Permutation, axes: &[i64]) -> Option<Tensor> {
    Some(Tensor::indices(axes.iter().map(|axis| order.place(*axis)).collect::<Option<_>>()?))
}

/// Operations with a list that has an entry for each axis.
fn listed(op: Op<'_>, order: &Permutation) -> Option<Plan> {
    let plan = first_moved(op, order);
    let known = |index: usize| constant_of(*op.operands().get(index)?);
    let list = |index: usize| known(index)?.to_i64_vec().ok();
    match op.kind() {
        OpKind::QonnxTile => Some(plan.replacing(1, Tensor::indices(order.applied(&list(1)?)?))),
        OpKind::QonnxExpand => {
            let shape = list(1)?;
            let missing = order.rank().checked_sub(shape.len())?;
            Some(plan.replacing(1, Tensor::indices(order.applied(&[vec![1; missing], shape].concat())?)))
        }
        OpKind::QonnxResize => match known(1)? {
            Tensor::F32(scales) => {
                let scales = order.applied(&scales.iter().copied().collect::<Vec<_>>())?;
                Some(plan.replacing(1, Tensor::f32(&[scales.len()], scales).ok()?))
            }
            sizes => Some(plan.replacing(1, Tensor::indices(order.applied(&sizes.to_i64_vec().ok()?)?))),
        },
        OpKind::QonnxPad => {
            let pad = qonnx::Pad::of(op)?;
            if pad.axes().is_some() {
                return Some(plan.replacing(op.operand_count() - 1, places(order, &list(op.operand_count() - 1)?)?));
            }
            let pads = list(1)?;
            let (front, behind) = pads.split_at_checked(order.rank())?;
            let pads = [order.applied(front)?, order.applied(behind)?].concat();
            Some(plan.replacing(1, Tensor::indices(pads)))
        }
        OpKind::QonnxSlice => slice(op, order, plan),
        _ => None,
    }
}

fn slice(op: Op<'_>, order: &Permutation, plan: Plan) -> Option<Plan> {
    let slice = qonnx::Slice::of(op)?;
    let list = |value: Value<'_>| constant_of(value)?.to_i64_vec().ok();
    if let Some(axes) = slice.axes() {
        return Some(plan.replacing(3, places(order, &list(axes)?)?));
    }
    // Without axes the bounds are those of the first ones.
    let full = |mut list: Vec<i64>, rest: i64| {
        list.resize(order.rank(), rest);
        order.applied(&list).map(Tensor::indices)
    };
    let plan = plan.replacing(1, full(list(slice.starts())?, 0)?).replacing(2, full(list(slice.ends())?, i64::MAX)?);
    match slice.steps() {
        Some(steps) => Some(plan.replacing(3, full(list(steps)?, 1)?)),
        None => Some(plan),
    }
}

/// Builds the operation of a plan in front of itself, on these operands.
pub fn build<'c>(op: Op<'c>, plan: &Plan, operands: &[Value<'c>]) -> Option<Op<'c>> {
    let builder = Builder::before(op);
    let ty = |(result, order): (Value<'c>, &Permutation)| {
        let ty = result.tensor_type()?;
        let shape = order.applied(ty.shape.as_ref()?)?;
        Some(TensorType { element: ty.element, shape: Some(shape) }.to_type(op.context()))
    };
    let types = op.results().into_iter().zip(&plan.results).map(ty).collect::<Option<Vec<_>>>()?;
    let new = builder.copy(op, operands, &types);
    for (name, value) in &plan.attributes {
        new.set_attribute(name, builder.i64(*value));
    }
    Some(new)
}

/// A constant that a plan asks for.
pub fn constant<'c>(op: Op<'c>, tensor: &Tensor) -> Value<'c> {
    qonnx_constant(&Builder::before(op), tensor)
}
