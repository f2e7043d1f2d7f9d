//! Matrix products: MatMul, MatMulInteger and Gemm.

use ndarray::{Array2, ArrayD, ArrayView2, ArrayViewD, Axis, Dimension, Ix2, IxDyn};

use super::broadcast::broadcast_shape;
use crate::eval::tensor::{EvalError, IntType, Tensor, element_count};

/// Values that a matrix can be made of.
pub trait Element: Copy + Default {
    /// `a @ b` of two matrices whose inner extents agree.
    fn product(a: ArrayView2<'_, Self>, b: ArrayView2<'_, Self>) -> Array2<Self>;
}

impl Element for f32 {
    fn product(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> Array2<f32> {
        a.dot(&b)
    }
}

impl Element for f64 {
    fn product(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Array2<f64> {
        a.dot(&b)
    }
}

impl Element for i64 {
    /// Exact modulo 2^64. Products whose sums stay below a float's precision use the fast float kernels.
    fn product(a: ArrayView2<'_, i64>, b: ArrayView2<'_, i64>) -> Array2<i64> {
        let largest = |m: &ArrayView2<'_, i64>| m.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0);
        let factors = u128::from(largest(&a)) * u128::from(largest(&b));
        let bound = factors.saturating_mul(a.ncols() as u128);
        // Few rows do not pay for a conversion of the other matrix.
        if a.nrows() < 8 {
            wrapping_product(a, b)
        } else if bound <= 1 << 24 {
            a.mapv(|v| v as f32).dot(&b.mapv(|v| v as f32)).mapv(|v| v as i64)
        } else if bound <= 1 << 53 {
            a.mapv(|v| v as f64).dot(&b.mapv(|v| v as f64)).mapv(|v| v as i64)
        } else {
            wrapping_product(a, b)
        }
    }
}

fn wrapping_product(a: ArrayView2<'_, i64>, b: ArrayView2<'_, i64>) -> Array2<i64> {
    let mut result = Array2::zeros((a.nrows(), b.ncols()));
    for (row, mut sums) in a.rows().into_iter().zip(result.rows_mut()) {
        for (&x, factors) in row.iter().zip(b.rows()) {
            sums.zip_mut_with(&factors, |sum: &mut i64, &y| *sum = sum.wrapping_add(x.wrapping_mul(y)));
        }
    }
    result
}

/// The matrix product under numpy's rules: leading axes broadcast, a vector is a row at the left and a column at
/// the right. Integers of any two types multiply exactly and give int64 (modulo 2^64).
///
/// # Errors
/// If the shapes do not fit or an integer meets a float.
pub fn matmul(a: &Tensor, b: &Tensor) -> Result<Tensor, EvalError> {
    match (a, b) {
        (Tensor::F32(a), Tensor::F32(b)) => Ok(Tensor::F32(batched(a, b, f32::product)?)),
        (Tensor::Int(_, a), Tensor::Int(_, b)) => Ok(Tensor::Int(IntType::I64, batched(a, b, i64::product)?)),
        (Tensor::Int(..), _) | (_, Tensor::Int(..)) => {
            Err(EvalError::element_type("the second operand of a matrix product", b, &a.element_type()))
        }
        _ => Ok(Tensor::F64(batched(&a.to_f64(), &b.to_f64(), f64::product)?)),
    }
}

/// Applies `product` to every pair of matrices of two stacks, under the rules of [`matmul`].
pub(super) fn batched<T: Copy, U: Clone>(
    a: &ArrayD<T>,
    b: &ArrayD<T>,
    product: impl Fn(ArrayView2<'_, T>, ArrayView2<'_, T>) -> Array2<U>,
) -> Result<ArrayD<U>, EvalError> {
    let misfit = || EvalError::shape(format!("shapes {:?} and {:?} have no matrix product", a.shape(), b.shape()));
    if a.ndim() == 0 || b.ndim() == 0 {
        return Err(misfit());
    }
    let (row, column) = (a.ndim() == 1, b.ndim() == 1);
    let a2 = if row { a.view().insert_axis(Axis(0)) } else { a.view() };
    let b2 = if column { b.view().insert_axis(Axis(1)) } else { b.view() };
    let ((a_batch, &[m, k]), (b_batch, &[k2, n])) =
        (split(a2.shape()).ok_or_else(misfit)?, split(b2.shape()).ok_or_else(misfit)?);
    if k != k2 {
        return Err(misfit());
    }
    let batch = broadcast_shape(a_batch, b_batch)?;
    let shape = |tail: &[usize]| [batch.as_slice(), tail].concat();
    let count = element_count(&shape(&[m, n]))?;
    let a2 = a2.broadcast(IxDyn(&shape(&[m, k]))).ok_or_else(misfit)?;
    let b2 = b2.broadcast(IxDyn(&shape(&[k, n]))).ok_or_else(misfit)?;
    let mut values = Vec::with_capacity(count);
    for index in ndarray::indices(IxDyn(&batch)) {
        let (a, b) = (matrix(a2.clone(), index.slice()), matrix(b2.clone(), index.slice()));
        values.extend(product(a.ok_or_else(misfit)?, b.ok_or_else(misfit)?));
    }
    let mut tail = Vec::new();
    tail.extend((!row).then_some(m));
    tail.extend((!column).then_some(n));
    crate::eval::tensor::array(&shape(&tail), values)
}

/// A shape as leading axes and the two of a matrix.
fn split(shape: &[usize]) -> Option<(&[usize], &[usize; 2])> {
    shape.split_last_chunk::<2>()
}

fn matrix<'a, T>(mut stack: ArrayViewD<'a, T>, index: &[usize]) -> Option<ArrayView2<'a, T>> {
    for &i in index {
        stack = stack.index_axis_move(Axis(0), i);
    }
    stack.into_dimensionality::<Ix2>().ok()
}

