//! Stage 4: qonnx to hls. What a file says of floats becomes integers that give the
//! same codes.
//!
//! 1. [`propagate_scales`] moves `unscale` below dot products: what is in front of it is
//!    integer arithmetic, exact, with widths from [`range`].
//! 2. [`sink_joins`] moves what joins float chains (Concat, Pad, MaxPool) below the next
//!    quantizer, so that each branch is a chain of its own.
//! 3. [`legalize_fixed_point`] evaluates the float chain between an accumulator and the
//!    next quantizer ([`requantize`]) and puts a proven integer form in its place.
//!
//! # Why it is exact
//!
//! The reference computes, in float32, `chain(sum of x * w)` where each x and w is a code
//! times a scale. Its sum has rounding errors that depend on its order; the exact sum
//! `E = N * S` (N an integer, S the exact product of the scales) is what every order
//! approximates. We compute N exactly and the chain as the function
//! `n -> chain(fl32(n * S))`, evaluated in the reference's own float32 operations at
//! compile time for every n that can occur. So the only difference that can remain is the
//! reference's own summation error; where its sum is provably exact (`qonnxc check` has the
//! certificate), there is none.

pub mod grid;
pub mod legalize_fixed_point;
pub mod propagate_scales;
pub mod range;
pub mod requantize;
pub mod sink_joins;
