//! Turns a `TensorProto` into bytes and a shape.
//!
//! A file stores elements in `raw_data` (shared, not copied), in one of five typed fields,
//! or in a file beside the model. What comes out is one layout: little-endian, row-major,
//! one element in [`ElementType::byte_size`] bytes.

use std::path::Path;

use bytes::Bytes;
use thiserror::Error;

use super::external::{self, ExternalError};
use super::proto::{TensorProto, tensor_proto::DataLocation};
use super::{ElementType, quoted, typed_data};

/// The largest tensor that is decoded, in bytes.
pub const MAX_TENSOR_BYTES: usize = 2 << 30;

/// A decoded tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorData {
    /// The tensor's name; may be empty in attributes.
    pub name: String,
    /// The type of an element; never [`ElementType::String`].
    pub element: ElementType,
    /// The shape; empty for a scalar.
    pub dims: Vec<usize>,
    /// Little-endian, row-major, one element in [`ElementType::byte_size`] bytes. Types of
    /// fewer than 8 bits take one byte each, sign-extended if they are signed integers.
    pub bytes: Bytes,
}

/// Why a tensor could not be decoded.
#[derive(Debug, Error)]
#[error("tensor {}: {problem}", quoted(name))]
pub struct TensorError {
    /// The tensor's name.
    pub name: String,
    /// What is wrong with it.
    pub problem: TensorProblem,
}

