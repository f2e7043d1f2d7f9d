//! Tensors of the evaluator: a shape, values, and the element type they stand for.
//!
//! Three containers carry every ONNX element type: `f32` also holds float16 and bfloat16 (whose values
//! are a subset), `f64` holds double, and `i64` holds integers of any width up to 64 bits and booleans.

use std::fmt;

use ndarray::{ArrayD, IxDyn};
use thiserror::Error;

pub use qonnx_dialect::constants::MAX_ELEMENTS;

/// An integer element type: `width` bits, two's complement if `signed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IntType {
    /// Number of bits, 1 to 64.
    pub width: u32,
    /// Whether values can be negative.
    pub signed: bool,
}

impl IntType {
    /// ONNX's bool.
    pub const BOOL: Self = Self::unsigned(1);
    /// ONNX's int64, the type of shapes and indices.
    pub const I64: Self = Self::signed(64);

    /// A signed type of `width` bits.
    pub const fn signed(width: u32) -> Self {
        Self { width, signed: true }
    }

    /// An unsigned type of `width` bits.
    pub const fn unsigned(width: u32) -> Self {
        Self { width, signed: false }
    }

    /// The least value. A width beyond 64 bits counts as 64.
    pub fn min(self) -> i64 {
        if self.signed { i64::MIN >> (64 - self.width.clamp(1, 64)) } else { 0 }
    }

    /// The greatest value; for 64-bit unsigned `i64::MAX`, the most that the container holds.
    pub fn max(self) -> i64 {
        let bits = self.width.clamp(1, 64) - u32::from(self.signed);
        i64::MAX >> (63 - bits.min(63))
    }

    /// `value` modulo 2^width, as integer hardware and ONNX runtimes wrap around.
    pub fn wrap(self, value: i64) -> i64 {
        let unused = 64 - self.width.clamp(1, 64);
        if self.signed { (value << unused) >> unused } else { ((value as u64) << unused >> unused) as i64 }
    }

    /// The narrowest type that holds both `low` and `high`; signed exactly if `low` is negative.
    pub fn holding(low: i64, high: i64) -> Self {
        let bits = |v: i64| 64 - if v < 0 { !v } else { v }.leading_zeros();
        let magnitude = bits(low).max(bits(high));
        if low < 0 { Self::signed(magnitude + 1) } else { Self::unsigned(magnitude.max(1)) }
    }
}

impl fmt::Display for IntType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.signed { "si" } else { "ui" }, self.width)
    }
}

/// A target of [`cast`](super::ops::elementwise::cast): every element type that a tensor can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// IEEE binary16, held as `f32`.
    F16,
    /// bfloat16, held as `f32`.
    BF16,
    /// IEEE binary32.
    F32,
    /// IEEE binary64.
    F64,
    /// An integer or bool.
    Int(IntType),
}

/// A dense tensor in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Tensor {
    /// float32, float16 or bfloat16.
    F32(ArrayD<f32>),
    /// float64.
    F64(ArrayD<f64>),
    /// Integers and bool; every value lies within the type.
    Int(IntType, ArrayD<i64>),
}

/// Why an op could not be evaluated. The caller adds which node it was.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum EvalError {
    /// An operand has an element type that the op is not defined for.
    #[error("{operand} has element type {found}, expected {expected}")]
    Type {
        /// Which operand.
        operand: String,
        /// Its element type.
        found: String,
        /// What the op takes.
        expected: String,
    },
    /// Shapes, ranks or axes do not fit together.
    #[error("{0}")]
    Shape(String),
    /// An attribute is out of its domain.
    #[error("{0}")]
    Attribute(String),
    /// A value has no meaning for the op, e.g. a NaN where an integer is needed.
    #[error("{0}")]
    Value(String),
}

impl EvalError {
    pub(crate) fn shape(message: impl Into<String>) -> Self {
        Self::Shape(message.into())
    }

    pub(crate) fn attribute(message: impl Into<String>) -> Self {
        Self::Attribute(message.into())
    }

