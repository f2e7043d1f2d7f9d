//! Ops that treat every element alone: ONNX's arithmetic, activations, comparisons, Clip and Cast.

use ndarray::ArrayD;

use super::broadcast::{zip, zip3};
use super::transcendental::{eigen_exp, erf, exp, sigmoid, tanh};
use crate::eval::tensor::{ElementType, EvalError, IntType, Tensor, map_array};

/// An elementwise op with one operand, parameters included.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)] // named and parametrized as in the ONNX operator list
pub enum Unary {
    Neg,
    Abs,
    Sqrt,
    Floor,
    Ceil,
    /// Half to even.
    Round,
    Sign,
    Exp,
    Log,
    Reciprocal,
    Erf,
    Relu,
    LeakyRelu { alpha: f32 },
    ThresholdedRelu { alpha: f32 },
    Elu { alpha: f32 },
    Selu { alpha: f32, gamma: f32 },
    Sigmoid,
    HardSigmoid { alpha: f32, beta: f32 },
    HardSwish,
    Tanh,
    Softplus,
    Softsign,
    /// `tanh`: the approximation with tanh in place of erf.
    Gelu { tanh: bool },
    /// Logical not; for integers that are not bool, the bitwise one.
    Not,
}

impl Unary {
    /// The op on a float32 value.
    pub fn scalar(self, x: f32) -> f32 {
        match self {
            Self::Neg => -x,
            Self::Abs => x.abs(),
            Self::Sqrt => x.sqrt(),
            Self::Floor => x.floor(),
            Self::Ceil => x.ceil(),
            Self::Round => x.round_ties_even(),
            Self::Sign => sign(x),
            Self::Exp => exp(x),
            Self::Log => x.ln(),
            Self::Reciprocal => 1.0 / x,
            Self::Erf => erf(x),
            Self::Relu => max(x, 0.0),
            Self::LeakyRelu { alpha } => if x >= 0.0 { x } else { alpha * x },
            Self::ThresholdedRelu { alpha } => if x > alpha { x } else { 0.0 },
            Self::Elu { alpha } => if x >= 0.0 { x } else { alpha * (eigen_exp(x) - 1.0) },
            Self::Selu { alpha, gamma } => gamma * (max(x, 0.0) + min(alpha * (eigen_exp(x) - 1.0), 0.0)),
            Self::Sigmoid => sigmoid(x),
            Self::HardSigmoid { alpha, beta } => max(min(alpha * x + beta, 1.0), 0.0),
            Self::HardSwish => x * max(min(x * (1.0 / 6.0) + 0.5, 1.0), 0.0),
            Self::Tanh => tanh(x),
            Self::Softplus => softplus(x),
            Self::Softsign => x * (1.0 / (1.0 + x.abs())),
            Self::Gelu { tanh: false } => 0.5 * x * (erf(x * std::f32::consts::FRAC_1_SQRT_2) + 1.0),
            Self::Gelu { tanh: true } => {
                0.5 * x * (tanh(x * (0.035_677_408 * x * x + 0.797_884_6)) + 1.0)
            }
            Self::Not => if x == 0.0 { 1.0 } else { 0.0 },
        }
    }

    /// The op on a float64 value, in the language's own functions; `None` for activations ONNX runtimes have
    /// in float32 only.
    pub fn scalar_f64(self, x: f64) -> Option<f64> {
        Some(match self {
            Self::Neg => -x,
            Self::Abs => x.abs(),
            Self::Sqrt => x.sqrt(),
            Self::Floor => x.floor(),
            Self::Ceil => x.ceil(),
            Self::Round => x.round_ties_even(),
            Self::Sign => sign(x),
            Self::Exp => x.exp(),
            Self::Log => x.ln(),
            Self::Reciprocal => 1.0 / x,
            Self::Relu => max(x, 0.0),
            Self::LeakyRelu { alpha } => if x >= 0.0 { x } else { f64::from(alpha) * x },
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Tanh => x.tanh(),
            _ => return None,
        })
    }

