//! Inverse trigonometric and hyperbolic functions as the reference computes them.
//!
//! Angles: the approximations of Eigen's packets of four, without FMA (coefficients and order of operations of
//! `GenericPacketMathFunctions.h`, MPL 2.0). Hyperbolic ones: the formulas of the C library, whose `log` and `log1p`
//! the language uses, too; its own `asinh`, `acosh` and `atanh` are others.

use std::f32::consts::{FRAC_PI_2, LN_2, PI};

/// Horner's scheme with two roundings a step; `coefficients` from the highest power down.
fn horner<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut coefficients = coefficients.into_iter();
    let first = coefficients.next().unwrap_or(0.0);
    coefficients.fold(first, |sum, c| sum * x + c)
}

/// Inverse cosine: `sqrt(1 - x)` times a polynomial, odd and even powers apart.
pub fn acos(x: f32) -> f32 {
    const EVEN: [f32; 4] = [2.364_232e-3, 2.717_843_5e-2, 8.880_409e-2, FRAC_PI_2];
    const ODD: [f32; 3] = [-1.136_864_4e-2, -4.896_954_4e-2, -2.145_912_1e-1];
    let (magnitude, square) = (x.abs(), x * x);
    let angle = (1.0 - magnitude).sqrt() * (horner(square, ODD) * magnitude + horner(square, EVEN));
    if x.is_sign_negative() { PI - angle } else { angle }
}

/// Inverse sine: an odd polynomial up to 0.5, `pi/2 - 2 asin(sqrt((1 - x) / 2))` above.
pub fn asin(x: f32) -> f32 {
    const P: [f32; 5] = [5.088_388_5e-2, 3.951_398_7e-2, 7.550_22e-2, 1.666_491_8e-1, 1.000_000_1];
    let magnitude = x.abs();
    let small = |x: f32| horner(x * x, P) * x;
    let angle =
        if magnitude > 0.5 { FRAC_PI_2 - 2.0 * small((0.5 - 0.5 * magnitude).sqrt()) } else { small(magnitude) };
    angle.copysign(x)
}

/// Inverse tangent: a rational function up to 1, `pi/2 - atan(1/x)` above.
pub fn atan(x: f32) -> f32 {
    const NUMERATOR: [f32; 3] = [1.120_269_8e-1, 7.296_695_7e-1, 8.109_951e-1];
    const DENOMINATOR: [f32; 4] = [1.009_171_1e-2, 2.831_856e-1, 1.0, 8.109_951e-1];
    let small = |x: f32| x * (horner(x * x, NUMERATOR) / horner(x * x, DENOMINATOR));
    let magnitude = x.abs();
    let angle = if magnitude > 1.0 { FRAC_PI_2 - small(1.0 / magnitude) } else { small(magnitude) };
    angle.copysign(x)
}

/// Inverse hyperbolic sine.
pub fn asinh(x: f32) -> f32 {
    let magnitude = x.abs();
    let square = magnitude * magnitude;
    let y = match magnitude {
        ..3.051_757_8e-5 => return x,
        ..=2.0 => (magnitude + square / (1.0 + (1.0 + square).sqrt())).ln_1p(),
        ..=32_768.0 => (2.0 * magnitude + 1.0 / ((square + 1.0).sqrt() + magnitude)).ln(),
        _ => magnitude.ln() + LN_2,
    };
    y.copysign(x)
}

/// Inverse hyperbolic cosine; NaN below 1.
pub fn acosh(x: f32) -> f32 {
    match x {
        ..1.0 => f32::NAN,
        ..=2.0 => {
            let t = x - 1.0;
            (t + (2.0 * t + t * t).sqrt()).ln_1p()
        }
        ..268_435_456.0 => (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln(),
        _ => x.ln() + LN_2,
    }
}

/// Inverse hyperbolic tangent; NaN beyond 1.
pub fn atanh(x: f32) -> f32 {
    let magnitude = x.abs();
    let twice = magnitude + magnitude;
    let y = match magnitude {
        ..3.725_290_3e-9 => return x,
        ..0.5 => 0.5 * (twice + twice * magnitude / (1.0 - magnitude)).ln_1p(),
        _ => 0.5 * (twice / (1.0 - magnitude)).ln_1p(),
    };
    y.copysign(x)
}
