//! Ops that change a tensor's shape or the order of its elements: Reshape, Transpose, Expand and their kin.

use ndarray::{ArrayD, Axis, IxDyn};

use super::broadcast::{broadcast_shape, view_as};
use crate::eval::tensor::{EvalError, Tensor, array, element_count, map_array};

/// A possibly negative axis as an index below `rank`.
///
/// # Errors
/// If there is no such axis.
pub fn axis_index(axis: i64, rank: usize) -> Result<usize, EvalError> {
    let wrapped = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    usize::try_from(wrapped)
        .ok()
        .filter(|&a| a < rank)
        .ok_or_else(|| EvalError::attribute(format!("axis {axis} does not exist in a tensor of rank {rank}")))
}

/// Distinct axes as sorted indices.
///
/// # Errors
/// If an axis does not exist or is named twice.
pub fn axis_indices(axes: &[i64], rank: usize) -> Result<Vec<usize>, EvalError> {
    let mut indices = axes.iter().map(|&a| axis_index(a, rank)).collect::<Result<Vec<_>, _>>()?;
    indices.sort_unstable();
    if indices.windows(2).any(|w| matches!(w, [a, b] if a == b)) {
        return Err(EvalError::attribute(format!("axes {axes:?} name an axis twice")));
    }
    Ok(indices)
}

/// The shape that a Reshape means: -1 (once) stands for what is left, 0 for the input's extent unless `allow_zero`.
///
/// # Errors
/// If the number of elements differs or the shape has no single meaning.
pub fn reshaped(shape: &[usize], target: &[i64], allow_zero: bool) -> Result<Vec<usize>, EvalError> {
    let misfit = || EvalError::shape(format!("shape {shape:?} cannot be reshaped to {target:?}"));
    let mut result = Vec::with_capacity(target.len());
    let mut free = None;
    for (i, &d) in target.iter().enumerate() {
        result.push(match d {
            -1 if free.is_none() => {
                free = Some(i);
                1
            }
            0 if !allow_zero => shape.get(i).copied().ok_or_else(misfit)?,
            d => usize::try_from(d).map_err(|_| misfit())?,
        });
    }
    let (known, count) = (element_count(&result)?, element_count(shape)?);
    if let Some(d) = free.and_then(|i| result.get_mut(i)) {
        *d = count.checked_div(known).ok_or_else(misfit)?;
    }
    if element_count(&result)? != count {
        return Err(misfit());
    }
    Ok(result)
}

/// Reshape; see [`reshaped`].
pub fn reshape(x: &Tensor, target: &[i64], allow_zero: bool) -> Result<Tensor, EvalError> {
    with_shape(x, &reshaped(x.shape(), target, allow_zero)?)
}

/// `x` with its elements in order under another shape of as many elements.
pub fn with_shape(x: &Tensor, shape: &[usize]) -> Result<Tensor, EvalError> {
    Ok(map_array!(x, a => array(shape, a.iter().copied().collect())?))
}

/// Flatten to a matrix whose rows are the axes before `axis`, which may equal the rank.
pub fn flatten(x: &Tensor, axis: i64) -> Result<Tensor, EvalError> {
    let axis = if axis == x.rank() as i64 { x.rank() } else { axis_index(axis, x.rank())? };
    let (rows, columns) = x.shape().split_at(axis);
    with_shape(x, &[element_count(rows)?, element_count(columns)?])
}

/// Transpose by a permutation; an empty one reverses the axes.
pub fn transpose(x: &Tensor, permutation: &[i64]) -> Result<Tensor, EvalError> {
    let rank = x.rank();
    if permutation.is_empty() {
        return Ok(map_array!(x, a => a.t().as_standard_layout().into_owned()));
    }
    if axis_indices(permutation, rank)?.len() != rank {
        return Err(EvalError::attribute(format!("permutation {permutation:?} does not fit rank {rank}")));
    }
    let axes = permutation.iter().map(|&p| axis_index(p, rank)).collect::<Result<Vec<_>, _>>()?;
    Ok(map_array!(x, a => a.view().permuted_axes(IxDyn(&axes)).as_standard_layout().into_owned()))
}

/// The permutation that puts axis 1, the channels, behind all others.
pub fn channels_last(rank: usize) -> Vec<i64> {
    let mut permutation: Vec<i64> = (0..rank as i64).collect();
    if let Some(behind) = permutation.get_mut(1..).filter(|behind| !behind.is_empty()) {
        behind.rotate_left(1);
    }
    permutation
}

