//! The C++ type of a value: bits, sign, and where it has one, a binary point.

use qonnx_dialect::Element;
use std::fmt;

/// Types wider than this are refused: fast simulation holds values in `__int128`,
/// and the exporter computes ranges in `i128`.
pub(super) const MAX_WIDTH: u32 = 120;

/// An integer type of `width` bits; a code stands for `code * 2^exponent` where there is an exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Number {
    pub width: u32,
    pub signed: bool,
    pub exponent: Option<i64>,
}

impl Number {
    /// A plain integer.
    pub fn integer(width: u32, signed: bool) -> Self {
        Self { width, signed, exponent: None }
    }

    /// The type of an IR element; None for a float or a width beyond [`MAX_WIDTH`].
    pub fn of(element: Element) -> Option<Self> {
        match element {
            Element::Bool => Some(Self::integer(1, false)),
            Element::Int { width, signed } if (1..=MAX_WIDTH).contains(&width) => Some(Self::integer(width, signed)),
            _ => None,
        }
    }

    /// The narrowest signed type that holds both.
    pub fn signed_holding(low: i128, high: i128) -> Self {
        let magnitude = |n: i128| 128 - (if n < 0 { !n } else { n }).leading_zeros();
        Self::integer(magnitude(low).max(magnitude(high)) + 1, true)
    }

    /// The narrowest type that holds both, unsigned where that does.
    pub fn holding(low: i128, high: i128) -> Self {
        match low >= 0 {
            true => Self::integer((128 - high.leading_zeros()).max(1), false),
            false => Self::signed_holding(low, high),
        }
    }

    /// With a binary point, or without.
    pub fn with_exponent(self, exponent: Option<i64>) -> Self {
        Self { exponent, ..self }
    }

    /// The type of its codes.
    pub fn codes(self) -> Self {
        self.with_exponent(None)
    }

    /// Least and greatest code.
    pub fn range(self) -> (i128, i128) {
        match self.signed {
            true => (-(1 << (self.width - 1)), (1 << (self.width - 1)) - 1),
            false => (0, (1 << self.width) - 1),
        }
    }

    /// The signed type that holds the values of both, at the same binary point.
    pub fn common(self, other: Self) -> Self {
        let ((a, b), (c, d)) = (self.range(), other.range());
        Self::signed_holding(a.min(c), b.max(d)).with_exponent(self.exponent)
    }

    /// The element type of a ROM that holds such codes.
    pub fn rom(self) -> String {
        format!("{}rom_t<{}>", if self.signed { "" } else { "u" }, self.width)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (u, width) = (if self.signed { "" } else { "u" }, self.width);
        match self.exponent {
            None => write!(f, "{u}int_t<{width}>"),
            Some(exponent) => write!(f, "{u}fixed_t<{width}, {}>", i64::from(width) + exponent),
        }
    }
}

/// A C++ literal of this value.
pub(super) fn literal(n: i128) -> String {
    const INT: std::ops::RangeInclusive<i128> = -(1 << 31) + 1..=(1 << 31) - 1;
    match n {
        n if INT.contains(&n) => n.to_string(),
        n if n == i128::from(i64::MIN) => "(-9223372036854775807LL - 1)".into(),
        n => format!("{n}LL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_ranges() {
        assert_eq!(Number::integer(8, false).with_exponent(Some(-8)).to_string(), "ufixed_t<8, 0>");
        assert_eq!(Number::integer(3, true).with_exponent(Some(1)).to_string(), "fixed_t<3, 4>");
        assert_eq!(Number::signed_holding(0, 255).to_string(), "int_t<9>");
        assert_eq!(Number::signed_holding(-1, 0).to_string(), "int_t<1>");
        assert_eq!(Number::holding(0, 0).to_string(), "uint_t<1>");
        assert_eq!(Number::integer(4, true).common(Number::integer(4, false)).width, 5);
        assert_eq!(Number::integer(1, true).range(), (-1, 0));
    }
}