/// Attributes of a Gemm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GemmParams {
    /// Factor of the product.
    pub alpha: f32,
    /// Factor of the addend.
    pub beta: f32,
    /// Whether the left matrix is transposed.
    pub transpose_a: bool,
    /// Whether the right matrix is transposed.
    pub transpose_b: bool,
}

impl Default for GemmParams {
    fn default() -> Self {
        Self { alpha: 1.0, beta: 1.0, transpose_a: false, transpose_b: false }
    }
}

/// Gemm: `alpha * (a @ b) + beta * c`, as `fma(sum, alpha, beta * c)` in float32. Integers need factors of 1.
///
/// # Errors
/// If an operand is no matrix, `c` does not broadcast to the product, or the types do not fit.
pub fn gemm(a: &Tensor, b: &Tensor, c: Option<&Tensor>, params: GemmParams) -> Result<Tensor, EvalError> {
    if a.rank() != 2 || b.rank() != 2 {
        return Err(EvalError::shape(format!(
            "Gemm has operands of shapes {:?} and {:?}, expected matrices",
            a.shape(),
            b.shape()
        )));
    }
    let transposed = |t: &Tensor, yes: bool| super::layout::transpose(t, if yes { &[1, 0] } else { &[0, 1] });
    let sum = matmul(&transposed(a, params.transpose_a)?, &transposed(b, params.transpose_b)?)?;
    if let Some(c) = c {
        view_shape(c.shape(), sum.shape())?;
    }
    match (&sum, c) {
        (Tensor::F32(s), None) => Ok(Tensor::F32(s.mapv(|v| v * params.alpha))),
        (Tensor::F32(s), Some(c)) => {
            let addend = c.as_f32()?.mapv(|v| params.beta * v);
            Ok(Tensor::F32(super::broadcast::zip(s, &addend, |s, c| s.mul_add(params.alpha, c))?))
        }
        (Tensor::F64(s), c) => {
            let (alpha, beta) = (f64::from(params.alpha), f64::from(params.beta));
            let addend = c.map_or_else(|| ArrayD::zeros(IxDyn(&[])), Tensor::to_f64);
            Ok(Tensor::F64(super::broadcast::zip(s, &addend, |s, c| alpha * s + beta * c)?))
        }
        (Tensor::Int(..), _) if params.alpha != 1.0 || params.beta != 1.0 => {
            Err(EvalError::attribute("Gemm of integers needs alpha = beta = 1"))
        }
        (Tensor::Int(..), None) => Ok(sum),
        (Tensor::Int(..), Some(c)) => {
            super::elementwise::binary_int(super::elementwise::Binary::Add, &sum, c, IntType::I64)
        }
    }
}

fn view_shape(from: &[usize], to: &[usize]) -> Result<(), EvalError> {
    if broadcast_shape(from, to)? != to {
        return Err(EvalError::shape(format!("the addend of shape {from:?} does not broadcast to {to:?}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_and_stacks() {
        let m = Tensor::f32(&[2, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let v = Tensor::f32(&[2], vec![1.0, 10.0]).unwrap();
        assert_eq!(matmul(&m, &v).unwrap(), Tensor::f32(&[2], vec![21.0, 43.0]).unwrap());
        assert_eq!(matmul(&v, &m).unwrap(), Tensor::f32(&[2], vec![31.0, 42.0]).unwrap());
        assert_eq!(matmul(&v, &v).unwrap(), Tensor::scalar(101.0));
        let stack = Tensor::f32(&[3, 1, 2], vec![1.0, 0.0, 0.0, 1.0, 1.0, 1.0]).unwrap();
        let y = matmul(&stack, &m).unwrap();
        assert_eq!(y, Tensor::f32(&[3, 1, 2], vec![1.0, 2.0, 3.0, 4.0, 4.0, 6.0]).unwrap());
        assert!(matmul(&m, &Tensor::f32(&[3], vec![0.0; 3]).unwrap()).is_err());
        assert!(matmul(&m, &Tensor::scalar(1.0)).is_err());
    }

    #[test]
    fn integers_are_exact_in_every_range() {
        for (value, expected) in
            [(3, 18), (1 << 20, 1 << 41), ((1 << 31) + 1, (1i64 << 63).wrapping_add((1 << 33) + 2))]
        {
            let a = Tensor::indices(vec![value, value]);
            let product = matmul(&a, &a).unwrap();
            assert_eq!(product.to_i64_vec().unwrap(), [expected], "{value}");
        }
    }

    #[test]
    fn gemm_rounds_once_after_the_product() {
        let a = Tensor::f32(&[2, 1], vec![3.0, 0.1]).unwrap();
        let b = Tensor::f32(&[1, 1], vec![1.0]).unwrap();
        let c = Tensor::f32(&[1], vec![0.7]).unwrap();
        let params = GemmParams { alpha: 0.3, beta: 0.5, transpose_a: true, transpose_b: false };
        assert!(gemm(&a, &b, Some(&c), params).is_err());
        let y = gemm(&a, &b, Some(&c), GemmParams { transpose_a: false, ..params }).unwrap();
        assert_eq!(y.to_f32_vec(), [3.0f32.mul_add(0.3, 0.35), 0.1f32.mul_add(0.3, 0.35)]);
    }
}