    /// The op on an integer, not yet wrapped to the type; `None` where ONNX has none.
    fn scalar_int(self, ty: IntType, x: i64) -> Option<i64> {
        Some(match self {
            Self::Neg => x.wrapping_neg(),
            Self::Abs => x.wrapping_abs(),
            Self::Sign => x.signum(),
            Self::Relu => x.max(0),
            Self::Floor | Self::Ceil | Self::Round => x,
            Self::Not if ty == IntType::BOOL => i64::from(x == 0),
            Self::Not => !x,
            _ => return None,
        })
    }
}

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

    pub(super) fn scalar_f64(self, a: f64, b: f64) -> f64 {
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
            Self::Pow => a.powf(b),
            Self::Min => min(a, b),
            Self::Max => max(a, b),
            Self::Prelu => if a >= T::zero() { a } else { a * b },
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
            Self::Div => if b == 0 { 0 } else { a.wrapping_div(b) },
            Self::Mod => floor_mod(a, b),
            Self::Pow => wrapping_pow(a, b),
            Self::Min => a.min(b),
            Self::Max => a.max(b),
            Self::Prelu => if a >= 0 { a } else { a.wrapping_mul(b) },
            Self::And => a & b,
            Self::Or => a | b,
            Self::Xor => a ^ b,
            _ => i64::from(self.compare(a, b)),
        }
    }
}

/// An elementwise op on a tensor of any type it is defined for.
///
/// # Errors
/// If it is not defined for the element type.
pub fn unary(op: Unary, x: &Tensor) -> Result<Tensor, EvalError> {
    let undefined = || EvalError::element_type("the operand", x, &format!("one that {op:?} is defined for"));
    Ok(match x {
        Tensor::F32(a) => Tensor::F32(a.mapv(|v| op.scalar(v))),
        Tensor::F64(a) => {
            op.scalar_f64(1.0).ok_or_else(undefined)?;
            Tensor::F64(a.mapv(|v| op.scalar_f64(v).unwrap_or(f64::NAN)))
        }
        Tensor::Int(t, a) => {
            op.scalar_int(*t, 1).ok_or_else(undefined)?;
            Tensor::Int(*t, a.mapv(|v| t.wrap(op.scalar_int(*t, v).unwrap_or(v))))
        }
    })
}

/// [`unary`] in place on many float32 values, for tabulation.
pub fn unary_slice(op: Unary, xs: &mut [f32]) {
    for x in xs {
        *x = op.scalar(*x);
    }
}

