//! Elementwise ops with two operands: arithmetic, comparisons and logic.

use ndarray::ArrayD;

use super::{max, min};
use crate::eval::ops::broadcast::zip;
use crate::eval::tensor::{EvalError, IntType, Tensor};

/// An elementwise op with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // named as in the ONNX operator list
pub enum Binary {
    Add,
    Sub,
    Mul,
    /// Integers: toward zero; a division by zero gives 0.
    Div,
    /// Remainder with the divisor's sign, as numpy and ONNX's `Mod` with `fmod = 0`.
    Mod,
    /// Remainder with the dividend's sign, as C's `fmod` and ONNX's `Mod` with `fmod = 1`.
    Fmod,
    Pow,
    Min,
    Max,
    /// `x` if not negative, else `x` times the second operand.
    Prelu,
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Xor,
}

impl Binary {
    /// Whether the result is bool whatever the operands are.
    pub fn is_comparison(self) -> bool {
        use Binary::*;
        matches!(self, Equal | Less | LessOrEqual | Greater | GreaterOrEqual)
    }

    fn compare<T: PartialOrd>(self, a: T, b: T) -> bool {
        match self {
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
            _ => a == b,
        }
    }

    /// The op on float32 values; comparisons and logic give 1 or 0.
    pub fn scalar(self, a: f32, b: f32) -> f32 {
        match self {
            Self::Pow => a.powf(b),
            _ => self.float(a, b),
        }
    }

    pub(crate) fn scalar_f64(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Pow => a.powf(b),
            _ => self.float(a, b),
        }
    }

    fn float<T: num_traits::Float>(self, a: T, b: T) -> T {
        let truth = |b| if b { T::one() } else { T::zero() };
        let set = |x: T| x != T::zero();
        match self {
            Self::Add => a + b,
            Self::Sub => a - b,
            Self::Mul => a * b,
            Self::Div => a / b,
            Self::Mod => a - b * (a / b).floor(),
            Self::Fmod => a % b,
            Self::Pow => a.powf(b),
            Self::Min => min(a, b),
            Self::Max => max(a, b),
            Self::Prelu => {
                if a >= T::zero() {
                    a
                } else {
                    a * b
                }
            }
            Self::And => truth(set(a) && set(b)),
            Self::Or => truth(set(a) || set(b)),
            Self::Xor => truth(set(a) != set(b)),
            _ => truth(self.compare(a, b)),
        }
    }

    /// The op on integers modulo 2^64.
    pub fn scalar_int(self, a: i64, b: i64) -> i64 {
        match self {
            Self::Add => a.wrapping_add(b),
            Self::Sub => a.wrapping_sub(b),
            Self::Mul => a.wrapping_mul(b),
            Self::Div => {
                if b == 0 {
                    0
                } else {
                    a.wrapping_div(b)
                }
            }
            Self::Mod => floor_mod(a, b),
            Self::Fmod => {
                if b == 0 {
                    0
                } else {
                    a.wrapping_rem(b)
                }
            }
            Self::Pow => wrapping_pow(a, b),
            Self::Min => a.min(b),
            Self::Max => a.max(b),
            Self::Prelu => {
                if a >= 0 {
                    a
                } else {
                    a.wrapping_mul(b)
                }
            }
            Self::And => a & b,
            Self::Or => a | b,
            Self::Xor => a ^ b,
            _ => i64::from(self.compare(a, b)),
        }
    }
}

/// An elementwise op on two tensors under numpy's broadcasting. Integers wrap around in their own type;
/// float32 with float64 computes in float64; comparisons give bool.
///
/// # Errors
/// If the shapes do not broadcast, integer types differ, or floats meet integers.
pub fn binary(op: Binary, a: &Tensor, b: &Tensor) -> Result<Tensor, EvalError> {
    match (a, b) {
        (Tensor::F32(x), Tensor::F32(y)) if op.is_comparison() => truth(zip(x, y, |x, y| op.compare(x, y))?),
        (Tensor::F32(x), Tensor::F32(y)) if y.len() == 1 => {
            Ok(Tensor::F32(zip(x, y, |x, y| scalar_with_constant_exponent(op, x, y))?))
        }
        (Tensor::F32(x), Tensor::F32(y)) => Ok(Tensor::F32(zip(x, y, |x, y| op.scalar(x, y))?)),
        (Tensor::Int(t, _), Tensor::Int(u, _)) if t == u => {
            let result = if op.is_comparison() { IntType::BOOL } else { *t };
            binary_int(op, a, b, result)
        }
        (Tensor::Int(..), _) | (_, Tensor::Int(..)) => {
            Err(EvalError::element_type("the second operand", b, &a.element_type()))
        }
        _ => {
            let (x, y) = (a.to_f64(), b.to_f64());
            if op.is_comparison() {
                return truth(zip(&x, &y, |x, y| op.compare(x, y))?);
            }
            Ok(Tensor::F64(zip(&x, &y, |x, y| op.scalar_f64(x, y))?))
        }
    }
}

