//! Numpy's broadcasting: shapes are aligned at the right, extents of 1 repeat.

use ndarray::{ArrayD, ArrayViewD, IxDyn, Zip};

use crate::eval::tensor::{EvalError, element_count};

/// The common shape of two operands.
///
/// # Errors
/// If two extents differ and neither is 1, or the result is too large.
pub fn broadcast_shape(a: &[usize], b: &[usize]) -> Result<Vec<usize>, EvalError> {
    let rank = a.len().max(b.len());
    let extent = |s: &[usize], i: usize| (i + s.len()).checked_sub(rank).and_then(|i| s.get(i)).copied();
    let mut shape = Vec::with_capacity(rank);
    for i in 0..rank {
        shape.push(match (extent(a, i).unwrap_or(1), extent(b, i).unwrap_or(1)) {
            (m, n) if m == n || n == 1 => m,
            (1, n) => n,
            _ => {
                return Err(EvalError::shape(format!("shapes {a:?} and {b:?} do not broadcast")));
            }
        });
    }
    element_count(&shape)?;
    Ok(shape)
}

/// The common shape of any number of operands.
pub fn broadcast_shapes<'a>(shapes: impl IntoIterator<Item = &'a [usize]>) -> Result<Vec<usize>, EvalError> {
    shapes.into_iter().try_fold(Vec::new(), |common, s| broadcast_shape(&common, s))
}

/// A view of `a` repeated to `shape`.
pub fn view_as<'a, T>(a: &'a ArrayD<T>, shape: &[usize]) -> Result<ArrayViewD<'a, T>, EvalError> {
    a.broadcast(IxDyn(shape))
        .ok_or_else(|| EvalError::shape(format!("shape {:?} does not broadcast to {shape:?}", a.shape())))
}

/// `f` of every pair of elements.
pub fn zip<A: Clone, B: Clone, T>(a: &ArrayD<A>, b: &ArrayD<B>, f: impl Fn(A, B) -> T) -> Result<ArrayD<T>, EvalError> {
    let shape = broadcast_shape(a.shape(), b.shape())?;
    let (a, b) = (view_as(a, &shape)?, view_as(b, &shape)?);
    Ok(Zip::from(a).and(b).map_collect(|a, b| f(a.clone(), b.clone())))
}

/// The elements, if every one is known.
pub fn all_known<T>(array: ArrayD<Option<T>>) -> Option<ArrayD<T>> {
    let shape = array.raw_dim();
    let items: Option<Vec<T>> = array.into_iter().collect();
    ArrayD::from_shape_vec(shape, items?).ok()
}

/// `f` of every triple of elements.
pub fn zip3<A: Clone, B: Clone, C: Clone, T>(
    a: &ArrayD<A>,
    b: &ArrayD<B>,
    c: &ArrayD<C>,
    f: impl Fn(A, B, C) -> T,
) -> Result<ArrayD<T>, EvalError> {
    let shape = broadcast_shapes([a.shape(), b.shape(), c.shape()])?;
    let (a, b, c) = (view_as(a, &shape)?, view_as(b, &shape)?, view_as(c, &shape)?);
    Ok(Zip::from(a).and(b).and(c).map_collect(|a, b, c| f(a.clone(), b.clone(), c.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::tensor::array;

    #[test]
    fn shapes_align_at_the_right() {
        assert_eq!(broadcast_shape(&[2, 3], &[3]), Ok(vec![2, 3]));
        assert_eq!(broadcast_shape(&[4, 1], &[5, 1, 6]), Ok(vec![5, 4, 6]));
        assert_eq!(broadcast_shape(&[], &[0, 1]), Ok(vec![0, 1]));
        assert!(broadcast_shape(&[2], &[3]).is_err());
        assert!(broadcast_shape(&[1 << 20, 1], &[1 << 20]).is_err());
    }

    #[test]
    fn pairs_follow_the_common_shape() {
        let a = array(&[2, 1], vec![10, 20]).unwrap();
        let b = array(&[3], vec![1, 2, 3]).unwrap();
        let sums = zip(&a, &b, |a, b| a + b).unwrap();
        assert_eq!(sums, array(&[2, 3], vec![11, 12, 13, 21, 22, 23]).unwrap());
    }
}