/// The permutation that puts the last axis, the channels, on axis 1: the inverse of [`channels_last`].
pub fn channels_first(rank: usize) -> Vec<i64> {
    let mut permutation: Vec<i64> = (0..rank as i64).collect();
    if let Some(behind) = permutation.get_mut(1..).filter(|behind| !behind.is_empty()) {
        behind.rotate_right(1);
    }
    permutation
}

/// Squeeze: drops `axes` of extent 1, or all of them if none are given.
pub fn squeeze(x: &Tensor, axes: Option<&[i64]>) -> Result<Tensor, EvalError> {
    let dropped = match axes {
        Some(axes) => axis_indices(axes, x.rank())?,
        None => x.shape().iter().enumerate().filter(|&(_, &d)| d == 1).map(|(i, _)| i).collect(),
    };
    if let Some(&axis) = dropped.iter().find(|&&a| x.shape().get(a) != Some(&1)) {
        return Err(EvalError::shape(format!("axis {axis} of shape {:?} has not the extent 1", x.shape())));
    }
    let kept = x.shape().iter().enumerate().filter(|(i, _)| !dropped.contains(i)).map(|(_, &d)| d);
    with_shape(x, &kept.collect::<Vec<_>>())
}

/// Unsqueeze: inserts axes of extent 1 where `axes` count in the result.
pub fn unsqueeze(x: &Tensor, axes: &[i64]) -> Result<Tensor, EvalError> {
    let rank = x.rank() + axes.len();
    let inserted = axis_indices(axes, rank)?;
    let mut extents = x.shape().iter().copied();
    let shape: Vec<usize> =
        (0..rank).map(|i| if inserted.contains(&i) { 1 } else { extents.next().unwrap_or(1) }).collect();
    with_shape(x, &shape)
}

/// Expand: broadcasts to the common shape of `x` and `target`.
pub fn expand(x: &Tensor, target: &[i64]) -> Result<Tensor, EvalError> {
    let shape = broadcast_shape(x.shape(), &extents(target)?)?;
    Ok(map_array!(x, a => view_as(a, &shape)?.to_owned()))
}

/// Extents from the int64 values of a shape operand.
///
/// # Errors
/// If one is negative or the product too large.
pub fn extents(shape: &[i64]) -> Result<Vec<usize>, EvalError> {
    let extents: Result<Vec<usize>, _> = shape.iter().map(|&d| usize::try_from(d)).collect();
    let extents = extents.map_err(|_| EvalError::shape(format!("shape {shape:?} has a negative extent")))?;
    element_count(&extents)?;
    Ok(extents)
}

/// Tile: repeats every axis as often as `repeats` says.
pub fn tile(x: &Tensor, repeats: &[i64]) -> Result<Tensor, EvalError> {
    if repeats.len() != x.rank() {
        return Err(EvalError::shape(format!("{} repeats for a tensor of rank {}", repeats.len(), x.rank())));
    }
    let counts: Vec<usize> = repeats
        .iter()
        .map(|&r| usize::try_from(r).map_err(|_| EvalError::shape(format!("repeats {repeats:?} are negative"))))
        .collect::<Result<_, _>>()?;
    let total = x.shape().iter().zip(&counts).map(|(&d, &r)| d.saturating_mul(r));
    element_count(&total.collect::<Vec<_>>())?;
    let mut result = x.clone();
    for (axis, &count) in counts.iter().enumerate() {
        let extent = result.shape().get(axis).copied().unwrap_or(0);
        let indices: Vec<usize> = (0..count).flat_map(|_| 0..extent).collect();
        result = map_array!(&result, a => a.select(Axis(axis), &indices));
    }
    Ok(result)
}

/// DepthToSpace: blocks of channels become squares of `block` by `block`. `column_row_depth` is mode CRD.
pub fn depth_to_space(x: &Tensor, block: usize, column_row_depth: bool) -> Result<Tensor, EvalError> {
    let &[n, c, h, w] = x.shape() else {
        return Err(rank_4("DepthToSpace", x));
    };
    let depth =
        block.checked_mul(block).filter(|&b| b > 0 && c % b == 0).map(|b| c / b).ok_or_else(|| {
            EvalError::shape(format!("{c} channels are no multiple of the square of block size {block}"))
        })?;
    let (split, order) = if column_row_depth {
        ([n, depth, block, block, h, w], [0, 1, 4, 2, 5, 3])
    } else {
        ([n, block, block, depth, h, w], [0, 3, 4, 1, 5, 2])
    };
    with_shape(&transpose(&with_shape(x, &split)?, &order)?, &[n, depth, h * block, w * block])
}

