//! Pooling: MaxPool, AveragePool and their global forms.

use ndarray::ArrayD;

use super::reduce::{Reduction, reduce};
use super::window::{ConvParams, Window};
use crate::eval::tensor::{EvalError, IntType, Tensor, array, element_count};

/// Attributes of a pool beyond those of its window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolParams {
    /// Extents of the window.
    pub kernel: Vec<usize>,
    /// Strides, pads and dilations.
    pub window: ConvParams,
    /// Whether a last window may reach beyond the padded input.
    pub ceil_mode: bool,
    /// AveragePool: whether padding counts in the divisor.
    pub count_include_pad: bool,
}

/// MaxPool over (samples, channels, spatial...); padding never wins. Works on any element type.
///
/// # Errors
/// If the window does not fit or lies in the padding alone.
pub fn max_pool(x: &Tensor, params: &PoolParams) -> Result<Tensor, EvalError> {
    let window = window(x, params)?;
    let inside = |values: &mut dyn Iterator<Item = f32>| values.fold(f32::NEG_INFINITY, greater);
    Ok(match x {
        Tensor::F32(a) => Tensor::F32(pool(a, &window, inside)?),
        Tensor::F64(a) => Tensor::F64(pool(a, &window, |v| v.fold(f64::NEG_INFINITY, greater))?),
        Tensor::Int(t, a) => Tensor::Int(*t, pool(a, &window, |v| v.fold(t.min(), greater))?),
    })
}

fn greater<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

/// AveragePool: the float32 sum in order of the window's elements, then a division by their number.
///
/// # Errors
/// If the window does not fit or `x` is not float32.
pub fn average_pool(x: &Tensor, params: &PoolParams) -> Result<Tensor, EvalError> {
    let window = window(x, params)?;
    let counts = params.count_include_pad.then(|| padded_counts(x, &window, params)).transpose()?;
    let sums = pool(x.as_f32()?, &window, |values| {
        let (sum, count) = values.fold((0.0f32, 0u32), |(s, n), v| (s + v, n + 1));
        if counts.is_some() { sum } else { sum / count as f32 }
    })?;
    match counts {
        Some(counts) => Ok(Tensor::F32(super::broadcast::zip(&sums, &counts, |s, n| s / n)?)),
        None => Ok(Tensor::F32(sums)),
    }
}

/// The sum of every window of float64 or integer elements; padding adds nothing.
///
/// # Errors
/// If the window does not fit or `x` is float32, whose sums depend on their order.
pub fn pool_sums(x: &Tensor, params: &PoolParams) -> Result<Tensor, EvalError> {
    let window = window(x, params)?;
    Ok(match x {
        Tensor::F64(a) => Tensor::F64(pool(a, &window, |values| values.sum())?),
        Tensor::Int(_, a) => Tensor::Int(IntType::I64, pool(a, &window, |values| values.sum())?),
        Tensor::F32(_) => return Err(EvalError::element_type("a sum", x, "float64 or an integer")),
    })
}

/// By what AveragePool divides the sum of every window; broadcasts against the result.
///
/// # Errors
/// If the window does not fit.
pub fn pool_counts(x: &Tensor, params: &PoolParams) -> Result<ArrayD<f32>, EvalError> {
    if params.count_include_pad {
        return padded_counts(x, &window(x, params)?, params);
    }
    let plane: Vec<usize> = x.shape().iter().enumerate().map(|(axis, n)| if axis < 2 { 1 } else { *n }).collect();
    Ok(pool_sums(&Tensor::F64(ArrayD::ones(plane)), params)?.to_f32())
}

/// How many elements of every window lie in input or padding, not beyond (which `ceil_mode` allows).
fn padded_counts(x: &Tensor, window: &Window, params: &PoolParams) -> Result<ArrayD<f32>, EvalError> {
    let rank = window.input.len();
    let pad = |i: usize| params.window.pads.get(i).copied().unwrap_or(0);
    let padded: Vec<usize> = window.input.iter().enumerate().map(|(i, &n)| n + pad(i) + pad(rank + i)).collect();
    let whole = Window { input: padded, front: vec![0; rank], ..window.clone() };
    let mut counts = vec![0.0f32; window.count()];
    for row in whole.sources().chunks(window.count().max(1)) {
        counts.iter_mut().zip(row).for_each(|(n, s)| *n += if s.is_some() { 1.0 } else { 0.0 });
    }
    let shape = [&[1, 1], window.output.as_slice()].concat();
    array(&shape, counts).map_err(|_| EvalError::shape(format!("no pool of shape {:?}", x.shape())))
}

/// GlobalAveragePool: the mean over all spatial axes, which stay with extent 1, summed in onnxruntime's order.
///
/// # Errors
/// If there is no spatial axis or `x` is not float32.
pub fn global_average_pool(x: &Tensor) -> Result<Tensor, EvalError> {
    let axes = spatial_axes(x)?;
    let (planes, spatial) = x.shape().split_at(2);
    let count: usize = spatial.iter().product();
    let values: Vec<f32> = x.as_f32()?.iter().copied().collect();
    // onnxruntime lays channels out in blocks of 8 where they divide so, and then adds every plane in order.
    let blocked = planes.get(1).is_some_and(|channels| channels % 8 == 0);
    let sum = |plane: &[f32]| {
        if blocked { plane.iter().fold(0.0, |s, v| s + v) } else { sum_by_four(plane) }
    };
    let means = values.chunks(count.max(1)).map(|plane| sum(plane) / count as f32);
    let shape = [planes, &vec![1; axes.len()]].concat();
    if count == 0 {
        return Err(EvalError::shape(format!("a pool of shape {:?} has nothing to average", x.shape())));
    }
    Tensor::f32(&shape, means.collect())
}

