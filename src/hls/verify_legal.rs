//! `hls-verify-legal`: nothing but integers inside the hardware, float layers apart.

use super::{
    outline_float::{FLOAT, is_float_operation},
    outline_kernel::KERNEL,
    outline_layers::LAYER,
};
use crate::{
    lowering::propagate_scales::REASON,
    transforms::{functions::functions, kinds::is_dot_product},
};
use qonnx_dialect::{Op, OpKind, Reported, options::HlsVerifyLegalOptions};

/// Checks kernels and layers, and that no dot product is left to the host.
///
/// # Errors
/// At each operation that has no place where it is.
pub fn run(module: Op<'_>, _: &HlsVerifyLegalOptions) -> Result<(), Reported> {
    let mut outcome = Ok(());
    for function in functions(module) {
        let problem_of = match function {
            _ if function.unit_attribute(FLOAT) => problem_in_float,
            _ if function.unit_attribute(KERNEL) || function.unit_attribute(LAYER) => problem_in_hardware,
            _ => problem_on_host,
        };
        for op in function.body() {
            let problem = problem_of(op);
            if let Some(problem) = problem {
                outcome = Err(refuse_because(op, problem));
            }
        }
    }
    outcome
}

/// A kernel and its other layers hold integer operations alone.
fn problem_in_hardware(op: Op<'_>) -> Option<&'static str> {
    let legal = op.kind().is_hls() || matches!(op.name(), "func.call" | "func.return");
    (!legal).then_some("a kernel holds operations of the hls dialect alone; lower it before the kernel is outlined")
}

/// A float layer holds what stands between integers and one quantizer.
fn problem_in_float(op: Op<'_>) -> Option<&'static str> {
    let legal = is_float_operation(op) || op.name() == "func.return";
    (!legal).then_some("a layer with hls.float computes float32 operations; dot products are integers' work")
}

/// The host quantizes inputs and computes heads; the dot products are the hardware's.
fn problem_on_host(op: Op<'_>) -> Option<&'static str> {
    use OpKind::*;
    match op.kind() {
        _ if is_dot_product(op) => {
            Some("a dot product needs quantized operands and a quantizer behind it; quantize them in the file")
        }
        QonnxOnnx => Some("its operator is not known"),
        kind if kind.is_hls() => Some("it stands outside a kernel; run hls-outline-kernel first"),
        _ => None,
    }
}

/// Reports an operation between integer ones that could not be lowered.
pub fn refuse(op: Op<'_>) -> Reported {
    refuse_because(
        op,
        "it lies between integer operations with no quantizer behind it; quantize its result in the file",
    )
}

/// Reports an operation with the reason that a pass left, or else this one.
fn refuse_because(op: Op<'_>, problem: &str) -> Reported {
    let reason = op.optional_str_attribute(REASON).unwrap_or(problem);
    op.error(format!("{} cannot become integer hardware: {reason}", op.name()))
}
