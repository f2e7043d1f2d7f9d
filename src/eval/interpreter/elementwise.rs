//! The meaning of elementwise qonnx operations.

use crate::eval::ops::elementwise::{Binary, Unary};
use qonnx_dialect::{Op, OpKind};

/// The elementwise meaning of a qonnx operation with one operand.
pub fn unary_of(op: Op<'_>) -> Option<Unary> {
    Some(match op.kind() {
        OpKind::QonnxNeg => Unary::Neg,
        OpKind::QonnxAbs => Unary::Abs,
        OpKind::QonnxSqrt => Unary::Sqrt,
        OpKind::QonnxExp => Unary::Exp,
        OpKind::QonnxLog => Unary::Log,
        OpKind::QonnxErf => Unary::Erf,
        OpKind::QonnxReciprocal => Unary::Reciprocal,
        OpKind::QonnxSign => Unary::Sign,
        OpKind::QonnxRound => Unary::Round,
        OpKind::QonnxFloor => Unary::Floor,
        OpKind::QonnxCeil => Unary::Ceil,
        OpKind::QonnxRelu => Unary::Relu,
        OpKind::QonnxSigmoid => Unary::Sigmoid,
        OpKind::QonnxTanh => Unary::Tanh,
        OpKind::QonnxSin => Unary::Sin,
        OpKind::QonnxCos => Unary::Cos,
        OpKind::QonnxTan => Unary::Tan,
        OpKind::QonnxSinh => Unary::Sinh,
        OpKind::QonnxCosh => Unary::Cosh,
        OpKind::QonnxAsin => Unary::Asin,
        OpKind::QonnxAcos => Unary::Acos,
        OpKind::QonnxAtan => Unary::Atan,
        OpKind::QonnxAsinh => Unary::Asinh,
        OpKind::QonnxAcosh => Unary::Acosh,
        OpKind::QonnxAtanh => Unary::Atanh,
        OpKind::QonnxSoftplus => Unary::Softplus,
        OpKind::QonnxSoftsign => Unary::Softsign,
        OpKind::QonnxHardSwish => Unary::HardSwish,
        OpKind::QonnxLeakyRelu => Unary::LeakyRelu { alpha: op.f32_attribute("alpha") },
        OpKind::QonnxThresholdedRelu => Unary::ThresholdedRelu { alpha: op.f32_attribute("alpha") },
        OpKind::QonnxElu => Unary::Elu { alpha: op.f32_attribute("alpha") },
        OpKind::QonnxSelu => Unary::Selu { alpha: op.f32_attribute("alpha"), gamma: op.f32_attribute("gamma") },
        OpKind::QonnxHardSigmoid => {
            Unary::HardSigmoid { alpha: op.f32_attribute("alpha"), beta: op.f32_attribute("beta") }
        }
        _ => return None,
    })
}

/// The elementwise meaning of a qonnx operation with two operands.
pub fn binary_of(op: Op<'_>) -> Option<Binary> {
    Some(match op.kind() {
        OpKind::QonnxAdd => Binary::Add,
        OpKind::QonnxSub => Binary::Sub,
        OpKind::QonnxMul => Binary::Mul,
        OpKind::QonnxDiv => Binary::Div,
        OpKind::QonnxMod => Binary::Mod,
        OpKind::QonnxFmod => Binary::Fmod,
        OpKind::QonnxAnd => Binary::And,
        OpKind::QonnxOr => Binary::Or,
        OpKind::QonnxXor => Binary::Xor,
        OpKind::QonnxPow => Binary::Pow,
        OpKind::QonnxMin => Binary::Min,
        OpKind::QonnxMax => Binary::Max,
        OpKind::QonnxPrelu => Binary::Prelu,
        OpKind::QonnxEqual => Binary::Equal,
        OpKind::QonnxLess => Binary::Less,
        OpKind::QonnxGreater => Binary::Greater,
        _ => return None,
    })
}
