//! Resize and Upsample with the modes linear and cubic: sums of elements times constant weights.
//!
//! Where all weights are short, as for a factor of two, no order of sums rounds in float32, and a linear resize is one
//! product with a matrix: a linear layer in integers. Other weights make the reference round, so that its own sum is
//! written out, neighbour by neighbour: along all axes at once if linear, the last axis first if cubic.

use super::{
    ImportError,
    indexing::array,
    node::{Context, Node, element_of},
    resize::{Wanted, transform_of, wanted},
};
use crate::{
    eval::{
        IntType, Tensor,
        ops::{
            interpolate::Kernel,
            resize::{CoordinateTransform, Target, resolve},
        },
    },
    onnx::quoted,
};
use ndarray::{ArrayD, IxDyn};
use qonnx_dialect::{Element, Value, qonnx};

/// No matrix for all axes at once has more weights.
const MAX_WEIGHTS: usize = 1 << 16;
/// Short weights are multiples of this: sums with elements of up to 16 bits are exact.
const SHORT: f32 = 1.0 / 256.0;

/// One axis that changes: a row of weights an element of the result.
struct Axis {
    axis: usize,
    rows: Vec<Vec<f32>>,
    positions: Vec<f32>,
    /// Which elements of the result lie outside the operand; all false but for `tf_crop_and_resize`.
    outside: Vec<bool>,
}

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if !matches!(node.op_type(), "Resize" | "Upsample") {
        return Ok(None);
    }
    let Some(kernel) = kernel(node)? else { return Ok(None) };
    let x = node.operand(0)?;
    let policy = node.proto.string("keep_aspect_ratio_policy")?.unwrap_or("stretch");
    if node.flag("antialias", 0)? || policy != "stretch" || element_of(x) != Element::F32 {
        return Ok(None);
    }
    let shape = node.extents(x)?;
    let Some(axes) = axes_of(cx, node, kernel, &shape)? else { return Ok(None) };
    let groups = match kernel {
        Kernel::Linear => vec![axes.iter().collect::<Vec<_>>()],
        Kernel::Cubic { .. } => axes.iter().rev().map(|axis| vec![axis]).collect(),
    };
    let mut value = x;
    for group in groups.iter().filter(|group| !group.is_empty()) {
        value = match joined(&shape, group) {
            Some(weights) => weighted(cx, node, value, shape.len(), &weights)?,
            None => summed(cx, node, value, kernel, &shape, group)?,
        };
    }
    extrapolated(cx, node, value, shape.len(), &axes).map(|value| Some(vec![value]))
}

fn kernel(node: &Node<'_, '_>) -> Result<Option<Kernel>, ImportError> {
    Ok(match node.proto.string("mode")?.unwrap_or("nearest") {
        "linear" | "bilinear" => Some(Kernel::Linear),
        "cubic" => Some(Kernel::Cubic {
            a: node.proto.float("cubic_coeff_a")?.unwrap_or(-0.75),
            exclude_outside: node.flag("exclude_outside", 0)?,
        }),
        "nearest" => None,
        other => return Err(node.error(format!("mode is {}, expected nearest, linear or cubic", quoted(other)))),
    })
}

/// The axes whose elements change. None where factors or positions are not known.
fn axes_of<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    kernel: Kernel,
    shape: &[usize],
) -> Result<Option<Vec<Axis>>, ImportError> {
    let problem = |problem: crate::eval::EvalError| node.error(problem);
    let Some(target) = target(cx, node, shape)? else { return Ok(None) };
    let crop = node.proto.string("coordinate_transformation_mode")? == Some("tf_crop_and_resize");
    let transform = if node.version < 11 { Some(CoordinateTransform::Asymmetric) } else { transform_of(node)? };
    let region = if crop { region(cx, node, shape.len())? } else { Vec::new() };
    if transform.is_none() && !crop {
        return Ok(None);
    }
    let mut axes = Vec::new();
    for (axis, (extent, scale)) in resolve(shape, &target).map_err(problem)?.into_iter().enumerate() {
        let input = shape[axis];
        let span = region.get(axis).copied();
        if extent == input && scale == 1.0 && span.is_none_or(|span| span == (0.0, 1.0)) {
            continue;
        }
        if input == 0 || extent == 0 {
            return Err(node.error(format!("axis {axis} of its operand or result is empty")));
        }
        node.positions(&[input, extent])?;
        let position = |index: usize| match (transform, span) {
            (Some(transform), _) => transform.position(index as f32, extent as f32, input as f32, scale),
            (None, span) => in_region(index, extent, input, span.unwrap_or((0.0, 1.0))),
        };
        let positions: Vec<f32> = (0..extent).map(position).collect();
        let is_outside = |position: &f32| crop && (*position < 0.0 || *position > (input - 1) as f32);
        let outside = positions.iter().map(is_outside).collect();
        let rows = positions.iter().map(|position| kernel.weights(*position, input)).collect();
        axes.push(Axis { axis, rows, positions, outside });
    }
    Ok(Some(axes))
}

