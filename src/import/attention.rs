//! Attention: two matrix products around a softmax, with masks that are constants or operands.

use super::{
    ImportError,
    node::{Context, INT64, Node, element_of},
};
use crate::eval::Tensor;
use qonnx_dialect::{Element, PadMode, Reduction, Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let double = node.proto.int("softmax_precision")? == Some(11);
    if node.op_type() != "Attention" || double {
        return Ok(None);
    }
    let q = heads(cx, node, node.operand(0)?, "q_num_heads")?;
    let past = |index| node.optional(index).map(|past| node.extents(past).map(|shape| (past, shape))).transpose();
    let (past_key, past_value) = (past(4)?, past(5)?);
    let offset = past_key.as_ref().and_then(|(_, shape)| shape.get(2).copied()).unwrap_or(0);
    let extended = |new: Heads<'c>, past: Option<(Value<'c>, Vec<usize>)>| match past {
        Some((past, _)) => Heads { value: cx.concat(&[past, new.value], 2), length: new.length + offset, ..new },
        None => new,
    };
    let key = extended(heads(cx, node, node.operand(1)?, "kv_num_heads")?, past_key);
    let value = extended(heads(cx, node, node.operand(2)?, "kv_num_heads")?, past_value);
    let bias = Bias { rows: q.length, columns: key.length, offset }.of(cx, node)?;
    let (scores, probabilities) = attend(cx, node, &q, &key, bias.as_ref())?;
    let result = cx.matmul(probabilities, repeated(cx, &value, q.count));
    let joined = cx.reshape(cx.transpose(result, &[0, 2, 1, 3]), &[0, 0, -1]);
    let y = if node.rank(node.operand(0)?)? == 3 { joined } else { result };
    Ok(Some(vec![y, key.value, value.value, scores]))
}

/// A tensor (batch, heads, length, size).
#[derive(Clone, Copy)]
struct Heads<'c> {
    value: Value<'c>,
    count: usize,
    length: usize,
    size: usize,
}

/// Splits heads off the last axis of a tensor of rank 3.
fn heads<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, x: Value<'c>, name: &str) -> Result<Heads<'c>, ImportError> {
    let shape = node.extents(x)?;
    match shape[..] {
        [_, count, length, size] => Ok(Heads { value: x, count, length, size }),
        [_, length, size] => {
            let count = node.proto.int(name)?.and_then(|count| usize::try_from(count).ok()).filter(|count| *count > 0);
            let count = count.ok_or_else(|| node.error(format!("has no {name} above 0")))?;
            let value = cx.reshape(x, &[0, 0, count as i64, -1]);
            Ok(Heads { value: cx.transpose(value, &[0, 2, 1, 3]), count, length, size: size / count })
        }
        _ => Err(node.error(format!("its operand has rank {}, expected 3 or 4", shape.len()))),
    }
}

/// Fewer heads serve several of the query's, one after another.
fn repeated<'c>(cx: &Context<'_, 'c>, x: &Heads<'c>, count: usize) -> Value<'c> {
    if x.count == count || x.count == 0 || !count.is_multiple_of(x.count) {
        return x.value;
    }
    let places = (0..count).map(|head| (head / (count / x.count)) as i64).collect();
    cx.take(x.value, 1, &Tensor::indices(places))
}

/// The scores that the node puts out, and the softmax of those with the bias.
fn attend<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    q: &Heads<'c>,
    key: &Heads<'c>,
    bias: Option<&(Value<'c>, bool)>,
) -> Result<(Value<'c>, Value<'c>), ImportError> {
    let default = 1.0 / (q.size as f64).sqrt();
    let scale = node.proto.float("scale")?.map_or(default, f64::from).sqrt();
    let scaled = |x: Value<'c>| cx.mul(x, cx.scalar_like(x, scale));
    let turned = cx.transpose(repeated(cx, key, q.count), &[0, 1, 3, 2]);
    let raw = cx.matmul(scaled(q.value), scaled(turned));
    let capped = match node.proto.float("softcap")?.filter(|cap| *cap > 0.0) {
        Some(cap) => {
            let cap = cx.scalar_like(raw, cap.into());
            cx.mul(cx.apply("qonnx.tanh", &[cx.div(raw, cap)]), cap)
        }
        None => raw,
    };
    let biased = bias.map_or(capped, |(bias, _)| cx.add(capped, *bias));
    let softmax = qonnx::Softmax::build(&cx.builder, biased, -1, [cx.like(biased)]).result();
    let probabilities = match bias {
        // A row without anything to attend to has probabilities of 0.
        Some((bias, true)) => {
            let best = cx.reduce(Reduction::Max, *bias, &[-1], true);
            let is_empty = cx.compare("qonnx.equal", best, cx.scalar_like(best, f64::NEG_INFINITY));
            cx.select(is_empty, cx.scalar_like(softmax, 0.0), softmax)
        }
        _ => softmax,
    };
    let scores = match node.proto.int("qk_matmul_output_mode")?.unwrap_or(0) {
        0 => raw,
        1 => capped,
        2 => biased,
        _ => probabilities,
    };
    Ok((scores, probabilities))
}

