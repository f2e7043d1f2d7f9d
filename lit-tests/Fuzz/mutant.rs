//! Choices that a mutation is made of.

use qonnxc::driver::samples::Random;

/// Where arithmetic on sizes and positions goes wrong.
const NUMBERS: [i64; 28] = [
    0,
    1,
    -1,
    2,
    -2,
    3,
    4,
    5,
    7,
    8,
    16,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    255,
    1000,
    1 << 20,
    1 << 27,
    i32::MAX as i64,
    1 << 31,
    i32::MIN as i64,
    1 << 40,
    i64::MAX,
    i64::MIN,
];

/// A source of choices.
pub struct Choices(Random);

impl Choices {
    /// The same for the same numbers.
    pub fn new(seed: u64, number: u64) -> Self {
        Self(Random::new(Random::new(seed).bits() ^ number))
    }

    /// In `0..end`; 0 if there is nothing to choose.
    pub fn below(&mut self, end: usize) -> usize {
        (self.0.bits() % end.max(1) as u64) as usize
    }

    /// How many mutations: mostly one, so that mutants get far.
    pub fn count(&mut self) -> usize {
        [1, 1, 1, 2, 3, 6][self.below(6)]
    }

    /// One of a list.
    pub fn of<'t, T>(&mut self, list: &'t [T]) -> Option<&'t T> {
        list.get(self.below(list.len()))
    }

    /// One of a list, to be changed.
    pub fn mutable<'t, T>(&mut self, list: &'t mut [T]) -> Option<&'t mut T> {
        let index = self.below(list.len());
        list.get_mut(index)
    }

    /// A number that is likely to be wrong, or near to the one it replaces.
    pub fn number(&mut self, old: i64) -> i64 {
        match self.below(4) {
            0 => old.wrapping_add(1),
            1 => old.wrapping_neg(),
            _ => NUMBERS[self.below(NUMBERS.len())],
        }
    }

    /// A float that is likely to be wrong.
    pub fn float(&mut self, old: f32) -> f32 {
        let list =
            [0.0, -0.0, 1.0, -old, old * 1.5, 1e-45, 1e-38, 3e38, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 2e9];
        list[self.below(list.len())]
    }
}

/// Changes, removes or repeats a few bytes.
pub fn mutate_bytes(bytes: &mut Vec<u8>, choices: &mut Choices) {
    let at = choices.below(bytes.len());
    match choices.below(4) {
        0 => bytes.truncate(at),
        1 => {
            let end = (at + choices.below(16)).min(bytes.len());
            bytes.drain(at..end);
        }
        2 => {
            let end = (at + choices.below(64)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        _ => {
            let value = [0, 1, 0x7f, 0x80, 0xff, choices.below(256) as u8][choices.below(6)];
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
    }
}
