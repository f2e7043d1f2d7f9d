//! Subgraphs whose course is known.

use super::{Case, case};
use crate::onnx::proto::{
    AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto, attribute_proto::AttributeType,
};
use bytes::Bytes;

fn value(name: &str) -> ValueInfoProto {
    ValueInfoProto { name: Some(name.into()), ..Default::default() }
}

fn node(op_type: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        name: Some(format!("{op_type}_{output}")),
        op_type: Some(op_type.into()),
        input: inputs.iter().map(|name| name.to_string()).collect(),
        output: vec![output.into()],
        ..Default::default()
    }
}

fn body(inputs: &[&str], nodes: Vec<NodeProto>, outputs: &[&str]) -> GraphProto {
    GraphProto {
        name: Some("body".into()),
        input: inputs.iter().map(|name| value(name)).collect(),
        output: outputs.iter().map(|name| value(name)).collect(),
        node: nodes,
        initializer: vec![TensorProto {
            name: Some("two".into()),
            data_type: Some(1),
            raw_data: Some(Bytes::copy_from_slice(&2.0f32.to_le_bytes())),
            ..Default::default()
        }],
        ..Default::default()
    }
}

impl Case {
    fn graph(self, name: &str, graph: GraphProto) -> Self {
        self.attribute(name, AttributeType::Graph, AttributeProto { g: Some(graph), ..Default::default() })
    }

    /// What only subgraphs read.
    fn captured(mut self, count: usize) -> Self {
        self.node.input.truncate(count);
        self
    }
}

fn branches(condition: Case) -> Case {
    let arm = |op: &str| body(&[], vec![node(op, &["x", "two"], "out")], &["out"]);
    condition.graph("then_branch", arm("Mul")).graph("else_branch", arm("Add"))
}

#[test]
fn the_branch_that_is_taken_stands_for_if() {
    let decided =
        |condition| branches(case("If", 13).constant("c", 9, &[], vec![condition]).input("x", &[2]).captured(1));
    decided(1).maps(&[3.0, -1.0], &[6.0, -2.0]);
    decided(0).maps(&[3.0, -1.0], &[5.0, 1.0]);
    branches(case("If", 13).input("c", &[]).input("x", &[2]).captured(1)).stays_generic();
}

/// Adds x to a state, and puts out its double.
fn doubling() -> GraphProto {
    let nodes =
        vec![node("Identity", &["going"], "go"), node("Add", &["s", "x"], "t"), node("Mul", &["t", "two"], "row")];
    body(&["step", "going", "s"], nodes, &["go", "t", "row"])
}

fn counted(steps: i64) -> Case {
    let node = case("Loop", 13).constant("m", 7, &[], steps.to_le_bytes().to_vec()).absent().scalar("s0", 1.0);
    node.input("x", &[2]).captured(3).outputs(2).graph("body", doubling())
}

#[test]
fn steps_stand_for_a_loop() {
    let outputs = counted(3).outputs_for(&[&[0.5, -1.0]]);
    assert_eq!(outputs, [vec![2.5, -2.0], vec![3.0, 0.0, 4.0, -2.0, 5.0, -4.0]]);
    counted(65).fails_with("runs more than 64 steps");
    counted(0).stays_generic();
}

#[test]
fn slices_stand_for_a_scan() {
    let nodes = vec![node("Add", &["s", "slice"], "t"), node("Mul", &["t", "two"], "row")];
    let scan = case("Scan", 9).floats("s0", &[2], &[0.0, 10.0]).input("x", &[3, 2]).outputs(2);
    let scan = scan.int("num_scan_inputs", 1).ints("scan_input_directions", &[1]);
    let scan = scan.graph("body", body(&["s", "slice"], nodes, &["t", "row"]));
    let outputs = scan.outputs_for(&[&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]);
    assert_eq!(outputs, [vec![9.0, 22.0], vec![10.0, 32.0, 16.0, 40.0, 18.0, 44.0]]);
}
