//! Shapes of dot products and thresholds.

use super::{Dims, broadcast_dims, message};
use crate::eval::ops::layout;
use qonnx_dialect::Op;

/// numpy's matmul; inner dimensions were checked by the verifier.
pub(super) fn matmul(a: Option<Dims>, b: Option<Dims>) -> Result<Option<Dims>, String> {
    let (Some(mut a), Some(mut b)) = (a, b) else { return Ok(None) };
    let (row, column) = (a.len() == 1, b.len() == 1);
    if row {
        a.insert(0, Some(1));
    }
    if column {
        b.push(Some(1));
    }
    let ([batch_a @ .., m, k], [batch_b @ .., l, n]) = (a.as_slice(), b.as_slice()) else {
        return Err("multiplies matrices, but an operand is a scalar".into());
    };
    if let (Some(k), Some(l)) = (k, l)
        && k != l
    {
        return Err(format!("contracts {k} columns of the left with {l} rows of the right operand"));
    }
    let mut result = broadcast_dims(&batch_a.to_vec(), &batch_b.to_vec())?;
    result.extend((!row).then_some(*m));
    result.extend((!column).then_some(*n));
    Ok(Some(result))
}

pub(super) fn gemm(op: Op<'_>, a: Option<Dims>, b: Option<Dims>) -> Result<Option<Dims>, String> {
    let (Some(mut a), Some(mut b)) = (a, b) else { return Ok(None) };
    if a.len() != 2 || b.len() != 2 {
        return Err(format!("multiplies matrices, but the operands have ranks {} and {}", a.len(), b.len()));
    }
    if op.unit_attribute("trans_a") {
        a.reverse();
    }
    if op.unit_attribute("trans_b") {
        b.reverse();
    }
    let product = matmul(Some(a), Some(b))?;
    if let (Some(addend), Some(product)) = (op.operands().get(2), &product) {
        let addend = addend.tensor_type().and_then(|ty| ty.shape).unwrap_or_default();
        if broadcast_dims(product, &addend)?.len() != 2 {
            return Err("the addend does not broadcast to the product".into());
        }
    }
    Ok(product)
}

pub(super) fn multi_threshold(op: Op<'_>, x: Option<Dims>, thresholds: Option<Dims>) -> Result<Option<Dims>, String> {
    let (Some(x), Some(thresholds)) = (x, thresholds) else { return Ok(None) };
    let axis = layout::axis_index(op.i64_attribute("channel_axis"), x.len()).map_err(message)?;
    match (thresholds.first().copied().flatten(), x[axis]) {
        (Some(rows), Some(channels)) if rows != 1 && rows != channels => {
            Err(format!("has thresholds for {rows} channels, the operand has {channels}"))
        }
        _ => Ok(Some(x)),
    }
}
