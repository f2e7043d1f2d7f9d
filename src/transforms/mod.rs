//! Stage 3: qonnx to qonnx, a file a pass, in the order of the pipeline.

pub mod channels_last;
pub mod conv_to_matmul;
pub mod extract_bias;
pub mod fold_constants;
pub mod fold_pads;
pub mod functions;
pub mod hoist_movement;
pub mod infer_shapes;
pub mod insert_quantizers;
pub mod kinds;
pub mod layout;
pub mod lower_batch_norm;
pub mod lower_channels_last;
pub mod lower_gemm;
pub mod lower_movement;
pub mod lower_shapes;
pub mod permutation;
pub mod push_transposes;
pub mod qcdq_to_quant;
pub mod quant_to_qcdq;
pub mod remove_unused;
pub mod set_batch_size;
pub mod split_quant;
pub mod unique_names;
pub mod verify_supported;
