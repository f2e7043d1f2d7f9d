//! Operations that add in float32: dot products, convolutions, averages, reductions.
//!
//! Each is linear. On integers it is exact; on float64 magnitudes it bounds what float32
//! may make of it.

use super::integers::{Integers, outputs::Meeting};
use crate::{
    eval::{
        Tensor, evaluate,
        interpreter::pool_params,
        ops::{
            matmul, pool,
            reduce::{self, Reduction as Kind},
        },
    },
    transforms::kinds,
};
use anyhow::{Result, anyhow};
use ndarray::ArrayD;
use qonnx_dialect::{Op, OpKind, Reduction, qonnx};

/// What the float64 sums here may be off by themselves.
const FLOAT64_SLACK: f64 = 1e-9;

/// An operation that adds, and the axes of a reduction.
#[derive(Clone, Debug)]
pub struct FloatSum<'c> {
    op: Op<'c>,
    /// Operands whose elements are added; those behind are parameters.
    addends: usize,
    axes: Vec<i64>,
}

/// Whether an operation adds floats, in an order that its kernel chooses.
pub fn adds(op: Op<'_>) -> bool {
    let float = op.result_count() == 1 && op.result(0).tensor_type().is_some_and(|ty| ty.element.is_float());
    float && kinds::adds(op)
}

impl<'c> FloatSum<'c> {
    /// The sum that an operation on these operands is; None if it adds nothing.
    ///
    /// # Errors
    /// If the axes of a reduction are no integers.
    pub fn of(op: Op<'c>, operands: &[&Tensor]) -> Result<Option<Self>> {
        if !adds(op) {
            return Ok(None);
        }
        let mut axes = Vec::new();
        if let Some(reduce) = qonnx::Reduce::of(op) {
            axes = operands.get(1).map(|axes| axes.to_i64_vec()).transpose()?.unwrap_or_default();
            if axes.is_empty() && reduce.noop_with_empty_axes() {
                return Ok(None);
            }
        }
        let addends = if matches!(op.kind(), OpKind::QonnxAveragePool | OpKind::QonnxReduce) { 1 } else { 2 };
        Ok(Some(Self { op, addends, axes }))
    }

    /// How many operands hold what is multiplied and added.
    pub fn addends(&self) -> usize {
        self.addends
    }

    /// The sums of integers or float64 values; a mean is not divided yet.
    ///
    /// # Errors
    /// If an operand does not fit.
    pub fn apply(&self, operands: &[&Tensor]) -> Result<Tensor> {
        let x = operands.first().ok_or_else(|| anyhow!("a sum has no operand"))?;
        Ok(match (self.op.kind(), operands) {
            (OpKind::QonnxMatmul, [a, b]) => matmul::matmul(a, b)?,
            (OpKind::QonnxAveragePool, _) => pool::pool_sums(x, &pool_params(self.op, x)?)?,
            (OpKind::QonnxReduce, _) => reduce::reduce(Kind::Sum, x, &self.axes, self.op.unit_attribute("keep_dims"))?,
            _ => evaluate(self.op, operands)?.into_iter().next().ok_or_else(|| anyhow!("a sum has no result"))?,
        })
    }

    /// The sums of float64 arrays.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    pub fn of_magnitudes(&self, operands: &[ArrayD<f64>]) -> Result<ArrayD<f64>> {
        let tensors: Vec<Tensor> = operands.iter().map(|operand| Tensor::F64(operand.clone())).collect();
        let sums = self.apply(&tensors.iter().collect::<Vec<_>>())?;
        Ok(sums.to_f64().mapv(|sum| sum * (1.0 + FLOAT64_SLACK)))
    }

    /// How many terms the longest sum has.
    pub fn terms(&self, operands: &[&Tensor], results: usize) -> usize {
        let shape = |index: usize| operands.get(index).map_or(&[][..], |operand| operand.shape());
        let product = |extents: &[usize]| extents.iter().product::<usize>();
        let group = self.op.optional_i64_attribute("group").map_or(1, |group| group.max(1) as usize);
        match self.op.kind() {
            OpKind::QonnxMatmul => shape(0).last().copied().unwrap_or(0),
            OpKind::QonnxConv => product(shape(1).get(1..).unwrap_or_default()),
            OpKind::QonnxConvTranspose => product(shape(1)) / (group * shape(1).get(1).copied().unwrap_or(1)).max(1),
            OpKind::QonnxAveragePool => self.op.i64s_attribute("kernel").iter().map(|k| (*k).max(1) as usize).product(),
            _ => product(shape(0)) / results.max(1),
        }
    }

    /// By what the sums are divided; None if they are not.
    ///
    /// # Errors
    /// If the window of a pool does not fit.
    pub fn counts(&self, x: &Tensor, results: usize) -> Result<Option<Tensor>> {
        let mean = qonnx::Reduce::of(self.op).is_some_and(|reduce| reduce.reduction() == Reduction::Mean);
        Ok(match self.op.kind() {
            OpKind::QonnxAveragePool => Some(Tensor::F32(pool::pool_counts(x, &pool_params(self.op, x)?)?)),
            _ if mean => Some(Tensor::scalar((x.len() / results.max(1)) as f32)),
            _ => None,
        })
    }

    /// The exact sums; None where scales vary among the terms of one, or 64 bits do not hold it.
    pub fn of_integers(&self, operands: &[&Integers]) -> Option<Integers> {
        let shapes: Vec<&[usize]> = operands.iter().map(|operand| operand.q.shape()).collect();
        let met = operands
            .iter()
            .enumerate()
            .map(|(index, operand)| operand.meeting(&Meeting::of(self.op, index, &shapes, &self.axes)?));
        let met = met.collect::<Option<Vec<Integers>>>()?;
        let limit = self.limit(&met, |operand| operand.limit)?;
        let actual = if limit.is_finite() { limit } else { self.limit(&met, Integers::magnitude)? };
        if !Integers::fits(actual) {
            return None;
        }
        let codes: Vec<Tensor> = met.iter().map(Integers::codes).collect();
        let q = self.apply(&codes.iter().collect::<Vec<_>>()).ok()?;
        Integers::joined(q.as_int().ok()?.clone(), &met, limit)
    }

    /// The largest magnitude of a sum: of weights as they are, and of activations as large as they get.
    fn limit(&self, operands: &[Integers], most: impl Fn(&Integers) -> f64) -> Option<f64> {
        // Infinity times a weight of 0 is no number.
        if operands.iter().any(|operand| most(operand).is_infinite()) {
            return Some(f64::INFINITY);
        }
        let magnitudes = operands.iter().map(|operand| match operand.constant {
            true => operand.q.mapv(|q| q.unsigned_abs() as f64),
            false => ArrayD::from_elem(operand.q.raw_dim(), most(operand)),
        });
        let sums = self.of_magnitudes(&magnitudes.collect::<Vec<_>>()).ok()?;
        Some(sums.into_iter().fold(0.0, f64::max).floor())
    }
}
