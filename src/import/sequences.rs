//! Sequences whose length and positions are known, and optionals that hold a tensor: lists of values at import, of which
//! nothing is left in the module. Others stay as they are and are reported by name.

use super::{
    ImportError,
    graph::Importer,
    node::{Context, Node},
};
use crate::eval::Tensor;
use qonnx_dialect::{Element, Value, qonnx};
use std::collections::HashMap;

/// No sequence is longer: each element is an operation.
const MAX_PARTS: usize = 4096;

/// The elements of each sequence by its name.
pub type Sequences<'c> = HashMap<String, Vec<Value<'c>>>;

type Results<'c> = Result<Option<Vec<Value<'c>>>, ImportError>;

/// Imports a node that makes a sequence, whose results are none, or takes one.
pub fn import<'m, 'c>(importer: &mut Importer<'m, 'c>, node: &Node<'m, 'c>) -> Results<'c> {
    if !node.domain().is_empty() {
        return Ok(None);
    }
    if let Some(elements) = made(importer, node)? {
        for element in &elements {
            importer.infer("element of a sequence", *element, node.proto.name())?;
        }
        let name = node.proto.output.first().cloned().unwrap_or_default();
        importer.sequences.insert(name, elements);
        return Ok(Some(Vec::new()));
    }
    taken(importer, node).map(|value| value.map(|value| vec![value]))
}

/// The elements of the sequence that operand 0 is.
fn operand<'r, 'c>(importer: &'r Importer<'_, 'c>, node: &Node<'_, 'c>) -> Option<&'r Vec<Value<'c>>> {
    importer.sequences.get(node.proto.input.first()?)
}

/// A position in a list of so many places, counted from the end if negative; None if it is not known.
fn position<'m, 'c>(
    importer: &Importer<'m, 'c>,
    node: &Node<'m, 'c>,
    index: usize,
    places: usize,
) -> Result<Option<usize>, ImportError> {
    let known = importer.context(node).known(node.operand(index)?).and_then(|position| position.only_value().ok());
    let Some(position) = known.map(|position| position as i64) else { return Ok(None) };
    let from_front = if position < 0 { position + places as i64 } else { position };
    match usize::try_from(from_front).ok().filter(|position| *position < places) {
        Some(position) => Ok(Some(position)),
        None => Err(node.error(format!("position {position} lies outside a sequence with {places} places"))),
    }
}

/// The elements of the sequence that a node makes. None if it makes none, or not one that is known.
fn made<'m, 'c>(importer: &Importer<'m, 'c>, node: &Node<'m, 'c>) -> Results<'c> {
    let cx = importer.context(node);
    match (node.op_type(), operand(importer, node)) {
        ("SequenceConstruct", _) => node.all_operands().map(Some),
        ("SequenceEmpty", _) => Ok(Some(Vec::new())),
        ("SplitToSequence", _) => split(&cx, node),
        ("Identity", Some(elements)) => Ok(Some(elements.clone())),
        ("SequenceInsert", Some(elements)) => {
            let mut elements = elements.clone();
            let place = match node.optional(2) {
                Some(_) => position(importer, node, 2, elements.len() + 1)?,
                None => Some(elements.len()),
            };
            let Some(place) = place else { return Ok(None) };
            elements.insert(place, node.operand(1)?);
            Ok(Some(elements))
        }
        ("SequenceErase", Some(elements)) => {
            let mut elements = elements.clone();
            let place = match node.optional(1) {
                Some(_) => position(importer, node, 1, elements.len())?,
                None => elements.len().checked_sub(1),
            };
            let Some(place) = place else { return Ok(None) };
            elements.remove(place);
            Ok(Some(elements))
        }
        _ => Ok(None),
    }
}

/// Parts of the given lengths, of one length (the last may be shorter), or of one element each.
fn split<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Results<'c> {
    let x = node.operand(0)?;
    let shape = node.extents(x)?;
    let axis = node.axis(node.proto.int("axis")?.unwrap_or(0), shape.len())?;
    let extent = node.positions(&[shape[axis]])?;
    let few = |parts: usize| match parts {
        ..=MAX_PARTS => Ok(()),
        _ => Err(node.error(format!("makes {parts} parts, expected at most {MAX_PARTS}"))),
    };
    let Some(lengths) = node.optional(1) else {
        few(extent)?;
        let keep = node.flag("keepdims", 1)?;
        let place = |index| if keep { Tensor::indices(vec![index]) } else { Tensor::scalar_int(index) };
        return Ok(Some((0..extent as i64).map(|index| cx.take(x, axis as i64, &place(index))).collect()));
    };
    let Some(known) = cx.known(lengths) else { return Ok(None) };
    let list = known.to_i64_vec().map_err(|problem| node.error(problem))?;
    let sizes = list.iter().map(|length| usize::try_from(*length).ok()).collect::<Option<Vec<_>>>().unwrap_or_default();
    let ends: Vec<usize> = match (known.rank(), &sizes[..]) {
        (0, [length]) if *length > 0 => {
            (1..=extent.div_ceil(*length)).map(|part| (part * length).min(extent)).collect()
        }
        (1, sizes) => sizes
            .iter()
            .scan(0usize, |end, size| {
                *end = end.saturating_add(*size);
                Some(*end)
            })
            .collect(),
        _ => Vec::new(),
    };
    if ends.last().copied().unwrap_or(0) != extent {
        return Err(node.error(format!("parts of {list:?} do not make up axis {axis} of {extent} elements")));
    }
    few(ends.len())?;
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let part =
        |(start, end): (usize, usize)| cx.take(x, axis as i64, &Tensor::indices((start as i64..end as i64).collect()));
    Ok(Some(starts.zip(ends.iter().copied()).map(part).collect()))
}

/// What a node takes from a sequence or an optional.
fn taken<'m, 'c>(importer: &Importer<'m, 'c>, node: &Node<'m, 'c>) -> Result<Option<Value<'c>>, ImportError> {
    let cx = importer.context(node);
    let elements = operand(importer, node);
    let names_nothing = node.proto.input.first().is_none_or(String::is_empty);
    Ok(match (node.op_type(), elements) {
        ("SequenceAt", Some(elements)) => {
            position(importer, node, 1, elements.len())?.and_then(|place| elements.get(place).copied())
        }
        ("SequenceLength", Some(elements)) => Some(cx.int64(elements.len() as i64)),
        ("ConcatFromSequence", Some(elements)) => Some(joined(&cx, node, elements)?),
        ("Optional" | "OptionalGetElement", None) => node.optional(0),
        ("OptionalHasElement", None) if node.optional(0).is_some() || names_nothing => {
            let has = i64::from(node.optional(0).is_some());
            Some(cx.constant(Element::Bool, &Tensor::scalar_int(has)))
        }
        _ => None,
    })
}

fn joined<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, elements: &[Value<'c>]) -> Result<Value<'c>, ImportError> {
    let axis = node.proto.int("axis")?.ok_or_else(|| node.error("has no axis"))?;
    if elements.is_empty() {
        return Err(node.error("joins a sequence without elements"));
    }
    if !node.flag("new_axis", 0)? {
        return Ok(cx.concat(elements, axis));
    }
    let single = |element: &Value<'c>| {
        qonnx::Unsqueeze::build(&cx.builder, *element, Some(cx.indices(&[axis])), [cx.like(*element)]).result()
    };
    Ok(cx.concat(&elements.iter().map(single).collect::<Vec<_>>(), axis))
}
