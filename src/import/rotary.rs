//! RotaryEmbedding: pairs of elements turned by angles whose sines and cosines are operands.

use super::{
    ImportError,
    node::{Context, Node},
};
use crate::eval::Tensor;
use qonnx_dialect::{Value, qonnx};

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if node.op_type() != "RotaryEmbedding" {
        return Ok(None);
    }
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    // (batch, heads, length, size), or (batch, length, heads * size).
    let (split, size, heads_axis) = match shape[..] {
        [_, _, _, size] => (x, size, 1),
        [_, _, joint] => {
            let heads = node.proto.int("num_heads")?.and_then(|heads| usize::try_from(heads).ok()).unwrap_or(0);
            let size = joint.checked_div(heads).ok_or_else(|| node.error("has no num_heads above 0"))?;
            (cx.reshape(x, &[0, 0, heads as i64, -1]), size, 2)
        }
        _ => return Err(node.error(format!("its operand has rank {}, expected 3 or 4", shape.len()))),
    };
    let turned = match node.proto.int("rotary_embedding_dim")?.unwrap_or(0) {
        0 => size,
        turned => usize::try_from(turned).unwrap_or(usize::MAX),
    };
    if turned > size || turned % 2 != 0 {
        return Err(node.error(format!("turns {turned} of {size} elements, expected an even part of them")));
    }
    let places = Places { half: turned as i64 / 2, size: size as i64, interleaved: node.flag("interleaved", 0)? };
    let cache = |index| {
        let cache = node.operand(index)?;
        let angles = match node.optional(3) {
            Some(positions) => qonnx::Gather::build(&cx.builder, cache, positions, 0, [cx.like(cache)]).result(),
            None => cache,
        };
        let axis = cx.indices(&[heads_axis]);
        Ok::<_, ImportError>(qonnx::Unsqueeze::build(&cx.builder, angles, Some(axis), [cx.like(cache)]).result())
    };
    let (cosine, sine) = (cache(1)?, cache(2)?);
    let part = |positions: Vec<i64>| cx.take(split, -1, &Tensor::indices(positions));
    let (a, b) = (part(places.first()), part(places.second()));
    let real = cx.sub(cx.mul(cosine, a), cx.mul(sine, b));
    let imaginary = cx.add(cx.mul(sine, a), cx.mul(cosine, b));
    let mut parts = vec![real, imaginary];
    if turned < size {
        parts.push(part((turned as i64..size as i64).collect()));
    }
    let joined = cx.concat(&parts, -1);
    let joined = if places.interleaved { cx.take(joined, -1, &Tensor::indices(places.back())) } else { joined };
    Ok(Some(vec![if heads_axis == 2 { cx.reshape_to(joined, cx.shape(x)) } else { joined }]))
}

/// Which elements make pairs.
struct Places {
    half: i64,
    size: i64,
    /// Neighbours, or else elements half the turned part apart.
    interleaved: bool,
}

impl Places {
    fn first(&self) -> Vec<i64> {
        (0..self.half).map(|pair| if self.interleaved { 2 * pair } else { pair }).collect()
    }

    fn second(&self) -> Vec<i64> {
        (0..self.half).map(|pair| if self.interleaved { 2 * pair + 1 } else { self.half + pair }).collect()
    }

    /// Where the elements of the result lie behind one another's first, second and other elements.
    fn back(&self) -> Vec<i64> {
        let pairs = (0..self.half).flat_map(|pair| [pair, self.half + pair]);
        pairs.chain(2 * self.half..self.size).collect()
    }
}
