//! Convolutions in any number of spatial dimensions: Conv, ConvInteger and ConvTranspose.

use ndarray::{Array2, ArrayD, ArrayView2, Axis, Dimension, Ix2, IxDyn};

use super::matmul::Element;
use crate::eval::tensor::{EvalError, IntType, Tensor, array, element_count};

/// Attributes of a convolution. Empty lists mean ones (strides, dilations) and zeros (pads, output padding).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConvParams {
    /// Step of the window, an entry a spatial axis.
    pub strides: Vec<usize>,
    /// Padding in front of every spatial axis, then behind every one.
    pub pads: Vec<usize>,
    /// Distance of the window's elements.
    pub dilations: Vec<usize>,
    /// Number of groups that channels are split in; 0 counts as 1.
    pub group: usize,
    /// ConvTranspose only: what the result is longer than the least possible.
    pub output_padding: Vec<usize>,
}

/// Padding that makes the output as long as `ceil(input / stride)` (ONNX's `SAME_UPPER`; `SAME_LOWER` if not
/// `upper`), in the layout of [`ConvParams::pads`].
pub fn same_pads(input: &[usize], kernel: &[usize], strides: &[usize], dilations: &[usize], upper: bool) -> Vec<usize> {
    let at = |list: &[usize], i: usize| list.get(i).copied().unwrap_or(1).max(1);
    let totals = input.iter().zip(kernel).enumerate().map(|(i, (&n, &k))| {
        let extent = k.saturating_sub(1).saturating_mul(at(dilations, i)).saturating_add(1);
        let covered = (n.div_ceil(at(strides, i)).saturating_sub(1)).saturating_mul(at(strides, i));
        covered.saturating_add(extent).saturating_sub(n)
    });
    let totals: Vec<usize> = totals.collect();
    let small = totals.iter().map(|t| t / 2);
    let large = totals.iter().map(|t| t - t / 2);
    if upper { small.chain(large).collect() } else { large.chain(small).collect() }
}

/// Where a sliding window reads: the geometry that convolutions and pools share.
#[derive(Clone, Debug)]
pub struct Window {
    /// Spatial extents of the input.
    pub input: Vec<usize>,
    /// Extents of the window.
    pub kernel: Vec<usize>,
    /// Step of the window.
    pub strides: Vec<usize>,
    /// Distance of the window's elements.
    pub dilations: Vec<usize>,
    /// Padding in front.
    pub front: Vec<usize>,
    /// Number of windows along every axis.
    pub output: Vec<usize>,
}

impl Window {
    /// The windows that fit; `ceil_mode` adds a last one that only starts inside input or front padding.
    ///
    /// # Errors
    /// If the lists do not fit the rank, the window is empty or larger than the padded input, or sizes are too large.
    pub fn new(
        input: &[usize],
        kernel: &[usize],
        params: &ConvParams,
        ceil_mode: bool,
    ) -> Result<Self, EvalError> {
        let rank = input.len();
        let strides = list(&params.strides, rank, 1, "strides")?;
        let dilations = list(&params.dilations, rank, 1, "dilations")?;
        let pads = list(&params.pads, 2 * rank, 0, "pads")?;
        let (front, behind) = pads.split_at(rank);
        if kernel.len() != rank || kernel.contains(&0) || strides.contains(&0) || dilations.contains(&0) {
            return Err(EvalError::shape(format!(
                "kernel {kernel:?}, strides {strides:?} and dilations {dilations:?} must be positive, one for each of {rank} spatial axes"
            )));
        }
        let mut window = Self {
            input: input.to_vec(),
            kernel: kernel.to_vec(),
            strides,
            dilations,
            front: front.to_vec(),
            output: Vec::with_capacity(rank),
        };
        for (axis, &behind) in behind.iter().enumerate() {
            let extent = window.output_extent(axis, behind, ceil_mode).ok_or_else(|| {
                EvalError::shape(format!("a window {kernel:?} does not fit the input {input:?} with {params:?}"))
            })?;
            window.output.push(extent);
        }
        element_count(&[window.output.as_slice(), kernel].concat())?;
        Ok(window)
    }

    fn output_extent(&self, axis: usize, behind: usize, ceil_mode: bool) -> Option<usize> {
        let (&input, &front, &stride) = (self.input.get(axis)?, self.front.get(axis)?, self.strides.get(axis)?);
        let reach = (self.kernel.get(axis)? - 1).checked_mul(*self.dilations.get(axis)?)?.checked_add(1)?;
        let room = input.checked_add(front)?.checked_add(behind)?.checked_sub(reach)?;
        let mut count = if ceil_mode { room.div_ceil(stride) } else { room / stride } + 1;
        if ceil_mode && (count - 1).checked_mul(stride)? >= input + front {
            count -= 1;
        }
        Some(count)
    }

