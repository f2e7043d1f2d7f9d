//! ONNX Runtime's operators on integer codes, of the domain `com.microsoft`.
//!
//! Written out step by step as the runtime computes them on x86 with FMA (checked bit by bit):
//!
//! | operator | codes |
//! |---|---|
//! | QLinearAdd | `round(fma(qa, ra, fma(qb, rb, zc - fma(ra, za, rb * zb))))`, `r = s / sc` |
//! | QLinearMul | `round((qa - za) * (qb - zb) * ((sa * sb) / sc) + zc)` |
//! | QLinearLeakyRelu, QLinearSigmoid, QLinearConcat | the float operator between DequantizeLinear and QuantizeLinear |
//! | QLinearAveragePool | `round(pool((q - z) * s) / sy + zy)` |
//! | QLinearGlobalAveragePool | `round(sum(q - z) * (s / (sy * n))) + zy` |
//!
//! QLinearAveragePool over the whole image is a global one. QGemm is one of [`qoperator`].

use super::{
    ImportError,
    node::{Context, Node, element_of},
    qoperator::{self, Quantized, codes, integers},
    quantizers, windows,
};
use qonnx_dialect::{AutoPad, Element, Reduction, Value, qonnx};

/// The domain's name.
pub const DOMAIN: &str = "com.microsoft";

/// Imports a node of the domain.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let value = match node.op_type() {
        "QuantizeLinear" | "DequantizeLinear" => return quantizers::import_onnx(cx, node),
        "QGemm" => qoperator::q_gemm(cx, node)?,
        "QLinearAdd" => binary(cx, node, sum)?,
        "QLinearMul" => binary(cx, node, product)?,
        "QLinearLeakyRelu" => {
            let alpha = node.proto.float("alpha")?.unwrap_or(0.01);
            between(cx, node, |x| Ok(qonnx::LeakyRelu::build(&cx.builder, x, alpha, [cx.like(x)]).result()))?
        }
        "QLinearSigmoid" => between(cx, node, |x| Ok(cx.apply("qonnx.sigmoid", &[x])))?,
        "QLinearConcat" => concat(cx, node)?,
        "QLinearAveragePool" if !node.flag("channels_last", 0)? => average_pool(cx, node)?,
        "QLinearGlobalAveragePool" if !node.flag("channels_last", 0)? => global_average_pool(cx, node)?,
        _ => None,
    };
    Ok(value.map(|value| vec![value]))
}

/// Scale, zero point and element type of a result.
struct Target<'c> {
    scale: Value<'c>,
    zero_point: Option<Value<'c>>,
    element: Element,
}

impl<'c> Target<'c> {
    /// Operands `index` and `index + 1`; the element type is the operand's.
    fn operand(node: &Node<'_, 'c>, index: usize, x: &Quantized<'c>) -> Result<Self, ImportError> {
        let (scale, zero_point) = (node.operand(index)?, node.optional(index + 1));
        Ok(Self { scale, zero_point, element: element_of(x.codes) })
    }

    /// `x / scale` as codes.
    fn quantized(&self, cx: &Context<'_, 'c>, x: Value<'c>) -> Value<'c> {
        codes(cx, x, self.scale, self.zero_point, self.element)
    }

    /// What has the zero point in it already, rounded.
    fn rounded(&self, cx: &Context<'_, 'c>, x: Value<'c>) -> Value<'c> {
        codes(cx, x, cx.scalar(1.0), None, self.element)
    }

    fn zero(&self, cx: &Context<'_, 'c>) -> Value<'c> {
        zero(cx, self.zero_point)
    }
}

/// A zero point in float32.
fn zero<'c>(cx: &Context<'_, 'c>, zero_point: Option<Value<'c>>) -> Value<'c> {
    match zero_point {
        Some(zero) => cx.cast(zero, Element::F32),
        None => cx.scalar(0.0),
    }
}

/// How two operands become a result's codes.
type Rule = for<'m, 'c> fn(&Context<'m, 'c>, &Quantized<'c>, &Quantized<'c>, &Target<'c>) -> Value<'c>;

fn binary<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, rule: Rule) -> Result<Option<Value<'c>>, ImportError> {
    let (a, b) = (Quantized::operand(node, 0)?, Quantized::operand(node, 3)?);
    if !a.is_per_tensor() || !b.is_per_tensor() {
        return Ok(None);
    }
    let Some(first) = is_first_repeated(&a, &b) else {
        return Err(node.error("the shapes of its operands are not known"));
    };
    // The operand that repeats comes second in the runtime's loop.
    let (a, b) = if first { (b, a) } else { (a, b) };
    let target = Target::operand(node, 6, &a)?;
    Ok(Some(rule(cx, &a, &b, &target)))
}

/// Whether the runtime repeats one element of the first operand along the innermost axis on
/// which there is more than one.
fn is_first_repeated(a: &Quantized<'_>, b: &Quantized<'_>) -> Option<bool> {
    let shape = |x: &Quantized<'_>| x.codes.tensor_type()?.shape;
    let (a, b) = (shape(a)?, shape(b)?);
    let mut axes = (0..a.len().max(b.len())).map(|back| {
        let extent = |shape: &[Option<usize>]| shape.iter().rev().nth(back).copied().unwrap_or(Some(1));
        (extent(&a), extent(&b))
    });
    let innermost = axes.find(|extents| *extents != (Some(1), Some(1)));
    innermost.map_or(Some(false), |(a, b)| Some(a? == 1 && b? != 1))
}