/// The factors or extents of all axes. None where they are not known.
fn target<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, shape: &[usize]) -> Result<Option<Target>, ImportError> {
    Ok(match wanted(cx, node)? {
        Wanted::Scales(scales) => match cx.known(scales) {
            Some(scales) => Some(Target::Scales(of_all_axes(node, vec![1.0; shape.len()], &scales.to_f32_vec())?)),
            None => None,
        },
        Wanted::Sizes(sizes) => match cx.known(sizes) {
            Some(sizes) => {
                let sizes = sizes.to_i64_vec().map_err(|problem| node.error(problem))?;
                let kept = shape.iter().map(|extent| *extent as i64).collect();
                Some(Target::Sizes(of_all_axes(node, kept, &sizes)?))
            }
            None => None,
        },
    })
}

/// `all` with the entries of the axes that the node lists replaced; without a list, `listed` itself.
fn of_all_axes<T: Copy>(node: &Node<'_, '_>, mut all: Vec<T>, listed: &[T]) -> Result<Vec<T>, ImportError> {
    let Some(axes) = node.proto.ints("axes")? else { return Ok(listed.to_vec()) };
    if axes.len() != listed.len() {
        return Err(node.error(format!("has {} scales or sizes for {} axes", listed.len(), axes.len())));
    }
    for (axis, value) in axes.iter().zip(listed) {
        let axis = node.axis(*axis, all.len())?;
        all[axis] = *value;
    }
    Ok(all)
}

/// Start and end of the part of each axis that is resized, as fractions.
fn region<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, rank: usize) -> Result<Vec<(f32, f32)>, ImportError> {
    let bounds = cx.fixed(node, 1, "regions")?.to_f32_vec();
    let (starts, ends) = bounds.split_at(bounds.len() / 2);
    let spans: Vec<(f32, f32)> = starts.iter().copied().zip(ends.iter().copied()).collect();
    let region = of_all_axes(node, vec![(0.0, 1.0); rank], &spans)?;
    match region.len() == rank {
        true => Ok(region),
        false => Err(node.error(format!("its region has {} bounds, expected {}", bounds.len(), 2 * rank))),
    }
}

fn in_region(index: usize, extent: usize, input: usize, (start, end): (f32, f32)) -> f32 {
    let last = (input - 1) as f32;
    if extent == 1 {
        return 0.5 * (start + end) * last;
    }
    start * last + index as f32 * (end - start) * last / (extent - 1) as f32
}

/// A row of weights for each element of the result along some axes.
struct Weights {
    axes: Vec<usize>,
    extents: Vec<usize>,
    rows: Vec<Vec<f32>>,
}

/// All axes as one. None where that is large, or a weight is not short.
fn joined(shape: &[usize], axes: &[&Axis]) -> Option<Weights> {
    let count = |axis: &&Axis| shape[axis.axis].saturating_mul(axis.rows.len());
    if axes.iter().map(count).fold(1, usize::saturating_mul) > MAX_WEIGHTS {
        return None;
    }
    let mut rows = vec![vec![1.0f32]];
    for axis in axes {
        let product = |outer: &Vec<f32>, inner: &Vec<f32>| {
            outer.iter().flat_map(|a| inner.iter().map(move |b| a * b)).collect::<Vec<f32>>()
        };
        rows = rows.iter().flat_map(|outer| axis.rows.iter().map(move |inner| product(outer, inner))).collect();
    }
    let is_short = rows.iter().flatten().all(|weight| (weight / SHORT).fract() == 0.0);
    is_short.then(|| Weights {
        axes: axes.iter().map(|axis| axis.axis).collect(),
        extents: axes.iter().map(|axis| axis.rows.len()).collect(),
        rows,
    })
}

