//! Resize and Upsample with mode nearest. Other modes stay as they are, to be reported by name.

use super::{
    ImportError,
    node::{Context, Node, element_of, rank_of},
};
use crate::eval::{Tensor, convert::qonnx_constant, ops::layout};
use qonnx_dialect::{CoordinateTransform, NearestMode, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "Upsample" => upsample(cx, node)?,
        "Resize" if node.version < 11 => enlarge(cx, node, node.operand(1)?)?,
        "Resize" => resize(cx, node)?,
        _ => return Ok(None),
    };
    Ok(value.map(|value| vec![value]))
}

/// Factors are two attributes in version 1, one in 7, an operand in 9.
fn upsample<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let factor = |name| node.proto.float(name)?.ok_or_else(|| node.error(format!("has no {name}")));
    let scales = match node.version {
        ..7 => vec![1.0, 1.0, factor("height_scale")?, factor("width_scale")?],
        7..9 => node.proto.floats("scales")?.ok_or_else(|| node.error("has no scales"))?.to_vec(),
        _ => return enlarge(cx, node, node.operand(1)?),
    };
    let scales = floats(cx, node, scales)?;
    enlarge(cx, node, scales)
}

fn floats<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, values: Vec<f32>) -> Result<Value<'c>, ImportError> {
    let tensor = Tensor::f32(&[values.len()], values).map_err(|problem| node.error(problem.to_string()))?;
    Ok(qonnx_constant(&cx.builder, &tensor))
}

/// Upsample, and Resize before version 11: position / factor, rounded down where an axis grows. Where it
/// shrinks the reference rounds up, so that axes of both kinds in one node have no form here.
fn enlarge<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, scales: Value<'c>) -> Result<Option<Value<'c>>, ImportError> {
    let Some(factors) = cx.known(scales) else { return Ok(None) };
    let factors = factors.to_f32_vec();
    let nearest = if factors.iter().all(|factor| *factor >= 1.0) {
        NearestMode::Floor
    } else if factors.iter().all(|factor| *factor <= 1.0) {
        NearestMode::Ceil
    } else {
        return Ok(None);
    };
    if node.proto.string("mode")?.unwrap_or("nearest") != "nearest" {
        return Ok(None);
    }
    let x = node.operand(0)?;
    let transform = CoordinateTransform::Asymmetric;
    Ok(Some(qonnx::Resize::build(&cx.builder, x, Some(scales), None, transform, nearest, [cx.like(x)]).result()))
}

fn resize<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let word = |name, default| Ok::<_, ImportError>(node.proto.string(name)?.unwrap_or(default));
    if word("mode", "nearest")? != "nearest" || word("keep_aspect_ratio_policy", "stretch")? != "stretch" {
        return Ok(None);
    }
    let transform = match word("coordinate_transformation_mode", "half_pixel")? {
        "half_pixel" => CoordinateTransform::HalfPixel,
        "half_pixel_symmetric" => CoordinateTransform::HalfPixelSymmetric,
        "pytorch_half_pixel" => CoordinateTransform::PytorchHalfPixel,
        "align_corners" => CoordinateTransform::AlignCorners,
        "asymmetric" => CoordinateTransform::Asymmetric,
        _ => return Ok(None),
    };
    let nearest = match word("nearest_mode", "round_prefer_floor")? {
        "round_prefer_floor" => NearestMode::RoundPreferFloor,
        "round_prefer_ceil" => NearestMode::RoundPreferCeil,
        "floor" => NearestMode::Floor,
        "ceil" => NearestMode::Ceil,
        other => {
            let words = "round_prefer_floor, round_prefer_ceil, floor or ceil";
            return Err(node.error(format!("nearest_mode is {}, expected {words}", crate::onnx::quoted(other))));
        }
    };
    let x = node.operand(0)?;
    let (scales, sizes) = match (present(node, 2), present(node, 3)) {
        (Some(scales), None) => (Some(of_all_axes(cx, node, scales)?), None),
        (None, Some(sizes)) => (None, Some(of_all_axes(cx, node, sizes)?)),
        (Some(_), Some(_)) => return Err(node.error("has both scales and sizes: leave one out")),
        (None, None) => return Err(node.error("has neither scales nor sizes")),
    };
    Ok(Some(qonnx::Resize::build(&cx.builder, x, scales, sizes, transform, nearest, [cx.like(x)]).result()))
}

/// An operand that is there and not empty: exporters write an empty tensor for an absent one.
fn present<'c>(node: &Node<'_, 'c>, index: usize) -> Option<Value<'c>> {
    let empty = |value: &Value<'c>| value.tensor_type().and_then(|ty| ty.shape).is_some_and(|s| s == [Some(0)]);
    node.optional(index).filter(|value| !empty(value))
}

/// Scales or sizes of all axes from those of `axes` alone (since version 18): other axes keep their extent.
fn of_all_axes<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, values: Value<'c>) -> Result<Value<'c>, ImportError> {
    let Some(axes) = node.proto.ints("axes")? else { return Ok(values) };
    let x = node.operand(0)?;
    let rank = rank_of(x).ok_or_else(|| node.error("the operand's rank is not known"))?;
    layout::axis_indices(axes, rank).map_err(|problem| node.error(problem.to_string()))?;
    let axes: Vec<i64> = axes.iter().map(|axis| if *axis < 0 { axis + rank as i64 } else { *axis }).collect();
    let kept = if element_of(values).is_float() {
        floats(cx, node, vec![1.0; rank])?
    } else {
        qonnx::Shape::build(&cx.builder, x, 0, None, [cx.like(values)]).result()
    };
    let pick = |axis: i64| {
        let (from, place) = axes.iter().position(|named| *named == axis).map_or((kept, axis), |i| (values, i as i64));
        qonnx::Gather::build(&cx.builder, from, cx.indices(&[place]), 0, [cx.like(values)]).result()
    };
    let all: Vec<Value<'c>> = (0..rank as i64).map(pick).collect();
    Ok(qonnx::Concat::build(&cx.builder, &all, 0, [cx.like(values)]).result())
}
