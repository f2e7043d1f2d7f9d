//! Stage 6: hls to hls. What is hardware becomes a kernel of layers.
//!
//! Before that, transposes cancel ([`sink_transposes`]) and channels that always have one code go
//! ([`remove_stuck_channels`]); [`placement`] tells `qonnxc check` where the codes of a node are then.
//!
//! A layer holds integer operations; one with `hls.float` holds the float32 operations in front
//! of a quantizer that has no integer form ([`outline_float`]).

pub mod exponents;
pub mod names;
pub mod outline_float;
pub mod outline_kernel;
pub mod outline_layers;
pub mod placement;
pub mod remove_stuck_channels;
pub mod sink_transposes;
pub mod verify_legal;
