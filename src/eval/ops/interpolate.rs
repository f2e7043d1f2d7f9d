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
        let last = extent.saturating_sub(1);
        for (index, weight) in self.terms(position, last) {
            let index = index.clamp(0, last as i64) as usize;
            if let Some(sum) = weights.get_mut(index) {
                *sum += weight;
            }
        }
        weights
    }

    fn terms(self, position: f32, last: usize) -> Vec<(i64, f32)> {
        match self {
            Self::Linear => {
                let position = position.clamp(0.0, last as f32);
                let left = position.floor();
                if left as usize >= last {
                    return vec![(last as i64, 1.0)];
                }
                vec![(left as i64, (position - (left + 1.0)).abs()), (left as i64 + 1, (position - left).abs())]
            }
            Self::Cubic { a, exclude_outside } => {
                let left = position.floor();
                let neighbours = (-1..3).map(|offset| left as i64 + offset);
                let mut terms: Vec<(i64, f32)> = neighbours.zip(cubic(position - left, a)).collect();
                if exclude_outside {
                    terms.retain(|(index, _)| (0..=last as i64).contains(index));
                    let total: f32 = terms.iter().map(|(_, weight)| weight).sum();
                    terms.iter_mut().for_each(|(_, weight)| *weight /= total);
                }
                terms
            }
        }
    }
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
