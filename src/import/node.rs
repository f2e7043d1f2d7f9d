//! What a handler sees of a node.

use super::ImportError;
use crate::{eval::Tensor, onnx::proto::NodeProto, transforms::infer_shapes::Inference};
use qonnx_dialect::{Attribute, Builder, Element, TensorType, Type, Value};
use std::{path::Path, rc::Rc};

/// The domain of HAWQ's exporter.
pub const HAWQ: &str = "hawq2qonnx";

/// The element type of indices and shapes.
pub const INT64: Element = Element::Int { width: 64, signed: true };

/// Where a handler builds.
pub struct Context<'m, 'c> {
    /// Builds with the node's name as the location.
    pub builder: Builder<'c>,
    /// The model's folder, for external data of attributes.
    pub directory: &'m Path,
    /// What is known of the values so far.
    pub inference: &'m Inference<'c>,
    /// The version that `qonnx.custom_op.general` is imported at, 1 if it is not.
    pub qonnx_version: i64,
}

/// A node with its operands.
pub struct Node<'m, 'c> {
    /// The node in the file.
    pub proto: &'m NodeProto,
    /// The version of the operator set that its domain is imported at.
    pub version: i64,
    operands: Vec<Option<Value<'c>>>,
}

impl<'m, 'c> Node<'m, 'c> {
    /// Operands that are absent in the file (an empty name) are None.
    pub fn new(proto: &'m NodeProto, operands: Vec<Option<Value<'c>>>, version: i64) -> Self {
        Self { proto, version, operands }
    }

    /// The operator's name.
    pub fn op_type(&self) -> &'m str {
        self.proto.op_type()
    }

    /// The operator's domain; ONNX's own is empty.
    pub fn domain(&self) -> &'m str {
        crate::onnx::canonical_domain(self.proto.domain())
    }

    /// Domains in which exporters put the quantizers, ONNX's own among them.
    pub fn is_quantizer_domain(&self) -> bool {
        ["qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general", "qonnx", HAWQ, ""]
            .contains(&self.domain())
    }

    /// An error at this node.
    pub fn error(&self, problem: impl std::fmt::Display) -> ImportError {
        ImportError::Node {
            node: self.proto.name().to_string(),
            op_type: self.op_type().to_string(),
            problem: problem.to_string(),
        }
    }

    /// Operand `index`, if it is there.
    pub fn optional(&self, index: usize) -> Option<Value<'c>> {
        self.operands.get(index).copied().flatten()
    }

    /// Operand `index`, which the operator requires.
    ///
    /// # Errors
    /// If the file leaves it out.
    pub fn operand(&self, index: usize) -> Result<Value<'c>, ImportError> {
        self.optional(index).ok_or_else(|| self.error(format!("operand {index} is missing")))
    }

    /// All operands of a variadic operator.
    ///
    /// # Errors
    /// If the file leaves one out, or all.
    pub fn all_operands(&self) -> Result<Vec<Value<'c>>, ImportError> {
        if self.operands.is_empty() {
            return Err(self.error("has no operand"));
        }
        (0..self.operands.len()).map(|index| self.operand(index)).collect()
    }

    /// The same node on float32 in place of float16 and bfloat16, and which of these there was.
    pub fn widened(&self, cx: &Context<'_, 'c>) -> (Self, Option<Element>) {
        let is_short = |value: &Value<'c>| matches!(element_of(*value), Element::F16 | Element::BF16);
        let short = self.operands.iter().flatten().copied().find(is_short).map(element_of);
        let widen = |value: Value<'c>| if is_short(&value) { cx.cast(value, Element::F32) } else { value };
        let operands = self.operands.iter().map(|operand| operand.map(widen)).collect();
        (Self { operands, ..*self }, short)
    }

    /// How many operands the file lists.
    pub fn operand_count(&self) -> usize {
        self.operands.len()
    }

    /// Whether the file uses output `index`.
    pub fn uses_output(&self, index: usize) -> bool {
        self.proto.output.get(index).is_some_and(|name| !name.is_empty())
    }

    /// Reads an attribute that must be one of the words.
    ///
    /// # Errors
    /// If it is another.
    pub fn flag(&self, name: &str, default: i64) -> Result<bool, ImportError> {
        match self.proto.int(name)?.unwrap_or(default) {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.error(format!("attribute '{name}' is {other}, expected 0 or 1"))),
        }
    }
}

impl<'c> Context<'_, 'c> {
    /// An unranked tensor of this element type: inference gives the shape.
    pub fn unranked(&self, element: Element) -> Type<'c> {
        TensorType::unranked(element).to_type(self.builder.context())
    }

    /// An unranked tensor of the value's element type.
    pub fn like(&self, value: Value<'c>) -> Type<'c> {
        self.unranked(element_of(value))
    }

    /// An operation whose result has the element type of its first operand.
    pub fn same_type(&self, name: &str, operands: &[Value<'c>], attributes: &[(&str, Attribute<'c>)]) -> Value<'c> {
        let ty = operands.first().map_or_else(|| self.unranked(Element::F32), |first| self.like(*first));
        self.builder.create(name, operands, attributes, &[ty]).result(0)
    }

    /// A constant of int64, as the axes and shapes of older versions become.
    pub fn indices(&self, values: &[i64]) -> Value<'c> {
        let attribute = self.builder.dense_integers(INT64, &[values.len()], values);
        let ty = self.builder.tensor(INT64, &[values.len()]);
        qonnx_dialect::qonnx::Constant::build(&self.builder, attribute, [ty]).result()
    }

    /// A list of int64 that is an attribute before version `since` and an operand since.
    ///
    /// # Errors
    /// If the attribute is no list of integers.
    pub fn list(
        &self,
        node: &Node<'_, 'c>,
        attribute: &str,
        operand: usize,
        since: i64,
    ) -> Result<Option<Value<'c>>, ImportError> {
        if node.version >= since {
            return Ok(node.optional(operand));
        }
        Ok(node.proto.ints(attribute)?.map(|values| self.indices(values)))
    }

    /// The value of a small tensor that does not depend on the inputs.
    pub fn known(&self, value: Value<'c>) -> Option<Rc<Tensor>> {
        match self.inference.known(value) {
            None => crate::eval::convert::constant_of(value).map(Rc::new),
            known => known,
        }
    }

    /// A float32 scalar constant.
    pub fn scalar(&self, value: f32) -> Value<'c> {
        crate::eval::convert::qonnx_constant(&self.builder, &crate::eval::Tensor::scalar(value))
    }
}

/// The rank of a value, where it is known.
pub fn rank_of(value: Value<'_>) -> Option<usize> {
    value.tensor_type()?.shape.map(|shape| shape.len())
}

/// The element type of a value; float32 where it is not known.
pub fn element_of(value: Value<'_>) -> Element {
    value.tensor_type().map_or(Element::F32, |ty| ty.element)
}
