//! `qonnx-sink-joins`: Concat, Pad, greatest elements and changes of layout of floats move
//! below the quantizer behind them.
//!
//! What propagation could not put on integers comes from a float chain: the branches of a
//! Concat with a BatchNormalization each, a MaxPool behind a Sigmoid. Elementwise operations
//! and quantizers can be applied before the join as well: then each branch is a chain of its
//! own, requantized alone, and the join is one of codes.

use super::{
    propagate_scales::{Propagation, movement::Join, windows::mixed_axes},
    requantize::chain::has_integer_source,
};
use crate::{
    eval::{
        Tensor,
        convert::{constant_of, qonnx_constant},
        evaluate,
        interpreter::{is_channels_last, minifloat_of},
        ops::{layout::axis_index, select},
    },
    transforms::{
        functions::{erase_dead, functions},
        hoist_movement::{is_elementwise, keeps_order, layout_of, moved_operand},
        layout::Layout,
        split_quant::gives_codes,
    },
};
use qonnx_dialect::{
    Builder, Op, OpKind, PadMode, Reduction, Reported, TensorType, Value, options::QonnxSinkJoinsOptions, qonnx,
};

/// On a quantizer that was moved above a join: it gives a part of its node's codes.
pub const PART: &str = "hls.part";
/// On what joins such parts: the node whose codes it gives.
pub const JOINED: &str = "hls.joined";

/// Moves each join of floats below what computes element by element.
///
/// # Errors
/// None: what stays is reported by the quantizer that it keeps from its integers.
pub fn run(module: Op<'_>, _: &QonnxSinkJoinsOptions) -> Result<(), Reported> {
    for function in functions(module) {
        let mut propagation = Propagation::default();
        for op in function.body() {
            // A join may have moved below another one that comes later.
            if op.parent().is_some() {
                sink(op, &mut propagation);
            }
        }
        erase_dead(function);
    }
    Ok(())
}

/// What an operation joins; None for others.
fn join_of(op: Op<'_>) -> Option<Join> {
    let is_float = op.operands().first()?.tensor_type()?.element.is_float();
    match op.kind() {
        _ if !is_float || is_channels_last(op) => None,
        OpKind::QonnxView | OpKind::QonnxTranspose => layout_of(op).map(Join::Layout),
        OpKind::QonnxConcat => Some(Join::Concat),
        OpKind::QonnxMaxPool => Some(Join::Greatest),
        OpKind::QonnxReduce => {
            qonnx::Reduce::of(op).filter(|reduce| reduce.reduction() == Reduction::Max).map(|_| Join::Greatest)
        }
        OpKind::QonnxPad => qonnx::Pad::of(op)
            .filter(|pad| pad.mode() == PadMode::Constant && pad.axes().is_none())
            .map(|_| Join::Pad(0)),
        _ => None,
    }
}

fn sink<'c>(op: Op<'c>, propagation: &mut Propagation<'c>) {
    // Without integers in front it is the host's.
    let Some(join) = join_of(op).filter(|_| has_integer_source(op, 64)) else { return };
    for user in op.result(0).users() {
        if gives_codes(user) && (keeps_code_order(user) || !matches!(join, Join::Greatest)) {
            sink_below_quantizer(op, join_of(op).unwrap_or(Join::Concat), user, propagation);
        } else if is_elementwise(user)
            && let Some(lower) = sink_below(op, &join, user)
        {
            sink(lower, propagation);
        }
    }
}

/// Whether a greater value never gives a lesser code. A minifloat's exponent may be one too
/// high just below a power of two, which shows unless values round to the nearest.
fn keeps_code_order(quantizer: Op<'_>) -> bool {
    minifloat_of(quantizer).is_none_or(|format| format.rounding.is_to_nearest())
}

