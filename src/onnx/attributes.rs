//! Typed access to the attributes of a node.
//!
//! A getter gives `None` if the attribute is absent and an error that names node and
//! attribute if it is of another type.

use std::collections::HashSet;

use thiserror::Error;

use super::proto::attribute_proto::AttributeType;
use super::proto::{AttributeProto, GraphProto, NodeProto, SparseTensorProto, TensorProto};
use super::quoted;

/// Why an attribute could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("node {} ({op_type}): attribute {} {problem}", quoted(node), quoted(attribute))]
pub struct AttributeError {
    /// The node's name.
    pub node: String,
    /// The node's operator.
    pub op_type: String,
    /// The attribute's name.
    pub attribute: String,
    /// What is wrong with it.
    pub problem: AttributeProblem,
}

/// What is wrong with an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum AttributeProblem {
    #[error("is of type {found}, expected {expected}")]
    WrongType { found: String, expected: &'static str },
    #[error("is not UTF-8 text")]
    NotUtf8,
    #[error("has no value")]
    NoValue,
    #[error("is given twice: keep one")]
    Twice,
    #[error("refers to {} of a function, but the node is in none", quoted(name))]
    Unbound { name: String },
}

impl NodeProto {
    /// The integer attribute `name`.
    pub fn int(&self, name: &str) -> Result<Option<i64>, AttributeError> {
        self.attribute_of(name, AttributeType::Int, |attribute| Ok(attribute.i()))
    }

    /// The float attribute `name`.
    pub fn float(&self, name: &str) -> Result<Option<f32>, AttributeError> {
        self.attribute_of(name, AttributeType::Float, |attribute| Ok(attribute.f()))
    }

    /// The string attribute `name`, which must be UTF-8.
    pub fn string(&self, name: &str) -> Result<Option<&str>, AttributeError> {
        self.attribute_of(name, AttributeType::String, |attribute| utf8(attribute.s()))
    }

    /// The attribute `name`, a list of integers.
    pub fn ints(&self, name: &str) -> Result<Option<&[i64]>, AttributeError> {
        self.attribute_of(name, AttributeType::Ints, |attribute| Ok(attribute.ints.as_slice()))
    }

    /// The attribute `name`, a list of floats.
    pub fn floats(&self, name: &str) -> Result<Option<&[f32]>, AttributeError> {
        self.attribute_of(name, AttributeType::Floats, |attribute| Ok(attribute.floats.as_slice()))
    }

    /// The attribute `name`, a list of strings, which must be UTF-8.
    pub fn strings(&self, name: &str) -> Result<Option<Vec<&str>>, AttributeError> {
        self.attribute_of(name, AttributeType::Strings, |attribute| {
            attribute.strings.iter().map(|bytes| utf8(bytes)).collect()
        })
    }

    /// The tensor attribute `name`; [`super::decode`] reads it.
    pub fn tensor(&self, name: &str) -> Result<Option<&TensorProto>, AttributeError> {
        self.attribute_of(name, AttributeType::Tensor, |attribute| {
            attribute.t.as_ref().ok_or(AttributeProblem::NoValue)
        })
    }

    /// The sparse tensor attribute `name`; [`super::sparse::decode_sparse`] reads it.
    pub fn sparse_tensor(&self, name: &str) -> Result<Option<&SparseTensorProto>, AttributeError> {
        self.attribute_of(name, AttributeType::SparseTensor, |attribute| {
            attribute.sparse_tensor.as_ref().ok_or(AttributeProblem::NoValue)
        })
    }

    /// The subgraph attribute `name`.
    pub fn subgraph(&self, name: &str) -> Result<Option<&GraphProto>, AttributeError> {
        self.attribute_of(name, AttributeType::Graph, |attribute| attribute.g.as_ref().ok_or(AttributeProblem::NoValue))
    }

    /// The attribute `name` read by `get`, if it has the type `expected`.
    fn attribute_of<'a, T>(
        &'a self,
        name: &str,
        expected: AttributeType,
        get: impl Fn(&'a AttributeProto) -> Result<T, AttributeProblem>,
    ) -> Result<Option<T>, AttributeError> {
        let Some(attribute) = self.attribute.iter().find(|attribute| attribute.name() == name) else {
            return Ok(None);
        };
        check_type(attribute, expected)
            .and_then(|()| get(attribute))
            .map(Some)
            .map_err(|problem| self.attribute_error(name, problem))
    }

