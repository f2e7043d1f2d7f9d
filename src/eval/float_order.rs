//! Floats in order as integers: the next float has the next integer, -0.0 comes right before 0.0.

/// The integer of a float that is no NaN.
pub fn key_of(value: f32) -> i64 {
    let bits = i64::from(value.to_bits() & 0x7fff_ffff);
    if value.is_sign_negative() { -1 - bits } else { bits }
}

/// The float of an integer that [`key_of`] gives.
pub fn float_of(key: i64) -> f32 {
    let bits = if key < 0 { (-1 - key) as u32 | 0x8000_0000 } else { key as u32 };
    f32::from_bits(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_floats() {
        let floats = [f32::MIN, -1.0, -1e-40, -0.0, 0.0, 1e-40, 0.5, f32::MAX];
        assert!(floats.windows(2).all(|pair| key_of(pair[0]) < key_of(pair[1])));
        assert!(floats.iter().all(|value| float_of(key_of(*value)).to_bits() == value.to_bits()));
    }
}
