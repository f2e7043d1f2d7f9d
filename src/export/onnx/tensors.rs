//! Types and constants as ONNX's messages.

use crate::{
    eval::{
        Tensor,
        convert::{element_type, int_type},
    },
    onnx::proto::{
        TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
        tensor_proto::DataType,
        tensor_shape_proto::{Dimension, dimension},
        type_proto,
    },
};
use half::{bf16, f16};
use qonnx_dialect::{Attribute, Element, TensorType, constants, constants::Elements};

/// The number of `TensorProto.DataType`.
///
/// # Errors
/// If ONNX has no such integers.
pub fn data_type(element: Element) -> Result<i32, String> {
    let ty = match element {
        Element::F16 => DataType::Float16,
        Element::BF16 => DataType::Bfloat16,
        Element::F32 => DataType::Float,
        Element::F64 => DataType::Double,
        Element::Bool => DataType::Bool,
        Element::Int { width: 2, signed: true } => DataType::Int2,
        Element::Int { width: 4, signed: true } => DataType::Int4,
        Element::Int { width: 8, signed: true } => DataType::Int8,
        Element::Int { width: 16, signed: true } => DataType::Int16,
        Element::Int { width: 32, signed: true } => DataType::Int32,
        Element::Int { width: 64, signed: true } => DataType::Int64,
        Element::Int { width: 2, signed: false } => DataType::Uint2,
        Element::Int { width: 4, signed: false } => DataType::Uint4,
        Element::Int { width: 8, signed: false } => DataType::Uint8,
        Element::Int { width: 16, signed: false } => DataType::Uint16,
        Element::Int { width: 32, signed: false } => DataType::Uint32,
        Element::Int { width: 64, signed: false } => DataType::Uint64,
        Element::Int { .. } => return Err(format!("has elements of {element}, which ONNX has no type for")),
    };
    Ok(ty as i32)
}

/// Declares a tensor; a dynamic dimension has no name.
///
/// # Errors
/// If its rank is not known or ONNX does not have its elements.
pub fn declaration(name: &str, ty: &TensorType) -> Result<ValueInfoProto, String> {
    let shape = ty.shape.as_ref().ok_or("has no shape: run qonnx-infer-shapes first")?;
    let dimension = |dim: &Option<usize>| Dimension {
        value: dim.map(|extent| dimension::Value::DimValue(extent as i64)),
        ..Dimension::default()
    };
    let tensor = type_proto::Tensor {
        elem_type: Some(data_type(ty.element)?),
        shape: Some(TensorShapeProto { dim: shape.iter().map(dimension).collect() }),
    };
    let ty = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    Ok(ValueInfoProto { name: Some(name.into()), r#type: Some(ty), ..ValueInfoProto::default() })
}

/// The value of a constant.
///
/// # Errors
/// If it cannot be read or ONNX does not have its elements.
pub fn of_attribute(name: &str, value: Attribute<'_>) -> Result<TensorProto, String> {
    let read = constants::read(value).ok_or("has a value that cannot be read")?;
    of_elements(name, &read.0, &read.1)
}

/// A tensor of the evaluator.
///
/// # Errors
/// If ONNX does not have its elements.
pub fn of_tensor(name: &str, tensor: &Tensor) -> Result<TensorProto, String> {
    let element = element_type(tensor);
    let elements = match int_type(element) {
        Some(_) => Elements::Int(tensor.to_i64_vec().map_err(|problem| problem.to_string())?),
        None if element == Element::F64 => Elements::F64(tensor.to_f64_vec()),
        None => Elements::F32(tensor.to_f32_vec()),
    };
    of_elements(name, &TensorType::new(element, tensor.shape()), &elements)
}

fn of_elements(name: &str, ty: &TensorType, elements: &Elements) -> Result<TensorProto, String> {
    let shape = ty.static_shape().ok_or("has a dynamic shape")?;
    Ok(TensorProto {
        name: Some(name.into()),
        dims: shape.iter().map(|extent| *extent as i64).collect(),
        data_type: Some(data_type(ty.element)?),
        raw_data: Some(raw_data(ty.element, elements).into()),
        ..TensorProto::default()
    })
}

/// Little-endian; elements of fewer than 8 bits share a byte, the first in the lowest bits.
fn raw_data(element: Element, elements: &Elements) -> Vec<u8> {
    match elements {
        Elements::F32(values) if element == Element::F16 => bytes(values, |value| f16::from_f32(value).to_le_bytes()),
        Elements::F32(values) if element == Element::BF16 => bytes(values, |value| bf16::from_f32(value).to_le_bytes()),
        Elements::F32(values) => bytes(values, f32::to_le_bytes),
        Elements::F64(values) => bytes(values, f64::to_le_bytes),
        Elements::Int(values) => match element {
            Element::Int { width: width @ 1..8, .. } => packed(values, width),
            _ => values.iter().flat_map(|value| value.to_le_bytes().into_iter().take(element.bytes())).collect(),
        },
    }
}

fn bytes<T: Copy, const N: usize>(values: &[T], to_bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    // In one piece of the right size: a vector that grows may take twice as much, and these are all weights.
    let mut bytes = Vec::with_capacity(values.len() * N);
    values.iter().for_each(|value| bytes.extend_from_slice(&to_bytes(*value)));
    bytes
}

fn packed(values: &[i64], width: u32) -> Vec<u8> {
    let mask = (1 << width) - 1;
    let byte = |codes: &[i64]| codes.iter().rev().fold(0, |byte, code| byte << width | (code & mask) as u8);
    values.chunks((8 / width) as usize).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_integers_share_bytes() {
        let int4 = Element::Int { width: 4, signed: true };
        assert_eq!(raw_data(int4, &Elements::Int(vec![-1, 2, -8])), [0x2f, 0x08]);
        let uint2 = Element::Int { width: 2, signed: false };
        assert_eq!(raw_data(uint2, &Elements::Int(vec![3, 0, 1, 2, 1])), [0b1001_0011, 1]);
        assert_eq!(raw_data(Element::Bool, &Elements::Int(vec![1, 0])), [1, 0]);
    }

    #[test]
    fn halves_are_halves() {
        let values = Elements::F32(vec![1.0, -2.0]);
        assert_eq!(raw_data(Element::F16, &values), [0x00, 0x3c, 0x00, 0xc0]);
        assert_eq!(raw_data(Element::BF16, &values), [0x80, 0x3f, 0x00, 0xc0]);
    }

    #[test]
    fn widths_that_onnx_lacks_are_said() {
        let problem = data_type(Element::Int { width: 5, signed: true }).expect_err("is refused");
        assert!(problem.contains("si5"), "{problem}");
    }
}
