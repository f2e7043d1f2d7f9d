//! Normalizations by statistics of the operand itself, in the reference's order of operations.

use super::{
    ImportError,
    node::{Context, Node},
};
use crate::eval::Tensor;
use qonnx_dialect::{AutoPad, Reduction, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "InstanceNormalization" => instance(cx, node)?,
        "GroupNormalization" => group(cx, node)?,
        "RMSNormalization" => root_mean_square(cx, node)?,
        "LayerNormalization" => return layer(cx, node).map(Some),
        "LpNormalization" => match lp(cx, node)? {
            Some(value) => value,
            None => return Ok(None),
        },
        "MeanVarianceNormalization" => mean_variance(cx, node)?,
        "LRN" => local_response(cx, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

fn epsilon(node: &Node<'_, '_>) -> Result<f64, ImportError> {
    Ok(node.proto.float("epsilon")?.unwrap_or(1e-5).into())
}

fn sqrt<'c>(cx: &Context<'_, 'c>, x: Value<'c>) -> Value<'c> {
    cx.apply("qonnx.sqrt", &[x])
}

fn mean<'c>(cx: &Context<'_, 'c>, x: Value<'c>, axes: &[i64]) -> Value<'c> {
    cx.reduce(Reduction::Mean, x, axes, true)
}

/// One value a channel, against a tensor of this rank.
fn per_channel<'c>(cx: &Context<'_, 'c>, values: Value<'c>, rank: usize) -> Value<'c> {
    let shape: Vec<i64> = std::iter::once(-1).chain(std::iter::repeat_n(1, rank.saturating_sub(2))).collect();
    cx.reshape(values, &shape)
}

/// `x * s + (bias - mean * s)` where `s = scale / sqrt(variance + epsilon)`, over the spatial axes.
fn instance<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let rank = node.rank(x)?;
    let axes: Vec<i64> = (2..rank as i64).collect();
    let center = mean(cx, x, &axes);
    let deviation = cx.sub(x, center);
    let variance = mean(cx, cx.mul(deviation, deviation), &axes);
    let inverse = cx.apply("qonnx.reciprocal", &[sqrt(cx, cx.add(variance, cx.scalar_like(x, epsilon(node)?)))]);
    let scale = cx.mul(inverse, per_channel(cx, node.operand(1)?, rank));
    let shift = cx.sub(per_channel(cx, node.operand(2)?, rank), cx.mul(center, scale));
    Ok(cx.add(cx.mul(x, scale), shift))
}

/// Before version 21 scale and bias have a value a group, since then one a channel.
fn group<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let groups = node.proto.int("num_groups")?.ok_or_else(|| node.error("has no num_groups"))?;
    let grouped = cx.reshape(x, &[0, groups, -1]);
    let center = mean(cx, grouped, &[2]);
    let of_squares = mean(cx, cx.mul(grouped, grouped), &[2]);
    let variance = cx.sub(of_squares, cx.mul(center, center));
    let deviation = cx.sub(grouped, center);
    let normal = cx.div(deviation, sqrt(cx, cx.add(variance, cx.scalar_like(x, epsilon(node)?))));
    let shape = cx.shape(x);
    let (normal, rank) = if node.version < 21 { (normal, 3) } else { (cx.reshape_to(normal, shape), node.rank(x)?) };
    let scaled = cx.mul(normal, per_channel(cx, node.operand(1)?, rank));
    let biased = cx.add(scaled, per_channel(cx, node.operand(2)?, rank));
    Ok(if node.version < 21 { cx.reshape_to(biased, shape) } else { biased })
}

/// The axes from `axis` on.
fn trailing_axes(node: &Node<'_, '_>, rank: usize) -> Result<Vec<i64>, ImportError> {
    let first = node.axis(node.proto.int("axis")?.unwrap_or(-1), rank)?;
    Ok((first as i64..rank as i64).collect())
}

fn root_mean_square<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let axes = trailing_axes(node, node.rank(x)?)?;
    let square = mean(cx, cx.mul(x, x), &axes);
    let root = sqrt(cx, cx.add(square, cx.scalar_like(x, epsilon(node)?)));
    Ok(cx.mul(cx.div(x, root), node.operand(1)?))
}

