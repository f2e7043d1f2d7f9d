//! Tensors and types of the file.

use super::{
    ImportError,
    minifloats::{ELEMENT, is_minifloat},
};
use crate::eval::tensor::MAX_ELEMENTS;
use crate::onnx::{
    self, ElementType,
    proto::{TensorProto, ValueInfoProto, tensor_shape_proto::dimension, type_proto},
};
use qonnx_dialect::{Attribute, Builder, Element, TensorType, Value, constants, qonnx};
use std::path::Path;

/// The dialect's element type.
pub fn element(onnx: ElementType) -> Option<Element> {
    let int = |width, signed| Element::Int { width, signed };
    Some(match onnx {
        ElementType::Float32 => Element::F32,
        ElementType::Float64 => Element::F64,
        ElementType::Float16 => Element::F16,
        ElementType::BFloat16 => Element::BF16,
        ElementType::Int64 => int(64, true),
        ElementType::Int32 => int(32, true),
        ElementType::Int16 => int(16, true),
        ElementType::Int8 => int(8, true),
        ElementType::Int4 => int(4, true),
        ElementType::Int2 => int(2, true),
        ElementType::Uint64 => int(64, false),
        ElementType::Uint32 => int(32, false),
        ElementType::Uint16 => int(16, false),
        ElementType::Uint8 => int(8, false),
        ElementType::Uint4 => int(4, false),
        ElementType::Uint2 => int(2, false),
        ElementType::Bool => Element::Bool,
        _ => return None,
    })
}

/// The dialect's element type of a number of `TensorProto.DataType`, as attributes have it.
pub fn element_of_number(number: i64) -> Option<Element> {
    i32::try_from(number).ok().and_then(ElementType::from_onnx).and_then(element)
}

/// `qonnx.constant` of an initializer, with its name as the location.
///
/// # Errors
/// If its data is not as declared, or of an element type that hardware has no use for.
pub fn constant<'c>(builder: &Builder<'c>, tensor: &TensorProto, directory: &Path) -> Result<Value<'c>, ImportError> {
    let (ty, attribute) = attribute(builder, tensor, directory)?;
    let builder = builder.named(tensor.name());
    let constant = qonnx::Constant::build(&builder, attribute, [ty.to_type(builder.context())]);
    if let Some(narrow) = ElementType::from_onnx(tensor.data_type()).filter(|element| is_minifloat(*element)) {
        constant.op().set_attribute(ELEMENT, builder.str(&narrow.to_string()));
    }
    Ok(constant.result())
}

/// A tensor of the file as an attribute, and its type; floats of 8 bits as float32.
///
/// # Errors
/// As [`constant`].
pub fn attribute<'c>(
    builder: &Builder<'c>,
    tensor: &TensorProto,
    directory: &Path,
) -> Result<(TensorType, Attribute<'c>), ImportError> {
    let data = onnx::decode(tensor, directory)?;
    if is_minifloat(data.element) {
        let ty = TensorType::new(Element::F32, &data.dims);
        return Ok((ty, constants::floats(builder.context(), &data.dims, &data.to_f32()?)));
    }
    let element = element(data.element).ok_or_else(|| ImportError::Value {
        kind: "initializer",
        name: data.name.clone(),
        problem: format!("has element type {}, which no operator here takes", data.element),
    })?;
    let ty = TensorType::new(element, &data.dims);
    let attribute = constants::from_bytes(builder.context(), &ty, data.bytes);
    Ok((ty, attribute))
}

/// The tensor type that the file declares for a graph input; dimensions that are
/// symbols or absent are dynamic.
///
/// # Errors
/// What is wrong with the declaration.
pub fn declared_type(value: &ValueInfoProto) -> Result<TensorType, String> {
    let ty = value.r#type.as_ref().and_then(|ty| ty.value.as_ref());
    let Some(type_proto::Value::TensorType(tensor)) = ty else {
        return Err("is no tensor: only tensors can enter or leave hardware".into());
    };
    let onnx = ElementType::from_onnx(tensor.elem_type());
    let known = onnx.and_then(element).ok_or_else(|| match onnx {
        Some(onnx) => format!("has element type {onnx}, which no operator here takes"),
        None => format!("has the unknown element type {}", tensor.elem_type()),
    })?;
    let shape = tensor.shape.as_ref().ok_or("has no shape: give its dimensions in the file")?;
    let mut dims = Vec::new();
    for dim in &shape.dim {
        dims.push(match &dim.value {
            Some(dimension::Value::DimValue(size)) => match usize::try_from(*size) {
                Ok(size) => Some(size),
                Err(_) => return Err(format!("has a dimension of {size}")),
            },
            Some(dimension::Value::DimParam(_)) | None => None,
        });
    }
    let size = dims.iter().flatten().copied().filter(|dim| *dim > 0).fold(1, usize::saturating_mul);
    if size > MAX_ELEMENTS {
        return Err(format!("has {size} elements, more than {MAX_ELEMENTS}"));
    }
    Ok(TensorType { element: known, shape: Some(dims) })
}
