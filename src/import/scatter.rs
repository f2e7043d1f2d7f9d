//! Scatter, ScatterElements and ScatterND by constant indices.
//!
//! Result and updates are one list; a gather picks each element from it. Updates of one element that are combined
//! are taken in rounds, each of which updates an element once.

use super::{
    ImportError,
    computed_indices::Computed,
    indexing::{Parts, integers, nd_parts, places_along},
    node::{Context, Node},
};
use crate::{eval::Tensor, onnx::quoted};
use qonnx_dialect::Value;
use std::collections::HashMap;

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let is_nd = match node.op_type() {
        "Scatter" | "ScatterElements" => false,
        "ScatterND" => true,
        _ => return Ok(None),
    };
    let combine = match node.proto.string("reduction")?.unwrap_or("none") {
        "none" => None,
        "add" => Some("qonnx.add"),
        "mul" => Some("qonnx.mul"),
        "min" => Some("qonnx.min"),
        "max" => Some("qonnx.max"),
        other => {
            let words = "none, add, mul, min or max";
            return Err(node.error(format!("reduction is {}, expected {words}", quoted(other))));
        }
    };
    // Updates that are combined need an order, which only known indices have.
    if combine.is_none()
        && let Some(computed) = Computed::of(cx, node)?
    {
        return by_computed(cx, node, &computed, is_nd).map(|value| Some(vec![value]));
    }
    let targets = if is_nd { nd_targets(cx, node)? } else { element_targets(cx, node)? };
    scatter(cx, node, &targets, combine).map(|value| Some(vec![value]))
}

fn by_computed<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    computed: &Computed<'c>,
    is_nd: bool,
) -> Result<Value<'c>, ImportError> {
    let places = if is_nd {
        let (starts, depth) = computed.parts(cx, node, 0)?;
        computed.spread(cx, node, starts, depth)?
    } else {
        computed.elements(cx, node, scatter_axis(node)?)?
    };
    Ok(computed.scatter(cx, places, node.operand(2)?))
}

fn scatter_axis(node: &Node<'_, '_>) -> Result<usize, ImportError> {
    node.axis(node.proto.int("axis")?.unwrap_or(0), node.rank(node.operand(0)?)?)
}

/// For each update, in row-major order, the place that it goes to.
fn element_targets<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<i64>, ImportError> {
    let shape = node.extents(node.operand(0)?)?;
    let axis = scatter_axis(node)?;
    let indices = integers(node, &*cx.fixed(node, 1, "indices")?)?;
    Ok(places_along(node, &shape, axis, &indices)?.into_iter().collect())
}

/// As [`element_targets`].
fn nd_targets<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<i64>, ImportError> {
    let shape = node.extents(node.operand(0)?)?;
    let indices = integers(node, &*cx.fixed(node, 1, "indices")?)?;
    let Parts { starts, size, .. } = nd_parts(node, &shape, &indices, 0)?;
    node.positions(&[starts.len(), size as usize])?;
    Ok(starts.into_iter().flat_map(|start| start..start + size).collect())
}

fn scatter<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    targets: &[i64],
    combine: Option<&str>,
) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let count = node.positions(&node.extents(x)?)? as i64;
    let updates = cx.reshape(node.operand(2)?, &[-1]);
    let mut flat = cx.reshape(x, &[-1]);
    for round in rounds(targets, combine.is_some()) {
        let (to, from): (Vec<i64>, Vec<i64>) = round.into_iter().unzip();
        let mut sources: Vec<i64> = (0..count).collect();
        for (index, target) in to.iter().enumerate() {
            if let Some(source) = sources.get_mut(*target as usize) {
                *source = count + index as i64;
            }
        }
        let taken = cx.take(updates, 0, &Tensor::indices(from));
        let new = match combine {
            Some(name) => cx.apply(name, &[cx.take(flat, 0, &Tensor::indices(to)), taken]),
            None => taken,
        };
        flat = cx.take(cx.concat(&[flat, new], 0), 0, &Tensor::indices(sources));
    }
    Ok(cx.reshape_to(flat, cx.shape(x)))
}

/// Updates (target, source) such that no round has a target twice; where they are not combined, the last one counts.
fn rounds(targets: &[i64], combined: bool) -> Vec<Vec<(i64, i64)>> {
    let mut seen: HashMap<i64, usize> = HashMap::new();
    let mut rounds: Vec<Vec<(i64, i64)>> = Vec::new();
    for (source, target) in targets.iter().enumerate() {
        let earlier = seen.entry(*target).or_default();
        let round = if combined { *earlier } else { 0 };
        *earlier += 1;
        if rounds.len() <= round {
            rounds.push(Vec::new());
        }
        rounds[round].push((*target, source as i64));
    }
    rounds
}
