//! The meaning of operations with `channels_last`: that of the same on channels first, between transposes.

use super::channels_first;
use crate::eval::{
    ops::layout,
    tensor::{EvalError, Tensor},
};
use qonnx_dialect::{Op, OpKind};

/// The attribute of an operation whose tensors are (samples, spatial..., channels).
pub const CHANNELS_LAST: &str = "channels_last";

/// Whether an operation has its channels last.
pub fn is_channels_last(op: Op<'_>) -> bool {
    op.unit_attribute(CHANNELS_LAST)
}

/// How many operands of an operation that may have its channels last are in its layout: the weights of a
/// convolution are, parameters of one value a channel are not. None for operations that have no channels of their own.
pub fn laid_out_operands(kind: OpKind) -> Option<usize> {
    match kind {
        OpKind::QonnxConv | OpKind::QonnxConvTranspose => Some(2),
        OpKind::QonnxMaxPool
        | OpKind::QonnxAveragePool
        | OpKind::QonnxBatchNormalization
        | OpKind::QonnxDepthToSpace
        | OpKind::QonnxSpaceToDepth => Some(1),
        _ => None,
    }
}

/// The results of an operation with its channels last.
pub(super) fn evaluate(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let laid_out = laid_out_operands(op.kind()).unwrap_or(0).min(x.len());
    let (moved, rest) = x.split_at(laid_out);
    let first = |tensor: &&Tensor| layout::transpose(tensor, &layout::channels_first(tensor.rank()));
    let moved = moved.iter().map(first).collect::<Result<Vec<_>, _>>()?;
    let operands: Vec<&Tensor> = moved.iter().chain(rest.iter().copied()).collect();
    let results = channels_first(op, &operands)?;
    results.iter().map(|result| layout::transpose(result, &layout::channels_last(result.rank()))).collect()
}
