//! The meaning of hls operations, and how types of either dialect become the evaluator's.

use super::operand;
use crate::{
    eval::{
        convert::int_type,
        ops::{elementwise, elementwise::Binary, layout, matmul, quantize_linear::Granularity, reduce, rounding},
        tensor::{ElementType, EvalError, IntType, Tensor},
    },
    lowering::requantize,
};
use qonnx_dialect::{Element, Op, OpKind, RoundingMode, TensorType, Value, hls};

pub(super) fn evaluate_hls(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    let exact = |binary| elementwise::binary_int(binary, first()?, second()?, result_int(op)?);
    let one = match op.kind() {
        OpKind::HlsMatmul => {
            let product = matmul::matmul(first()?, second()?)?;
            match x.get(2) {
                Some(bias) => elementwise::binary_int(Binary::Add, &product, bias, result_int(op)?)?,
                None => retyped(op, product)?,
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
            retyped(op, reduce::argmax(first()?, params)?)?
        }
        OpKind::HlsTopK => return top_k(op, first()?),
        _ => return Err(EvalError::Value(format!("{} cannot be evaluated", op.name()))),
    };
    Ok(vec![one])
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
fn retyped(op: Op<'_>, tensor: Tensor) -> Result<Tensor, EvalError> {
    Tensor::int(result_int(op)?, tensor.shape(), tensor.to_i64_vec()?)
}

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

pub(super) fn granularity(op: Op<'_>) -> Granularity {
    Granularity { axis: op.i64_attribute("axis"), block_size: 0 }
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