    pub(crate) fn value(message: impl Into<String>) -> Self {
        Self::Value(message.into())
    }

    pub(crate) fn element_type(operand: &str, found: &Tensor, expected: &str) -> Self {
        Self::Type { operand: operand.into(), found: found.element_type(), expected: expected.into() }
    }
}

/// Number of elements of `shape`, refused where it exceeds [`MAX_ELEMENTS`].
pub fn element_count(shape: &[usize]) -> Result<usize, EvalError> {
    if shape.contains(&0) {
        return Ok(0);
    }
    let count = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    count
        .filter(|&n| n <= MAX_ELEMENTS)
        .ok_or_else(|| EvalError::shape(format!("a tensor of shape {shape:?} has more than {MAX_ELEMENTS} elements")))
}

/// An array of `shape` with `values` in row-major order.
pub fn array<T>(shape: &[usize], values: Vec<T>) -> Result<ArrayD<T>, EvalError> {
    let count = values.len();
    if element_count(shape)? != count {
        return Err(EvalError::shape(format!("{count} values do not fill shape {shape:?}")));
    }
    ArrayD::from_shape_vec(IxDyn(shape), values).map_err(|e| EvalError::shape(e.to_string()))
}

/// Evaluates an expression on the array of a tensor of any type and wraps the result in the same type.
macro_rules! map_array {
    ($tensor:expr, $a:ident => $body:expr) => {
        match $tensor {
            $crate::eval::tensor::Tensor::F32($a) => $crate::eval::tensor::Tensor::F32($body),
            $crate::eval::tensor::Tensor::F64($a) => $crate::eval::tensor::Tensor::F64($body),
            $crate::eval::tensor::Tensor::Int(t, $a) => $crate::eval::tensor::Tensor::Int(*t, $body),
        }
    };
}
pub(crate) use map_array;

impl Tensor {
    /// A float32 tensor of `shape` with `values` in row-major order.
    pub fn f32(shape: &[usize], values: Vec<f32>) -> Result<Self, EvalError> {
        Ok(Self::F32(array(shape, values)?))
    }

    /// A float64 tensor of `shape` with `values` in row-major order.
    pub fn f64(shape: &[usize], values: Vec<f64>) -> Result<Self, EvalError> {
        Ok(Self::F64(array(shape, values)?))
    }

    /// An integer tensor of `shape`; a value outside the type is an error.
    pub fn int(ty: IntType, shape: &[usize], values: Vec<i64>) -> Result<Self, EvalError> {
        match values.iter().find(|&&v| v < ty.min() || v > ty.max()) {
            Some(v) => Err(EvalError::value(format!("{v} is not a value of {ty}"))),
            None => Ok(Self::Int(ty, array(shape, values)?)),
        }
    }

    /// A vector of int64, the form of shapes, axes and indices.
    pub fn indices(values: Vec<i64>) -> Self {
        Self::Int(IntType::I64, ndarray::Array1::from(values).into_dyn())
    }

    /// A float32 scalar (rank 0).
    pub fn scalar(value: f32) -> Self {
        Self::F32(ndarray::arr0(value).into_dyn())
    }

    /// An int64 scalar (rank 0).
    pub fn scalar_int(value: i64) -> Self {
        Self::Int(IntType::I64, ndarray::arr0(value).into_dyn())
    }