/// What is wrong with a tensor.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum TensorProblem {
    #[error("data_type {found} is unknown, expected 1 to 28 (TensorProto.DataType)")]
    UnknownType { found: i32 },
    #[error("it holds strings: hardware computes with numbers only, remove it")]
    Strings,
    #[error("it is a segment of a larger tensor, which is not supported: store it whole")]
    Segment,
    #[error("dimension {index} is {found}, expected 0 or more")]
    NegativeDimension { index: usize, found: i64 },
    #[error("shape {dims:?} has more than {MAX_TENSOR_BYTES} bytes of {element}")]
    TooLarge { dims: Vec<i64>, element: ElementType },
    #[error("{source_name} holds {found} {unit}, expected {expected} for shape {dims:?} of {element}")]
    Length {
        source_name: &'static str,
        unit: &'static str,
        found: usize,
        expected: usize,
        dims: Vec<usize>,
        element: ElementType,
    },
    #[error("its data is in {found}, expected {expected} or raw_data for {element}")]
    WrongField { found: &'static str, expected: &'static str, element: ElementType },
    #[error("its data is both in {first} and in {second}: keep one")]
    TwoSources { first: &'static str, second: &'static str },
    #[error("element {index} is {found}, which is no {element}")]
    OutOfRange { index: usize, found: i128, element: ElementType },
    #[error("its elements are {found}, expected {expected}")]
    WrongElement { found: ElementType, expected: &'static str },
    #[error(transparent)]
    External(#[from] ExternalError),
    #[error("sparse tensor: {0}")]
    Sparse(String),
}

/// Decodes `tensor`; `directory` is where its external data lies, if it has any.
pub fn decode(tensor: &TensorProto, directory: &Path) -> Result<TensorData, TensorError> {
    let fail = |problem| TensorError { name: tensor.name().into(), problem };
    let layout = Layout::of(tensor).map_err(fail)?;
    let bytes = read(tensor, &layout, directory).map_err(fail)?;
    let Layout { element, dims, .. } = layout;
    Ok(TensorData { name: tensor.name().into(), element, dims, bytes })
}

/// The type and shape that a tensor declares.
#[derive(Debug)]
pub(super) struct Layout {
    pub element: ElementType,
    pub dims: Vec<usize>,
    /// The number of elements.
    pub count: usize,
}

impl Layout {
    fn of(tensor: &TensorProto) -> Result<Self, TensorProblem> {
        let found = tensor.data_type.unwrap_or_default();
        let element = ElementType::from_onnx(found).ok_or(TensorProblem::UnknownType { found })?;
        if element == ElementType::String {
            return Err(TensorProblem::Strings);
        }
        if tensor.segment.is_some() {
            return Err(TensorProblem::Segment);
        }
        Self::new(element, &tensor.dims)
    }

    /// Checks that a tensor of these dimensions can be held.
    pub(super) fn new(element: ElementType, dims: &[i64]) -> Result<Self, TensorProblem> {
        let checked = |(index, &found): (usize, &i64)| {
            let negative = |_| TensorProblem::NegativeDimension { index, found };
            usize::try_from(found).map_err(negative)
        };
        let sizes = dims.iter().enumerate().map(checked).collect::<Result<Vec<_>, _>>()?;
        let count = sizes
            .iter()
            .try_fold(1usize, |count, &size| count.checked_mul(size))
            .filter(|count| {
                let bytes = count.checked_mul(element.byte_size());
                bytes.is_some_and(|bytes| bytes <= MAX_TENSOR_BYTES)
            })
            .ok_or_else(|| TensorProblem::TooLarge { dims: dims.into(), element })?;
        Ok(Self { element, dims: sizes, count })
    }

    /// The bytes that the elements take in a file.
    pub(super) fn stored_bytes(&self) -> usize {
        // `count * byte_size` is limited, so that this cannot overflow.
        (self.count * self.element.bits()).div_ceil(8)
    }

    /// Checks that `source_name` holds `expected` units.
    pub(super) fn expect(
        &self,
        source_name: &'static str,
        unit: &'static str,
        found: usize,
        expected: usize,
    ) -> Result<(), TensorProblem> {
        if found == expected {
            return Ok(());
        }
        let (dims, element) = (self.dims.clone(), self.element);
        Err(TensorProblem::Length { source_name, unit, found, expected, dims, element })
    }
}

fn read(tensor: &TensorProto, layout: &Layout, directory: &Path) -> Result<Bytes, TensorProblem> {
    let typed = typed_data::field_in_use(tensor)?;
    let raw = tensor.raw_data.as_ref().filter(|raw| !raw.is_empty());
    let external = tensor.data_location() == DataLocation::External;
    let outside = external.then_some("external data");
    let mut sources = outside.into_iter().chain(raw.map(|_| "raw_data")).chain(typed);
    if let (Some(first), Some(second)) = (sources.next(), sources.next()) {
        return Err(TensorProblem::TwoSources { first, second });
    }
    if external {
        let stored = external::read(&tensor.external_data, directory, layout.stored_bytes())?;
        return Ok(unpack(layout, stored));
    }
    if typed.is_some() {
        return typed_data::read(tensor, layout);
    }
    let stored = raw.cloned().unwrap_or_default();
    layout.expect("raw_data", "bytes", stored.len(), layout.stored_bytes())?;
    Ok(unpack(layout, stored))
}

/// One element a byte where a file packs several, and Bools as 0 and 1.
pub(super) fn unpack(layout: &Layout, stored: Bytes) -> Bytes {
    let bits = layout.element.bits();
    if bits < 8 {
        return unpack_bits(layout, &stored);
    }
    if layout.element == ElementType::Bool && stored.iter().any(|&byte| byte > 1) {
        return stored.iter().map(|&byte| u8::from(byte != 0)).collect();
    }
    stored
}

/// Elements of 2, 4 or 6 bits, from the least significant bit of the first byte on.
fn unpack_bits(layout: &Layout, stored: &[u8]) -> Bytes {
    let bits = layout.element.bits();
    let unused = 8 - bits as u32;
    let element = |index: usize| {
        let (byte, shift) = (index * bits / 8, index * bits % 8);
        let at = |index| u16::from(stored.get(index).copied().unwrap_or_default());
        let window = (at(byte) | at(byte + 1) << 8) >> shift;
        let left_aligned = (window as u8) << unused;
        if layout.element.is_signed_integer() { (left_aligned as i8 >> unused) as u8 } else { left_aligned >> unused }
    };
    (0..layout.count).map(element).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(data_type: i32, dims: &[i64], raw_data: &'static [u8]) -> TensorProto {
        TensorProto {
            name: Some("w".into()),
            data_type: Some(data_type),
            dims: dims.into(),
            raw_data: Some(Bytes::from_static(raw_data)),
            ..Default::default()
        }
    }

    fn decoded(tensor: &TensorProto) -> TensorData {
        decode(tensor, Path::new(".")).unwrap()
    }

    fn message(tensor: &TensorProto) -> String {
        decode(tensor, Path::new(".")).unwrap_err().to_string()
    }

    #[test]
    fn raw_data_is_shared() {
        let tensor = raw(2, &[2, 2], &[1, 2, 3, 4]);
        let data = decoded(&tensor);
        assert_eq!(data.bytes.as_ptr(), tensor.raw_data().as_ptr());
        assert_eq!((data.dims, data.bytes.len()), (vec![2, 2], 4));
    }

    #[test]
    fn small_elements_are_unpacked_from_the_low_bits() {
        let int4 = decoded(&raw(22, &[3], &[0x7f, 0x08]));
        assert_eq!(int4.to_i64().unwrap(), [-1, 7, -8]);
        let uint4 = decoded(&raw(21, &[3], &[0x7f, 0x08]));
        assert_eq!(uint4.to_i64().unwrap(), [15, 7, 8]);
        let int2 = decoded(&raw(26, &[5], &[0b10_01_11_00, 0b01]));
        assert_eq!(int2.to_i64().unwrap(), [0, -1, 1, -2, 1]);
        // 6 bits: 0x01, 0x3f, 0x20, 0x1f as in the comment on raw_data in onnx.proto.
        let float6 = decoded(&raw(27, &[4], &[0xc1, 0x0f, 0x7e]));
        assert_eq!(float6.bytes.as_ref(), [0x01, 0x3f, 0x20, 0x1f]);
    }

    #[test]
    fn bools_are_zero_or_one() {
        assert_eq!(decoded(&raw(9, &[2], &[0, 7])).bytes.as_ref(), [0, 1]);
    }

    #[test]
    fn shapes_are_checked_before_memory_is_taken() {
        assert!(message(&raw(1, &[2], &[0; 4])).contains("4 bytes, expected 8"));
        assert!(message(&raw(1, &[2, -4], &[])).contains("dimension 1 is -4"));
        assert!(message(&raw(1, &[1 << 40, 1 << 40], &[])).contains("more than"));
        assert!(message(&raw(1, &[1 << 30], &[])).contains("more than"));
        assert!(message(&raw(77, &[1], &[])).contains("data_type 77"));
        assert!(message(&raw(8, &[1], &[])).contains("strings"));
        assert_eq!(decoded(&raw(1, &[0, 3], &[])).element_count(), 0);
    }

    #[test]
    fn two_sources_are_refused() {
        let mut tensor = raw(1, &[1], &[0; 4]);
        tensor.float_data = vec![1.0];
        assert!(message(&tensor).contains("both in raw_data and in float_data"));
    }
}
