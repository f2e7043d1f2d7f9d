//! The choices that a network is made of.
//!
//! A generator reads numbers off a tape; 0 is always the simplest choice, and so is what lies
//! beyond the end. Every tape makes a valid network, so a failing one is made smaller by
//! lowering its numbers, without a word about networks.

use qonnxc::driver::samples::Random;

/// Reads choices one after another.
pub struct Tape<'t>(std::slice::Iter<'t, u8>);

impl<'t> Tape<'t> {
    /// From the start.
    pub fn new(choices: &'t [u8]) -> Self {
        Self(choices.iter())
    }

    fn next(&mut self) -> u8 {
        self.0.next().copied().unwrap_or(0)
    }

    /// In `0..end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.next()) % end
    }

    /// In `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True that often, if all choices are equally likely.
    pub fn chance(&mut self, percent: u32) -> bool {
        u32::from(self.next()) * 100 >= (100 - percent) * 256
    }

    /// One of a list; the first is the simplest.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// Uniform in [low, high), finer than a single choice.
    pub fn uniform(&mut self, low: f32, high: f32) -> f32 {
        let steps = u16::from_be_bytes([self.next(), self.next()]);
        low + f32::from(steps) / 65536.0 * (high - low)
    }

    /// So many numbers, uniform in [low, high), from a single choice.
    pub fn numbers(&mut self, count: usize, low: f32, high: f32) -> Vec<f32> {
        let mut random = Random::new(u64::from(self.next()));
        (0..count).map(|_| low + random.unit() as f32 * (high - low)).collect()
    }

    /// An order of `0..count`.
    pub fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        (1..count).rev().for_each(|last| order.swap(last, last - self.below(last + 1)));
        order
    }
}
