//! Stage 2: a checked ONNX model to a module of the `qonnx` dialect.
//!
//! The graph becomes `func.func @main`. Node names become locations, initializers
//! `qonnx.constant`, graph inputs and outputs keep their names in `qonnx.name`. Every
//! optional attribute is written out with the default of the node's own version, so
//! that no later stage asks for an opset. Types are inferred on the way as far as
//! they go. A node without a handler, or in a form that its handler does not take,
//! becomes `qonnx.onnx`, which `qonnx-verify-supported` reports by name.
//!
//! A file an op family: [`elementwise`], [`logic`], [`linear`], [`windows`], [`data`], [`resize`], [`quantizers`],
//! [`qoperator`], [`qlinear`], [`channels_last`], [`finn`]; and operators that are made of others (with the words
//! of [`compose`]): [`activations`], [`attention`], [`normalization`], [`reductions`], [`indexing`] (or by
//! [`computed_indices`]), [`scatter`], [`unpooling`], [`regions`], [`sampling`], [`deform_conv`], [`einsum`], [`interpolate`], [`signals`],
//! [`recurrent`], [`states`], [`rotary`], [`losses`], [`dynamic_quantizers`]; of constants only, [`data_dependent`].
//! [`graph`] walks the nodes, [`control`] puts subgraphs in their node's place, [`sequences`] are lists of values.

mod activations;
mod attention;
mod channels_last;
mod compose;
mod computed_indices;
mod control;
mod data;
mod data_dependent;
mod deform_conv;
mod dynamic_quantizers;
mod einsum;
mod elementwise;
mod finn;
mod generic;
mod graph;
mod indexing;
mod integer_sum;
mod interpolate;
mod linear;
mod logic;
mod losses;
mod minifloats;
mod node;
mod normalization;
mod qlinear;
mod qoperator;
mod quantizers;
mod recurrent;
mod recurrent_activations;
mod reductions;
mod regions;
mod resize;
mod rotary;
mod sampling;
mod scatter;
mod sequences;
mod signals;
mod states;
mod tensors;
#[cfg(test)]
mod tests;
mod unpooling;
mod windows;

use crate::{
    onnx::{self, AttributeError, Model, TensorError, proto::ValueInfoProto},
    transforms::{functions::of_kind, infer_shapes::Inference},
};
use graph::Importer;
use node::{Context, HAWQ, Node};
use qonnx_dialect::{Builder, Element, OpKind, Program, ProgramError, Type, Value};
use thiserror::Error;

