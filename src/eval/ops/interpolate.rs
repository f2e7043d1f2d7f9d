//! Weights of Resize with the modes linear and cubic, an axis at a time, as onnxruntime computes them in float32.

/// How an axis is resized.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// Between the two neighbours; positions beyond the ends are moved to them.
    Linear,
    /// Between four neighbours, by Keys' polynomial.
    Cubic {
        /// Its coefficient, -0.75 in ONNX.
        a: f32,
        /// Whether neighbours beyond the ends have no weight (or else that of the end).
        exclude_outside: bool,
    },
}

impl Kernel {
    /// The weight of each element of an axis of `extent` for the value at `position`.
    pub fn weights(self, position: f32, extent: usize) -> Vec<f32> {
        let mut weights = vec![0.0f32; extent];
        for (index, weight) in self.terms(position, extent) {
            if let Some(sum) = weights.get_mut(index) {
                *sum += weight;
            }
        }
        weights
    }

    /// The elements that the value at `position` is a sum of, in order, and their weights: two or four.
    pub fn terms(self, position: f32, extent: usize) -> Vec<(usize, f32)> {
        let (a, exclude_outside) = match self {
            Self::Linear => return neighbours(position, extent).to_vec(),
            Self::Cubic { a, exclude_outside } => (a, exclude_outside),
        };
        let (left, last) = (position.floor(), extent.saturating_sub(1) as i64);
        let places = (-1..3).map(|offset| left as i64 + offset);
        let mut terms: Vec<(i64, f32)> = places.zip(cubic(position - left, a)).collect();
        if exclude_outside {
            terms.iter_mut().filter(|(at, _)| !(0..=last).contains(at)).for_each(|(_, weight)| *weight = 0.0);
            let total: f32 = terms.iter().map(|(_, weight)| weight).sum();
            terms.iter_mut().for_each(|(_, weight)| *weight /= total);
        }
        terms.into_iter().map(|(at, weight)| (at.clamp(0, last) as usize, weight)).collect()
    }
}

/// The two elements of an axis of `extent` around a position, and their weights; the last element is both of its own
/// neighbours, each with a half.
fn neighbours(position: f32, extent: usize) -> [(usize, f32); 2] {
    let last = extent.saturating_sub(1);
    let position = position.clamp(0.0, last as f32);
    let left = (position as usize).min(last);
    let right = (left + 1).min(last);
    if left == right {
        return [(left, 0.5), (right, 0.5)];
    }
    [(left, (position - right as f32).abs()), (right, (position - left as f32).abs())]
}

/// Keys' polynomial at the distances `s + 1`, `s`, `1 - s` and `2 - s`.
fn cubic(s: f32, a: f32) -> [f32; 4] {
    let far = |d: f32| ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a;
    let near = |d: f32| ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0;
    [far(s + 1.0), near(s), near(1.0 - s), far(2.0 - s)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_weights() {
        assert_eq!(Kernel::Linear.weights(1.25, 4), [0.0, 0.75, 0.25, 0.0]);
        assert_eq!(Kernel::Linear.weights(-0.5, 3), [1.0, 0.0, 0.0]);
        assert_eq!(Kernel::Linear.weights(9.0, 3), [0.0, 0.0, 1.0]);
        assert_eq!(Kernel::Linear.weights(0.5, 1), [1.0]);
    }

    #[test]
    fn cubic_weights() {
        let cubic = |exclude_outside| Kernel::Cubic { a: -0.75, exclude_outside };
        assert_eq!(cubic(false).weights(1.5, 4), [-0.09375, 0.59375, 0.59375, -0.09375]);
        assert_eq!(cubic(false).weights(0.5, 2), [0.5, 0.5]);
        assert_eq!(cubic(true).weights(0.0, 3), [1.0, 0.0, 0.0]);
        assert_eq!(cubic(true).weights(0.5, 2), [0.5, 0.5]);
    }
}
