//! QONNX's operators for the way to FINN: XnorPopcountMatMul, QuantAvgPool2d, Im2Col, MaxPoolNHWC.
//!
//! Written out in operators of ONNX, as their `execute_node` computes them
//! (`qonnx/custom_op/general/`).

use super::{
    ImportError, channels_last,
    node::{Context, Node, rank_of},
};
use crate::onnx::quoted;
use qonnx_dialect::{AutoPad, PadMode, RoundingMode, Value, qonnx};

/// Rows or columns of all patches together.
const MOST_INDICES: i64 = 1 << 24;

/// Imports a node of QONNX's or FINN's domain.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "XnorPopcountMatMul" => xnor_popcount(cx, node)?,
        "QuantAvgPool2d" => quant_average_pool(cx, node)?,
        "Im2Col" => im2col(cx, node)?,
        "MaxPoolNHWC" => max_pool_channels_last(cx, node)?,
        _ => return Ok(None),
    };
    Ok(Some(vec![value]))
}

/// How many bits agree: `((2a - 1) (2b - 1) + K) * 0.5`.
fn xnor_popcount<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (a, b) = (node.operand(0)?, node.operand(1)?);
    let terms = b.tensor_type().and_then(|ty| ty.shape?.first().copied().flatten());
    let terms = terms.ok_or_else(|| node.error("the number of terms of its sums is not known"))?;
    let bipolar = |bits| cx.sub(cx.mul(bits, cx.scalar(2.0)), cx.scalar(1.0));
    let difference = cx.matmul(bipolar(a), bipolar(b));
    Ok(cx.mul(cx.add(difference, cx.scalar(terms as f32)), cx.scalar(0.5)))
}

/// The window's average times its size, rounded, shifted right by what the greatest sum has
/// more than `obits` bits: what Trunc does to a value of scale 1.
fn quant_average_pool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let attribute = |name: &str| {
        let found = node.proto.int(name)?.ok_or_else(|| node.error(format!("has no {name}")))?;
        let valid = (1..=4096).contains(&found);
        valid.then_some(found).ok_or_else(|| node.error(format!("{name} is {found}, expected 1 to 4096")))
    };
    let (kernel, stride) = (attribute("kernel")?, attribute("stride")?);
    let (in_bits, out_bits) = (attribute("ibits")?, attribute("obits")?);
    if in_bits > 32 {
        return Err(node.error(format!("ibits is {in_bits}, expected 1 to 32")));
    }
    let greatest = ((1i64 << in_bits) - 1) * kernel * kernel;
    let sum_bits = i64::from(i64::BITS - greatest.leading_zeros());
    let last = channels_are_last(node)?;
    let x = node.operand(0)?;
    let (window, strides) = ([kernel; 2], [stride; 2]);
    let (pads, dilations, pad) = ([0; 4], [1; 2], AutoPad::Notset);
    let ty = cx.like(x);
    let pool =
        qonnx::AveragePool::build(&cx.builder, x, &window, &strides, &pads, &dilations, false, false, pad, last, [ty]);
    let sum = cx.mul(pool.result(), cx.scalar((kernel * kernel) as f32));
    let [scale, zero] = [cx.scalar(1.0), cx.scalar(0.0)];
    let [from, to] = [sum_bits, out_bits.min(sum_bits)].map(|bits| cx.scalar(bits as f32));
    Ok(qonnx::Trunc::build(&cx.builder, sum, scale, zero, from, to, RoundingMode::Floor, [ty]).result())
}

fn channels_are_last(node: &Node<'_, '_>) -> Result<bool, ImportError> {
    match node.proto.string("data_layout")?.unwrap_or("NCHW") {
        "NCHW" => Ok(false),
        "NHWC" => Ok(true),
        other => Err(node.error(format!("data_layout is {}, expected NCHW or NHWC", quoted(other)))),
    }
}

/// The patches of an image with channels last, one a row: along each spatial axis the elements
/// of all windows, then the axes put in order.
fn im2col<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let shape = x.tensor_type().and_then(|ty| ty.static_shape());
    let shape = shape.and_then(|shape| <[usize; 4]>::try_from(shape).ok());
    let shape = shape.ok_or_else(|| node.error("its operand has no static shape of 4 axes"))?;
    let [samples, height, width, channels] = shape;
    let pads = pairs::<4>(node, "pad_amount", Some(0))?;
    let (kernel, strides) = (pairs::<2>(node, "kernel_size", None)?, pairs::<2>(node, "stride", None)?);
    let dilations = pairs::<2>(node, "dilations", Some(1))?;
    let mut patches = padded(cx, x, pads, node.proto.int("pad_value")?.unwrap_or(0) as f32);
    let mut windows = [0i64; 2];
    for (axis, extent) in [height, width].into_iter().enumerate() {
        let reach = dilations[axis] * (kernel[axis] - 1);
        let room = extent as i64 + pads[axis] + pads[axis + 2] - reach - 1;
        if strides[axis] < 1 || kernel[axis] < 1 || room < 0 {
            return Err(node.error(format!("its window {kernel:?} of stride {strides:?} does not fit {shape:?}")));
        }
        windows[axis] = room / strides[axis] + 1;
        let size = windows[axis].checked_mul(kernel[axis]).filter(|size| *size <= MOST_INDICES);
        let size = size.ok_or_else(|| node.error(format!("its patches have more than {MOST_INDICES} rows")))?;
        let index = |at: i64| at / kernel[axis] * strides[axis] + at % kernel[axis] * dilations[axis];
        let indices: Vec<i64> = (0..size).map(index).collect();
        let place = axis as i64 + 1;
        patches = qonnx::Gather::build(&cx.builder, patches, cx.indices(&indices), place, [cx.like(x)]).result();
    }
    let (samples, channels) = (samples as i64, channels as i64);
    let [rows, columns] = windows;
    let apart = cx.reshape(patches, &[samples, rows, kernel[0], columns, kernel[1], channels]);
    let ordered = cx.transpose(apart, &[0, 1, 3, 2, 4, 5]);
    Ok(cx.reshape(ordered, &[samples, rows, columns, kernel[0] * kernel[1] * channels]))
}

/// With this value around the spatial axes of an image with channels last.
fn padded<'c>(cx: &Context<'_, 'c>, x: Value<'c>, [top, left, bottom, right]: [i64; 4], value: f32) -> Value<'c> {
    if [top, left, bottom, right] == [0; 4] {
        return x;
    }
    let pads = cx.indices(&[0, top, left, 0, 0, bottom, right, 0]);
    qonnx::Pad::build(&cx.builder, PadMode::Constant, x, pads, Some(cx.scalar(value)), None, [cx.like(x)]).result()
}

/// A list of `N` numbers that are not negative.
fn pairs<const N: usize>(node: &Node<'_, '_>, name: &str, default: Option<i64>) -> Result<[i64; N], ImportError> {
    let found = match (node.proto.ints(name)?, default) {
        (Some(list), _) => list.to_vec(),
        (None, Some(default)) => vec![default; N],
        (None, None) => return Err(node.error(format!("has no {name}"))),
    };
    let valid = found.iter().all(|value| (0..1 << 24).contains(value));
    let array = <[i64; N]>::try_from(found.as_slice()).ok().filter(|_| valid);
    array.ok_or_else(|| node.error(format!("{name} is {found:?}, expected {N} numbers from 0 on")))
}

fn max_pool_channels_last<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    if rank_of(x) != Some(4) {
        return Err(node.error("its operand has no 4 axes"));
    }
    let pooled = super::windows::max_pool(cx, node)?;
    channels_last::mark(cx, pooled);
    Ok(pooled)
}
