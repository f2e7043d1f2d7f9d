//! Reductions over axes, ArgMax, ArgMin and TopK.

use std::cmp::Ordering;

use ndarray::{ArrayD, IxDyn};

use super::elementwise::Binary;
use super::layout::{axis_index, axis_indices, from_rows, rows_along};
use crate::eval::tensor::{EvalError, IntType, Tensor, array};

/// What a reduction makes of the values along its axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Sum; of float32 in onnxruntime's order over trailing or leading axes, over others one legal order.
    Sum,
    /// Sum, then a division by the count; integers truncate.
    Mean,
    /// Product.
    Prod,
    /// Least value.
    Min,
    /// Greatest value.
    Max,
}

impl Reduction {
    fn binary(self) -> Binary {
        match self {
            Self::Sum | Self::Mean => Binary::Add,
            Self::Prod => Binary::Mul,
            Self::Min => Binary::Min,
            Self::Max => Binary::Max,
        }
    }

    /// The result where there is nothing to reduce; `None` for the mean.
    fn identity(self) -> Option<f64> {
        match self {
            Self::Sum => Some(0.0),
            Self::Mean => None,
            Self::Prod => Some(1.0),
            Self::Min => Some(f64::INFINITY),
            Self::Max => Some(f64::NEG_INFINITY),
        }
    }
}

/// Reduces `axes`, or all if there are none. `keep_dims` leaves extents of 1.
///
/// # Errors
/// If an axis does not exist.
pub fn reduce(reduction: Reduction, x: &Tensor, axes: &[i64], keep_dims: bool) -> Result<Tensor, EvalError> {
    let axes = if axes.is_empty() { (0..x.rank()).collect() } else { axis_indices(axes, x.rank())? };
    let (op, mean) = (reduction.binary(), reduction == Reduction::Mean);
    let empty = reduction.identity().unwrap_or(f64::NAN);
    Ok(match x {
        Tensor::F32(a) => {
            let result = match op {
                Binary::Add if trailing(&axes, x.rank()) => sum_rows(a, &axes, keep_dims)?,
                _ => fold(a, &axes, keep_dims, empty as f32, |a, b| op.scalar(a, b))?,
            };
            Tensor::F32(if mean { result.0.mapv(|v| v / result.1 as f32) } else { result.0 })
        }
        Tensor::F64(a) => {
            let result = fold(a, &axes, keep_dims, empty, |a, b| op.scalar_f64(a, b))?;
            Tensor::F64(if mean { result.0.mapv(|v| v / result.1 as f64) } else { result.0 })
        }
        Tensor::Int(t, a) => {
            let result = fold(a, &axes, keep_dims, empty as i64, |a, b| op.scalar_int(a, b))?;
            let divisor = if mean { result.1.max(1) as i64 } else { 1 };
            Tensor::Int(*t, result.0.mapv(|v| t.wrap(v / divisor)))
        }
    })
}

/// Whether the (sorted) axes are the last ones, so that their elements are neighbours in memory.
fn trailing(axes: &[usize], rank: usize) -> bool {
    !axes.is_empty() && axes.first() == Some(&(rank - axes.len().min(rank)))
}

/// [`fold`] for float32 sums over trailing axes, in the order of Eigen's reduction, which onnxruntime uses there.
fn sum_rows(x: &ArrayD<f32>, axes: &[usize], keep_dims: bool) -> Result<(ArrayD<f32>, usize), EvalError> {
    let (mut shape, inner) = (x.shape().to_vec(), x.shape().iter().skip(x.ndim() - axes.len()).product::<usize>());
    shape.truncate(x.ndim() - axes.len());
    let outer: usize = shape.iter().product();
    if keep_dims {
        shape.resize(x.ndim(), 1);
    }
    let values: Vec<f32> = x.iter().copied().collect();
    let rows = (0..outer).map(|i| eigen_sum(values.get(i * inner..(i + 1) * inner).unwrap_or_default(), i * inner));
    let rows = rows.collect();
    Ok((array(&shape, rows)?, inner))
}

