use super::super::super::proto::attribute_proto::AttributeType;
use super::super::super::proto::{AttributeProto, GraphProto, ValueInfoProto};
use super::*;

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

/// `name: op_type(inputs) -> outputs` in domain `local`.
fn node(name: &str, op_type: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        name: Some(name.into()),
        op_type: Some(op_type.into()),
        domain: Some("local".into()),
        input: strings(inputs),
        output: strings(outputs),
        ..Default::default()
    }
}

fn function(name: &str, inputs: &[&str], outputs: &[&str], nodes: Vec<NodeProto>) -> FunctionProto {
    FunctionProto {
        name: Some(name.into()),
        domain: Some("local".into()),
        input: strings(inputs),
        output: strings(outputs),
        node: nodes,
        ..Default::default()
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.into()),
        r#type: Some(AttributeType::Int.into()),
        i: Some(value),
        ..Default::default()
    }
}

fn reference(name: &str, to: &str) -> AttributeProto {
    AttributeProto { ref_attr_name: Some(to.into()), i: None, ..int(name, 0) }
}

fn inlined(nodes: Vec<NodeProto>, functions: Vec<FunctionProto>) -> Result<GraphProto, String> {
    let graph = Some(GraphProto { node: nodes, ..Default::default() });
    let mut model = ModelProto { graph, functions, ..Default::default() };
    inline(&mut model).map_err(|error| error.to_string())?;
    Ok(model.graph.unwrap_or_default())
}

/// The graph's nodes, one `name:op(inputs)->outputs` each.
fn text(graph: &GraphProto) -> Vec<String> {
    let line = |node: &NodeProto| {
        let (inputs, outputs) = (node.input.join(","), node.output.join(","));
        format!("{}:{}({inputs})->{outputs}", node.name(), node.op_type())
    };
    graph.node.iter().map(line).collect()
}

#[test]
fn intermediates_get_names_of_their_own() {
    let body = vec![node("", "A", &["p"], &["t"]), node("b", "B", &["t", "q"], &["r"])];
    let calls =
        vec![node("f", "F", &["x"], &["y"]), node("g", "F", &["y", "f/t"], &["z"]), node("c", "C", &[], &["f/t"])];
    let graph = inlined(calls, vec![function("F", &["p", "q"], &["r"], body)]).unwrap();
    let expected = ["f/A_0:A(x)->f/t_1", "f/b:B(f/t_1,)->y", "g/A_0:A(y)->g/t", "g/b:B(g/t,f/t)->z", "c:C()->f/t"];
    assert_eq!(text(&graph), expected);
}

#[test]
fn functions_call_functions_and_inputs_pass_through() {
    let inner = function("Inner", &["p"], &["p", "t", "t"], vec![node("a", "A", &["p"], &["t"])]);
    let call = node("i", "Inner", &["p"], &["q", "r", "s"]);
    let outer = function("Outer", &["p"], &["q", "r", "s"], vec![call]);
    let graph = inlined(vec![node("o", "Outer", &["x"], &["y", "", "z"])], vec![inner, outer]);
    let expected = ["o/i/a:A(x)->o/r", "o/i/Identity_p:Identity(x)->y", "o/i/Identity_t:Identity(o/r)->z"];
    assert_eq!(text(&graph.unwrap()), expected);
}

#[test]
fn attributes_come_from_the_call_or_the_default() {
    let mut relu = node("a", "A", &["p"], &["r"]);
    relu.attribute = vec![reference("i", "given"), reference("j", "default"), reference("k", "absent")];
    let mut f = function("F", &["p"], &["r"], vec![relu]);
    f.attribute = strings(&["given", "absent"]);
    f.attribute_proto = vec![int("default", 7)];
    let mut call = node("f", "F", &["x"], &["y"]);
    call.attribute = vec![int("given", 3)];
    let graph = inlined(vec![call.clone()], vec![f.clone()]).unwrap();
    assert_eq!(graph.node[0].attribute, [int("i", 3), int("j", 7)]);

    call.attribute[0].r#type = Some(AttributeType::Float.into());
    let message = inlined(vec![call.clone()], vec![f.clone()]).unwrap_err();
    assert!(message.contains("attribute 'i' of node 'a' has another type"));
    call.attribute[0] = int("unknown", 1);
    assert!(inlined(vec![call], vec![f]).unwrap_err().contains("no attribute 'unknown'"));
}

