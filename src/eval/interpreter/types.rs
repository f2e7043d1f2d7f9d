//! How types and attributes of either dialect become the evaluator's.

use crate::eval::{
    convert::int_type,
    ops::{elementwise::cast, rounding},
    tensor::{ElementType, EvalError, IntType, Tensor},
};
use qonnx_dialect::{Element, Op, RoundingMode, TensorType, Value};

pub(super) fn tensor_type(value: Value<'_>) -> Result<TensorType, EvalError> {
    value
        .tensor_type()
        .ok_or_else(|| EvalError::Value(format!("{} is no tensor type that can be evaluated", value.ty())))
}

pub(super) fn result_int(op: Op<'_>) -> Result<IntType, EvalError> {
    let ty = tensor_type(op.result(0))?;
    int_type(ty.element).ok_or_else(|| EvalError::Value(format!("the result is {ty}, expected integers")))
}

pub(super) fn result_shape(op: Op<'_>) -> Result<Vec<usize>, EvalError> {
    let ty = tensor_type(op.result(0))?;
    ty.static_shape().ok_or_else(|| EvalError::Shape(format!("the result's shape is not known: {ty}")))
}

pub(super) fn result_element(op: Op<'_>, index: usize) -> Result<ElementType, EvalError> {
    let element = tensor_type(op.result(index))?.element;
    Ok(match element {
        Element::F16 => ElementType::F16,
        Element::BF16 => ElementType::BF16,
        Element::F32 => ElementType::F32,
        Element::F64 => ElementType::F64,
        Element::Bool => ElementType::Int(IntType::BOOL),
        Element::Int { width, signed } => ElementType::Int(IntType { width, signed }),
    })
}

/// Each operation on float16 or bfloat16 computes in float32 and rounds its result, as the reference does.
pub(super) fn rounded(tensor: Tensor, result: Value<'_>) -> Tensor {
    match (&tensor, result.tensor_type().map(|ty| ty.element)) {
        (Tensor::F32(_), Some(Element::F16)) => cast(&tensor, ElementType::F16),
        (Tensor::F32(_), Some(Element::BF16)) => cast(&tensor, ElementType::BF16),
        _ => tensor,
    }
}

/// A rounding mode of the dialect in the evaluator.
pub fn rounding_of(mode: RoundingMode) -> rounding::RoundingMode {
    match mode {
        RoundingMode::HalfEven => rounding::RoundingMode::HalfEven,
        RoundingMode::Ceil => rounding::RoundingMode::Ceil,
        RoundingMode::Floor => rounding::RoundingMode::Floor,
        RoundingMode::Up => rounding::RoundingMode::Up,
        RoundingMode::Down => rounding::RoundingMode::Down,
        RoundingMode::HalfUp => rounding::RoundingMode::HalfUp,
        RoundingMode::HalfDown => rounding::RoundingMode::HalfDown,
    }
}
