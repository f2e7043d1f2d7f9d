//! A graph evaluated again with exact sums, and with the interval that any order of
//! float32 summation stays in.
//!
//! Of a sum of K terms let E be the exact sum and `B = (K+3) * 2^-24 * sum |terms|`,
//! or 0 where every order of summation is exact. Each value has three tensors: what follows
//! from E (`mid`), and what may follow from anything between E-B and E+B (`low`, `high`).
//! Quantizers give the reference's own codes on, so that each layer stands for itself.

use super::{
    integers::Integers,
    reference::{Recorded, is_quantizer},
    spread::{self, Bounds},
    sums::{FloatSum, adds},
};
use crate::eval::{
    Tensor,
    convert::int_type,
    ops::{
        broadcast,
        elementwise::{self, Binary},
        layout,
    },
};
use anyhow::{Context, Result, anyhow};
use ndarray::ArrayD;
use qonnx_dialect::{Op, OpKind, Value};
use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// What a sum or product of two activations counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// An operation on two float32 values.
    Float,
    /// An exact one, rounded once: a sum of two terms, a product of one.
    Exact,
}

/// The parts of a graph that were evaluated again.
pub struct Replay<'r, 'c> {
    recorded: &'r Recorded<'c>,
    joins: Joins,
    /// Values that depend on the graph's inputs.
    open: HashSet<Value<'c>>,
    bounds: HashMap<Value<'c>, Bounds>,
    /// What each target among the quantizers gives from exact sums.
    pub quantizers: HashMap<Op<'c>, Bounds>,
    /// The sums on the way, and whether every order sums them exactly.
    pub sums: HashMap<Op<'c>, bool>,
}

/// The operations that a target needs, up to the quantizers before it.
pub fn needed<'c>(targets: &[Op<'c>]) -> HashSet<Op<'c>> {
    let mut needed: HashSet<Op<'c>> = targets.iter().copied().collect();
    let mut open: Vec<Op<'c>> = targets.to_vec();
    while let Some(op) = open.pop() {
        for source in op.operands().into_iter().filter_map(Value::defining_op) {
            if !is_quantizer(source) && needed.insert(source) {
                open.push(source);
            }
        }
    }
    needed
}

/// Whether a sum stands between an operation and the quantizers before it.
pub fn has_sum(op: Op<'_>) -> bool {
    needed(&[op]).iter().any(|op| adds(*op))
}

