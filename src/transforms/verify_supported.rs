//! `qonnx-verify-supported`: the whole list of what is missing, at once.

use super::functions::{functions, of_kind};
use qonnx_dialect::{Op, OpKind, Reported, Value, options::QonnxVerifySupportedOptions, qonnx};
use std::collections::HashSet;

/// Reports each node that has no operator in the dialect.
///
/// # Errors
/// If there is one.
pub fn run(module: Op<'_>, _: &QonnxVerifySupportedOptions) -> Result<(), Reported> {
    let mut outcome = Ok(());
    for node in of_kind(module, OpKind::QonnxOnnx).filter_map(qonnx::Onnx::of) {
        outcome = Err(node.op().error(message(node)));
    }
    for function in functions(module) {
        outcome = outcome.and(refuse_dynamic_quantizers(function));
    }
    outcome
}

/// A quantizer whose parameters depend on an input has no fixed grid.
fn refuse_dynamic_quantizers(function: Op<'_>) -> Result<(), Reported> {
    let mut outcome = Ok(());
    let mut dynamic: HashSet<Value<'_>> = function.arguments().into_iter().collect();
    for op in function.body() {
        // A shape is known before its tensor is.
        if op.kind() != OpKind::QonnxShape && op.operands().iter().any(|operand| dynamic.contains(operand)) {
            dynamic.extend(op.results());
        }
        let parameters = op.operands().into_iter().skip(1);
        if is_quantizer(op.kind()) && parameters.into_iter().any(|parameter| dynamic.contains(&parameter)) {
            outcome = Err(op.error(
                "its scale, zero point or width is not constant but computed at run time; \
                 hardware needs fixed ones: calibrate the model and export constants",
            ));
        }
    }
    outcome
}

fn is_quantizer(kind: OpKind) -> bool {
    matches!(
        kind,
        OpKind::QonnxQuant
            | OpKind::QonnxBipolarQuant
            | OpKind::QonnxMultiThreshold
            | OpKind::QonnxTrunc
            | OpKind::QonnxTruncToScale
            | OpKind::QonnxFloatQuant
            | OpKind::QonnxQuantizeLinear
            | OpKind::QonnxDequantizeLinear
    )
}

fn message(node: qonnx::Onnx<'_>) -> String {
    let (op, domain) = (node.op_type(), node.domain());
    if domain.starts_with("finn.") && domain.contains("fpgadataflow") {
        return format!(
            "operator {op} of domain {domain} is a FINN hardware node: compile the QONNX file from before FINN's conversion"
        );
    }
    let place = if domain.is_empty() { "of ONNX".to_string() } else { format!("of domain {domain}") };
    format!("operator {op} {place} is not supported, at least not with these attributes; replace or remove it")
}
