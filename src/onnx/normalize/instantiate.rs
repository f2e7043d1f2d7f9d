//! One copy of a function's body, as one call needs it.

use std::collections::{HashMap, HashSet};
use std::mem;

use super::super::names::Names;
use super::super::proto::{AttributeProto, FunctionProto, GraphProto, NodeProto};
use super::functions::{FunctionError, full_name};
use super::subgraphs;

/// The nodes of `function` with the inputs, outputs and attributes of `call`.
///
/// Nodes and intermediate tensors get names that begin with the call's.
pub(super) fn instantiate(
    call: &NodeProto,
    function: &FunctionProto,
    names: &mut Names,
) -> Result<Vec<NodeProto>, FunctionError> {
    let instance = Instance { call, function };
    instance.check_arguments()?;
    let produced = instance.produced()?;
    let mut renaming = Renaming::default();
    for (index, formal) in function.input.iter().enumerate() {
        // An input that the call leaves out is absent, which an empty name means.
        let actual = call.input.get(index).cloned().unwrap_or_default();
        if produced.contains(formal.as_str()) || !renaming.bind(formal, actual) {
            return Err(instance.defined_twice(formal));
        }
    }
    let copies = instance.bind_outputs(&produced, &mut renaming);
    for local in instance.outputs() {
        if renaming.get(local).is_none() {
            renaming.bind(local, names.fresh(&instance.prefixed(local)));
        }
    }
    let mut body = Vec::with_capacity(function.node.len() + copies.len());
    for (index, node) in function.node.iter().enumerate() {
        body.push(instance.node(index, node, &renaming, names)?);
    }
    for (formal, actual) in copies {
        body.push(instance.copy(formal, actual, &renaming, names)?);
    }
    Ok(body)
}

/// What the tensors of a body, or of a subgraph in it, are called outside.
#[derive(Default)]
struct Renaming<'a> {
    names: HashMap<String, String>,
    outer: Option<&'a Renaming<'a>>,
}

impl Renaming<'_> {
    /// False if `formal` is bound already.
    fn bind(&mut self, formal: &str, actual: String) -> bool {
        self.names.insert(formal.into(), actual).is_none()
    }

    fn get(&self, formal: &str) -> Option<&str> {
        let here = self.names.get(formal).map(String::as_str);
        here.or_else(|| self.outer.and_then(|outer| outer.get(formal)))
    }
}

struct Instance<'a> {
    call: &'a NodeProto,
    function: &'a FunctionProto,
}

impl<'a> Instance<'a> {
    fn check_arguments(&self) -> Result<(), FunctionError> {
        let (call, function) = (self.call, self.function);
        let counts =
            [("inputs", call.input.len(), function.input.len()), ("outputs", call.output.len(), function.output.len())];
        if let Some(&(what, found, expected)) = counts.iter().find(|(_, n, limit)| n > limit) {
            let (call, function) = (call.name().into(), full_name(function));
            return Err(FunctionError::Arguments { call, function, what, found, expected });
        }
        match call.attribute.iter().find(|attribute| !self.declares(attribute.name())) {
            Some(unknown) => Err(self.unknown_attribute(call, unknown.name())),
            None => Ok(()),
        }
    }

    /// The outputs of the body's nodes, in order.
    fn outputs(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let outputs = self.function.node.iter().flat_map(|node| &node.output);
        outputs.map(String::as_str).filter(|output| !output.is_empty())
    }

