//! Makes a model's graph simple for the importer.
//!
//! 1. `functions`: calls of model-local functions become the functions' nodes
//!    (`instantiate` makes one copy of a body).
//! 2. In each graph, the main one and the subgraphs of If and the like:
//!    sparse initializers become dense; inputs with an initializer are dropped (they are
//!    constants: a default that a caller could replace is not something hardware has);
//!    nodes get unique names; `scope` checks that each tensor is defined once and that
//!    whatever is used is defined; `sort` brings the nodes into topological order.
//!
//! Nodes and tensors keep the names the file gives them, so later errors can point back.

mod functions;
mod instantiate;
mod scope;
mod sort;
mod subgraphs;

use std::collections::HashSet;
use std::mem;
use std::path::Path;

use thiserror::Error;

use self::scope::Scope;
use super::names::name_nodes;
use super::proto::{GraphProto, TensorProto};
use super::sparse;
use super::{AttributeError, Model, TensorError, quoted};

pub use self::functions::FunctionError;

/// The bytes that all sparse initializers together may take when dense.
const MAX_DENSE_TOTAL: usize = 1 << 30;

/// Why a graph is not well-formed.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum NormalizeError {
    #[error(transparent)]
    Function(#[from] FunctionError),
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    #[error(transparent)]
    Tensor(#[from] TensorError),
    #[error(
        "tensor {}: all sparse initializers together have more than {MAX_DENSE_TOTAL} bytes \
         when dense",
        quoted(tensor)
    )]
    SparseTooLarge { tensor: String },
    #[error("tensor {} is defined by {first} and again by {second}: give each its own name", quoted(tensor))]
    DefinedTwice { tensor: String, first: String, second: String },
    #[error("graph {}: {definer} has no name", quoted(graph))]
    Unnamed { graph: String, definer: String },
    #[error(
        "node {} ({op_type}) reads tensor {}, which nothing produces: it is no input, \
         initializer or output of a node",
        quoted(node),
        quoted(tensor)
    )]
    InputNotProduced { node: String, op_type: String, tensor: String },
    #[error("graph {}: nothing produces its output {}", quoted(graph), quoted(tensor))]
    OutputNotProduced { graph: String, tensor: String },
    #[error("graph {} has no outputs: there is nothing to compute", quoted(graph))]
    NoOutputs { graph: String },
    #[error("nodes form a cycle: {path}; a graph must be acyclic")]
    Cycle { path: String },
}

/// Brings `model` into the form described above. After an error the model is half changed
/// and should be dropped.
pub fn normalize(model: &mut Model) -> Result<(), NormalizeError> {
    if let Some(graph) = &mut model.proto.graph {
        name_nodes(&mut graph.node);
    }
    functions::inline(&mut model.proto)?;
    let mut context = Context { directory: &model.directory, dense_left: MAX_DENSE_TOTAL };
    match &mut model.proto.graph {
        Some(graph) => context.graph(graph, None),
        None => Ok(()),
    }
}

struct Context<'a> {
    directory: &'a Path,
    /// What remains of [`MAX_DENSE_TOTAL`].
    dense_left: usize,
}

impl Context<'_> {
    fn graph(&mut self, graph: &mut GraphProto, outer: Option<&Scope<'_>>) -> Result<(), NormalizeError> {
        self.densify(graph)?;
        drop_constant_inputs(graph);
        name_nodes(&mut graph.node);
        for node in &graph.node {
            node.check_attributes()?;
        }
        let scope = Scope::of(graph, outer)?;
        scope.check_uses(graph)?;
        sort::sort(&mut graph.node)?;
        for subgraph in graph.node.iter_mut().flat_map(subgraphs::of_mut) {
            self.graph(subgraph, Some(&scope))?;
        }
        Ok(())
    }

    fn densify(&mut self, graph: &mut GraphProto) -> Result<(), NormalizeError> {
        for sparse in mem::take(&mut graph.sparse_initializer) {
            let dense = sparse::decode_sparse(&sparse, self.directory)?;
            let data_type = sparse.values.and_then(|values| values.data_type);
            self.dense_left = self
                .dense_left
                .checked_sub(dense.bytes.len())
                .ok_or_else(|| NormalizeError::SparseTooLarge { tensor: dense.name.clone() })?;
            graph.initializer.push(TensorProto {
                name: Some(dense.name),
                data_type,
                dims: sparse.dims,
                raw_data: Some(dense.bytes),
                ..Default::default()
            });
        }
        Ok(())
    }
}

