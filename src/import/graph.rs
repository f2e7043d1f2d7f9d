//! A graph's initializers and nodes in order, also those of subgraphs, which stand in their node's place.

use super::{
    ImportError, control, dispatch, generic, infer_tree,
    node::{Context, HAWQ, Node},
    sequences::{self, Sequences},
    tensors,
};
use crate::{
    onnx::{
        Model,
        proto::{GraphProto, NodeProto},
    },
    transforms::infer_shapes::Inference,
};
use qonnx_dialect::{Builder, Value};
use std::collections::HashMap;

/// How many nodes a model may have once its loops are unrolled.
const MAX_NODES: usize = 200_000;

/// The values of a graph and of those around it, by name.
pub type Scope<'m, 'c> = HashMap<&'m str, Value<'c>>;

/// Imports graphs into one function.
pub struct Importer<'m, 'c> {
    /// The file.
    pub model: &'m Model,
    /// At the end of the function.
    pub builder: Builder<'c>,
    /// What is known of the values so far.
    pub inference: Inference<'c>,
    /// Sequences so far.
    pub sequences: Sequences<'c>,
    nodes_left: usize,
}

impl<'m, 'c> Importer<'m, 'c> {
    /// Nothing is imported yet.
    pub fn new(model: &'m Model, builder: Builder<'c>) -> Self {
        Self { model, builder, inference: Inference::default(), sequences: Sequences::new(), nodes_left: MAX_NODES }
    }

    /// The graph's outputs; its inputs are in the scope already.
    ///
    /// # Errors
    /// At the first initializer or node that contradicts its rules.
    pub fn graph(&mut self, graph: &'m GraphProto, mut scope: Scope<'m, 'c>) -> Result<Vec<Value<'c>>, ImportError> {
        for initializer in &graph.initializer {
            let constant = tensors::constant(&self.builder, initializer, &self.model.directory)?;
            self.infer("initializer", constant, initializer.name())?;
            scope.insert(initializer.name(), constant);
        }
        for proto in &graph.node {
            let results = self.node(&scope, proto)?;
            scope.extend(proto.output.iter().map(String::as_str).zip(results).filter(|(name, _)| !name.is_empty()));
        }
        let missing = |name: &str| ImportError::Value {
            kind: "graph output",
            name: name.to_string(),
            problem: if self.sequences.contains_key(name) {
                "is a sequence: only tensors can leave hardware".into()
            } else {
                "is produced by no node".into()
            },
        };
        let value = |name| scope.get(name).copied().ok_or_else(|| missing(name));
        graph.output.iter().map(|output| value(output.name())).collect()
    }

    fn node(&mut self, scope: &Scope<'m, 'c>, proto: &'m NodeProto) -> Result<Vec<Value<'c>>, ImportError> {
        let operands = proto.input.iter().map(|name| scope.get(name.as_str()).copied()).collect();
        let node = Node::new(proto, operands, self.version(proto));
        self.nodes_left = self.nodes_left.checked_sub(1).ok_or_else(|| {
            node.error(format!("the model has more than {MAX_NODES} nodes once its loops are unrolled"))
        })?;
        let special = match control::import(self, scope, &node)? {
            None => sequences::import(self, &node)?,
            taken => taken,
        };
        let results = match special {
            Some(results) => results,
            None => {
                let context = self.context(&node);
                match dispatch(&context, &node)? {
                    Some(results) => results,
                    None => generic::import(&context, &node)?,
                }
            }
        };
        for result in &results {
            infer_tree(&mut self.inference, *result).map_err(|problem| node.error(problem))?;
        }
        Ok(results)
    }

    /// Where the handlers of a node build.
    pub fn context(&self, node: &Node<'m, 'c>) -> Context<'_, 'c> {
        Context {
            builder: self.builder.named(node.proto.name()),
            directory: &self.model.directory,
            inference: &self.inference,
            qonnx_version: self.model.opset("qonnx.custom_op.general").unwrap_or(1),
        }
    }

    /// Follows what is known of a value that was built outside a handler.
    ///
    /// # Errors
    /// If the operation behind it contradicts its rules.
    pub fn infer(&mut self, kind: &'static str, value: Value<'c>, name: &str) -> Result<(), ImportError> {
        let problem = |problem| ImportError::Value { kind, name: name.to_string(), problem };
        infer_tree(&mut self.inference, value).map_err(problem)
    }

    /// The version of the node's operator.
    fn version(&self, proto: &NodeProto) -> i64 {
        // HAWQ has ONNX's own operators under another name.
        let domain = if proto.domain() == HAWQ { "" } else { proto.domain() };
        self.model.opset(domain).unwrap_or(1)
    }
}
