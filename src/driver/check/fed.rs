//! The hardware's module, each layer fed with the reference's codes.
//!
//! A code that the reference's rounding made may be one that the hardware never gives, since its
//! sums are exact: a channel may be constant, a type narrower, and what follows was proven for
//! its own codes alone. There the reference is run again with the hardware's code, so that
//! all layers behind are compared on codes that can occur; the quantizer itself is judged by
//! what its own inputs give.

use super::reference::{Counter, Key, Overrides, SampleCodes, codes, gives_codes_of};
use crate::{
    driver::evaluate::{Sample, main_function},
    eval::{Interpreter, Tensor, convert::int_type, interpreter::Observer, ops::layout},
    hls::placement::Placement,
    lowering::{
        requantize::{code_range, forms_of},
        sink_joins::PART,
    },
};
use anyhow::Result;
use ndarray::{ArrayD, Axis, IxDyn};
use qonnx_dialect::{Op, OpKind, hls};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// One sample through the hardware's module, each layer fed with the reference's codes.
pub struct Fed {
    /// The graph's outputs.
    pub outputs: Vec<Rc<Tensor>>,
    /// Codes of each quantizer, in order; those the reference knows were replaced.
    pub codes: Vec<(Key, Rc<Tensor>)>,
    /// Nodes whose quantizers were moved above a join: where nothing joins their codes as they were
    /// (transposes cancel, too), they are compared in what follows.
    pub parts: HashSet<String>,
    /// What the hardware can give, where the reference's codes are beyond.
    beyond: Overrides,
}

/// Runs both until the reference's codes are ones that the hardware can give.
///
/// # Errors
/// The first operation that cannot be evaluated.
pub fn agree(split: Op<'_>, hls: Op<'_>, sample: &Sample) -> Result<(SampleCodes, Fed, Overrides)> {
    let mut overrides = Overrides::new();
    loop {
        let reference = codes(split, sample, &overrides)?;
        let fed = fed(hls, sample, &reference.codes, &overrides)?;
        if fed.beyond.is_empty() {
            return Ok((reference, fed, overrides));
        }
        overrides.extend(fed.beyond);
    }
}

/// Runs the module with the reference's codes in place of its own.
fn fed(module: Op<'_>, sample: &Sample, reference: &HashMap<Key, Rc<Tensor>>, overrides: &Overrides) -> Result<Fed> {
    let main = main_function(module)?;
    let (mut found, mut beyond) = (Vec::new(), Overrides::new());
    let mut counter = Counter::default();
    let mut parts: HashMap<String, Vec<Limits>> = HashMap::new();
    let mut apart = HashSet::new();
    let outputs = {
        let observer: Box<Observer<'_, '_>> = Box::new(|op, _, results| {
            let Some(node) = gives_codes_of(op) else {
                if let Some(own) = results.first().filter(|_| op.unit_attribute(PART)) {
                    apart.insert(op.node_name());
                    parts.entry(op.node_name()).or_default().extend(limits(op, own.shape()));
                }
                return results;
            };
            let joined = parts.remove(&node).filter(|_| op.kind() == OpKind::HlsConcat);
            let limits = results.first().and_then(|own| match joined {
                Some(parts) => concatenated(&parts, op.i64_attribute("axis"), own.shape()),
                None => limits(op, own.shape()),
            });
            let key = counter.next(node);
            let (Some(own), Some(expected)) = (results.first(), overrides.get(&key).or(reference.get(&key))) else {
                found.extend(results.first().map(|own| (key, own.clone())));
                return results;
            };
            let placement = Placement::of(op);
            let own = in_order_of_node(&placement, own, expected).unwrap_or_else(|| own.clone());
            found.push((key.clone(), own.clone()));
            let possible = limits.and_then(|limits| possible(&limits, expected, &own));
            let replaced = replacement(op, &placement, possible.as_ref().unwrap_or(expected), &own);
            beyond.extend(possible.map(|possible| (key, Rc::new(possible))));
            replaced.map_or(results, |codes| vec![codes])
        });
        Interpreter::observed(module, observer).run(main, sample.clone())?
    };
    Ok(Fed { outputs, codes: found, parts: apart, beyond })
}

