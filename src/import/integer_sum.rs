//! How far a sum of products of integers can go.

use super::{
    ImportError,
    node::{Context, Node, element_of},
    qoperator::Quantized,
};
use crate::eval::Tensor;
use ndarray::{ArrayD, Axis};
use qonnx_dialect::Value;

/// Integers up to this magnitude are float32's.
const EXACT: f64 = (1 << 24) as f64;

/// No code of 8 bits is as far from its zero point: a sum that becomes this much saturates.
const CODES: f64 = 257.0;

/// A dot product of codes without their zero points, and an int32 that is added to it.
#[derive(Clone, Copy)]
pub struct IntegerSum<'c> {
    /// Of any value that its type has, unless constant.
    pub x: Quantized<'c>,
    /// Weights.
    pub w: Quantized<'c>,
    /// Added to the sum.
    pub bias: Option<Value<'c>>,
    /// The scale of the codes that the sum becomes.
    pub result: Option<Value<'c>>,
}

impl<'c> IntegerSum<'c> {
    /// Refuses a convolution's sums if float32 would round them.
    ///
    /// # Errors
    /// How far they can go.
    pub fn check_kernels(&self, cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<(), ImportError> {
        self.check(cx, node, |terms| terms.outer_iter().map(|kernel| kernel.sum()).fold(0.0, f64::max))
    }

    /// Refuses a matrix product's sums along this axis of the weights, counted from the last,
    /// if float32 would round them.
    ///
    /// # Errors
    /// How far they can go.
    pub fn check_matrix(&self, cx: &Context<'_, 'c>, node: &Node<'_, 'c>, axis: isize) -> Result<(), ImportError> {
        self.check(cx, node, |terms| match terms.ndim().checked_add_signed(axis) {
            Some(axis) => terms.sum_axis(Axis(axis)).into_iter().fold(0.0, f64::max),
            // A vector, or no matrix at all.
            None => terms.sum(),
        })
    }

    /// Sums of a bound on each term, of one sign, give a bound on the sum.
    fn check(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        greatest_sum: impl Fn(ArrayD<f64>) -> f64,
    ) -> Result<(), ImportError> {
        let bounds = || {
            let bias = self.bias.map_or(Some(0.0), |bias| Some(magnitude(&*cx.known(bias)?, f64::max)))?;
            let (low, high) = products(&differences(cx, &self.x)?, &differences(cx, &self.w)?);
            Some((greatest_sum(high).max(greatest_sum(-low)) + bias, bias))
        };
        let unknown = || node.error("its zero points and bias are not constant: export them as initializers");
        let (bound, bias) = bounds().ok_or_else(unknown)?;
        // A sum that saturates may round.
        let saturates = self.least_factor(cx).map(|factor| CODES / factor + bias);
        if bound <= EXACT || saturates.is_some_and(|sum| sum <= EXACT) {
            return Ok(());
        }
        Err(node.error(format!(
            "its sum can reach {bound}, expected at most {EXACT}, up to which float32 holds integers; \
             put QuantizeLinear and DequantizeLinear around the float operator in its place"
        )))
    }

    /// The least of what sums are multiplied by to become codes.
    fn least_factor(&self, cx: &Context<'_, 'c>) -> Option<f64> {
        let least = |scale| Some(magnitude(&*cx.known(scale)?, f64::min));
        Some(least(self.x.scale)? * least(self.w.scale)? / magnitude(&*cx.known(self.result?)?, f64::max))
    }
}

/// The magnitude of an element, as `pick` chooses.
fn magnitude(tensor: &Tensor, pick: fn(f64, f64) -> f64) -> f64 {
    tensor.to_f64().iter().map(|value| value.abs()).reduce(pick).unwrap_or(0.0)
}

/// Least and greatest `codes - zero_point`, element by element: of all codes of the type where they are not
/// constant.
fn differences(cx: &Context<'_, '_>, x: &Quantized<'_>) -> Option<[ArrayD<f64>; 2]> {
    let zeros = x.zero_point.map_or(Some(vec![0.0]), |zero_point| Some(cx.known(zero_point)?.to_f64_vec()))?;
    let (least, greatest) = zeros.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), z| (l.min(*z), h.max(*z)));
    if let Some(codes) = cx.known(x.codes) {
        let codes = codes.to_f64();
        return Some([codes.mapv(|code| code - greatest), codes.mapv(|code| code - least)]);
    }
    let (low, high) = element_of(x.codes).range()?;
    let shape = x.codes.tensor_type()?.static_shape()?;
    let filled = |value: f64| ArrayD::from_elem(shape.clone(), value);
    Some([filled(low as f64 - greatest), filled(high as f64 - least)])
}

/// Bounds on the product of any x with each weight, not above and not below 0.
fn products([x_low, x_high]: &[ArrayD<f64>; 2], [w_low, w_high]: &[ArrayD<f64>; 2]) -> (ArrayD<f64>, ArrayD<f64>) {
    let low = x_low.iter().copied().fold(0.0, f64::min);
    let high = x_high.iter().copied().fold(0.0, f64::max);
    let corners = |a: f64, b: f64| [a * low, a * high, b * low, b * high];
    let bound = |pick: fn(f64, f64) -> f64| {
        ndarray::Zip::from(w_low).and(w_high).map_collect(|a, b| corners(*a, *b).into_iter().fold(0.0, pick))
    };
    (bound(f64::min), bound(f64::max))
}
