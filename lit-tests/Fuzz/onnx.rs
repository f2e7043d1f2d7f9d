//! Mutants of ONNX files: fields of the model where it can be decoded, bytes otherwise.

use super::mutant::{Choices, mutate_bytes};
use prost::Message;
use qonnxc::onnx::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto,
    tensor_shape_proto::{Dimension, dimension},
    type_proto,
};

/// Operators of all families, to stand where another did.
const OP_TYPES: [&str; 48] = [
    "Add",
    "ArgMax",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Clip",
    "Concat",
    "Conv",
    "ConvTranspose",
    "CumSum",
    "DepthToSpace",
    "DequantizeLinear",
    "Div",
    "Einsum",
    "Expand",
    "Flatten",
    "GRU",
    "Gather",
    "GatherElements",
    "GatherND",
    "Gemm",
    "LSTM",
    "LayerNormalization",
    "MatMul",
    "MaxPool",
    "Mul",
    "OneHot",
    "Pad",
    "Pow",
    "Quant",
    "QuantizeLinear",
    "Range",
    "ReduceMean",
    "ReduceSum",
    "Reshape",
    "Resize",
    "ScatterND",
    "Shape",
    "Sigmoid",
    "Slice",
    "Softmax",
    "SpaceToDepth",
    "Split",
    "Squeeze",
    "Tile",
    "TopK",
    "Transpose",
    "Where",
];

/// A mutant of a file.
pub fn mutated(file: &[u8], choices: &mut Choices) -> Vec<u8> {
    let decoded = ModelProto::decode(file).ok().filter(|_| choices.below(8) > 0);
    let Some(mut model) = decoded else {
        let mut bytes = file.to_vec();
        (0..choices.count()).for_each(|_| mutate_bytes(&mut bytes, choices));
        return bytes;
    };
    for _ in 0..choices.count() {
        mutate(&mut model, choices);
    }
    model.encode_to_vec()
}

fn mutate(model: &mut ModelProto, choices: &mut Choices) {
    if choices.below(30) == 0
        && let Some(opset) = choices.mutable(&mut model.opset_import)
    {
        opset.version = Some(1 + choices.below(25) as i64);
        return;
    }
    let Some(graph) = model.graph.as_mut() else { return };
    match choices.below(10) {
        0 => mutate_nodes(graph, choices),
        1 => input(&mut graph.input, choices),
        2 | 3 => {
            if let Some(tensor) = choices.mutable(&mut graph.initializer) {
                mutate_tensor(tensor, choices);
            }
        }
        _ => {
            let names = names(graph);
            if let Some(node) = choices.mutable(&mut graph.node) {
                mutate_node(node, &names, choices);
            }
        }
    }
}

fn names(graph: &GraphProto) -> Vec<String> {
    let initializers = graph.initializer.iter().map(|tensor| tensor.name().to_string());
    let inputs = graph.input.iter().map(|input| input.name().to_string());
    let results = graph.node.iter().flat_map(|node| node.output.iter().cloned());
    initializers.chain(inputs).chain(results).chain([String::new()]).collect()
}

/// A node more, or less.
fn mutate_nodes(graph: &mut GraphProto, choices: &mut Choices) {
    let at = choices.below(graph.node.len());
    if graph.node.is_empty() {
        return;
    }
    let node = graph.node.remove(at);
    if choices.below(2) == 0 {
        graph.node.insert(at, NodeProto { input: node.output.iter().take(1).cloned().collect(), ..node.clone() });
        graph.node.insert(at, node);
    }
}

