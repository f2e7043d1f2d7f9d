//! `qonnx-hoist-views`: view and transpose move up through elementwise operations.

use super::{functions::functions, layout::Layout};
use crate::eval::{
    convert::{constant_of, qonnx_constant},
    interpreter::{binary_of, unary_of},
};
use qonnx_dialect::{Builder, Op, OpKind, Reported, TensorType, Value, options::QonnxHoistViewsOptions};

/// Moves each change of layout up as far as it goes.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &QonnxHoistViewsOptions) -> Result<(), Reported> {
    for function in functions(module) {
        for op in function.body() {
            let mut mover = Some(op);
            while let Some(op) = mover {
                mover = hoist(op);
            }
        }
    }
    Ok(())
}

/// The layout that an operation changes to.
pub fn layout_of(op: Op<'_>) -> Option<Layout> {
    match op.kind() {
        OpKind::QonnxView => {
            let shape = |value: Value<'_>| value.tensor_type()?.static_shape();
            Some(Layout::View { from: shape(op.operand(0))?, to: shape(op.result(0))? })
        }
        OpKind::QonnxTranspose => Some(Layout::Transpose { permutation: op.i64s_attribute("permutation") }),
        _ => None,
    }
}

/// `layout(f(x, c))` to `f(layout(x), c')`; gives the new change of layout.
fn hoist(op: Op<'_>) -> Option<Op<'_>> {
    let layout = layout_of(op)?;
    let inner = op.operand(0).defining_op()?;
    let single_use = inner.result_count() == 1 && inner.result(0).uses().len() == 1;
    if !single_use || !is_elementwise(inner) {
        return None;
    }
    let moved = moved_operand(inner)?;
    let constants = followed_constants(inner, moved, &layout)?;
    let result = op.result(0).tensor_type()?;
    let x = inner.operand(moved);
    let x_type = TensorType { element: x.tensor_type()?.element, ..result.clone() };
    // The place of the inner operation: its operands are known there.
    let builder = Builder::before(inner);
    let layout_builder = builder.at(op.location());
    let new = layout_builder.create(op.name(), &[x], &attributes(op), &[x_type.to_type(op.context())]);
    for (index, constant) in constants {
        inner.set_operand(index, qonnx_constant(&builder, &constant));
    }
    inner.set_operand(moved, new.result(0));
    inner
        .result(0)
        .set_type(TensorType { element: inner.result(0).tensor_type()?.element, ..result }.to_type(op.context()));
    op.replace(&[inner.result(0)]);
    Some(new)
}

/// Operations that compute each element of the first operand on its own, given
/// constants that broadcast to it.
fn is_elementwise(op: Op<'_>) -> bool {
    let known = unary_of(op).is_some() || binary_of(op).is_some();
    known
        || matches!(
            op.kind(),
            OpKind::QonnxClip
                | OpKind::QonnxFma
                | OpKind::QonnxCast
                | OpKind::QonnxIdentity
                | OpKind::QonnxQuant
                | OpKind::QonnxBipolarQuant
        )
}

/// The one operand that is not constant, if it has the shape of the result.
fn moved_operand(op: Op<'_>) -> Option<usize> {
    let open: Vec<usize> = (0..op.operand_count()).filter(|index| constant_of(op.operand(*index)).is_none()).collect();
    let [index] = open[..] else { return None };
    let shape = |value: Value<'_>| value.tensor_type().and_then(|ty| ty.shape);
    (shape(op.operand(index)) == shape(op.result(0))).then_some(index)
}

fn followed_constants(op: Op<'_>, moved: usize, layout: &Layout) -> Option<Vec<(usize, crate::eval::Tensor)>> {
    let others = (0..op.operand_count()).filter(|index| *index != moved);
    others.map(|index| Some((index, layout.follow(&constant_of(op.operand(index))?)?))).collect()
}

fn attributes<'c>(op: Op<'c>) -> Vec<(&'static str, qonnx_dialect::Attribute<'c>)> {
    op.attribute("permutation").map(|permutation| ("permutation", permutation)).into_iter().collect()
}
