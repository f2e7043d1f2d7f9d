//! The meaning of movement and selection.

use super::{
    operand, optional_operand, quantizers,
    types::{result_int, result_shape},
};
use crate::eval::{
    convert::tensor_of,
    ops::{layout, pad, reduce, resize, scatter, select},
    tensor::{EvalError, Tensor},
};
use qonnx_dialect::{CoordinateTransform, NearestMode, Op, OpKind, PadMode, qonnx};

/// The results of an operation that moves or selects elements.
pub(super) fn evaluate(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let first = || operand(x, 0);
    let second = || operand(x, 1);
    let one = match op.kind() {
        OpKind::QonnxReshape => layout::reshape(first()?, &second()?.to_i64_vec()?, op.unit_attribute("allow_zero"))?,
        OpKind::QonnxView => layout::with_shape(first()?, &result_shape(op)?)?,
        OpKind::QonnxFlatten => layout::flatten(first()?, op.i64_attribute("axis"))?,
        OpKind::QonnxSqueeze => match x.get(1) {
            Some(axes) => layout::squeeze(first()?, Some(&axes.to_i64_vec()?))?,
            None => layout::squeeze(first()?, None)?,
        },
        OpKind::QonnxUnsqueeze => layout::unsqueeze(first()?, &second()?.to_i64_vec()?)?,
        OpKind::QonnxTranspose => layout::transpose(first()?, &op.i64s_attribute("permutation"))?,
        OpKind::QonnxShape => select::shape(first()?, op.i64_attribute("start"), op.optional_i64_attribute("end")),
        OpKind::QonnxGather => select::gather(first()?, second()?, op.i64_attribute("axis"))?,
        OpKind::QonnxScatter => scatter::scatter(first()?, second()?, operand(x, 2)?)?,
        OpKind::QonnxConcat => select::concat(x, op.i64_attribute("axis"))?,
        OpKind::QonnxSlice => slice(op, x)?,
        OpKind::QonnxSplit => return split(op, x),
        OpKind::QonnxPad => pad(op, x)?,
        OpKind::QonnxResize => resize(op, x)?,
        OpKind::QonnxDepthToSpace => {
            layout::depth_to_space(first()?, block(op), op.unit_attribute("column_row_depth"))?
        }
        OpKind::QonnxSpaceToDepth => layout::space_to_depth(first()?, block(op))?,
        OpKind::QonnxExpand => layout::expand(first()?, &second()?.to_i64_vec()?)?,
        OpKind::QonnxTile => layout::tile(first()?, &second()?.to_i64_vec()?)?,
        OpKind::QonnxConstantOfShape => {
            let fill = qonnx::ConstantOfShape::of(op).ok_or_else(|| EvalError::Value("is no fill".into()))?;
            select::constant_of_shape(&first()?.to_i64_vec()?, &tensor_of(fill.value())?)?
        }
        OpKind::QonnxRange => range(op, x)?,
        OpKind::QonnxWhere => select::select(first()?, second()?, operand(x, 2)?)?,
        OpKind::QonnxArgMax => reduce::argmax(
            first()?,
            reduce::ArgParams {
                axis: op.i64_attribute("axis"),
                keep_dims: op.unit_attribute("keep_dims"),
                select_last_index: op.unit_attribute("select_last_index"),
            },
        )?,
        OpKind::QonnxTopK => {
            let k = usize::try_from(second()?.only_value()? as i64).unwrap_or(0);
            let (values, indices) = reduce::topk(first()?, k, op.i64_attribute("axis"), op.unit_attribute("largest"))?;
            return Ok(vec![values, indices]);
        }
        _ => quantizers::evaluate(op, x)?,
    };
    Ok(vec![one])
}

