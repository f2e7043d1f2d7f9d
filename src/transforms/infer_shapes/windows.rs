//! Shapes of convolutions, pools and reductions.

use super::{Dims, Inference, dims, message};
use crate::eval::{
    interpreter::{Sliding, is_channels_last},
    ops::{conv::transposed_extents, layout, window::Window},
};
use qonnx_dialect::{Op, OpKind, qonnx};

impl<'c> Inference<'c> {
    /// The shape of the result of an operation of this family.
    pub(super) fn window(&self, op: Op<'c>) -> Result<Option<Dims>, String> {
        let (x, w) = (channels_first(op, 0), channels_first(op, 1));
        let result = match op.kind() {
            OpKind::QonnxConv => convolved(op, x, w, 0),
            OpKind::QonnxConvTranspose => convolved(op, x, w, 1),
            OpKind::QonnxReduce => self.reduced(qonnx::Reduce::of(op).ok_or("is no reduction")?, dims(op, 0)),
            _ => pooled(op, x),
        };
        result.map(|result| laid_out(op, result))
    }

    fn reduced(&self, op: qonnx::Reduce<'c>, dims: Option<Dims>) -> Result<Option<Dims>, String> {
        let Some(dims) = dims else { return Ok(None) };
        let Some(axes) = self.optional_i64s(op.axes()) else {
            return Ok(op.keep_dims().then(|| vec![None; dims.len()]));
        };
        let axes = axes.unwrap_or_default();
        if axes.is_empty() && op.noop_with_empty_axes() {
            return Ok(Some(dims));
        }
        let axes = if axes.is_empty() { (0..dims.len()).collect() } else { axis_indices(&axes, dims.len())? };
        let kept = |(axis, dim): (usize, Option<usize>)| match (axes.contains(&axis), op.keep_dims()) {
            (false, _) => Some(dim),
            (true, true) => Some(Some(1)),
            (true, false) => None,
        };
        Ok(Some(dims.into_iter().enumerate().filter_map(kept).collect()))
    }
}

/// What is known of the shape of an operand in the operation's layout, the channels put on axis 1.
pub(super) fn channels_first(op: Op<'_>, index: usize) -> Option<Dims> {
    let mut dims = dims(op, index)?;
    if is_channels_last(op)
        && let Some(behind) = dims.get_mut(1..).filter(|behind| !behind.is_empty())
    {
        behind.rotate_right(1);
    }
    Some(dims)
}

/// The shape of a result with its channels on axis 1, in the operation's layout.
pub(super) fn laid_out(op: Op<'_>, dims: Option<Dims>) -> Option<Dims> {
    let mut dims = dims?;
    if is_channels_last(op)
        && let Some(behind) = dims.get_mut(1..).filter(|behind| !behind.is_empty())
    {
        behind.rotate_left(1);
    }
    Some(dims)
}

fn axis_indices(axes: &[i64], rank: usize) -> Result<Vec<usize>, String> {
    layout::axis_indices(axes, rank).map_err(message)
}

/// (samples, output channels, spatial...); the weights have the output channels on axis `output`.
fn convolved(op: Op<'_>, x: Option<Dims>, w: Option<Dims>, output: usize) -> Result<Option<Dims>, String> {
    let Some(x) = x else { return Ok(w.map(|w| vec![None; w.len()])) };
    let open = || Some(vec![None; x.len()]);
    let Some(w) = w else { return Ok(open()) };
    let ([samples, _, spatial @ ..], [_, _, kernel @ ..]) = (x.as_slice(), w.as_slice()) else {
        return Err(format!("needs operands of rank 3 or more, found {} and {}", x.len(), w.len()));
    };
    if spatial.len() != kernel.len() {
        return Err(format!("has an operand of rank {} and weights of rank {}", x.len(), w.len()));
    }
    let group = if output == 1 { op.i64_attribute("group") } else { 1 };
    let channels = w.get(output).copied().flatten();
    let channels = channels.and_then(|channels| channels.checked_mul(usize::try_from(group).ok()?));
    let mut result = vec![*samples, channels];
    result.extend(slid(op, spatial, kernel)?);
    Ok(Some(result))
}

fn pooled(op: Op<'_>, x: Option<Dims>) -> Result<Option<Dims>, String> {
    let kernel = op.i64s_attribute("kernel");
    let kernel: Dims = kernel.into_iter().map(|extent| usize::try_from(extent).ok()).collect();
    let Some(x) = x else { return Ok(Some(vec![None; kernel.len() + 2])) };
    let [samples, channels, spatial @ ..] = x.as_slice() else {
        return Err(format!("needs an operand of rank 3 or more, found rank {}", x.len()));
    };
    if spatial.len() != kernel.len() {
        return Err(format!("slides over {} spatial axes, but the operand has rank {}", kernel.len(), x.len()));
    }
    let mut result = vec![*samples, *channels];
    result.extend(slid(op, spatial, &kernel)?);
    Ok(Some(result))
}

/// The spatial extents of the result, axis by axis: each depends on its own operand's alone.
fn slid(op: Op<'_>, spatial: &[Option<usize>], kernel: &[Option<usize>]) -> Result<Dims, String> {
    let sliding = Sliding::of(op).map_err(message)?;
    let ceil_mode = op.unit_attribute("ceil_mode");
    let mut result = Dims::new();
    for (axis, (extent, kernel)) in spatial.iter().zip(kernel).enumerate() {
        let (Some(extent), Some(kernel)) = (*extent, *kernel) else {
            result.push(None);
            continue;
        };
        let along = sliding.along(axis, spatial.len());
        let extents = if op.kind() == OpKind::QonnxConvTranspose {
            let params = along.transposed_params(&[extent], &[kernel]);
            params.and_then(|params| transposed_extents(&[extent], &[kernel], &params))
        } else {
            let params = along.params(&[extent], &[kernel]);
            let window = Window::new(&[extent], &[kernel], &params, ceil_mode).map_err(message)?;
            if let Some((_, place)) = window.without_input().filter(|_| selects(op)) {
                return Err(format!(
                    "has a window of padding alone, number {place} along spatial axis {axis}: it has no value"
                ));
            }
            Ok(window.output)
        };
        result.extend(extents.map_err(message)?.into_iter().map(Some));
    }
    Ok(result)
}

/// Whether padding has no value of its own in a window.
fn selects(op: Op<'_>) -> bool {
    match op.kind() {
        OpKind::QonnxMaxPool => true,
        OpKind::QonnxAveragePool => !op.unit_attribute("count_include_pad"),
        _ => false,
    }
}
