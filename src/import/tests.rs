//! Each operator in the forms that its versions have: what the handler makes of a node, and what it refuses.

mod attention;
mod composed;
mod control;
mod einsum;
mod finn;
mod integers;
mod interpolate;
mod moved;
mod recurrent;
mod sampled;
mod statistics;

use super::import;
use crate::onnx::{
    Model,
    proto::{
        AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
        TypeProto, ValueInfoProto, attribute_proto::AttributeType, tensor_shape_proto, type_proto,
    },
};
use bytes::Bytes;
use qonnx_dialect::Program;

/// A graph of one node, `n`, with outputs y0, y1, ...
struct Case {
    /// Nodes in front of it.
    before: Vec<NodeProto>,
    node: NodeProto,
    inputs: Vec<ValueInfoProto>,
    initializers: Vec<TensorProto>,
    opsets: Vec<OperatorSetIdProto>,
}

fn case(op_type: &str, version: i64) -> Case {
    let node = NodeProto {
        name: Some("n".into()),
        op_type: Some(op_type.into()),
        output: vec!["y0".into()],
        ..Default::default()
    };
    Case { before: Vec::new(), node, inputs: Vec::new(), initializers: Vec::new(), opsets: Vec::new() }
        .import("", version)
}

impl Case {
    fn import(mut self, domain: &str, version: i64) -> Self {
        self.opsets.push(OperatorSetIdProto { domain: Some(domain.into()), version: Some(version) });
        self
    }

    fn domain(mut self, domain: &str) -> Self {
        self.node.domain = Some(domain.into());
        self
    }

