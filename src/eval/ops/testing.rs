//! Helpers of the tests: golden values as bits of float32.

use crate::eval::tensor::Tensor;

/// Bit patterns written as hexadecimal words.
pub fn bits(words: &str) -> Vec<u32> {
    words.split_whitespace().map(|w| u32::from_str_radix(w, 16).unwrap()).collect()
}

/// The bit patterns of a tensor's values.
pub fn bits_of(x: &Tensor) -> Vec<u32> {
    x.to_f32_vec().into_iter().map(f32::to_bits).collect()
}
