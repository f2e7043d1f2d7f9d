//! Elementwise ops with one operand: signs, roundings and activations.

use super::{max, min, sign};
use crate::eval::ops::inverse;
use crate::eval::ops::transcendental::{
    eigen_cos, eigen_exp, eigen_log, eigen_log1p, eigen_sin, erf, exp, sigmoid, tanh,
};
use crate::eval::tensor::{EvalError, IntType, Tensor};

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
    LeakyRelu {
        alpha: f32,
    },
    ThresholdedRelu {
        alpha: f32,
    },
    Elu {
        alpha: f32,
    },
    Selu {
        alpha: f32,
        gamma: f32,
    },
    Sigmoid,
    HardSigmoid {
        alpha: f32,
        beta: f32,
    },
    HardSwish,
    Tanh,
    Sin,
    Cos,
    Tan,
    Sinh,
    Cosh,
    Asin,
    Acos,
    Atan,
    Asinh,
    Acosh,
    Atanh,
    Softplus,
    Softsign,
    /// `tanh`: the approximation with tanh in place of erf.
    Gelu {
        tanh: bool,
    },
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
            Self::Log => eigen_log(x),
            Self::Reciprocal => 1.0 / x,
            Self::Erf => erf(x),
            Self::Relu => max(x, 0.0),
            Self::LeakyRelu { alpha } => {
                if x >= 0.0 {
                    x
                } else {
                    alpha * x
                }
            }
            Self::ThresholdedRelu { alpha } => {
                if x > alpha {
                    x
                } else {
                    0.0
                }
            }
            Self::Elu { alpha } => {
                if x >= 0.0 {
                    x
                } else {
                    alpha * (eigen_exp(x) - 1.0)
                }
            }
            Self::Selu { alpha, gamma } => {
                if x > 0.0 {
                    gamma * x
                } else {
                    gamma * alpha * (eigen_exp(x) - 1.0)
                }
            }
            Self::Sigmoid => sigmoid(x),
            Self::HardSigmoid { alpha, beta } => max(min(alpha * x + beta, 1.0), 0.0),
            Self::HardSwish => x * max(min(x * (1.0 / 6.0) + 0.5, 1.0), 0.0),
            Self::Tanh => tanh(x),
            Self::Sin => eigen_sin(x),
            Self::Cos => eigen_cos(x),
            // The reference takes these from the C library, as the language does.
            Self::Tan => x.tan(),
            Self::Sinh => x.sinh(),
            Self::Cosh => x.cosh(),
            Self::Asin => inverse::asin(x),
            Self::Acos => inverse::acos(x),
            Self::Atan => inverse::atan(x),
            Self::Asinh => inverse::asinh(x),
            Self::Acosh => inverse::acosh(x),
            Self::Atanh => inverse::atanh(x),
            Self::Softplus => softplus(x),
            Self::Softsign => x * (1.0 / (1.0 + x.abs())),
            Self::Gelu { tanh: false } => 0.5 * x * (erf(x * std::f32::consts::FRAC_1_SQRT_2) + 1.0),
            Self::Gelu { tanh: true } => 0.5 * x * (tanh(x * (0.035_677_408 * x * x + 0.797_884_6)) + 1.0),
            Self::Not => {
                if x == 0.0 {
                    1.0
                } else {
                    0.0
                }
            }
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
            Self::LeakyRelu { alpha } => {
                if x >= 0.0 {
                    x
                } else {
                    f64::from(alpha) * x
                }
            }
            Self::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Self::Tanh => x.tanh(),
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
            Self::Tan => x.tan(),
            Self::Sinh => x.sinh(),
            Self::Cosh => x.cosh(),
            Self::Asin => x.asin(),
            Self::Acos => x.acos(),
            Self::Atan => x.atan(),
            Self::Asinh => x.asinh(),
            Self::Acosh => x.acosh(),
            Self::Atanh => x.atanh(),
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

