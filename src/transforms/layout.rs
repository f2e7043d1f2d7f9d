//! How constants that broadcast follow a change of layout.
//!
//! An elementwise operation on a tensor of shape `from` takes a constant that
//! broadcasts to it. When the tensor is viewed, transposed or gathered instead, the
//! constant must follow, and stay small: one value a channel should remain one value a
//! channel.

use super::permutation::Permutation;
use crate::eval::{EvalError, Tensor, ops::layout, ops::select};

/// A change of layout of a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The same elements in row-major order.
    View {
        /// Shape before.
        from: Vec<usize>,
        /// Shape after.
        to: Vec<usize>,
    },
    /// Axes in another order.
    Transpose {
        /// Result axis i is axis `permutation[i]` of the operand.
        permutation: Vec<i64>,
    },
    /// Slices along an axis by index.
    Gather {
        /// Rank of the operand.
        rank: usize,
        /// The axis.
        axis: usize,
        /// Positions, one for each slice of the result.
        indices: Vec<i64>,
    },
}

impl Layout {
    /// The constant that broadcasts to the new layout as `constant` did to the old
    /// one; None where it would have to grow.
    pub fn follow(&self, constant: &Tensor) -> Option<Tensor> {
        if constant.len() == 1 {
            return layout::with_shape(constant, &[]).ok();
        }
        match self {
            Self::View { from, to } => {
                let shape = view_shape(&padded(constant.shape(), from.len())?, from, to)?;
                layout::with_shape(constant, &shape).ok()
            }
            Self::Transpose { permutation } => {
                let shape = padded(constant.shape(), permutation.len())?;
                layout::transpose(&layout::with_shape(constant, &shape).ok()?, permutation).ok()
            }
            Self::Gather { rank, axis, .. } => {
                let shape = padded(constant.shape(), *rank)?;
                let ranked = layout::with_shape(constant, &shape).ok()?;
                if shape[*axis] == 1 { Some(ranked) } else { self.apply(&ranked).ok() }
            }
        }
    }

    /// The change back; None where elements are left out or repeated.
    pub fn inverse(&self) -> Option<Self> {
        match self {
            Self::View { from, to } => Some(Self::View { from: to.clone(), to: from.clone() }),
            Self::Transpose { permutation } => {
                Some(Self::Transpose { permutation: Permutation::of(permutation)?.inverse().to_i64s() })
            }
            Self::Gather { .. } => None,
        }
    }

    /// The tensor in the new layout.
    ///
    /// # Errors
    /// If its shape is not the one before.
    pub fn apply(&self, tensor: &Tensor) -> Result<Tensor, EvalError> {
        match self {
            Self::View { to, .. } => layout::with_shape(tensor, to),
            Self::Transpose { permutation } => layout::transpose(tensor, permutation),
            Self::Gather { axis, indices, .. } => {
                select::gather(tensor, &Tensor::indices(indices.clone()), *axis as i64)
            }
        }
    }
}

/// The shape with ones in front up to the rank; None if it has more axes.
pub fn padded(shape: &[usize], rank: usize) -> Option<Vec<usize>> {
    let missing = rank.checked_sub(shape.len())?;
    Some(std::iter::repeat_n(1, missing).chain(shape.iter().copied()).collect())
}

/// The constant's shape after a view: axes are cut into groups of equal size on both
/// sides; a group keeps its meaning if it has one axis that is not 1 on either side, or
/// if the constant covers it wholly or not at all.
fn view_shape(constant: &[usize], from: &[usize], to: &[usize]) -> Option<Vec<usize>> {
    // Without elements there are no groups.
    if from.contains(&0) || to.contains(&0) {
        return None;
    }
    let mut shape = Vec::with_capacity(to.len());
    let (mut i, mut j) = (0, 0);
    while i < from.len() || j < to.len() {
        let (start_i, start_j) = (i, j);
        let (mut a, mut b) = (take(from, &mut i), take(to, &mut j));
        while a != b {
            if a < b { a *= take(from, &mut i) } else { b *= take(to, &mut j) }
        }
        // Ones behind belong to the group, or the last group would miss them.
        while i < from.len() && from[i] == 1 && (j >= to.len() || to[j] != 1) {
            i += 1;
        }
        while j < to.len() && to[j] == 1 && (i >= from.len() || from[i] != 1) {
            j += 1;
        }
        let covered: usize = constant[start_i..i].iter().product();
        let new = &to[start_j..j];
        if covered == 1 {
            shape.extend(std::iter::repeat_n(1, new.len()));
        } else if covered == a {
            shape.extend_from_slice(new);
        } else {
            return None;
        }
    }
    Some(shape)
}

fn take(shape: &[usize], index: &mut usize) -> usize {
    let size = shape.get(*index).copied().unwrap_or(1);
    *index += 1;
    size
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(from: &[usize], to: &[usize], constant: &[usize]) -> Option<Vec<usize>> {
        view_shape(&padded(constant, from.len())?, from, to)
    }

    #[test]
    fn channels_stay_channels() {
        assert_eq!(view(&[1, 64], &[1, 64, 1, 1], &[64]), Some(vec![1, 64, 1, 1]));
        assert_eq!(view(&[1, 64, 1], &[1, 64], &[64, 1]), Some(vec![1, 64]));
        assert_eq!(view(&[2, 3, 4], &[6, 4], &[4]), Some(vec![1, 4]));
        assert_eq!(view(&[2, 3, 4], &[6, 4], &[2, 3, 1]), Some(vec![6, 1]));
        assert_eq!(view(&[64], &[1, 64], &[64]), Some(vec![1, 64]));
        assert_eq!(view(&[1], &[1, 1, 1], &[1]), Some(vec![1, 1, 1]));
        assert_eq!(view(&[2, 0], &[0], &[2, 1]), None);
    }

    #[test]
    fn a_constant_that_would_grow_is_refused() {
        assert_eq!(view(&[1, 8, 2, 2], &[1, 32], &[8, 1, 1]), None);
    }

    #[test]
    fn gathered_constants() {
        let layout = Layout::Gather { rank: 3, axis: 1, indices: vec![2, 2, 0] };
        let constant = Tensor::f32(&[3, 1], vec![1.0, 2.0, 3.0]).unwrap();
        assert_eq!(layout.follow(&constant).unwrap().to_f32_vec(), [3.0, 3.0, 1.0]);
        let along_another = Tensor::f32(&[4], vec![1.0; 4]).unwrap();
        assert_eq!(layout.follow(&along_another).unwrap().shape(), [1, 1, 4]);
    }

    #[test]
    fn transposed_constants() {
        let layout = Layout::Transpose { permutation: vec![0, 2, 1] };
        let constant = Tensor::f32(&[3, 1], vec![1.0, 2.0, 3.0]).unwrap();
        assert_eq!(layout.follow(&constant).unwrap().shape(), [1, 1, 3]);
    }
}
