//! If, Loop and Scan whose course is known: the nodes of the branch that is taken, or of each step, stand in their
//! place. Where inputs decide, the node stays as it is and is reported by name.

use super::{
    ImportError,
    graph::{Importer, Scope},
    node::{Context, Node},
};
use crate::{eval::Tensor, onnx::proto::GraphProto};
use qonnx_dialect::{Value, qonnx};

/// No loop is unrolled further.
pub const MAX_STEPS: usize = 64;

type Results<'c> = Result<Option<Vec<Value<'c>>>, ImportError>;

/// Imports a node that has subgraphs.
pub fn import<'m, 'c>(importer: &mut Importer<'m, 'c>, scope: &Scope<'m, 'c>, node: &Node<'m, 'c>) -> Results<'c> {
    match (node.domain(), node.op_type()) {
        ("", "If") => branch(importer, scope, node),
        ("", "Loop") => unrolled_loop(importer, scope, node),
        ("", "Scan") if node.version >= 9 => unrolled_scan(importer, scope, node),
        _ => Ok(None),
    }
}

fn body<'m>(node: &Node<'m, '_>, name: &str) -> Result<&'m GraphProto, ImportError> {
    node.proto.subgraph(name)?.ok_or_else(|| node.error(format!("has no {name}")))
}

fn known_number<'m, 'c>(importer: &Importer<'m, 'c>, node: &Node<'m, 'c>, value: Value<'c>) -> Option<f64> {
    importer.context(node).known(value)?.only_value().ok()
}

fn branch<'m, 'c>(importer: &mut Importer<'m, 'c>, scope: &Scope<'m, 'c>, node: &Node<'m, 'c>) -> Results<'c> {
    let Some(condition) = known_number(importer, node, node.operand(0)?) else { return Ok(None) };
    let taken = body(node, if condition != 0.0 { "then_branch" } else { "else_branch" })?;
    importer.graph(taken, scope.clone()).map(Some)
}

/// One step: the body's outputs for these values of its inputs.
fn step<'m, 'c>(
    importer: &mut Importer<'m, 'c>,
    scope: &Scope<'m, 'c>,
    node: &Node<'m, 'c>,
    body: &'m GraphProto,
    inputs: &[Value<'c>],
) -> Result<Vec<Value<'c>>, ImportError> {
    if body.input.len() != inputs.len() {
        let (found, expected) = (body.input.len(), inputs.len());
        return Err(node.error(format!("its body has {found} inputs, expected {expected}")));
    }
    let mut scope = scope.clone();
    scope.extend(body.input.iter().map(|input| input.name()).zip(inputs.iter().copied()));
    importer.graph(body, scope)
}

/// The results of all steps along an axis.
fn stacked<'c>(cx: &Context<'_, 'c>, steps: &[Value<'c>], axis: i64) -> Value<'c> {
    let single = |step: &Value<'c>| {
        qonnx::Unsqueeze::build(&cx.builder, *step, Some(cx.indices(&[axis])), [cx.like(*step)]).result()
    };
    cx.concat(&steps.iter().map(single).collect::<Vec<_>>(), axis)
}

