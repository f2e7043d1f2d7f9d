//! Exact products of float32 scales, as the driver's `Scale` holds them.

/// `±digits * 2^exponent`; digits little-endian in base 2^32.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    pub negative: bool,
    pub digits: Vec<u32>,
    pub exponent: i64,
}

impl Scale {
    /// The exact product; None if a scale is not finite.
    pub fn product(scales: &[f32]) -> Option<Self> {
        let mut product = Self { negative: false, digits: vec![1], exponent: 0 };
        for scale in scales {
            if !scale.is_finite() {
                return None;
            }
            let bits = scale.to_bits();
            let (field, fraction) = (bits >> 23 & 0xff, bits & 0x7f_ffff);
            let (mantissa, exponent) = match field {
                0 => (fraction, -149),
                field => (fraction | 0x80_0000, i64::from(field) - 150),
            };
            // An odd mantissa keeps the product short.
            let zeros = if mantissa == 0 { 0 } else { mantissa.trailing_zeros() };
            product.negative ^= scale.is_sign_negative();
            product.exponent += exponent + i64::from(zeros);
            product.multiply(mantissa >> zeros);
        }
        Some(product)
    }

    fn multiply(&mut self, factor: u32) {
        let mut carry = 0u64;
        for digit in &mut self.digits {
            carry += u64::from(*digit) * u64::from(factor);
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry != 0 {
            self.digits.push(carry as u32);
        }
    }

    /// As an initializer with this many digits.
    pub fn initializer(&self, count: usize) -> String {
        let digits = self.digits.iter().copied().chain(std::iter::repeat(0)).take(count);
        let digits: Vec<String> = digits.map(|digit| format!("{digit}u")).collect();
        format!("{{{}, {}, {{{}}}}}", self.negative, self.exponent, digits.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact() {
        assert_eq!(Scale::product(&[0.25, -0.75]), Some(Scale { negative: true, digits: vec![3], exponent: -4 }));
        // 0.1f = 13421773 * 2^-27; its cube has 72 bits.
        let cube = Scale::product(&[0.1; 3]).unwrap();
        let value = cube.digits.iter().rev().fold(0u128, |n, digit| n << 32 | u128::from(*digit));
        assert_eq!((value, cube.exponent), (13421773u128.pow(3), -81));
        assert_eq!(Scale::product(&[f32::NAN]), None);
    }
}
