//! Inlines calls of model-local functions.
//!
//! A function's body may call other functions, so a small file can stand for a huge graph:
//! nesting and the total size are bounded, and recursion is refused by name.
//! Quantizers that the importer knows keep their meaning even where the file brings a
//! function for them (for the sake of other runtimes): see `is_native`.

use std::collections::HashMap;
use std::mem;

use prost::Message;
use thiserror::Error;

use super::super::names::{Names, name_nodes};
use super::super::proto::{FunctionProto, ModelProto, NodeProto, OperatorSetIdProto};
use super::super::{AttributeError, canonical_domain, quoted};
use super::instantiate::instantiate;
use super::subgraphs;

/// How deeply calls and the subgraphs around them may nest.
const MAX_DEPTH: usize = 64;
/// How many nodes inlining may make.
const MAX_NODES: usize = 200_000;
/// How many bytes of nodes, as a file would encode them, inlining may make.
const MAX_BYTES: usize = 1 << 30;

/// Why a call could not be inlined.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum FunctionError {
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    #[error("function {} is defined twice: keep one", quoted(function))]
    FunctionTwice { function: String },
    #[error("functions call themselves: {path}; recursion cannot become hardware")]
    Recursive { path: String },
    #[error("node {}: functions are nested more than {MAX_DEPTH} deep", quoted(call))]
    TooDeep { call: String },
    #[error(
        "node {}: inlining function {} passes {MAX_NODES} nodes or {MAX_BYTES} bytes",
        quoted(call),
        quoted(function)
    )]
    TooLarge { call: String, function: String },
    #[error(
        "function {} imports domain {} at opset {found}, the model at {expected}: \
         convert one to the other's version",
        quoted(function),
        quoted(domain)
    )]
    Opset { function: String, domain: String, found: i64, expected: i64 },
    #[error("node {} passes {found} {what} to function {}, which has {expected}", quoted(call), quoted(function))]
    Arguments { call: String, function: String, what: &'static str, found: usize, expected: usize },
    #[error("function {} has no attribute {} (node {})", quoted(function), quoted(attribute), quoted(node))]
    UnknownAttribute { function: String, node: String, attribute: String },
    #[error(
        "function {}: attribute {} of node {} has another type than the call gives it",
        quoted(function),
        quoted(attribute),
        quoted(node)
    )]
    AttributeType { function: String, node: String, attribute: String },
    #[error("function {} defines tensor {} twice", quoted(function), quoted(tensor))]
    DefinedTwice { function: String, tensor: String },
    #[error("function {} reads tensor {}, which nothing in it produces", quoted(function), quoted(tensor))]
    NotProduced { function: String, tensor: String },
}

/// Replaces each call in the main graph of `model`, and in its subgraphs, by the nodes of
/// the function. Afterwards the model has no functions.
pub(super) fn inline(model: &mut ModelProto) -> Result<(), FunctionError> {
    let functions = mem::take(&mut model.functions);
    let (Some(graph), false) = (&mut model.graph, functions.is_empty()) else {
        return Ok(());
    };
    let mut names = Names::default();
    take_names(&graph.node, &mut names);
    for name in subgraphs::defined(graph) {
        names.take(name);
    }
    let mut inliner = Inliner {
        functions: index(&functions)?,
        imports: &mut model.opset_import,
        names,
        calls: Vec::new(),
        depth: 0,
        nodes_left: MAX_NODES,
        bytes_left: MAX_BYTES,
    };
    graph.node = inliner.inline(mem::take(&mut graph.node))?;
    Ok(())
}

/// Whether the importer knows the operators of `domain` itself.
fn is_native(domain: &str) -> bool {
    let families = ["qonnx.custom_op.", "finn.custom_op."];
    domain == "onnx.brevitas" || families.iter().any(|family| domain.starts_with(family))
}

/// Marks the names of nodes and tensors as used, those in subgraphs included.
fn take_names(nodes: &[NodeProto], names: &mut Names) {
    for node in nodes {
        names.take(node.name());
        for subgraph in subgraphs::of(node) {
            for name in subgraphs::defined(subgraph) {
                names.take(name);
            }
            take_names(&subgraph.node, names);
        }
    }
}

/// Domain, name and overload.
type Key<'a> = (&'a str, &'a str, &'a str);

fn index(functions: &[FunctionProto]) -> Result<HashMap<Key<'_>, &FunctionProto>, FunctionError> {
    let mut index = HashMap::new();
    for function in functions {
        let key = (canonical_domain(function.domain()), function.name(), function.overload());
        if index.insert(key, function).is_some() {
            return Err(FunctionError::FunctionTwice { function: full_name(function) });
        }
    }
    Ok(index)
}

