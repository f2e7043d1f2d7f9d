//! Dot products of integer codes: QLinearMatMul, QLinearConv, MatMulInteger, ConvInteger and
//! ONNX Runtime's QGemm.
//!
//! Written out as the runtime computes them. Codes without their zero point are integers,
//! which float32 holds; their dot product is exact; the runtime rounds it to float32,
//! multiplies by `sx * sw / sy`, computed in float32 in this order, rounds and adds the
//! zero point:
//!
//! ```text
//! a = dequantize_linear(qa, 1, za)      m = (sa * sb) / sy
//! b = dequantize_linear(qb, 1, zb)      q = quantize_linear(matmul(a, b) * m, 1, zy)
//! ```
//!
//! A bias is added to the sum before it is rounded, and a sum of int32 is not rounded at all:
//! both are float32's as long as sums stay below 2^24, which the weights tell, or codes saturate
//! before that, which the scales tell ([`IntegerSum`]).

use super::{
    ImportError,
    integer_sum::IntegerSum,
    node::{Context, Node, element_of},
    windows,
};
use qonnx_dialect::{Element, Value, qonnx};

const INT32: Element = Element::Int { width: 32, signed: true };

/// Imports a node of ONNX's own domain.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "MatMulInteger" => mat_mul_integer(cx, node)?,
        "ConvInteger" => conv_integer(cx, node)?,
        "QLinearMatMul" => q_linear_mat_mul(cx, node)?,
        "QLinearConv" => q_linear_conv(cx, node)?,
        _ => None,
    };
    Ok(value.map(|value| vec![value]))
}

/// Codes with what they stand for: `(codes - zero_point) * scale`.
#[derive(Clone, Copy)]
pub struct Quantized<'c> {
    /// Integers.
    pub codes: Value<'c>,
    /// One scale, or one a channel.
    pub scale: Value<'c>,
    /// 0 where it is absent.
    pub zero_point: Option<Value<'c>>,
}

impl<'c> Quantized<'c> {
    /// Operands `index` to `index + 2` of a node.
    pub fn operand(node: &Node<'_, 'c>, index: usize) -> Result<Self, ImportError> {
        let (codes, scale) = (node.operand(index)?, node.operand(index + 1)?);
        Ok(Self { codes, scale, zero_point: node.optional(index + 2) })
    }

    /// Whether one float32 scale and one zero point are for the whole tensor.
    pub fn is_per_tensor(&self) -> bool {
        is_float32(self.scale) && is_single(self.scale) && self.zero_point.is_none_or(is_single)
    }

    /// The codes without their zero point, along `axis` where there is one a channel, in float32.
    pub fn integers(&self, cx: &Context<'_, 'c>, axis: i64) -> Value<'c> {
        integers(cx, self.codes, self.zero_point, axis)
    }

    /// The values, as DequantizeLinear has them.
    pub fn values(&self, cx: &Context<'_, 'c>) -> Value<'c> {
        let ty = cx.like(self.scale);
        qonnx::DequantizeLinear::build(&cx.builder, self.codes, self.scale, self.zero_point, 1, [ty]).result()
    }
}

/// `codes - zero_point` in float32.
pub fn integers<'c>(cx: &Context<'_, 'c>, codes: Value<'c>, zero_point: Option<Value<'c>>, axis: i64) -> Value<'c> {
    let ty = cx.unranked(Element::F32);
    qonnx::DequantizeLinear::build(&cx.builder, codes, cx.scalar(1.0), zero_point, axis, [ty]).result()
}

/// `x / scale`, rounded, plus the zero point, as codes of this type.
pub fn codes<'c>(
    cx: &Context<'_, 'c>,
    x: Value<'c>,
    scale: Value<'c>,
    zero_point: Option<Value<'c>>,
    element: Element,
) -> Value<'c> {
    qonnx::QuantizeLinear::build(&cx.builder, x, scale, zero_point, 1, [cx.unranked(element)]).result()
}

/// Whether a value has one element.
pub fn is_single(value: Value<'_>) -> bool {
    value.tensor_type().and_then(|ty| ty.static_shape()).is_some_and(|shape| shape.iter().product::<usize>() == 1)
}

fn is_float32(value: Value<'_>) -> bool {
    element_of(value) == Element::F32
}

/// A sum of integers times `(scale a * scale b) / scale y`, as codes of the type of y's zero point.
fn requantized<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    sum: Value<'c>,
    factor: Value<'c>,
    result: usize,
) -> Result<Value<'c>, ImportError> {
    let (scale, zero_point) = (node.operand(result)?, node.operand(result + 1)?);
    let factor = cx.div(factor, scale);
    let scaled = cx.mul(sum, factor);
    Ok(codes(cx, scaled, cx.scalar(1.0), Some(zero_point), element_of(zero_point)))
}

