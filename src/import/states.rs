//! Operators that carry a state from one call to the next: CausalConvWithState, LinearAttention, TensorScatter.

use super::{
    ImportError,
    activations::swish,
    node::{Context, INT64, Node, element_of},
};
use crate::{eval::Tensor, onnx::quoted};
use qonnx_dialect::{AutoPad, Value, qonnx};

/// No cache takes more updates at once.
const MAX_UPDATES: usize = 4096;

/// No recurrence is unrolled further.
const MAX_STEPS: usize = 64;

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    Ok(Some(match node.op_type() {
        "CausalConvWithState" => causal_conv(cx, node)?,
        "LinearAttention" => linear_attention(cx, node)?,
        "TensorScatter" => vec![tensor_scatter(cx, node)?],
        _ => return Ok(None),
    }))
}

fn zeros<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    x: Value<'c>,
    shape: &[usize],
) -> Result<Value<'c>, ImportError> {
    let tensor = Tensor::f32(shape, vec![0.0; node.positions(shape)?]).map_err(|problem| node.error(problem))?;
    Ok(cx.constant(element_of(x), &tensor))
}

/// A convolution of each channel over what came before; the state is the end of that.
fn causal_conv<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
    let (x, w) = (node.operand(0)?, node.operand(1)?);
    let (shape, kernel) = (node.extents(x)?, node.extents(w)?);
    let (&[samples, channels, length], &[_, _, kernel]) = (&shape[..], &kernel[..]) else {
        return Err(node.error(format!("its operand has the shape {shape:?}, expected 3 axes")));
    };
    let kept = kernel.saturating_sub(1);
    let past = match node.optional(3) {
        Some(past) => past,
        None => zeros(cx, node, x, &[samples, channels, kept])?,
    };
    let all = if kept == 0 { x } else { cx.concat(&[past, x], 2) };
    let (bias, ty) = (node.optional(2), cx.like(x));
    let conv = qonnx::Conv::build(
        &cx.builder,
        all,
        w,
        bias,
        &[1],
        &[0, 0],
        &[1],
        channels as i64,
        AutoPad::Notset,
        false,
        [ty],
    );
    let y = match node.proto.string("activation")?.unwrap_or("none") {
        "none" | "" => conv.result(),
        "silu" | "swish" => swish(cx, conv.result(), 1.0),
        other => return Err(node.error(format!("activation is {}, expected none, silu or swish", quoted(other)))),
    };
    let last = (length as i64..(length + kept) as i64).collect();
    Ok(vec![y, cx.take(all, 2, &Tensor::indices(last))])
}

/// The four rules of a recurrence, as what happens to the state.
#[derive(Clone, Copy)]
struct Rule {
    decays: bool,
    corrects: bool,
}

/// Heads of the operands, (batch, heads, length, size), or a size of 1.
struct Packed<'c> {
    value: Value<'c>,
    size: usize,
}

impl<'c> Packed<'c> {
    fn new(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, x: Value<'c>, heads: usize) -> Result<Self, ImportError> {
        let shape = node.extents(x)?;
        let &[_, _, joint] = &shape[..] else {
            return Err(node.error(format!("an operand has rank {}, expected 3", shape.len())));
        };
        // One value for all heads stays one.
        let heads = if joint == 1 { 1 } else { heads };
        if heads == 0 || joint % heads != 0 {
            return Err(node.error(format!("{heads} heads do not divide an axis of {joint}")));
        }
        let split = cx.reshape(x, &[0, 0, heads as i64, (joint / heads) as i64]);
        Ok(Self { value: cx.transpose(split, &[0, 2, 1, 3]), size: joint / heads })
    }

    /// A step, as (batch, heads, size, 1).
    fn column(&self, cx: &Context<'_, 'c>, step: usize) -> Value<'c> {
        let row = cx.take(self.value, 2, &Tensor::indices(vec![step as i64]));
        cx.transpose(row, &[0, 1, 3, 2])
    }

    /// A step, as (batch, heads, 1, size).
    fn row(&self, cx: &Context<'_, 'c>, step: usize) -> Value<'c> {
        cx.take(self.value, 2, &Tensor::indices(vec![step as i64]))
    }
}

