//! Stage 5: qonnx to hls. What a file says of floats becomes integers that give the
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
//! certificate), there is none. In detail:
//!
//! * **Zero points.** `sum (q - z) * w = sum q * w - z * sum w`: an identity of integers. A
//!   convolution pads `q - z` with 0, hence q with z: z need not be a code, the padded tensor
//!   is as wide as z asks.
//! * **ConvTranspose** is the convolution with the mirrored kernel of the input with zeros
//!   between its elements: the same products, added.
//! * **A scale that varies among the terms of a sum** (branches of a Concat, weights quantized
//!   in groups): float32 scales are dyadic rationals, all multiples of one step; the multiples
//!   go into the weights, the step stays.
//! * **Pools and means.** The sum is one of integers; the division by the count is the
//!   reference's own float32 division, an operation of the chain. Between two dot products it
//!   moves below the second as a divisor.
//! * **Ranges.** Intervals per channel from the actual weights; where branches of one tensor meet again,
//!   the exact range of the affine function that they make together ([`range`]). A channel whose range is
//!   one code is a constant of what adds it ([`crate::hls::remove_stuck_channels`]).
//! * **MaxPool** selects codes where the values' order is that of the codes: steps are made
//!   positive by changing the integers' signs. In front of a quantizer it changes place with
//!   operations that keep order; rounding to nearest keeps it, so this holds in float32.
//! * **Movement** (views, transposes, gathers) and operations on single elements commute.
//! * **Two branches before a quantizer** whose sum or product float32 holds exactly are added or
//!   multiplied as integers. Otherwise see [`requantize::branches`]: codes change along
//!   staircases, whose corners bound a threshold on `m * a + n * b`.
//! * **Sums and products between two dot products** are computed exactly where the reference
//!   rounds each once, as it rounds each `q * s`: this is part of the error of its sum, and
//!   `qonnxc check` judges it as such.
//! * **What no short form equals** stays in float32: [`crate::hls::outline_float`] makes a layer
//!   of the file's own operations, from the integers to the quantizer. They are the reference's
//!   chain, so there is nothing to prove; the integers in front of it are exact as above.
//! * **FloatQuant**: minifloats are multiples of their least step, which is a power of two.
//!
pub mod grid;
pub mod legalize_fixed_point;
pub mod propagate_scales;
pub mod range;
pub mod requantize;
pub mod sink_joins;