fn input(inputs: &mut [ValueInfoProto], choices: &mut Choices) {
    let ty = choices.mutable(inputs).and_then(|input| input.r#type.as_mut()).and_then(|ty| ty.value.as_mut());
    let Some(type_proto::Value::TensorType(tensor)) = ty else { return };
    if choices.below(6) == 0 {
        tensor.elem_type = Some(choices.below(24) as i32);
    }
    let Some(shape) = tensor.shape.as_mut() else { return };
    match choices.below(5) {
        0 => drop(shape.dim.pop()),
        1 => shape.dim.push(dimension(choices.below(4) as i64)),
        _ => {
            if let Some(dim) = choices.mutable(&mut shape.dim) {
                let old = if let Some(dimension::Value::DimValue(size)) = dim.value { size } else { 1 };
                *dim = dimension(choices.number(old));
            }
        }
    }
}

fn dimension(size: i64) -> Dimension {
    Dimension { value: Some(dimension::Value::DimValue(size)), ..Dimension::default() }
}

fn mutate_tensor(tensor: &mut TensorProto, choices: &mut Choices) {
    match choices.below(6) {
        0 => tensor.data_type = Some(choices.below(24) as i32),
        1 => mutate_list(&mut tensor.dims, choices),
        // As many elements in another shape.
        2 => tensor.dims.reverse(),
        3 => tensor.dims.insert(0, 1),
        _ => mutate_data(tensor, choices),
    }
}

/// One element of it, as a float or an integer.
fn mutate_data(tensor: &mut TensorProto, choices: &mut Choices) {
    let Some(raw) = tensor.raw_data.as_ref() else {
        if let Some(value) = choices.mutable(&mut tensor.float_data) {
            *value = choices.float(*value);
        }
        if let Some(value) = choices.mutable(&mut tensor.int64_data) {
            *value = choices.number(*value);
        }
        return;
    };
    let mut bytes = raw.to_vec();
    let size = if tensor.data_type == Some(7) { 8 } else { 4 };
    let at = choices.below(bytes.len() / size) * size;
    match bytes.get_mut(at..at + size) {
        Some(word) if size == 8 => {
            let old = i64::from_le_bytes(word.try_into().unwrap());
            word.copy_from_slice(&choices.number(old).to_le_bytes());
        }
        Some(word) => {
            let old = f32::from_le_bytes(word.try_into().unwrap());
            word.copy_from_slice(&choices.float(old).to_le_bytes());
        }
        None => {}
    }
    tensor.raw_data = Some(bytes.into());
}

fn mutate_node(node: &mut NodeProto, names: &[String], choices: &mut Choices) {
    match choices.below(8) {
        0 => node.op_type = choices.of(&OP_TYPES).map(|name| name.to_string()),
        1 => {
            if let (Some(input), Some(name)) = (choices.mutable(&mut node.input), choices.of(names)) {
                input.clone_from(name);
            }
        }
        2 if choices.below(2) == 0 => drop(node.input.pop()),
        2 => node.input.extend(choices.of(names).cloned()),
        3 if choices.below(4) == 0 => drop(node.attribute.pop()),
        3 if choices.below(4) == 0 => node.output.push("another".into()),
        _ => {
            if let Some(attribute) = choices.mutable(&mut node.attribute) {
                mutate_attribute(attribute, choices);
            }
        }
    }
}

fn mutate_attribute(attribute: &mut AttributeProto, choices: &mut Choices) {
    if let Some(value) = attribute.i.as_mut() {
        *value = choices.number(*value);
    }
    if let Some(value) = attribute.f.as_mut() {
        *value = choices.float(*value);
    }
    if !attribute.ints.is_empty() {
        mutate_list(&mut attribute.ints, choices);
    }
    if let Some(value) = choices.mutable(&mut attribute.floats) {
        *value = choices.float(*value);
    }
    if let Some(tensor) = attribute.t.as_mut() {
        mutate_tensor(tensor, choices);
    }
    if let Some(graph) = attribute.g.as_mut() {
        let names = names(graph);
        if let Some(node) = choices.mutable(&mut graph.node) {
            mutate_node(node, &names, choices);
        }
    }
}

fn mutate_list(list: &mut Vec<i64>, choices: &mut Choices) {
    match choices.below(5) {
        0 => drop(list.pop()),
        1 => list.push(choices.number(1)),
        _ => {
            if let Some(value) = choices.mutable(list) {
                *value = choices.number(*value);
            }
        }
    }
}