/// Why a model could not be imported.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum ImportError {
    #[error(transparent)]
    Load(#[from] onnx::LoadError),
    #[error(transparent)]
    Normalize(#[from] onnx::NormalizeError),
    #[error(transparent)]
    Tensor(#[from] TensorError),
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    #[error("{kind} {}: {problem}", onnx::quoted(name))]
    Value { kind: &'static str, name: String, problem: String },
    #[error("node {} ({op_type}): {problem}", onnx::quoted(node))]
    Node { node: String, op_type: String, problem: String },
    #[error(transparent)]
    Invalid(#[from] ProgramError),
}

/// Loads a file and imports it.
///
/// # Errors
/// See [`ImportError`]: each names the node or tensor at fault.
pub fn import_file(path: &std::path::Path) -> Result<Program, ImportError> {
    let mut model = onnx::load(path)?;
    onnx::normalize(&mut model)?;
    import(&model)
}

/// Imports a normalized model.
///
/// # Errors
/// If an initializer cannot be decoded, a graph input has no tensor type, or a node
/// contradicts the rules of its operator.
pub fn import(model: &Model) -> Result<Program, ImportError> {
    let program = Program::new();
    program.with(|module| build(model, Builder::at_end_of(module)))?;
    // Verifiers speak MLIR; their locations are the nodes' names. Behind an operator that is not known no type is,
    // so that a verifier would complain of the wrong node: the first stage reports the right one.
    let knows_all = program.with(|module| of_kind(module, OpKind::QonnxOnnx).next().is_none());
    if knows_all {
        program.verify()?;
    }
    Ok(program)
}

fn build(model: &Model, module: Builder<'_>) -> Result<(), ImportError> {
    let graph = model.graph();
    let types = graph.input.iter().map(|input| input_type(&module, input)).collect::<Result<Vec<_>, _>>()?;
    // The function's own type follows from its return, below.
    let function = module.named(graph.name()).function("main", &types, &[], false);
    let builder = Builder::at_end_of(function);
    let names = graph.input.iter().map(|input| input.name());
    let scope = names.zip(function.arguments()).collect();
    let results = Importer::new(model, builder).graph(graph, scope)?;
    finish(&builder, function, &results, &graph.input, &graph.output);
    Ok(())
}

/// Tries the families; None where none of them takes the node.
fn dispatch<'c>(context: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if node.is_quantizer_domain()
        && let Some(results) = quantizers::import(context, node)?
    {
        return Ok(Some(results));
    }
    match (node.domain(), node.op_type()) {
        ("qonnx.custom_op.general" | "finn.custom_op.general", _) => return finn::import(context, node),
        (channels_last::DOMAIN, _) => return channels_last::import(context, node),
        (qlinear::DOMAIN, _) => return qlinear::import(context, node),
        ("", _) | (HAWQ, "Round" | "Conv") => {}
        _ => return Ok(None),
    }
    let families = [
        elementwise::import,
        logic::import,
        linear::import,
        windows::import,
        data::import,
        resize::import,
        quantizers::import_onnx,
        qoperator::import,
    ];
    for family in families {
        if let Some(results) = family(context, node)? {
            return Ok(Some(results));
        }
    }
    composed(context, node)
}

/// Operators that are made of several others: on short floats the reference computes all of one in float32 and
/// rounds once.
fn composed<'c>(context: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    let (widened, short) = node.widened(context);
    let families = [
        activations::import,
        attention::import,
        data_dependent::import,
        deform_conv::import,
        dynamic_quantizers::import,
        einsum::import,
        indexing::import,
        interpolate::import,
        losses::import,
        normalization::import,
        recurrent::import,
        reductions::import,
        regions::import,
        rotary::import,
        sampling::import,
        scatter::import,
        signals::import,
        states::import,
        unpooling::import,
    ];
    for family in families {
        if let Some(results) = family(context, &widened)? {
            let narrow = |result| match short {
                Some(element) if node::element_of(result) == Element::F32 => context.cast(result, element),
                _ => result,
            };
            return Ok(Some(results.into_iter().map(narrow).collect()));
        }
    }
    Ok(None)
}

/// Infers the operation behind a value and those it was built with, oldest first.
fn infer_tree<'c>(inference: &mut Inference<'c>, value: Value<'c>) -> Result<(), String> {
    let Some(op) = value.defining_op() else { return Ok(()) };
    if inference.has_seen(op) {
        return Ok(());
    }
    for operand in op.operands() {
        infer_tree(inference, operand)?;
    }
    inference.infer(op)
}

fn input_type<'c>(builder: &Builder<'c>, input: &ValueInfoProto) -> Result<Type<'c>, ImportError> {
    let ty = tensors::declared_type(input).map_err(|problem| ImportError::Value {
        kind: "graph input",
        name: input.name().to_string(),
        problem,
    })?;
    Ok(ty.to_type(builder.context()))
}

/// Adds the return, and gives the function its type and the names of its ends.
fn finish<'c>(
    builder: &Builder<'c>,
    function: qonnx_dialect::Op<'c>,
    results: &[Value<'c>],
    inputs: &[ValueInfoProto],
    outputs: &[ValueInfoProto],
) {
    builder.create("func.return", results, &[], &[]);
    crate::transforms::functions::retype(function);
    let names = |list: &[ValueInfoProto]| {
        let named = |value: &ValueInfoProto| builder.dictionary(&[("qonnx.name", builder.str(value.name()))]);
        builder.array(&list.iter().map(named).collect::<Vec<_>>())
    };
    function.set_attribute("arg_attrs", names(inputs));
    function.set_attribute("res_attrs", names(outputs));
}
