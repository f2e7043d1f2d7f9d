//! Modules to text and files that other tools read: a folder a target.

pub mod hlscpp;
pub mod onnx;