/// The reference's sum over the neighbours along some axes: the first of each axis before the second, the last axis
/// fastest; weights are products, the last axis' first. A linear sum goes over all spatial axes, even those that stay.
fn summed<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
    kernel: Kernel,
    shape: &[usize],
    axes: &[&Axis],
) -> Result<Value<'c>, ImportError> {
    let first = axes.first().map_or(0, |axis| axis.axis);
    let (first, last) = match kernel {
        Kernel::Linear => (first.min(if shape.len() > 3 { 2 } else { 0 }), shape.len()),
        Kernel::Cubic { .. } => (first, first + 1),
    };
    let positions = |axis: usize| match axes.iter().find(|changed| changed.axis == axis) {
        Some(changed) => changed.positions.clone(),
        None => (0..shape[axis]).map(|index| index as f32).collect(),
    };
    let mut terms = vec![(x, ArrayD::from_elem(IxDyn(&[]), 1.0f32))];
    for axis in first..last {
        let around: Vec<_> = positions(axis).into_iter().map(|position| kernel.terms(position, shape[axis])).collect();
        let mut next = Vec::new();
        for (value, outer) in terms {
            for side in 0..around.first().map_or(0, Vec::len) {
                let places = around.iter().map(|terms| terms[side].0 as i64).collect();
                let weights = outer.iter().flat_map(|outer| around.iter().map(move |terms| terms[side].1 * outer));
                let extents = [outer.shape(), &[around.len()]].concat();
                node.positions(&extents)?;
                next.push((
                    cx.take(value, axis as i64, &Tensor::indices(places)),
                    array(node, &extents, weights.collect())?,
                ));
            }
        }
        terms = next;
    }
    let behind = vec![1; shape.len() - last];
    let mut sum = None;
    for (value, weights) in terms {
        let weights = array(node, &[weights.shape(), &behind].concat(), weights.into_iter().collect())?;
        let product = cx.mul(cx.constant(Element::F32, &Tensor::F32(weights)), value);
        sum = Some(sum.map_or(product, |sum| cx.add(sum, product)));
    }
    Ok(sum.unwrap_or(x))
}

/// `x` with some of its axes replaced by dot products.
fn weighted<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
    rank: usize,
    weights: &Weights,
) -> Result<Value<'c>, ImportError> {
    let kept = (0..rank).filter(|axis| !weights.axes.contains(axis));
    let order: Vec<i64> = kept.chain(weights.axes.iter().copied()).map(|axis| axis as i64).collect();
    let kept = vec![0; rank - weights.axes.len()];
    let (count, inner) = (weights.rows.len(), weights.rows.first().map_or(0, Vec::len));
    let transposed = (0..inner).flat_map(|from| weights.rows.iter().map(move |row| row[from])).collect();
    let matrix = Tensor::f32(&[inner, count], transposed).map_err(|problem| node.error(problem))?;
    let rows = cx.reshape(cx.transpose(x, &order), &[&kept[..], &[inner as i64]].concat());
    let sums = cx.matmul(rows, cx.exact_weights(&matrix));
    let extents: Vec<i64> = weights.extents.iter().map(|extent| *extent as i64).collect();
    let unfolded = cx.reshape(sums, &[kept, extents].concat());
    let mut back = vec![0; rank];
    order.iter().enumerate().for_each(|(place, axis)| back[*axis as usize] = place as i64);
    Ok(cx.transpose(unfolded, &back))
}

/// A constant value where a position lies outside the operand.
fn extrapolated<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
    rank: usize,
    axes: &[Axis],
) -> Result<Value<'c>, ImportError> {
    let value = cx.scalar_like(x, node.proto.float("extrapolation_value")?.unwrap_or(0.0).into());
    let mut result = x;
    for Axis { axis, outside, .. } in axes.iter().filter(|axis| axis.outside.contains(&true)) {
        let shape: Vec<usize> = std::iter::once(outside.len()).chain(std::iter::repeat_n(1, rank - 1 - axis)).collect();
        let mask = array(node, &shape, outside.iter().map(|outside| i64::from(*outside)).collect())?;
        let mask = cx.constant(Element::Bool, &Tensor::Int(IntType::BOOL, mask));
        result = qonnx::Where::build(&cx.builder, mask, value, result, [cx.like(x)]).result();
    }
    Ok(result)
}
