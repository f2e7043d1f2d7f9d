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
    match reason(op) {
        Some(reason) if domain.is_empty() || domain.starts_with("ai.onnx") => format!("operator {op} {place} {reason}"),
        _ => {
            format!("operator {op} {place} is not supported, at least not with these attributes; replace or remove it")
        }
    }
}

/// Why an operator has no place in hardware, and what to do.
fn reason(op: &str) -> Option<&'static str> {
    Some(match op {
        "Bernoulli" | "Multinomial" | "RandomNormal" | "RandomNormalLike" | "RandomUniform" | "RandomUniformLike" => {
            "draws random numbers: export the model for inference, or make the numbers an input"
        }
        "Dropout" => "drops random elements: export the model for inference, with training_mode = false",
        "BatchNormalization" => {
            "computes statistics: export the model for inference, with training_mode = 0 and one output"
        }
        "Adam" | "Adagrad" | "Momentum" | "Gradient" => "belongs to training: export the model for inference",
        "NonZero" | "Unique" | "NonMaxSuppression" | "Compress" | "Range" => {
            "gives as many elements as its input's values say, hardware has fixed shapes: end the model in front of it, \
             or make its operands constants"
        }
        "StringConcat" | "StringNormalizer" | "StringSplit" | "RegexFullMatch" | "TfIdfVectorizer" | "LabelEncoder" => {
            "works on text: do that in front of the model"
        }
        "ImageDecoder" => "reads an image file: decode it in front of the model",
        "SequenceConstruct" | "SequenceEmpty" | "SequenceInsert" | "SequenceErase" | "SequenceAt"
        | "SequenceLength" | "SequenceMap" | "SplitToSequence" | "ConcatFromSequence" => {
            "works on a sequence whose length or positions are not constant: use tensors, or constant positions"
        }
        "Optional" | "OptionalGetElement" | "OptionalHasElement" => "works on an optional: use the tensor itself",
        "If" => "chooses by a condition that is computed: make it constant, or compute both and use Where",
        "Loop" | "Scan" => "runs as often as an input says: unroll it, or make its steps constant",
        _ => return None,
    })
}
