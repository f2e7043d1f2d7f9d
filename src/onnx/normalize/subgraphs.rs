//! Subgraphs of a node, and what they read from outside.

use std::collections::HashSet;

use super::super::proto::{GraphProto, NodeProto, TensorProto, ValueInfoProto};

/// The subgraphs of `node`.
pub(super) fn of(node: &NodeProto) -> impl Iterator<Item = &GraphProto> {
    node.attribute.iter().flat_map(|attribute| attribute.g.iter().chain(&attribute.graphs))
}

/// The subgraphs of `node`.
pub(super) fn of_mut(node: &mut NodeProto) -> impl Iterator<Item = &mut GraphProto> {
    node.attribute.iter_mut().flat_map(|attribute| attribute.g.iter_mut().chain(&mut attribute.graphs))
}

/// The tensors that `graph` itself defines; an empty name stands for an absent output.
pub(super) fn defined(graph: &GraphProto) -> impl Iterator<Item = &str> {
    let inputs = graph.input.iter().map(ValueInfoProto::name);
    let dense = graph.initializer.iter().map(TensorProto::name);
    let sparse = graph.sparse_initializer.iter().filter_map(|sparse| sparse.values.as_ref());
    let outputs = graph.node.iter().flat_map(|node| &node.output).map(String::as_str);
    inputs.chain(dense).chain(sparse.map(TensorProto::name)).chain(outputs)
}

/// The tensors that `node` reads, its subgraphs included.
pub(super) fn uses(node: &NodeProto) -> impl Iterator<Item = &str> {
    let inputs = node.input.iter().map(String::as_str);
    inputs.chain(of(node).flat_map(captures)).filter(|name| !name.is_empty())
}

/// The tensors of outer graphs that `graph` reads.
///
/// Recursion is bounded by the nesting that [`super::super::wire`] allows.
fn captures(graph: &GraphProto) -> Vec<&str> {
    let defined: HashSet<&str> = defined(graph).collect();
    let mut used: Vec<&str> = graph.output.iter().map(ValueInfoProto::name).collect();
    for node in &graph.node {
        used.extend(node.input.iter().map(String::as_str));
        for subgraph in of(node) {
            used.extend(captures(subgraph));
        }
    }
    used.retain(|name| !defined.contains(name));
    used
}