/// `domain::name`, as messages show a function.
pub(super) fn full_name(function: &FunctionProto) -> String {
    format!("{}::{}", function.domain(), function.name())
}

struct Inliner<'a> {
    functions: HashMap<Key<'a>, &'a FunctionProto>,
    imports: &'a mut Vec<OperatorSetIdProto>,
    names: Names,
    /// The functions being inlined, outermost first.
    calls: Vec<&'a FunctionProto>,
    /// Calls and subgraphs around the current nodes.
    depth: usize,
    nodes_left: usize,
    bytes_left: usize,
}

impl<'a> Inliner<'a> {
    fn inline(&mut self, nodes: Vec<NodeProto>) -> Result<Vec<NodeProto>, FunctionError> {
        let mut inlined = Vec::with_capacity(nodes.len());
        for mut node in nodes {
            if let Some(function) = self.callee(&node) {
                inlined.extend(self.call(&node, function)?);
                continue;
            }
            let name = node.name().to_string();
            for graph in subgraphs::of_mut(&mut node) {
                name_nodes(&mut graph.node);
                graph.node = self.nested(&name, mem::take(&mut graph.node))?;
            }
            inlined.push(node);
        }
        Ok(inlined)
    }

    /// Inlines `nodes`, which are one level further in than `node`.
    fn nested(&mut self, node: &str, nodes: Vec<NodeProto>) -> Result<Vec<NodeProto>, FunctionError> {
        if self.depth >= MAX_DEPTH {
            return Err(FunctionError::TooDeep { call: node.into() });
        }
        self.depth += 1;
        let inlined = self.inline(nodes);
        self.depth -= 1;
        inlined
    }

    fn callee(&self, node: &NodeProto) -> Option<&'a FunctionProto> {
        let domain = canonical_domain(node.domain());
        let key = (domain, node.op_type(), node.overload());
        self.functions.get(&key).copied().filter(|_| !is_native(domain))
    }

    fn call(&mut self, call: &NodeProto, function: &'a FunctionProto) -> Result<Vec<NodeProto>, FunctionError> {
        call.check_attributes()?;
        self.refuse_recursion(function)?;
        self.import(function)?;
        let body = instantiate(call, function, &mut self.names)?;
        self.charge(call, function, &body)?;
        self.calls.push(function);
        let inlined = self.nested(call.name(), body);
        self.calls.pop();
        inlined
    }

    fn refuse_recursion(&self, function: &'a FunctionProto) -> Result<(), FunctionError> {
        let same = |other: &&FunctionProto| std::ptr::eq(*other, function);
        if !self.calls.iter().any(same) {
            return Ok(());
        }
        let path = self.calls.iter().skip_while(|other| !same(other)).copied().chain([function]);
        let names: Vec<_> = path.map(|function| quoted(&full_name(function))).collect();
        Err(FunctionError::Recursive { path: names.join(" -> ") })
    }

    /// Operators carry no version of their own: inside the graph they get the model's.
    fn import(&mut self, function: &FunctionProto) -> Result<(), FunctionError> {
        for import in &function.opset_import {
            let domain = canonical_domain(import.domain());
            let same = |other: &&OperatorSetIdProto| canonical_domain(other.domain()) == domain;
            match self.imports.iter().find(same).map(|import| import.version()) {
                None => self.imports.push(import.clone()),
                Some(expected) if expected == import.version() => {}
                Some(expected) => {
                    return Err(FunctionError::Opset {
                        function: full_name(function),
                        domain: domain.into(),
                        found: import.version(),
                        expected,
                    });
                }
            }
        }
        Ok(())
    }

    fn charge(&mut self, call: &NodeProto, function: &FunctionProto, body: &[NodeProto]) -> Result<(), FunctionError> {
        let bytes: usize = body.iter().map(NodeProto::encoded_len).sum();
        // An empty body costs one, too: calls of it must not be free.
        let nodes_left = self.nodes_left.checked_sub(body.len().max(1));
        let (Some(nodes_left), Some(bytes_left)) = (nodes_left, self.bytes_left.checked_sub(bytes)) else {
            let (call, function) = (call.name().into(), full_name(function));
            return Err(FunctionError::TooLarge { call, function });
        };
        (self.nodes_left, self.bytes_left) = (nodes_left, bytes_left);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
