//! QONNX in, hardware out; every step an MLIR module.
#![forbid(unsafe_code)]
