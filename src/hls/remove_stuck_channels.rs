//! `hls-remove-stuck-channels`: channels that always have one code are constants, not hardware.
//!
//! A dot product finds them by the ranges of its input. What they add goes into its bias; that they are
//! not computed is the matter of [`select`].

mod select;
#[cfg(test)]
mod tests;

use crate::{
    eval::convert::{constant_of, hls_constant},
    lowering::range::{Ranges, shape_of},
    transforms::functions::{erase_dead, functions},
};
use ndarray::{ArrayD, Axis};
use qonnx_dialect::{Builder, Op, OpKind, Reported, Value, hls, options::HlsRemoveStuckChannelsOptions};

/// Removes what each dot product adds as a constant.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: Op<'_>, _: &HlsRemoveStuckChannelsOptions) -> Result<(), Reported> {
    for function in functions(module) {
        // Nothing is erased before the end: ranges are known by their values.
        let mut ranges = Ranges::default();
        for op in function.body() {
            if let Some(dot) = DotProduct::of(op) {
                dot.without_stuck_channels(&mut ranges);
            }
        }
        erase_dead(function);
    }
    Ok(())
}

/// A dot product of constant weights.
struct DotProduct<'c> {
    op: Op<'c>,
    x: Value<'c>,
    /// The axis of x whose elements are added.
    axis: usize,
    weights: ArrayD<i64>,
    /// The axis of the weights that goes with it.
    weight_axis: usize,
    /// One value a result, if there is any.
    bias: Option<ArrayD<i64>>,
}

impl<'c> DotProduct<'c> {
    fn of(op: Op<'c>) -> Option<Self> {
        let (x, w, bias, axis, weight_axis) = if let Some(matmul) = hls::Matmul::of(op) {
            (matmul.a(), matmul.b(), matmul.bias(), shape_of(matmul.a()).ok()?.len().checked_sub(1)?, 0)
        } else {
            let conv = hls::Conv::of(op).filter(|conv| conv.group() == 1)?;
            (conv.x(), conv.w(), conv.bias(), 1, 1)
        };
        let integers = |value: Value<'c>| constant_of(value)?.as_int().ok().cloned();
        let weights = integers(w)?;
        if op.kind() == OpKind::HlsMatmul && weights.ndim() != 2 {
            return None;
        }
        let bias = match bias {
            Some(bias) => Some(integers(bias)?),
            None => None,
        };
        Some(Self { op, x, axis, weights, weight_axis, bias })
    }

    fn without_stuck_channels(self, ranges: &mut Ranges<'c>) -> Option<()> {
        let intervals = ranges.of(self.x).ok()?.along(self.axis, &shape_of(self.x).ok()?).ok()?;
        let mut alive: Vec<bool> = intervals.iter().map(|(low, high)| low < high).collect();
        if alive.iter().all(|alive| *alive) {
            return None;
        }
        // Something has to be left.
        if let Some(first) = alive.first_mut().filter(|_| !intervals.iter().any(|(low, high)| low < high)) {
            *first = true;
        }
        let alive = select::plan(self.x, self.axis, alive).filter(|alive| alive.contains(&false))?;
        let bias = self.bias_with(|channel| (!alive[channel]).then(|| intervals[channel].0))?;
        let x = select::apply(self.x, self.axis, &alive, ranges)?;
        self.replace(x, self.weights.select(Axis(self.weight_axis), &select::kept(&alive)), &bias);
        Some(())
    }

    /// The bias and what channels with one code add; None if that is too large.
    fn bias_with(&self, code_of: impl Fn(usize) -> Option<i64>) -> Option<Vec<i64>> {
        let results = self.weights.len_of(Axis(1 - self.weight_axis));
        let mut bias = match &self.bias {
            Some(bias) => bias.iter().copied().collect(),
            None => vec![0_i64; results],
        };
        for (channel, weights) in self.weights.axis_iter(Axis(self.weight_axis)).enumerate() {
            let Some(code) = code_of(channel) else { continue };
            for (sum, weights) in bias.iter_mut().zip(weights.axis_iter(Axis(0))) {
                let kernel = weights.iter().try_fold(0_i64, |sum, weight| sum.checked_add(*weight))?;
                *sum = sum.checked_add(kernel.checked_mul(code)?)?;
            }
        }
        Some(bias)
    }

    fn replace(&self, x: Value<'c>, weights: ArrayD<i64>, bias: &[i64]) {
        let builder = Builder::before(self.op);
        let flat: Vec<i64> = weights.iter().copied().collect();
        let w = hls_constant(&builder, weights.shape(), &flat);
        let bias = bias.iter().any(|value| *value != 0).then(|| hls_constant(&builder, &[bias.len()], bias));
        let ty = [self.op.result(0).ty()];
        let exponent = self.op.optional_i64_attribute("exponent");
        let new = match hls::Conv::of(self.op) {
            Some(conv) => {
                let (strides, dilations) = (conv.strides(), conv.dilations());
                hls::Conv::build(&builder, x, w, bias, &strides, &dilations, 1, exponent, ty).result()
            }
            None => hls::Matmul::build(&builder, x, w, bias, exponent, ty).result(),
        };
        self.op.result(0).replace_uses(new);
    }
}