/// Files of IR version 3 and older list initializers among the inputs, too.
fn drop_constant_inputs(graph: &mut GraphProto) {
    let constants: HashSet<&str> = graph.initializer.iter().map(TensorProto::name).collect();
    graph.input.retain(|input| !constants.contains(input.name()));
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::proto::{ModelProto, NodeProto, SparseTensorProto, ValueInfoProto};
    use super::*;

    fn value(name: &str) -> ValueInfoProto {
        ValueInfoProto { name: Some(name.into()), ..Default::default() }
    }

    fn node(inputs: &[&str], output: &str) -> NodeProto {
        NodeProto {
            op_type: Some("Add".into()),
            input: inputs.iter().map(|name| name.to_string()).collect(),
            output: vec![output.into()],
            ..Default::default()
        }
    }

    fn normalized(graph: GraphProto) -> Result<GraphProto, String> {
        let proto = ModelProto { graph: Some(graph), ..Default::default() };
        let mut model = Model { proto, directory: PathBuf::from(".") };
        normalize(&mut model).map_err(|error| error.to_string())?;
        Ok(model.proto.graph.unwrap())
    }

    fn graph(nodes: Vec<NodeProto>) -> GraphProto {
        GraphProto {
            node: nodes,
            input: vec![value("x"), value("w")],
            output: vec![value("y")],
            initializer: vec![TensorProto { name: Some("w".into()), ..Default::default() }],
            ..Default::default()
        }
    }

    #[test]
    fn nodes_are_named_and_sorted_and_constant_inputs_dropped() {
        let result = normalized(graph(vec![node(&["a", ""], "y"), node(&["x", "w"], "a")]));
        let result = result.unwrap();
        let names: Vec<_> = result.node.iter().map(NodeProto::name).collect();
        assert_eq!(names, ["Add_1", "Add_0"]);
        assert_eq!(result.input, [value("x")]);
    }

    #[test]
    fn wrong_graphs_are_refused_by_name() {
        let message = |nodes| normalized(graph(nodes)).unwrap_err();
        let missing = message(vec![node(&["gone"], "y")]);
        assert!(missing.contains("node 'Add_0' (Add) reads tensor 'gone'"));
        assert!(message(vec![node(&["x"], "a")]).contains("produces its output 'y'"));
        let twice = message(vec![node(&["x"], "y"), node(&["x"], "y")]);
        assert!(twice.contains("'y' is defined by node 'Add_0' and again by node 'Add_1'"));
        assert!(message(vec![node(&["x"], "w")]).contains("defined by an initializer and again"));
        let cycle = message(vec![node(&["x", "b"], "a"), node(&["a"], "b"), node(&["b"], "y")]);
        assert!(cycle.contains("cycle: 'Add_0' -> 'Add_1' -> 'Add_0'"), "{cycle}");
        let nothing = normalized(GraphProto::default()).unwrap_err();
        assert!(nothing.contains("no outputs"));
    }

    #[test]
    fn outputs_may_be_constants() {
        let mut constant = graph(vec![]);
        constant.output = vec![value("w"), value("x")];
        assert!(normalized(constant).is_ok());
    }

    #[test]
    fn sparse_initializers_become_dense() {
        let tensor = |name: &str, data_type, raw: &'static [u8]| TensorProto {
            name: Some(name.into()),
            data_type: Some(data_type),
            dims: vec![1],
            raw_data: Some(raw.into()),
            ..Default::default()
        };
        let sparse = SparseTensorProto {
            values: Some(tensor("s", 3, &[7])),
            indices: Some(tensor("", 7, &[2, 0, 0, 0, 0, 0, 0, 0])),
            dims: vec![2, 2],
        };
        let mut given = graph(vec![node(&["s"], "y")]);
        given.sparse_initializer = vec![sparse];
        let result = normalized(given).unwrap();
        let dense = &result.initializer[1];
        assert_eq!((dense.name(), dense.raw_data()), ("s", [0, 0, 7, 0].as_slice()));
        assert_eq!(dense.dims, [2, 2]);
    }
}