    /// The tensors that the body defines, each once.
    fn produced(&self) -> Result<HashSet<&'a str>, FunctionError> {
        let mut produced = HashSet::new();
        for output in self.outputs() {
            if !produced.insert(output) {
                return Err(self.defined_twice(output));
            }
        }
        Ok(produced)
    }

    /// Gives the outputs the names that the call has for them. Those that need a node of
    /// their own are returned: an input handed through, a tensor put out twice.
    fn bind_outputs(&self, produced: &HashSet<&str>, renaming: &mut Renaming<'_>) -> Vec<(&'a str, &'a str)> {
        let mut copies = Vec::new();
        for (formal, actual) in self.function.output.iter().zip(&self.call.output) {
            if actual.is_empty() {
                continue;
            }
            if produced.contains(formal.as_str()) && renaming.get(formal).is_none() {
                renaming.bind(formal, actual.clone());
            } else {
                copies.push((formal.as_str(), actual.as_str()));
            }
        }
        copies
    }

    fn node(
        &self,
        index: usize,
        node: &NodeProto,
        renaming: &Renaming<'_>,
        names: &mut Names,
    ) -> Result<NodeProto, FunctionError> {
        let mut node = node.clone();
        self.bind_attributes(&mut node)?;
        self.rename(&mut node, renaming, names)?;
        let local = match node.name() {
            "" => format!("{}_{index}", node.op_type()),
            name => name.into(),
        };
        node.name = Some(names.fresh(&self.prefixed(&local)));
        Ok(node)
    }

    fn copy(
        &self,
        formal: &str,
        actual: &str,
        renaming: &Renaming<'_>,
        names: &mut Names,
    ) -> Result<NodeProto, FunctionError> {
        Ok(NodeProto {
            name: Some(names.fresh(&self.prefixed(&format!("Identity_{formal}")))),
            op_type: Some("Identity".into()),
            input: vec![self.renamed(formal, renaming)?],
            output: vec![actual.into()],
            ..Default::default()
        })
    }

    fn rename(&self, node: &mut NodeProto, renaming: &Renaming<'_>, names: &mut Names) -> Result<(), FunctionError> {
        for name in node.input.iter_mut().chain(&mut node.output) {
            *name = self.renamed(name, renaming)?;
        }
        for subgraph in subgraphs::of_mut(node) {
            self.rename_graph(subgraph, renaming, names)?;
        }
        Ok(())
    }

    /// Renames what a subgraph reads from the body, and what it defines, since the same
    /// subgraph stands in each copy of the body.
    fn rename_graph(
        &self,
        graph: &mut GraphProto,
        outer: &Renaming<'_>,
        names: &mut Names,
    ) -> Result<(), FunctionError> {
        let mut renaming = Renaming { outer: Some(outer), ..Default::default() };
        for local in subgraphs::defined(graph).filter(|local| !local.is_empty()) {
            renaming.bind(local, names.fresh(&self.prefixed(local)));
        }
        let values = graph.input.iter_mut().chain(&mut graph.output).map(|value| &mut value.name);
        let sparse = graph.sparse_initializer.iter_mut().flat_map(|sparse| &mut sparse.values);
        let tensors = graph.initializer.iter_mut().chain(sparse).map(|tensor| &mut tensor.name);
        for name in values.chain(tensors).flatten() {
            *name = self.renamed(name, &renaming)?;
        }
        graph.value_info.clear();
        for node in &mut graph.node {
            self.rename(node, &renaming, names)?;
        }
        Ok(())
    }

    fn renamed(&self, name: &str, renaming: &Renaming<'_>) -> Result<String, FunctionError> {
        if name.is_empty() {
            return Ok(String::new());
        }
        let missing = || FunctionError::NotProduced { function: full_name(self.function), tensor: name.into() };
        renaming.get(name).map(String::from).ok_or_else(missing)
    }

    /// Puts the call's values, or else the function's defaults, where the body refers to
    /// attributes of the function.
    fn bind_attributes(&self, node: &mut NodeProto) -> Result<(), FunctionError> {
        let mut bound = Vec::with_capacity(node.attribute.len());
        for attribute in mem::take(&mut node.attribute) {
            bound.extend(self.bind_attribute(node, attribute)?);
        }
        node.attribute = bound;
        for inner in subgraphs::of_mut(node).flat_map(|graph| &mut graph.node) {
            self.bind_attributes(inner)?;
        }
        Ok(())
    }

    /// `None` if the attribute is to have a value that neither call nor function gives.
    fn bind_attribute(
        &self,
        node: &NodeProto,
        attribute: AttributeProto,
    ) -> Result<Option<AttributeProto>, FunctionError> {
        let wanted = attribute.ref_attr_name();
        if wanted.is_empty() {
            return Ok(Some(attribute));
        }
        if !self.declares(wanted) {
            return Err(self.unknown_attribute(node, wanted));
        }
        let mut given = self.call.attribute.iter().chain(&self.function.attribute_proto);
        let Some(value) = given.find(|given| given.name() == wanted) else {
            return Ok(None);
        };
        let types = [attribute.r#type(), value.r#type()].map(|kind| kind as i32);
        if types[0] != types[1] && !types.contains(&0) {
            return Err(FunctionError::AttributeType {
                function: full_name(self.function),
                node: node.name().into(),
                attribute: attribute.name().into(),
            });
        }
        let name = attribute.name.clone();
        Ok(Some(AttributeProto { name, ref_attr_name: None, ..value.clone() }))
    }

    fn declares(&self, attribute: &str) -> bool {
        let mut defaults = self.function.attribute_proto.iter().map(AttributeProto::name);
        self.function.attribute.iter().any(|name| name == attribute) || defaults.any(|name| name == attribute)
    }

    fn prefixed(&self, local: &str) -> String {
        format!("{}/{local}", self.call.name())
    }

    fn defined_twice(&self, tensor: &str) -> FunctionError {
        let (function, tensor) = (full_name(self.function), tensor.into());
        FunctionError::DefinedTwice { function, tensor }
    }

    fn unknown_attribute(&self, node: &NodeProto, attribute: &str) -> FunctionError {
        FunctionError::UnknownAttribute {
            function: full_name(self.function),
            node: node.name().into(),
            attribute: attribute.into(),
        }
    }
}