impl<'r, 'c> Replay<'r, 'c> {
    /// Evaluates what `targets` need, on the values of a sample.
    ///
    /// # Errors
    /// If an operation cannot be evaluated.
    pub fn run(main: Op<'c>, recorded: &'r Recorded<'c>, targets: &[Op<'c>], joins: Joins) -> Result<Self> {
        let mut replay = Self {
            recorded,
            joins,
            open: main.arguments().into_iter().collect(),
            bounds: HashMap::new(),
            quantizers: HashMap::new(),
            sums: HashMap::new(),
        };
        let needed = needed(targets);
        for op in main.body() {
            if op.operands().iter().any(|operand| replay.open.contains(operand)) {
                replay.open.extend(op.results());
            }
            if needed.contains(&op) && op.name() != "func.return" {
                replay.step(op).with_context(|| format!("{op:?} cannot be evaluated with exact sums"))?;
            }
        }
        Ok(replay)
    }

    /// A value's bounds; outside of the replay, what was recorded.
    ///
    /// # Errors
    /// If there is no such value.
    pub fn bounds(&self, value: Value<'c>) -> Result<Bounds> {
        if let Some(bounds) = self.bounds.get(&value) {
            return Ok(bounds.clone());
        }
        let tensor = self.recorded.get(&value).ok_or_else(|| anyhow!("no value for {value:?}"))?;
        Ok(Bounds::point(tensor.clone()))
    }

    fn step(&mut self, op: Op<'c>) -> Result<()> {
        let operands = op.operands().into_iter().map(|operand| self.bounds(operand)).collect::<Result<Vec<_>>>()?;
        let tensors: Vec<&Tensor> = operands.iter().map(|bounds| bounds.mid.as_ref()).collect();
        if let Some(sum) = FloatSum::of(op, &tensors)? {
            let bounds = self.sum(op, &sum, &operands)?;
            self.bounds.insert(op.result(0), bounds);
            return Ok(());
        }
        if self.is_as_recorded(op, &operands) {
            return self.keep(op, &operands);
        }
        let results = spread::evaluate(op, &operands)?;
        if is_quantizer(op) {
            // The layers behind are fed with the reference's codes.
            self.quantizers.extend(results.into_iter().next().map(|bounds| (op, bounds)));
            return Ok(());
        }
        self.insert(op, &operands, results)
    }

    /// Keeps results, with the integers that they are.
    fn insert(&mut self, op: Op<'c>, operands: &[Bounds], results: Vec<Bounds>) -> Result<()> {
        let integers = self.integers(op, operands).unwrap_or_default();
        for (index, (value, mut bounds)) in op.results().into_iter().zip(results).enumerate() {
            bounds.integers = integers.get(index).cloned();
            if self.joins == Joins::Exact && is_join(op) {
                bounds = self.joined(op, bounds, operands)?;
            }
            self.bounds.insert(value, bounds);
        }
        Ok(())
    }

    /// A sum or product of two activations as the exact one, within what float32 makes of it.
    fn joined(&self, op: Op<'c>, bounds: Bounds, operands: &[Bounds]) -> Result<Bounds> {
        let open = op.operands().iter().filter(|operand| self.open.contains(operand)).count() > 1;
        let Some(exact) = bounds.integers.as_ref().filter(|_| open).and_then(|integers| integers.value()) else {
            return Ok(bounds);
        };
        // One term of a product, two of a sum.
        let magnitudes = operands.iter().map(|operand| operand.mid.to_f64().mapv(f64::abs));
        let product = op.kind() == OpKind::QonnxMul;
        let joined = |a: ArrayD<f64>, b: ArrayD<f64>| {
            broadcast::zip(&a, &b, |a: f64, b: f64| if product { a * b } else { a + b })
        };
        let (mut all, start) = (magnitudes, ArrayD::from_elem(vec![], if product { 1.0 } else { 0.0 }));
        let magnitude = all.try_fold(start, joined)?;
        let terms = if product { 1 } else { 2 };
        let radius = bounds.radius()? + &magnitude.mapv(|magnitude| rounding(terms, magnitude));
        Ok(Bounds { integers: bounds.integers.clone(), ..Bounds::around(Rc::new(exact), &radius)? })
    }

    /// Whether evaluating it again would give what was recorded.
    fn is_as_recorded(&self, op: Op<'c>, operands: &[Bounds]) -> bool {
        let same = |(operand, bounds): (Value<'c>, &Bounds)| {
            bounds.is_point() && self.recorded.get(&operand).is_some_and(|tensor| Rc::ptr_eq(tensor, &bounds.mid))
        };
        op.operands().into_iter().zip(operands).all(same)
    }

    fn keep(&mut self, op: Op<'c>, operands: &[Bounds]) -> Result<()> {
        let recorded = |value| self.recorded.get(&value).cloned().ok_or_else(|| anyhow!("no value for {value:?}"));
        let results = op.results().into_iter().map(recorded).collect::<Result<Vec<_>>>()?;
        let results: Vec<Bounds> = results.into_iter().map(Bounds::point).collect();
        if is_quantizer(op) {
            self.quantizers.extend(results.into_iter().next().map(|bounds| (op, bounds)));
            return Ok(());
        }
        self.insert(op, operands, results)
    }

    /// The results as integers, where no operation in between needs floats.
    fn integers(&self, op: Op<'c>, operands: &[Bounds]) -> Option<Vec<Rc<Integers>>> {
        let inner = |index: usize| operands.get(index)?.integers.as_deref();
        let known = |index: usize| {
            let constant = !self.open.contains(&op.operand(index));
            constant.then(|| Integers::of_floats(&operands.get(index)?.mid, true)).flatten()
        };
        let either = |index: usize| inner(index).cloned().or_else(|| known(index));
        let one = match op.kind() {
            OpKind::QonnxUnscale => self.unscaled(op, operands)?,
            OpKind::QonnxIdentity => inner(0)?.clone(),
            OpKind::QonnxNeg => inner(0)?.mapped(|q| -q),
            OpKind::QonnxRelu => inner(0).filter(|integers| integers.is_positive())?.mapped(|q| q.max(0)),
            OpKind::QonnxAdd => either(0)?.plus(&either(1)?, 1)?,
            OpKind::QonnxSub => either(0)?.plus(&either(1)?, -1)?,
            OpKind::QonnxMul => either(0)?.product(&either(1)?)?,
            OpKind::QonnxDiv if !self.open.contains(&op.operand(1)) => inner(0)?.over(&operands.get(1)?.mid)?,
            OpKind::QonnxConcat => {
                let parts = (0..operands.len()).map(either).collect::<Option<Vec<_>>>()?;
                Integers::concatenated(&parts.iter().collect::<Vec<_>>(), op.i64_attribute("axis"))?
            }
            _ => {
                let rest: Vec<&Tensor> = operands.iter().skip(1).map(|operand| operand.mid.as_ref()).collect();
                return Some(inner(0)?.moved(op, &rest)?.into_iter().map(Rc::new).collect());
            }
        };
        Some(vec![Rc::new(one)])
    }

    fn unscaled(&self, op: Op<'c>, operands: &[Bounds]) -> Option<Integers> {
        let (q, scales) = operands.split_first()?;
        let limit = match self.open.contains(&op.operand(0)) {
            false => None,
            true => {
                let ty = int_type(op.operand(0).tensor_type()?.element)?;
                Some((ty.min().unsigned_abs().max(ty.max().unsigned_abs())) as f64)
            }
        };
        let scales: Vec<&Tensor> = scales.iter().map(|scale| scale.mid.as_ref()).collect();
        Integers::of_codes(&q.mid, &scales, limit)
    }

    fn sum(&mut self, op: Op<'c>, sum: &FloatSum<'c>, operands: &[Bounds]) -> Result<Bounds> {
        let addends = operands.get(..sum.addends()).ok_or_else(|| anyhow!("a sum lacks an operand"))?;
        let integers = addends.iter().enumerate().map(|(index, bounds)| {
            let constant = !self.open.contains(&op.operand(index));
            bounds.integers.clone().or_else(|| Integers::of_floats(&bounds.mid, constant).map(Rc::new))
        });
        let integers: Option<Vec<Rc<Integers>>> = integers.collect();
        let product = integers.and_then(|all| sum.of_integers(&all.iter().map(Rc::as_ref).collect::<Vec<_>>()));
        let addend = self.addend(op);
        let certain = product.as_ref().is_some_and(|product| product.is_exact_in_float(addend.as_deref()));
        self.sums.insert(op, certain);
        let tensors: Vec<&Tensor> = addends.iter().map(|bounds| bounds.mid.as_ref()).collect();
        let magnitude = sum.of_magnitudes(&addends.iter().map(magnitude).collect::<Vec<_>>())?;
        let terms = sum.terms(&tensors, magnitude.len());
        let mut radius = carried(sum, addends)?.unwrap_or_else(|| ArrayD::zeros(magnitude.raw_dim()));
        let value = match product.as_ref().and_then(Integers::value) {
            Some(value) => value,
            // Off every grid: float64, and what it rounds.
            None => {
                let floats: Vec<Tensor> = tensors.iter().map(|tensor| Tensor::F64(tensor.to_f64())).collect();
                radius.zip_mut_with(&magnitude, |r, magnitude| *r += terms as f64 * f64::EPSILON * magnitude);
                Tensor::F32(sum.apply(&floats.iter().collect::<Vec<_>>())?.to_f32())
            }
        };
        if !certain {
            let addend = addend.map_or_else(|| ArrayD::zeros(vec![]), |addend| addend.to_f64());
            let magnitude = spread::broadcast_to(&magnitude, &addend, |m, c: f64| m + c.abs())?;
            radius.zip_mut_with(&magnitude, |radius, magnitude| *radius += rounding(terms, *magnitude));
        }
        let bounds = Bounds { integers: product.map(Rc::new), ..Bounds::around(Rc::new(value), &radius)? };
        match tensors.first().map(|x| sum.counts(x, magnitude.len())).transpose()?.flatten() {
            Some(counts) => mean(&bounds, &counts),
            None => self.with_bias(operands.get(2), bounds),
        }
    }

    /// A convolution's bias comes after its sum.
    fn with_bias(&self, bias: Option<&Bounds>, bounds: Bounds) -> Result<Bounds> {
        let Some(bias) = bias else { return Ok(bounds) };
        let shape = [vec![bias.mid.len()], vec![1; bounds.mid.rank().saturating_sub(2)]].concat();
        let bias = layout::with_shape(&bias.mid, &shape)?;
        bounds.mapped(|sum| Ok(elementwise::binary(Binary::Add, sum, &bias)?))
    }

    /// A constant that is added right behind a dot product: the reference's Gemm may put it
    /// in front of the sum.
    fn addend(&self, matmul: Op<'c>) -> Option<Rc<Tensor>> {
        let [(user, index)] = matmul.result(0).uses()[..] else { return None };
        let other = match user.kind() {
            _ if matmul.kind() != OpKind::QonnxMatmul => return None,
            OpKind::QonnxAdd => user.operand(1 - index),
            _ => return None,
        };
        self.recorded.get(&other).filter(|_| !self.open.contains(&other)).cloned()
    }
}

