//! The reference: a graph in float32, and the code of each of its quantizers.

pub use crate::transforms::split_quant::is_quantizer;
use crate::{
    driver::evaluate::{Sample, main_function},
    eval::{Interpreter, Tensor, interpreter::Observer},
    lowering::sink_joins::{JOINED, PART},
    transforms::split_quant::gives_codes,
};
use anyhow::Result;
use qonnx_dialect::{Op, OpKind, Value};
use std::{collections::HashMap, rc::Rc};

/// A node by its ONNX name, and which of the nodes of that name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The ONNX node's name.
    pub node: String,
    /// 0 for the first.
    pub occurrence: usize,
}

/// Counts occurrences of names.
#[derive(Clone, Debug, Default)]
pub struct Counter(HashMap<String, usize>);

impl Counter {
    /// The key of the next node of this name.
    pub fn next(&mut self, node: String) -> Key {
        let count = self.0.entry(node.clone()).or_default();
        *count += 1;
        Key { node, occurrence: *count - 1 }
    }
}

/// The node whose codes an operation gives, all of them in their order: a quantizer, or what
/// joins the parts of one that was moved.
pub fn gives_codes_of(op: Op<'_>) -> Option<String> {
    if let Some(node) = op.optional_str_attribute(JOINED) {
        return Some(node.to_string());
    }
    let quantizes = gives_codes(op) || op.kind() == OpKind::HlsRequantize;
    (quantizes && !op.unit_attribute(PART)).then(|| op.node_name())
}

/// The operations of a function that are asked for, in order, by key.
pub fn keyed<'c>(function: Op<'c>, wanted: impl Fn(Op<'c>) -> bool) -> Vec<(Key, Op<'c>)> {
    let mut counter = Counter::default();
    function.body().into_iter().filter(|op| wanted(*op)).map(|op| (counter.next(op.node_name()), op)).collect()
}

/// Codes that a quantizer gives on, whatever it computes.
pub type Overrides = HashMap<Key, Rc<Tensor>>;

/// Every value of `main` for one sample.
pub type Recorded<'c> = HashMap<Value<'c>, Rc<Tensor>>;

/// Runs `main` and keeps every value that is given on.
///
/// # Errors
/// The first operation that cannot be evaluated.
pub fn record<'c>(module: Op<'c>, sample: &Sample, overrides: &Overrides) -> Result<Recorded<'c>> {
    let main = main_function(module)?;
    let mut values: Recorded<'c> = main.arguments().into_iter().zip(sample.iter().cloned()).collect();
    {
        let mut counter = Counter::default();
        let observer: Box<Observer<'_, 'c>> = Box::new(|op, _, results| {
            let key = gives_codes(op).then(|| counter.next(op.node_name()));
            let results = overridden(key.as_ref(), overrides, results);
            values.extend(op.results().into_iter().zip(results.iter().cloned()));
            results
        });
        Interpreter::observed(module, observer).run(main, sample.clone())?;
    }
    Ok(values)
}

fn overridden(key: Option<&Key>, overrides: &Overrides, results: Vec<Rc<Tensor>>) -> Vec<Rc<Tensor>> {
    match key.and_then(|key| overrides.get(key)) {
        Some(codes) => vec![codes.clone()],
        None => results,
    }
}

/// What the reference gives for one sample.
#[derive(Clone, Debug, Default)]
pub struct SampleCodes {
    /// The codes that each quantizer computes.
    pub codes: HashMap<Key, Rc<Tensor>>,
    /// The graph's outputs.
    pub outputs: Vec<Rc<Tensor>>,
}

/// Runs the split graph and keeps codes and outputs.
///
/// # Errors
/// The first operation that cannot be evaluated.
pub fn codes(module: Op<'_>, sample: &Sample, overrides: &Overrides) -> Result<SampleCodes> {
    let main = main_function(module)?;
    let mut codes = HashMap::new();
    let mut counter = Counter::default();
    let outputs = {
        let observer: Box<Observer<'_, '_>> = Box::new(|op, _, results| {
            let key = gives_codes(op).then(|| counter.next(op.node_name()));
            codes.extend(key.clone().zip(results.first().cloned()));
            overridden(key.as_ref(), overrides, results)
        });
        Interpreter::observed(module, observer).run(main, sample.clone())?
    };
    Ok(SampleCodes { codes, outputs })
}