/// `f(join(a, b))` to `join(f(a), f(b))`; gives the new join.
fn sink_below<'c>(op: Op<'c>, join: &Join, user: Op<'c>) -> Option<Op<'c>> {
    let moved = moved_operand(user).filter(|index| user.operand(*index) == op.result(0))?;
    if matches!(join, Join::Greatest) && !keeps_order(user, moved) {
        return None;
    }
    let branches = applied(op, user, moved)?;
    let builder = Builder::before(user);
    let mut operands = branches;
    match join {
        Join::Pad(_) => {
            let value = padding(op, user, moved)?;
            operands.push(qonnx::Pad::of(op)?.pads());
            operands.push(qonnx_constant(&builder, &Tensor::scalar(value)));
        }
        _ => operands.extend(op.operands().into_iter().skip(operands.len())),
    }
    let new = rebuilt(op, &builder, &operands, user.result(0).tensor_type()?);
    user.replace(&[new.result(0)]);
    Some(new)
}

/// The same join of other operands; a Pad may get a value that it had not.
fn rebuilt<'c>(op: Op<'c>, builder: &Builder<'c>, operands: &[Value<'c>], ty: TensorType) -> Op<'c> {
    let (builder, types) = (builder.at(op.location()), [ty.to_type(op.context())]);
    match operands {
        &[x, pads, value] if op.kind() == OpKind::QonnxPad => {
            qonnx::Pad::build(&builder, PadMode::Constant, x, pads, Some(value), None, types).op()
        }
        _ => builder.copy(op, operands, &types),
    }
}

fn sink_below_quantizer<'c>(op: Op<'c>, join: Join, user: Op<'c>, propagation: &mut Propagation<'c>) {
    let code = match join {
        Join::Pad(_) => padding(op, user, 0).map(|value| Join::Pad(value as i64)),
        other => Some(other),
    };
    let Some((join, branches)) = code.zip(applied(op, user, 0)) else { return };
    // The join is built where the quantizer stands: behind its branches.
    let builder = Builder::before(user);
    let place = builder.at(op.location()).copy(op, &op.operands(), &[op.result(0).ty()]);
    if let Ok(codes) = propagation.join_of_codes(place, &join, &branches) {
        mark(user, &join, codes, &branches);
        user.replace(&[codes]);
    }
    place.erase();
}