/// What float32 rounding may add up to: `(K + 3) * 2^-24` of the terms' magnitudes.
fn rounding(terms: usize, magnitude: f64) -> f64 {
    (terms + 3) as f64 * 2f64.powi(-24) * magnitude
}

fn magnitude(bounds: &Bounds) -> ArrayD<f64> {
    bounds.mid.to_f64().mapv(f64::abs)
}

fn is_join(op: Op<'_>) -> bool {
    matches!(op.kind(), OpKind::QonnxAdd | OpKind::QonnxSub | OpKind::QonnxMul)
}

/// Sums over their counts; the integers keep the divisor.
fn mean(sums: &Bounds, counts: &Tensor) -> Result<Bounds> {
    let integers = sums.integers.as_ref().and_then(|integers| integers.over(counts)).map(Rc::new);
    Ok(Bounds { integers, ..sums.mapped(|sums| Ok(elementwise::binary(Binary::Div, sums, counts)?))? })
}

/// How far a sum moves with its operands; None if they are certain.
fn carried(sum: &FloatSum<'_>, operands: &[Bounds]) -> Result<Option<ArrayD<f64>>> {
    let radii = operands.iter().map(deviation).collect::<Result<Vec<_>>>()?;
    let mut all: Option<ArrayD<f64>> = None;
    for (index, radius) in radii.iter().enumerate() {
        let Some(radius) = radius else { continue };
        // The operands in front as they are, those behind with their own deviation.
        let factors = operands.iter().enumerate().map(|(other, bounds)| match (other.cmp(&index), radii.get(other)) {
            (Ordering::Equal, _) => radius.clone(),
            (Ordering::Greater, Some(Some(own))) => magnitude(bounds) + own,
            _ => magnitude(bounds),
        });
        let moved = sum.of_magnitudes(&factors.collect::<Vec<_>>())?;
        all = Some(match all {
            Some(all) => all + moved,
            None => moved,
        });
    }
    Ok(all)
}

/// How far the reference's float may lie from the value that is exact here.
fn deviation(bounds: &Bounds) -> Result<Option<ArrayD<f64>>> {
    let mut radius = if bounds.is_point() { None } else { Some(bounds.radius()?) };
    let integers = bounds.integers.as_ref().filter(|integers| integers.derived);
    if let Some((integers, value)) = integers.and_then(|integers| Some((integers, integers.value()?))) {
        let ulps = (integers.divisors.len() + 1) as f64 * 2f64.powi(-24);
        let apart = |exact: f64, float: f64| (exact - float).abs() + ulps * float.abs();
        let own = broadcast::zip(&value.to_f64(), &bounds.mid.to_f64(), apart)?;
        radius = Some(radius.map_or(own.clone(), |radius| radius + own));
    }
    Ok(radius)
}