/// The hardware's codes in the order of their node; for removed channels the one code that they have, or
/// where nothing needs it, the reference's.
fn in_order_of_node(placement: &Placement, own: &Tensor, reference: &Tensor) -> Option<Rc<Tensor>> {
    let Tensor::Int(ty, codes) = own else { return None };
    let reference = layout::with_shape(reference, &placement.node_shape(codes.shape())).ok()?;
    let reference = reference.as_int().ok()?;
    let restored = placement.restored(codes, |(low, high), place| if low == high { low } else { reference[place] });
    Some(Rc::new(Tensor::Int(*ty, restored)))
}

/// The reference's codes in the shape, order and type that the module has here; `own` is in the
/// node's order.
fn replacement(op: Op<'_>, placement: &Placement, codes: &Tensor, own: &Tensor) -> Option<Rc<Tensor>> {
    let ty = int_type(op.result(0).tensor_type()?.element)?;
    let shaped = layout::with_shape(codes, own.shape()).ok()?;
    Some(Rc::new(Tensor::Int(ty, placement.placed(shaped.as_int().ok()?))))
}

/// The reference's codes with the hardware's own where it never gives those; None if it can
/// give them all. Of a removed channel that nothing needs, the reference's codes are the hardware's, too.
fn possible(limits: &Limits, codes: &Tensor, own: &Tensor) -> Option<Tensor> {
    let Tensor::Int(ty, values) = codes else { return None };
    let own = own.as_int().ok()?;
    if values.len() != own.len() {
        return None;
    }
    let holds = |code: i64, (low, high): (i64, i64)| (low..=high).contains(&code);
    let triples = values.iter().zip(limits).zip(own);
    // Each code that is replaced is one that stays: the runs come to an end.
    let is_beyond = |code: i64, own: i64, limits| !holds(code, limits) && holds(own, limits);
    let mixed = triples.map(|((code, limits), own)| if is_beyond(*code, *own, *limits) { *own } else { *code });
    let mixed: Vec<i64> = mixed.collect();
    if values.iter().eq(&mixed) {
        return None;
    }
    Some(Tensor::Int(*ty, ArrayD::from_shape_vec(values.raw_dim(), mixed).ok()?))
}

/// The least and greatest code of each element.
type Limits = ArrayD<(i64, i64)>;

/// Those of a quantizer that was moved above a Concat, from its parts.
fn concatenated(parts: &[Limits], axis: i64, shape: &[usize]) -> Option<Limits> {
    let axis = layout::axis_index(axis, shape.len()).ok()?;
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    ndarray::concatenate(Axis(axis), &views).ok().filter(|all| all.shape() == shape)
}

/// In the order of the operation's node.
fn limits(op: Op<'_>, shape: &[usize]) -> Option<Limits> {
    let Some(requantize) = hls::Requantize::of(op) else {
        let range = op.result(0).tensor_type()?.element.range()?;
        return Some(ArrayD::from_elem(IxDyn(shape), range));
    };
    let own = forms_of(requantize)?.map(code_range).broadcast(IxDyn(shape))?.to_owned();
    Some(Placement::of(op).restored(&own, |codes, _| codes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::IntType;

    fn codes(values: &[i64]) -> Tensor {
        Tensor::int(IntType::signed(8), &[values.len()], values.to_vec()).unwrap()
    }

    #[test]
    fn only_codes_that_can_occur_take_another_ones_place() {
        let limits = ArrayD::from_shape_vec(IxDyn(&[2]), vec![(0, 4), (2, 3)]).unwrap();
        // The second is of a removed channel: filled with the reference's own code.
        assert_eq!(possible(&limits, &codes(&[5, 7]), &codes(&[4, 7])), Some(codes(&[4, 7])));
        assert_eq!(possible(&limits, &codes(&[4, 7]), &codes(&[4, 7])), None);
    }
}
