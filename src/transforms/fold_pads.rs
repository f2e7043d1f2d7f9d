//! `qonnx-fold-pads`: padding in front of a window becomes the window's own.
//!
//! A convolution pads with zeros, AveragePool too and counts them with `count_include_pad`, the padding of
//! MaxPool never wins. Where a Pad says the same, one operation does both.

use super::functions::{erase_dead, functions};
use crate::eval::{
    convert::{constant_of, known_value},
    interpreter::Sliding,
    ops::{pad::of_all_axes, window::Window},
};
use qonnx_dialect::{
    AutoPad, Builder, Element, Op, OpKind, PadMode, Reported, Value, options::QonnxFoldPadsOptions, qonnx,
};

/// Folds what can be folded; a Pad that nothing else needs goes.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &QonnxFoldPadsOptions) -> Result<(), Reported> {
    for function in functions(module) {
        for op in function.body() {
            let mut window = op;
            // One Pad may stand in front of another.
            while let Some(folded) = folded(window) {
                window.replace(&[folded]);
                let Some(next) = folded.defining_op() else { break };
                window = next;
            }
        }
        erase_dead(function);
    }
    Ok(())
}

/// How far operands are searched for what bounds their values.
const DEPTH: usize = 16;

/// A Pad by a constant along spatial axes.
struct Padding<'c> {
    x: Value<'c>,
    /// In front of each spatial axis, then behind each.
    amounts: Vec<i64>,
    value: f64,
}

impl<'c> Padding<'c> {
    /// None for another operation, unknown or negative amounts, and for samples or channels that are padded.
    fn of(value: Value<'c>, channels_last: bool) -> Option<Self> {
        let pad = qonnx::Pad::of(value.defining_op()?).filter(|pad| pad.mode() == PadMode::Constant)?;
        let rank = pad.x().tensor_type()?.static_shape()?.len();
        let numbers = |value: Value<'c>| constant_of(value)?.to_i64_vec().ok();
        let axes = match pad.axes() {
            Some(axes) => Some(numbers(axes)?),
            None => None,
        };
        let all = of_all_axes(&numbers(pad.pads())?, axes.as_deref(), rank).ok()?;
        let (front, behind) = all.split_at(rank);
        let spatial = |list: &[i64]| {
            let (samples, rest) = list.split_first()?;
            let (channels, spatial) = if channels_last { rest.split_last()? } else { rest.split_first()? };
            (*samples == 0 && *channels == 0).then(|| spatial.to_vec())
        };
        let amounts = [spatial(front)?, spatial(behind)?].concat();
        let value = match pad.value() {
            Some(value) => constant_of(value)?.only_value().ok()?,
            None => 0.0,
        };
        amounts.iter().all(|amount| *amount >= 0).then_some(Self { x: pad.x(), amounts, value })
    }

    /// Pads of the window itself and these; None where the window's follow from shapes.
    fn with(&self, own: &[i64], auto_pad: AutoPad) -> Option<Vec<i64>> {
        let own = match auto_pad {
            AutoPad::Notset => own,
            AutoPad::Valid => &[],
            AutoPad::SameUpper | AutoPad::SameLower => return None,
        };
        let at = |index: usize| own.get(index).copied().unwrap_or(0);
        self.amounts.iter().enumerate().map(|(index, amount)| amount.checked_add(at(index))).collect()
    }

    fn is_zero(&self) -> bool {
        self.value.to_bits() == 0
    }
}

/// The same window on what is not padded yet.
fn folded<'c>(op: Op<'c>) -> Option<Value<'c>> {
    match op.kind() {
        OpKind::QonnxConv => conv(qonnx::Conv::of(op)?),
        OpKind::QonnxMaxPool => max_pool(qonnx::MaxPool::of(op)?),
        OpKind::QonnxAveragePool => average_pool(qonnx::AveragePool::of(op)?),
        _ => None,
    }
}

/// A product with 0 is 0, but for weights that are not finite.
fn conv<'c>(conv: qonnx::Conv<'c>) -> Option<Value<'c>> {
    let padding = Padding::of(conv.x(), conv.channels_last()).filter(Padding::is_zero)?;
    let pads = padding.with(&conv.pads(), conv.auto_pad())?;
    if !is_finite(conv.w(), DEPTH) {
        return None;
    }
    let (builder, ty) = (Builder::before(conv.op()), conv.result().ty());
    let (w, bias, group, notset) = (conv.w(), conv.bias(), conv.group(), AutoPad::Notset);
    let (strides, dilations, last) = (conv.strides(), conv.dilations(), conv.channels_last());
    let op = qonnx::Conv::build(&builder, padding.x, w, bias, &strides, &pads, &dilations, group, notset, last, [ty]);
    Some(op.result())
}

fn is_finite(value: Value<'_>, depth: usize) -> bool {
    if let Some(tensor) = known_value(value) {
        return tensor.to_f64_vec().into_iter().all(f64::is_finite);
    }
    let moved = value.defining_op().filter(|op| moves(op.kind()) && depth > 0);
    moved.is_some_and(|op| is_finite(op.operand(0), depth - 1))
}

/// Whether the elements of the result are elements of the first operand.
fn moves(kind: OpKind) -> bool {
    use OpKind::*;
    matches!(
        kind,
        QonnxIdentity
            | QonnxView
            | QonnxReshape
            | QonnxFlatten
            | QonnxSqueeze
            | QonnxUnsqueeze
            | QonnxTranspose
            | QonnxGather
            | QonnxSlice
            | QonnxDepthToSpace
            | QonnxSpaceToDepth
            | QonnxMaxPool
    )
}

