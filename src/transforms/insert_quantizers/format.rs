//! Fixed-point formats by their names.

use std::{fmt, str::FromStr};

/// A fixed-point format as Vitis HLS names it: `fixed<W,I>` or `ufixed<W,I>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedFormat {
    /// All bits.
    pub width: u32,
    /// Bits before the binary point, the sign among them.
    pub integer: i32,
    /// Two's complement or not.
    pub signed: bool,
}

impl FixedFormat {
    /// What an input gets unless the user names another.
    pub const DEFAULT: Self = Self { width: 16, integer: 6, signed: true };

    /// The value of one step.
    pub fn step(self) -> f32 {
        2f32.powi(self.integer - self.width as i32)
    }
}

/// A format for something that has a name: `NAME=fixed<W,I>`.
///
/// # Errors
/// If it is none. A name may hold any character; the format is what follows the last `=`.
pub fn named(text: &str) -> Result<(String, FixedFormat), String> {
    let (name, format) = text.rsplit_once('=').ok_or_else(|| format!("'{text}': expected NAME=fixed<W,I>"))?;
    Ok((name.to_string(), format.parse()?))
}

impl fmt::Display for FixedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}fixed<{},{}>", if self.signed { "" } else { "u" }, self.width, self.integer)
    }
}

impl FromStr for FixedFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || format!("'{text}' is no format: expected fixed<W,I> or ufixed<W,I>, such as fixed<16,6>");
        let (name, rest) = text.split_once('<').ok_or_else(problem)?;
        let signed = match name.trim_start_matches("ap_") {
            "fixed" => true,
            "ufixed" => false,
            _ => return Err(problem()),
        };
        let (width, integer) = rest.strip_suffix('>').and_then(|rest| rest.split_once(',')).ok_or_else(problem)?;
        let width: u32 = width.trim().parse().map_err(|_| problem())?;
        let integer: i32 = integer.trim().parse().map_err(|_| problem())?;
        if !(1..=24).contains(&width) || !(-64..=64).contains(&integer) {
            return Err(format!(
                "'{text}': expected 1 to 24 bits, which float32 holds exactly, and a binary point near them"
            ));
        }
        if signed && width == 1 {
            return Err(format!("'{text}': a Quant of one signed bit means -1 and 1; expected ufixed or 2 bits"));
        }
        Ok(Self { width, integer, signed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_as_in_vitis() {
        let format: FixedFormat = "fixed<16,6>".parse().unwrap();
        assert_eq!((format, format.step()), (FixedFormat::DEFAULT, 2f32.powi(-10)));
        assert_eq!("ufixed<8,8>".parse::<FixedFormat>().unwrap().to_string(), "ufixed<8,8>");
        for bad in ["", "fixed", "fixed<16>", "fixed<0,0>", "fixed<99,1>", "float<8,4>", "fixed<8,4", "fixed<1,1>"] {
            assert!(bad.parse::<FixedFormat>().is_err(), "{bad}");
        }
    }
}