/// The state S is (batch, heads, key, value): `S = exp(g) S`, then `S = S + beta k (v - S' k)'`, and `q' S` comes out.
fn linear_attention<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
    let rule = match node.proto.string("update_rule")?.unwrap_or("gated_delta") {
        "linear" => Rule { decays: false, corrects: false },
        "gated" => Rule { decays: true, corrects: false },
        "delta" => Rule { decays: false, corrects: true },
        "gated_delta" => Rule { decays: true, corrects: true },
        other => {
            return Err(
                node.error(format!("update_rule is {}, expected linear, gated, delta or gated_delta", quoted(other)))
            );
        }
    };
    let heads = |name: &str| {
        let heads = node.proto.int(name)?.and_then(|heads| usize::try_from(heads).ok()).filter(|heads| *heads > 0);
        heads.ok_or_else(|| node.error(format!("has no {name} above 0")))
    };
    let (q_heads, heads) = (heads("q_num_heads")?, heads("kv_num_heads")?);
    let packed = |index, heads| Packed::new(cx, node, node.operand(index)?, heads);
    let (q, k, v) = (packed(0, q_heads)?, packed(1, heads)?, packed(2, heads)?);
    let decay = if rule.decays { Some(packed(4, heads)?) } else { None };
    let beta = if rule.corrects { Some(packed(5, heads)?) } else { None };
    let shape = node.extents(node.operand(0)?)?;
    let (samples, length) = (shape[0], shape[1]);
    if length == 0 || length > MAX_STEPS {
        return Err(node.error(format!("runs {length} steps, expected 1 to {MAX_STEPS}")));
    }
    let scale = match node.proto.float("scale")?.unwrap_or(0.0) {
        0.0 => 1.0 / (q.size as f64).sqrt(),
        scale => scale.into(),
    };
    let mut state = match node.optional(3) {
        Some(past) => past,
        None => zeros(cx, node, node.operand(0)?, &[samples, heads, k.size, v.size])?,
    };
    let shared = (0..q_heads).map(|head| (head / (q_heads / heads).max(1)) as i64).collect();
    let shared = Tensor::indices(shared);
    let mut rows = Vec::new();
    for step in 0..length {
        if let Some(decay) = &decay {
            state = cx.mul(state, cx.apply("qonnx.exp", &[decay.column(cx, step)]));
        }
        let mut value = v.row(cx, step);
        if let Some(beta) = &beta {
            value = cx.mul(cx.sub(value, cx.matmul(k.row(cx, step), state)), beta.row(cx, step));
        }
        state = cx.add(state, cx.mul(k.column(cx, step), value));
        let seen = if q_heads == heads { state } else { cx.take(state, 1, &shared) };
        rows.push(cx.mul(cx.matmul(q.row(cx, step), seen), cx.scalar_like(state, scale)));
    }
    let joined = cx.transpose(cx.concat(&rows, 2), &[0, 2, 1, 3]);
    Ok(vec![cx.reshape(joined, &[0, 0, -1]), state])
}

/// Updates behind one another along an axis, from each sample's own index on: `where` of what is constant but for that.
fn tensor_scatter<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Value<'c>, ImportError> {
    let (x, update) = (node.operand(0)?, node.operand(1)?);
    let (shape, new) = (node.extents(x)?, node.extents(update)?);
    let axis = node.axis(node.proto.int("axis")?.unwrap_or(-2), shape.len())?;
    let circular = match node.proto.string("mode")?.unwrap_or("linear") {
        "linear" => false,
        "circular" => true,
        other => return Err(node.error(format!("mode is {}, expected linear or circular", quoted(other)))),
    };
    let (extent, count) = (shape[axis], new.get(axis).copied().unwrap_or(0));
    if axis == 0 || count == 0 || count > extent.min(MAX_UPDATES) {
        return Err(node.error(format!(
            "updates {count} of {extent} elements along axis {axis}, of which at most {MAX_UPDATES} can change"
        )));
    }
    let number = |value: usize| cx.int64(value as i64);
    // Along the axis alone, with the samples in front.
    let alone =
        |length: usize| (0..shape.len()).map(|at| if at == axis { length as i64 } else { 1 }).collect::<Vec<_>>();
    let start = match node.optional(2) {
        Some(start) => {
            let samples: Vec<i64> = (0..shape.len()).map(|at| if at == 0 { -1 } else { 1 }).collect();
            cx.reshape(cx.cast(start, INT64), &samples)
        }
        None => number(0),
    };
    let places = cx.int64s(node, &[extent], (0..extent as i64).collect())?;
    let distance = cx.sub(cx.reshape(places, &alone(extent)), start);
    let source = if circular { cx.apply("qonnx.mod", &[distance, number(extent)]) } else { distance };
    let is_new = cx.apply(
        "qonnx.and",
        &[cx.compare("qonnx.less", source, number(count)), cx.compare("qonnx.greater", source, cx.int64(-1))],
    );
    let within = cx.apply("qonnx.max", &[cx.apply("qonnx.min", &[source, number(count - 1)]), number(0)]);
    let mut taken = None;
    for index in 0..count {
        let one = cx.take(update, axis as i64, &Tensor::indices(vec![index as i64]));
        let here = cx.compare("qonnx.equal", within, number(index));
        taken = Some(taken.map_or(one, |taken| cx.select(here, one, taken)));
    }
    Ok(cx.select(is_new, taken.unwrap_or(x), x))
}
