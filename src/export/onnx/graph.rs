//! The graph: nodes in order, each value with its name.

use super::{
    ExportError, OPSET, data, elementwise,
    form::{Form, Input},
    linear, quantizers, tensors, windows,
};
use crate::{
    onnx::{
        Names,
        proto::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto, ValueInfoProto},
    },
    transforms::{
        functions::returned,
        insert_quantizers::{argument_names, result_names},
        unique_names::own_name,
    },
};
use qonnx_dialect::{Element, Op, OpKind, Value, qonnx};
use std::collections::{BTreeMap, HashMap};

/// The first opset with integers of 2 bits.
const OPSET_OF_TWO_BITS: i64 = 25;

/// The model of a function.
///
/// # Errors
/// At the first operation or end of the graph that ONNX has no form for.
pub fn model<'c>(module: Op<'c>, function: Op<'c>) -> Result<ModelProto, ExportError> {
    let mut graph = Graph::default();
    graph.fill(function)?;
    let name = module.optional_str_attribute("qonnx.name").map(str::to_string).or_else(|| own_name(function));
    graph.proto.name = Some(name.unwrap_or_else(|| "main".into()));
    let opset = if has_two_bits(function) { OPSET_OF_TWO_BITS } else { OPSET };
    let import = |domain: &str, version| OperatorSetIdProto { domain: Some(domain.into()), version: Some(version) };
    let domains = graph.domains.iter().map(|(domain, version)| import(domain, version.as_ref().map_or(1, |v| v.0)));
    Ok(ModelProto {
        // The versions of the file format that came with these opsets.
        ir_version: Some(if opset == OPSET { 10 } else { 13 }),
        opset_import: std::iter::once(import("", opset)).chain(domains).collect(),
        producer_name: Some(env!("CARGO_PKG_NAME").into()),
        producer_version: Some(env!("CARGO_PKG_VERSION").into()),
        graph: Some(graph.proto),
        ..ModelProto::default()
    })
}

fn has_two_bits(function: Op<'_>) -> bool {
    let is_two =
        |value: &Value<'_>| value.tensor_type().is_some_and(|ty| matches!(ty.element, Element::Int { width: 2, .. }));
    function.arguments().iter().any(is_two) || function.body().iter().any(|op| op.results().iter().any(is_two))
}

/// A graph in the making.
#[derive(Default)]
struct Graph<'c> {
    proto: GraphProto,
    nodes: Names,
    node_names: HashMap<Op<'c>, String>,
    tensors: Names,
    names: HashMap<Value<'c>, String>,
    /// The domains beside ONNX's own; the version of each where it matters, and the node that wants it.
    domains: BTreeMap<&'static str, Option<(i64, String)>>,
}

impl<'c> Graph<'c> {
    fn fill(&mut self, function: Op<'c>) -> Result<(), ExportError> {
        let results = returned(function);
        let mut unique =
            |names: Vec<String>| -> Vec<String> { names.iter().map(|name| self.tensors.fresh(name)).collect() };
        let (inputs, outputs) = (unique(argument_names(function)), unique(result_names(function)));
        self.names.extend(function.arguments().into_iter().zip(inputs.iter().cloned()));
        // A value that is no node's result, or leaves twice, gets an Identity below.
        for (value, name) in results.iter().zip(&outputs) {
            let is_nodes = value.defining_op().is_some_and(|op| qonnx::Constant::of(op).is_none());
            if is_nodes && !self.names.contains_key(value) {
                self.names.insert(*value, name.clone());
            }
        }
        self.proto.input = declarations("input", &function.arguments(), &inputs)?;
        self.proto.output = declarations("output", &results, &outputs)?;
        self.name_nodes(function);
        for op in function.body() {
            self.operation(op)?;
        }
        for (value, name) in results.into_iter().zip(outputs) {
            if self.name(value) != name {
                self.node(name.clone(), Form::new("Identity", vec![Input::Value(value)]), vec![name])
                    .map_err(ExportError::Structure)?;
            }
        }
        Ok(())
    }

    /// Names from locations. A transpose or view that a pass put beside an operation has the same: the number behind
    /// it is its own.
    fn name_nodes(&mut self, function: Op<'c>) {
        let is_aside = |op: &Op<'c>| matches!(op.kind(), OpKind::QonnxTranspose | OpKind::QonnxView);
        let named = |op: Op<'c>| Some((op, own_name(op).filter(|_| op.kind() != OpKind::QonnxConstant)?));
        let (aside, first): (Vec<_>, Vec<_>) = function.body().into_iter().partition(is_aside);
        for (op, name) in first.into_iter().chain(aside).filter_map(named) {
            let name = self.nodes.fresh(&name);
            self.node_names.insert(op, name);
        }
    }

