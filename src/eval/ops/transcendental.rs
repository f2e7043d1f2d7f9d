//! Exponential functions as the reference computes them: onnxruntime's MLAS approximations on an x86
//! with FMA, and Eigen's for the few activations that MLAS lacks.
//!
//! Coefficients and order of operations are those of MLAS (`mlas/lib/{compute,erf,logistic,tanh}.cpp` and
//! the FMA3 kernels beside them, MIT licence), which round differently from any libm. `f32::mul_add` is a
//! single instruction if the build enables the target feature `fma`, and correct but slower without.

/// `1.5 * 2^23`: adding it rounds a small float to an integer, half to even, in the low mantissa bits.
const ROUNDING_BIAS: f32 = 12_582_912.0;
const LOG2_E: f32 = std::f32::consts::LOG2_E;
const MINUS_LN2_HIGH: f32 = -6.931_457_5e-1;
const MINUS_LN2_LOW: f32 = -1.428_606_8e-6;

/// Horner's scheme with one rounding a step; `coefficients` from the highest power down.
#[inline]
fn horner<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut coefficients = coefficients.into_iter();
    let first = coefficients.next().unwrap_or(0.0);
    coefficients.fold(first, |sum, c| sum.mul_add(x, c))
}

/// `x` limited to `[low, high]`; like the SSE instructions, NaN passes through.
#[inline]
fn limit(x: f32, low: f32, high: f32) -> f32 {
    let x = if low > x { low } else { x };
    if high < x { high } else { x }
}

/// Logistic function `1 / (1 + e^-x)`, as a rational function on `[-18, 18]`.
pub fn sigmoid(x: f32) -> f32 {
    const NUMERATOR: [f32; 5] = [4.370_31e-11, 1.156_273_2e-7, 6.085_749e-5, 8.513_771e-3, 2.482_879_5e-1];
    const DENOMINATOR: [f32; 6] =
        [6.102_473_7e-13, 5.761_021_4e-9, 6.291_068e-6, 1.701_988_2e-3, 1.168_176_5e-1, 9.931_519e-1];
    let x = limit(x, -18.0, 18.0);
    let square = x * x;
    let y = x * horner(square, NUMERATOR) / horner(square, DENOMINATOR) + 0.5;
    if 0.0 > y { 0.0 } else { y }
}

/// Hyperbolic tangent, as a rational function on `[-9, 9]`.
pub fn tanh(x: f32) -> f32 {
    const NUMERATOR: [f32; 7] = [
        -2.760_768_4e-16,
        2.000_188e-13,
        -8.604_672e-11,
        5.122_297_3e-8,
        1.485_722_35e-5,
        6.372_619_5e-4,
        4.893_524_6e-3,
    ];
    const DENOMINATOR: [f32; 4] = [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_7e-3, 4.893_525e-3];
    let x = limit(x, -9.0, 9.0);
    let square = x * x;
    x * horner(square, NUMERATOR) / horner(square, DENOMINATOR)
}

/// Error function: a polynomial up to 0.921875, `1 - e^-p(x)` above.
pub fn erf(x: f32) -> f32 {
    const SMALL: [f32; 6] =
        [-5.991_049_7e-4, 4.993_396e-3, -2.676_673_4e-2, 1.128_180_25e-1, -3.761_248_6e-1, 1.283_791_5e-1];
    const BIG: [f32; 7] =
        [1.729_489_3e-5, -3.832_086_8e-4, 3.883_934_3e-3, -2.425_456e-2, 1.067_778_5e-1, 6.348_467e-1, 1.287_175_1e-1];
    if x.is_nan() {
        return x;
    }
    let magnitude = x.abs();
    let a = if magnitude < 3.925 { magnitude } else { 3.925 };
    let result =
        if a > 0.921_875 { 1.0 - erf_exp(-horner(a, BIG).mul_add(a, a)) } else { horner(a * a, SMALL).mul_add(a, a) };
    result.copysign(x)
}

