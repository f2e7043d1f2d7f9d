//! Nodes that no family takes: kept as they are, to be reported by name.

use super::{
    ImportError,
    node::{Context, Node},
};
use crate::onnx::{
    self,
    proto::{AttributeProto, attribute_proto::AttributeType},
};
use qonnx_dialect::{Attribute, Builder, Element, Value, qonnx};

/// `qonnx.onnx` with the node's operator, domain and attributes.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
    let operands: Vec<Value<'c>> = (0..node.operand_count()).filter_map(|index| node.optional(index)).collect();
    let types = vec![cx.unranked(Element::F32); node.proto.output.len()];
    let op = qonnx::Onnx::build(&cx.builder, node.op_type(), node.domain(), &operands, &types).op();
    let attributes: Vec<(&str, Attribute<'c>)> =
        node.proto.attribute.iter().map(|attribute| (attribute.name(), value(cx, attribute))).collect();
    if !attributes.is_empty() {
        op.set_attribute("attributes", cx.builder.dictionary(&attributes));
    }
    Ok(op.results())
}

fn value<'c>(cx: &Context<'_, 'c>, attribute: &AttributeProto) -> Attribute<'c> {
    let builder = &cx.builder;
    let float = |value: f32| builder.parse_attribute(&format!("{:?} : f32", f64::from(value)));
    let floats = |values: &[f32]| builder.array(&values.iter().filter_map(|value| float(*value)).collect::<Vec<_>>());
    let ints = |values: &[i64]| builder.array(&values.iter().map(|value| builder.i64(*value)).collect::<Vec<_>>());
    match attribute.r#type() {
        AttributeType::Int => builder.i64(attribute.i()),
        AttributeType::Float => float(attribute.f()).unwrap_or_else(|| builder.str(&attribute.f().to_string())),
        AttributeType::String => builder.str(&String::from_utf8_lossy(attribute.s())),
        AttributeType::Ints => ints(&attribute.ints),
        AttributeType::Floats => floats(&attribute.floats),
        AttributeType::Strings => {
            let text = |bytes: &bytes::Bytes| builder.str(&String::from_utf8_lossy(bytes));
            builder.array(&attribute.strings.iter().map(text).collect::<Vec<_>>())
        }
        AttributeType::Tensor => tensor(builder, cx, attribute),
        other => builder.str(&format!("{other:?}")),
    }
}

fn tensor<'c>(builder: &Builder<'c>, cx: &Context<'_, 'c>, attribute: &AttributeProto) -> Attribute<'c> {
    let decoded = attribute.t.as_ref().and_then(|tensor| onnx::decode(tensor, cx.directory).ok());
    let constant = decoded.and_then(|data| {
        let element = super::tensors::element(data.element)?;
        let ty = qonnx_dialect::TensorType::new(element, &data.dims);
        Some(qonnx_dialect::constants::from_bytes(builder.context(), &ty, data.bytes))
    });
    constant.unwrap_or_else(|| builder.str("tensor"))
}
