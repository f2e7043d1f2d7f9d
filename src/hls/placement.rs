//! How the codes of a quantizer's node lie in hardware, where passes moved or removed some.
//!
//! `qonnxc check` compares with the file in the file's own order; two attributes of the operation
//! that gives the codes say how to get there.

use crate::transforms::permutation::Permutation;
use ndarray::{ArrayD, Axis, Dimension, IxDyn};
use qonnx_dialect::{Builder, Op};
use std::collections::BTreeMap;

/// The permutation of the node's axes that gives those in hardware.
const TRANSPOSED: &str = "hls.transposed";
/// `[axis, channel, low, high, channel, low, high...]`: channels that were removed, by their position
/// before, and the codes that they could have.
const REMOVED: &str = "hls.removed";

/// What was done to a node's codes: transposed, then channels removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    permutation: Option<Permutation>,
    axis: usize,
    removed: BTreeMap<usize, (i64, i64)>,
}

impl Placement {
    /// What the attributes of an operation say; what does not fit its result says nothing.
    pub fn of(op: Op<'_>) -> Self {
        let shape = op.result(0).tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default();
        let permutation = Permutation::of(&op.i64s_attribute(TRANSPOSED));
        let (axis, removed) = removed_of(op).filter(|removed| fits(removed, &shape)).unwrap_or_default();
        Self { permutation: permutation.filter(|order| order.rank() == shape.len()), axis, removed }
    }

    /// Adds a transpose to what was done to the codes of `op`, of which no channel was removed.
    pub fn transpose(op: Op<'_>, order: &Permutation) {
        let both = Self::of(op).permutation.map_or_else(|| order.clone(), |before| before.then(order));
        op.set_attribute(TRANSPOSED, Builder::before(op).i64s(&both.to_i64s()));
    }

    /// Says which channels of `op` were removed, and the codes that they could have.
    pub fn remove(op: Op<'_>, axis: usize, removed: &BTreeMap<usize, (i64, i64)>) {
        let channels = removed.iter().flat_map(|(channel, (low, high))| [*channel as i64, *low, *high]);
        let list: Vec<i64> = std::iter::once(axis as i64).chain(channels).collect();
        op.set_attribute(REMOVED, Builder::before(op).i64s(&list));
    }

    /// Whether channels were removed before.
    pub fn has_removed(&self) -> bool {
        !self.removed.is_empty()
    }

    /// The shape of the node's codes, given that of the operation's.
    pub fn node_shape(&self, own: &[usize]) -> Vec<usize> {
        let mut shape = own.to_vec();
        if let Some(extent) = shape.get_mut(self.axis) {
            *extent += self.removed.len();
        }
        let back = self.permutation.as_ref().and_then(|order| order.inverse().applied(&shape));
        back.unwrap_or(shape)
    }

    /// What the node has for each element, as the operation has it. An extent of 1 holds for all.
    pub fn placed<T: Clone>(&self, of_node: &ArrayD<T>) -> ArrayD<T> {
        let transposed = match &self.permutation {
            Some(order) if order.rank() == of_node.ndim() => of_node.clone().permuted_axes(order.axes()),
            _ => of_node.clone(),
        };
        let extent = transposed.shape().get(self.axis).copied().unwrap_or(1);
        if extent == 1 || self.removed.is_empty() {
            return transposed;
        }
        let kept: Vec<usize> = (0..extent).filter(|channel| !self.removed.contains_key(channel)).collect();
        transposed.select(Axis(self.axis), &kept)
    }

    /// What the operation has for each element, as the node has it; `fill` gives what was removed, from
    /// the codes that it could have and its place in the node's order.
    pub fn restored<T: Clone>(&self, own: &ArrayD<T>, fill: impl Fn((i64, i64), &[usize]) -> T) -> ArrayD<T> {
        let shape = self.node_shape(own.shape());
        ArrayD::from_shape_fn(IxDyn(&shape), |place| {
            let place = place.slice();
            let moved = self.permutation.as_ref().and_then(|order| order.applied(place));
            let mut moved = moved.unwrap_or_else(|| place.to_vec());
            let Some(channel) = moved.get_mut(self.axis) else { return own[&*moved].clone() };
            match self.removed.get(channel) {
                Some(codes) => fill(*codes, place),
                None => {
                    *channel -= self.removed.range(..*channel).count();
                    own[&*moved].clone()
                }
            }
        })
    }
}

fn removed_of(op: Op<'_>) -> Option<(usize, BTreeMap<usize, (i64, i64)>)> {
    let list = op.i64s_attribute(REMOVED);
    let (axis, channels) = list.split_first()?;
    let channels = channels.chunks_exact(3).map(|channel| match channel {
        [position, low, high] => Some((usize::try_from(*position).ok()?, (*low, *high))),
        _ => None,
    });
    Some((usize::try_from(*axis).ok()?, channels.collect::<Option<_>>()?))
}

/// Whether the axis had all of these channels before they were removed.
fn fits((axis, removed): &(usize, BTreeMap<usize, (i64, i64)>), shape: &[usize]) -> bool {
    let last = removed.last_key_value().map(|(channel, _)| *channel);
    shape.get(*axis).is_some_and(|extent| last.is_none_or(|last| last < extent.saturating_add(removed.len())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transforms::functions::functions;
    use qonnx_dialect::{OpKind, Program};

    /// The placement of the requantizer of `x`, 2 x 3 codes, that has these attributes.
    fn with<T>(attributes: &str, passes: &str, see: impl Fn(Placement) -> T) -> T {
        let text = format!(
            "func.func @main(%x: tensor<3x2xsi9>) -> tensor<2x3xsi4> {{
              %t = hls.transpose %x [1, 0] : (tensor<3x2xsi9>) -> tensor<2x3xsi9>
              %q = hls.requantize %t per [] [#hls.mul_shift<1 * x + 0 shift 3 half_even in [-8, 7]>] \
                {{{attributes}}} : (tensor<2x3xsi9>) -> tensor<2x3xsi4>
              return %q : tensor<2x3xsi4>
            }}"
        );
        crate::passes::register();
        qonnx_dialect::register_transforms();
        let mut program = Program::parse(text.as_bytes()).unwrap();
        program.run(&format!("builtin.module({passes})")).unwrap();
        program.with(|module| {
            let mut ops = functions(module).flat_map(|function| function.body());
            see(Placement::of(ops.find(|op| op.kind() == OpKind::HlsRequantize).unwrap()))
        })
    }

    #[test]
    fn what_does_not_fit_says_nothing() {
        for channels in ["1, 99, 0, 0", "1, 9223372036854775807, 0, 0", "2, 0, 0, 0", "-1, 0, 0, 0", "1, 4, 0, 0"] {
            let removed = format!("hls.removed = array<i64: {channels}>");
            with(&removed, "canonicalize", |placement| assert_eq!(placement, Placement::default(), "{channels}"));
        }
    }

    #[test]
    fn a_transpose_stays_above_what_has_lost_channels() {
        with("hls.removed = array<i64: 1, 3, 5, 5>", "hls-sink-transposes", |placement| {
            assert_eq!(placement.node_shape(&[2, 3]), [2, 4]);
            let own = ArrayD::from_shape_fn(IxDyn(&[2, 3]), |place| place[0] * 3 + place[1]);
            let node = placement.restored(&own, |_, _| 9);
            assert_eq!(node.iter().copied().collect::<Vec<_>>(), [0, 1, 2, 9, 3, 4, 5, 9]);
            assert_eq!(placement.placed(&node), own);
        });
    }
}
