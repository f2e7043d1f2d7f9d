//! Stage 4: to other dialects of MLIR and back.
//!
//! # What the casts of `quant` are taken as
//!
//! Upstream gives formulas, in the float that is expressed, and leaves the rounding open. Here it is
//! float32, and every rounding is to the nearest, half to even:
//!
//! * `quant.qcast`: `clamp(round(x / scale + zero_point), low, high)`, which is QONNX's Quant;
//! * `quant.dcast`: `(code - zero_point) * scale`.
//!
//! QuantizeLinear, StableHLO and TFLite round `x / scale` and add the zero point behind. With 0 that
//! is the same; with another, values near ties differ. Both passes take the option
//! `zero-point=after-rounding` for modules that mean that. In the default order a QuantizeLinear
//! with another zero point is still said exactly: codes and limits are counted from the zero point.
//! A scale is a double in the type and rounded to float32 where it is used, as upstream's own lowering
//! does. NaN has no code.

mod parameters;
pub mod qonnx_to_quant;
pub mod quant_to_qonnx;
#[cfg(test)]
mod tests;

use qonnx_dialect::{Op, Reported};

/// When a quantizer adds its zero point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ZeroPoint {
    BeforeRounding,
    AfterRounding,
}

impl ZeroPoint {
    /// By the name that an option of a pass has for it.
    fn named(module: Op<'_>, name: &str) -> Result<Self, Reported> {
        match name {
            "" | "before-rounding" => Ok(Self::BeforeRounding),
            "after-rounding" => Ok(Self::AfterRounding),
            _ => Err(module.error(format!("zero-point={name}: expected before-rounding or after-rounding"))),
        }
    }
}

/// Erases operations of qonnx, quant and arith that nothing uses, users first.
fn erase_unused(module: Op<'_>) {
    for op in module.nested().into_iter().rev() {
        let name = op.name();
        let is_pure = name == "arith.constant" || name.starts_with("quant.") || name.starts_with("qonnx.");
        if is_pure && op.result_count() > 0 && op.is_unused() {
            op.erase();
        }
    }
}