/// With mean and inverse deviation as further results.
fn layer<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
    let (x, scale) = (node.operand(0)?, node.operand(1)?);
    let axis = node.proto.int("axis")?.unwrap_or(-1);
    let axes = trailing_axes(node, node.rank(x)?)?;
    let (bias, ty) = (node.optional(2), cx.like(x));
    let y = qonnx::LayerNormalization::build(&cx.builder, x, scale, bias, axis, epsilon(node)? as f32, [ty]).result();
    let center = mean(cx, x, &axes);
    let variance = cx.sub(mean(cx, cx.mul(x, x), &axes), cx.mul(center, center));
    let deviation = sqrt(cx, cx.add(variance, cx.scalar_like(x, epsilon(node)?)));
    Ok(vec![y, center, cx.apply("qonnx.reciprocal", &[deviation])])
}

/// x over its norm, 0 where that is 0. None but for the norms 1 and 2.
fn lp<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let x = node.operand(0)?;
    let axis = node.proto.int("axis")?.unwrap_or(-1);
    let sum = |x| cx.reduce(Reduction::Sum, x, &[axis], true);
    let norm = match node.proto.int("p")?.unwrap_or(2) {
        1 => sum(cx.apply("qonnx.abs", &[x])),
        2 => sqrt(cx, sum(cx.mul(x, x))),
        _ => return Ok(None),
    };
    let is_zero = cx.compare("qonnx.equal", norm, cx.scalar_like(x, 0.0));
    let divisor = cx.select(is_zero, cx.scalar_like(x, 1.0), norm);
    Ok(Some(cx.div(x, divisor)))
}

/// `(x - mean) / (sqrt(mean of squares - square of mean) + 1e-9)`.
fn mean_variance<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let axes = node.proto.ints("axes")?.unwrap_or(&[0, 2, 3]);
    let center = mean(cx, x, axes);
    let variance = cx.sub(mean(cx, cx.mul(x, x), axes), cx.mul(center, center));
    let deviation = cx.add(sqrt(cx, variance), cx.scalar_like(x, 1e-9));
    Ok(cx.div(cx.sub(x, center), deviation))
}

/// `x * (bias + alpha / size * sum of squares in a window of channels) ^ -beta`; the sum is a dot product of the
/// channels.
fn local_response<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let size = node.proto.int("size")?.filter(|size| *size > 0).ok_or_else(|| node.error("has no size above 0"))?;
    let parameter = |name, default: f32| Ok::<_, ImportError>(node.proto.float(name)?.unwrap_or(default));
    let (alpha, beta, bias) = (parameter("alpha", 1e-4)?, parameter("beta", 0.75)?, parameter("bias", 1.0)?);
    let channels = node.channels(x)?;
    node.positions(&[channels, channels])?;
    let (before, behind) = ((size - 1) / 2, size / 2);
    let in_window = |index: usize| {
        let distance = (index % channels) as i64 - (index / channels) as i64;
        if (-before..=behind).contains(&distance) { 1.0 } else { 0.0 }
    };
    let band = Tensor::f32(&[channels, channels, 1], (0..channels * channels).map(in_window).collect());
    let band = cx.constant(super::node::element_of(x), &band.map_err(|problem| node.error(problem))?);
    let squares = cx.reshape(cx.mul(x, x), &[0, 0, -1]);
    let ty = cx.like(x);
    let sums =
        qonnx::Conv::build(&cx.builder, squares, band, None, &[1], &[0, 0], &[1], 1, AutoPad::Notset, false, [ty])
            .result();
    let sums = cx.reshape_to(sums, cx.shape(x));
    let scaled = cx.mul(sums, cx.scalar_like(x, f64::from(alpha / size as f32)));
    let base = cx.add(scaled, cx.scalar_like(x, bias.into()));
    Ok(cx.mul(x, cx.apply("qonnx.pow", &[base, cx.scalar_like(x, -f64::from(beta))])))
}