fn sum<'c>(cx: &Context<'_, 'c>, a: &Quantized<'c>, b: &Quantized<'c>, target: &Target<'c>) -> Value<'c> {
    let ratio = |x: &Quantized<'c>| cx.div(x.scale, target.scale);
    let (ra, rb) = (ratio(a), ratio(b));
    let (za, zb) = (zero(cx, a.zero_point), zero(cx, b.zero_point));
    let zeros = cx.apply("qonnx.fma", &[ra, za, cx.mul(rb, zb)]);
    let offset = cx.sub(target.zero(cx), zeros);
    let inner = cx.apply("qonnx.fma", &[integers(cx, b.codes, None, 1), rb, offset]);
    target.rounded(cx, cx.apply("qonnx.fma", &[integers(cx, a.codes, None, 1), ra, inner]))
}

fn product<'c>(cx: &Context<'_, 'c>, a: &Quantized<'c>, b: &Quantized<'c>, target: &Target<'c>) -> Value<'c> {
    let scales = cx.mul(a.scale, b.scale);
    let ratio = cx.div(scales, target.scale);
    let product = cx.mul(a.integers(cx, 1), b.integers(cx, 1));
    let scaled = cx.mul(product, ratio);
    target.rounded(cx, cx.add(scaled, target.zero(cx)))
}

/// A float operation between DequantizeLinear and QuantizeLinear.
fn between<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    operation: impl Fn(Value<'c>) -> Result<Value<'c>, ImportError>,
) -> Result<Option<Value<'c>>, ImportError> {
    let x = Quantized::operand(node, 0)?;
    let target = Target::operand(node, 3, &x)?;
    Ok(Some(target.quantized(cx, operation(x.values(cx))?)))
}

/// Operands: scale and zero point of the result, then three for each part.
fn concat<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let axis = node.proto.int("axis")?.ok_or_else(|| node.error("has no axis"))?;
    let parts = (2..node.operand_count()).step_by(3).map(|index| Quantized::operand(node, index));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = parts.first() else { return Err(node.error("has no part to join")) };
    let target = Target::operand(node, 0, first)?;
    let values: Vec<Value<'c>> = parts.iter().map(|part| part.values(cx)).collect();
    let joined = qonnx::Concat::build(&cx.builder, &values, axis, [cx.unranked(Element::F32)]).result();
    Ok(Some(target.quantized(cx, joined)))
}

fn average_pool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let x = Quantized::operand(node, 0)?;
    let kernel = windows::kernel_of(node)?;
    let shape = x.codes.tensor_type().and_then(|ty| ty.shape).ok_or_else(|| node.error("its rank is not known"))?;
    let spatial = shape.get(2..).unwrap_or_default();
    let whole = spatial.len() == kernel.len()
        && spatial.iter().zip(&kernel).all(|(extent, window)| extent.is_none_or(|extent| extent as i64 == *window));
    let padded = node.proto.ints("pads")?.is_some_and(|pads| pads.iter().any(|pad| *pad != 0));
    match windows::auto_pad(node)? {
        AutoPad::Notset | AutoPad::Valid if whole && !padded => return global_average_pool(cx, node),
        AutoPad::SameUpper | AutoPad::SameLower if whole => return Ok(None),
        _ => {}
    }
    // The runtime counts padding that lies beyond the declared one, too.
    if !x.is_per_tensor() || node.flag("ceil_mode", 0)? && node.flag("count_include_pad", 0)? {
        return Ok(None);
    }
    let target = Target::operand(node, 3, &x)?;
    let pool = windows::average_pool(cx, node, x.values(cx))?;
    let scaled = cx.div(pool, target.scale);
    Ok(Some(target.rounded(cx, cx.add(scaled, target.zero(cx)))))
}

fn global_average_pool<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let x = Quantized::operand(node, 0)?;
    if !x.is_per_tensor() {
        return Ok(None);
    }
    let target = Target::operand(node, 3, &x)?;
    let rank = node.rank(x.codes)?;
    let axes: Vec<i64> = (2..rank as i64).collect();
    let sum = cx.reduce(Reduction::Sum, x.integers(cx, 1), &axes, true);
    let size = cx.cast(image_size(cx, x.codes), Element::F32);
    let divisor = cx.mul(target.scale, size);
    let factor = cx.div(x.scale, divisor);
    let scaled = cx.mul(sum, factor);
    Ok(Some(codes(cx, scaled, cx.scalar(1.0), target.zero_point, target.element)))
}

/// The product of the spatial extents, as int64.
fn image_size<'c>(cx: &Context<'_, 'c>, x: Value<'c>) -> Value<'c> {
    let ty = cx.like(cx.indices(&[]));
    let shape = qonnx::Shape::build(&cx.builder, x, 2, None, [ty]).result();
    qonnx::Reduce::build(&cx.builder, Reduction::Prod, shape, None, false, false, [ty]).result()
}