/// The exponential inside [`erf`], an older polynomial than that of [`exp`]; `x` in `[-88, 0]`.
fn erf_exp(x: f32) -> f32 {
    const P: [f32; 7] = [1.383_198_1e-3, 8.375_5e-3, 4.166_895e-2, 1.666_644_7e-1, 4.999_998_5e-1, 1.0, 1.0];
    let n = x.mul_add(LOG2_E, ROUNDING_BIAS) - ROUNDING_BIAS;
    let r = n.mul_add(MINUS_LN2_LOW, n.mul_add(MINUS_LN2_HIGH, x));
    horner(r, P) * f32::from_bits(((n as i32 + 127) << 23) as u32)
}

/// Coefficients of `e^r` on `[-ln2/2, ln2/2]` down to r^1; those of r^1 and r^0 are both 1.
const EXP: [f32; 6] = [
    f32::from_bits(0x3ab4_a000),
    f32::from_bits(0x3c09_2f6e),
    f32::from_bits(0x3d2a_adad),
    f32::from_bits(0x3e2a_aa28),
    f32::from_bits(0x3eff_fffb),
    1.0,
];

/// `x` less the nearest multiple of ln 2, and that multiple plus [`ROUNDING_BIAS`].
#[inline]
fn reduce(x: f32) -> (f32, f32) {
    let biased = x.mul_add(LOG2_E, ROUNDING_BIAS);
    let n = biased - ROUNDING_BIAS;
    (n.mul_add(MINUS_LN2_LOW, n.mul_add(MINUS_LN2_HIGH, x)), biased)
}

/// Exponential function, as the ONNX op Exp.
pub fn exp(x: f32) -> f32 {
    const MAX_EXPONENT: i32 = 0x3f80_0000;
    const MIN_EXPONENT: i32 = 0xc100_0000_u32 as i32;
    let (r, biased) = reduce(limit(x, -103.972_084, 88.776_26));
    // The scale 2^n is split in two normal floats, so that results overflow and underflow gradually.
    let exponent = (biased.to_bits() << 23) as i32;
    let normal = exponent.clamp(MIN_EXPONENT, MAX_EXPONENT);
    let overflow = exponent.wrapping_sub(normal).wrapping_add(MAX_EXPONENT);
    let overflow = f32::from_bits(overflow as u32);
    let scale = f32::from_bits(normal.wrapping_add(MAX_EXPONENT) as u32);
    horner(r, EXP).mul_add(r * overflow, overflow) * scale
}

/// `e^x` for `x <= 0` as Softmax computes it: results below 2^-127 are not resolved.
pub fn exp_nonpositive(x: f32) -> f32 {
    let (r, biased) = reduce(if -88.376_26 > x { -88.376_26 } else { x });
    let scale = f32::from_bits((biased.to_bits() << 23).wrapping_add(0x3f80_0000));
    horner(r, EXP).mul_add(r, 1.0) * scale
}

/// Exponential function as Elu, Selu and Softplus compute it: Eigen's for packets of four, without FMA. (Up to three
/// values behind the last packet of a tensor go through libm there and can differ by an ulp.)
pub fn eigen_exp(x: f32) -> f32 {
    if x < -104.0 {
        return 0.0;
    }
    let limited = if x > 88.723 { 88.723 } else { x };
    let n = (limited * LOG2_E + 0.5).floor();
    let r = (limited + n * -0.693_359_4) + n * 2.121_944_4e-4;
    let square = r * r;
    let even = (square * 1.374_496_4e-3 + 4.166_965_2e-2) * square + 4.999_998_8e-1;
    let odd = square * 8.368_945e-3 + 1.666_651_8e-1;
    let y = scale_by_power_of_two(square * (r * odd + even) + (r + 1.0), n);
    if x > y || x.is_nan() { x } else { y }
}

/// Natural logarithm, as the ONNX op Log: Eigen's, without FMA.
pub fn eigen_log(x: f32) -> f32 {
    if x == 0.0 {
        return f32::NEG_INFINITY;
    }
    if x.is_nan() || x < 0.0 {
        return f32::NAN;
    }
    if x == f32::INFINITY {
        return x;
    }
    let (normal, offset) = if x < f32::MIN_POSITIVE { (x * 16_777_216.0, -24) } else { (x, 0) };
    let exponent = (normal.to_bits() >> 23) as i32 - 126 + offset;
    let fraction = f32::from_bits(normal.to_bits() & 0x7f_ffff | 0x3f00_0000);
    // ln(1 + r) as a rational function on [sqrt(1/2) - 1, sqrt(2) - 1]
    let (r, n) = if fraction < std::f32::consts::FRAC_1_SQRT_2 {
        ((fraction - 1.0) + fraction, exponent as f32 - 1.0)
    } else {
        (fraction - 1.0, exponent as f32)
    };
    let p = r * (r * (r * 1.825_629_6e-1 + 1.0) + 1.0);
    let q = r * (r * (r * 4.961_624_7e-2 + 5.992_325e-1) + 1.5) + 1.0;
    n * std::f32::consts::LN_2 + p / q
}