/// SpaceToDepth: squares of `block` by `block` become channels.
pub fn space_to_depth(x: &Tensor, block: usize) -> Result<Tensor, EvalError> {
    let &[n, c, h, w] = x.shape() else {
        return Err(rank_4("SpaceToDepth", x));
    };
    if block == 0 || h % block != 0 || w % block != 0 {
        return Err(EvalError::shape(format!("{h} by {w} is no multiple of block size {block}")));
    }
    let split = [n, c, h / block, block, w / block, block];
    let moved = transpose(&with_shape(x, &split)?, &[0, 3, 5, 1, 2, 4])?;
    with_shape(&moved, &[n, c * block * block, h / block, w / block])
}

fn rank_4(op: &str, x: &Tensor) -> EvalError {
    EvalError::shape(format!("{op} has an input of rank {}, expected 4", x.rank()))
}

/// All values in row-major order with `axis` moved to the last place.
pub(super) fn rows_along<T: Copy>(x: &ArrayD<T>, axis: usize) -> Vec<T> {
    let mut order: Vec<usize> = (0..x.ndim()).filter(|&a| a != axis).collect();
    order.push(axis);
    x.view().permuted_axes(IxDyn(&order)).iter().copied().collect()
}

/// The inverse of [`rows_along`].
pub(super) fn from_rows<T: Copy>(rows: Vec<T>, shape: &[usize], axis: usize) -> Result<ArrayD<T>, EvalError> {
    let mut moved = shape.to_vec();
    let extent = moved.remove(axis);
    moved.push(extent);
    let mut order: Vec<usize> = (0..shape.len().saturating_sub(1)).collect();
    order.insert(axis, shape.len().saturating_sub(1));
    Ok(array(&moved, rows)?.permuted_axes(IxDyn(&order)).as_standard_layout().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(shape: &[usize]) -> Tensor {
        let count: usize = shape.iter().product();
        Tensor::f32(shape, (0..count).map(|v| v as f32).collect()).unwrap()
    }

    #[test]
    fn reshape_rules() {
        assert_eq!(reshaped(&[2, 3, 4], &[0, -1], false), Ok(vec![2, 12]));
        assert_eq!(reshaped(&[0, 3], &[3, 0], true), Ok(vec![3, 0]));
        assert_eq!(reshaped(&[], &[-1], false), Ok(vec![1]));
        for target in [&[-1, -1][..], &[5, -1], &[-2, 12], &[2, 3, 4, 0], &[i64::MAX, i64::MAX], &[0, -1, 0, 0]] {
            assert!(reshaped(&[2, 3, 4], target, false).is_err(), "{target:?}");
        }
        assert!(reshaped(&[0], &[0, -1], true).is_err());
    }

    #[test]
    fn transposes_and_axes() {
        let x = counting(&[2, 3]);
        assert_eq!(transpose(&x, &[]).unwrap().to_f32_vec(), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert!(transpose(&x, &[0, 0]).is_err());
        assert_eq!(unsqueeze(&x, &[-1, 0]).unwrap().shape(), [1, 2, 3, 1]);
        assert_eq!(squeeze(&unsqueeze(&x, &[1]).unwrap(), None).unwrap(), x);
        assert!(squeeze(&x, Some(&[0])).is_err());
        assert_eq!(flatten(&counting(&[2, 3, 4]), -1).unwrap().shape(), [6, 4]);
        assert_eq!(flatten(&x, 2).unwrap().shape(), [6, 1]);
    }

    #[test]
    fn repetition_is_bounded() {
        let x = counting(&[1, 2]);
        assert_eq!(tile(&x, &[2, 2]).unwrap().to_f32_vec(), [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
        assert_eq!(expand(&x, &[3, 1]).unwrap().shape(), [3, 2]);
        assert!(tile(&x, &[1 << 40, 1]).is_err());
        assert!(expand(&x, &[1 << 40, 1]).is_err());
        assert!(expand(&x, &[-1, 1]).is_err());
    }

    #[test]
    fn depth_and_space_are_inverse() {
        let x = counting(&[1, 8, 1, 1]);
        let spread = depth_to_space(&x, 2, false).unwrap();
        assert_eq!(spread.to_f32_vec(), [0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0]);
        assert_eq!(space_to_depth(&spread, 2).unwrap(), x);
        assert_eq!(depth_to_space(&x, 2, true).unwrap().to_f32_vec(), x.to_f32_vec());
        assert!(depth_to_space(&x, 3, false).is_err());
    }
}
