//! The meaning of hls operations.

use super::{
    operand,
    types::{result_int, result_shape, tensor_type},
};
use crate::{
    eval::{
        convert::int_type,
        ops::{
            conv::{self, ConvParams},
            elementwise,
            elementwise::Binary,
            layout, matmul, pad, reduce,
            reduce_window::{WindowParams, WindowReduction, reduce_window},
            select,
        },
        tensor::{EvalError, IntType, Tensor},
    },
    lowering::requantize,
};
use qonnx_dialect::{Op, OpKind, hls};

pub(super) fn evaluate_hls(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    let exact = |binary| elementwise::binary_int(binary, first()?, second()?, result_int(op)?);
    let one = match op.kind() {
        OpKind::HlsMatmul => {
            let product = matmul::matmul(first()?, second()?)?;
            match x.get(2) {
                Some(bias) => elementwise::binary_int(Binary::Add, &product, bias, result_int(op)?)?,
                None => retyped(op, &product)?,
            }
        }
        OpKind::HlsAdd => exact(Binary::Add)?,
        OpKind::HlsSub => exact(Binary::Sub)?,
        OpKind::HlsMul => exact(Binary::Mul)?,
        OpKind::HlsMax => exact(Binary::Max)?,
        OpKind::HlsRequantize => requantize::apply(op, first()?)?,
        OpKind::HlsView => layout::with_shape(first()?, &result_shape(op)?)?,
        OpKind::HlsTranspose => layout::transpose(first()?, &op.i64s_attribute("permutation"))?,
        OpKind::HlsArgMax => {
            let last = op.unit_attribute("select_last_index");
            let params = reduce::ArgParams { axis: op.i64_attribute("axis"), keep_dims: true, select_last_index: last };
            retyped(op, &reduce::argmax(first()?, params)?)?
        }
        OpKind::HlsConv => convolution(op, x)?,
        OpKind::HlsReduceWindow => reduce_window_of(op, first()?)?,
        OpKind::HlsPad => padded(op, first()?)?,
        OpKind::HlsGather => {
            select::gather(first()?, &Tensor::indices(op.i64s_attribute("indices")), op.i64_attribute("axis"))?
        }
        OpKind::HlsConcat => {
            let parts = x.iter().map(|part| retyped(op, part)).collect::<Result<Vec<_>, _>>()?;
            select::concat(&parts.iter().collect::<Vec<_>>(), op.i64_attribute("axis"))?
        }
        OpKind::HlsTopK => return top_k(op, first()?),
        _ => return Err(EvalError::Value(format!("{} cannot be evaluated", op.name()))),
    };
    Ok(vec![one])
}

fn convolution(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let params = ConvParams {
        strides: extents_of(op, "strides")?,
        dilations: extents_of(op, "dilations")?,
        group: usize::try_from(op.i64_attribute("group")).unwrap_or(0),
        ..ConvParams::default()
    };
    retyped(op, &conv::conv(operand(x, 0)?, operand(x, 1)?, x.get(2).copied(), &params)?)
}

fn reduce_window_of(op: Op<'_>, x: &Tensor) -> Result<Tensor, EvalError> {
    let view = hls::ReduceWindow::of(op).ok_or_else(|| EvalError::Value("is no reduce_window".into()))?;
    let reduction = match view.reduction() {
        qonnx_dialect::WindowReduction::Sum => WindowReduction::Sum,
        qonnx_dialect::WindowReduction::Max => WindowReduction::Max,
    };
    let params = WindowParams {
        window: extents_of(op, "window")?,
        strides: extents_of(op, "strides")?,
        dilations: extents_of(op, "dilations")?,
    };
    retyped(op, &reduce_window(reduction, x, &params)?)
}

/// The value may need the result's type, so the operand takes it first.
fn padded(op: Op<'_>, x: &Tensor) -> Result<Tensor, EvalError> {
    let view = hls::Pad::of(op).ok_or_else(|| EvalError::Value("is no pad".into()))?;
    pad::pad_interior(&retyped(op, x)?, [&view.low(), &view.high(), &view.interior()], view.value())
}

/// A list attribute of numbers that are not negative.
fn extents_of(op: Op<'_>, name: &str) -> Result<Vec<usize>, EvalError> {
    let list = op.i64s_attribute(name);
    let extents = list.iter().map(|extent| usize::try_from(*extent)).collect::<Result<_, _>>();
    extents.map_err(|_| EvalError::Attribute(format!("{name} {list:?} has a negative number")))
}

fn top_k(op: Op<'_>, x: &Tensor) -> Result<Vec<Tensor>, EvalError> {
    let top_k = hls::TopK::of(op).ok_or_else(|| EvalError::Value("is no top_k".into()))?;
    let axis = layout::axis_index(top_k.axis(), x.rank())?;
    let k = result_shape(op)?.get(axis).copied().unwrap_or(0);
    let (values, indices) = reduce::topk(x, k, top_k.axis(), !top_k.smallest())?;
    let index_type = int_type(tensor_type(top_k.indices())?.element).unwrap_or(IntType::I64);
    let indices = Tensor::int(index_type, indices.shape(), indices.to_i64_vec()?)?;
    Ok(vec![values, indices])
}

/// The same values in the operation's result type: an error if one does not fit.
fn retyped(op: Op<'_>, tensor: &Tensor) -> Result<Tensor, EvalError> {
    Tensor::int(result_int(op)?, tensor.shape(), tensor.to_i64_vec()?)
}
