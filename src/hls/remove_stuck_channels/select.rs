//! Some channels of a value alone, and of all that only they need.
//!
//! [`plan`] goes up to the dot products that give the channels and finds which can be left out: those
//! of a flattened image only if all elements of a channel can. [`apply`] builds what is left.

use crate::{
    eval::convert::{constant_of, hls_constant},
    hls::placement::Placement,
    lowering::{
        range::{Ranges, shape_of},
        requantize::{code_range, ranked_forms_of, set_forms},
    },
    transforms::kinds::is_hls_constant,
};
use ndarray::Axis;
use qonnx_dialect::{Builder, Element, Op, OpKind, Value, hls};
use std::{collections::BTreeMap, ops::Range};

/// Operations between a dot product and the one that gives its channels.
const DEPTH: usize = 32;

/// The positions that stay.
pub fn kept(alive: &[bool]) -> Vec<usize> {
    alive.iter().enumerate().filter(|(_, alive)| **alive).map(|(channel, _)| channel).collect()
}

/// Which channels along an axis have to stay, at least those that are alive; None if all.
pub fn plan(value: Value<'_>, axis: usize, alive: Vec<bool>) -> Option<Vec<bool>> {
    plan_within(value, axis, alive, DEPTH)
}

fn plan_within(value: Value<'_>, axis: usize, alive: Vec<bool>, depth: usize) -> Option<Vec<bool>> {
    let depth = depth.checked_sub(1)?;
    let op = value.defining_op().filter(|_| value.uses().len() == 1)?;
    match step(op, axis, &alive)? {
        Step::End => Some(alive),
        Step::Through { operand, axis } => plan_within(op.operand(operand), axis, alive, depth),
        Step::View(view) => view.candidates(&alive).into_iter().find_map(|(axis, inner)| {
            let inner = plan_within(op.operand(0), axis, inner, depth)?;
            view.back(axis, &inner).filter(|alive| alive.contains(&false))
        }),
    }
}

/// How channels of a result are channels of an operand.
enum Step {
    /// The operation gives as many channels as it has constants for.
    End,
    /// The operand has the same channels along this axis.
    Through {
        operand: usize,
        axis: usize,
    },
    View(View),
}

fn step(op: Op<'_>, axis: usize, alive: &[bool]) -> Option<Step> {
    let through = |operand, axis| Some(Step::Through { operand, axis });
    let shape = shape_of(op.result(0)).ok()?;
    match op.kind() {
        OpKind::HlsMatmul => {
            let of_weights = axis + 1 == shape.len() && shape_of(op.operand(1)).ok()?.len() == 2;
            (of_weights && are_constant(op, 1..op.operand_count())).then_some(Step::End)
        }
        OpKind::HlsConv if axis == 1 && are_constant(op, 1..op.operand_count()) => {
            let (group, weights) = (hls::Conv::of(op)?.group(), shape_of(op.operand(1)).ok()?);
            let one_kernel_a_channel = weights[0] == alive.len() && weights[1] == 1 && group == alive.len() as i64;
            if group == 1 { Some(Step::End) } else { through(0, 1).filter(|_| one_kernel_a_channel) }
        }
        OpKind::HlsRequantize => through(0, axis).filter(|_| !Placement::of(op).has_removed()),
        OpKind::HlsPad => {
            let pad = hls::Pad::of(op)?;
            let untouched = [pad.low(), pad.high(), pad.interior()].iter().all(|list| list[axis] == 0);
            through(0, axis).filter(|_| untouched)
        }
        OpKind::HlsReduceWindow => {
            let window = hls::ReduceWindow::of(op)?;
            through(0, axis).filter(|_| window.window()[axis] == 1 && window.strides()[axis] == 1)
        }
        OpKind::HlsTranspose => through(0, usize::try_from(*op.i64s_attribute("permutation").get(axis)?).ok()?),
        OpKind::HlsAdd | OpKind::HlsSub => {
            let moved = usize::from(are_constant(op, 0..1));
            let same = shape_of(op.operand(moved)).ok()? == shape;
            through(moved, axis).filter(|_| same && are_constant(op, 1 - moved..2 - moved))
        }
        OpKind::HlsView => Some(Step::View(View::of(op, axis)?)),
        _ => None,
    }
}

