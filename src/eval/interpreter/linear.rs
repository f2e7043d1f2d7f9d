//! The meaning of dot products, normalization and the qonnx operations that no other family has.

use super::{data, operand, optional_operand, types::result_element, windows};
use crate::eval::{
    ops::{batch_norm, elementwise, matmul, softmax},
    tensor::{EvalError, Tensor},
};
use qonnx_dialect::{Op, OpKind, qonnx};

/// The results of a qonnx operation that is not elementwise.
pub(super) fn evaluate(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    let optional = |present, index| optional_operand(x, present, index);
    let one = match op.kind() {
        OpKind::QonnxIdentity => first()?.clone(),
        OpKind::QonnxFma => elementwise::fma(first()?, second()?, operand(x, 2)?)?,
        OpKind::QonnxClip => {
            let clip = qonnx::Clip::of(op);
            let has_low = clip.is_some_and(|clip| clip.low().is_some());
            let has_high = clip.is_some_and(|clip| clip.high().is_some());
            elementwise::clip(first()?, optional(has_low, 1)?, optional(has_high, 1 + usize::from(has_low))?)?
        }
        OpKind::QonnxCast => elementwise::cast(first()?, result_element(op, 0)?),
        OpKind::QonnxMatmul => matmul::matmul(first()?, second()?)?,
        OpKind::QonnxGemm => {
            let params = matmul::GemmParams {
                alpha: op.f32_attribute("alpha"),
                beta: op.f32_attribute("beta"),
                transpose_a: op.unit_attribute("trans_a"),
                transpose_b: op.unit_attribute("trans_b"),
            };
            matmul::gemm(first()?, second()?, optional(x.len() > 2, 2)?, params)?
        }
        OpKind::QonnxBatchNormalization => {
            let epsilon = op.f32_attribute("epsilon");
            batch_norm::batch_norm(first()?, second()?, operand(x, 2)?, operand(x, 3)?, operand(x, 4)?, epsilon)?
        }
        OpKind::QonnxLayerNormalization => {
            let (axis, epsilon) = (op.i64_attribute("axis"), op.f32_attribute("epsilon"));
            batch_norm::layer_norm(first()?, second()?, optional(x.len() > 2, 2)?, axis, epsilon)?
        }
        OpKind::QonnxConv | OpKind::QonnxConvTranspose => windows::conv(op, x)?,
        OpKind::QonnxMaxPool | OpKind::QonnxAveragePool => windows::pool(op, first()?)?,
        OpKind::QonnxReduce => windows::reduction(op, x)?,
        OpKind::QonnxSoftmax => softmax::softmax(first()?, op.i64_attribute("axis"))?,
        OpKind::QonnxLogSoftmax => softmax::log_softmax(first()?, op.i64_attribute("axis"))?,
        _ => return data::evaluate(op, x),
    };
    Ok(vec![one])
}
