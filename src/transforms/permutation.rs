//! Orders of axes.

/// The order that a transpose puts axes in: axis i of its result is axis `self.0[i]` of its operand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Permutation(Vec<usize>);

impl Permutation {
    /// The order as it is.
    pub fn identity(rank: usize) -> Self {
        Self((0..rank).collect())
    }

    /// The order of `qonnx.transpose`; None for what names no axis, or one twice.
    pub fn of(axes: &[i64]) -> Option<Self> {
        let axes: Vec<usize> = axes.iter().map(|axis| usize::try_from(*axis).ok()).collect::<Option<_>>()?;
        let mut sorted = axes.clone();
        sorted.sort_unstable();
        sorted.iter().copied().eq(0..axes.len()).then_some(Self(axes))
    }

    /// As `qonnx.transpose` has it.
    pub fn to_i64s(&self) -> Vec<i64> {
        self.0.iter().map(|axis| *axis as i64).collect()
    }

    /// Axis i of the result is this axis of the operand.
    pub fn axes(&self) -> &[usize] {
        &self.0
    }

    /// How many axes there are.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing moves.
    pub fn is_identity(&self) -> bool {
        self.0.iter().copied().eq(0..self.0.len())
    }

    /// This order, and another of what has it.
    pub fn then(&self, next: &Self) -> Self {
        Self(next.0.iter().filter_map(|axis| self.0.get(*axis).copied()).collect())
    }

    /// The order back.
    pub fn inverse(&self) -> Self {
        let mut inverse = vec![0; self.0.len()];
        for (place, axis) in self.0.iter().enumerate() {
            if let Some(entry) = inverse.get_mut(*axis) {
                *entry = place;
            }
        }
        Self(inverse)
    }

    /// Where an axis goes, which counts from behind if it is negative.
    pub fn place(&self, axis: i64) -> Option<i64> {
        let axis = if axis < 0 { axis + self.0.len() as i64 } else { axis };
        self.0.iter().position(|moved| *moved as i64 == axis).map(|place| place as i64)
    }

    /// The entries of a list with one for each axis, in this order.
    pub fn applied<T: Clone>(&self, list: &[T]) -> Option<Vec<T>> {
        if list.len() != self.0.len() {
            return None;
        }
        self.0.iter().map(|axis| list.get(*axis).cloned()).collect()
    }

    /// The order of the axes that are left without some.
    pub fn without(&self, dropped: &[usize]) -> Self {
        let kept = self.0.iter().filter(|axis| !dropped.contains(axis));
        Self(kept.map(|axis| axis - dropped.iter().filter(|gone| *gone < axis).count()).collect())
    }

    /// Whether the elements of a tensor of this shape stay in their order: only axes of one element move.
    pub fn keeps_elements(&self, shape: &[Option<usize>]) -> bool {
        let long = self.0.iter().filter(|axis| shape.get(**axis) != Some(&Some(1)));
        long.clone().zip(long.skip(1)).all(|(a, b)| a < b)
    }

    /// The leading axes that stay in place.
    pub fn fixed(&self) -> usize {
        self.0.iter().enumerate().take_while(|(place, axis)| place == *axis).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(axes: &[i64]) -> Permutation {
        Permutation::of(axes).unwrap()
    }

    #[test]
    fn orders_compose_and_invert() {
        let (last, first) = (of(&[0, 2, 3, 1]), of(&[0, 3, 1, 2]));
        assert_eq!(last.inverse(), first);
        assert!(last.then(&first).is_identity());
        assert_eq!(last.applied(&["n", "c", "h", "w"]).unwrap(), ["n", "h", "w", "c"]);
        assert_eq!(last.place(1), Some(3));
        assert_eq!(last.place(-1), Some(2));
        assert_eq!(last.place(4), None);
        assert_eq!(last.without(&[2, 3]), of(&[0, 1]));
        assert_eq!(last.without(&[1]), of(&[0, 1, 2]));
        assert_eq!(Permutation::of(&[0, 0]), None);
        assert_eq!(Permutation::of(&[0, -1]), None);
    }

    #[test]
    fn axes_of_one_element_move_nothing() {
        let last = of(&[0, 2, 3, 1]);
        assert!(last.keeps_elements(&[None, Some(8), Some(1), Some(1)]));
        assert!(last.keeps_elements(&[Some(1), Some(1), Some(4), Some(4)]));
        assert!(!last.keeps_elements(&[Some(1), Some(8), Some(1), Some(2)]));
        assert!(!last.keeps_elements(&[Some(1), None, Some(2), Some(1)]));
    }
}
