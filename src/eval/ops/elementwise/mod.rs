//! Ops that treat every element alone: ONNX's arithmetic, activations, comparisons, Clip and Cast.

mod binary;
mod unary;

pub use binary::{Binary, binary, binary_int, binary_slice};
pub use unary::{Unary, unary, unary_slice};

use super::broadcast::zip3;
use crate::eval::tensor::{ElementType, EvalError, IntType, Tensor, map_array};

/// `x` limited to `[min, max]`, first from below; a bound that is absent does not limit.
///
/// # Errors
/// If a bound has another element type or more than one element.
pub fn clip(x: &Tensor, low: Option<&Tensor>, high: Option<&Tensor>) -> Result<Tensor, EvalError> {
    let mut result = x.clone();
    for (op, bound) in [(Binary::Max, low), (Binary::Min, high)] {
        if let Some(bound) = bound {
            bound.only_value()?;
            let scalar =
                map_array!(bound, a => a.iter().map(|&v| ndarray::arr0(v).into_dyn()).next().unwrap_or_default());
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
        ElementType::Int(IntType::BOOL) => Tensor::Int(IntType::BOOL, x.to_f64().mapv(|v| i64::from(v != 0.0))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::ops::testing::bits_of;

    #[test]
    fn clip_and_cast() {
        let x = Tensor::f32(&[4], vec![-3.0, 2.5, 300.0, f32::NAN]).unwrap();
        let clipped = clip(&x, Some(&Tensor::scalar(-1.0)), Some(&Tensor::scalar(2.0))).unwrap();
        assert_eq!(bits_of(&clipped), [0xbf80_0000, 0x4000_0000, 0x4000_0000, 0x7fc0_0000]);
        let codes = cast(&x, ElementType::Int(IntType::signed(8)));
        assert_eq!(codes.to_i64_vec().unwrap(), [-3, 2, 44, 0]);
        let third = cast(&Tensor::scalar(1.0 / 3.0), ElementType::F16);
        assert_eq!(third.to_f32_vec(), [0.333_251_95]);
    }
}
