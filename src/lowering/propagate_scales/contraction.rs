//! Scales along axes that a dot product mixes.
//!
//! Integers can be added only if they stand for multiples of one step: a scale must not
//! vary among the terms of a sum. Where it does, but every value is a multiple of the
//! least, the multiples go into the constant weights.

use crate::eval::{
    Tensor,
    convert::{constant_of, hls_constant, qonnx_constant},
    ops::broadcast::{broadcast_shape, view_as},
};
use ndarray::{ArrayD, Dimension, IxDyn};
use qonnx_dialect::{Builder, Value};

/// The greatest multiple that goes into a weight.
const MOST_FOLDED: f64 = 65536.0;

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
            let (least, varies) = self.least(&tensor)?;
            outputs.push(qonnx_constant(builder, &Tensor::f32(&self.outputs, least.clone()).map_err(text)?));
            if varies {
                multiples.push(self.multiples(&tensor, &least)?);
            }
        }
        Ok((outputs, multiples))
    }

    /// The value of each output that is least in magnitude, and whether there are others.
    fn least(&self, scale: &Tensor) -> Result<(Vec<f32>, bool), String> {
        let values = scale.to_f32();
        let view = view_as(&values, self.shape).map_err(text)?;
        let mut least: Vec<Option<f32>> = vec![None; self.outputs.iter().product()];
        let mut varies = false;
        for (index, value) in view.indexed_iter() {
            let slot = least.get_mut((self.output)(index.slice())).ok_or("an output is out of range")?;
            varies |= slot.is_some_and(|known| known != *value);
            *slot = Some(slot.filter(|known| known.abs() <= value.abs()).unwrap_or(*value));
        }
        Ok((least.into_iter().map(|value| value.unwrap_or(1.0)).collect(), varies))
    }

    fn multiples(&self, scale: &Tensor, least: &[f32]) -> Result<ArrayD<i64>, String> {
        let values = scale.to_f32();
        // One value a term is enough where the scale itself has no more.
        let shape = broadcast_shape(scale.shape(), &vec![1; self.shape.len()]).map_err(text)?;
        let full = view_as(&values, self.shape).map_err(text)?;
        let mut multiples = ArrayD::from_elem(IxDyn(&shape), 1i64);
        for (index, value) in full.indexed_iter() {
            let base = least.get((self.output)(index.slice())).copied().unwrap_or(1.0);
            let multiple = f64::from(*value) / f64::from(base);
            let exact = multiple.fract() == 0.0 && multiple.abs() <= MOST_FOLDED && multiple != 0.0;
            if !exact || f64::from(base) * multiple != f64::from(*value) {
                return Err(format!(
                    "the scale of its {} operand varies along a contracted axis ({base}, {value}): integers cannot be added across it; use one scale there, or scales that are multiples of each other",
                    self.side
                ));
            }
            let place: Vec<usize> =
                index.slice().iter().zip(&shape).map(|(i, extent)| if *extent == 1 { 0 } else { *i }).collect();
            let slot = multiples.get_mut(place.as_slice()).ok_or("an index is out of range")?;
            *slot = multiple as i64;
        }
        Ok(multiples)
    }
}

/// Weights times the multiples of the terms that they meet; `fit` shapes multiples of the
/// other operand to broadcast to the weights.
///
/// # Errors
/// If the weights are not constant or leave 62 bits.
pub fn weighted<'c>(builder: &Builder<'c>, weights: Value<'c>, multiples: &[ArrayD<i64>]) -> Result<Value<'c>, String> {
    if multiples.is_empty() {
        return Ok(weights);
    }
    let constant = constant_of(weights).ok_or(
        "a scale varies along a contracted axis of one operand while the other is no constant: use one scale there",
    )?;
    let mut values = constant.as_int().map_err(text)?.clone();
    for multiple in multiples {
        let product = crate::eval::ops::broadcast::zip(&values, multiple, |a: i64, b: i64| a.checked_mul(b));
        let product = product.map_err(text)?;
        let shape = product.raw_dim();
        let items: Option<Vec<i64>> = product.into_iter().map(|item| item.filter(|v| v.abs() < 1 << 61)).collect();
        values = ArrayD::from_shape_vec(shape, items.ok_or("weights leave 62 bits")?).map_err(text)?;
    }
    Ok(hls_constant(builder, values.shape(), &values.iter().copied().collect::<Vec<_>>()))
}

fn text(problem: impl std::fmt::Display) -> String {
    problem.to_string()
}