/// [`binary`] in place of many float32 values with one constant, which is the first operand if `reversed`.
pub fn binary_slice(op: Binary, xs: &mut [f32], constant: f32, reversed: bool) {
    let op = |a, b| scalar_with_constant_exponent(op, a, b);
    for x in xs {
        *x = if reversed { op(constant, *x) } else { op(*x, constant) };
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

/// `x` limited to `[min, max]`, first from below; a bound that is absent does not limit.
///
/// # Errors
/// If a bound has another element type or more than one element.
pub fn clip(x: &Tensor, low: Option<&Tensor>, high: Option<&Tensor>) -> Result<Tensor, EvalError> {
    let mut result = x.clone();
    for (op, bound) in [(Binary::Max, low), (Binary::Min, high)] {
        if let Some(bound) = bound {
            bound.only_value()?;
            let scalar = map_array!(bound, a => a.iter().map(|&v| ndarray::arr0(v).into_dyn()).next().unwrap_or_default());
            result = binary(op, &result, &scalar)?;
        }
    }
    Ok(result)
}

/// `a * b + c` with one rounding, as onnxruntime's Gemm applies alpha and adds the bias.
///
/// # Errors
/// If the shapes do not broadcast or an operand is not float32.
pub fn fma(a: &Tensor, b: &Tensor, c: &Tensor) -> Result<Tensor, EvalError> {
    Ok(Tensor::F32(zip3(a.as_f32()?, b.as_f32()?, c.as_f32()?, f32::mul_add)?))
}

/// Conversion to another element type: floats round half to even, float to integer truncates,
/// integer to integer wraps around, anything but 0 is true.
pub fn cast(x: &Tensor, to: ElementType) -> Tensor {
    match to {
        ElementType::F32 => Tensor::F32(x.to_f32()),
        ElementType::F64 => Tensor::F64(x.to_f64()),
        ElementType::F16 => narrow(x, half::f16::from_f64, half::f16::to_f32),
        ElementType::BF16 => narrow(x, half::bf16::from_f64, half::bf16::to_f32),
        ElementType::Int(IntType::BOOL) => {
            Tensor::Int(IntType::BOOL, x.to_f64().mapv(|v| i64::from(v != 0.0)))
        }
        ElementType::Int(t) => match x {
            Tensor::F32(a) => Tensor::Int(t, a.mapv(|v| t.wrap(v as i64))),
            Tensor::F64(a) => Tensor::Int(t, a.mapv(|v| t.wrap(v as i64))),
            Tensor::Int(_, a) => Tensor::Int(t, a.mapv(|v| t.wrap(v))),
        },
    }
}

fn narrow<H>(x: &Tensor, from: impl Fn(f64) -> H, to: impl Fn(H) -> f32) -> Tensor {
    Tensor::F32(x.to_f64().mapv(|v| to(from(v))))
}

/// Sign as numpy has it: 0 for both zeros, NaN for NaN.
pub(crate) fn sign<T: num_traits::Float>(x: T) -> T {
    if x.is_nan() {
        x
    } else if x == T::zero() {
        T::zero()
    } else {
        x.signum()
    }
}

fn max<T: num_traits::Float>(a: T, b: T) -> T {
    if a < b || b.is_nan() { b } else { a }
}

fn min<T: num_traits::Float>(a: T, b: T) -> T {
    if b < a || b.is_nan() { b } else { a }
}

fn softplus(x: f32) -> f32 {
    if x > 0.0 { x + (eigen_exp(-x) + 1.0).ln() } else { (eigen_exp(x) + 1.0).ln() }
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
        (-1, b) => if b % 2 == 0 { 1 } else { -1 },
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

    fn bits(x: &Tensor) -> Vec<u32> {
        x.to_f32_vec().into_iter().map(f32::to_bits).collect()
    }

    #[test]
    fn operands_broadcast_and_types_are_checked() {
        let a = Tensor::f32(&[2, 1], vec![1.0, 2.0]).unwrap();
        let b = Tensor::f32(&[2], vec![4.0, 8.0]).unwrap();
        let quotients = binary(Binary::Div, &a, &b).unwrap();
        assert_eq!(quotients, Tensor::f32(&[2, 2], vec![0.25, 0.125, 0.5, 0.25]).unwrap());
        assert!(binary(Binary::Add, &a, &Tensor::indices(vec![1])).is_err());
        assert!(unary(Unary::Sigmoid, &Tensor::indices(vec![1])).is_err());
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
        assert_eq!(binary(Binary::Less, &a, &b).unwrap().element_type(), "ui1");
    }

    #[test]
    fn clip_and_cast() {
        let x = Tensor::f32(&[4], vec![-3.0, 2.5, 300.0, f32::NAN]).unwrap();
        let clipped = clip(&x, Some(&Tensor::scalar(-1.0)), Some(&Tensor::scalar(2.0))).unwrap();
        assert_eq!(bits(&clipped), [0xbf80_0000, 0x4000_0000, 0x4000_0000, 0x7fc0_0000]);
        let codes = cast(&x, ElementType::Int(IntType::signed(8)));
        assert_eq!(codes.to_i64_vec().unwrap(), [-3, 2, 44, 0]);
        let third = cast(&Tensor::scalar(1.0 / 3.0), ElementType::F16);
        assert_eq!(third.to_f32_vec(), [0.333_251_95]);
    }
}
