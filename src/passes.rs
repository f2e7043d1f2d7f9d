//! The body of every pass of `Passes.td`. A pass without one does not compile.

use crate::{conversion, hls, lowering, transforms};
use qonnx_dialect::{Passes, register_passes, register_pipeline};

/// Registers passes and named pipelines with MLIR.
pub fn register() {
    register_passes(Passes {
        qonnx_verify_supported: transforms::verify_supported::run,
        qonnx_infer_shapes: transforms::infer_shapes::run,
        qonnx_fold_constants: transforms::fold_constants::run,
        qonnx_set_batch_size: transforms::set_batch_size::run,
        qonnx_fold_pads: transforms::fold_pads::run,
        qonnx_remove_unused: transforms::remove_unused::run,
        qonnx_unique_names: transforms::unique_names::run,
        qonnx_conv_to_matmul: transforms::conv_to_matmul::run,
        qonnx_lower_channels_last: transforms::lower_channels_last::run,
        qonnx_lower_shapes: transforms::lower_shapes::run,
        qonnx_lower_gemm: transforms::lower_gemm::run,
        qonnx_extract_bias: transforms::extract_bias::run,
        qonnx_lower_batch_norm: transforms::lower_batch_norm::run,
        qonnx_lower_movement: transforms::lower_movement::run,
        qonnx_hoist_movement: transforms::hoist_movement::run,
        qonnx_push_transposes: transforms::push_transposes::run,
        qonnx_channels_last: transforms::channels_last::run,
        qonnx_insert_quantizers: transforms::insert_quantizers::run,
        qonnx_split_quant: transforms::split_quant::run,
        qonnx_qcdq_to_quant: transforms::qcdq_to_quant::run,
        qonnx_quant_to_qcdq: transforms::quant_to_qcdq::run,
        convert_qonnx_to_quant: conversion::qonnx_to_quant::run,
        convert_quant_to_qonnx: conversion::quant_to_qonnx::run,
        qonnx_propagate_scales: lowering::propagate_scales::run,
        qonnx_sink_joins: lowering::sink_joins::run,
        qonnx_legalize_fixed_point: lowering::legalize_fixed_point::run,
        hls_sink_transposes: hls::sink_transposes::run,
        hls_remove_stuck_channels: hls::remove_stuck_channels::run,
        hls_outline_float: hls::outline_float::run,
        hls_outline_kernel: hls::outline_kernel::run,
        hls_outline_layers: hls::outline_layers::run,
        hls_verify_legal: hls::verify_legal::run,
    });
    for (name, summary, pipeline) in crate::pipeline::named() {
        register_pipeline(name, summary, &pipeline);
    }
}
