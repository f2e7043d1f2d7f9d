//! Whole files: the model corpus, and damaged copies of a small model.

use std::collections::BTreeMap;
use std::panic;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use prost::Message;

use super::proto::attribute_proto::AttributeType;
use super::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, SparseTensorProto,
    StringStringEntryProto, TensorProto, ValueInfoProto,
};
use super::{Model, decode, load, normalize};

/// Normalizes a model and decodes every tensor of its main graph.
fn process(mut model: Model) -> Result<Model, String> {
    normalize(&mut model).map_err(|error| error.to_string())?;
    for tensor in &model.graph().initializer {
        decode(tensor, &model.directory).map_err(|error| error.to_string())?;
    }
    for attribute in model.graph().node.iter().flat_map(|node| &node.attribute) {
        if let Some(tensor) = &attribute.t {
            decode(tensor, &model.directory).map_err(|error| error.to_string())?;
        }
    }
    Ok(model)
}

fn process_file(path: &Path) -> Result<Model, String> {
    process(load(path).map_err(|error| error.to_string())?)
}

/// The folder of models with a `manifest.json`, if this machine has one.
fn corpus() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models");
    let folder = std::env::var_os("QONNX_MODELS").map_or_else(default, PathBuf::from);
    folder.join("manifest.json").is_file().then_some(folder)
}

/// File and `expect` (empty if there is none) of every entry of the manifest.
fn manifest(folder: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let lists = ["zoo", "brevitas", "ops", "malformed"].map(|list| manifest[list].as_array());
    let entries = lists.into_iter().flatten().flatten();
    let text = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap_or("").to_string();
    entries.map(|entry| (text(entry, "file"), text(entry, "expect"))).collect()
}

#[test]
fn corpus_loads_unless_it_is_to_be_refused() {
    let Some(folder) = corpus() else {
        eprintln!("skipped: no models (set QONNX_MODELS to a folder with manifest.json)");
        return;
    };
    let (mut loaded, mut refused, mut wrong) = (0, 0, Vec::new());
    for (file, expect) in manifest(&folder) {
        match process_file(&folder.join(&file)) {
            Ok(_) => loaded += 1,
            Err(message) => {
                refused += 1;
                eprintln!("{file} ({expect}): {message}");
                if expect != "reject" && expect != "either" {
                    wrong.push(file);
                }
            }
        }
    }
    eprintln!("{loaded} loaded, {refused} refused");
    assert!(wrong.is_empty(), "valid models were refused: {wrong:?}");
    assert!(loaded > 0);
}

fn tensor(name: &str, data_type: i32, raw_data: &'static [u8]) -> TensorProto {
    TensorProto {
        name: Some(name.into()),
        data_type: Some(data_type),
        dims: vec![1],
        raw_data: Some(raw_data.into()),
        ..Default::default()
    }
}

fn node(op_type: &str, domain: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        op_type: Some(op_type.into()),
        domain: Some(domain.into()),
        input: inputs.iter().map(|input| input.to_string()).collect(),
        output: vec![output.into()],
        ..Default::default()
    }
}