/// An elementwise op on two integer tensors of any types, in 64 bits, wrapped to `result`.
///
/// # Errors
/// If the shapes do not broadcast or an operand is no integer.
pub fn binary_int(op: Binary, a: &Tensor, b: &Tensor, result: IntType) -> Result<Tensor, EvalError> {
    let values = zip(a.as_int()?, b.as_int()?, |a, b| result.wrap(op.scalar_int(a, b)))?;
    Ok(Tensor::Int(result, values))
}

/// [`binary`] in place of many float32 values with one constant, which is the first operand if `reversed`.
pub fn binary_slice(op: Binary, xs: &mut [f32], constant: f32, reversed: bool) {
    let op = |a, b| scalar_with_constant_exponent(op, a, b);
    for x in xs {
        *x = if reversed { op(constant, *x) } else { op(*x, constant) };
    }
}

fn truth(values: ArrayD<bool>) -> Result<Tensor, EvalError> {
    Ok(Tensor::Int(IntType::BOOL, values.mapv(i64::from)))
}

/// onnxruntime squares and cubes by multiplication where the exponent is one value.
fn scalar_with_constant_exponent(op: Binary, a: f32, b: f32) -> f32 {
    match op {
        Binary::Pow if b == 2.0 => a * a,
        Binary::Pow if b == 3.0 => a * a * a,
        _ => op.scalar(a, b),
    }
}

fn floor_mod(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let r = a.wrapping_rem(b);
    if r != 0 && (r < 0) != (b < 0) { r + b } else { r }
}

/// `a^b` modulo 2^64; a negative exponent truncates toward zero, 0 to it gives 0.
fn wrapping_pow(a: i64, b: i64) -> i64 {
    match (a, b) {
        (1, _) => 1,
        (-1, b) => {
            if b % 2 == 0 {
                1
            } else {
                -1
            }
        }
        (_, b) if b < 0 => 0,
        _ => {
            let (mut result, mut base, mut b) = (1i64, a, b);
            while b > 0 {
                if b & 1 == 1 {
                    result = result.wrapping_mul(base);
                }
                base = base.wrapping_mul(base);
                b >>= 1;
            }
            result
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_with_a_constant() {
        let mut xs = [1.0, -3.0];
        binary_slice(Binary::Sub, &mut xs, 0.5, true);
        assert_eq!(xs, [-0.5, 3.5]);
        binary_slice(Binary::Pow, &mut xs, 3.0, false);
        assert_eq!(xs, [-0.125, 42.875]);
        binary_slice(Binary::Prelu, &mut xs, 0.5, false);
        assert_eq!(xs, [-0.0625, 42.875]);
    }

    #[test]
    fn operands_broadcast_and_types_are_checked() {
        let a = Tensor::f32(&[2, 1], vec![1.0, 2.0]).unwrap();
        let b = Tensor::f32(&[2], vec![4.0, 8.0]).unwrap();
        let quotients = binary(Binary::Div, &a, &b).unwrap();
        assert_eq!(quotients, Tensor::f32(&[2, 2], vec![0.25, 0.125, 0.5, 0.25]).unwrap());
        assert!(binary(Binary::Add, &a, &Tensor::indices(vec![1])).is_err());
    }

    #[test]
    fn integers_wrap_and_never_trap() {
        let t = IntType::signed(8);
        let a = Tensor::int(t, &[4], vec![-128, 127, -7, 5]).unwrap();
        let b = Tensor::int(t, &[4], vec![-1, 1, 2, 0]).unwrap();
        let values = |op| binary(op, &a, &b).unwrap().to_i64_vec().unwrap();
        assert_eq!(values(Binary::Add), [127, -128, -5, 5]);
        assert_eq!(values(Binary::Div), [-128, 127, -3, 0]);
        assert_eq!(values(Binary::Mod), [0, 0, 1, 0]);
        assert_eq!(values(Binary::Fmod), [0, 0, -1, 0]);
        assert_eq!(binary(Binary::Less, &a, &b).unwrap().element_type(), "ui1");
    }
}