fn are_constant(op: Op<'_>, operands: Range<usize>) -> bool {
    operands.into_iter().all(|index| is_hls_constant(op.operand(index)))
}

/// The value with the channels alone that are alive, as [`plan`] gave them.
pub fn apply<'c>(value: Value<'c>, axis: usize, alive: &[bool], ranges: &mut Ranges<'c>) -> Option<Value<'c>> {
    let op = value.defining_op()?;
    let (mut operands, mut extent_of_view) = (op.operands(), None);
    match step(op, axis, alive)? {
        Step::End => {}
        Step::Through { operand, axis } => operands[operand] = apply(operands[operand], axis, alive, ranges)?,
        Step::View(view) => {
            let (axis, inner) = view.exact(alive)?;
            operands[0] = apply(operands[0], axis, &inner, ranges)?;
            extent_of_view = Some(kept(alive).len());
        }
    }
    let builder = Builder::before(op);
    let channels = kept(alive);
    let mut shape = shape_of(value).ok()?;
    shape[axis] = extent_of_view.unwrap_or(channels.len());
    select_constants(&builder, op, axis, &channels, &mut operands)?;
    let new = builder.copy(op, &operands, &[builder.tensor(Element::Int { width: 64, signed: true }, &shape)]);
    if op.kind() == OpKind::HlsRequantize {
        select_forms(new, op, axis, alive)?;
    }
    if hls::Conv::of(new).is_some_and(|conv| conv.group() != 1) {
        new.set_attribute("group", builder.i64(channels.len() as i64));
    }
    ranges.fit(new).ok()?;
    Some(new.result(0))
}

/// The constants that belong to the channels that stay.
fn select_constants<'c>(
    builder: &Builder<'c>,
    op: Op<'c>,
    axis: usize,
    channels: &[usize],
    operands: &mut [Value<'c>],
) -> Option<()> {
    let rank = shape_of(op.result(0)).ok()?.len();
    for (index, operand) in operands.iter_mut().enumerate() {
        let own = shape_of(*operand).ok()?;
        let own_axis = match (op.kind(), index) {
            (OpKind::HlsMatmul, 1) => Some(1),
            (OpKind::HlsConv, 1) | (OpKind::HlsMatmul | OpKind::HlsConv, 2) => Some(0),
            // Numpy's broadcasting: aligned at the right.
            (OpKind::HlsAdd | OpKind::HlsSub, _) => (axis + own.len()).checked_sub(rank).filter(|axis| own[*axis] > 1),
            _ => None,
        };
        if let Some((own_axis, constant)) = own_axis.zip(constant_of(*operand)) {
            let selected = constant.as_int().ok()?.select(Axis(own_axis), channels);
            *operand = hls_constant(builder, selected.shape(), &selected.iter().copied().collect::<Vec<_>>());
        }
    }
    Some(())
}

/// The forms of the channels that stay; the codes of the others are written down.
fn select_forms(new: Op<'_>, old: Op<'_>, axis: usize, alive: &[bool]) -> Option<()> {
    let forms = ranked_forms_of(hls::Requantize::of(old)?)?;
    let per_channel = forms.shape().get(axis).is_some_and(|extent| *extent == alive.len());
    let codes_of = |channel: usize| {
        let forms = forms.index_axis(Axis(axis), if per_channel { channel } else { 0 });
        let codes = forms.iter().map(code_range);
        codes.reduce(|all, codes| (all.0.min(codes.0), all.1.max(codes.1)))
    };
    let removed = alive.iter().enumerate().filter(|(_, alive)| !**alive);
    let removed: BTreeMap<usize, (i64, i64)> =
        removed.map(|(channel, _)| Some((channel, codes_of(channel)?))).collect::<Option<_>>()?;
    if per_channel {
        set_forms(new, &forms.select(Axis(axis), &kept(alive)));
    }
    Placement::remove(new, axis, &removed);
    Some(())
}

