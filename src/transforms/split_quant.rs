//! `qonnx-split-quant`: quantizers in three parts.
//!
//! | in the file | in front | integer part | behind |
//! |---|---|---|---|
//! | Quant | `div` scale, `add` zero point | `quantize` | `hls.sub` zero point, `unscale` |
//! | Quant, 1 bit signed | the same | `binarize` | the same |
//! | BipolarQuant | | `binarize` | `unscale` |
//! | Trunc | `div` scale, `add` zero point, `round`, `div` 2^k | `quantize` | as Quant |
//! | FloatQuant | `div` scale | `quantize_minifloat` | `unscale` by its least step too |
//! | MultiThreshold | | `count_thresholds` | `unscale`, `add` bias |
//! | QuantizeLinear | `div` scale, `round`, `add` zero point | `quantize` | |
//! | Clip of integers | | joins the `quantize` before it | |
//! | DequantizeLinear | | | `hls.sub` zero point, `unscale` |
//! | Round, where a sum takes it | | `quantize` | `unscale` |
//! | what moves codes | | the same on floats, `quantize` | |
//!
//! Parts that do nothing (scale 1, zero point 0) are left out. A zero point that is no
//! integer stays a float subtraction, as the reference has it. Quantizers of constants
//! are evaluated: `hls.constant` and `unscale`.

mod float_quant;
mod integers;
mod linear;
mod parameters;
mod parts;
mod promoted;
mod quant;
mod round;
mod thresholds;
mod trunc;

use super::functions::{erase_dead, functions, retype};
use qonnx_dialect::{Op, OpKind, Reported, options::QonnxSplitQuantOptions, qonnx};

/// Splits every quantizer.
///
/// # Errors
/// At each quantizer whose parameters are not constant or not usable.
pub fn run(module: Op<'_>, _: &QonnxSplitQuantOptions) -> Result<(), Reported> {
    let mut outcome = Ok(());
    for function in functions(module) {
        for op in function.body() {
            if let Err(problem) = split(op) {
                outcome = Err(op.error(problem));
            }
        }
        erase_dead(function);
        // Codes that are an output take as many bits as they need.
        retype(function);
    }
    outcome
}

/// Whether an operation is the integer part of a quantizer.
pub fn gives_codes(op: Op<'_>) -> bool {
    matches!(
        op.kind(),
        OpKind::QonnxQuantize | OpKind::QonnxQuantizeMinifloat | OpKind::QonnxBinarize | OpKind::QonnxCountThresholds
    )
}

/// Quantizers at any stage.
pub fn is_quantizer(op: Op<'_>) -> bool {
    gives_codes(op)
        || matches!(
            op.kind(),
            OpKind::QonnxQuant
                | OpKind::QonnxBipolarQuant
                | OpKind::QonnxMultiThreshold
                | OpKind::QonnxQuantizeLinear
                | OpKind::QonnxTrunc
                | OpKind::QonnxTruncToScale
                | OpKind::QonnxFloatQuant
        )
}

fn split(op: Op<'_>) -> Result<(), String> {
    match op.kind() {
        OpKind::QonnxQuant => quant::split_quant(qonnx::Quant::of(op).ok_or("is no Quant")?),
        OpKind::QonnxBipolarQuant => quant::split_bipolar(qonnx::BipolarQuant::of(op).ok_or("is no BipolarQuant")?),
        OpKind::QonnxTrunc => trunc::split_trunc(qonnx::Trunc::of(op).ok_or("is no Trunc")?),
        OpKind::QonnxTruncToScale => trunc::split_trunc_to_scale(qonnx::TruncToScale::of(op).ok_or("is no Trunc")?),
        OpKind::QonnxFloatQuant => float_quant::split_float_quant(qonnx::FloatQuant::of(op).ok_or("is no FloatQuant")?),
        OpKind::QonnxMultiThreshold => {
            thresholds::split_thresholds(qonnx::MultiThreshold::of(op).ok_or("is no MultiThreshold")?)
        }
        OpKind::QonnxQuantizeLinear => linear::split_quantize_linear(op),
        OpKind::QonnxRound => round::split_round(op),
        OpKind::QonnxClip => linear::join_clip(op),
        OpKind::QonnxDequantizeLinear => linear::split_dequantize_linear(op),
        _ => integers::through_floats(op),
    }
}
