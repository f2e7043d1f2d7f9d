//! The typed fields of a `TensorProto`.
//!
//! Which field holds which element type, and how, is said at `TensorProto` in `onnx.proto`.

use bytes::Bytes;

use super::ElementType;
use super::proto::TensorProto;
use super::tensor::{Layout, TensorProblem, unpack};

const FLOAT: &str = "float_data";
const INT32: &str = "int32_data";
const INT64: &str = "int64_data";
const DOUBLE: &str = "double_data";
const UINT64: &str = "uint64_data";
const STRING: &str = "string_data";

/// The typed field that holds data, if one does.
pub(super) fn field_in_use(tensor: &TensorProto) -> Result<Option<&'static str>, TensorProblem> {
    let fields = [
        (FLOAT, tensor.float_data.is_empty()),
        (INT32, tensor.int32_data.is_empty()),
        (INT64, tensor.int64_data.is_empty()),
        (DOUBLE, tensor.double_data.is_empty()),
        (UINT64, tensor.uint64_data.is_empty()),
        (STRING, tensor.string_data.is_empty()),
    ];
    let mut used = fields.iter().filter(|(_, empty)| !empty).map(|&(field, _)| field);
    match (used.next(), used.next()) {
        (Some(first), Some(second)) => Err(TensorProblem::TwoSources { first, second }),
        (first, _) => Ok(first),
    }
}

/// The elements in the layout of [`super::TensorData::bytes`].
pub(super) fn read(tensor: &TensorProto, layout: &Layout) -> Result<Bytes, TensorProblem> {
    let element = layout.element;
    let (expected, len) = match element {
        ElementType::Float32 | ElementType::Complex64 => (FLOAT, tensor.float_data.len()),
        ElementType::Float64 | ElementType::Complex128 => (DOUBLE, tensor.double_data.len()),
        ElementType::Int64 => (INT64, tensor.int64_data.len()),
        ElementType::Uint64 | ElementType::Uint32 => (UINT64, tensor.uint64_data.len()),
        _ => (INT32, tensor.int32_data.len()),
    };
    if let Some(found) = field_in_use(tensor)?.filter(|&found| found != expected) {
        return Err(TensorProblem::WrongField { found, expected, element });
    }
    layout.expect(expected, "values", len, values(layout))?;
    match element {
        ElementType::Float32 | ElementType::Complex64 => {
            Ok(tensor.float_data.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
        ElementType::Float64 | ElementType::Complex128 => {
            Ok(tensor.double_data.iter().flat_map(|value| value.to_le_bytes()).collect())
        }
        ElementType::Int64 => Ok(tensor.int64_data.iter().flat_map(|value| value.to_le_bytes()).collect()),
        ElementType::Uint64 | ElementType::Uint32 => narrowed(&tensor.uint64_data, element),
        _ => read_int32(tensor, layout),
    }
}

/// How many values the typed field has for the layout's elements.
fn values(layout: &Layout) -> usize {
    match layout.element.bits() {
        2 | 4 => layout.stored_bytes(),
        _ if layout.element == ElementType::Complex64 => 2 * layout.count,
        _ if layout.element == ElementType::Complex128 => 2 * layout.count,
        _ => layout.count,
    }
}

fn read_int32(tensor: &TensorProto, layout: &Layout) -> Result<Bytes, TensorProblem> {
    match layout.element.bits() {
        // Each value is a byte of packed elements.
        2 | 4 => Ok(unpack(layout, narrowed(&tensor.int32_data, ElementType::Uint8)?)),
        _ => narrowed(&tensor.int32_data, layout.element),
    }
}

/// `values` in the width of `element`, each checked to be one.
fn narrowed<T: Copy + Into<i128>>(values: &[T], element: ElementType) -> Result<Bytes, TensorProblem> {
    let bits = element.bits();
    let (low, high) = match element {
        ElementType::Bool => (0, 1),
        _ if element.is_signed_integer() => (-(1i128 << (bits - 1)), (1 << (bits - 1)) - 1),
        _ => (0, (1i128 << bits) - 1),
    };
    let mut bytes = Vec::with_capacity(values.len() * element.byte_size());
    for (index, &value) in values.iter().enumerate() {
        let found = value.into();
        if !(low..=high).contains(&found) {
            return Err(TensorProblem::OutOfRange { index, found, element });
        }
        bytes.extend(found.to_le_bytes().iter().take(element.byte_size()));
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{TensorData, decode};
    use super::*;

    fn tensor(data_type: i32, count: i64) -> TensorProto {
        TensorProto { data_type: Some(data_type), dims: vec![count], ..Default::default() }
    }

    fn decoded(tensor: &TensorProto) -> TensorData {
        decode(tensor, Path::new(".")).unwrap()
    }

    fn int32(data_type: i32, count: i64, values: &[i32]) -> TensorProto {
        TensorProto { int32_data: values.into(), ..tensor(data_type, count) }
    }

    #[test]
    fn int32_data_holds_narrow_integers() {
        assert_eq!(decoded(&int32(3, 2, &[-128, 5])).to_i64().unwrap(), [-128, 5]);
        assert_eq!(decoded(&int32(4, 1, &[65535])).to_i64().unwrap(), [65535]);
        assert_eq!(decoded(&int32(6, 1, &[i32::MIN])).to_i64().unwrap(), [i64::from(i32::MIN)]);
        assert_eq!(decoded(&int32(22, 3, &[0x7f, 0x08])).to_i64().unwrap(), [-1, 7, -8]);
        assert_eq!(decoded(&int32(10, 1, &[0xc000])).to_f32().unwrap(), [-2.0]);
        assert_eq!(decoded(&int32(27, 2, &[0x1f, 0x01])).to_f32().unwrap(), [7.5, 0.125]);
    }

    #[test]
    fn the_other_fields() {
        let float = TensorProto { float_data: vec![1.5], ..tensor(1, 1) };
        assert_eq!(decoded(&float).to_f32().unwrap(), [1.5]);
        let double = TensorProto { double_data: vec![0.1], ..tensor(11, 1) };
        assert_eq!(decoded(&double).to_f32().unwrap(), [0.1f32]);
        let int64 = TensorProto { int64_data: vec![i64::MIN], ..tensor(7, 1) };
        assert_eq!(decoded(&int64).to_i64().unwrap(), [i64::MIN]);
        let uint32 = TensorProto { uint64_data: vec![4_294_967_295], ..tensor(12, 1) };
        assert_eq!(decoded(&uint32).to_i64().unwrap(), [4_294_967_295]);
        let complex = TensorProto { float_data: vec![1.0, 2.0], ..tensor(14, 1) };
        assert_eq!(decoded(&complex).bytes.len(), 8);
    }

    #[test]
    fn refusals_say_what_was_found() {
        let message = |tensor: &TensorProto| decode(tensor, Path::new(".")).unwrap_err().to_string();
        assert!(message(&int32(2, 1, &[256])).contains("element 0 is 256, which is no uint8"));
        assert!(message(&int32(3, 1, &[128])).contains("which is no int8"));
        assert!(message(&int32(9, 1, &[2])).contains("which is no bool"));
        assert!(message(&int32(3, 2, &[1])).contains("int32_data holds 1 values, expected 2"));
        assert!(message(&int32(1, 1, &[1])).contains("in int32_data, expected float_data"));
        let two = TensorProto { float_data: vec![1.0], ..int32(1, 1, &[1]) };
        assert!(message(&two).contains("both in float_data and in int32_data"));
    }
}
