//! What every op computes, as plain functions over [`Tensor`](super::tensor::Tensor)s.
//!
//! Results are those of the reference to the last bit: QONNX's executor (numpy) for quantizers, onnxruntime on
//! an x86 with FMA for standard ONNX ops. Where the reference sums floats in an order of its own (matrix
//! products, convolutions, averages), the value here is one legal order; [`exact_sum`] bounds the others.
//! No function panics on any operand: shapes, axes and sizes are checked before use.

pub mod batch_norm;
pub mod broadcast;
pub mod conv;
pub mod conv_transpose;
pub mod elementwise;
pub mod exact_sum;
pub mod float_quant;
pub mod interpolate;
pub mod inverse;
pub mod layout;
pub mod matmul;
pub mod multi_threshold;
pub mod pad;
pub mod pool;
pub mod quant;
pub mod quantize_linear;
pub mod reduce;
pub mod reduce_window;
pub mod resize;
pub mod rounding;
pub mod scatter;
pub mod select;
pub mod softmax;
#[cfg(test)]
mod testing;
pub mod transcendental;
pub mod trunc;
pub mod unscale;
pub mod window;