    /// Number of elements of the window.
    pub fn size(&self) -> usize {
        self.kernel.iter().product()
    }

    /// Number of windows.
    pub fn count(&self) -> usize {
        self.output.iter().product()
    }

    /// For every element of the window (slow index) and every window (fast index) the flat index into the spatial
    /// input, `None` in the padding.
    pub fn sources(&self) -> Vec<Option<usize>> {
        let mut sources = Vec::with_capacity(self.size() * self.count());
        for k in ndarray::indices(IxDyn(&self.kernel)) {
            for o in ndarray::indices(IxDyn(&self.output)) {
                sources.push(self.source(k.slice(), o.slice()));
            }
        }
        sources
    }

    fn source(&self, element: &[usize], window: &[usize]) -> Option<usize> {
        let mut flat = 0;
        for (axis, (&k, &o)) in element.iter().zip(window).enumerate() {
            let padded = o * self.strides.get(axis)? + k * self.dilations.get(axis)?;
            let position = padded.checked_sub(*self.front.get(axis)?)?;
            let extent = *self.input.get(axis)?;
            flat = (position < extent).then_some(flat * extent + position)?;
        }
        Some(flat)
    }
}

/// `values`, or `rank` times the default if there are none.
fn list(values: &[usize], rank: usize, default: usize, name: &str) -> Result<Vec<usize>, EvalError> {
    match values.len() {
        0 => Ok(vec![default; rank]),
        n if n == rank => Ok(values.to_vec()),
        n => Err(EvalError::attribute(format!("{n} {name}, expected {rank}"))),
    }
}

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
            EvalError::shape(format!("weights of shape {weights:?} do not fit an input of shape {input:?} in {group} groups"))
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

fn matrix<T: Copy>(x: &ArrayD<T>, rows: usize, columns: usize) -> Result<Array2<T>, EvalError> {
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
        _ => return Err(EvalError::element_type("the weights", weights, &x.element_type())),
    };
    add_bias(y, bias)
}

/// `y` plus one value a channel (axis 1).
fn add_bias(y: Tensor, bias: Option<&Tensor>) -> Result<Tensor, EvalError> {
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
        _ => return Err(EvalError::element_type("the weights", weights, &x.element_type())),
    };
    add_bias(y, bias)
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
            EvalError::shape(format!("weights of shape {weights:?} do not fit an input of shape {input:?} with {params:?}"))
        };
        let (&[samples, channels, ref spatial @ ..], &[inner, outer, ref kernel @ ..]) = (input, weights) else {
            return Err(misfit());
        };
        if inner != channels || channels % group != 0 || spatial.len() != kernel.len() {
            return Err(misfit());
        }
        let rank = spatial.len();
        let (strides, dilations) = (list(&params.strides, rank, 1, "strides")?, list(&params.dilations, rank, 1, "dilations")?);
        let (pads, extra) =
            (list(&params.pads, 2 * rank, 0, "pads")?, list(&params.output_padding, rank, 0, "output_padding")?);
        let extents = (0..rank).map(|i| -> Option<usize> {
            let reach = kernel.get(i)?.checked_sub(1)?.checked_mul(*dilations.get(i)?)?;
            let covered = spatial.get(i)?.checked_sub(1)?.checked_mul(*strides.get(i)?)?;
            let full = covered.checked_add(reach)?.checked_add(1)?.checked_add(*extra.get(i)?)?;
            full.checked_sub(*pads.get(i)?)?.checked_sub(*pads.get(rank + i)?)
        });
        let result = extents.collect::<Option<Vec<usize>>>().ok_or_else(misfit)?;
        element_count(&[&[samples, outer, group], result.as_slice()].concat())?;
        element_count(&[kernel, spatial].concat())?;
        let front = pads.get(..rank).unwrap_or_default().to_vec();
        let window = Window { input: result, kernel: kernel.to_vec(), strides, dilations, front, output: spatial.to_vec() };
        Ok(Self { window, samples, group, channels: (channels / group, outer) })
    }

    fn run<T: Element>(&self, x: &ArrayD<T>, weights: &ArrayD<T>, add: impl Fn(T, T) -> T) -> Result<ArrayD<T>, EvalError> {
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
    fn auto_padding_keeps_the_length() {
        assert_eq!(same_pads(&[5], &[4], &[1], &[1], true), [1, 2]);
        assert_eq!(same_pads(&[5], &[4], &[1], &[1], false), [2, 1]);
        assert_eq!(same_pads(&[6], &[3], &[2], &[], true), [0, 1]);
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
        assert!(conv_transpose(&x, &w, None, &ConvParams { pads: vec![9, 9], ..Default::default() }).is_err());
    }
}