    /// A graph input of float32.
    fn input(mut self, name: &str, shape: &[i64]) -> Self {
        use tensor_shape_proto::{Dimension, dimension::Value};
        let dim = |size: &i64| Dimension { value: Some(Value::DimValue(*size)), ..Default::default() };
        let shape = TensorShapeProto { dim: shape.iter().map(dim).collect() };
        let tensor = type_proto::Tensor { elem_type: Some(1), shape: Some(shape) };
        let ty = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() };
        self.inputs.push(ValueInfoProto { name: Some(name.into()), r#type: Some(ty), ..Default::default() });
        self.node.input.push(name.into());
        self
    }

    fn constant(mut self, name: &str, data_type: i32, dims: &[i64], raw: Vec<u8>) -> Self {
        self.initializers.push(TensorProto {
            name: Some(name.into()),
            data_type: Some(data_type),
            dims: dims.to_vec(),
            raw_data: Some(Bytes::from(raw)),
            ..Default::default()
        });
        self.node.input.push(name.into());
        self
    }

    fn floats(self, name: &str, dims: &[i64], values: &[f32]) -> Self {
        self.constant(name, 1, dims, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    fn scalar(self, name: &str, value: f32) -> Self {
        self.floats(name, &[], &[value])
    }

    fn list(self, name: &str, values: &[i64]) -> Self {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, 7, &[values.len() as i64], raw)
    }

    /// Another node behind this one.
    fn followed_by(mut self, op_type: &str, input: &str) -> Self {
        let next = NodeProto {
            name: Some("next".into()),
            op_type: Some(op_type.into()),
            input: vec![input.into()],
            output: vec!["z0".into()],
            ..Default::default()
        };
        self.before.push(std::mem::replace(&mut self.node, next));
        self
    }

    fn absent(mut self) -> Self {
        self.node.input.push(String::new());
        self
    }

    fn outputs(mut self, count: usize) -> Self {
        self.node.output = (0..count).map(|index| format!("y{index}")).collect();
        self
    }

    fn attribute(mut self, name: &str, kind: AttributeType, value: AttributeProto) -> Self {
        let value = AttributeProto { name: Some(name.into()), r#type: Some(kind.into()), ..value };
        self.node.attribute.push(value);
        self
    }

    fn int(self, name: &str, value: i64) -> Self {
        self.attribute(name, AttributeType::Int, AttributeProto { i: Some(value), ..Default::default() })
    }

    fn ints(self, name: &str, values: &[i64]) -> Self {
        self.attribute(name, AttributeType::Ints, AttributeProto { ints: values.to_vec(), ..Default::default() })
    }

    fn float_list(self, name: &str, values: &[f32]) -> Self {
        self.attribute(name, AttributeType::Floats, AttributeProto { floats: values.to_vec(), ..Default::default() })
    }

    fn words(self, name: &str, values: &[&str]) -> Self {
        let strings = values.iter().map(|value| Bytes::from(value.to_string())).collect();
        self.attribute(name, AttributeType::Strings, AttributeProto { strings, ..Default::default() })
    }

    fn word(self, name: &str, value: &str) -> Self {
        let s = Some(Bytes::from(value.to_string()));
        self.attribute(name, AttributeType::String, AttributeProto { s, ..Default::default() })
    }

    fn float(self, name: &str, value: f32) -> Self {
        self.attribute(name, AttributeType::Float, AttributeProto { f: Some(value), ..Default::default() })
    }

    /// The module's text, or the message of the refusal.
    fn result(self) -> Result<String, String> {
        self.program().map(|program| program.to_text(false))
    }

    fn program(self) -> Result<Program, String> {
        let value = |name: &String| ValueInfoProto { name: Some(name.clone()), ..Default::default() };
        let graph = GraphProto {
            name: Some("g".into()),
            output: self.node.output.iter().map(value).collect(),
            node: self.before.into_iter().chain([self.node]).collect(),
            input: self.inputs,
            initializer: self.initializers,
            ..Default::default()
        };
        let proto =
            ModelProto { ir_version: Some(8), opset_import: self.opsets, graph: Some(graph), ..Default::default() };
        import(&Model { proto, directory: ".".into() }).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn gives(self, expected: &str) {
        let text = self.result().unwrap();
        assert!(text.contains(expected), "expected {expected:?} in:\n{text}");
    }

    #[track_caller]
    fn stays_generic(self) {
        self.gives("qonnx.onnx \"");
    }

    #[track_caller]
    fn fails_with(self, expected: &str) {
        let message = self.result().unwrap_err();
        assert!(message.contains(expected), "expected {expected:?} in: {message}");
        assert!(message.contains("'n'"), "names the node: {message}");
    }
}

/// x (1, 2, 4, 4) and weights (2, 2, 2, 2).
fn conv(op_type: &str, version: i64) -> Case {
    case(op_type, version).input("x", &[1, 2, 4, 4]).floats("w", &[2, 2, 2, 2], &[1.0; 16])
}

#[test]
fn convolutions() {
    conv("Conv", 1).gives("strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] group 1 notset");
    conv("Conv", 11).floats("b", &[2], &[1.0; 2]).gives("bias");
    conv("Conv", 22).word("auto_pad", "SAME_LOWER").ints("strides", &[2, 1]).gives("same_lower");
    conv("Conv", 11).ints("pads", &[1, 0, 0, 0]).gives("-> tensor<1x2x4x3xf32>");
    conv("Conv", 11).ints("kernel_shape", &[3, 3]).fails_with("kernel_shape is [3, 3], but its weights have the shape");
    conv("Conv", 11).word("auto_pad", "SAME").fails_with("auto_pad is 'SAME', expected NOTSET");
    conv("Conv", 11).ints("pads", &[-1, 0, 0, 0]).fails_with("negative");
    case("Conv", 11).input("x", &[1, 2]).floats("w", &[2, 2], &[1.0; 4]).fails_with("have rank 2, expected 3 or more");
    case("Conv", 11).domain("hawq2qonnx").input("x", &[1, 1, 3]).floats("w", &[1, 1, 2], &[1.0; 2]).gives("qonnx.conv");
}

#[test]
fn transposed_convolutions() {
    conv("ConvTranspose", 1).ints("strides", &[2, 2]).gives("-> tensor<1x2x8x8xf32>");
    let padded = conv("ConvTranspose", 11).ints("strides", &[2, 2]).ints("output_padding", &[1, 0]);
    padded.gives("output_padding [1, 0] output_shape [] group 1 notset");
    conv("ConvTranspose", 22).ints("output_shape", &[1, 2, 4, 5]).gives("output_shape [4, 5]");
    conv("ConvTranspose", 11).ints("output_shape", &[9, 5]).fails_with("more than the [5] that the kernel reaches");
}

#[test]
fn pools() {
    let pool = |op, version| case(op, version).input("x", &[1, 2, 5, 5]).ints("kernel_shape", &[2, 2]);
    pool("MaxPool", 1).gives("kernel [2, 2] strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] notset");
    pool("MaxPool", 10).int("ceil_mode", 1).ints("strides", &[2, 2]).gives("ceil notset");
    pool("MaxPool", 12).outputs(2).gives("qonnx.arg_max");
    pool("AveragePool", 7).int("count_include_pad", 1).gives("include_pad notset");
    pool("AveragePool", 19).ints("dilations", &[2, 2]).gives("-> tensor<1x2x3x3xf32>");
    case("MaxPool", 11).input("x", &[1, 2, 5]).fails_with("has no kernel_shape");
    case("GlobalAveragePool", 1).input("x", &[1, 2, 5, 3]).gives("qonnx.reduce mean");
    case("GlobalMaxPool", 22).input("x", &[1, 2, 5]).gives("-> tensor<1x2x1xf32>");
    case("GlobalMaxPool", 22).input("x", &[1, 2]).fails_with("the operand has rank 2");
}

#[test]
fn channels_last() {
    let domain = "qonnx.custom_op.channels_last";
    let node = |op| case(op, 13).domain(domain).input("x", &[1, 4, 4, 3]);
    let conv = node("Conv").floats("w", &[2, 2, 2, 3], &[1.0; 24]).result().unwrap();
    assert!(conv.contains("notset channels_last : (tensor<1x4x4x3xf32>, tensor<2x2x2x3xf32>)"), "{conv}");
    assert!(conv.contains("-> tensor<1x3x3x2xf32>"), "{conv}");
    node("MaxPool").ints("kernel_shape", &[2, 2]).gives("-> tensor<1x3x3x3xf32>");
    node("LRN").stays_generic();
    case("MaxPool", 13).domain(domain).input("x", &[3]).ints("kernel_shape", &[2]).fails_with("rank 1");
}

#[test]
fn reductions() {
    let reduce = |op, version| case(op, version).input("x", &[2, 3, 4]);
    reduce("ReduceSum", 11).ints("axes", &[1]).gives("-> tensor<2x1x4xf32>");
    reduce("ReduceSum", 13).list("a", &[-1]).int("keepdims", 0).gives("-> tensor<2x3xf32>");
    reduce("ReduceMean", 13).ints("axes", &[0, 2]).gives("-> tensor<1x3x1xf32>");
    reduce("ReduceMax", 18).list("a", &[0]).gives("qonnx.reduce max");
    reduce("ReduceMin", 20)
        .int("noop_with_empty_axes", 1)
        .gives("keep_dims noop : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>");
    reduce("ReduceProd", 1).gives("-> tensor<1x1x1xf32>");
    reduce("ReduceSum", 13).list("a", &[3]).fails_with("axis 3");
}

#[test]
fn splits() {
    let split = |version| case("Split", version).input("x", &[4, 6]).int("axis", 1);
    split(2).ints("split", &[1, 5]).outputs(2).gives("-> (tensor<4x1xf32>, tensor<4x5xf32>)");
    split(13).list("s", &[2, 4]).outputs(2).gives("-> (tensor<4x2xf32>, tensor<4x4xf32>)");
    split(18)
        .int("num_outputs", 4)
        .outputs(4)
        .gives("tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x0xf32>");
    split(11).outputs(3).gives("-> (tensor<4x2xf32>, tensor<4x2xf32>, tensor<4x2xf32>)");
    split(13).list("s", &[2, 5]).outputs(2).fails_with("parts [2, 5] do not make up axis 1 of 6 elements");
    split(18).int("num_outputs", 3).outputs(2).fails_with("num_outputs is 3, but it has 2 outputs");
}

#[test]
fn pads() {
    let pad = |version| case("Pad", version).input("x", &[2, 3]);
    pad(1).ints("paddings", &[1, 0, 0, 0]).gives("qonnx.pad constant");
    let attribute = AttributeProto { f: Some(1.5), ..Default::default() };
    pad(2).ints("pads", &[1, 0, 0, 0]).attribute("value", AttributeType::Float, attribute).gives("value");
    pad(11).list("p", &[0, 1, 0, -1]).scalar("v", 2.0).gives("-> tensor<2x3xf32>");
    pad(18).list("p", &[2, 2]).absent().list("a", &[-1]).word("mode", "edge").gives("-> tensor<2x7xf32>");
    pad(19).list("p", &[0, 1, 0, 1]).word("mode", "wrap").gives("qonnx.pad wrap");
    pad(11).list("p", &[0, -2, 0, -2]).fails_with("do not fit an axis of 3 elements");
    pad(11).list("p", &[0, 1]).fails_with("has 2 pads for 2 axes");
    pad(11).list("p", &[0; 4]).word("mode", "mirror").fails_with("mode is 'mirror', expected constant");
}

#[test]
fn resizes() {
    let node = |op, version| case(op, version).input("x", &[1, 1, 2, 3]);
    node("Upsample", 7).float_list("scales", &[1.0, 1.0, 2.0, 2.0]).gives("asymmetric floor");
    node("Upsample", 9).floats("s", &[4], &[1.0, 1.0, 2.0, 3.0]).gives("-> tensor<1x1x4x9xf32>");
    node("Resize", 10).floats("s", &[4], &[1.0, 1.0, 0.5, 1.0]).gives("asymmetric ceil");
    node("Resize", 10).floats("s", &[4], &[1.0, 1.0, 0.5, 2.0]).stays_generic();
    let scaled = |version| node("Resize", version).absent().floats("s", &[4], &[1.0, 1.0, 2.0, 2.0]);
    scaled(11).gives("half_pixel round_prefer_floor");
    scaled(11).word("coordinate_transformation_mode", "tf_half_pixel_for_nn").stays_generic();
    scaled(13).word("nearest_mode", "up").fails_with("nearest_mode is 'up'");
    let sized = |version| node("Resize", version).floats("r", &[0], &[]).floats("e", &[0], &[]);
    sized(13).list("z", &[1, 1, 4, 4]).word("nearest_mode", "floor").gives("half_pixel floor");
    sized(18).list("z", &[5]).ints("axes", &[-1]).gives("-> tensor<1x1x2x5xf32>");
    sized(18).list("z", &[5]).ints("axes", &[4]).fails_with("axis 4");
    sized(19).list("z", &[5, 5]).ints("axes", &[2, 3]).word("keep_aspect_ratio_policy", "not_larger").stays_generic();
    scaled(13).list("z", &[1, 1, 4, 4]).fails_with("both scales and sizes");
    sized(13).fails_with("neither scales nor sizes");
}

#[test]
fn movement() {
    let blocks = |op, version| case(op, version).input("x", &[1, 8, 2, 2]).int("blocksize", 2);
    blocks("DepthToSpace", 1).gives("block 2 : (tensor<1x8x2x2xf32>) -> tensor<1x2x4x4xf32>");
    blocks("DepthToSpace", 11).word("mode", "CRD").gives("block 2 crd");
    blocks("SpaceToDepth", 13).gives("-> tensor<1x32x1x1xf32>");
    case("SpaceToDepth", 1).input("x", &[1, 8, 2, 2]).fails_with("has no blocksize");
    case("Expand", 8).input("x", &[3, 1]).list("s", &[2, 1, 4]).gives("-> tensor<2x3x4xf32>");
    case("Tile", 6).input("x", &[3, 1]).list("r", &[1, 4]).gives("-> tensor<3x4xf32>");
    case("Tile", 6).input("x", &[3, 1]).list("r", &[4]).fails_with("1 repeats for a tensor of rank 2");
    case("Size", 1).input("x", &[3, 4]).gives("qonnx.reduce prod");
    case("ConstantOfShape", 9).list("s", &[2, 3]).gives("of dense<0.000000e+00> : tensor<f32>");
    case("ConstantOfShape", 9).list("s", &[-2]).fails_with("negative");
    case("Where", 9)
        .constant("c", 9, &[2], vec![0, 1])
        .input("a", &[2])
        .input("b", &[3, 1])
        .gives("-> tensor<3x2xf32>");
}

#[test]
fn elementwise_and_normalization() {
    case("Dropout", 12).input("x", &[3]).scalar("r", 0.5).constant("t", 9, &[], vec![0]).gives("qonnx.identity");
    case("Dropout", 12).input("x", &[3]).scalar("r", 0.5).constant("t", 9, &[], vec![1]).stays_generic();
    case("Dropout", 7).input("x", &[3]).outputs(2).gives("qonnx.cast");
    case("Dropout", 13).input("x", &[3]).outputs(2).gives("qonnx.constant_of_shape");
    case("Gelu", 20).input("x", &[3]).gives("qonnx.erf");
    case("Gelu", 20).input("x", &[3]).word("approximate", "tanh").gives("qonnx.tanh");
    case("Gelu", 20).input("x", &[3]).word("approximate", "sigmoid").fails_with("approximate is 'sigmoid'");
    let norm = || case("LayerNormalization", 17).input("x", &[2, 4]).floats("s", &[4], &[1.0; 4]);
    norm().gives("axis -1 epsilon 9.99999974E-6");
    norm().outputs(2).gives("qonnx.reciprocal");
    case("Round", 11).domain("hawq2qonnx").input("x", &[3]).gives("qonnx.round");
    case("Relu", 11).domain("hawq2qonnx").input("x", &[3]).stays_generic();
}

#[test]
fn no_tensor_is_larger_than_memory() {
    let message = case("Relu", 13).input("x", &[1 << 20, 1 << 20]).result().unwrap_err();
    assert!(message.contains("'x': has 1099511627776 elements, more than 134217728"), "{message}");
    let blocks = case("DepthToSpace", 13).input("x", &[0, 8, 2, 3]).int("blocksize", 1 << 62);
    blocks.fails_with("no tensor here has more than 134217728 elements");
    case("RNN", 14).input("x", &[1, 1, 1]).int("hidden_size", 1 << 40).fails_with("which is more than");
}

#[test]
fn an_unknown_operator_is_not_taken_for_a_mistake_behind_it() {
    // A type of float32 stands for what is not known, which Equal would not take beside integers.
    let unknown = case("Wobble", 13).input("x", &[3]);
    unknown.followed_by("Equal", "y0").list("i", &[1, 2, 3]).gives("qonnx.onnx\"(%arg0)");
}

/// A Trunc with this import of QONNX's domain and so many operands.
fn trunc(domain: &str, version: i64, operands: usize) -> Case {
    let node = case("Trunc", 13).domain(domain).import("qonnx.custom_op.general", version).input("x", &[4]);
    let operands = ["scale", "zero", "in", "out", "last"].into_iter().take(operands - 1);
    operands.fold(node, |node, name| node.scalar(name, 2.0)).word("rounding_mode", "FLOOR")
}

#[test]
fn the_version_of_trunc_is_that_of_its_domain() {
    trunc("qonnx.custom_op.general", 1, 5).gives("qonnx.trunc ");
    trunc("qonnx.custom_op.general", 1, 6).gives("qonnx.trunc ");
    trunc("qonnx.custom_op.general", 2, 6).int("signed", 0).gives("floor : ");
    trunc("onnx.brevitas", 2, 6).gives("qonnx.trunc_to_scale");
    trunc("qonnx.custom_op.general", 2, 5).fails_with("operand 5 is missing: since version 2");
    let mut silent = trunc("qonnx.custom_op.general", 1, 5);
    silent.node.attribute.clear();
    silent.fails_with("has no rounding_mode");
}

#[test]
fn float_quantizers() {
    let quant = || {
        let node = case("FloatQuant", 13).domain("qonnx.custom_op.general").import("qonnx.custom_op.general", 1);
        let node = node.input("x", &[4]);
        let node = ["s", "e", "m", "b", "max"].into_iter().fold(node, |node, name| node.scalar(name, 4.0));
        node.int("has_inf", 0).int("has_nan", 1).int("has_subnormal", 1)
    };
    quant().int("saturation", 1).gives("half_even nan saturate");
    quant().fails_with("has no saturation");
}

#[test]
fn linear_quantizers() {
    let quantize = |version| case("QuantizeLinear", version).input("x", &[2, 3]).scalar("s", 0.5);
    quantize(10).gives("-> tensor<2x3xui8>");
    quantize(21).int("output_dtype", 22).gives("-> tensor<2x3xsi4>");
    quantize(21).constant("z", 5, &[], vec![0, 0]).gives("-> tensor<2x3xsi16>");
    quantize(21).constant("z", 5, &[], vec![0, 0]).int("output_dtype", 3).fails_with("name different types");
    let blocks = || case("QuantizeLinear", 21).input("x", &[2, 3]).int("block_size", 2).int("axis", -1);
    blocks().floats("s", &[2, 2], &[1.0, 2.0, 3.0, 4.0]).gives("dense<[[1.000000e+00, 1.000000e+00, 2.000000e+00]");
    blocks().floats("s", &[2, 2], &[1.0; 4]).constant("z", 2, &[2, 2], vec![1; 4]).gives("tensor<2x3xui8>");
    blocks().floats("s", &[2, 3], &[1.0; 6]).fails_with("expected 2 blocks of 2 along axis 1 of 3 elements");
    blocks().input("s", &[2, 2]).stays_generic();
    quantize(21).int("block_size", -1).fails_with("block_size is -1");
    quantize(23).int("precision", 10).stays_generic();
}

#[test]
fn floats_of_8_bits() {
    // Types 17 and 19 are float8e4m3fn and float8e5m2; 0x38 is 1.0 in the first.
    let quantize = || case("QuantizeLinear", 19).input("x", &[2, 3]);
    let whole = || quantize().scalar("s", 0.5).constant("z", 17, &[], vec![0]);
    whole().gives("half_even nan saturate : (tensor<2x3xf32>");
    whole().gives("dense<4.480000e+02>");
    whole().gives("{qonnx.element = \"float8e4m3fn\"}");
    whole().int("saturate", 0).stays_generic();
    quantize().scalar("s", 0.5).int("output_dtype", 19).gives("dense<5.734400e+04>");
    quantize().scalar("s", 0.5).constant("z", 17, &[], vec![0x38]).stays_generic();
    let rows = quantize().int("axis", 0).floats("s", &[2], &[1.0, 2.0]).constant("z", 17, &[2], vec![0, 0]);
    rows.gives("qonnx.div %arg0, %3 : (tensor<2x3xf32>, tensor<2x1xf32>)");
    let dequantize = case("DequantizeLinear", 19).constant("x", 17, &[1], vec![0x38]).scalar("s", 0.5);
    dequantize.gives("qonnx.mul");
}
