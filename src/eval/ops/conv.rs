//! Convolutions in any number of spatial dimensions: Conv and ConvInteger.

use ndarray::{Array2, ArrayD, ArrayView2, Axis, Ix2};

pub use super::conv_transpose::{conv_transpose, transposed_extents};
use super::matmul::Element;
use super::window::Window;
pub use super::window::{ConvParams, same_pads};
use crate::eval::tensor::{EvalError, IntType, Tensor, array, element_count};

/// A convolution as matrix products: the input's patches as columns, one matrix a sample and group.
pub(super) struct Patches {
    window: Window,
    sources: Vec<Option<usize>>,
    samples: usize,
    group: usize,
    /// Input and output channels of a group.
    channels: (usize, usize),
}

impl Patches {
    /// # Errors
    /// If weights (output channels, input channels / group, kernel) do not fit the input (samples, channels, spatial).
    pub(super) fn new(input: &[usize], weights: &[usize], params: &ConvParams) -> Result<Self, EvalError> {
        let group = params.group.max(1);
        let misfit = || {
            EvalError::shape(format!(
                "weights of shape {weights:?} do not fit an input of shape {input:?} in {group} groups"
            ))
        };
        let (&[samples, channels, ref spatial @ ..], &[out, inner, ref kernel @ ..]) = (input, weights) else {
            return Err(misfit());
        };
        if spatial.len() != kernel.len() || inner.checked_mul(group) != Some(channels) || out % group != 0 {
            return Err(misfit());
        }
        let window = Window::new(spatial, kernel, params, false)?;
        let shape = [&[samples, out], window.output.as_slice()].concat();
        element_count(&shape)?;
        element_count(&[inner, window.size(), window.count()])?;
        let sources = window.sources();
        Ok(Self { window, sources, samples, group, channels: (inner, out / group) })
    }

    /// Convolves with `product(weights, columns)` for every sample and group.
    ///
    /// # Errors
    /// If the arrays do not have the shapes given to [`Patches::new`].
    pub(super) fn convolve<T: Copy + Default, U: Clone>(
        &self,
        x: &ArrayD<T>,
        weights: &ArrayD<T>,
        product: impl Fn(ArrayView2<'_, T>, ArrayView2<'_, T>) -> Array2<U>,
    ) -> Result<ArrayD<U>, EvalError> {
        let (inner, outer) = self.channels;
        let spatial: usize = self.window.input.iter().product();
        let weights = matrix(weights, outer * self.group, inner * self.window.size())?;
        let x = matrix(x, self.samples * self.group, inner * spatial)?;
        let mut values = Vec::new();
        for (i, sample) in x.rows().into_iter().enumerate() {
            let sample: Vec<T> = sample.to_vec();
            let columns = self.columns(&sample, spatial)?;
            let first = i % self.group * outer;
            let rows = weights.slice_axis(Axis(0), (first..first + outer).into());
            values.extend(product(rows, columns.view()));
        }
        let shape = [&[self.samples, outer * self.group], self.window.output.as_slice()].concat();
        array(&shape, values)
    }

    /// The patches of one sample and group: (channels * window elements, windows).
    fn columns<T: Copy + Default>(&self, sample: &[T], spatial: usize) -> Result<Array2<T>, EvalError> {
        let (inner, _) = self.channels;
        let mut columns = Vec::with_capacity(inner * self.sources.len());
        for channel in sample.chunks(spatial.max(1)).take(inner) {
            columns.extend(self.sources.iter().map(|s| s.and_then(|s| channel.get(s).copied()).unwrap_or_default()));
        }
        let shape = (inner * self.window.size(), self.window.count());
        Array2::from_shape_vec(shape, columns).map_err(|e| EvalError::shape(e.to_string()))
    }
}

pub(super) fn matrix<T: Copy>(x: &ArrayD<T>, rows: usize, columns: usize) -> Result<Array2<T>, EvalError> {
    let flat = array(&[rows, columns], x.iter().copied().collect())?;
    flat.into_dimensionality::<Ix2>().map_err(|e| EvalError::shape(e.to_string()))
}

