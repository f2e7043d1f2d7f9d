//! Discrete Fourier transforms as products with constant matrices, and constant windows and filters.

use super::{
    ImportError,
    node::{Context, Node, element_of},
    tensors,
};
use crate::eval::Tensor;
use qonnx_dialect::{Element, PadMode, Value, qonnx};
use std::f64::consts::TAU;

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    Ok(Some(vec![match node.op_type() {
        "DFT" => fourier(cx, node)?,
        "STFT" => short_time(cx, node)?,
        "HannWindow" => window(cx, node, [0.5, 0.5, 0.0])?,
        "HammingWindow" => window(cx, node, [25.0 / 46.0, 1.0 - 25.0 / 46.0, 0.0])?,
        "BlackmanWindow" => window(cx, node, [0.5 - 0.08, 0.5, 0.08])?,
        "MelWeightMatrix" => mel_weights(cx, node)?,
        _ => return Ok(None),
    }]))
}

fn number<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, index: usize, what: &str) -> Result<f64, ImportError> {
    cx.fixed(node, index, what)?.only_value().map_err(|problem| node.error(problem))
}

fn count<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, index: usize, what: &str) -> Result<usize, ImportError> {
    node.positions(&[number(cx, node, index, what)?.max(0.0) as usize])
}

/// Numbers in the element type that the node names, float32 if it names none.
fn declared<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    shape: &[usize],
    values: Vec<f64>,
) -> Result<Value<'c>, ImportError> {
    let number = node.proto.int("output_datatype")?.unwrap_or(1);
    let element = tensors::element_of_number(number)
        .ok_or_else(|| node.error(format!("has the unknown element type {number}")))?;
    let tensor = Tensor::f64(shape, values).map_err(|problem| node.error(problem))?;
    let tensor = if element == Element::F64 { tensor } else { Tensor::F32(tensor.to_f32()) };
    Ok(cx.cast(cx.constant(if element == Element::F64 { element } else { Element::F32 }, &tensor), element))
}

/// `a - b cos(t) + c cos(2 t)`, where t goes round once.
fn window<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, weights: [f32; 3]) -> Result<Value<'c>, ImportError> {
    let size = count(cx, node, 0, "size")?;
    let steps = if node.flag("periodic", 1)? { size } else { size.saturating_sub(1).max(1) };
    let [a, b, c] = weights.map(f64::from);
    let value = |index: usize| {
        let angle = TAU / steps as f64 * index as f64;
        a - b * angle.cos() + c * (2.0 * angle).cos()
    };
    declared(cx, node, &[size], (0..size).map(value).collect())
}

/// The transform of `length` numbers to `frequencies` of them.
struct Transform {
    length: usize,
    frequencies: usize,
    inverse: bool,
}

impl Transform {
    /// Cosines or sines, one row a number; scaled by the length if inverse.
    fn matrix<'c>(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        element: Element,
        f: fn(f64) -> f64,
    ) -> Result<Value<'c>, ImportError> {
        let (length, frequencies) = (self.length, self.frequencies);
        let size = node.positions(&[length, frequencies])?;
        let scale = if self.inverse { 1.0 / length as f64 } else { 1.0 };
        let value = |index: usize| {
            let turns = (index / frequencies) * (index % frequencies) % length.max(1);
            scale * f(TAU * turns as f64 / length as f64)
        };
        let matrix = Tensor::f64(&[length, frequencies], (0..size).map(value).collect());
        let matrix = matrix.map_err(|problem| node.error(problem))?;
        let matrix = if element == Element::F64 { matrix } else { Tensor::F32(matrix.to_f32()) };
        Ok(cx.constant(element, &matrix))
    }

    /// Real and imaginary parts (..., length) to those of the result.
    fn apply<'c>(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        real: Value<'c>,
        imaginary: Option<Value<'c>>,
    ) -> Result<[Value<'c>; 2], ImportError> {
        let element = element_of(real);
        let (cosines, sines) = (self.matrix(cx, node, element, f64::cos)?, self.matrix(cx, node, element, f64::sin)?);
        let (a, b) = (cx.matmul(real, cosines), cx.matmul(real, sines));
        Ok(match (imaginary, self.inverse) {
            (None, false) => [a, cx.apply("qonnx.neg", &[b])],
            (None, true) => [a, b],
            (Some(imaginary), inverse) => {
                let (c, d) = (cx.matmul(imaginary, cosines), cx.matmul(imaginary, sines));
                if inverse { [cx.sub(a, d), cx.add(c, b)] } else { [cx.add(a, d), cx.sub(c, b)] }
            }
        })
    }
}

/// Real and imaginary part of a tensor whose last axis has one or both.
fn parts<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
) -> Result<(Value<'c>, Option<Value<'c>>), ImportError> {
    let part = |index| cx.take(x, -1, &Tensor::scalar_int(index));
    match node.extents(x)?.last() {
        Some(1) => Ok((part(0), None)),
        Some(2) => Ok((part(0), Some(part(1)))),
        other => {
            Err(node
                .error(format!("the last axis of its operand has {} elements, expected 1 or 2", other.unwrap_or(&0))))
        }
    }
}

/// Parts as the last axis.
fn joined<'c>(cx: &Context<'_, 'c>, parts: &[Value<'c>]) -> Value<'c> {
    let single = |part: &Value<'c>| {
        qonnx::Unsqueeze::build(&cx.builder, *part, Some(cx.indices(&[-1])), [cx.like(*part)]).result()
    };
    cx.concat(&parts.iter().map(single).collect::<Vec<_>>(), -1)
}

