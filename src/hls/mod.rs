//! Stage 5: hls to hls. What is hardware becomes a kernel of layers.

pub mod exponents;
pub mod names;
pub mod outline_float;
pub mod outline_kernel;
pub mod outline_layers;
pub mod verify_legal;