/// The sum in MLAS's order: four lanes, their sum, then the values that fill no lane.
fn sum_by_four(values: &[f32]) -> f32 {
    let (packets, rest) = values.as_chunks::<4>();
    let lanes = packets.iter().fold([0.0f32; 4], |[a, b, c, d], [w, x, y, z]| [a + w, b + x, c + y, d + z]);
    let [a, b, c, d] = lanes;
    rest.iter().fold((a + c) + (b + d), |sum, v| sum + v)
}

/// GlobalMaxPool: the greatest value over all spatial axes, which stay with extent 1.
///
/// # Errors
/// If there is no spatial axis.
pub fn global_max_pool(x: &Tensor) -> Result<Tensor, EvalError> {
    reduce(Reduction::Max, x, &spatial_axes(x)?, true)
}

fn spatial_axes(x: &Tensor) -> Result<Vec<i64>, EvalError> {
    if x.rank() < 3 {
        return Err(EvalError::shape(format!("a pool needs an input of rank 3 or more, found {}", x.rank())));
    }
    Ok((2..x.rank() as i64).collect())
}

fn window(x: &Tensor, params: &PoolParams) -> Result<Window, EvalError> {
    spatial_axes(x)?;
    Window::new(x.shape().get(2..).unwrap_or_default(), &params.kernel, &params.window, params.ceil_mode)
}

/// `f` of the values inside every window of every plane.
fn pool<T: Copy>(
    x: &ArrayD<T>,
    window: &Window,
    f: impl Fn(&mut dyn Iterator<Item = T>) -> T,
) -> Result<ArrayD<T>, EvalError> {
    let shape = [x.shape().get(..2).unwrap_or_default(), window.output.as_slice()].concat();
    let (spatial, count) = (window.input.iter().product::<usize>(), window.count());
    let mut results = Vec::with_capacity(element_count(&shape)?);
    let sources = window.sources();
    let flat: Vec<T> = x.iter().copied().collect();
    for plane in flat.chunks(spatial.max(1)) {
        for i in 0..count {
            let elements = sources.iter().skip(i).step_by(count);
            let mut values = elements.filter_map(|s| s.and_then(|s| plane.get(s).copied()));
            results.push(f(&mut values));
        }
    }
    array(&shape, results)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x() -> Tensor {
        Tensor::f32(&[1, 1, 5], vec![1.0, -2.0, 3.0, -4.0, 5.0]).unwrap()
    }

    fn params(pads: Vec<usize>, ceil_mode: bool, count_include_pad: bool) -> PoolParams {
        let window = ConvParams { strides: vec![2], pads, ..Default::default() };
        PoolParams { kernel: vec![2], window, ceil_mode, count_include_pad }
    }

    #[test]
    fn windows_and_ceil_mode() {
        let run = |p: &PoolParams| max_pool(&x(), p).unwrap().to_f32_vec();
        assert_eq!(run(&params(vec![], false, false)), [1.0, 3.0]);
        assert_eq!(run(&params(vec![], true, false)), [1.0, 3.0, 5.0]);
        assert_eq!(run(&params(vec![1, 0], false, false)), [1.0, 3.0, 5.0]);
        let ints = Tensor::int(crate::eval::tensor::IntType::signed(4), &[1, 1, 2], vec![-8, -7]).unwrap();
        assert_eq!(max_pool(&ints, &params(vec![1, 1], false, false)).unwrap().to_i64_vec().unwrap(), [-8, -7]);
    }

    #[test]
    fn averages_divide_by_the_count() {
        let run = |p: &PoolParams| average_pool(&x(), p).unwrap().to_f32_vec();
        assert_eq!(run(&params(vec![1, 1], false, false)), [1.0, 0.5, 0.5]);
        assert_eq!(run(&params(vec![1, 1], false, true)), [0.5, 0.5, 0.5]);
        assert_eq!(run(&params(vec![], true, true)), [-0.5, -0.5, 5.0]);
        assert_eq!(global_average_pool(&x()).unwrap().to_f32_vec(), [3.0 / 5.0]);
        let order = Tensor::f32(&[1, 1, 5], vec![1e8, 1.0, -1e8, 1.0, 1.0]).unwrap();
        assert_eq!(global_average_pool(&order).unwrap().to_f32_vec(), [3.0 / 5.0]);
        assert_eq!(global_max_pool(&x()).unwrap().shape(), [1, 1, 1]);
        assert!(global_max_pool(&Tensor::scalar(1.0)).is_err());
        assert!(average_pool(&x(), &PoolParams { kernel: vec![6], ..Default::default() }).is_err());
    }
}
