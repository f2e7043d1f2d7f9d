//! Stage 3: qonnx to qonnx, a file a pass, in the order of the pipeline.

pub mod functions;
pub mod verify_supported;
pub mod infer_shapes;
pub mod fold_constants;
pub mod lower_shapes;
pub mod lower_gemm;
pub mod lower_batch_norm;
pub mod layout;
pub mod hoist_views;
pub mod insert_quantizers;
pub mod split_quant;
