//! Which tensors a graph defines, by what, and which it can see.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use super::super::proto::GraphProto;
use super::super::quoted;
use super::NormalizeError;

/// What defines a tensor.
#[derive(Debug, Clone)]
enum Definer {
    Input,
    Initializer,
    Node(String),
}

impl fmt::Display for Definer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("an input of the graph"),
            Self::Initializer => f.write_str("an initializer"),
            Self::Node(name) => write!(f, "node {}", quoted(name)),
        }
    }
}

/// The tensors of a graph inside those of the graphs around it.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    definers: HashMap<String, Definer>,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    /// Collects the tensors of `graph`; each must be defined once, also counting the graphs
    /// around it (ONNX IR, "Value Names and Scoping").
    pub(super) fn of(graph: &GraphProto, outer: Option<&'a Scope<'a>>) -> Result<Self, NormalizeError> {
        let mut scope = Self { definers: HashMap::new(), outer };
        for input in &graph.input {
            scope.define_named(graph, input.name(), Definer::Input)?;
        }
        for initializer in &graph.initializer {
            scope.define_named(graph, initializer.name(), Definer::Initializer)?;
        }
        for node in &graph.node {
            // An empty name is an output that is not wanted.
            for output in node.output.iter().filter(|output| !output.is_empty()) {
                scope.define(output, Definer::Node(node.name().into()))?;
            }
        }
        Ok(scope)
    }

    fn define_named(&mut self, graph: &GraphProto, tensor: &str, definer: Definer) -> Result<(), NormalizeError> {
        if tensor.is_empty() {
            let (graph, definer) = (graph.name().into(), definer.to_string());
            return Err(NormalizeError::Unnamed { graph, definer });
        }
        self.define(tensor, definer)
    }

    fn define(&mut self, tensor: &str, definer: Definer) -> Result<(), NormalizeError> {
        let twice = |first: &Definer, second: &Definer| NormalizeError::DefinedTwice {
            tensor: tensor.into(),
            first: first.to_string(),
            second: second.to_string(),
        };
        if let Some(first) = self.outer.and_then(|outer| outer.definer(tensor)) {
            return Err(twice(first, &definer));
        }
        match self.definers.entry(tensor.into()) {
            Entry::Occupied(first) => Err(twice(first.get(), &definer)),
            Entry::Vacant(place) => {
                place.insert(definer);
                Ok(())
            }
        }
    }

    fn definer(&self, tensor: &str) -> Option<&Definer> {
        let here = self.definers.get(tensor);
        here.or_else(|| self.outer.and_then(|outer| outer.definer(tensor)))
    }

    /// Checks that all that the nodes and outputs of `graph` name is defined. What its
    /// subgraphs name is checked in their own scopes.
    pub(super) fn check_uses(&self, graph: &GraphProto) -> Result<(), NormalizeError> {
        for node in &graph.node {
            let missing = |name: &&String| !name.is_empty() && self.definer(name).is_none();
            if let Some(tensor) = node.input.iter().find(missing) {
                return Err(NormalizeError::InputNotProduced {
                    node: node.name().into(),
                    op_type: node.op_type().into(),
                    tensor: tensor.clone(),
                });
            }
        }
        self.check_outputs(graph)
    }

    fn check_outputs(&self, graph: &GraphProto) -> Result<(), NormalizeError> {
        let name = || graph.name().to_string();
        if graph.output.is_empty() {
            return Err(NormalizeError::NoOutputs { graph: name() });
        }
        match graph.output.iter().find(|output| self.definer(output.name()).is_none()) {
            Some(output) => Err(NormalizeError::OutputNotProduced { graph: name(), tensor: output.name().into() }),
            None => Ok(()),
        }
    }
}
