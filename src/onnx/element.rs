//! The element types of ONNX tensors.

use std::fmt;

use super::proto::tensor_proto::DataType;

/// An element type, as `TensorProto.DataType` numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ElementType {
    Float32,
    Float64,
    Float16,
    BFloat16,
    Float8E4M3Fn,
    Float8E4M3Fnuz,
    Float8E5M2,
    Float8E5M2Fnuz,
    Float8E8M0,
    Float6E2M3,
    Float6E3M2,
    Float4E2M1,
    Int64,
    Int32,
    Int16,
    Int8,
    Int4,
    Int2,
    Uint64,
    Uint32,
    Uint16,
    Uint8,
    Uint4,
    Uint2,
    Bool,
    Complex64,
    Complex128,
    String,
}

impl ElementType {
    /// The type that a file's `data_type` or `elem_type` stands for; `None` if unknown.
    pub fn from_onnx(number: i32) -> Option<Self> {
        Some(match DataType::try_from(number).ok()? {
            DataType::Undefined => return None,
            DataType::Float => Self::Float32,
            DataType::Double => Self::Float64,
            DataType::Float16 => Self::Float16,
            DataType::Bfloat16 => Self::BFloat16,
            DataType::Float8e4m3fn => Self::Float8E4M3Fn,
            DataType::Float8e4m3fnuz => Self::Float8E4M3Fnuz,
            DataType::Float8e5m2 => Self::Float8E5M2,
            DataType::Float8e5m2fnuz => Self::Float8E5M2Fnuz,
            DataType::Float8e8m0 => Self::Float8E8M0,
            DataType::Float6e2m3 => Self::Float6E2M3,
            DataType::Float6e3m2 => Self::Float6E3M2,
            DataType::Float4e2m1 => Self::Float4E2M1,
            DataType::Int64 => Self::Int64,
            DataType::Int32 => Self::Int32,
            DataType::Int16 => Self::Int16,
            DataType::Int8 => Self::Int8,
            DataType::Int4 => Self::Int4,
            DataType::Int2 => Self::Int2,
            DataType::Uint64 => Self::Uint64,
            DataType::Uint32 => Self::Uint32,
            DataType::Uint16 => Self::Uint16,
            DataType::Uint8 => Self::Uint8,
            DataType::Uint4 => Self::Uint4,
            DataType::Uint2 => Self::Uint2,
            DataType::Bool => Self::Bool,
            DataType::Complex64 => Self::Complex64,
            DataType::Complex128 => Self::Complex128,
            DataType::String => Self::String,
        })
    }

    /// The bits an element takes in a file (`raw_data` and external data); 0 for strings.
    pub fn bits(self) -> usize {
        match self {
            Self::Int2 | Self::Uint2 => 2,
            Self::Int4 | Self::Uint4 | Self::Float4E2M1 => 4,
            Self::Float6E2M3 | Self::Float6E3M2 => 6,
            Self::Int8 | Self::Uint8 | Self::Bool => 8,
            Self::Float8E4M3Fn | Self::Float8E4M3Fnuz => 8,
            Self::Float8E5M2 | Self::Float8E5M2Fnuz | Self::Float8E8M0 => 8,
            Self::Int16 | Self::Uint16 | Self::Float16 | Self::BFloat16 => 16,
            Self::Int32 | Self::Uint32 | Self::Float32 => 32,
            Self::Int64 | Self::Uint64 | Self::Float64 | Self::Complex64 => 64,
            Self::Complex128 => 128,
            Self::String => 0,
        }
    }

    /// The bytes an element takes in a [`super::TensorData`]: types of fewer than 8 bits
    /// take one byte each; 0 for strings.
    pub fn byte_size(self) -> usize {
        self.bits().div_ceil(8)
    }

    /// Whether this is a signed integer.
    pub fn is_signed_integer(self) -> bool {
        use ElementType::*;
        matches!(self, Int64 | Int32 | Int16 | Int8 | Int4 | Int2)
    }

    /// Whether this is an unsigned integer; a Bool is none.
    pub fn is_unsigned_integer(self) -> bool {
        use ElementType::*;
        matches!(self, Uint64 | Uint32 | Uint16 | Uint8 | Uint4 | Uint2)
    }
}

impl fmt::Display for ElementType {
    /// The name as ONNX writes it, in lower case: `float16`, `uint4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{self:?}").to_lowercase();
        f.write_str(match self {
            Self::Float32 => "float",
            Self::Float64 => "double",
            _ => &name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_number_has_a_type_of_its_own() {
        let types: Vec<_> = (1..=28).filter_map(ElementType::from_onnx).collect();
        let distinct: std::collections::HashSet<_> = types.iter().collect();
        assert_eq!((types.len(), distinct.len()), (28, 28));
        assert!([0, -1, 29, 77].iter().all(|&n| ElementType::from_onnx(n).is_none()));
    }

    #[test]
    fn small_types_take_a_byte() {
        assert_eq!((ElementType::Int2.bits(), ElementType::Int2.byte_size()), (2, 1));
        assert_eq!(ElementType::Complex128.byte_size(), 16);
        assert_eq!(ElementType::Float8E4M3Fn.to_string(), "float8e4m3fn");
    }
}
