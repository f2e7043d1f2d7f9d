//! The graph of a model as rows of boxes: what depends on nothing above, arrows downwards.

use crate::driver::evaluate::main_function;
use qonnx_dialect::{Op, OpKind, Value};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// An operator of the graph.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// The ONNX node's name.
    pub name: String,
    /// The operator: the mnemonic of its operation.
    pub operator: String,
    /// Type of its first result.
    pub result: String,
    /// Nodes that it takes results of, by position in the list.
    pub inputs: Vec<usize>,
}

/// The operators that depend on the graph's inputs, in order.
pub fn nodes(module: Op<'_>) -> Vec<Node> {
    let Ok(main) = main_function(module) else { return Vec::new() };
    let mut open: HashSet<Value<'_>> = main.arguments().into_iter().collect();
    let mut makers: HashMap<Value<'_>, usize> = HashMap::new();
    let mut nodes = Vec::new();
    for op in main.body() {
        let depends = op.operands().iter().any(|operand| open.contains(operand));
        if !depends || op.name() == "func.return" || op.kind() == OpKind::Other {
            continue;
        }
        let mut inputs: Vec<usize> = op.operands().iter().filter_map(|value| makers.get(value).copied()).collect();
        inputs.sort_unstable();
        inputs.dedup();
        makers.extend(op.results().into_iter().map(|result| (result, nodes.len())));
        open.extend(op.results());
        let ty = op.results().first().and_then(|result| result.tensor_type());
        let operator = op.name().split('.').next_back().unwrap_or_default().to_string();
        let result = ty.map_or_else(String::new, |ty| ty.to_string().trim_start_matches("tensor").to_string());
        nodes.push(Node { name: op.node_name(), operator, result, inputs });
    }
    nodes
}

/// A box of the picture.
pub struct Placed {
    /// Column and row.
    pub column: usize,
    /// As far down as the longest path to it.
    pub row: usize,
}

/// Rows by the longest path, columns in the order of what stands above.
pub fn layout(nodes: &[Node]) -> Vec<Placed> {
    let mut rows = vec![0; nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        rows[index] = node.inputs.iter().map(|input| rows[*input] + 1).max().unwrap_or(0);
    }
    let depth = rows.iter().max().map_or(0, |last| last + 1);
    let mut placed: Vec<Placed> = rows.iter().map(|row| Placed { column: 0, row: *row }).collect();
    for row in 0..depth {
        let mut members: Vec<usize> = (0..nodes.len()).filter(|index| rows[*index] == row).collect();
        let above = |index: &usize| {
            let inputs = &nodes[*index].inputs;
            let columns: usize = inputs.iter().map(|input| placed[*input].column).sum();
            1000 * columns / inputs.len().max(1)
        };
        members.sort_by_key(above);
        for (column, index) in members.into_iter().enumerate() {
            placed[index].column = column;
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_stand_side_by_side_and_meet_below() {
        let node = |inputs: &[usize]| Node {
            name: String::new(),
            operator: String::new(),
            result: String::new(),
            inputs: inputs.to_vec(),
        };
        let nodes = [node(&[]), node(&[0]), node(&[0]), node(&[1, 2]), node(&[0, 3])];
        let places: Vec<(usize, usize)> = layout(&nodes).iter().map(|place| (place.column, place.row)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (1, 1), (0, 2), (0, 3)]);
    }
}
