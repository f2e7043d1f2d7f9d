//! The geometry of sliding windows that convolutions and pools share.

use ndarray::{Dimension, IxDyn};

use crate::eval::tensor::{EvalError, element_count};

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
    pub fn new(input: &[usize], kernel: &[usize], params: &ConvParams, ceil_mode: bool) -> Result<Self, EvalError> {
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

    /// An axis and a window along it that holds no element of the input, only padding.
    pub fn without_input(&self) -> Option<(usize, usize)> {
        (0..self.input.len()).find_map(|axis| Some((axis, self.without_input_along(axis)?)))
    }

    fn without_input_along(&self, axis: usize) -> Option<usize> {
        let (&input, &front, &kernel) = (self.input.get(axis)?, self.front.get(axis)?, self.kernel.get(axis)?);
        let (&stride, &dilation, &output) =
            (self.strides.get(axis)?, self.dilations.get(axis)?, self.output.get(axis)?);
        let holds = |window: usize| {
            let mut places = (0..kernel).map(|element| window * stride + element * dilation);
            places.any(|place| (front..front + input).contains(&place))
        };
        let reaches_out =
            |window: &usize| window * stride < front || window * stride + (kernel - 1) * dilation >= front + input;
        (0..output).filter(reaches_out).find(|window| !holds(*window))
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
pub(super) fn list(values: &[usize], rank: usize, default: usize, name: &str) -> Result<Vec<usize>, EvalError> {
    match values.len() {
        0 => Ok(vec![default; rank]),
        n if n == rank => Ok(values.to_vec()),
        n => Err(EvalError::attribute(format!("{n} {name}, expected {rank}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_padding_keeps_the_length() {
        assert_eq!(same_pads(&[5], &[4], &[1], &[1], true), [1, 2]);
        assert_eq!(same_pads(&[5], &[4], &[1], &[1], false), [2, 1]);
        assert_eq!(same_pads(&[6], &[3], &[2], &[], true), [0, 1]);
    }

    #[test]
    fn sources_name_input_or_padding() {
        let params = ConvParams { strides: vec![2], pads: vec![1, 0], ..Default::default() };
        let window = Window::new(&[4], &[2], &params, false).unwrap();
        assert_eq!((window.size(), window.count()), (2, 2));
        assert_eq!(window.sources(), [None, Some(1), Some(0), Some(2)]);
        assert_eq!(Window::new(&[4], &[2], &params, true).unwrap().count(), 3);
        assert!(Window::new(&[4], &[6], &params, false).is_err());
        assert_eq!(window.without_input(), None);
        // The elements of a dilated window may lie on both sides of the input.
        let around = ConvParams { pads: vec![1, 1], dilations: vec![4], ..Default::default() };
        assert_eq!(Window::new(&[3], &[2], &around, false).unwrap().without_input(), Some((0, 0)));
        assert!(Window::new(&[4, 4], &[2], &params, false).is_err());
    }
}
