//! Kinds of operations that several passes and checks ask for.

use qonnx_dialect::{Op, OpKind, Reduction, qonnx};

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
