//! What becomes of an operation: operator, operands and attributes, without names.

use super::OPSET;
use crate::{
    eval::Tensor,
    onnx::proto::{AttributeProto, TensorProto, attribute_proto::AttributeType},
};
use bytes::Bytes;
use qonnx_dialect::{Op, Value};

/// The domain of QONNX's quantizers.
pub const QONNX_DOMAIN: &str = "qonnx.custom_op.general";

/// The domain of ONNX's operators on tensors with their channels last.
pub const CHANNELS_LAST_DOMAIN: &str = "qonnx.custom_op.channels_last";

/// An operand of a node.
pub enum Input<'c> {
    /// A value of the module.
    Value(Value<'c>),
    /// An operand that is left out, with others behind it.
    Absent,
    /// What the dialect says without an operand: becomes an initializer called after the node and this word.
    Constant(&'static str, Tensor),
}

/// A node without names.
pub struct Form<'c> {
    /// The operator.
    pub op_type: &'static str,
    /// Its domain; ONNX's own is empty.
    pub domain: &'static str,
    /// The version that the domain must be imported at, where it matters.
    pub version: Option<i64>,
    /// Operands in the operator's order.
    pub inputs: Vec<Input<'c>>,
    /// Attributes.
    pub attributes: Vec<AttributeProto>,
}

impl<'c> Form<'c> {
    /// An operator of ONNX with these operands.
    pub fn new(op_type: &'static str, inputs: Vec<Input<'c>>) -> Self {
        Self { op_type, domain: "", version: None, inputs, attributes: Vec::new() }
    }

    /// An operator of ONNX with the operation's own operands, none of which is optional but the last.
    pub fn of(op_type: &'static str, op: Op<'c>) -> Self {
        Self::new(op_type, op.operands().into_iter().map(Input::Value).collect())
    }

    /// A quantizer of QONNX with the operation's own operands.
    pub fn qonnx(op_type: &'static str, op: Op<'c>) -> Self {
        Self { domain: QONNX_DOMAIN, ..Self::of(op_type, op) }
    }

    /// The operator on tensors with their channels last, of the same version of ONNX.
    pub fn with_channels_last(self) -> Self {
        Self { domain: CHANNELS_LAST_DOMAIN, version: Some(OPSET), ..self }
    }

    /// With the domain at this version.
    pub fn at_version(self, version: i64) -> Self {
        Self { version: Some(version), ..self }
    }

    /// With an integer attribute.
    pub fn int(self, name: &str, value: i64) -> Self {
        self.attribute(name, AttributeType::Int, |attribute| attribute.i = Some(value))
    }

    /// With an attribute that is 0 or 1.
    pub fn flag(self, name: &str, value: bool) -> Self {
        self.int(name, value.into())
    }

    /// With a list of integers; left out where it is empty.
    pub fn ints(self, name: &str, values: &[i64]) -> Self {
        if values.is_empty() {
            return self;
        }
        self.attribute(name, AttributeType::Ints, |attribute| attribute.ints = values.to_vec())
    }

    /// With a float attribute.
    pub fn float(self, name: &str, value: f32) -> Self {
        self.attribute(name, AttributeType::Float, |attribute| attribute.f = Some(value))
    }

    /// With a word.
    pub fn string(self, name: &str, value: &str) -> Self {
        let value = Bytes::copy_from_slice(value.as_bytes());
        self.attribute(name, AttributeType::String, |attribute| attribute.s = Some(value))
    }

    /// With a tensor.
    pub fn tensor(self, name: &str, value: TensorProto) -> Self {
        self.attribute(name, AttributeType::Tensor, |attribute| attribute.t = Some(value))
    }

    fn attribute(mut self, name: &str, ty: AttributeType, fill: impl FnOnce(&mut AttributeProto)) -> Self {
        let mut attribute = AttributeProto { name: Some(name.into()), ..AttributeProto::default() };
        attribute.set_type(ty);
        fill(&mut attribute);
        self.attributes.push(attribute);
        self
    }
}

/// Operands of which the last may be missing, in the order of the operator; trailing gaps are left out.
pub fn inputs<'c, const N: usize>(operands: [Option<Value<'c>>; N]) -> Vec<Input<'c>> {
    let present = operands.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    operands.into_iter().take(present).map(|operand| operand.map_or(Input::Absent, Input::Value)).collect()
}
