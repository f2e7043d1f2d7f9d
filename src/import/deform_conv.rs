//! DeformConv: a convolution over elements that are sampled between others.

use super::{
    ImportError,
    node::{Context, Node, element_of},
    sampling::{Field, Padding},
    windows::Window,
};
use crate::eval::Tensor;
use qonnx_dialect::{AutoPad, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if node.op_type() != "DeformConv" {
        return Ok(None);
    }
    deformable(cx, node).map(|value| Some(vec![value]))
}

/// A convolution whose windows' elements are moved by offsets: all that it sums is sampled, then a product.
fn deformable<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, w, offset) = (node.operand(0)?, node.operand(1)?, node.operand(2)?);
    let (shape, kernel, moved) = (node.extents(x)?, node.extents(w)?, node.extents(offset)?);
    let (&[samples, channels, rows, columns], &[out, depth, high, wide]) = (&shape[..], &kernel[..]) else {
        return Err(node.error("its operand or its weights have not two spatial axes"));
    };
    let groups = usize::try_from(node.proto.int("offset_group")?.unwrap_or(1)).unwrap_or(0);
    let &[_, _, result_rows, result_columns] = &moved[..] else {
        return Err(node.error(format!("its offsets have rank {}, expected 4", moved.len())));
    };
    if groups == 0 || channels % groups != 0 {
        return Err(node.error(format!("{groups} offset groups do not divide {channels} channels")));
    }
    let Window { strides, pads, dilations, .. } = Window::of(node, 2)?;
    let taps = high * wide;
    node.positions(&[samples, channels, taps, result_rows, result_columns])?;
    let sizes = |sizes: &[usize]| sizes.iter().map(|size| *size as i64).collect::<Vec<_>>();
    let grouped = cx.reshape(x, &sizes(&[samples, groups, channels / groups, rows, columns]));
    let field = cx.transpose(grouped, &[0, 1, 3, 4, 2]);
    let field = Field::new(cx, node, field, (&[samples, groups, 1], &[rows, columns], Padding::Zeros))?;
    let offsets = cx.reshape(offset, &sizes(&[samples, groups, taps, 2, result_rows, result_columns]));
    let position = |axis: usize| {
        let places = [taps, result_rows, result_columns];
        let fixed = |index: usize| {
            let (column, rest) = (index % result_columns, index / result_columns);
            let (row, tap) = (rest % result_rows, rest / result_rows);
            let (window, element) = if axis == 0 { (row, tap / wide) } else { (column, tap % wide) };
            let at = |list: &[i64]| list.get(axis).copied().unwrap_or(1);
            (window as i64 * at(&strides) - at(&pads) + element as i64 * at(&dilations)) as f32
        };
        let fixed = Tensor::f32(&places, (0..places.iter().product()).map(fixed).collect());
        let fixed = cx.constant(element_of(x), &fixed.map_err(|problem| node.error(problem))?);
        Ok::<_, ImportError>(cx.add(fixed, cx.take(offsets, 3, &Tensor::scalar_int(axis as i64))))
    };
    let sampled = field.linear(cx, &[position(0)?, position(1)?], true);
    let masked = match node.optional(4) {
        Some(mask) => {
            let mask = cx.reshape(mask, &sizes(&[samples, groups, taps, result_rows, result_columns]));
            cx.mul(sampled, cx.over_channels(mask))
        }
        None => sampled,
    };
    let patches = cx.transpose(masked, &[0, 1, 5, 2, 3, 4]);
    let patches = cx.reshape(patches, &sizes(&[samples, channels * taps, result_rows, result_columns]));
    let weights = cx.reshape(w, &sizes(&[out, depth * taps, 1, 1]));
    let (bias, group, ty) = (node.optional(3), node.proto.int("group")?.unwrap_or(1), cx.like(x));
    let (ones, none) = ([1, 1], [0, 0, 0, 0]);
    let conv = qonnx::Conv::build(
        &cx.builder,
        patches,
        weights,
        bias,
        &ones,
        &none,
        &ones,
        group,
        AutoPad::Notset,
        false,
        [ty],
    );
    Ok(conv.result())
}
