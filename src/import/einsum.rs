//! Einsum as transposes, views and matrix products, two operands at a time.
//!
//! Of two terms, labels in both that the rest still needs are a batch, labels in both that nothing needs are summed
//! by the product, labels in one are its rows or columns. Labels of one term that nothing else needs are summed before.

use super::{
    ImportError,
    node::{Context, Node},
};
use crate::onnx::quoted;
use ndarray::{ArrayD, Dimension, IxDyn};
use qonnx_dialect::{Reduction, Value};
use std::collections::VecDeque;

/// A tensor with a label an axis; once its diagonal is taken no two of them are equal.
struct Term<'c> {
    value: Value<'c>,
    labels: Vec<char>,
    /// The extents; None where not known.
    dims: Vec<Option<usize>>,
}

/// Imports a node of this family.
pub fn import<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>) -> Result<Option<Vec<Value<'c>>>, ImportError> {
    if node.op_type() != "Einsum" {
        return Ok(None);
    }
    let equation = node.proto.string("equation")?.ok_or_else(|| node.error("has no equation"))?;
    let equation: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (equation.as_str(), None),
    };
    let mut terms = Vec::new();
    let operands = node.all_operands()?;
    if left.split(',').count() != operands.len() {
        return Err(node.error(format!("equation {} has not a term an operand", quoted(&equation))));
    }
    for (term, value) in left.split(',').zip(operands) {
        terms.push(term_of(node, term, value)?);
    }
    let output = match right {
        Some(right) => labels_of(node, right, most_open(&terms))?,
        None => implicit_output(&terms),
    };
    let terms = terms.into_iter().map(|term| diagonal(cx, node, term)).collect::<Result<_, _>>()?;
    contract(cx, node, terms, &output).map(|value| Some(vec![value]))
}

/// Stands for the axis `index` from the end that an ellipsis covers.
fn open_label(index: usize) -> char {
    char::from_u32(0xE000 + index as u32).unwrap_or('\u{E000}')
}

fn is_open(label: char) -> bool {
    label >= '\u{E000}'
}

fn most_open(terms: &[Term<'_>]) -> usize {
    terms.iter().map(|term| term.labels.iter().filter(|label| is_open(**label)).count()).max().unwrap_or(0)
}

/// The labels of a term whose ellipsis covers `open` axes.
fn labels_of(node: &Node<'_, '_>, term: &str, open: usize) -> Result<Vec<char>, ImportError> {
    let ellipsis: String = (0..open).rev().map(open_label).collect();
    let labels: Vec<char> = term.replacen("...", &ellipsis, 1).chars().collect();
    match labels.iter().find(|label| !label.is_ascii_alphabetic() && !is_open(**label)) {
        Some(label) => Err(node.error(format!("its equation has {} for a label", quoted(&label.to_string())))),
        None => Ok(labels),
    }
}

fn term_of<'c>(node: &Node<'_, 'c>, term: &str, value: Value<'c>) -> Result<Term<'c>, ImportError> {
    let shape = value.tensor_type().and_then(|ty| ty.shape);
    let dims = shape.ok_or_else(|| node.error("its operand's rank is not known"))?;
    let named = term.chars().filter(|label| *label != '.').count();
    let misfit =
        || node.error(format!("term {} of its equation does not fit an operand of rank {}", quoted(term), dims.len()));
    let open = dims.len().checked_sub(named).ok_or_else(misfit)?;
    let labels = labels_of(node, term, open)?;
    if labels.len() != dims.len() {
        return Err(misfit());
    }
    Ok(Term { value, labels, dims })
}

/// Takes the diagonal of axes with one label.
fn diagonal<'c>(cx: &Context<'_, 'c>, node: &Node<'_, 'c>, term: Term<'c>) -> Result<Term<'c>, ImportError> {
    let mut labels = term.labels.clone();
    labels.sort_unstable();
    labels.dedup();
    if labels.len() == term.labels.len() {
        return Ok(term);
    }
    let shape = node.extents(term.value)?;
    let extent = |label: &char| {
        let extents = term.labels.iter().zip(&shape).filter(|(other, _)| *other == label).map(|(_, extent)| *extent);
        extents.min().unwrap_or(0)
    };
    let dims: Vec<usize> = labels.iter().map(extent).collect();
    node.positions(&dims)?;
    let place = |at: IxDyn| {
        let index = |label: &char| labels.iter().position(|other| other == label).map_or(0, |axis| at.slice()[axis]);
        term.labels.iter().zip(&shape).fold(0, |place, (label, extent)| place * extent + index(label)) as i64
    };
    let places = ArrayD::from_shape_fn(IxDyn(&dims), place);
    Ok(Term { value: cx.take_flat(term.value, places), labels, dims: dims.into_iter().map(Some).collect() })
}

