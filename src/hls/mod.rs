//! Stage 5: hls to hls. What is hardware becomes a kernel of layers.
//!
//! A layer holds integer operations; one with `hls.float` holds the float32 operations in front
//! of a quantizer that has no integer form ([`outline_float`]).

pub mod exponents;
pub mod names;
pub mod outline_float;
pub mod outline_kernel;
pub mod outline_layers;
pub mod verify_legal;