/// What is padded must be no greater than what stands beside it in each window.
fn max_pool<'c>(pool: qonnx::MaxPool<'c>) -> Option<Value<'c>> {
    let padding = Padding::of(pool.x(), pool.channels_last())?;
    if !lower_bound(padding.x, DEPTH).is_some_and(|least| padding.value <= least) {
        return None;
    }
    let pads = padding.with(&pool.pads(), pool.auto_pad())?;
    let (builder, ty, kernel) = (Builder::before(pool.op()), pool.result().ty(), pool.kernel());
    let (strides, dilations, x, notset) = (pool.strides(), pool.dilations(), padding.x, AutoPad::Notset);
    let (ceil, last) = (pool.ceil_mode(), pool.channels_last());
    let op = qonnx::MaxPool::build(&builder, x, &kernel, &strides, &pads, &dilations, ceil, notset, last, [ty]);
    accepted(op.op())
}

/// Zeros of the Pad are counted; zeros of the pool itself, too, or there are none.
fn average_pool<'c>(pool: qonnx::AveragePool<'c>) -> Option<Value<'c>> {
    let padding = Padding::of(pool.x(), pool.channels_last()).filter(Padding::is_zero)?;
    let pads = padding.with(&pool.pads(), pool.auto_pad())?;
    let counts_all = pool.count_include_pad() || pads == padding.amounts;
    if !counts_all || pool.ceil_mode() {
        return None;
    }
    let (builder, ty, kernel) = (Builder::before(pool.op()), pool.result().ty(), pool.kernel());
    let (strides, dilations, x, notset) = (pool.strides(), pool.dilations(), padding.x, AutoPad::Notset);
    let last = pool.channels_last();
    let op =
        qonnx::AveragePool::build(&builder, x, &kernel, &strides, &pads, &dilations, false, true, notset, last, [ty]);
    accepted(op.op())
}

/// The pool's result, or nothing of it where the pool is none that ONNX allows: less padding than kernel, an element
/// of the operand in each window, and as many windows as before.
fn accepted<'c>(pool: Op<'c>) -> Option<Value<'c>> {
    let is_legal = || {
        let kernel: Vec<usize> =
            pool.i64s_attribute("kernel").into_iter().map(|extent| extent.max(0) as usize).collect();
        let spatial = |rank: usize| if pool.unit_attribute("channels_last") { 1..rank - 1 } else { 2..rank };
        let shape = |value: Value<'c>| {
            let shape = value.tensor_type()?.static_shape()?;
            Some(shape.get(spatial(shape.len()))?.to_vec())
        };
        let input = shape(pool.operand(0))?;
        let params = Sliding::of(pool).ok()?.params(&input, &kernel);
        let fits = params.pads.iter().zip(kernel.iter().cycle()).all(|(pad, extent)| pad < extent);
        let window = Window::new(&input, &kernel, &params, pool.unit_attribute("ceil_mode")).ok()?;
        (fits && window.without_input().is_none() && Some(window.output) == shape(pool.result(0))).then_some(())
    };
    if is_legal().is_none() {
        pool.erase();
        return None;
    }
    Some(pool.result(0))
}

/// What no element of a value is below, NaN aside.
fn lower_bound(value: Value<'_>, depth: usize) -> Option<f64> {
    use OpKind::*;
    let ty = value.tensor_type()?;
    let of_type = match ty.element {
        element if element.is_float() => f64::NEG_INFINITY,
        element => element.range()?.0 as f64,
    };
    let Some(op) = value.defining_op().filter(|_| depth > 0) else { return Some(of_type) };
    let of = |index: usize| lower_bound(op.operand(index), depth - 1);
    let bound = match op.kind() {
        QonnxRelu | QonnxSigmoid | QonnxHardSigmoid | QonnxSoftmax | QonnxAbs | QonnxExp | QonnxSqrt => 0.0,
        QonnxClip => of_clip(qonnx::Clip::of(op)?)?,
        QonnxQuant => of_quant(qonnx::Quant::of(op)?).unwrap_or(of_type),
        QonnxDequantizeLinear => of_dequantize(qonnx::DequantizeLinear::of(op)?).unwrap_or(of_type),
        QonnxConcat => {
            (0..op.operand_count()).map(of).try_fold(f64::INFINITY, |least, bound| Some(least.min(bound?)))?
        }
        kind if moves(kind) => of(0)?,
        _ => of_type,
    };
    Some(bound.max(of_type))
}

/// A high limit below the low one is what all elements become.
fn of_clip(clip: qonnx::Clip<'_>) -> Option<f64> {
    let limit = |value: Value<'_>| constant_of(value)?.only_value().ok();
    let low = limit(clip.low()?)?;
    clip.high().map_or(Some(low), |high| Some(low.min(limit(high)?)))
}

/// 0 for codes without a sign, a zero point or a negative scale.
fn of_quant(quant: qonnx::Quant<'_>) -> Option<f64> {
    let positive = constant_of(quant.scale())?.to_f64_vec().into_iter().all(|scale| scale > 0.0);
    let zero = constant_of(quant.zero_point())?.to_f64_vec().into_iter().all(|zero| zero == 0.0);
    (positive && zero && !quant.is_signed()).then_some(0.0)
}

/// 0 for codes without a sign, a zero point or a negative scale.
fn of_dequantize(quant: qonnx::DequantizeLinear<'_>) -> Option<f64> {
    let positive = constant_of(quant.scale())?.to_f64_vec().into_iter().all(|scale| scale > 0.0);
    let zero = match quant.zero_point() {
        Some(zero) => constant_of(zero)?.to_f64_vec().into_iter().all(|zero| zero == 0.0),
        None => true,
    };
    let codes = quant.x().tensor_type()?.element;
    (positive && zero && matches!(codes, Element::Int { signed: false, .. })).then_some(0.0)
}
