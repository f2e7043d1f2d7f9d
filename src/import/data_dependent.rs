//! Operators whose result's shape follows from values: NonZero, Unique and NonMaxSuppression, of constants. Of anything
//! else they have no fixed shape, so that the node stays as it is and is reported by name.

use super::{
    ImportError,
    node::{Context, Node},
};
use crate::eval::Tensor;
use ndarray::{Axis, Dimension};
use qonnx_dialect::Value;
use std::cmp::Ordering;

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    match node.op_type() {
        "NonZero" => non_zero(cx, node),
        "Unique" => unique(cx, node),
        "NonMaxSuppression" => suppress(cx, node),
        _ => Ok(None),
    }
}

/// The indices of elements other than 0, an axis a row.
fn non_zero<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let Some(x) = cx.known(node.operand(0)?) else { return Ok(None) };
    let values = x.to_f64();
    let found: Vec<Vec<usize>> =
        values.indexed_iter().filter(|(_, value)| **value != 0.0).map(|(index, _)| index.slice().to_vec()).collect();
    let rows = (0..x.rank()).flat_map(|axis| found.iter().map(move |index| index[axis] as i64)).collect();
    Ok(Some(vec![cx.int64s(node, &[x.rank(), found.len()], rows)?]))
}

/// Distinct slices along an axis, or elements: in order of size or of appearance, with the place of each's first, where each slice's
/// equal is, and how many there are of each.
fn unique<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let x = node.operand(0)?;
    let Some(known) = cx.known(x) else { return Ok(None) };
    let values = known.to_f64();
    let axis = node.proto.int("axis")?.map(|axis| node.axis(axis, known.rank())).transpose()?;
    let slices: Vec<Vec<f64>> = match axis {
        Some(axis) => values.axis_iter(Axis(axis)).map(|slice| slice.iter().copied().collect()).collect(),
        None => values.iter().map(|value| vec![*value]).collect(),
    };
    let order = |a: &[f64], b: &[f64]| {
        a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    let mut sorted: Vec<usize> = (0..slices.len()).collect();
    sorted.sort_by(|a, b| order(&slices[*a], &slices[*b]));
    // Of equal ones the first comes first: the sort is stable.
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in sorted {
        match groups.last_mut() {
            Some(group) if order(&slices[group[0]], &slices[index]).is_eq() => group.push(index),
            _ => groups.push(vec![index]),
        }
    }
    if !node.flag("sorted", 1)? {
        groups.sort_by_key(|group| group[0]);
    }
    let first: Vec<i64> = groups.iter().map(|group| group[0] as i64).collect();
    let mut inverse = vec![0; slices.len()];
    for (place, group) in groups.iter().enumerate() {
        group.iter().for_each(|index| inverse[*index] = place as i64);
    }
    let taken = match axis {
        Some(axis) => cx.take(x, axis as i64, &Tensor::indices(first.clone())),
        None => cx.take(cx.reshape(x, &[-1]), 0, &Tensor::indices(first.clone())),
    };
    let counts = groups.iter().map(|group| group.len() as i64).collect();
    let results = [first, inverse, counts].map(|list| cx.int64s(node, &[list.len()], list));
    let [first, inverse, counts] = results;
    Ok(Some(vec![taken, first?, inverse?, counts?]))
}

/// A box's corners and area, however its corners or its center are given.
#[derive(Clone, Copy)]
struct Corners {
    low: [f32; 2],
    high: [f32; 2],
}

impl Corners {
    fn of(bounds: &[f32], centered: bool) -> Self {
        let [a, b, c, d] = [0, 1, 2, 3].map(|index| bounds.get(index).copied().unwrap_or(0.0));
        if centered {
            return Self { low: [a - c / 2.0, b - d / 2.0], high: [a + c / 2.0, b + d / 2.0] };
        }
        Self { low: [a.min(c), b.min(d)], high: [a.max(c), b.max(d)] }
    }

    fn area(&self) -> f32 {
        (self.high[0] - self.low[0]) * (self.high[1] - self.low[1])
    }

    /// Whether the part of both is more of their union than `threshold`.
    fn overlaps(&self, other: &Self, threshold: f32) -> bool {
        let side = |axis: usize| self.high[axis].min(other.high[axis]) - self.low[axis].max(other.low[axis]);
        if side(0) <= 0.0 || side(1) <= 0.0 || self.area() <= 0.0 || other.area() <= 0.0 {
            return false;
        }
        let both = side(0) * side(1);
        both / (self.area() + other.area() - both) > threshold
    }
}

/// For each sample and class, boxes from the best on that do not overlap a better one: (sample, class, box) each.
fn suppress<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let number = |index: usize| match node.optional(index) {
        Some(value) => cx.known(value).and_then(|value| value.to_f64_vec().first().copied()).map(Some),
        None => Some(None),
    };
    let (Some(boxes), Some(scores)) = (cx.known(node.operand(0)?), cx.known(node.operand(1)?)) else { return Ok(None) };
    let (Some(most), Some(overlap), Some(least)) = (number(2), number(3), number(4)) else { return Ok(None) };
    let &[samples, classes, count] = scores.shape() else {
        return Err(node.error(format!("its scores have the shape {:?}, expected 3 axes", scores.shape())));
    };
    if boxes.shape() != [samples, count, 4] {
        return Err(node.error(format!(
            "its boxes have the shape {:?}, expected {:?}",
            boxes.shape(),
            [samples, count, 4]
        )));
    }
    let centered = node.flag("center_point_box", 0)?;
    let (overlap, most) = (overlap.unwrap_or(0.0) as f32, most.unwrap_or(0.0).max(0.0) as usize);
    let corners: Vec<Corners> = boxes.to_f32_vec().chunks(4).map(|bounds| Corners::of(bounds, centered)).collect();
    let scores = scores.to_f32_vec();
    let mut rows = Vec::new();
    for (plane, scores) in scores.chunks(count.max(1)).enumerate() {
        let (sample, class) = (plane / classes, plane % classes);
        let mut best: Vec<usize> =
            (0..count).filter(|index| least.is_none_or(|least| scores[*index] > least as f32)).collect();
        best.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let mut kept: Vec<usize> = Vec::new();
        for index in best {
            let corner = |index: usize| &corners[sample * count + index];
            if kept.len() < most && !kept.iter().any(|better| corner(index).overlaps(corner(*better), overlap)) {
                kept.push(index);
            }
        }
        rows.extend(kept.iter().flat_map(|index| [sample, class, *index]).map(|number| number as i64));
    }
    Ok(Some(vec![cx.int64s(node, &[rows.len() / 3, 3], rows)?]))
}
