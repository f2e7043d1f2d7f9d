//! Kinds of operations that several passes and checks ask for.

use crate::eval::interpreter::is_channels_last;
use qonnx_dialect::{Op, OpKind, Reduction, Reported, Value, qonnx};

/// Whether an operation is a dot product of the file.
pub fn is_dot_product(op: Op<'_>) -> bool {
    use OpKind::*;
    matches!(op.kind(), QonnxMatmul | QonnxGemm | QonnxConv | QonnxConvTranspose)
}

/// Whether an operation adds elements of its operands to each other.
pub fn adds(op: Op<'_>) -> bool {
    let sums = |reduce: qonnx::Reduce<'_>| matches!(reduce.reduction(), Reduction::Sum | Reduction::Mean);
    match op.kind() {
        OpKind::QonnxMatmul | OpKind::QonnxConv | OpKind::QonnxConvTranspose | OpKind::QonnxAveragePool => true,
        OpKind::QonnxReduce => qonnx::Reduce::of(op).is_some_and(sums),
        _ => false,
    }
}

/// Whether a value is a constant of the hardware.
pub fn is_hls_constant(value: Value<'_>) -> bool {
    value.defining_op().is_some_and(|op| op.kind() == OpKind::HlsConstant)
}

/// What an operation lacks whose channels are last, where only channels on axis 1 are known.
pub const CHANNELS_LAST: &str = "has its channels last; run qonnx-lower-channels-last first";

/// Refuses an operation with its channels last.
///
/// # Errors
/// At the operation.
pub fn refuse_channels_last(op: Op<'_>) -> Result<(), Reported> {
    if is_channels_last(op) { Err(op.error(CHANNELS_LAST)) } else { Ok(()) }
}
