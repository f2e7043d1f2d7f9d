//! QONNX in, hardware out; every step an MLIR module.
//!
//! The modules stand in the order in which data flows:
//!
//! 1. [`onnx`]: bytes to a checked and simplified model;
//! 2. [`import`]: the model to the `qonnx` dialect;
//! 3. [`transforms`]: qonnx to qonnx;
//! 4. [`conversion`]: qonnx to other dialects of MLIR and back;
//! 5. [`lowering`]: qonnx to hls, where floats become integers and why that is exact;
//! 6. [`hls`]: hls to hls, a kernel of layers;
//! 7. [`export`]: hls to text, qonnx back to ONNX.
//!
//! [`pipeline`] lists the stages, [`eval`] gives every operation its meaning,
//! [`driver`] is what users call. Dialects and the boundary to MLIR are in the crate
//! `qonnx-dialect`.
#![forbid(unsafe_code)]

pub mod conversion;
pub mod driver;
pub mod eval;
pub mod export;
pub mod hls;
pub mod import;
pub mod lowering;
pub mod onnx;
pub mod passes;
pub mod pipeline;
pub mod transforms;
