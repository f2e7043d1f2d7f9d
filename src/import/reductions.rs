//! Reductions, pools and running sums that are made of others.

use super::{
    ImportError,
    linear::along_axis,
    node::{Context, INT64, Node, element_of},
    windows::{Window, kernel_of, reduce},
};
use crate::eval::Tensor;
use qonnx_dialect::{AutoPad, Element, Reduction, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let square = || node.operand(0).map(|x| cx.mul(x, x));
    let absolute = || node.operand(0).map(|x| cx.apply("qonnx.abs", &[x]));
    let sum = |x| reduce(cx, node, x, Reduction::Sum, 18);
    let value = match node.op_type() {
        "ReduceL1" => sum(absolute()?)?,
        "ReduceL2" => in_floats(cx, "qonnx.sqrt", sum(square()?)?, node.operand(0)?),
        "ReduceSumSquare" => sum(square()?)?,
        "ReduceLogSum" => in_floats(cx, "qonnx.log", sum(node.operand(0)?)?, node.operand(0)?),
        "ReduceLogSumExp" => log_sum_exp(cx, node)?,
        "LpPool" => match lp_pool(cx, node)? {
            Some(value) => value,
            None => return Ok(None),
        },
        "GlobalLpPool" => {
            let x = node.operand(0)?;
            let axes: Vec<i64> = (2..node.rank(x)? as i64).collect();
            power_sum(cx, x, power(node)?, |terms| Ok(cx.reduce(Reduction::Sum, terms, &axes, true)))?
        }
        "ArgMin" => arg_min(cx, node)?,
        "Hardmax" => along_axis(cx, node, |x, axis| hardmax(cx, node, x, axis))?,
        "CumSum" => running_sum(cx, node)?,
        "CumProd" => running_product(cx, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// A function of floats; of what integers `like` are reduced to, in float64 and cut back to an integer.
fn in_floats<'c>(cx: &Context<'_, 'c>, name: &str, x: Value<'c>, like: Value<'c>) -> Value<'c> {
    match element_of(like) {
        element @ Element::Int { .. } => cx.cast(cx.apply(name, &[cx.cast(x, Element::F64)]), element),
        _ => cx.apply(name, &[x]),
    }
}

/// The greatest is taken out first, as the reference does, so that nothing overflows.
fn log_sum_exp<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let axes = cx.list(node, "axes", 1, 18)?;
    let ty = cx.like(x);
    let greatest = qonnx::Reduce::build(&cx.builder, Reduction::Max, x, axes, true, false, [ty]).result();
    let terms = cx.apply("qonnx.exp", &[cx.sub(x, greatest)]);
    let logarithm = cx.apply("qonnx.log", &[reduce(cx, node, terms, Reduction::Sum, 18)?]);
    let greatest = reduce(cx, node, x, Reduction::Max, 18)?;
    Ok(cx.add(logarithm, greatest))
}

fn power(node: &Node<'_, '_>) -> Result<i64, ImportError> {
    Ok(node.proto.int("p")?.unwrap_or(2))
}

/// `(sum of |x|^p) ^ (1/p)` for this kind of sum.
fn power_sum<'c>(
    cx: &Context<'_, 'c>,
    x: Value<'c>,
    p: i64,
    sum: impl Fn(Value<'c>) -> Result<Value<'c>, ImportError>,
) -> Result<Value<'c>, ImportError> {
    let magnitude = cx.apply("qonnx.abs", &[x]);
    Ok(match p {
        1 => sum(magnitude)?,
        2 => cx.apply("qonnx.sqrt", &[sum(cx.mul(x, x))?]),
        _ => {
            let total = sum(cx.apply("qonnx.pow", &[magnitude, cx.scalar_like(x, p as f64)]))?;
            cx.apply("qonnx.pow", &[total, cx.scalar_like(x, 1.0 / p as f64)])
        }
    })
}

/// The sum of a window is a convolution with ones. None with `ceil_mode`.
fn lp_pool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let x = node.operand(0)?;
    let kernel = kernel_of(node)?;
    let Window { strides, pads, dilations, auto_pad } = Window::of(node, kernel.len())?;
    // The reference pads a pool as if it had no dilations, a convolution knows them.
    let dilated = dilations.iter().any(|dilation| *dilation != 1);
    if node.flag("ceil_mode", 0)? || auto_pad != AutoPad::Notset && dilated {
        return Ok(None);
    }
    let channels = node.channels(x)?;
    let window = kernel.iter().map(|extent| usize::try_from(*extent).unwrap_or(0));
    let shape: Vec<usize> = [channels, 1].into_iter().chain(window).collect();
    let ones = Tensor::f32(&shape, vec![1.0; node.positions(&shape)?]);
    let ones = cx.constant(element_of(x), &ones.map_err(|problem| node.error(problem))?);
    let sum = |terms| {
        let (group, ty) = (channels as i64, cx.like(x));
        let conv = qonnx::Conv::build(
            &cx.builder,
            terms,
            ones,
            None,
            &strides,
            &pads,
            &dilations,
            group,
            auto_pad,
            false,
            [ty],
        );
        Ok(conv.result())
    };
    power_sum(cx, x, power(node)?, sum).map(Some)
}