/// Body: (step, condition, state...) to (condition, state..., rows...).
fn unrolled_loop<'m, 'c>(importer: &mut Importer<'m, 'c>, scope: &Scope<'m, 'c>, node: &Node<'m, 'c>) -> Results<'c> {
    let known = |importer: &Importer<'m, 'c>, value: Option<Value<'c>>, default: f64| {
        value.map_or(Some(default), |value| known_number(importer, node, value))
    };
    let Some(limit) = known(importer, node.optional(0), f64::INFINITY) else { return Ok(None) };
    let Some(mut goes_on) = known(importer, node.optional(1), 1.0) else { return Ok(None) };
    let (body, carried) = (body(node, "body")?, node.operand_count().saturating_sub(2));
    let mut state = (2..node.operand_count()).map(|index| node.operand(index)).collect::<Result<Vec<_>, _>>()?;
    let mut rows: Vec<Vec<Value<'c>>> = vec![Vec::new(); node.proto.output.len().saturating_sub(carried)];
    let mut count = 0usize;
    while goes_on != 0.0 && (count as f64) < limit {
        if count == MAX_STEPS {
            return Err(node.error(format!("runs more than {MAX_STEPS} steps: unroll it in the model, or shorten it")));
        }
        let cx = importer.context(node);
        let condition = cx.constant(qonnx_dialect::Element::Bool, &Tensor::scalar_int(1));
        let index = crate::eval::convert::qonnx_constant(&cx.builder, &Tensor::scalar_int(count as i64));
        let inputs = [&[index, condition][..], &state].concat();
        for value in &inputs {
            importer.infer("loop state", *value, node.proto.name())?;
        }
        let outputs = step(importer, scope, node, body, &inputs)?;
        if outputs.len() != 1 + carried + rows.len() {
            return Err(node.error(format!(
                "its body has {} outputs, expected {}",
                outputs.len(),
                1 + carried + rows.len()
            )));
        }
        let Some(next) = known_number(importer, node, outputs[0]) else { return Ok(None) };
        (goes_on, state) = (next, outputs[1..=carried].to_vec());
        rows.iter_mut().zip(&outputs[carried + 1..]).for_each(|(rows, row)| rows.push(*row));
        count += 1;
    }
    if count == 0 && !rows.is_empty() {
        return Ok(None);
    }
    let cx = importer.context(node);
    state.extend(rows.iter().map(|rows| stacked(&cx, rows, 0)));
    Ok(Some(state))
}

/// Body: (state..., slices...) to (state..., rows...), for each slice of the inputs along their axes.
fn unrolled_scan<'m, 'c>(importer: &mut Importer<'m, 'c>, scope: &Scope<'m, 'c>, node: &Node<'m, 'c>) -> Results<'c> {
    let slices = usize::try_from(node.proto.int("num_scan_inputs")?.unwrap_or(0)).unwrap_or(0);
    let carried = node.operand_count().checked_sub(slices).filter(|_| slices > 0);
    let carried = carried.ok_or_else(|| node.error("num_scan_inputs does not fit its operands"))?;
    let outputs = node.proto.output.len().saturating_sub(carried);
    let list = |name, count| {
        let list = node.proto.ints(name)?.map_or_else(|| vec![0; count], <[i64]>::to_vec);
        if list.len() == count {
            Ok(list)
        } else {
            Err(node.error(format!("{name} has {} entries, expected {count}", list.len())))
        }
    };
    let (axes, directions) = (list("scan_input_axes", slices)?, list("scan_input_directions", slices)?);
    let (row_axes, row_directions) = (list("scan_output_axes", outputs)?, list("scan_output_directions", outputs)?);
    let mut state = (0..carried).map(|index| node.operand(index)).collect::<Result<Vec<_>, _>>()?;
    let inputs = (carried..node.operand_count()).map(|index| node.operand(index)).collect::<Result<Vec<_>, _>>()?;
    let shape = node.extents(inputs[0])?;
    let count = shape[node.axis(axes[0], shape.len())?];
    if count == 0 || count > MAX_STEPS {
        return Err(node.error(format!("runs {count} steps, expected 1 to {MAX_STEPS}")));
    }
    let body = body(node, "body")?;
    let mut rows: Vec<Vec<Value<'c>>> = vec![Vec::new(); outputs];
    for at in 0..count {
        let cx = importer.context(node);
        let slice = |((x, axis), backward): ((&Value<'c>, &i64), &i64)| {
            let place = if *backward != 0 { count - 1 - at } else { at };
            cx.take(*x, *axis, &Tensor::scalar_int(place as i64))
        };
        let taken: Vec<Value<'c>> = inputs.iter().zip(&axes).zip(&directions).map(slice).collect();
        for value in &taken {
            importer.infer("scan input", *value, node.proto.name())?;
        }
        let results = step(importer, scope, node, body, &[&state[..], &taken].concat())?;
        if results.len() != carried + outputs {
            return Err(node.error(format!("its body has {} outputs, expected {}", results.len(), carried + outputs)));
        }
        state = results[..carried].to_vec();
        rows.iter_mut().zip(&results[carried..]).for_each(|(rows, row)| rows.push(*row));
    }
    let cx = importer.context(node);
    for ((rows, axis), backward) in rows.iter_mut().zip(&row_axes).zip(&row_directions) {
        if *backward != 0 {
            rows.reverse();
        }
        state.push(stacked(&cx, rows, *axis));
    }
    Ok(Some(state))
}