#[test]
fn subgraphs_are_renamed_with_the_body() {
    let named = |name: &str| ValueInfoProto { name: Some(name.into()), ..Default::default() };
    let branch =
        GraphProto { node: vec![node("n", "N", &["p", "t"], &["u"])], output: vec![named("u")], ..Default::default() };
    let mut branching = node("if", "If", &[], &["r"]);
    branching.attribute.push(AttributeProto { g: Some(branch), ..Default::default() });
    let body = vec![node("a", "A", &[], &["t"]), branching];
    let graph = inlined(vec![node("f", "F", &["x"], &["y"])], vec![function("F", &["p"], &["r"], body)]);
    let graph = graph.unwrap();
    let branch = subgraphs::of(&graph.node[1]).next().unwrap();
    assert_eq!(text(branch), ["n:N(x,f/t)->f/u"]);
    assert_eq!(branch.output[0].name(), "f/u");
}

#[test]
fn recursion_is_refused() {
    let f = function("F", &[], &[], vec![node("g", "G", &[], &[])]);
    let g = function("G", &[], &[], vec![node("f", "F", &[], &[])]);
    let message = inlined(vec![node("n", "F", &[], &[])], vec![f, g]).unwrap_err();
    assert!(message.contains("'local::F' -> 'local::G' -> 'local::F'"), "{message}");
}

#[test]
fn exponential_functions_are_refused() {
    // 10^20 calls of an empty function in 21 functions of ten nodes.
    let mut functions = vec![function("F0", &[], &[], vec![])];
    for level in 1..=20 {
        let callee = format!("F{}", level - 1);
        let calls = (0..10).map(|index| node(&format!("n{index}"), &callee, &[], &[]));
        functions.push(function(&format!("F{level}"), &[], &[], calls.collect()));
    }
    let message = inlined(vec![node("n", "F20", &[], &[])], functions).unwrap_err();
    assert!(message.contains("passes 200000 nodes"), "{message}");
}

#[test]
fn wrong_bodies_and_calls_are_refused() {
    let call = |inputs: &[&str]| vec![node("n", "F", inputs, &["y"])];
    let message = |call, body| inlined(call, vec![function("F", &["p"], &["r"], body)]).unwrap_err();
    let a = |input: &str, output: &str| node("a", "A", &[input], &[output]);
    assert!(message(call(&["x", "x"]), vec![]).contains("passes 2 inputs"));
    assert!(message(call(&["x"]), vec![]).contains("reads tensor 'r'"));
    assert!(message(call(&["x"]), vec![a("gone", "r")]).contains("reads tensor 'gone'"));
    assert!(message(call(&["x"]), vec![a("p", "p")]).contains("defines tensor 'p' twice"));
    let twice = vec![a("p", "r"), a("p", "r")];
    assert!(message(call(&["x"]), twice).contains("defines tensor 'r' twice"));
}

#[test]
fn opsets_must_agree() {
    let import = |version| OperatorSetIdProto { domain: None, version: Some(version) };
    let mut f = function("F", &[], &[], vec![]);
    f.opset_import = vec![import(17)];
    let graph = Some(GraphProto { node: vec![node("n", "F", &[], &[])], ..Default::default() });
    let mut model = ModelProto { graph, functions: vec![f], ..Default::default() };
    model.opset_import = vec![import(13)];
    let message = inline(&mut model).unwrap_err().to_string();
    assert!(message.contains("opset 17, the model at 13"));
}

#[test]
fn quantizers_that_the_importer_knows_stay() {
    let mut quant = node("q", "Quant", &["x"], &["y"]);
    quant.domain = Some("qonnx.custom_op.general".into());
    let mut f = function("Quant", &["p"], &["p"], vec![]);
    f.domain.clone_from(&quant.domain);
    assert_eq!(text(&inlined(vec![quant], vec![f]).unwrap()), ["q:Quant(x)->y"]);
}
