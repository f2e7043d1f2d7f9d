//! Where branches of one tensor meet again: intervals alone would take them for independent, so that
//! `x - x` had twice the range of x, and two dot products in a row that of the worst of each.
//!
//! What lies between such a place and the integers that it comes from is an affine function, element
//! by element: `f(low) + sum of c * (x - low)`. The evaluator gives it, at the least values of all
//! elements, then with one of them at its greatest: the difference is that element's whole share.
//! Elements whose shares cannot meet in one result are moved together.

use super::{Range, Ranges, collect, shape_of, tensor, terms_of};
use crate::{
    eval::{Tensor, convert::constant_of, evaluate},
    transforms::kinds::is_hls_constant,
};
use ndarray::ArrayD;
use qonnx_dialect::{Op, OpKind, Value, WindowReduction, hls};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// Multiplications and additions that an affine function may cost; beyond, intervals have to do.
const MOST_WORK: usize = 1 << 25;
/// Operations between a place and its sources: beyond, intervals have to do.
const MOST_OPERATIONS: usize = 1 << 7;

/// The exact range of an operation in which branches of one tensor meet; None where none do, or where
/// that costs too much.
pub(super) fn range<'c>(ranges: &mut Ranges<'c>, op: Op<'c>) -> Option<Range> {
    let adds = mixes(op) || matches!(op.kind(), OpKind::HlsAdd | OpKind::HlsSub);
    let slice = adds.then(|| Slice::behind(op)).flatten().filter(Slice::branches_meet)?;
    let sources = slice.sources.iter().map(|source| {
        let range = ranges.of(*source).ok()?;
        range.broadcast(&shape_of(*source).ok()?)
    });
    slice.range(&sources.collect::<Option<Vec<_>>>()?)
}

/// Whether an operation is affine in all operands that are not constant.
fn is_affine(op: Op<'_>) -> bool {
    match op.kind() {
        OpKind::HlsAdd | OpKind::HlsSub | OpKind::HlsView | OpKind::HlsTranspose => true,
        OpKind::HlsGather | OpKind::HlsConcat | OpKind::HlsPad => true,
        OpKind::HlsMul | OpKind::HlsMatmul => is_hls_constant(op.operand(0)) || is_hls_constant(op.operand(1)),
        OpKind::HlsConv => is_hls_constant(op.operand(1)),
        OpKind::HlsReduceWindow => {
            hls::ReduceWindow::of(op).is_some_and(|window| window.reduction() == WindowReduction::Sum)
        }
        _ => false,
    }
}

/// Whether a result may depend on several elements of one operand.
fn mixes(op: Op<'_>) -> bool {
    matches!(op.kind(), OpKind::HlsMatmul | OpKind::HlsConv | OpKind::HlsReduceWindow)
}

/// Affine operations in order, and the integers that they begin with.
struct Slice<'c> {
    ops: Vec<Op<'c>>,
    sources: Vec<Value<'c>>,
    /// What each operation comes from, by the source's position.
    reached: HashMap<Op<'c>, HashSet<usize>>,
}

impl<'c> Slice<'c> {
    fn behind(op: Op<'c>) -> Option<Self> {
        let mut slice = Self { ops: Vec::new(), sources: Vec::new(), reached: HashMap::new() };
        (is_affine(op) && slice.visit(op).is_some()).then_some(slice)
    }

    /// Operands first, without recursion: chains are long.
    fn visit(&mut self, op: Op<'c>) -> Option<()> {
        let mut open = vec![(op, false)];
        while let Some((op, operands_known)) = open.pop() {
            if self.reached.contains_key(&op) {
                continue;
            }
            if operands_known {
                let reached = op.operands().into_iter().flat_map(|operand| self.sources_of(operand)).collect();
                self.reached.insert(op, reached);
                self.ops.push(op);
                continue;
            }
            open.push((op, true));
            open.extend(op.operands().into_iter().filter_map(inner).map(|inner| (inner, false)));
            if self.ops.len() + open.len() > MOST_OPERATIONS {
                return None;
            }
        }
        Some(())
    }

    fn sources_of(&mut self, value: Value<'c>) -> HashSet<usize> {
        if is_hls_constant(value) {
            return HashSet::new();
        }
        if let Some(inner) = inner(value) {
            return self.reached.get(&inner).cloned().unwrap_or_default();
        }
        let known = self.sources.iter().position(|source| *source == value);
        HashSet::from([known.unwrap_or_else(|| {
            self.sources.push(value);
            self.sources.len() - 1
        })])
    }

    /// Whether the last operation adds what comes from one element on several ways.
    fn branches_meet(&self) -> bool {
        let Some((last, others)) = self.ops.split_last() else { return false };
        if mixes(*last) {
            return others.iter().any(|op| mixes(*op) || self.joins(*op));
        }
        self.joins(*last)
    }

