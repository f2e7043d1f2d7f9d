//! A graph evaluated again with exact sums, and with the interval that any order of
//! float32 summation stays in.
//!
//! Of a dot product of K terms let E be the exact sum and `B = (K+3) * 2^-24 * sum |terms|`,
//! or 0 where every order of summation is exact. Each value has three tensors: what follows
//! from E (`mid`), and what may follow from anything between E-B and E+B (`low`, `high`).
//! Quantizers give the reference's own codes on, so that each layer stands for itself.

use super::{
    integers::Integers,
    reference::{Recorded, is_quantizer},
    spread::{self, Bounds},
};
use crate::{
    eval::{
        Tensor,
        convert::int_type,
        ops::{exact_sum::matmul_exact, matmul},
    },
    transforms::hoist_movement::layout_of,
};
use anyhow::{Context, Result, anyhow};
use ndarray::ArrayD;
use qonnx_dialect::{Op, OpKind, Value};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// The parts of a graph that were evaluated again.
pub struct Replay<'r, 'c> {
    recorded: &'r Recorded<'c>,
    /// Values that depend on the graph's inputs.
    open: HashSet<Value<'c>>,
    bounds: HashMap<Value<'c>, Bounds>,
    /// What each target among the quantizers gives from exact sums.
    pub quantizers: HashMap<Op<'c>, Bounds>,
    /// The dot products on the way, and whether every order sums them exactly.
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

/// Whether a dot product stands between an operation and the quantizers before it.
pub fn has_sum(op: Op<'_>) -> bool {
    needed(&[op]).iter().any(|op| op.kind() == OpKind::QonnxMatmul)
}

impl<'r, 'c> Replay<'r, 'c> {
    /// Evaluates what `targets` need, on the values of a sample.
    ///
    /// # Errors
    /// If an operation cannot be evaluated.
    pub fn run(main: Op<'c>, recorded: &'r Recorded<'c>, targets: &[Op<'c>]) -> Result<Self> {
        let mut replay = Self {
            recorded,
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
        if op.kind() == OpKind::QonnxMatmul {
            let bounds = self.matmul(op, &operands)?;
            self.bounds.insert(op.result(0), bounds);
            return Ok(());
        }
        if self.is_as_recorded(op, &operands) {
            return self.keep(op);
        }
        let results = spread::evaluate(op, &operands)?;
        if is_quantizer(op) {
            // The layers behind are fed with the reference's codes.
            self.quantizers.extend(results.into_iter().next().map(|bounds| (op, bounds)));
            return Ok(());
        }
        for (value, mut bounds) in op.results().into_iter().zip(results) {
            bounds.integers = self.integers(op, &operands);
            self.bounds.insert(value, bounds);
        }
        Ok(())
    }

    /// Whether evaluating it again would give what was recorded.
    fn is_as_recorded(&self, op: Op<'c>, operands: &[Bounds]) -> bool {
        let same = |(operand, bounds): (Value<'c>, &Bounds)| {
            bounds.is_point() && self.recorded.get(&operand).is_some_and(|tensor| Rc::ptr_eq(tensor, &bounds.mid))
        };
        op.operands().into_iter().zip(operands).all(same)
    }

    fn keep(&mut self, op: Op<'c>) -> Result<()> {
        for value in op.results() {
            let tensor = self.recorded.get(&value).ok_or_else(|| anyhow!("no value for {value:?}"))?.clone();
            let mut bounds = Bounds::point(tensor);
            let operands = op.operands().into_iter().map(|operand| self.bounds(operand)).collect::<Result<Vec<_>>>()?;
            bounds.integers = self.integers(op, &operands);
            match is_quantizer(op) {
                true => _ = self.quantizers.insert(op, bounds),
                false => _ = self.bounds.insert(value, bounds),
            }
        }
        Ok(())
    }

    /// A result as integers, where no operation in between rounds.
    fn integers(&self, op: Op<'c>, operands: &[Bounds]) -> Option<Rc<Integers>> {
        let inner = || operands.first()?.integers.clone();
        Some(match op.kind() {
            OpKind::QonnxUnscale => Rc::new(self.unscaled(op, operands)?),
            OpKind::QonnxIdentity => inner()?,
            OpKind::QonnxNeg => Rc::new(inner()?.mapped(|q| -q)?),
            OpKind::QonnxRelu => Rc::new(inner().filter(|integers| integers.is_positive())?.mapped(|q| q.max(0))?),
            OpKind::QonnxView | OpKind::QonnxTranspose | OpKind::QonnxGather => {
                Rc::new(inner()?.moved(&layout_of(op)?)?)
            }
            _ => return None,
        })
    }

    fn unscaled(&self, op: Op<'c>, operands: &[Bounds]) -> Option<Integers> {
        let (q, scales) = operands.split_first()?;
        let constant = !self.open.contains(&op.operand(0));
        let values = q.mid.as_int().ok()?;
        let limit = match constant {
            true => values.iter().map(|q| q.unsigned_abs()).max().unwrap_or(0) as f64,
            false => {
                let ty = int_type(op.operand(0).tensor_type()?.element)?;
                (ty.min().unsigned_abs().max(ty.max().unsigned_abs())) as f64
            }
        };
        let scales = scales.iter().map(|scale| scale.mid.as_ref().clone()).collect();
        let q = Tensor::Int(crate::eval::IntType::I64, values.clone());
        Some(Integers { q, scales, limit, constant })
    }

    fn matmul(&mut self, op: Op<'c>, operands: &[Bounds]) -> Result<Bounds> {
        let [a, b] = operands else { return Err(anyhow!("a dot product has two operands")) };
        let floats = matmul_exact(&a.mid.to_f32(), &b.mid.to_f32())?;
        let integers = |index: usize, bounds: &Bounds| {
            let constant = !self.open.contains(&op.operand(index));
            bounds.integers.clone().or_else(|| Integers::of_floats(&bounds.mid, constant).map(Rc::new))
        };
        let product = integers(0, a).zip(integers(1, b)).and_then(|(a, b)| a.matmul(&b));
        let addend = self.addend(op);
        let certain = product.as_ref().is_some_and(|product| product.is_exact_in_float(addend.as_deref()));
        self.sums.insert(op, certain);
        let mid = match product.as_ref().and_then(Integers::value) {
            Some(value) => value,
            None => Tensor::F32(floats.value),
        };
        let mut radius = ArrayD::zeros(floats.magnitude.raw_dim());
        if !certain {
            let magnitude = match addend {
                Some(addend) => spread::broadcast_to(&floats.magnitude, &addend.to_f64(), |m, c: f64| m + c.abs())?,
                None => floats.magnitude,
            };
            radius = magnitude.mapv(|magnitude| (floats.terms + 3) as f64 * 2f64.powi(-24) * magnitude);
        }
        if !a.is_point() || !b.is_point() {
            radius += &carried(a, b)?;
        }
        let mut bounds = Bounds::around(Rc::new(mid), &radius)?;
        bounds.integers = product.map(Rc::new);
        Ok(bounds)
    }

    /// A constant that is added right behind a dot product: the reference's Gemm may put it
    /// in front of the sum.
    fn addend(&self, matmul: Op<'c>) -> Option<Rc<Tensor>> {
        let [(user, index)] = matmul.result(0).uses()[..] else { return None };
        let other = match user.kind() {
            OpKind::QonnxAdd => user.operand(1 - index),
            _ => return None,
        };
        self.recorded.get(&other).filter(|_| !self.open.contains(&other)).cloned()
    }
}

/// How far a product moves with its operands.
fn carried(a: &Bounds, b: &Bounds) -> Result<ArrayD<f64>> {
    let product = |a: &ArrayD<f64>, b: &ArrayD<f64>| -> Result<ArrayD<f64>> {
        Ok(matmul::matmul(&Tensor::F64(a.clone()), &Tensor::F64(b.clone()))?.to_f64())
    };
    let magnitude = |bounds: &Bounds| bounds.mid.to_f64().mapv(f64::abs);
    let (da, db) = (a.radius()?, b.radius()?);
    let all = product(&da, &(magnitude(b) + &db))? + product(&magnitude(a), &db)?;
    // These products are float64 sums themselves.
    Ok(all.mapv(|radius| radius * (1.0 + 1e-9)))
}