/// `ln(1 + x)` as Softplus computes it: Eigen's, by Kahan's formula.
pub fn eigen_log1p(x: f32) -> f32 {
    let y = x + 1.0;
    let logarithm = eigen_log(y);
    if y == 1.0 || y == logarithm { x } else { x * (logarithm / (y - 1.0)) }
}

/// Sine, as the ONNX op Sin: Eigen's, without FMA.
pub fn eigen_sin(x: f32) -> f32 {
    match quarter_turns(x) {
        None => f64::from(x).sin() as f32,
        Some((r, n)) => {
            let y = if n & 1 == 0 { sine_near_0(r) } else { cosine_near_0(r) };
            let sign = (x.to_bits() ^ n << 30) & SIGN;
            f32::from_bits(y.to_bits() ^ sign)
        }
    }
}

/// Cosine, as the ONNX op Cos: Eigen's, without FMA.
pub fn eigen_cos(x: f32) -> f32 {
    match quarter_turns(x) {
        None => f64::from(x).cos() as f32,
        Some((r, n)) => {
            let y = if n & 1 == 0 { cosine_near_0(r) } else { sine_near_0(r) };
            let sign = n.wrapping_add(1) << 30 & SIGN;
            f32::from_bits(y.to_bits() ^ sign)
        }
    }
}

const SIGN: u32 = 0x8000_0000;

/// |x| less the nearest multiple of pi / 2, and that multiple (its low bits). None beyond 18838, where Eigen reduces
/// by Payne and Hanek: correct rounding, which stands for it, can differ by an ulp.
fn quarter_turns(x: f32) -> Option<(f32, u32)> {
    const MINUS_HALF_PI: [f32; 4] = [-1.570_312_5, -4.839_897_2e-4, 1.628_650_4e-7, 5.564_431_6e-11];
    let magnitude = x.abs();
    let biased = magnitude * std::f32::consts::FRAC_2_PI + ROUNDING_BIAS;
    let n = biased - ROUNDING_BIAS;
    let r = MINUS_HALF_PI.iter().fold(magnitude, |r, part| n * part + r);
    (magnitude < 18_838.0).then_some((r, biased.to_bits()))
}

/// Sine on [-pi/4, pi/4].
fn sine_near_0(x: f32) -> f32 {
    let square = x * x;
    let p = (square * -1.959_234e-4 + 8.332_687e-3) * square + -1.666_666_3e-1;
    (p * square) * x + x
}

/// Cosine on [-pi/4, pi/4].
fn cosine_near_0(x: f32) -> f32 {
    let square = x * x;
    let p = (square * 2.437_226_6e-5 + -1.388_652e-3) * square + 4.166_662e-2;
    (p * square + -0.5) * square + 1.0
}

/// `y * 2^n` for `|n| < 252`, rounded once.
fn scale_by_power_of_two(y: f32, n: f32) -> f32 {
    let power = |n: i32| f64::from_bits(((n + 1023) as u64) << 52);
    (f64::from(y) * power((n as i32).clamp(-300, 300))) as f32
}

/// Sum of `e^(x + minus_max)` in the order of MLAS: eight lanes, then their pairwise sum. `out` takes the terms.
pub fn sum_exp(xs: &[f32], minus_max: f32, out: &mut [f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    for (xs, out) in xs.chunks(8).zip(out.chunks_mut(8)) {
        for ((x, y), lane) in xs.iter().zip(out).zip(&mut lanes) {
            *y = exp_nonpositive(x + minus_max);
            *lane += *y;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    ((e + f) + (g + h)) + ((a + b) + (c + d))
}
