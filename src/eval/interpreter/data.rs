//! The meaning of movement and selection.

use super::{hls::result_shape, operand, quantizers};
use crate::eval::{
    ops::{layout, reduce, select},
    tensor::{EvalError, Tensor},
};
use qonnx_dialect::{Op, OpKind, qonnx};

/// The results of an operation that moves or selects elements.
pub(super) fn evaluate(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    let one = match op.kind() {
        OpKind::QonnxReshape => layout::reshape(first()?, &second()?.to_i64_vec()?, op.unit_attribute("allow_zero"))?,
        OpKind::QonnxView => layout::with_shape(first()?, &result_shape(op)?)?,
        OpKind::QonnxFlatten => layout::flatten(first()?, op.i64_attribute("axis"))?,
        OpKind::QonnxSqueeze => match x.get(1) {
            Some(axes) => layout::squeeze(first()?, Some(&axes.to_i64_vec()?))?,
            None => layout::squeeze(first()?, None)?,
        },
        OpKind::QonnxUnsqueeze => layout::unsqueeze(first()?, &second()?.to_i64_vec()?)?,
        OpKind::QonnxTranspose => layout::transpose(first()?, &op.i64s_attribute("permutation"))?,
        OpKind::QonnxShape => select::shape(first()?, op.i64_attribute("start"), op.optional_i64_attribute("end")),
        OpKind::QonnxGather => select::gather(first()?, second()?, op.i64_attribute("axis"))?,
        OpKind::QonnxConcat => select::concat(x, op.i64_attribute("axis"))?,
        OpKind::QonnxSlice => slice(op, x)?,
        OpKind::QonnxArgMax => reduce::argmax(
            first()?,
            reduce::ArgParams {
                axis: op.i64_attribute("axis"),
                keep_dims: op.unit_attribute("keep_dims"),
                select_last_index: op.unit_attribute("select_last_index"),
            },
        )?,
        OpKind::QonnxTopK => {
            let k = usize::try_from(second()?.only_value()? as i64).unwrap_or(0);
            let (values, indices) = reduce::topk(first()?, k, op.i64_attribute("axis"), op.unit_attribute("largest"))?;
            return Ok(vec![values, indices]);
        }
        _ => quantizers::evaluate(op, x)?,
    };
    Ok(vec![one])
}

fn slice(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let slice = qonnx::Slice::of(op).ok_or_else(|| EvalError::Value("is no slice".into()))?;
    let list = |index: usize| operand(x, index)?.to_i64_vec();
    let axes = if slice.axes().is_some() { Some(list(3)?) } else { None };
    let steps = if slice.steps().is_some() { Some(list(3 + usize::from(axes.is_some()))?) } else { None };
    select::slice(operand(x, 0)?, &list(1)?, &list(2)?, axes.as_deref(), steps.as_deref())
}