/// What is added to the scores of (rows, columns): 0, or minus infinity where a query must not look.
struct Bias {
    rows: usize,
    columns: usize,
    /// The position of the first query among the keys.
    offset: usize,
}

/// How far a query looks.
#[derive(Clone, Copy)]
struct Limits {
    causal: bool,
    left: Option<i64>,
    right: Option<i64>,
}

impl Bias {
    /// None if every query looks everywhere; also, whether some row can be empty.
    fn of<'c>(&self, cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<(Value<'c>, bool)>, ImportError> {
        let causal = node.flag("is_causal", 0)?;
        let window = |name| Ok::<_, ImportError>(node.proto.int(name)?.filter(|size| *size >= 0));
        let (left, right) = (window("left_window_size")?, window("right_window_size")?);
        let allowed = |row: usize, column: usize| {
            let distance = (row + self.offset) as i64 - column as i64;
            !(causal && distance < 0)
                && left.is_none_or(|left| distance <= left)
                && right.is_none_or(|right| -distance <= right)
        };
        let mask = node.optional(3).map(|mask| self.mask(cx, node, mask)).transpose()?;
        if let Some(lengths) = node.optional(6) {
            let fixed = self.by_lengths(cx, node, lengths, Limits { causal, left, right })?;
            return Ok(Some((mask.map_or(fixed, |mask| cx.add(mask, fixed)), true)));
        }
        if !causal && left.is_none() && right.is_none() {
            return Ok(mask.map(|mask| (mask, true)));
        }
        node.positions(&[self.rows, self.columns])?;
        let pairs = (0..self.rows).flat_map(|row| (0..self.columns).map(move |column| (row, column)));
        let values = pairs.map(|(row, column)| if allowed(row, column) { 0.0 } else { f32::NEG_INFINITY }).collect();
        let has_empty = (0..self.rows).any(|row| !(0..self.columns).any(|column| allowed(row, column)));
        let fixed = Tensor::f32(&[self.rows, self.columns], values).map_err(|problem| node.error(problem))?;
        let fixed = cx.constant(Element::F32, &fixed);
        Ok(Some(match mask {
            Some(mask) => (cx.add(mask, fixed), true),
            None => (fixed, has_empty),
        }))
    }

    /// Of an outer cache each sample has so many keys, and its queries are at the end of them.
    fn by_lengths<'c>(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        lengths: Value<'c>,
        limits: Limits,
    ) -> Result<Value<'c>, ImportError> {
        let places = |count: usize, shape: &[usize]| cx.int64s(node, shape, (0..count as i64).collect());
        let (rows, columns) = (places(self.rows, &[self.rows, 1])?, places(self.columns, &[self.columns])?);
        let length = cx.reshape(cx.cast(lengths, INT64), &[-1, 1, 1, 1]);
        let first = cx.sub(length, cx.int64(self.rows as i64));
        let distance = cx.sub(cx.add(rows, first), columns);
        let mut outside = vec![cx.compare("qonnx.greater", columns, cx.sub(length, cx.int64(1)))];
        if limits.causal {
            outside.push(cx.compare("qonnx.less", distance, cx.int64(0)));
        }
        outside.extend(limits.left.map(|left| cx.compare("qonnx.greater", distance, cx.int64(left))));
        outside.extend(limits.right.map(|right| cx.compare("qonnx.less", distance, cx.int64(-right))));
        let outside = outside.into_iter().reduce(|a, b| cx.apply("qonnx.or", &[a, b])).unwrap_or(length);
        Ok(cx.select(outside, cx.scalar(f32::NEG_INFINITY), cx.scalar(0.0)))
    }

    /// A mask as numbers to add; keys that a shorter one leaves out are not looked at.
    fn mask<'c>(&self, cx: &Context<'_, 'c>, node: &Node<'_, 'c>, mask: Value<'c>) -> Result<Value<'c>, ImportError> {
        let shape = node.extents(mask)?;
        let (zero, never) = (cx.scalar(0.0), cx.scalar(f32::NEG_INFINITY));
        let mask = if element_of(mask).is_float() { mask } else { cx.select(mask, zero, never) };
        let missing = shape.last().and_then(|extent| self.columns.checked_sub(*extent)).unwrap_or(0);
        if missing == 0 {
            return Ok(mask);
        }
        let mut pads = vec![0; 2 * shape.len()];
        pads[2 * shape.len() - 1] = missing as i64;
        let (pads, ty) = (cx.indices(&pads), cx.like(mask));
        Ok(qonnx::Pad::build(&cx.builder, PadMode::Constant, mask, pads, Some(never), None, [ty]).result())
    }
}
