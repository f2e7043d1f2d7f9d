//! MultiThreshold.

use super::{
    parameters::{exponent_of, parameter},
    parts::Parts,
};
use crate::{
    eval::Tensor,
    lowering::grid::{Dyadic, FACTOR_BITS, common_step},
};
use qonnx_dialect::{Element, qonnx};

pub(super) fn split_thresholds(quant: qonnx::MultiThreshold<'_>) -> Result<(), String> {
    let op = quant.op();
    let thresholds = parameter("threshold matrix", quant.thresholds())?;
    let steps = thresholds.shape().last().copied().unwrap_or(0) as i64;
    let parts = Parts::new(op)?;
    let scale = Tensor::scalar(quant.out_scale());
    let exponent = exponent_of(&scale).filter(|_| quant.out_bias() == 0.0);
    let ty = parts.builder.tensor(Element::of_range(0, steps), &parts.shape);
    let count = qonnx::CountThresholds::build(
        &parts.builder,
        quant.x(),
        quant.thresholds(),
        quant.channel_axis(),
        exponent,
        [ty],
    );
    let y = match common_codes(quant.out_scale(), quant.out_bias(), steps) {
        Some((factor, offset, step)) => {
            let step = Tensor::scalar(step);
            let q = parts.affine(count.result(), steps, (factor, offset), exponent_of(&step))?;
            parts.unscaled(q, &Tensor::scalar(0.0), &step)?
        }
        None => {
            let y = parts.unscaled(count.result(), &Tensor::scalar(0.0), &scale)?;
            parts.shifted(y, &Tensor::scalar(quant.out_bias()))
        }
    };
    op.replace(&[y]);
    Ok(())
}

/// `count * scale + bias` as `(count * factor + offset) * step` where float32 rounds
/// nothing: `(factor, offset, step)`.
pub(super) fn common_codes(scale: f32, bias: f32, steps: i64) -> Option<(i64, i64, f32)> {
    let (s, b) = (Dyadic::of(scale)?, Dyadic::of(bias)?);
    let step = common_step(s, b, FACTOR_BITS)?;
    let (factor, offset, unit) = (s.over(step, FACTOR_BITS)?, b.over(step, FACTOR_BITS)?, step.to_f32()?);
    let greatest = factor.abs().checked_mul(steps)?.checked_add(offset.abs())?;
    let bits = step.bits() + (64 - greatest.leading_zeros());
    (bits <= 24).then_some((factor, offset, unit))
}