/// Says where the codes of a quantizer's node are from now on.
fn mark(quantizer: Op<'_>, join: &Join, codes: Value<'_>, parts: &[Value<'_>]) {
    // A view gives the same codes in the same order.
    if matches!(join, Join::Layout(Layout::View { .. })) {
        return;
    }
    let builder = Builder::before(quantizer);
    for part in parts.iter().filter_map(|part| part.defining_op()) {
        part.set_attribute(PART, builder.unit());
    }
    if let Some(joined) = codes.defining_op().filter(|_| !quantizer.unit_attribute(PART)) {
        joined.set_attribute(JOINED, builder.str(&quantizer.node_name()));
    }
}

/// The elementwise operation on each operand that is joined, with its constants for that
/// branch.
fn applied<'c>(op: Op<'c>, user: Op<'c>, moved: usize) -> Option<Vec<Value<'c>>> {
    let builder = Builder::before(user);
    let (branches, axis) = match qonnx::Concat::of(op) {
        Some(concat) => {
            let rank = op.result(0).tensor_type()?.shape?.len();
            (concat.inputs(), Some(axis_index(concat.axis(), rank).ok()?))
        }
        None => (vec![op.operand(0)], None),
    };
    let mut start = 0;
    let mut results = Vec::with_capacity(branches.len());
    for branch in branches {
        let ty = branch.tensor_type()?;
        let extent = axis.map_or(0, |axis| ty.static_shape().map_or(0, |shape| shape[axis]));
        let part = axis.map(|axis| Part { axis, start, extent, rank: ty.shape.as_ref().map_or(0, Vec::len) });
        let mut operands = Vec::with_capacity(user.operand_count());
        for index in 0..user.operand_count() {
            operands.push(match index == moved {
                true => branch,
                false => {
                    let constant = constant_of(user.operand(index))?;
                    qonnx_constant(&builder, &part_of(user, &constant, part.as_ref(), op)?)
                }
            });
        }
        let element = user.result(0).tensor_type()?.element;
        let result = TensorType { element, ..ty };
        let new = builder.at(user.location()).copy(user, &operands, &[result.to_type(op.context())]);
        results.push(new.result(0));
        start += extent;
    }
    Some(results)
}

/// The place of a branch in the joined tensor.
struct Part {
    axis: usize,
    start: usize,
    extent: usize,
    rank: usize,
}

impl Part {
    /// The branch's part of a constant along one of its axes, if it varies there.
    fn of(&self, constant: &Tensor, axis: usize) -> Option<Tensor> {
        if constant.shape().get(axis).copied().unwrap_or(1) == 1 {
            return Some(constant.clone());
        }
        let (start, end) = (self.start as i64, (self.start + self.extent) as i64);
        select::slice(constant, &[start], &[end], Some(&[axis as i64]), None).ok()
    }
}

/// A constant of the joined tensor for one branch of a Concat; for other joins, the constant
/// where it is one for all the elements that are joined.
fn part_of(user: Op<'_>, constant: &Tensor, part: Option<&Part>, op: Op<'_>) -> Option<Tensor> {
    if user.kind() == OpKind::QonnxCountThresholds {
        return thresholds_above(user, constant, part, op);
    }
    if let Some(layout) = layout_of(op) {
        return layout.inverse()?.follow(constant);
    }
    let Some(part) = part else { return is_uniform(constant, op).then(|| constant.clone()) };
    match (part.axis + constant.rank()).checked_sub(part.rank) {
        Some(axis) => part.of(constant, axis),
        None => Some(constant.clone()),
    }
}

/// The thresholds above a join, a matrix with a row for all or one a channel: the operation keeps its
/// channel axis, which must mean the same there.
fn thresholds_above(user: Op<'_>, constant: &Tensor, part: Option<&Part>, op: Op<'_>) -> Option<Tensor> {
    let rank = |value: Value<'_>| Some(value.tensor_type()?.shape?.len());
    let (above, below) = (rank(op.operand(0))?, rank(op.result(0))?);
    let channels = axis_index(user.i64_attribute("channel_axis"), above).ok()?;
    if constant.shape().first() == Some(&1) {
        return Some(constant.clone());
    }
    if above != below || layout_of(op).is_some() {
        return None;
    }
    match part {
        Some(part) if part.axis == channels => part.of(constant, 0),
        Some(_) => Some(constant.clone()),
        None => {
            let (touched, _) = touched_axes(op)?;
            (!touched.contains(&channels)).then(|| constant.clone())
        }
    }
}

/// Whether a constant takes one value along the axes that a pool or a padding touches.
fn is_uniform(constant: &Tensor, op: Op<'_>) -> bool {
    if constant.len() == 1 {
        return true;
    }
    touched_axes(op).is_some_and(|(axes, rank)| {
        axes.into_iter().all(|axis| {
            let place = (axis + constant.rank()).checked_sub(rank);
            place.and_then(|place| constant.shape().get(place)).is_none_or(|extent| *extent == 1)
        })
    })
}

/// The axes along which an operation joins elements, and the rank; None where axes vanish.
fn touched_axes(op: Op<'_>) -> Option<(Vec<usize>, usize)> {
    let rank = |value: Value<'_>| Some(value.tensor_type()?.shape?.len());
    let (from, to) = (rank(op.operand(0))?, rank(op.result(0))?);
    Some((mixed_axes(op).ok().filter(|_| from == to)?, from))
}

/// What the operation makes of the padding's value, if it is the same whatever the channel.
fn padding(op: Op<'_>, user: Op<'_>, moved: usize) -> Option<f32> {
    let pad = qonnx::Pad::of(op)?;
    let value = pad.value().map_or(Some(0.0), |value| constant_of(value)?.only_value().ok())?;
    let shape = op.result(0).tensor_type()?.static_shape()?;
    let filled = Tensor::f32(&shape, vec![value as f32; shape.iter().product()]).ok()?;
    let mut operands = Vec::with_capacity(user.operand_count());
    for index in 0..user.operand_count() {
        operands.push(if index == moved { filled.clone() } else { constant_of(user.operand(index))? });
    }
    let operands: Vec<&Tensor> = operands.iter().collect();
    let result = evaluate(user, &operands).ok()?.into_iter().next()?.to_f32_vec();
    let first = *result.first()?;
    result.iter().all(|value| *value == first).then_some(first)
}
