//! Dot products, normalization, softmax.

use super::form::{Form, inputs};
use qonnx_dialect::{Op, OpKind, qonnx};

/// The form of an operation of this family.
pub fn form(op: Op<'_>) -> Result<Option<Form<'_>>, String> {
    let form = match op.kind() {
        OpKind::QonnxMatmul => Form::of("MatMul", op),
        OpKind::QonnxGemm => gemm(op),
        OpKind::QonnxBatchNormalization => {
            Form::of("BatchNormalization", op).float("epsilon", op.f32_attribute("epsilon"))
        }
        OpKind::QonnxSoftmax => Form::of("Softmax", op).int("axis", op.i64_attribute("axis")),
        OpKind::QonnxLogSoftmax => Form::of("LogSoftmax", op).int("axis", op.i64_attribute("axis")),
        OpKind::QonnxLayerNormalization => {
            let (axis, epsilon) = (op.i64_attribute("axis"), op.f32_attribute("epsilon"));
            Form::of("LayerNormalization", op).int("axis", axis).float("epsilon", epsilon)
        }
        _ => return Ok(None),
    };
    Ok(Some(form))
}

fn gemm(op: Op<'_>) -> Form<'_> {
    let Some(gemm) = qonnx::Gemm::of(op) else { return Form::of("Gemm", op) };
    Form::new("Gemm", inputs([Some(gemm.a()), Some(gemm.b()), gemm.c()]))
        .float("alpha", gemm.alpha())
        .float("beta", gemm.beta())
        .flag("transA", gemm.trans_a())
        .flag("transB", gemm.trans_b())
}