/// The last axis cut or filled with zeros.
fn of_length<'c>(cx: &Context<'_, 'c>, x: Value<'c>, extent: usize, length: usize) -> Value<'c> {
    if extent == length {
        return x;
    }
    let (pads, axes, ty) = (cx.indices(&[0, length as i64 - extent as i64]), cx.indices(&[-1]), cx.like(x));
    qonnx::Pad::build(&cx.builder, PadMode::Constant, x, pads, None, Some(axes), [ty]).result()
}

/// Along any axis but the last. Of a real signal one half says all; from such a half the inverse makes a real signal.
fn fourier<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    let axis = match node.version {
        ..20 => node.proto.int("axis")?.unwrap_or(1),
        _ if node.optional(2).is_some() => number(cx, node, 2, "axis")? as i64,
        _ => -2,
    };
    let axis = node.axis(axis, shape.len())?;
    if axis + 1 == shape.len() {
        return Err(node.error("transforms the axis of real and imaginary parts, expected another"));
    }
    let (inverse, half) = (node.flag("inverse", 0)?, node.flag("onesided", 0)?);
    let given = shape[axis];
    let length = match node.optional(1) {
        Some(_) => count(cx, node, 1, "length")?,
        None if inverse && half => 2 * given.saturating_sub(1),
        None => given,
    };
    if length == 0 {
        return Err(node.error("transforms no elements"));
    }
    let (real, imaginary) = parts(cx, node, x)?;
    let mut order: Vec<i64> = (0..shape.len() as i64 - 1).collect();
    order.swap(axis, shape.len() - 2);
    let taken = if inverse && half { length / 2 + 1 } else { length };
    let last = |part| of_length(cx, cx.transpose(part, &order), given, taken);
    let (mut real, mut imaginary) = (last(real), imaginary.map(last));
    if inverse && half {
        let mirrored = |part: Value<'c>| {
            let places = (0..length).map(|place| place.min(length - place) as i64).collect();
            cx.take(part, -1, &Tensor::indices(places))
        };
        let signs = (0..length).map(|place| if 2 * place > length { -1.0 } else { 1.0 }).collect();
        let signs = Tensor::f32(&[length], signs).map_err(|problem| node.error(problem))?;
        real = mirrored(real);
        imaginary = imaginary.map(|part| cx.mul(mirrored(part), cx.constant(element_of(part), &signs)));
    }
    let frequencies = if half && !inverse { length / 2 + 1 } else { length };
    let result = Transform { length, frequencies, inverse }.apply(cx, node, real, imaginary)?;
    let result = result.map(|part| cx.transpose(part, &order));
    Ok(joined(cx, if half && inverse { &result[..1] } else { &result }))
}

/// The transform of frames of a signal, each times the window.
fn short_time<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let x = node.operand(0)?;
    let step = count(cx, node, 1, "step")?;
    let window = node.optional(2);
    let length = match (node.optional(3), window) {
        (Some(_), _) => count(cx, node, 3, "frames' length")?,
        (None, Some(window)) => node.extents(window)?.first().copied().unwrap_or(0),
        (None, None) => return Err(node.error("has neither a window nor a length of frames")),
    };
    let total = node.extents(x)?.get(1).copied().unwrap_or(0);
    if step == 0 || length == 0 || length > total {
        return Err(node.error(format!("frames of {length} elements every {step} do not fit a signal of {total}")));
    }
    let frames = (total - length) / step + 1;
    node.positions(&[frames, length])?;
    let places = (0..frames).flat_map(|frame| (frame * step..frame * step + length).map(|place| place as i64));
    let places = super::indexing::array(node, &[frames, length], places.collect())?;
    let places = Tensor::Int(crate::eval::IntType::I64, places);
    let framed = |part: Value<'c>| {
        let frames = cx.take(part, 1, &places);
        window.map_or(frames, |window| cx.mul(frames, window))
    };
    let (real, imaginary) = parts(cx, node, x)?;
    let frequencies = if node.flag("onesided", 1)? { length / 2 + 1 } else { length };
    let transform = Transform { length, frequencies, inverse: false };
    Ok(joined(cx, &transform.apply(cx, node, framed(real), imaginary.map(framed))?))
}

/// Triangles over frequencies, which overlap by half and have equal widths in mel.
fn mel_weights<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (bins, length, rate) =
        (count(cx, node, 0, "number of bins")?, count(cx, node, 1, "length")?, number(cx, node, 2, "rate")?);
    let (low, high) = (number(cx, node, 3, "lower edge")?, number(cx, node, 4, "upper edge")?);
    let mel = |hertz: f64| 2595.0 * (1.0 + hertz / 700.0).log10();
    let rows = length / 2 + 1;
    let size = node.positions(&[rows, bins])?;
    let step = (mel(high) - mel(low)) / (bins + 2) as f64;
    let edges: Vec<i64> = (0..bins + 2)
        .map(|edge| {
            let hertz = 700.0 * (10f64.powf((edge as f64 * step + mel(low)) / 2595.0) - 1.0);
            ((length + 1) as f64 * hertz / rate).floor() as i64
        })
        .collect();
    let weight = |index: usize| {
        let (row, bin) = ((index / bins) as i64, index % bins);
        let (left, center, right) = (edges[bin], edges[bin + 1], edges[bin + 2]);
        match row {
            _ if row == center => 1.0,
            _ if (left..center).contains(&row) => (row - left) as f64 / (center - left) as f64,
            _ if (center..right).contains(&row) => (right - row) as f64 / (right - center) as f64,
            _ => 0.0,
        }
    };
    declared(cx, node, &[rows, bins], (0..size).map(weight).collect())
}