fn softplus(x: f32) -> f32 {
    if x > 0.0 { x + eigen_log1p(eigen_exp(-x)) } else { eigen_log1p(eigen_exp(x)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::ops::testing::bits;

    #[test]
    fn activations_have_the_bits_of_onnxruntime() {
        let xs = [-20.0, -3.3, -0.7, -1e-3, 0.0, 0.4, 0.95, 2.5, 19.0f32];
        let cases: [(Unary, Vec<u32>); 18] = [
            (Unary::Sigmoid, bits("00000000 3d11b310 3ea9e34c 3effdf3b 3f000000 3f194398 3f389b01 3f6c948f 3f800000")),
            (Unary::Tanh, bits("bf800000 bf7f4def bf1ab7d9 ba83126b 00000000 3ec288ad 3f3d626c 3f7c92c2 3f800000")),
            (Unary::Sin, bits("bf69b6c8 3e218813 bf24eb73 ba83126e 00000000 3ec761d7 3f503c00 3f193579 3e197969")),
            (Unary::Cos, bits("3ed0f022 bf7ccb7a 3f43ccb3 3f7ffff8 3f800000 3f6bcaa7 3f14e92f bf4d17bf 3f7d1bbf")),
            (Unary::Tan, bits("c00f2da5 be239460 bf57a036 ba831272 00000000 3ed8785b 3fb2fe33 bf3f3cdb 3e1b3a45")),
            (Unary::Sinh, bits("cd675844 c1589b25 bf42328a ba831270 00000000 3ed24e21 3f8cbbe6 40c19b47 4caa36c8")),
            (Unary::Cosh, bits("4d675844 41593238 3fa0a961 3f800004 3f800000 3f8a6094 3fbe3ca2 40c43bb7 4caa36c8")),
            (Unary::Erf, bits("bf800000 bf7fffcd bf2d8461 ba93e61c 00000000 3edb563e 3f5225e6 3f7fe555 3f800000")),
            (Unary::Exp, bits("310da433 3d1712ce 3efe406e 3f7fbe7f 3f800000 3fbef41d 40257c44 4142eb7f 4d2a36c8")),
            (Unary::Softplus, bits("310da433 3d145aa5 3ece6e66 3f315155 3f317218 3f69bb5e 3fa3734f 40250c88 41980000")),
            (
                Unary::HardSwish,
                bits("80000000 80000000 be8962fc ba030740 00000000 3e681b4f 3f201b4e 4012aaab 41980000"),
            ),
            (
                Unary::Gelu { tanh: false },
                bits("80000000 bad1194d be2d7086 ba02f7a9 00000000 3e863afa 3f499961 401f01a8 41980000"),
            ),
            (
                Unary::Gelu { tanh: true },
                bits("80000000 baabdee6 be2d7f04 ba02f7a9 00000000 3e8639fe 3f499089 401f08dc 41980000"),
            ),
            (
                Unary::Elu { alpha: 1.3 },
                bits("bfa66666 bfa0433c bf278952 baaa4f66 00000000 3ecccccd 3f733333 40200000 41980000"),
            ),
            (
                Unary::Selu { alpha: 1.5, gamma: 1.1 },
                bits("bfd33334 bfcb6908 bf54a473 bad829b4 00000000 3ee147af 3f85c28f 40300000 41a73333"),
            ),
            (
                Unary::LeakyRelu { alpha: 0.1 },
                bits("c0000000 bea8f5c3 bd8f5c29 b8d1b718 00000000 3ecccccd 3f733333 40200000 41980000"),
            ),
            (Unary::Softsign, bits("bf73cf3d bf447711 bed2d2d2 ba82f0e9 00000000 3e924925 3ef96f96 3f36db6e 3f733333")),
            (
                Unary::HardSigmoid { alpha: 0.2, beta: 0.5 },
                bits("00000000 00000000 3eb851ec 3effe5c9 3f000000 3f147ae1 3f30a3d7 3f800000 3f800000"),
            ),
        ];
        for (op, expected) in cases {
            let mut ys = xs;
            unary_slice(op, &mut ys);
            assert_eq!(ys.map(f32::to_bits).to_vec(), expected, "{op:?}");
            assert!(op.scalar(f32::NAN).is_nan(), "{op:?}");
        }
        let logarithms = xs.map(|x| Unary::Log.scalar(x.abs()).to_bits()).to_vec();
        assert_eq!(
            logarithms,
            bits("403fba14 3f98d274 beb69e1a c0dd0c55 ff800000 bf6a9208 bd5218ee 3f6a9208 403c71b0")
        );
    }

    #[test]
    fn integers_have_no_activations() {
        let x = Tensor::int(IntType::signed(4), &[2], vec![-8, 7]).unwrap();
        assert_eq!(unary(Unary::Neg, &x).unwrap().to_i64_vec().unwrap(), [-8, -7]);
        assert_eq!(unary(Unary::Relu, &x).unwrap().to_i64_vec().unwrap(), [0, 7]);
        assert!(unary(Unary::Sigmoid, &x).is_err());
    }
}
