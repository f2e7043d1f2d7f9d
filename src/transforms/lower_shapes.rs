//! `qonnx-lower-shapes`: Reshape and its like become views.

use super::functions::operations;
use qonnx_dialect::{Builder, Op, OpKind, Reported, options::QonnxLowerShapesOptions, qonnx};

/// Replaces every change of shape whose result is known.
///
/// # Errors
/// If a shape is dynamic: run `qonnx-infer-shapes` first.
pub fn run(module: Op<'_>, _: &QonnxLowerShapesOptions) -> Result<(), Reported> {
    for op in operations(module) {
        let changes_shape = matches!(
            op.kind(),
            OpKind::QonnxReshape | OpKind::QonnxFlatten | OpKind::QonnxSqueeze | OpKind::QonnxUnsqueeze
        );
        if !changes_shape {
            continue;
        }
        let result = op.result(0);
        if result.tensor_type().and_then(|ty| ty.static_shape()).is_none() {
            return Err(op.error(format!("its shape is not known: {}; run qonnx-infer-shapes first", result.ty())));
        }
        let view = qonnx::View::build(&Builder::before(op), op.operand(0), [result.ty()]);
        op.replace(&[view.result()]);
    }
    Ok(())
}
