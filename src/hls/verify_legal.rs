//! `hls-verify-legal`: nothing but integers inside the hardware.

use super::{outline_kernel::KERNEL, outline_layers::LAYER};
use crate::{lowering::propagate_scales::REASON, transforms::functions::functions};
use qonnx_dialect::{Op, OpKind, Reported, options::HlsVerifyLegalOptions};

/// Checks kernels and layers, and that no dot product is left to the host.
///
/// # Errors
/// At each operation that has no place where it is.
pub fn run(module: Op<'_>, _: &HlsVerifyLegalOptions) -> Result<(), Reported> {
    let mut outcome = Ok(());
    for function in functions(module) {
        let hardware = function.unit_attribute(KERNEL) || function.unit_attribute(LAYER);
        for op in function.body() {
            let legal = if hardware { is_legal_in_hardware(op) } else { is_legal_on_host(op) };
            if !legal {
                outcome = Err(refuse(op));
            }
        }
    }
    outcome
}

fn is_legal_in_hardware(op: Op<'_>) -> bool {
    op.kind().is_hls() || matches!(op.name(), "func.call" | "func.return")
}

/// The host quantizes inputs and computes heads; the dot products are the hardware's.
fn is_legal_on_host(op: Op<'_>) -> bool {
    let linear = matches!(op.kind(), OpKind::QonnxMatmul | OpKind::QonnxGemm | OpKind::QonnxOnnx);
    !linear && !op.kind().is_hls()
}

/// Reports an operation that could not be lowered, with the reason that a pass left.
pub fn refuse(op: Op<'_>) -> Reported {
    let reason = op.optional_str_attribute(REASON);
    let what = format!("{} cannot become integer hardware", op.name());
    match reason {
        Some(reason) => op.error(format!("{what}: {reason}")),
        None => op.error(format!(
            "{what}: it lies between integer operations with no quantizer behind it; quantize its result in the file"
        )),
    }
}
