//! Dot products, normalization, softmax.

use super::form::{Form, inputs};
use crate::eval::interpreter::is_channels_last;
use qonnx_dialect::{Op, OpKind, qonnx};

/// The form of an operation of this family.
pub fn form(op: Op<'_>) -> Result<Option<Form<'_>>, String> {
    let form = match op.kind() {
        OpKind::QonnxMatmul => Form::of("MatMul", op),
        OpKind::QonnxGemm => gemm(op),
        OpKind::QonnxBatchNormalization => {
            let form = Form::of("BatchNormalization", op).float("epsilon", op.f32_attribute("epsilon"));
            // The wrapped operator of the domain wants all attributes; this is ONNX's default.
            if is_channels_last(op) { form.float("momentum", 0.9).with_channels_last() } else { form }
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