/// A model with something of everything: a function, a subgraph, external and sparse data.
fn small_model() -> ModelProto {
    let value = |name: &str| ValueInfoProto { name: Some(name.into()), ..Default::default() };
    let import = |domain: &str| OperatorSetIdProto { domain: Some(domain.into()), version: Some(13) };
    let location = StringStringEntryProto { key: Some("location".into()), value: Some("w".into()) };
    let external =
        TensorProto { external_data: vec![location], data_location: Some(1), raw_data: None, ..tensor("e", 1, &[]) };
    let sparse = SparseTensorProto {
        values: Some(tensor("s", 1, &[0, 0, 128, 63])),
        indices: Some(tensor("", 7, &[1, 0, 0, 0, 0, 0, 0, 0])),
        dims: vec![2, 2],
    };
    let branch = GraphProto {
        node: vec![node("Add", "", &["a", "s"], "inner")],
        output: vec![value("inner")],
        ..Default::default()
    };
    let mut branching = node("If", "", &["x"], "y");
    branching.attribute.push(AttributeProto {
        name: Some("then_branch".into()),
        r#type: Some(AttributeType::Graph.into()),
        g: Some(branch),
        ..Default::default()
    });
    let function = FunctionProto {
        name: Some("F".into()),
        domain: Some("local".into()),
        input: vec!["p".into()],
        output: vec!["q".into()],
        node: vec![node("Relu", "", &["p"], "t"), node("Neg", "", &["t"], "q")],
        opset_import: vec![import("")],
        ..Default::default()
    };
    let graph = GraphProto {
        name: Some("g".into()),
        node: vec![branching, node("F", "local", &["x"], "a"), node("Add", "", &["a", "e"], "z")],
        input: vec![value("x")],
        output: vec![value("y"), value("z")],
        initializer: vec![external, tensor("i", 22, &[0x7f])],
        sparse_initializer: vec![sparse],
        ..Default::default()
    };
    ModelProto {
        ir_version: Some(8),
        opset_import: vec![import(""), import("local")],
        graph: Some(graph),
        functions: vec![function],
        ..Default::default()
    }
}

#[test]
fn the_deepest_subgraphs_that_are_read_fit_the_stack() {
    let mut model = small_model();
    let graph = model.graph.as_mut().unwrap();
    graph.initializer[0] = tensor("e", 1, &[0; 4]);
    let mut branch = graph.node[0].attribute[0].clone();
    for depth in 0..27 {
        let output = format!("deep{depth}");
        let mut outer = graph.node[0].clone();
        (outer.attribute, outer.output) = (vec![branch], vec![output.clone()]);
        let mut subgraph = GraphProto { node: vec![outer], ..Default::default() };
        let name = Some(output);
        subgraph.output.push(ValueInfoProto { name, ..Default::default() });
        let g = Some(subgraph);
        branch = AttributeProto { g, ..graph.node[0].attribute[0].clone() };
    }
    graph.node[0].attribute[0] = branch;
    process_bytes(model.encode_to_vec()).unwrap();
}

fn process_bytes(file: Vec<u8>) -> Result<Model, String> {
    let model = Model::from_bytes(file.into(), PathBuf::from("."));
    process(model.map_err(|error| error.to_string())?)
}

#[test]
fn tensor_data_is_shared_with_the_file() {
    let file = Bytes::from(small_model().encode_to_vec());
    let range = file.as_ptr_range();
    let model = Model::from_bytes(file, PathBuf::from(".")).unwrap();
    let raw = model.graph().initializer[1].raw_data();
    assert!(range.contains(&raw.as_ptr()));
}

/// Marsaglia's xorshift64.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize
}

#[test]
fn damaged_files_are_refused_without_a_panic() {
    let mut whole = small_model();
    let missing = process_bytes(whole.encode_to_vec()).unwrap_err();
    assert!(missing.starts_with("tensor 'e': external data at 'w' cannot be read"), "{missing}");
    whole.graph.as_mut().unwrap().initializer[0] = tensor("e", 1, &[0; 4]);
    let file = whole.encode_to_vec();
    process_bytes(file.clone()).unwrap();

    let mut state = 0x9e37_79b9_7f4a_7c15;
    let mut refused = 0;
    for round in 0..4000 {
        let mut damaged = file.clone();
        if round % 4 == 0 {
            damaged.truncate(random(&mut state) % file.len());
        }
        for _ in 0..=round % 3 {
            let place = random(&mut state) % file.len();
            if let Some(byte) = damaged.get_mut(place) {
                *byte ^= 1 << (random(&mut state) % 8);
            }
        }
        let copy = damaged.clone();
        match panic::catch_unwind(|| process_bytes(damaged).map(drop)) {
            Ok(result) => refused += usize::from(result.is_err()),
            Err(_) => panic!("round {round} panics on {copy:02x?}"),
        }
    }
    assert!((1000..4000).contains(&refused), "{refused} of 4000 refused");
}