/// The sum of a row that begins `offset` elements behind a 16-byte boundary: pairs of aligned packets of four are
/// added lane by lane, then the lanes, then the values in front of the first packet and those behind the last.
fn eigen_sum(row: &[f32], offset: usize) -> f32 {
    let (front, aligned) = row.split_at(((4 - offset % 4) % 4).min(row.len()));
    let (packets, back) = aligned.as_chunks::<4>();
    let add = |[a, b, c, d]: [f32; 4], [w, x, y, z]: [f32; 4]| [a + w, b + x, c + y, d + z];
    let (pairs, odd) = packets.as_chunks::<2>();
    let lanes = pairs.iter().copied().reduce(|[a, b], [c, d]| [add(a, c), add(b, d)]).map(|[a, b]| add(a, b));
    let lanes = match (lanes, odd.first()) {
        (Some(lanes), Some(&packet)) => Some(add(lanes, packet)),
        (lanes, packet) => lanes.or(packet.copied()),
    };
    let start = lanes.map(|[a, b, c, d]| (a + c) + (b + d));
    start.into_iter().chain(front.iter().chain(back).copied()).reduce(|a, b| a + b).unwrap_or(0.0)
}

/// The folded values and how many each one is made of.
fn fold<T: Copy>(
    x: &ArrayD<T>,
    axes: &[usize],
    keep_dims: bool,
    empty: T,
    f: impl Fn(T, T) -> T,
) -> Result<(ArrayD<T>, usize), EvalError> {
    let (mut order, mut outer, mut shape, mut count) = (Vec::new(), 1usize, Vec::new(), 1usize);
    for (axis, &extent) in x.shape().iter().enumerate() {
        if axes.contains(&axis) {
            count *= extent;
            shape.extend(keep_dims.then_some(1));
        } else {
            outer *= extent;
            order.push(axis);
            shape.push(extent);
        }
    }
    order.extend(axes);
    let view = x.view().permuted_axes(IxDyn(&order));
    let mut values = view.iter().copied();
    let rows = (0..outer).map(|_| match values.next() {
        Some(first) if count > 0 => values.by_ref().take(count - 1).fold(first, &f),
        _ => empty,
    });
    let rows = rows.collect();
    Ok((array(&shape, rows)?, count))
}

/// Index of the greatest (ArgMax) or least (ArgMin) value along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgParams {
    /// The axis searched.
    pub axis: i64,
    /// Whether the axis stays, with extent 1.
    pub keep_dims: bool,
    /// Whether the last of equal values counts, not the first.
    pub select_last_index: bool,
}

/// ArgMax, as int64.
pub fn argmax(x: &Tensor, params: ArgParams) -> Result<Tensor, EvalError> {
    arg(x, params, Ordering::Greater)
}

/// ArgMin, as int64.
pub fn argmin(x: &Tensor, params: ArgParams) -> Result<Tensor, EvalError> {
    arg(x, params, Ordering::Less)
}

fn arg(x: &Tensor, params: ArgParams, wanted: Ordering) -> Result<Tensor, EvalError> {
    let axis = axis_index(params.axis, x.rank())?;
    let indices = match x {
        Tensor::F32(a) => best(a, axis, params.select_last_index, wanted),
        Tensor::F64(a) => best(a, axis, params.select_last_index, wanted),
        Tensor::Int(_, a) => best(a, axis, params.select_last_index, wanted),
    };
    let mut shape = x.shape().to_vec();
    if shape.remove(axis) == 0 {
        return Err(EvalError::shape(format!(
            "axis {axis} of shape {:?} is empty, there is no extreme value",
            x.shape()
        )));
    }
    if params.keep_dims {
        shape.insert(axis, 1);
    }
    Ok(Tensor::Int(IntType::I64, array(&shape, indices)?))
}

fn best<T: PartialOrd + Copy>(x: &ArrayD<T>, axis: usize, last: bool, wanted: Ordering) -> Vec<i64> {
    let extent = x.shape().get(axis).copied().unwrap_or(0).max(1);
    let better = |a: &T, b: &T| match a.partial_cmp(b) {
        Some(Ordering::Equal) => last,
        order => order == Some(wanted),
    };
    let row_best = |row: &[T]| {
        let mut candidates = row.iter().enumerate();
        let first = candidates.next();
        let found = first.map(|first| candidates.fold(first, |b, c| if better(c.1, b.1) { c } else { b }));
        found.map_or(0, |(i, _)| i as i64)
    };
    rows_along(x, axis).chunks(extent).map(row_best).collect()
}