    /// Extent of every axis.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(a) => a.shape(),
            Self::F64(a) => a.shape(),
            Self::Int(_, a) => a.shape(),
        }
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.shape().len()
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(a) => a.len(),
            Self::F64(a) => a.len(),
            Self::Int(_, a) => a.len(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Name of the element type as MLIR spells it.
    pub fn element_type(&self) -> String {
        match self {
            Self::F32(_) => "f32".into(),
            Self::F64(_) => "f64".into(),
            Self::Int(t, _) => t.to_string(),
        }
    }

    /// The float32 values.
    ///
    /// # Errors
    /// If the element type is another.
    pub fn as_f32(&self) -> Result<&ArrayD<f32>, EvalError> {
        match self {
            Self::F32(a) => Ok(a),
            _ => Err(EvalError::element_type("the operand", self, "f32")),
        }
    }

    /// The integer values.
    ///
    /// # Errors
    /// If the element type is a float.
    pub fn as_int(&self) -> Result<&ArrayD<i64>, EvalError> {
        match self {
            Self::Int(_, a) => Ok(a),
            _ => Err(EvalError::element_type("the operand", self, "an integer")),
        }
    }

    /// All values as float64 in row-major order; exact but for integers beyond 2^53.
    pub fn to_f64_vec(&self) -> Vec<f64> {
        self.to_f64().into_iter().collect()
    }

    /// All values as float32 in row-major order, each rounded once.
    pub fn to_f32_vec(&self) -> Vec<f32> {
        self.to_f32().into_iter().collect()
    }

    /// The integer values in row-major order.
    ///
    /// # Errors
    /// If the element type is a float.
    pub fn to_i64_vec(&self) -> Result<Vec<i64>, EvalError> {
        Ok(self.as_int()?.iter().copied().collect())
    }

    /// The same values as float64; exact but for integers beyond 2^53.
    pub fn to_f64(&self) -> ArrayD<f64> {
        match self {
            Self::F32(a) => a.mapv(f64::from),
            Self::F64(a) => a.clone(),
            Self::Int(IntType { width: 64, signed: false }, a) => a.mapv(|v| v as u64 as f64),
            Self::Int(_, a) => a.mapv(|v| v as f64),
        }
    }

    /// The same values as float32, each rounded once.
    pub fn to_f32(&self) -> ArrayD<f32> {
        match self {
            Self::F32(a) => a.clone(),
            Self::F64(a) => a.mapv(|v| v as f32),
            Self::Int(IntType { width: 64, signed: false }, a) => a.mapv(|v| v as u64 as f32),
            Self::Int(_, a) => a.mapv(|v| v as f32),
        }
    }

    /// The only element, as float64.
    ///
    /// # Errors
    /// If there is not exactly one.
    pub fn only_value(&self) -> Result<f64, EvalError> {
        let first = match self {
            Self::F32(a) => a.iter().next().map(|&v| f64::from(v)),
            Self::F64(a) => a.iter().next().copied(),
            Self::Int(_, a) => a.iter().next().map(|&v| v as f64),
        };
        first
            .filter(|_| self.len() == 1)
            .ok_or_else(|| EvalError::shape(format!("shape {:?} has not exactly one element", self.shape())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_type_limits_and_wrapping() {
        assert_eq!((IntType::signed(8).min(), IntType::signed(8).max()), (-128, 127));
        assert_eq!((IntType::signed(64).min(), IntType::signed(64).max()), (i64::MIN, i64::MAX));
        assert_eq!((IntType::BOOL.min(), IntType::BOOL.max()), (0, 1));
        assert_eq!(IntType::unsigned(64).max(), i64::MAX);
        assert_eq!(IntType::signed(8).wrap(128), -128);
        assert_eq!(IntType::unsigned(4).wrap(-1), 15);
    }

    #[test]
    fn narrowest_type_of_a_range() {
        assert_eq!(IntType::holding(-8, 7), IntType::signed(4));
        assert_eq!(IntType::holding(-1, 1), IntType::signed(2));
        assert_eq!(IntType::holding(0, 0), IntType::unsigned(1));
        assert_eq!(IntType::holding(0, 255), IntType::unsigned(8));
        assert_eq!(IntType::holding(i64::MIN, 0), IntType::signed(64));
    }

    #[test]
    fn hostile_shapes_are_refused() {
        assert!(element_count(&[1 << 40, 1 << 40]).is_err());
        assert_eq!(element_count(&[1 << 40, 0]), Ok(0));
        assert!(Tensor::f32(&[2, 2], vec![0.0; 3]).is_err());
        assert!(Tensor::int(IntType::unsigned(4), &[1], vec![16]).is_err());
    }
}
