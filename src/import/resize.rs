//! Resize and Upsample with mode nearest, and what other modes need to know of the result's extents.

use super::{
    ImportError,
    node::{Context, Node, element_of},
};
use crate::eval::{
    Tensor,
    convert::qonnx_constant,
    ops::{layout, resize},
};
use qonnx_dialect::{CoordinateTransform, NearestMode, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "Upsample" | "Resize" if node.proto.string("mode")?.unwrap_or("nearest") != "nearest" => None,
        "Upsample" => enlarge(cx, node)?,
        "Resize" if node.version < 11 => enlarge(cx, node)?,
        "Resize" => to_nearest(cx, node)?,
        _ => return Ok(None),
    };
    Ok(value.map(|value| vec![value]))
}

/// What a node says of the result's extents, of the axes that it lists (since version 18) or all.
pub enum Wanted<'c> {
    /// Factors.
    Scales(Value<'c>),
    /// The extents themselves.
    Sizes(Value<'c>),
}

/// Factors of Upsample are two attributes in version 1, one in 7, an operand in 9.
pub fn wanted<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Wanted<'c>, ImportError> {
    let factor = |name| node.proto.float(name)?.ok_or_else(|| node.error(format!("has no {name}")));
    let scales = match (node.op_type(), node.version) {
        ("Upsample", ..7) => vec![1.0, 1.0, factor("height_scale")?, factor("width_scale")?],
        ("Upsample", 7..9) => node.proto.floats("scales")?.ok_or_else(|| node.error("has no scales"))?.to_vec(),
        ("Upsample", _) | (_, ..11) => return Ok(Wanted::Scales(node.operand(1)?)),
        _ => {
            return match (present(node, 2), present(node, 3)) {
                (Some(scales), None) => Ok(Wanted::Scales(scales)),
                (None, Some(sizes)) => Ok(Wanted::Sizes(sizes)),
                (Some(_), Some(_)) => Err(node.error("has both scales and sizes: leave one out")),
                (None, None) => Err(node.error("has neither scales nor sizes")),
            };
        }
    };
    floats(cx, node, scales).map(Wanted::Scales)
}

fn floats<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, values: Vec<f32>) -> Result<Value<'c>, ImportError> {
    let tensor = Tensor::f32(&[values.len()], values).map_err(|problem| node.error(problem))?;
    Ok(qonnx_constant(&cx.builder, &tensor))
}

/// Upsample, and Resize before version 11: position / factor, rounded down where an axis grows. Where it
/// shrinks the reference rounds up, so that axes of both kinds in one node have no form here.
fn enlarge<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let Wanted::Scales(scales) = wanted(cx, node)? else { return Ok(None) };
    let Some(factors) = cx.known(scales) else { return Ok(None) };
    let factors = factors.to_f32_vec();
    let nearest = if factors.iter().all(|factor| *factor >= 1.0) {
        NearestMode::Floor
    } else if factors.iter().all(|factor| *factor <= 1.0) {
        NearestMode::Ceil
    } else {
        return Ok(None);
    };
    let x = node.operand(0)?;
    let transform = CoordinateTransform::Asymmetric;
    Ok(Some(qonnx::Resize::build(&cx.builder, x, Some(scales), None, transform, nearest, [cx.like(x)]).result()))
}

fn to_nearest<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let word = |name, default| Ok::<_, ImportError>(node.proto.string(name)?.unwrap_or(default));
    if word("keep_aspect_ratio_policy", "stretch")? != "stretch" {
        return Ok(None);
    }
    let Some(transform) = transform_of(node)? else { return Ok(None) };
    let transform = match transform {
        resize::CoordinateTransform::HalfPixel => CoordinateTransform::HalfPixel,
        resize::CoordinateTransform::HalfPixelSymmetric => CoordinateTransform::HalfPixelSymmetric,
        resize::CoordinateTransform::PytorchHalfPixel => CoordinateTransform::PytorchHalfPixel,
        resize::CoordinateTransform::AlignCorners => CoordinateTransform::AlignCorners,
        resize::CoordinateTransform::Asymmetric => CoordinateTransform::Asymmetric,
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
    let (scales, sizes) = match wanted(cx, node)? {
        Wanted::Scales(scales) => (Some(of_all_axes(cx, node, scales)?), None),
        Wanted::Sizes(sizes) => (None, Some(of_all_axes(cx, node, sizes)?)),
    };
    Ok(Some(qonnx::Resize::build(&cx.builder, x, scales, sizes, transform, nearest, [cx.like(x)]).result()))
}

/// How positions of the result map to the operand's. None for a word that is not known here.
pub fn transform_of(node: &Node<'_, '_>) -> Result<Option<resize::CoordinateTransform>, ImportError> {
    Ok(node.proto.string("coordinate_transformation_mode")?.unwrap_or("half_pixel").parse().ok())
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
    let rank = node.rank(x)?;
    layout::axis_indices(axes, rank).map_err(|problem| node.error(problem))?;
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
