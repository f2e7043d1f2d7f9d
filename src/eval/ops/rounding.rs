//! The rounding modes of QONNX's quantizers.

use std::fmt;
use std::str::FromStr;

use num_traits::Float;

use super::elementwise::sign;
use crate::eval::tensor::EvalError;

/// Floats that quantizers compute in.
pub trait Real: Float + Into<f64> + std::fmt::Debug {
    /// The nearest integer, half to even.
    fn round_half_even(self) -> Self;
}

impl Real for f32 {
    fn round_half_even(self) -> Self {
        self.round_ties_even()
    }
}

impl Real for f64 {
    fn round_half_even(self) -> Self {
        self.round_ties_even()
    }
}

/// How a quantizer rounds to an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RoundingMode {
    /// To nearest, ties to even; `ROUND` in files.
    #[default]
    HalfEven,
    /// Toward positive infinity.
    Ceil,
    /// Toward negative infinity.
    Floor,
    /// Away from zero.
    Up,
    /// Toward zero.
    Down,
    /// To nearest, ties away from zero: `sign(x) * floor(|x| + 0.5)`, the sum rounded to the float type.
    HalfUp,
    /// To nearest, ties toward zero: `sign(x) * ceil(|x| - 0.5)`, the difference rounded to the float type.
    HalfDown,
}

impl RoundingMode {
    /// `x` rounded; NaN stays NaN.
    #[inline]
    pub fn round<T: Real>(self, x: T) -> T {
        let half = T::one() / (T::one() + T::one());
        match self {
            Self::HalfEven => x.round_half_even(),
            Self::Ceil => x.ceil(),
            Self::Floor => x.floor(),
            Self::Up => sign(x) * x.abs().ceil(),
            Self::Down => x.trunc(),
            Self::HalfUp => sign(x) * (x.abs() + half).floor(),
            Self::HalfDown => sign(x) * (x.abs() - half).ceil(),
        }
    }

    /// Whether a value goes to the nearest integer, ties aside.
    pub fn is_to_nearest(self) -> bool {
        matches!(self, Self::HalfEven | Self::HalfUp | Self::HalfDown)
    }

    /// The name in QONNX files.
    pub fn name(self) -> &'static str {
        match self {
            Self::HalfEven => "HALF_EVEN",
            Self::Ceil => "CEIL",
            Self::Floor => "FLOOR",
            Self::Up => "UP",
            Self::Down => "DOWN",
            Self::HalfUp => "HALF_UP",
            Self::HalfDown => "HALF_DOWN",
        }
    }
}

impl fmt::Display for RoundingMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RoundingMode {
    type Err = EvalError;

    /// Upper or lower case; `ROUND` is a synonym of `HALF_EVEN`.
    fn from_str(name: &str) -> Result<Self, EvalError> {
        Ok(match name.to_ascii_uppercase().as_str() {
            "ROUND" | "HALF_EVEN" => Self::HalfEven,
            "CEIL" => Self::Ceil,
            "FLOOR" => Self::Floor,
            "UP" => Self::Up,
            "DOWN" => Self::Down,
            "HALF_UP" => Self::HalfUp,
            "HALF_DOWN" => Self::HalfDown,
            _ => {
                return Err(EvalError::attribute(format!(
                    "rounding mode {name:?} is none of ROUND, HALF_EVEN, CEIL, FLOOR, UP, DOWN, HALF_UP, HALF_DOWN"
                )));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_on_ties_and_traps() {
        // -2.5, -1.5, -0.4, 0.49999997, 0.5, 1.5, 2^23 + 1, computed by the reference
        let xs = [-2.5f32, -1.5, -0.4, 0.499_999_97, 0.5, 1.5, 8_388_609.0];
        let cases: [(&str, [f32; 7]); 8] = [
            ("ROUND", [-2.0, -2.0, 0.0, 0.0, 0.0, 2.0, 8_388_609.0]),
            ("half_even", [-2.0, -2.0, 0.0, 0.0, 0.0, 2.0, 8_388_609.0]),
            ("CEIL", [-2.0, -1.0, 0.0, 1.0, 1.0, 2.0, 8_388_609.0]),
            ("FLOOR", [-3.0, -2.0, -1.0, 0.0, 0.0, 1.0, 8_388_609.0]),
            ("UP", [-3.0, -2.0, -1.0, 1.0, 1.0, 2.0, 8_388_609.0]),
            ("Down", [-2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 8_388_609.0]),
            ("HALF_UP", [-3.0, -2.0, 0.0, 1.0, 1.0, 2.0, 8_388_610.0]),
            ("HALF_DOWN", [-2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 8_388_608.0]),
        ];
        for (name, expected) in cases {
            let mode: RoundingMode = name.parse().unwrap();
            assert_eq!(xs.map(|x| mode.round(x)), expected, "{name}");
            assert!(mode.round(f32::NAN).is_nan());
        }
        assert!("ROUND_TO_ZERO".parse::<RoundingMode>().is_err());
    }
}
