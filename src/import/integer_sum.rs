//! How far a sum of products of integers can go.

use super::{
    ImportError,
    node::{Context, Node, element_of},
    qoperator::Quantized,
};
use ndarray::{ArrayD, Axis};
use qonnx_dialect::Value;

/// Integers up to this magnitude are float32's.
const EXACT: f64 = (1 << 24) as f64;

/// A dot product of codes without their zero points, and an int32 that is added to it.
#[derive(Clone, Copy)]
pub struct IntegerSum<'c> {
    /// Of any value that its type has, unless constant.
    pub x: Quantized<'c>,
    /// Weights.
    pub w: Quantized<'c>,
    /// Added to the sum.
    pub bias: Option<Value<'c>>,
}

impl<'c> IntegerSum<'c> {
    /// Refuses a convolution's sums if float32 would round them.
    ///
    /// # Errors
    /// How far they can go.
    pub fn check_kernels(&self, cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<(), ImportError> {
        let sums = |weights: ArrayD<f64>| weights.outer_iter().map(|kernel| kernel.sum()).fold(0.0, f64::max);
        self.check(cx, node, sums)
    }

    /// Refuses a matrix product's sums along this axis of the weights, counted from the last,
    /// if float32 would round them.
    ///
    /// # Errors
    /// How far they can go.
    pub fn check_matrix(&self, cx: &Context<'_, 'c>, node: &Node<'_, 'c>, axis: isize) -> Result<(), ImportError> {
        let sums = |weights: ArrayD<f64>| match weights.ndim().checked_add_signed(axis) {
            Some(axis) => greatest(&weights.sum_axis(Axis(axis))),
            // A vector, or no matrix at all.
            None => weights.sum(),
        };
        self.check(cx, node, sums)
    }

    fn check(
        &self,
        cx: &Context<'_, 'c>,
        node: &Node<'_, 'c>,
        greatest_sum: impl Fn(ArrayD<f64>) -> f64,
    ) -> Result<(), ImportError> {
        let bound = || {
            let products = greatest_sum(magnitudes(cx, &self.w)?) * greatest(&magnitudes(cx, &self.x)?);
            let bias = self.bias.map_or(Some(0.0), |bias| Some(greatest(&cx.known(bias)?.to_f64().mapv(f64::abs))));
            Some(products + bias?)
        };
        match bound() {
            Some(bound) if bound <= EXACT => Ok(()),
            Some(bound) => Err(node.error(format!(
                "its sum can reach {bound}, expected at most {EXACT}, up to which float32 holds integers; \
                 put QuantizeLinear and DequantizeLinear around the float operator in its place"
            ))),
            None => Err(node.error("its zero points and bias are not constant: export them as initializers")),
        }
    }
}

fn greatest(values: &ArrayD<f64>) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// `|codes - zero_point|`, the greatest possible where codes are not constant.
fn magnitudes(cx: &Context<'_, '_>, x: &Quantized<'_>) -> Option<ArrayD<f64>> {
    let zeros = x.zero_point.map_or(Some(vec![0.0]), |zero_point| Some(cx.known(zero_point)?.to_f64_vec()))?;
    let magnitude = |code: f64| zeros.iter().map(|zero| (code - zero).abs()).fold(0.0, f64::max);
    if let Some(codes) = cx.known(x.codes) {
        return Some(codes.to_f64().mapv(magnitude));
    }
    let (low, high) = element_of(x.codes).range()?;
    let shape = x.codes.tensor_type()?.static_shape()?;
    Some(ArrayD::from_elem(shape, magnitude(low as f64).max(magnitude(high as f64))))
}