/// The axes of a view that make one axis of its result, or of which it makes several.
struct View {
    /// The first axis of the operand that takes part, and the extents of all.
    first: usize,
    inner: Vec<usize>,
    /// Those of the result, and the position of the axis that is asked for.
    outer: Vec<usize>,
    asked: usize,
}

impl View {
    /// The smallest groups of axes around `axis` that have as many elements.
    fn of(op: Op<'_>, axis: usize) -> Option<Self> {
        let (from, to) = (shape_of(op.operand(0)).ok()?, shape_of(op.result(0)).ok()?);
        let (mut i, mut o) = (0, 0);
        while o < to.len() {
            let (first, first_out) = (i, o);
            let (mut inner, mut outer) = (*from.get(i)?, to[o]);
            (i, o) = (i + 1, o + 1);
            while inner != outer {
                if inner < outer {
                    inner *= from.get(i)?;
                    i += 1;
                } else {
                    outer *= to.get(o)?;
                    o += 1;
                }
            }
            if (first_out..o).contains(&axis) {
                let (inner, outer) = (from[first..i].to_vec(), to[first_out..o].to_vec());
                return Some(Self { first, inner, outer, asked: axis - first_out });
            }
        }
        None
    }

    /// The index along axis `axis` of `extents` of each element of the group.
    fn indices(extents: &[usize], axis: usize) -> impl Iterator<Item = usize> {
        let behind: usize = extents[axis + 1..].iter().product();
        let (count, extent) = (extents.iter().product::<usize>(), extents[axis]);
        (0..count).map(move |element| element / behind.max(1) % extent)
    }

    /// For each axis of the operand, which of its places hold an element that is alive; those first
    /// that leave out most.
    fn candidates(&self, alive: &[bool]) -> Vec<(usize, Vec<bool>)> {
        let mut all: Vec<(usize, Vec<bool>)> =
            (0..self.inner.len()).map(|axis| (self.first + axis, self.along(axis, alive))).collect();
        all.retain(|(_, places)| places.contains(&false));
        let share = |places: &[bool]| (kept(places).len() << 16) / places.len().max(1);
        all.sort_by_key(|(_, places)| share(places));
        all
    }

    fn along(&self, axis: usize, alive: &[bool]) -> Vec<bool> {
        let mut places = vec![false; self.inner[axis]];
        let asked = Self::indices(&self.outer, self.asked);
        for (place, asked) in Self::indices(&self.inner, axis).zip(asked) {
            places[place] |= alive[asked];
        }
        places
    }

    /// The places of the result's axis that these of the operand's leave; None if the elements that
    /// are left are no whole places.
    fn back(&self, axis: usize, places: &[bool]) -> Option<Vec<bool>> {
        let axis = axis.checked_sub(self.first)?;
        let mut alive = vec![false; self.outer[self.asked]];
        let pairs = || Self::indices(&self.inner, axis).zip(Self::indices(&self.outer, self.asked));
        pairs().for_each(|(place, asked)| alive[asked] |= places[place]);
        pairs().all(|(place, asked)| alive[asked] == places[place]).then_some(alive)
    }

    /// The axis of the operand, and its places, that leave just what is alive.
    fn exact(&self, alive: &[bool]) -> Option<(usize, Vec<bool>)> {
        let is_exact = |(axis, places): &(usize, Vec<bool>)| self.back(*axis, places).as_deref() == Some(alive);
        self.candidates(alive).into_iter().find(is_exact)
    }
}