/// The axes of ellipses, then the labels that occur once, in the order of the alphabet.
fn implicit_output(terms: &[Term<'_>]) -> Vec<char> {
    let all: Vec<char> = terms.iter().flat_map(|term| term.labels.iter().copied()).collect();
    let open = (0..most_open(terms)).rev().map(open_label);
    let mut once: Vec<char> = all.iter().copied().filter(|label| !is_open(*label)).collect();
    once.retain(|label| all.iter().filter(|other| *other == label).count() == 1);
    once.sort_unstable();
    open.chain(once).collect()
}

fn contract<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    mut rest: VecDeque<Term<'c>>,
    output: &[char],
) -> Result<Value<'c>, ImportError> {
    let mut result = rest.pop_front().ok_or_else(|| node.error("has no operand"))?;
    loop {
        let needed = |label: &char| output.contains(label) || rest.iter().any(|term| term.labels.contains(label));
        result = summed(cx, result, needed);
        let Some(next) = rest.pop_front() else { break };
        let needed = |label: &char| output.contains(label) || rest.iter().any(|term| term.labels.contains(label));
        let next = summed(cx, next, |label| needed(label) || result.labels.contains(label));
        result = product(cx, node, result, next, needed)?;
    }
    if let Some(label) = output.iter().find(|label| !result.labels.contains(label)) {
        return Err(node.error(format!("label '{label}' of the result is in no term of its equation")));
    }
    Ok(cx.transpose(result.value, &order(&result, output)))
}

/// The axes of a term in the order of these labels.
fn order(term: &Term<'_>, labels: &[char]) -> Vec<i64> {
    let axis = |label: &char| term.labels.iter().position(|other| other == label).map(|axis| axis as i64);
    labels.iter().filter_map(axis).collect()
}

/// Without the labels that nothing needs.
fn summed<'c>(cx: &Context<'_, 'c>, term: Term<'c>, needed: impl Fn(&char) -> bool) -> Term<'c> {
    let (kept, gone): (Vec<usize>, Vec<usize>) = (0..term.labels.len()).partition(|axis| needed(&term.labels[*axis]));
    if gone.is_empty() {
        return term;
    }
    let axes: Vec<i64> = gone.iter().map(|axis| *axis as i64).collect();
    Term {
        value: cx.reduce(Reduction::Sum, term.value, &axes, false),
        labels: kept.iter().map(|axis| term.labels[*axis]).collect(),
        dims: kept.iter().map(|axis| term.dims[*axis]).collect(),
    }
}

/// The matrix product of two terms whose labels are all needed, or in both.
fn product<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    a: Term<'c>,
    b: Term<'c>,
    needed: impl Fn(&char) -> bool,
) -> Result<Term<'c>, ImportError> {
    let select = |term: &Term<'c>, keep: &dyn Fn(&char) -> bool| -> Vec<char> {
        term.labels.iter().copied().filter(|label| keep(label)).collect()
    };
    let batch = select(&a, &|label| b.labels.contains(label) && needed(label));
    let inner = select(&a, &|label| b.labels.contains(label) && !needed(label));
    let rows = select(&a, &|label| !b.labels.contains(label));
    let columns = select(&b, &|label| !a.labels.contains(label));
    // More rows than one axis need not be joined where a matrix stands at the right.
    let stack = batch.is_empty() && rows.len() > 1 && inner.len() == 1 && columns.len() == 1;
    let left = match stack {
        true => cx.transpose(a.value, &order(&a, &[&rows[..], &inner].concat())),
        false => matrix(cx, node, &a, [&batch, &rows, &inner])?,
    };
    let right = matrix(cx, node, &b, [&batch, &inner, &columns])?;
    // Without a sum the product is elementwise.
    let value = if inner.is_empty() { cx.mul(left, right) } else { cx.matmul(left, right) };
    let is_matrix = stack || rows.len() == 1 && columns.len() == 1;
    let labels = [batch, rows, columns].concat();
    let extent = |label: &char| {
        let of = |term: &Term<'c>| Some(term.dims[term.labels.iter().position(|other| other == label)?]);
        match (of(&a), of(&b)) {
            (Some(Some(1)), Some(other)) | (Some(other), None) | (None, Some(other)) => other,
            (Some(dim), Some(_)) => dim,
            (None, None) => None,
        }
    };
    let dims: Vec<Option<usize>> = labels.iter().map(extent).collect();
    let value = if is_matrix { value } else { cx.reshape(value, &target(node, &dims)?) };
    Ok(Term { value, labels, dims })
}

/// A term with its axes in groups: those of the first stay, each of the two others becomes one axis.
fn matrix<'c>(
    cx: &Context<'_, 'c>,
    node: &Node<'_, 'c>,
    term: &Term<'c>,
    [batch, outer, inner]: [&[char]; 3],
) -> Result<Value<'c>, ImportError> {
    let labels = [batch, outer, inner].concat();
    let value = cx.transpose(term.value, &order(term, &labels));
    if outer.len() == 1 && inner.len() == 1 {
        return Ok(value);
    }
    let extent = |label: &char| term.dims[term.labels.iter().position(|other| other == label)?];
    let joined = |group: &[char]| group.iter().map(extent).product::<Option<usize>>();
    let dims: Vec<Option<usize>> = batch.iter().map(extent).chain([joined(outer), joined(inner)]).collect();
    Ok(cx.reshape(value, &target(node, &dims)?))
}

/// The shape for a reshape, which can leave one extent open.
fn target(node: &Node<'_, '_>, dims: &[Option<usize>]) -> Result<Vec<i64>, ImportError> {
    if dims.iter().filter(|dim| dim.is_none()).count() > 1 {
        return Err(node.error("more than one extent of its operands is not known"));
    }
    Ok(dims.iter().map(|dim| dim.map_or(-1, |dim| dim as i64)).collect())
}