/// The greatest of what falls as x grows.
fn arg_min<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let falling = match element_of(x) {
        Element::Int { width, signed: false } if width < 64 => cx.apply("qonnx.neg", &[cx.cast(x, INT64)]),
        // -x has no value for the least integer, -1 - x has.
        Element::Int { .. } => cx.sub(cx.scalar_like(x, -1.0), x),
        _ => cx.apply("qonnx.neg", &[x]),
    };
    super::data::arg_max(cx, node, falling)
}

/// 1 for the first of the greatest along the axis, 0 for the others.
fn hardmax<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, x: Value<'c>, axis: i64) -> Result<Value<'c>, ImportError> {
    let greatest = qonnx::ArgMax::build(&cx.builder, x, axis, true, false, [cx.unranked(INT64)]).result();
    let shape = cx.shape(x);
    let extent = cx.take(shape, 0, &Tensor::scalar_int(axis));
    let (start, step) = (cx.int64(0), cx.int64(1));
    let places = qonnx::Range::build(&cx.builder, start, extent, step, [cx.unranked(INT64)]).result();
    let rank = node.rank(node.operand(0)?)?;
    let behind = if axis == -1 { 0 } else { rank - 1 - node.axis(axis, rank)? };
    let shape: Vec<i64> = std::iter::once(-1).chain(std::iter::repeat_n(1, behind)).collect();
    let is_greatest = cx.compare("qonnx.equal", greatest, cx.reshape(places, &shape));
    Ok(cx.cast(is_greatest, element_of(x)))
}

/// The axis of a running operation and its extent, for operands (x, axis).
fn running_axis<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<(usize, usize), ImportError> {
    let x = node.operand(0)?;
    let axis = cx.known(node.operand(1)?).and_then(|axis| axis.only_value().ok());
    let axis = axis.ok_or_else(|| node.error("its axis is not constant"))?;
    let axis = node.axis(axis as i64, node.rank(x)?)?;
    let shape = x.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
    let extent = shape.get(axis).copied().flatten();
    let extent = extent.ok_or_else(|| node.error(format!("the extent of its axis {axis} is not known")))?;
    Ok((axis, extent))
}

/// A dot product with a triangle of ones: linear, whatever the extent.
fn running_sum<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let (axis, extent) = running_axis(cx, node)?;
    let count = node.positions(&[extent, extent])?;
    let (exclusive, reverse) = (node.flag("exclusive", 0)?, node.flag("reverse", 0)?);
    let counts = |index: usize| {
        let (from, to) = (index / extent, index % extent);
        let (early, late) = if reverse { (to, from) } else { (from, to) };
        i64::from(early < late || early == late && !exclusive)
    };
    let triangle: Vec<i64> = (0..count).map(counts).collect();
    let element = if element_of(x).is_float() { element_of(x) } else { INT64 };
    let triangle = Tensor::int(crate::eval::IntType::I64, &[extent, extent], triangle);
    let triangle = triangle.map_err(|problem| node.error(problem))?;
    let triangle = match element {
        Element::F32 => cx.exact_weights(&Tensor::F32(triangle.to_f32())),
        _ => cx.cast(cx.constant(INT64, &triangle), element),
    };
    let rank = node.rank(x)?;
    let mut last: Vec<i64> = (0..rank as i64).collect();
    last.swap(axis, rank - 1);
    let sums = cx.matmul(cx.transpose(cx.cast(x, element), &last), triangle);
    Ok(cx.cast(cx.transpose(sums, &last), element_of(x)))
}

/// Products one after another.
fn running_product<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    const LONGEST: usize = 256;
    let x = node.operand(0)?;
    let (axis, extent) = running_axis(cx, node)?;
    if extent == 0 || extent > LONGEST {
        return Err(node.error(format!("runs over {extent} elements, expected 1 to {LONGEST}")));
    }
    let (exclusive, reverse) = (node.flag("exclusive", 0)?, node.flag("reverse", 0)?);
    let axis = axis as i64;
    let place = |step: usize| if reverse { extent - 1 - step } else { step };
    let at = |step: usize| cx.take(x, axis, &Tensor::indices(vec![place(step) as i64]));
    // The product of nothing, whatever x is.
    let one = || cx.apply("qonnx.pow", &[at(0), cx.scalar_like(x, 0.0)]);
    let first = if exclusive { one() } else { at(0) };
    let mut products = vec![first];
    for step in 1..extent {
        let factor = at(if exclusive { step - 1 } else { step });
        let before = products.last().copied().filter(|_| step > 1 || !exclusive);
        products.push(before.map_or(factor, |before| cx.mul(before, factor)));
    }
    if reverse {
        products.reverse();
    }
    Ok(cx.concat(&products, axis))
}
