//! ArgMax and TopK of integers.

use crate::lowering::{
    range::{Ranges, shape_of},
    requantize::Chain,
};
use qonnx_dialect::{Builder, Element, Op, OpKind, Value, hls};

/// ArgMax and TopK need only the order: where the chain in front keeps it strictly and is
/// the same for all elements, they see the integers instead.
pub(super) fn run<'c>(op: Op<'c>, ranges: &mut Ranges<'c>, limit: u128) -> Result<(), String> {
    let chain = match Chain::giving(op.operand(0)) {
        Ok(chain) => chain,
        // The host can select just as well.
        Err(_) => return Ok(()),
    };
    let &[source] = chain.sources.as_slice() else { return Ok(()) };
    let program = chain.program();
    let alike = (1..program.functions()).all(|f| program.key(f) == program.key(0));
    let (low, high) = ranges.of(source)?.span();
    let size = u128::from(high.abs_diff(low)) + 1;
    if !alike || size > limit {
        return Ok(());
    }
    let inputs: Vec<i64> = (low..=high).collect();
    if !program.values(0, &inputs).windows(2).all(|pair| pair[0] < pair[1]) {
        return Ok(());
    }
    match op.kind() {
        OpKind::QonnxArgMax => select_index(op, source),
        _ => select_top(op, source),
    }
}

fn select_index<'c>(op: Op<'c>, source: Value<'c>) -> Result<(), String> {
    let builder = Builder::before(op);
    let (axis, mut shape) = axis_of(op, source)?;
    let extent = std::mem::replace(&mut shape[axis], 1);
    let ty = builder.tensor(Element::of_range(0, extent as i64 - 1), &shape);
    let last = op.unit_attribute("select_last_index");
    let index = hls::ArgMax::build(&builder, source, axis as i64, last, [ty]).result();
    let index = as_int64(&builder, index, op.result(0));
    op.replace(&[index]);
    Ok(())
}

fn select_top<'c>(op: Op<'c>, source: Value<'c>) -> Result<(), String> {
    // Values would need the chain again; only indices are worth hardware.
    if !op.result(0).is_unused() {
        return Ok(());
    }
    let builder = Builder::before(op);
    let (axis, mut shape) = axis_of(op, source)?;
    let extent = shape[axis];
    shape[axis] = shape_of(op.result(1))?.get(axis).copied().unwrap_or(0);
    let element = source.tensor_type().ok_or("is no tensor")?.element;
    let values = builder.tensor(element, &shape);
    let indices = builder.tensor(Element::of_range(0, extent as i64 - 1), &shape);
    let smallest = !op.unit_attribute("largest");
    let top = hls::TopK::build(&builder, source, axis as i64, smallest, [values, indices]);
    let index = as_int64(&builder, top.indices(), op.result(1));
    op.result(1).replace_uses(index);
    op.erase();
    Ok(())
}

/// The file's index type, on the host.
fn as_int64<'c>(builder: &Builder<'c>, index: Value<'c>, like: Value<'c>) -> Value<'c> {
    let cast = builder.create("qonnx.view", &[index], &[], &[same_element(builder, index, like)]).result(0);
    builder.create("qonnx.cast", &[cast], &[], &[like.ty()]).result(0)
}

fn same_element<'c>(builder: &Builder<'c>, index: Value<'c>, like: Value<'c>) -> qonnx_dialect::Type<'c> {
    let element = index.tensor_type().map_or(Element::Bool, |ty| ty.element);
    builder.tensor(element, &shape_of(like).unwrap_or_default())
}

fn axis_of<'c>(op: Op<'c>, source: Value<'c>) -> Result<(usize, Vec<usize>), String> {
    let shape = shape_of(source)?;
    let axis = crate::eval::ops::layout::axis_index(op.i64_attribute("axis"), shape.len());
    Ok((axis.map_err(|problem| problem.to_string())?, shape))
}
