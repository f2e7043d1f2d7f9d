//! The value of a float of 16 bits or fewer.
//!
//! Sources: IEEE 754 (float16), the OFP8 and OCP MX specifications (float8, float6, float4),
//! and <https://onnx.ai/onnx/technical/float8.html> for the variants `fn` and `fnuz`.

use super::ElementType;

/// Which bit patterns are not finite numbers.
#[derive(Clone, Copy)]
enum Specials {
    /// The largest exponent holds the infinities and NaN.
    Ieee,
    /// Only all ones after the sign is NaN.
    AllOnes,
    /// Only the pattern of minus zero is NaN.
    MinusZero,
    /// All are numbers.
    None,
}

/// The float32 value of the bit pattern `bits`, exactly; `None` if `element` is not such a
/// type.
pub(crate) fn to_f32(element: ElementType, bits: u16) -> Option<f32> {
    use ElementType as E;
    Some(match element {
        E::Float16 => decode(bits, 5, 10, 15, Specials::Ieee),
        E::BFloat16 => f32::from_bits(u32::from(bits) << 16),
        E::Float8E4M3Fn => decode(bits, 4, 3, 7, Specials::AllOnes),
        E::Float8E4M3Fnuz => decode(bits, 4, 3, 8, Specials::MinusZero),
        E::Float8E5M2 => decode(bits, 5, 2, 15, Specials::Ieee),
        E::Float8E5M2Fnuz => decode(bits, 5, 2, 16, Specials::MinusZero),
        E::Float6E2M3 => decode(bits, 2, 3, 1, Specials::None),
        E::Float6E3M2 => decode(bits, 3, 2, 3, Specials::None),
        E::Float4E2M1 => decode(bits, 2, 1, 1, Specials::None),
        E::Float8E8M0 if bits == 0xff => f32::NAN,
        E::Float8E8M0 => power_of_two(i32::from(bits) - 127) as f32,
        _ => return None,
    })
}

fn decode(bits: u16, exponent_bits: u32, mantissa_bits: u32, bias: i32, specials: Specials) -> f32 {
    let field = |low: u32, width: u32| (bits >> low) & ((1 << width) - 1);
    let mantissa = field(0, mantissa_bits);
    let exponent = field(mantissa_bits, exponent_bits);
    let magnitude = field(0, mantissa_bits + exponent_bits);
    let negative = field(mantissa_bits + exponent_bits, 1) == 1;
    let top_exponent = (1 << exponent_bits) - 1;
    let top_magnitude = (1 << (mantissa_bits + exponent_bits)) - 1;
    let value = match specials {
        Specials::Ieee if exponent == top_exponent && mantissa != 0 => f32::NAN,
        Specials::Ieee if exponent == top_exponent => f32::INFINITY,
        Specials::AllOnes if magnitude == top_magnitude => f32::NAN,
        Specials::MinusZero if negative && magnitude == 0 => f32::NAN,
        _ => {
            let (leading, exponent) = match exponent {
                0 => (0, 1),
                normal => (1 << mantissa_bits, i32::from(normal)),
            };
            let scale = power_of_two(exponent - bias - mantissa_bits as i32);
            (f64::from(leading + mantissa) * scale) as f32
        }
    };
    if negative { -value } else { value }
}

/// 2^n for -1022 <= n <= 1023, which all formats here keep; `powi` promises no precision.
fn power_of_two(n: i32) -> f64 {
    f64::from_bits(((1023 + i64::from(n)) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(element: ElementType, bits: u16) -> f32 {
        to_f32(element, bits).unwrap()
    }

    #[test]
    fn extremes_of_every_format() {
        use ElementType::*;
        let table = [
            (Float16, 0x7bff, 65504.0),
            (Float16, 0x0001, 5.960_464_5e-8),
            (Float16, 0xfc00, f32::NEG_INFINITY),
            (BFloat16, 0x3f80, 1.0),
            (Float8E4M3Fn, 0x7e, 448.0),
            (Float8E4M3Fn, 0x01, 0.001_953_125),
            (Float8E4M3Fnuz, 0x7f, 240.0),
            (Float8E5M2, 0x7b, 57344.0),
            (Float8E5M2, 0x7c, f32::INFINITY),
            (Float8E5M2Fnuz, 0x7f, 57344.0),
            (Float8E8M0, 0x00, 5.877_472e-39),
            (Float8E8M0, 0x80, 2.0),
            (Float6E2M3, 0x1f, 7.5),
            (Float6E3M2, 0x3f, -28.0),
            (Float4E2M1, 0x07, 6.0),
            (Float4E2M1, 0x01, 0.5),
        ];
        for (element, bits, expected) in table {
            assert_eq!(value(element, bits), expected, "{element} {bits:#x}");
        }
    }

    #[test]
    fn not_a_number() {
        use ElementType::*;
        let table = [
            (Float16, 0x7c01),
            (Float8E4M3Fn, 0xff),
            (Float8E4M3Fnuz, 0x80),
            (Float8E5M2, 0x7d),
            (Float8E5M2Fnuz, 0x80),
            (Float8E8M0, 0xff),
        ];
        for (element, bits) in table {
            assert!(value(element, bits).is_nan(), "{element} {bits:#x}");
        }
        assert!(to_f32(Int8, 0).is_none());
    }
}
