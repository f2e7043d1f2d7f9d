//! Operations on integer codes, as the same operations on the floats that these are.
//!
//! Between the operators of a quantized file stand views, pools and selections of codes. A
//! code of up to 24 bits is a float32, and what only moves or selects gives codes again:
//! `op(q)` is `quantize(op(unscale(q)))` on the limits of the codes' type.

use super::parts::{Parts, range_of};
use crate::eval::{
    Tensor,
    convert::{constant_of, qonnx_constant},
};
use qonnx_dialect::{Builder, Element, Op, OpKind, Reduction, RoundingMode, TensorType, Value, qonnx};

/// Codes up to this magnitude are float32's.
const EXACT: i64 = 1 << 24;
/// Sums of codes take up to so many bits; wider integers are indices.
const SUM: i64 = 1 << 32;

/// Puts floats in place of an operation on integers, where that is one that moves or selects,
/// or converts.
pub fn through_floats(op: Op<'_>) -> Result<(), String> {
    let Some(data) = data_operands(op) else { return Ok(()) };
    // A conversion to float rounds as `unscale` does.
    let to_float = op.result_count() == 1 && element_of(op.result(0)) == Some(Element::F32);
    let limit = if to_float { SUM } else { EXACT };
    if op.result_count() != 1 || data.iter().any(|index| !holds_codes(op.operand(*index), limit)) {
        return Ok(());
    }
    if data.iter().all(|index| constant_of(op.operand(*index)).is_some()) {
        return Ok(());
    }
    let result = op.result(0).tensor_type().ok_or("the result is no tensor")?;
    let builder = Builder::before(op);
    let mut operands = op.operands();
    for index in data {
        operands[index] = as_float(&builder, operands[index])?;
    }
    let moved = match op.kind() {
        OpKind::QonnxCast => operands[0],
        _ => {
            let ty = TensorType { element: Element::F32, ..result.clone() }.to_type(op.context());
            builder.copy(op, &operands, &[ty]).result(0)
        }
    };
    if to_float {
        op.replace(&[moved]);
        return Ok(());
    }
    let (low, high) = range_of(op.result(0))?;
    let parts = Parts { builder, shape: result.static_shape().ok_or("the result's shape is not known")? };
    let q = parts.quantize(moved, RoundingMode::HalfEven, low as f32, high as f32, None)?;
    op.replace(&[q]);
    Ok(())
}

/// The operands that are moved or compared; None for operations that compute.
fn data_operands(op: Op<'_>) -> Option<Vec<usize>> {
    match op.kind() {
        OpKind::QonnxView
        | OpKind::QonnxTranspose
        | OpKind::QonnxGather
        | OpKind::QonnxMaxPool
        | OpKind::QonnxRelu
        | OpKind::QonnxIdentity => Some(vec![0]),
        OpKind::QonnxConcat | OpKind::QonnxMax | OpKind::QonnxMin => Some((0..op.operand_count()).collect()),
        OpKind::QonnxReduce => {
            let reduction = qonnx::Reduce::of(op)?.reduction();
            matches!(reduction, Reduction::Max | Reduction::Min).then(|| vec![0])
        }
        OpKind::QonnxPad => {
            let value = qonnx::Pad::of(op)?.value();
            let place = op.operands().into_iter().skip(2).position(|operand| Some(operand) == value);
            Some([Some(0), place.map(|place| place + 2)].into_iter().flatten().collect())
        }
        // To a wider type; others wrap around.
        OpKind::QonnxCast => {
            let (from, to) = (element_of(op.operand(0))?, element_of(op.result(0))?);
            let wider = || Some(from.range()?.0 >= to.range()?.0 && from.range()?.1 <= to.range()?.1);
            (to == Element::F32 || wider() == Some(true)).then(|| vec![0])
        }
        _ => None,
    }
}

fn element_of(value: Value<'_>) -> Option<Element> {
    Some(value.tensor_type()?.element)
}

/// Whether a value has integers up to this magnitude.
fn holds_codes(value: Value<'_>, limit: i64) -> bool {
    let element = element_of(value).filter(|element| !element.is_float() && *element != Element::Bool);
    element.and_then(Element::range).is_some_and(|(low, high)| low >= -limit && high <= limit)
}

fn as_float<'c>(builder: &Builder<'c>, value: Value<'c>) -> Result<Value<'c>, String> {
    if let Some(constant) = constant_of(value) {
        return Ok(qonnx_constant(builder, &Tensor::F32(constant.to_f32())));
    }
    let ty = value.tensor_type().ok_or("an operand is no tensor")?;
    let ty = TensorType { element: Element::F32, ..ty }.to_type(builder.context());
    Ok(qonnx::Unscale::build(builder, value, &[], [ty]).result())
}