fn slice(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let slice = qonnx::Slice::of(op).ok_or_else(|| EvalError::Value("is no slice".into()))?;
    let list = |index: usize| operand(x, index)?.to_i64_vec();
    let axes = if slice.axes().is_some() { Some(list(3)?) } else { None };
    let steps = if slice.steps().is_some() { Some(list(3 + usize::from(axes.is_some()))?) } else { None };
    select::slice(operand(x, 0)?, &list(1)?, &list(2)?, axes.as_deref(), steps.as_deref())
}

fn split(op: Op<'_>, x: &[&Tensor]) -> Result<Vec<Tensor>, EvalError> {
    let (input, axis) = (operand(x, 0)?, op.i64_attribute("axis"));
    let lengths = match x.get(1) {
        Some(lengths) => lengths.to_i64_vec()?,
        None => {
            let extent = input.shape().get(layout::axis_index(axis, input.rank())?).copied().unwrap_or(0);
            select::equal_parts(extent, op.result_count())?
        }
    };
    if lengths.len() != op.result_count() {
        return Err(EvalError::Shape(format!("has {} parts and {} results", lengths.len(), op.result_count())));
    }
    select::split(input, &lengths, axis)
}

fn pad(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let pad = qonnx::Pad::of(op).ok_or_else(|| EvalError::Value("is no pad".into()))?;
    let input = operand(x, 0)?;
    let value = optional_operand(x, pad.value().is_some(), 2)?;
    let axes = optional_operand(x, pad.axes().is_some(), 2 + usize::from(value.is_some()))?;
    let axes = axes.map(Tensor::to_i64_vec).transpose()?;
    let pads = pad::of_all_axes(&operand(x, 1)?.to_i64_vec()?, axes.as_deref(), input.rank())?;
    let mode = match pad.mode() {
        PadMode::Constant => pad::PadMode::Constant,
        PadMode::Reflect => pad::PadMode::Reflect,
        PadMode::Edge => pad::PadMode::Edge,
        PadMode::Wrap => pad::PadMode::Wrap,
    };
    pad::pad(input, &pads, mode, value)
}

fn resize(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let resize = qonnx::Resize::of(op).ok_or_else(|| EvalError::Value("is no resize".into()))?;
    let target = match resize.scales() {
        Some(_) => resize::Target::Scales(operand(x, 1)?.to_f32_vec()),
        None => resize::Target::Sizes(operand(x, 1)?.to_i64_vec()?),
    };
    let transform = match resize.transform() {
        CoordinateTransform::HalfPixel => resize::CoordinateTransform::HalfPixel,
        CoordinateTransform::HalfPixelSymmetric => resize::CoordinateTransform::HalfPixelSymmetric,
        CoordinateTransform::PytorchHalfPixel => resize::CoordinateTransform::PytorchHalfPixel,
        CoordinateTransform::AlignCorners => resize::CoordinateTransform::AlignCorners,
        CoordinateTransform::Asymmetric => resize::CoordinateTransform::Asymmetric,
    };
    let nearest = match resize.nearest() {
        NearestMode::RoundPreferFloor => resize::NearestMode::RoundPreferFloor,
        NearestMode::RoundPreferCeil => resize::NearestMode::RoundPreferCeil,
        NearestMode::Floor => resize::NearestMode::Floor,
        NearestMode::Ceil => resize::NearestMode::Ceil,
    };
    resize::resize_nearest(operand(x, 0)?, &target, transform, nearest)
}

fn block(op: Op<'_>) -> usize {
    usize::try_from(op.i64_attribute("block")).unwrap_or(0)
}

/// Integers only: start, limit and step are scalars.
fn range(op: Op<'_>, x: &[&Tensor]) -> Result<Tensor, EvalError> {
    let only = |index| {
        let values = operand(x, index)?.to_i64_vec()?;
        let value = values.first().copied().filter(|_| values.len() == 1);
        value.ok_or_else(|| EvalError::Shape(format!("operand {index} has {} values, expected one", values.len())))
    };
    let values = select::range(only(0)?, only(1)?, only(2)?)?;
    Tensor::int(result_int(op)?, values.shape(), values.to_i64_vec()?)
}