    /// Checks that no attribute is given twice and none refers to a function's attribute.
    pub(super) fn check_attributes(&self) -> Result<(), AttributeError> {
        let mut seen = HashSet::new();
        for attribute in &self.attribute {
            if !seen.insert(attribute.name()) {
                return Err(self.attribute_error(attribute.name(), AttributeProblem::Twice));
            }
            if !attribute.ref_attr_name().is_empty() {
                let name = attribute.ref_attr_name().into();
                let problem = AttributeProblem::Unbound { name };
                return Err(self.attribute_error(attribute.name(), problem));
            }
        }
        Ok(())
    }

    fn attribute_error(&self, attribute: &str, problem: AttributeProblem) -> AttributeError {
        AttributeError {
            node: self.name().into(),
            op_type: self.op_type().into(),
            attribute: attribute.into(),
            problem,
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, AttributeProblem> {
    std::str::from_utf8(bytes).map_err(|_| AttributeProblem::NotUtf8)
}

fn check_type(attribute: &AttributeProto, expected: AttributeType) -> Result<(), AttributeProblem> {
    let number = attribute.r#type.unwrap_or_default();
    let found = match AttributeType::try_from(number) {
        // Files of IR version 1 may leave the type out.
        Ok(AttributeType::Undefined) => type_of_value(attribute).unwrap_or(expected),
        Ok(found) => found,
        Err(_) => {
            let found = number.to_string();
            return Err(AttributeProblem::WrongType { found, expected: expected.as_str_name() });
        }
    };
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (found.as_str_name().into(), expected.as_str_name());
    Err(AttributeProblem::WrongType { found, expected })
}

fn type_of_value(attribute: &AttributeProto) -> Option<AttributeType> {
    let candidates = [
        (attribute.f.is_some(), AttributeType::Float),
        (attribute.i.is_some(), AttributeType::Int),
        (attribute.s.is_some(), AttributeType::String),
        (attribute.t.is_some(), AttributeType::Tensor),
        (attribute.g.is_some(), AttributeType::Graph),
        (attribute.sparse_tensor.is_some(), AttributeType::SparseTensor),
        (!attribute.floats.is_empty(), AttributeType::Floats),
        (!attribute.ints.is_empty(), AttributeType::Ints),
        (!attribute.strings.is_empty(), AttributeType::Strings),
    ];
    candidates.iter().find(|(present, _)| *present).map(|&(_, found)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(attribute: AttributeProto) -> NodeProto {
        let attribute = AttributeProto { name: Some("a".into()), ..attribute };
        NodeProto {
            name: Some("n".into()),
            op_type: Some("Op".into()),
            attribute: vec![attribute],
            ..Default::default()
        }
    }

    fn of_type(kind: AttributeType) -> AttributeProto {
        AttributeProto { r#type: Some(kind.into()), ..Default::default() }
    }

    #[test]
    fn values_and_absence() {
        let axis = node(AttributeProto { i: Some(-1), ..of_type(AttributeType::Int) });
        assert_eq!((axis.int("a"), axis.int("b")), (Ok(Some(-1)), Ok(None)));
        let pads = AttributeProto { ints: vec![1, 2], ..Default::default() };
        assert_eq!(node(pads).ints("a"), Ok(Some([1, 2].as_slice())));
        // Writers of proto3 leave zeros out.
        assert_eq!(node(of_type(AttributeType::Int)).int("a"), Ok(Some(0)));
    }

    #[test]
    fn wrong_types_name_node_and_attribute() {
        let float = node(of_type(AttributeType::Float));
        let error = float.int("a").unwrap_err().to_string();
        assert_eq!(error, "node 'n' (Op): attribute 'a' is of type FLOAT, expected INT");
        let unknown = node(AttributeProto { r#type: Some(99), ..Default::default() });
        assert!(unknown.float("a").unwrap_err().to_string().contains("type 99"));
        assert!(node(of_type(AttributeType::Tensor)).tensor("a").is_err());
    }

    #[test]
    fn text_must_be_utf8() {
        let s = Some(bytes::Bytes::from_static(&[0xff, 0xfe]));
        let mode = node(AttributeProto { s, ..of_type(AttributeType::String) });
        assert_eq!(mode.string("a").unwrap_err().problem, AttributeProblem::NotUtf8);
    }
}