/// Conv of (samples, channels, spatial...) with (output channels, channels / group, kernel...): float sums, then the
/// bias. Integers are exact and give int64; padding is 0, so pad with a zero point beforehand.
///
/// # Errors
/// If shapes, attributes or types do not fit.
pub fn conv(x: &Tensor, weights: &Tensor, bias: Option<&Tensor>, params: &ConvParams) -> Result<Tensor, EvalError> {
    let patches = Patches::new(x.shape(), weights.shape(), params)?;
    let y = match (x, weights) {
        (Tensor::F32(x), Tensor::F32(w)) => Tensor::F32(patches.convolve(x, w, f32::product)?),
        (Tensor::F64(x), Tensor::F64(w)) => Tensor::F64(patches.convolve(x, w, f64::product)?),
        (Tensor::Int(_, x), Tensor::Int(_, w)) => Tensor::Int(IntType::I64, patches.convolve(x, w, i64::product)?),
        _ => {
            return Err(EvalError::element_type("the weights", weights, &x.element_type()));
        }
    };
    add_bias(y, bias)
}

/// `y` plus one value a channel (axis 1).
pub(super) fn add_bias(y: Tensor, bias: Option<&Tensor>) -> Result<Tensor, EvalError> {
    let Some(bias) = bias else { return Ok(y) };
    let channels = y.shape().get(1).copied().unwrap_or(0);
    if bias.shape() != [channels] {
        return Err(EvalError::shape(format!("the bias has shape {:?}, expected [{channels}]", bias.shape())));
    }
    let mut shape = vec![1; y.rank() - 1];
    if let Some(first) = shape.first_mut() {
        *first = channels;
    }
    let bias = super::layout::with_shape(bias, &shape)?;
    match (&y, &bias) {
        (Tensor::Int(..), Tensor::Int(..)) => {
            super::elementwise::binary_int(super::elementwise::Binary::Add, &y, &bias, IntType::I64)
        }
        _ => super::elementwise::binary(super::elementwise::Binary::Add, &y, &bias),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(shape: &[usize]) -> Tensor {
        let n: usize = shape.iter().product();
        Tensor::int(IntType::signed(8), shape, (0..n as i64).collect()).unwrap()
    }

    #[test]
    fn window_geometry_in_one_and_two_dimensions() {
        let params = ConvParams { strides: vec![2], pads: vec![1, 2], dilations: vec![2], ..Default::default() };
        let y = conv(&ints(&[1, 1, 5]), &ints(&[1, 1, 3]), None, &params).unwrap();
        // windows (-, 1, 3), (1, 3, -), (3, -, -) against the kernel (0, 1, 2)
        assert_eq!(y.to_i64_vec().unwrap(), [1 + 6, 3]);
        let grouped = ConvParams { group: 2, ..Default::default() };
        let y = conv(&ints(&[1, 2, 2, 2]), &ints(&[2, 1, 2, 2]), Some(&ints(&[2])), &grouped).unwrap();
        // 0*0 + 1*1 + 2*2 + 3*3 and 4*4 + 5*5 + 6*6 + 7*7, plus the biases 0 and 1
        assert_eq!(y.to_i64_vec().unwrap(), [14, 127]);
    }

    #[test]
    fn misfits_are_refused() {
        let (x, w) = (ints(&[1, 2, 3]), ints(&[2, 1, 2]));
        let grouped = ConvParams { group: 2, ..Default::default() };
        assert_eq!(conv(&x, &w, None, &grouped).unwrap().shape(), [1, 2, 2]);
        assert!(conv(&x, &w, None, &ConvParams::default()).is_err());
        assert!(conv(&x, &ints(&[2, 1, 4]), None, &grouped).is_err());
        assert!(conv(&x, &w, Some(&ints(&[3])), &grouped).is_err());
        assert!(conv(&x, &w, None, &ConvParams { strides: vec![0], group: 2, ..Default::default() }).is_err());
        assert!(conv(&x, &w, None, &ConvParams { pads: vec![usize::MAX, 1], group: 2, ..Default::default() }).is_err());
        assert!(conv(&Tensor::scalar(0.0), &w, None, &grouped).is_err());
    }
}
