//! An ONNX graph, node by node, in the protobuf structs of the importer.

use prost::Message;
use qonnxc::onnx::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto,
    attribute_proto::AttributeType,
    tensor_proto::DataType,
    tensor_shape_proto::{Dimension, dimension},
    type_proto,
};

/// The domain of QONNX's quantizers.
pub const QONNX: &str = "qonnx.custom_op.general";

/// A graph that grows.
#[derive(Default)]
pub struct Graph {
    graph: GraphProto,
    values: usize,
}

impl Graph {
    /// A constant of float32.
    pub fn floats(&mut self, shape: &[usize], values: &[f32]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(DataType::Float, shape, bytes)
    }

    /// A constant of float32 without axes.
    pub fn float(&mut self, value: f32) -> String {
        self.floats(&[], &[value])
    }

    /// A list of int64.
    pub fn list(&mut self, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(DataType::Int64, &[values.len()], bytes)
    }

    /// A constant of int8.
    pub fn int8(&mut self, shape: &[usize], values: &[i8]) -> String {
        self.initializer(DataType::Int8, shape, values.iter().map(|value| *value as u8).collect())
    }

    fn initializer(&mut self, element: DataType, shape: &[usize], bytes: Vec<u8>) -> String {
        let name = self.name("c");
        self.graph.initializer.push(TensorProto {
            name: Some(name.clone()),
            data_type: Some(element as i32),
            dims: shape.iter().map(|dim| *dim as i64).collect(),
            raw_data: Some(bytes.into()),
            ..TensorProto::default()
        });
        name
    }

    fn name(&mut self, prefix: &str) -> String {
        self.values += 1;
        format!("{prefix}{}", self.values)
    }

    /// A node of ONNX with one result.
    pub fn node(&mut self, op: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> String {
        self.add("", op, inputs, 1, attributes).remove(0)
    }

    /// A node of ONNX with several results.
    pub fn nodes(&mut self, op: &str, inputs: &[&str], results: usize, attributes: Vec<AttributeProto>) -> Vec<String> {
        self.add("", op, inputs, results, attributes)
    }

    /// A node of QONNX.
    pub fn qonnx(&mut self, op: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> String {
        self.add(QONNX, op, inputs, 1, attributes).remove(0)
    }

    fn add(
        &mut self,
        domain: &str,
        op: &str,
        inputs: &[&str],
        results: usize,
        attribute: Vec<AttributeProto>,
    ) -> Vec<String> {
        let output: Vec<String> = (0..results).map(|_| self.name("t")).collect();
        self.graph.node.push(NodeProto {
            name: Some(format!("{op}_{}", self.graph.node.len())),
            op_type: Some(op.into()),
            domain: Some(domain.into()),
            input: inputs.iter().map(|input| (*input).into()).collect(),
            output: output.clone(),
            attribute,
            ..NodeProto::default()
        });
        output
    }

    /// Declares an input of float32.
    pub fn input(&mut self, name: &str, shape: &[usize]) {
        self.graph.input.push(declared(name, DataType::Float, shape));
    }

    /// Declares an output.
    pub fn output(&mut self, name: &str, element: DataType, shape: &[usize]) {
        self.graph.output.push(declared(name, element, shape));
    }

    /// The file.
    pub fn into_file(mut self, opset: i64, qonnx: i64) -> Vec<u8> {
        self.graph.name = Some("random".into());
        let import = |domain: &str, version| OperatorSetIdProto { domain: Some(domain.into()), version: Some(version) };
        let model = ModelProto {
            ir_version: Some(8),
            opset_import: vec![import("", opset), import(QONNX, qonnx)],
            graph: Some(self.graph),
            ..ModelProto::default()
        };
        model.encode_to_vec()
    }
}

fn declared(name: &str, element: DataType, shape: &[usize]) -> ValueInfoProto {
    let dim = |dim: &usize| Dimension { value: Some(dimension::Value::DimValue(*dim as i64)), ..Dimension::default() };
    let tensor = type_proto::Tensor {
        elem_type: Some(element as i32),
        shape: Some(TensorShapeProto { dim: shape.iter().map(dim).collect() }),
    };
    let ty = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: Some(name.into()), r#type: Some(ty), ..ValueInfoProto::default() }
}

fn attribute(name: &str, ty: AttributeType) -> AttributeProto {
    AttributeProto { name: Some(name.into()), r#type: Some(ty as i32), ..AttributeProto::default() }
}

/// An attribute of an integer.
pub fn int(name: &str, value: impl TryInto<i64>) -> AttributeProto {
    AttributeProto { i: value.try_into().ok(), ..attribute(name, AttributeType::Int) }
}

/// An attribute of a list of integers.
pub fn ints(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto { ints: values.iter().map(|value| *value as i64).collect(), ..attribute(name, AttributeType::Ints) }
}

/// An attribute of a float32.
pub fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: Some(value), ..attribute(name, AttributeType::Float) }
}

/// An attribute of a string.
pub fn string(name: &str, value: &str) -> AttributeProto {
    AttributeProto { s: Some(value.as_bytes().to_vec().into()), ..attribute(name, AttributeType::String) }
}
