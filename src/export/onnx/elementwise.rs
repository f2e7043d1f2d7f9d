//! Operators that compute each element on its own.

use super::{
    form::{Form, inputs},
    tensors,
};
use qonnx_dialect::{Element, Op, OpKind, Value, qonnx};

/// The form of an operation of this family.
pub fn form(op: Op<'_>) -> Result<Option<Form<'_>>, String> {
    if let Some(name) = plain(op.kind()) {
        return Ok(Some(Form::of(name, op)));
    }
    let form = match op.kind() {
        OpKind::QonnxLeakyRelu => Form::of("LeakyRelu", op).float("alpha", op.f32_attribute("alpha")),
        OpKind::QonnxThresholdedRelu => Form::of("ThresholdedRelu", op).float("alpha", op.f32_attribute("alpha")),
        OpKind::QonnxElu => Form::of("Elu", op).float("alpha", op.f32_attribute("alpha")),
        OpKind::QonnxSelu => {
            let (alpha, gamma) = (op.f32_attribute("alpha"), op.f32_attribute("gamma"));
            Form::of("Selu", op).float("alpha", alpha).float("gamma", gamma)
        }
        OpKind::QonnxHardSigmoid => {
            let (alpha, beta) = (op.f32_attribute("alpha"), op.f32_attribute("beta"));
            Form::of("HardSigmoid", op).float("alpha", alpha).float("beta", beta)
        }
        OpKind::QonnxMod => Form::of("Mod", op).int("fmod", 0),
        OpKind::QonnxFmod => Form::of("Mod", op).int("fmod", 1),
        OpKind::QonnxAnd => Form::of(if is_bool(op) { "And" } else { "BitwiseAnd" }, op),
        OpKind::QonnxOr => Form::of(if is_bool(op) { "Or" } else { "BitwiseOr" }, op),
        OpKind::QonnxXor => Form::of(if is_bool(op) { "Xor" } else { "BitwiseXor" }, op),
        OpKind::QonnxClip => return clip(op),
        OpKind::QonnxCast => {
            let ty = op.result(0).tensor_type().ok_or("has a result of unknown type")?;
            Form::of("Cast", op).int("to", tensors::data_type(ty.element)?.into())
        }
        OpKind::QonnxFma => {
            return Err("is rounded once, which no operator of ONNX says: export from before qonnx-lower-gemm".into());
        }
        _ => return Ok(None),
    };
    Ok(Some(form))
}

/// Operators without attributes, with the operands of the dialect.
fn plain(kind: OpKind) -> Option<&'static str> {
    Some(match kind {
        OpKind::QonnxNeg => "Neg",
        OpKind::QonnxAbs => "Abs",
        OpKind::QonnxSqrt => "Sqrt",
        OpKind::QonnxExp => "Exp",
        OpKind::QonnxLog => "Log",
        OpKind::QonnxErf => "Erf",
        OpKind::QonnxReciprocal => "Reciprocal",
        OpKind::QonnxSign => "Sign",
        OpKind::QonnxRound => "Round",
        OpKind::QonnxFloor => "Floor",
        OpKind::QonnxCeil => "Ceil",
        OpKind::QonnxRelu => "Relu",
        OpKind::QonnxSigmoid => "Sigmoid",
        OpKind::QonnxTanh => "Tanh",
        OpKind::QonnxSin => "Sin",
        OpKind::QonnxCos => "Cos",
        OpKind::QonnxTan => "Tan",
        OpKind::QonnxSinh => "Sinh",
        OpKind::QonnxCosh => "Cosh",
        OpKind::QonnxAsin => "Asin",
        OpKind::QonnxAcos => "Acos",
        OpKind::QonnxAtan => "Atan",
        OpKind::QonnxAsinh => "Asinh",
        OpKind::QonnxAcosh => "Acosh",
        OpKind::QonnxAtanh => "Atanh",
        OpKind::QonnxSoftplus => "Softplus",
        OpKind::QonnxSoftsign => "Softsign",
        OpKind::QonnxHardSwish => "HardSwish",
        OpKind::QonnxIdentity => "Identity",
        OpKind::QonnxAdd => "Add",
        OpKind::QonnxSub => "Sub",
        OpKind::QonnxMul => "Mul",
        OpKind::QonnxDiv => "Div",
        OpKind::QonnxPow => "Pow",
        OpKind::QonnxMin => "Min",
        OpKind::QonnxMax => "Max",
        OpKind::QonnxPrelu => "PRelu",
        OpKind::QonnxEqual => "Equal",
        OpKind::QonnxLess => "Less",
        OpKind::QonnxGreater => "Greater",
        _ => return None,
    })
}

fn is_bool(op: Op<'_>) -> bool {
    op.operand(0).tensor_type().is_some_and(|ty| ty.element == Element::Bool)
}

/// The bounds of a Clip are scalars; Max and Min take others, but are two nodes.
fn clip(op: Op<'_>) -> Result<Option<Form<'_>>, String> {
    let Some(clip) = qonnx::Clip::of(op) else { return Ok(None) };
    for bound in [clip.low(), clip.high()].into_iter().flatten() {
        let shape = |bound: Value<'_>| bound.tensor_type().and_then(|ty| ty.static_shape());
        if shape(bound).is_some_and(|shape| !shape.is_empty()) {
            return Err(format!("has a bound that is a {}, expected a scalar", bound.ty()));
        }
    }
    Ok(Some(Form::new("Clip", inputs([Some(clip.x()), clip.low(), clip.high()]))))
}
