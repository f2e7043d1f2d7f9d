//! The elements of a decoded tensor as Rust numbers.

use super::tensor::TensorProblem;
use super::{ElementType, TensorData, TensorError, minifloat};

impl TensorData {
    /// The number of elements.
    pub fn element_count(&self) -> usize {
        self.bytes.len() / self.element.byte_size().max(1)
    }

    /// The elements of any floating-point type, exact but for float64, which is rounded to
    /// nearest even.
    pub fn to_f32(&self) -> Result<Vec<f32>, TensorError> {
        match self.element {
            ElementType::Float32 => Ok(self.elements(f32::from_le_bytes)),
            ElementType::Float64 => Ok(self.elements(|bytes| f64::from_le_bytes(bytes) as f32)),
            _ if minifloat::to_f32(self.element, 0).is_none() => Err(self.wrong_element("a floating-point type")),
            _ => {
                let value = |bits| minifloat::to_f32(self.element, bits).unwrap_or(f32::NAN);
                Ok(match self.element.byte_size() {
                    1 => self.elements(|[byte]: [u8; 1]| value(u16::from(byte))),
                    _ => self.elements(|bytes| value(u16::from_le_bytes(bytes))),
                })
            }
        }
    }

    /// The elements of any integer type or Bool.
    ///
    /// Fails for other types, and for a uint64 beyond `i64::MAX`.
    pub fn to_i64(&self) -> Result<Vec<i64>, TensorError> {
        use ElementType::*;
        Ok(match self.element {
            Int64 => self.elements(i64::from_le_bytes),
            Int32 => self.elements(|bytes| i32::from_le_bytes(bytes).into()),
            Int16 => self.elements(|bytes| i16::from_le_bytes(bytes).into()),
            Int8 | Int4 | Int2 => self.elements(|bytes| i8::from_le_bytes(bytes).into()),
            Uint32 => self.elements(|bytes| u32::from_le_bytes(bytes).into()),
            Uint16 => self.elements(|bytes| u16::from_le_bytes(bytes).into()),
            Uint8 | Uint4 | Uint2 | Bool => self.elements(|[byte]: [u8; 1]| byte.into()),
            Uint64 => return self.uint64_to_i64(),
            _ => return Err(self.wrong_element("an integer type")),
        })
    }

    fn uint64_to_i64(&self) -> Result<Vec<i64>, TensorError> {
        let checked = |(index, value): (usize, u64)| {
            let element = ElementType::Int64;
            let found = i128::from(value);
            i64::try_from(value).map_err(|_| self.error(TensorProblem::OutOfRange { index, found, element }))
        };
        self.elements(u64::from_le_bytes).into_iter().enumerate().map(checked).collect()
    }

    fn elements<T, const N: usize>(&self, value: impl Fn([u8; N]) -> T) -> Vec<T> {
        self.bytes.as_chunks::<N>().0.iter().map(|&bytes| value(bytes)).collect()
    }

    fn wrong_element(&self, expected: &'static str) -> TensorError {
        self.error(TensorProblem::WrongElement { found: self.element, expected })
    }

    fn error(&self, problem: TensorProblem) -> TensorError {
        TensorError { name: self.name.clone(), problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(element: ElementType, bytes: &'static [u8]) -> TensorData {
        TensorData { name: "w".into(), element, dims: vec![bytes.len() / element.byte_size()], bytes: bytes.into() }
    }

    #[test]
    fn floats() {
        use ElementType::*;
        assert_eq!(decoded(Float16, &[0x00, 0x3c]).to_f32().unwrap(), [1.0]);
        assert_eq!(decoded(BFloat16, &[0x80, 0xbf]).to_f32().unwrap(), [-1.0]);
        assert_eq!(decoded(Float8E4M3Fn, &[0x7e, 0xb8]).to_f32().unwrap(), [448.0, -1.0]);
        let integer = decoded(Int8, &[1]).to_f32();
        assert!(integer.unwrap_err().to_string().contains("int8, expected a floating-point"));
    }

    #[test]
    fn integers() {
        use ElementType::*;
        assert_eq!(decoded(Int8, &[0xff, 1]).to_i64().unwrap(), [-1, 1]);
        assert_eq!(decoded(Uint16, &[0xfe, 0xff]).to_i64().unwrap(), [65534]);
        assert_eq!(decoded(Int4, &[0xf8]).to_i64().unwrap(), [-8]);
        let large = decoded(Uint64, &[0xff; 8]).to_i64();
        assert!(large.unwrap_err().to_string().contains("element 0 is 18446744073709551615"));
        assert!(decoded(Float16, &[0, 0]).to_i64().is_err());
    }
}