    fn operation(&mut self, op: Op<'c>) -> Result<(), ExportError> {
        if op.name() == "func.return" {
            return Ok(());
        }
        let fail = |problem: String| ExportError::node(op, problem);
        if let Some(constant) = qonnx::Constant::of(op) {
            return self.constant(constant).map_err(fail);
        }
        let form = form_of(op).map_err(fail)?;
        self.demand(op, &form)?;
        let known = self.node_names.get(&op).cloned();
        let name = known.unwrap_or_else(|| self.nodes.fresh(form.op_type));
        let mut outputs = Vec::new();
        for (index, result) in op.results().into_iter().enumerate() {
            let output = match self.names.get(&result) {
                Some(known) => known.clone(),
                None => self.tensors.fresh(&format!("{name}_out{index}")),
            };
            self.declare(result, &output);
            self.names.insert(result, output.clone());
            outputs.push(output);
        }
        self.node(name, form, outputs).map_err(fail)
    }

    /// Two versions of a domain cannot be in one file.
    fn demand(&mut self, op: Op<'c>, form: &Form<'c>) -> Result<(), ExportError> {
        if form.domain.is_empty() {
            return Ok(());
        }
        let known = self.domains.entry(form.domain).or_default();
        let Some(version) = form.version else { return Ok(()) };
        match known {
            Some((other, node)) if *other != version => Err(ExportError::node(
                op,
                format!("is of version {version} of {}, but {node} of version {other}; a file has one", form.domain),
            )),
            _ => {
                *known = Some((version, op.node_name()));
                Ok(())
            }
        }
    }

    fn constant(&mut self, constant: qonnx::Constant<'c>) -> Result<(), String> {
        if constant.op().is_unused() {
            return Ok(());
        }
        let name = self.tensors.fresh(&own_name(constant.op()).unwrap_or_else(|| "constant".into()));
        self.proto.initializer.push(tensors::of_attribute(&name, constant.value())?);
        self.names.insert(constant.result(), name);
        Ok(())
    }

    /// Says a type between nodes where it is known; the graph's outputs have theirs.
    fn declare(&mut self, value: Value<'c>, name: &str) {
        let is_output = self.proto.output.iter().any(|output| output.name() == name);
        let declaration = value.tensor_type().and_then(|ty| tensors::declaration(name, &ty).ok());
        self.proto.value_info.extend(declaration.filter(|_| !is_output));
    }

    fn node(&mut self, name: String, form: Form<'c>, outputs: Vec<String>) -> Result<(), String> {
        let mut inputs = Vec::new();
        for input in form.inputs {
            inputs.push(match input {
                Input::Value(value) => self.name(value),
                Input::Absent => String::new(),
                Input::Constant(word, tensor) => {
                    let constant = self.tensors.fresh(&format!("{name}_{word}"));
                    self.proto.initializer.push(tensors::of_tensor(&constant, &tensor)?);
                    constant
                }
            });
        }
        self.proto.node.push(NodeProto {
            name: Some(name),
            op_type: Some(form.op_type.into()),
            domain: Some(form.domain.into()),
            input: inputs,
            output: outputs,
            attribute: form.attributes,
            ..NodeProto::default()
        });
        Ok(())
    }

    /// The name of a value that was defined before; operations stand in order.
    fn name(&self, value: Value<'c>) -> String {
        self.names.get(&value).cloned().unwrap_or_default()
    }
}

fn declarations(end: &'static str, values: &[Value<'_>], names: &[String]) -> Result<Vec<ValueInfoProto>, ExportError> {
    let declare = |(value, name): (&Value<'_>, &String)| {
        let ty = value.tensor_type().ok_or_else(|| format!("is a {}, expected a tensor", value.ty()));
        let declaration = ty.and_then(|ty| tensors::declaration(name, &ty));
        declaration.map_err(|problem| ExportError::End { end, name: name.clone(), problem })
    };
    values.iter().zip(names).map(declare).collect()
}

/// Tries the families.
fn form_of(op: Op<'_>) -> Result<Form<'_>, String> {
    for family in [elementwise::form, linear::form, windows::form, data::form, quantizers::form] {
        if let Some(form) = family(op)? {
            return Ok(form);
        }
    }
    Err("has no form in ONNX: export a module of the stages import, cleanup or lowered".into())
}
