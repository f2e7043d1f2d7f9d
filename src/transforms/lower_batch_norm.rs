//! `qonnx-lower-batch-norm`: BatchNormalization as the two operations it rounds in.

use super::functions::of_kind;
use crate::eval::{
    Tensor,
    convert::{constant_of, qonnx_constant},
    ops::{batch_norm::batch_norm_constants, layout},
};
use qonnx_dialect::{Builder, Op, OpKind, Reported, options::QonnxLowerBatchNormOptions, qonnx};

/// Replaces each BatchNormalization with constant parameters.
///
/// # Errors
/// If a parameter is not constant, or the operand's rank is not known.
pub fn run(module: Op<'_>, _: &QonnxLowerBatchNormOptions) -> Result<(), Reported> {
    for norm in of_kind(module, OpKind::QonnxBatchNormalization).filter_map(qonnx::BatchNormalization::of) {
        let op = norm.op();
        let parameter = |index: usize| {
            constant_of(op.operand(index)).ok_or_else(|| op.error(format!("parameter {index} is not constant")))
        };
        let [scale, bias, mean, variance] = [parameter(1)?, parameter(2)?, parameter(3)?, parameter(4)?];
        let constants = batch_norm_constants(&scale, &bias, &mean, &variance, norm.epsilon());
        let (factor, offset) = constants.map_err(|problem| op.error(problem.to_string()))?;
        let rank = norm.x().tensor_type().and_then(|ty| ty.shape).map(|shape| shape.len());
        let rank = rank.ok_or_else(|| op.error("the operand's rank is not known; run qonnx-infer-shapes first"))?;
        let builder = Builder::before(op);
        let constant = |tensor: &Tensor| {
            per_channel(tensor, if norm.channels_last() { 2 } else { rank })
                .map(|tensor| qonnx_constant(&builder, &tensor))
                .map_err(|problem| op.error(problem))
        };
        let ty = norm.result().ty();
        let product = qonnx::Mul::build(&builder, norm.x(), constant(&factor)?, [ty]).result();
        let sum = qonnx::Add::build(&builder, product, constant(&offset)?, [ty]).result();
        op.replace(&[sum]);
    }
    Ok(())
}

/// One value a channel, shaped to broadcast along axis 1 of this rank.
fn per_channel(vector: &Tensor, rank: usize) -> Result<Tensor, String> {
    let mut shape = vec![vector.len()];
    shape.extend(std::iter::repeat_n(1, rank.saturating_sub(2)));
    layout::with_shape(vector, &shape).map_err(|problem| problem.to_string())
}