/// TopK: the `k` greatest (or least) values along `axis` and their indices, best first; equal values in order of
/// their index. ONNX leaves the order open where `sorted` is 0; this one is as good as any.
///
/// # Errors
/// If the axis does not exist or is shorter than `k`.
pub fn topk(x: &Tensor, k: usize, axis: i64, largest: bool) -> Result<(Tensor, Tensor), EvalError> {
    let axis = axis_index(axis, x.rank())?;
    if x.shape().get(axis).is_none_or(|&d| d < k) {
        return Err(EvalError::shape(format!("axis {axis} of shape {:?} has no {k} values", x.shape())));
    }
    Ok(match x {
        Tensor::F32(a) => {
            let (values, indices) = top(a, k, axis, largest)?;
            (Tensor::F32(values), Tensor::Int(IntType::I64, indices))
        }
        Tensor::F64(a) => {
            let (values, indices) = top(a, k, axis, largest)?;
            (Tensor::F64(values), Tensor::Int(IntType::I64, indices))
        }
        Tensor::Int(t, a) => {
            let (values, indices) = top(a, k, axis, largest)?;
            (Tensor::Int(*t, values), Tensor::Int(IntType::I64, indices))
        }
    })
}

fn top<T: PartialOrd + Copy>(
    x: &ArrayD<T>,
    k: usize,
    axis: usize,
    largest: bool,
) -> Result<(ArrayD<T>, ArrayD<i64>), EvalError> {
    let extent = x.shape().get(axis).copied().unwrap_or(0).max(1);
    let (mut values, mut indices) = (Vec::new(), Vec::new());
    for row in rows_along(x, axis).chunks(extent) {
        let mut ranked: Vec<(usize, T)> = row.iter().copied().enumerate().collect();
        ranked.sort_by(|(_, a), (_, b)| {
            let order = a.partial_cmp(b).unwrap_or(Ordering::Equal);
            if largest { order.reverse() } else { order }
        });
        values.extend(ranked.iter().take(k).map(|r| r.1));
        indices.extend(ranked.iter().take(k).map(|r| r.0 as i64));
    }
    let mut shape = x.shape().to_vec();
    if let Some(d) = shape.get_mut(axis) {
        *d = k;
    }
    Ok((from_rows(values, &shape, axis)?, from_rows(indices, &shape, axis)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x() -> Tensor {
        Tensor::f32(&[2, 3], vec![1.0, 5.0, 5.0, -2.0, -7.0, 0.0]).unwrap()
    }

    #[test]
    fn reductions_over_axes() {
        let run = |r, axes: &[i64]| reduce(r, &x(), axes, false).unwrap().to_f32_vec();
        assert_eq!(run(Reduction::Sum, &[0]), [-1.0, -2.0, 5.0]);
        assert_eq!(run(Reduction::Mean, &[-1]), [11.0 / 3.0, -3.0]);
        assert_eq!(run(Reduction::Max, &[]), [5.0]);
        assert_eq!(run(Reduction::Prod, &[1]), [25.0, 0.0]);
        assert_eq!(reduce(Reduction::Min, &x(), &[1], true).unwrap().shape(), [2, 1]);
        assert!(reduce(Reduction::Sum, &x(), &[0, -2], false).is_err());
        let empty = Tensor::f32(&[2, 0], vec![]).unwrap();
        assert_eq!(reduce(Reduction::Sum, &empty, &[1], false).unwrap().to_f32_vec(), [0.0, 0.0]);
    }

    #[test]
    fn extreme_indices() {
        let first = ArgParams { axis: 1, keep_dims: false, select_last_index: false };
        let last = ArgParams { select_last_index: true, ..first };
        assert_eq!(argmax(&x(), first).unwrap(), Tensor::indices(vec![1, 2]));
        assert_eq!(argmax(&x(), last).unwrap(), Tensor::indices(vec![2, 2]));
        assert_eq!(argmin(&x(), ArgParams { axis: 0, ..first }).unwrap(), Tensor::indices(vec![1, 1, 1]));
        assert_eq!(argmin(&x(), ArgParams { keep_dims: true, ..first }).unwrap().shape(), [2, 1]);
    }

    #[test]
    fn best_values_in_order() {
        let (values, indices) = topk(&x(), 2, 1, true).unwrap();
        assert_eq!(values.to_f32_vec(), [5.0, 5.0, 0.0, -2.0]);
        assert_eq!(indices.to_i64_vec().unwrap(), [1, 2, 2, 0]);
        assert_eq!(topk(&x(), 1, 0, false).unwrap().0.to_f32_vec(), [-2.0, -7.0, 0.0]);
        assert!(topk(&x(), 4, 1, true).is_err());
    }
}