fn q_linear_mat_mul<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let (a, b) = (Quantized::operand(node, 0)?, Quantized::operand(node, 3)?);
    if !a.is_per_tensor() || !is_float32(b.scale) {
        return Ok(None);
    }
    let sum = cx.matmul(a.integers(cx, 1), b.integers(cx, -1));
    let factor = cx.mul(a.scale, b.scale);
    requantized(cx, node, sum, factor, 6).map(Some)
}

fn q_linear_conv<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let (x, w) = (Quantized::operand(node, 0)?, Quantized::operand(node, 3)?);
    if !x.is_per_tensor() || !is_float32(w.scale) {
        return Ok(None);
    }
    let spatial = windows::spatial_rank(node, w.codes)?;
    let bias = node.optional(8);
    if bias.is_some() {
        IntegerSum { x, w, bias, result: node.optional(6) }.check_kernels(cx, node)?;
    }
    let bias = bias.map(|bias| integers(cx, bias, None, 0));
    let sum = windows::convolution(cx, node, [x.integers(cx, 1), w.integers(cx, 0)], bias, spatial)?;
    let factor = cx.mul(x.scale, w.scale);
    // One a channel, in front of the spatial axes.
    let shape = if is_single(w.scale) { vec![] } else { [vec![-1], vec![1; spatial]].concat() };
    let factor = cx.reshape(factor, &shape);
    requantized(cx, node, sum, factor, 6).map(Some)
}

fn mat_mul_integer<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let (a, b) = (unscaled(cx, node, 0)?, unscaled(cx, node, 1)?);
    if !a.is_per_tensor() {
        return Ok(None);
    }
    IntegerSum { x: a, w: b, bias: None, result: None }.check_matrix(cx, node, -2)?;
    let sum = cx.matmul(a.integers(cx, 1), b.integers(cx, -1));
    Ok(Some(codes(cx, sum, cx.scalar(1.0), None, INT32)))
}

fn conv_integer<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let (x, w) = (unscaled(cx, node, 0)?, unscaled(cx, node, 1)?);
    if !x.is_per_tensor() {
        return Ok(None);
    }
    let spatial = windows::spatial_rank(node, w.codes)?;
    IntegerSum { x, w, bias: None, result: None }.check_kernels(cx, node)?;
    let sum = windows::convolution(cx, node, [x.integers(cx, 1), w.integers(cx, 0)], None, spatial)?;
    Ok(Some(codes(cx, sum, cx.scalar(1.0), None, INT32)))
}

/// Operand `index`, whose zero point is two operands behind.
fn unscaled<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, index: usize) -> Result<Quantized<'c>, ImportError> {
    Ok(Quantized { codes: node.operand(index)?, scale: cx.scalar(1.0), zero_point: node.optional(index + 2) })
}

/// ONNX Runtime's QGemm: the factor starts with alpha; without a result's scale the sum stays a float.
pub fn q_gemm<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let (a, b, bias) = (Quantized::operand(node, 0)?, Quantized::operand(node, 3)?, node.optional(6));
    let (trans_a, trans_b) = (node.flag("transA", 0)?, node.flag("transB", 0)?);
    let (is_float, alpha) = (node.optional(7).is_none(), node.proto.float("alpha")?.unwrap_or(1.0));
    if !a.is_per_tensor() || !is_float32(b.scale) || is_float != node.optional(8).is_none() {
        return Ok(None);
    }
    if bias.is_some() {
        // Alpha is part of the scale.
        let result = node.optional(7).filter(|_| alpha.abs() >= 1.0);
        IntegerSum { x: a, w: b, bias, result }.check_matrix(cx, node, if trans_b { -1 } else { -2 })?;
    }
    let bias = bias.map(|bias| integers(cx, bias, None, 0));
    let (left, right) = (a.integers(cx, 1), b.integers(cx, if trans_b { 0 } else { 1 }));
    let ty = cx.unranked(Element::F32);
    let sum = qonnx::Gemm::build(&cx.builder, left, right, bias, 1.0, 1.0, trans_a, trans_b, [ty]).result();
    let factor = cx.mul(cx.scalar(alpha), a.scale);
    let factor = cx.mul(factor, b.scale);
    if is_float {
        return Ok(Some(cx.mul(sum, factor)));
    }
    requantized(cx, node, sum, factor, 7).map(Some)
}
