//! ConvTranspose: the transpose of a convolution, which spreads every input element over a window.

use ndarray::{Array2, ArrayD, Axis};

use super::conv::{add_bias, matrix};
use super::matmul::Element;
use super::window::{ConvParams, Window, list};
use crate::eval::tensor::{EvalError, IntType, Tensor, array, element_count};

/// ConvTranspose of (samples, channels, spatial...) with (channels, output channels / group, kernel...): every input
/// element adds its multiple of the kernel to the output.
///
/// # Errors
/// If shapes, attributes or types do not fit.
pub fn conv_transpose(
    x: &Tensor,
    weights: &Tensor,
    bias: Option<&Tensor>,
    params: &ConvParams,
) -> Result<Tensor, EvalError> {
    let scatter = Scatter::new(x.shape(), weights.shape(), params)?;
    let y = match (x, weights) {
        (Tensor::F32(x), Tensor::F32(w)) => Tensor::F32(scatter.run(x, w, |a, b| a + b)?),
        (Tensor::F64(x), Tensor::F64(w)) => Tensor::F64(scatter.run(x, w, |a, b| a + b)?),
        (Tensor::Int(_, x), Tensor::Int(_, w)) => Tensor::Int(IntType::I64, scatter.run(x, w, i64::wrapping_add)?),
        _ => {
            return Err(EvalError::element_type("the weights", weights, &x.element_type()));
        }
    };
    add_bias(y, bias)
}

/// The spatial extents of a transposed convolution's result:
/// `stride * (n - 1) + dilation * (k - 1) + 1 + output_padding - pads` on each axis.
///
/// # Errors
/// If the lists do not fit the rank or nothing is left between the pads.
pub fn transposed_extents(spatial: &[usize], kernel: &[usize], params: &ConvParams) -> Result<Vec<usize>, EvalError> {
    let rank = spatial.len();
    let (strides, dilations) =
        (list(&params.strides, rank, 1, "strides")?, list(&params.dilations, rank, 1, "dilations")?);
    let (pads, extra) =
        (list(&params.pads, 2 * rank, 0, "pads")?, list(&params.output_padding, rank, 0, "output_padding")?);
    let extents = (0..rank).map(|i| -> Option<usize> {
        let reach = kernel.get(i)?.checked_sub(1)?.checked_mul(*dilations.get(i)?)?;
        let covered = spatial.get(i)?.checked_sub(1)?.checked_mul(*strides.get(i)?)?;
        let full = covered.checked_add(reach)?.checked_add(1)?.checked_add(*extra.get(i)?)?;
        full.checked_sub(*pads.get(i)?)?.checked_sub(*pads.get(rank + i)?)
    });
    extents.collect::<Option<Vec<usize>>>().ok_or_else(|| {
        EvalError::shape(format!("an input {spatial:?} under a kernel {kernel:?} has no result with {params:?}"))
    })
}

/// The geometry of a transposed convolution: the windows of the convolution that it transposes.
struct Scatter {
    window: Window,
    samples: usize,
    group: usize,
    channels: (usize, usize),
}

impl Scatter {
    fn new(input: &[usize], weights: &[usize], params: &ConvParams) -> Result<Self, EvalError> {
        let group = params.group.max(1);
        let misfit = || {
            EvalError::shape(format!(
                "weights of shape {weights:?} do not fit an input of shape {input:?} with {params:?}"
            ))
        };
        let (&[samples, channels, ref spatial @ ..], &[inner, outer, ref kernel @ ..]) = (input, weights) else {
            return Err(misfit());
        };
        if inner != channels || channels % group != 0 || spatial.len() != kernel.len() {
            return Err(misfit());
        }
        let rank = spatial.len();
        let (strides, dilations) =
            (list(&params.strides, rank, 1, "strides")?, list(&params.dilations, rank, 1, "dilations")?);
        let pads = list(&params.pads, 2 * rank, 0, "pads")?;
        let result = transposed_extents(spatial, kernel, params)?;
        element_count(&[&[samples, outer, group], result.as_slice()].concat())?;
        element_count(&[kernel, spatial].concat())?;
        let front = pads.get(..rank).unwrap_or_default().to_vec();
        let window =
            Window { input: result, kernel: kernel.to_vec(), strides, dilations, front, output: spatial.to_vec() };
        Ok(Self { window, samples, group, channels: (channels / group, outer) })
    }

    fn run<T: Element>(
        &self,
        x: &ArrayD<T>,
        weights: &ArrayD<T>,
        add: impl Fn(T, T) -> T,
    ) -> Result<ArrayD<T>, EvalError> {
        let ((inner, outer), sources) = (self.channels, self.window.sources());
        let (size, count) = (self.window.size(), self.window.count());
        let spatial: usize = self.window.input.iter().product();
        let x = matrix(x, self.samples * self.group * inner, count)?;
        let weights = matrix(weights, self.group * inner, outer * size)?;
        let mut y = vec![T::default(); self.samples * self.group * outer * spatial];
        for (i, planes) in y.chunks_mut((outer * spatial).max(1)).enumerate() {
            let rows = |m: &Array2<T>, first: usize| m.slice_axis(Axis(0), (first..first + inner).into()).to_owned();
            // (window elements of all output channels, input positions): what every input adds to every output.
            let terms = T::product(rows(&weights, i % self.group * inner).t(), rows(&x, i * inner).view());
            let terms: Vec<T> = terms.iter().copied().collect();
            for (plane, terms) in planes.chunks_mut(spatial.max(1)).zip(terms.chunks((size * count).max(1))) {
                for (&term, &source) in terms.iter().zip(&sources) {
                    if let Some(place) = source.and_then(|s| plane.get_mut(s)) {
                        *place = add(*place, term);
                    }
                }
            }
        }
        array(&[&[self.samples, self.group * outer], self.window.input.as_slice()].concat(), y)
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
    fn transposed_windows_overlap() {
        let params = ConvParams { strides: vec![2], output_padding: vec![1], ..Default::default() };
        let y = conv_transpose(&ints(&[1, 1, 3]), &ints(&[1, 1, 3]), None, &params).unwrap();
        // 0, 1 and 2 times the kernel (0, 1, 2), two apart
        assert_eq!(y.to_i64_vec().unwrap(), [0, 0, 0, 1, 2, 2, 4, 0]);
    }

    #[test]
    fn misfits_are_refused() {
        let (x, w) = (ints(&[1, 2, 3]), ints(&[2, 1, 2]));
        let run = |params: &ConvParams| conv_transpose(&x, &w, None, params);
        assert_eq!(run(&ConvParams::default()).unwrap().shape(), [1, 1, 4]);
        assert!(run(&ConvParams { pads: vec![9, 9], ..Default::default() }).is_err());
        assert!(run(&ConvParams { strides: vec![usize::MAX], ..Default::default() }).is_err());
        assert!(run(&ConvParams { group: 3, ..Default::default() }).is_err());
        assert!(conv_transpose(&x, &ints(&[3, 1, 2]), None, &ConvParams::default()).is_err());
    }
}
