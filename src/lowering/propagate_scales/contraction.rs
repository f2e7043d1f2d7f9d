//! Scales along axes that a dot product mixes.
//!
//! Integers can be added only if they stand for multiples of one step: a scale must not
//! vary among the terms of a sum. Where it does (weights quantized in groups, branches of
//! a Concat), all values are multiples of their greatest common step, and the multiples go
//! into constant weights.

use crate::eval::{
    Tensor,
    convert::{constant_of, hls_constant, qonnx_constant},
    ops::broadcast::{all_known, broadcast_shape, view_as, zip},
};
use crate::lowering::grid::{Dyadic, FACTOR_BITS, common_step};
use ndarray::{ArrayD, Dimension, IxDyn};
use qonnx_dialect::{Builder, Value};

/// How elements of an operand meet the outputs of a dot product.
pub struct Contraction<'s> {
    /// The operand's shape.
    pub shape: &'s [usize],
    /// The shape of a constant, one value for each group of outputs that add the same elements.
    pub outputs: Vec<usize>,
    /// The group, as a flat index into `outputs`, of an element.
    pub output: &'s dyn Fn(&[usize]) -> usize,
    /// What to call the operand in a message.
    pub side: &'static str,
}

impl Contraction<'_> {
    /// The scales of the outputs, and the multiples that the weights take where a scale
    /// varies among the terms of one output (of the operand's shape, or broadcasting to it).
    ///
    /// # Errors
    /// If a scale varies among the terms of a sum and not in whole multiples.
    pub fn scales<'c>(
        &self,
        builder: &Builder<'c>,
        scales: &[Value<'c>],
    ) -> Result<(Vec<Value<'c>>, Vec<ArrayD<i64>>), String> {
        let (mut outputs, mut multiples) = (Vec::new(), Vec::new());
        for scale in scales {
            let tensor = constant_of(*scale).ok_or("a scale is not constant")?;
            if tensor.len() == 1 {
                outputs.push(qonnx_constant(builder, &Tensor::scalar(tensor.to_f32_vec()[0])));
                continue;
            }
            let steps = self.steps(&tensor)?;
            let values = steps.iter().map(|(step, _)| step.to_f32()).collect::<Option<Vec<f32>>>();
            let values = values.ok_or_else(|| self.no_step(&tensor))?;
            outputs.push(qonnx_constant(builder, &Tensor::f32(&self.outputs, values).map_err(text)?));
            if steps.iter().any(|(_, varies)| *varies) {
                multiples.push(self.multiples(&tensor, &steps)?);
            }
        }
        Ok((outputs, multiples))
    }

    /// For each output the step of which all its terms' scales are multiples, and whether
    /// they differ.
    fn steps(&self, scale: &Tensor) -> Result<Vec<(Dyadic, bool)>, String> {
        let values = scale.to_f32();
        let view = view_as(&values, self.shape).map_err(text)?;
        let mut steps: Vec<Option<(Dyadic, bool)>> = vec![None; self.outputs.iter().product()];
        for (index, value) in view.indexed_iter() {
            let slot = steps.get_mut((self.output)(index.slice())).ok_or("an output is out of range")?;
            let own = Dyadic::of(*value).ok_or("a scale is not finite")?;
            *slot = Some(match *slot {
                None => (own, false),
                Some((step, varies)) if step == own => (step, varies),
                Some((step, _)) => (common_step(step, own, FACTOR_BITS).ok_or_else(|| self.no_step(scale))?, true),
            });
        }
        Ok(steps.into_iter().map(|step| step.unwrap_or((Dyadic::ONE, false))).collect())
    }

    fn multiples(&self, scale: &Tensor, steps: &[(Dyadic, bool)]) -> Result<ArrayD<i64>, String> {
        let values = scale.to_f32();
        // One value a term is enough where the scale itself has no more.
        let shape = broadcast_shape(scale.shape(), &vec![1; self.shape.len()]).map_err(text)?;
        let full = view_as(&values, self.shape).map_err(text)?;
        let mut multiples: ArrayD<Option<i64>> = ArrayD::from_elem(IxDyn(&shape), None);
        for (index, value) in full.indexed_iter() {
            let step = steps.get((self.output)(index.slice())).map_or(Dyadic::ONE, |(step, _)| *step);
            let multiple =
                Dyadic::of(*value).and_then(|own| own.over(step, FACTOR_BITS)).ok_or_else(|| self.no_step(scale))?;
            let place: Vec<usize> =
                index.slice().iter().zip(&shape).map(|(i, extent)| if *extent == 1 { 0 } else { *i }).collect();
            let slot = multiples.get_mut(place.as_slice()).ok_or("an index is out of range")?;
            if slot.is_some_and(|known| known != multiple) {
                return Err(format!("the scale of its {} operand meets outputs of different steps", self.side));
            }
            *slot = Some(multiple);
        }
        Ok(multiples.mapv(|multiple| multiple.unwrap_or(1)))
    }

    fn no_step(&self, scale: &Tensor) -> String {
        let values = scale.to_f32_vec();
        let span = values.iter().fold((f32::INFINITY, 0f32), |(low, high), v| (low.min(v.abs()), high.max(v.abs())));
        format!(
            "the scale of its {} operand varies along a contracted axis ({} to {}) and has no common step: integers cannot be added across it; use one scale there, or scales that are multiples of each other",
            self.side, span.0, span.1
        )
    }
}

/// Integers times multiples that broadcast to them; None where they are not constant or
/// would leave 62 bits.
pub fn weighted<'c>(builder: &Builder<'c>, q: Value<'c>, multiples: &[ArrayD<i64>]) -> Option<Value<'c>> {
    if multiples.is_empty() {
        return Some(q);
    }
    let mut values = constant_of(q)?.as_int().ok()?.clone();
    for multiple in multiples {
        let product = |a: i64, b: i64| a.checked_mul(b).filter(|v| v.abs() < 1 << 61);
        values = all_known(zip(&values, multiple, product).ok()?)?;
    }
    Some(hls_constant(builder, values.shape(), &values.iter().copied().collect::<Vec<_>>()))
}

fn text(problem: impl std::fmt::Display) -> String {
    problem.to_string()
}
