//! `qonnx-verify-supported`: the whole list of what is missing, at once.

use super::functions::of_kind;
use qonnx_dialect::{Op, OpKind, Reported, options::QonnxVerifySupportedOptions, qonnx};

/// Reports each node that has no operator in the dialect.
///
/// # Errors
/// If there is one.
pub fn run(module: Op<'_>, _: &QonnxVerifySupportedOptions) -> Result<(), Reported> {
    let mut outcome = Ok(());
    for node in of_kind(module, OpKind::QonnxOnnx).filter_map(qonnx::Onnx::of) {
        outcome = Err(node.op().error(message(node)));
    }
    outcome
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