    /// Whether two operands come from one source.
    fn joins(&self, op: Op<'c>) -> bool {
        let mut seen = HashSet::new();
        let operands = op.operands().into_iter();
        let mut sources = operands.flat_map(|operand| match inner(operand) {
            Some(inner) => self.reached.get(&inner).cloned().unwrap_or_default(),
            None => self.sources.iter().position(|source| *source == operand).into_iter().collect(),
        });
        sources.any(|source| !seen.insert(source))
    }

    /// The least and greatest results, given the ranges of all elements of the sources.
    fn range(&self, sources: &[Range]) -> Option<Range> {
        let probes: Vec<(usize, Probe)> = sources
            .iter()
            .enumerate()
            .flat_map(|(at, range)| self.probes(range).map(move |probe| (at, probe)))
            .collect();
        let work: usize = self.ops.iter().map(|op| work_of(*op)).fold(0, usize::saturating_add);
        if work.saturating_mul(probes.len() + 1) > MOST_WORK {
            return None;
        }
        let lows: Vec<Rc<Tensor>> = sources.iter().map(|range| Rc::new(tensor(range.low.clone()))).collect();
        let constants = self.constants()?;
        let base = self.evaluate(&constants, &lows)?;
        let mut bounds: Vec<(i128, i128)> = base.iter().map(|value| (i128::from(*value), i128::from(*value))).collect();
        for (at, probe) in probes {
            let mut inputs = lows.clone();
            inputs[at] = Rc::new(tensor(probe.moved(&sources[at])));
            let moved = self.evaluate(&constants, &inputs)?;
            for (bound, (moved, base)) in bounds.iter_mut().zip(moved.iter().zip(&base)) {
                let share = i128::from(*moved) - i128::from(*base);
                *bound = (bound.0 + share.min(0), bound.1 + share.max(0));
            }
        }
        collect(base.shape(), bounds.into_iter()).ok()
    }

    /// What is moved at a time. Elementwise, a result depends on one element of each source.
    fn probes(&self, range: &Range) -> Box<dyn Iterator<Item = Probe>> {
        let elementwise = |op: &Op<'c>| {
            let shape = shape_of(op.result(0)).ok();
            let same = |value: Value<'c>| is_hls_constant(value) || shape_of(value).ok() == shape;
            matches!(op.kind(), OpKind::HlsAdd | OpKind::HlsSub | OpKind::HlsMul) && op.operands().into_iter().all(same)
        };
        if self.ops.iter().all(elementwise) {
            return Box::new(std::iter::once(Probe::All));
        }
        let varies = |(_, (low, high)): &(usize, (&i64, &i64))| low < high;
        let places: Vec<usize> =
            range.low.iter().zip(&range.high).enumerate().filter(varies).map(|(place, _)| place).collect();
        Box::new(places.into_iter().map(Probe::Element))
    }

    /// The constant operands.
    fn constants(&self) -> Option<Known<'c>> {
        let constants = self.ops.iter().flat_map(|op| op.operands()).filter(|operand| is_hls_constant(*operand));
        constants.map(|value| Some((value, Rc::new(constant_of(value)?)))).collect()
    }

    /// The last result, given the sources' elements.
    fn evaluate(&self, constants: &Known<'c>, inputs: &[Rc<Tensor>]) -> Option<ArrayD<i64>> {
        let mut known = constants.clone();
        known.extend(self.sources.iter().copied().zip(inputs.iter().cloned()));
        for op in &self.ops {
            let operands = op.operands().into_iter().map(|operand| known.get(&operand).cloned());
            let operands: Vec<Rc<Tensor>> = operands.collect::<Option<_>>()?;
            let results = evaluate(*op, &operands.iter().map(Rc::as_ref).collect::<Vec<_>>()).ok()?;
            known.extend(op.results().into_iter().zip(results.into_iter().map(Rc::new)));
        }
        Some(known.get(&self.ops.last()?.result(0))?.as_int().ok()?.clone())
    }
}

/// Values by what gives them.
type Known<'c> = HashMap<Value<'c>, Rc<Tensor>>;

/// Elements of a source that go from their least to their greatest value.
#[derive(Clone, Copy)]
enum Probe {
    All,
    /// By position in row-major order.
    Element(usize),
}

impl Probe {
    fn moved(self, range: &Range) -> ArrayD<i64> {
        match self {
            Self::All => range.high.clone(),
            Self::Element(place) => {
                let mut moved = range.low.clone();
                if let (Some(value), Some(high)) = (moved.iter_mut().nth(place), range.high.iter().nth(place)) {
                    *value = *high;
                }
                moved
            }
        }
    }
}

/// The affine operation that gives a value.
fn inner(value: Value<'_>) -> Option<Op<'_>> {
    value.defining_op().filter(|op| is_affine(*op))
}

/// Multiplications or moves.
fn work_of(op: Op<'_>) -> usize {
    let shape = shape_of(op.result(0)).unwrap_or_default();
    shape.iter().fold(terms_of(op).max(1), |work, extent| work.saturating_mul(*extent))
}
