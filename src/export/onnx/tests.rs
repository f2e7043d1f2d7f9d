//! There and back: every operation keeps its text through ONNX.

use super::{Flavour, export, to_proto};
use crate::{
    driver::{LoweringOptions, Model as Driven, evaluate, npz::NamedArrays},
    eval::interpreter::is_channels_last,
    import::import,
    onnx::{Model, normalize},
    transforms::functions::operations as operations_of,
};
use qonnx_dialect::{Program, qonnx};

/// A function of one operation, or a few, and the type of its result.
fn program(arguments: &str, body: &str, result: &str) -> Program {
    let source = format!("func.func @main({arguments}) -> {result} {{\n{body}\nreturn %y : {result}\n}}");
    Program::parse(source.as_bytes()).expect("parses")
}

fn again(program: &Program) -> Program {
    imported(export(program).expect("exports"))
}

fn imported(file: Vec<u8>) -> Program {
    let mut model = Model::from_bytes(file.into(), ".".into()).expect("is a model");
    normalize(&mut model).expect("is a graph");
    import(&model).expect("imports")
}

/// Operations without constants, which stand elsewhere, and so without the numbers of values.
fn operations(text: &str) -> Vec<String> {
    let unnumbered = |part: &str| part.trim_start_matches(|c: char| c.is_alphanumeric()).to_string();
    let operation =
        |line: &str| Some(line.split_once(" = ")?.1.split('%').map(unnumbered).collect::<Vec<_>>().join("%"));
    let lines = text.lines().filter(|line| line.contains(" = qonnx.") && !line.contains("qonnx.constant"));
    lines.filter_map(operation).collect()
}

fn returns(arguments: &str, body: &str, result: &str) {
    let program = program(arguments, body, result);
    assert_eq!(operations(&again(&program).to_text(false)), operations(&program.to_text(false)), "{body}");
}

#[test]
fn elementwise_operations_return() {
    for operation in ["relu", "sigmoid", "hard_swish", "round", "identity"] {
        returns(
            "%x: tensor<2x3xf32>",
            &format!("%y = qonnx.{operation} %x : (tensor<2x3xf32>) -> tensor<2x3xf32>"),
            "tensor<2x3xf32>",
        );
    }
    let two = "%x: tensor<2x3xsi32>, %z: tensor<3xsi32>";
    for operation in ["add", "div", "mod", "fmod", "and", "xor"] {
        let body = format!("%y = qonnx.{operation} %x, %z : (tensor<2x3xsi32>, tensor<3xsi32>) -> tensor<2x3xsi32>");
        returns(two, &body, "tensor<2x3xsi32>");
    }
    returns("%x: tensor<4xf32>", "%y = qonnx.cast %x : (tensor<4xf32>) -> tensor<4xui8>", "tensor<4xui8>");
    returns(
        "%x: tensor<4xf32>",
        "%y = qonnx.leaky_relu %x alpha 0.25 : (tensor<4xf32>) -> tensor<4xf32>",
        "tensor<4xf32>",
    );
}

#[test]
fn bounds_that_are_absent_stay_absent() {
    let body = "%h = qonnx.constant dense<6.0> : tensor<f32>
        %y = qonnx.clip %x high %h : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>";
    returns("%x: tensor<4xf32>", body, "tensor<4xf32>");
}

#[test]
fn dot_products_return() {
    let body =
        "%y = qonnx.gemm %x, %w alpha 0.5 beta 1.0 trans_b : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>";
    returns("%x: tensor<1x4xf32>, %w: tensor<2x4xf32>", body, "tensor<1x2xf32>");
    let body = "%y = qonnx.softmax %x axis -1 : (tensor<1x4xf32>) -> tensor<1x4xf32>";
    returns("%x: tensor<1x4xf32>", body, "tensor<1x4xf32>");
}

#[test]
fn windows_return() {
    let body = "%y = qonnx.conv %x, %w strides [2, 1] pads [1, 0, 1, 0] dilations [1, 1] group 1 notset
        : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x4x6xf32>";
    returns("%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>", body, "tensor<1x4x4x6xf32>");
    let body = "%y = qonnx.average_pool %x kernel [3] strides [2] pads [0, 0] dilations [1] ceil same_upper
        : (tensor<1x3x8xf32>) -> tensor<1x3x4xf32>";
    returns("%x: tensor<1x3x8xf32>", body, "tensor<1x3x4xf32>");
    let body = "%a = qonnx.constant dense<[2]> : tensor<1xsi64>
        %y = qonnx.reduce mean %x axes %a keep_dims : (tensor<1x3x8xf32>, tensor<1xsi64>) -> tensor<1x3x1xf32>";
    returns("%x: tensor<1x3x8xf32>", body, "tensor<1x3x1xf32>");
}

#[test]
fn movement_returns() {
    let body = "%s = qonnx.constant dense<[1, 2]> : tensor<2xsi64>
        %a, %y = qonnx.split %x lengths %s axis 1 : (tensor<1x3xf32>, tensor<2xsi64>) -> (tensor<1x1xf32>, tensor<1x2xf32>)";
    returns("%x: tensor<1x3xf32>", body, "tensor<1x2xf32>");
    let body = "%a, %y = qonnx.split %x axis 1 : (tensor<1x4xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>)";
    returns("%x: tensor<1x4xf32>", body, "tensor<1x2xf32>");
    let body = "%p = qonnx.constant dense<[1, 1]> : tensor<2xsi64>
        %y = qonnx.pad edge %x, %p : (tensor<4xf32>, tensor<2xsi64>) -> tensor<6xf32>";
    returns("%x: tensor<4xf32>", body, "tensor<6xf32>");
}

#[test]
fn quantizers_return() {
    let parameters = "%s = qonnx.constant dense<0.25> : tensor<f32>
        %z = qonnx.constant dense<0.0> : tensor<f32>
        %b = qonnx.constant dense<4.0> : tensor<f32>";
    let types = "tensor<1x4xf32>, tensor<f32>, tensor<f32>, tensor<f32>";
    let quant =
        format!("{parameters}\n%y = qonnx.quant %x, %s, %z, %b half_up signed narrow : ({types}) -> tensor<1x4xf32>");
    returns("%x: tensor<1x4xf32>", &quant, "tensor<1x4xf32>");
    let trunc =
        format!("{parameters}\n%y = qonnx.trunc %x, %s, %z, %b, %b floor : ({types}, tensor<f32>) -> tensor<1x4xf32>");
    returns("%x: tensor<1x4xf32>", &trunc, "tensor<1x4xf32>");
    let linear = "%s = qonnx.constant dense<0.25> : tensor<1x4xf32>
        %y = qonnx.quantize_linear %x, %s axis 1 : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xsi16>";
    returns("%x: tensor<1x4xf32>", linear, "tensor<1x4xsi16>");
}

#[test]
fn one_scale_is_repeated_for_several_zero_points() {
    let body = "%s = qonnx.constant dense<0.25> : tensor<f32>
        %z = qonnx.constant dense<[1, 2]> : tensor<2xui8>
        %y = qonnx.dequantize_linear %x, %s, %z axis 0 : (tensor<2x4xui8>, tensor<f32>, tensor<2xui8>) -> tensor<2x4xf32>";
    let text = again(&program("%x: tensor<2x4xui8>", body, "tensor<2x4xf32>")).to_text(false);
    assert!(text.contains("(tensor<2x4xui8>, tensor<2xf32>, tensor<2xui8>)"), "{text}");
}

#[test]
fn what_leaves_twice_or_unchanged_gets_an_identity() {
    let source = "func.func @main(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
        %r = qonnx.relu %x : (tensor<2xf32>) -> tensor<2xf32>
        return %x, %r, %r : tensor<2xf32>, tensor<2xf32>, tensor<2xf32> }";
    let model = to_proto(&Program::parse(source.as_bytes()).expect("parses")).expect("exports");
    let graph = model.graph.expect("has a graph");
    let nodes: Vec<&str> = graph.node.iter().map(|node| node.op_type()).collect();
    assert_eq!(nodes, ["Relu", "Identity", "Identity"]);
    let mut names: Vec<&str> = graph.output.iter().map(|output| output.name()).collect();
    names.dedup();
    assert_eq!(names.len(), 3);
}

#[test]
fn two_versions_of_a_domain_are_refused() {
    let body = "%s = qonnx.constant dense<0.25> : tensor<f32>
        %b = qonnx.constant dense<4.0> : tensor<f32>
        %t = qonnx.trunc %x, %s, %s, %b, %b floor : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32> loc(\"first\")
        %y = qonnx.trunc_to_scale %t, %s, %s, %b, %s, %b floor signed : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32> loc(\"second\")";
    let error = export(&program("%x: tensor<4xf32>", body, "tensor<4xf32>")).expect_err("is refused").to_string();
    assert!(error.starts_with("second (qonnx.trunc_to_scale)") && error.contains("first"), "{error}");
}

#[test]
fn the_flavour_of_plain_onnx_has_no_quant() {
    crate::passes::register();
    let body = "%s = qonnx.constant dense<0.25> : tensor<f32>
        %z = qonnx.constant dense<0.0> : tensor<f32>
        %b = qonnx.constant dense<4.0> : tensor<f32>
        %y = qonnx.quant %x, %s, %z, %b half_even : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<4xf32>";
    let mut program = program("%x: tensor<4xf32>", body, "tensor<4xf32>");
    Flavour::Qcdq.apply(&mut program).expect("is said");
    let model = to_proto(&program).expect("exports");
    assert_eq!(model.opset_import.len(), 1);
    let graph = model.graph.expect("has a graph");
    let nodes: Vec<&str> = graph.node.iter().map(|node| node.op_type()).collect();
    assert_eq!(nodes, ["QuantizeLinear", "Clip", "DequantizeLinear"]);
}

#[test]
fn a_bias_becomes_codes_of_32_bits() {
    crate::passes::register();
    let quant = |bits: f32| {
        let body = format!(
            "%w = qonnx.constant dense<[0.75, -70000.25]> : tensor<2xf32>
            %s = qonnx.constant dense<0.25> : tensor<f32>
            %z = qonnx.constant dense<0.0> : tensor<f32>
            %b = qonnx.constant dense<{bits:?}> : tensor<f32>
            %q = qonnx.quant %w, %s, %z, %b half_even signed : (tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<2xf32>
            %y = qonnx.add %x, %q : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>"
        );
        program("%x: tensor<2xf32>", &body, "tensor<2xf32>")
    };
    let mut program = quant(32.0);
    Flavour::Qcdq.apply(&mut program).expect("is said");
    let text = again(&program).to_text(false);
    assert!(text.contains("dense<[3, -280001]> : tensor<2xsi32>"), "{text}");
    assert!(Flavour::Qcdq.apply(&mut quant(33.0)).is_err());
}

/// Every model of the repository, from each stage that ONNX can say.
#[test]
fn models_compute_the_same_again() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("lit-tests/models");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("is a folder") {
        let path = entry.expect("is an entry").path();
        let Ok(vectors) = NamedArrays::read(&path.with_extension("npz")) else { continue };
        let Ok(mut model) = Driven::load(&path.with_extension("onnx"), &LoweringOptions::default()) else { continue };
        let mut exported = Vec::new();
        for stage in ["import", "cleanup", "lowered"] {
            if model.lower_to(stage).is_err() {
                break;
            }
            // What ONNX cannot say is refused, as other tests show.
            exported.extend(export(&model.program).map(imported));
            if stage == "import" {
                continue;
            }
            let samples = evaluate::samples(&model.program, &vectors).expect("has samples");
            let expected = evaluate::run(&model.program, &samples).expect("runs");
            for mut program in exported.drain(..) {
                program.run("builtin.module(qonnx-infer-shapes,qonnx-fold-constants,canonicalize)").expect("is clean");
                let outputs = evaluate::run(&program, &samples).expect("runs again");
                assert_eq!(outputs, expected, "{} from {stage}", path.display());
                compared += 1;
            }
        }
    }
    assert!(compared > 60, "{compared} programs were compared");
}

/// Every model of the repository with its channels last, there and back: no transpose between its windows, the same
/// values but for the order of sums behind a Flatten.
#[test]
fn models_compute_the_same_with_channels_last() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("lit-tests/models");
    let mut converted = 0;
    for entry in std::fs::read_dir(folder).expect("is a folder") {
        let path = entry.expect("is an entry").path();
        let Ok(vectors) = NamedArrays::read(&path.with_extension("npz")) else { continue };
        let Ok(mut model) = Driven::load(&path.with_extension("onnx"), &LoweringOptions::default()) else { continue };
        if model.lower_to("cleanup").is_err() {
            continue;
        }
        let samples = evaluate::samples(&model.program, &vectors).expect("has samples");
        let expected = evaluate::run(&model.program, &samples).expect("runs");
        model.program.run(&format!("builtin.module({})", crate::pipeline::CHANNELS_LAST)).expect("is converted");
        let text = model.program.to_text(false);
        model.program.with(|module| {
            let windows = operations_of(module).filter(|op| is_channels_last(*op));
            let transposes = windows.filter_map(|op| op.operand(0).defining_op().and_then(qonnx::Transpose::of));
            // One that swaps other axes is the file's own.
            let moved = |transpose: &qonnx::Transpose<'_>| transpose.permutation().last() == Some(&1);
            for source in transposes.filter(moved).filter_map(|transpose| transpose.x().defining_op()) {
                assert!(qonnx::Reshape::of(source).is_some(), "{}: {source:?} is transposed", path.display());
            }
        });
        Flavour::Qonnx.apply(&mut model.program).expect("is said");
        // What ONNX cannot say is run as it is.
        let again = export(&model.program).map(imported).unwrap_or(model.program);
        let outputs = evaluate::run(&again, &samples).expect("runs again");
        let values = |outputs: &Vec<Vec<std::rc::Rc<crate::eval::Tensor>>>| -> Vec<f64> {
            outputs.iter().flatten().flat_map(|tensor| tensor.to_f64().into_iter().collect::<Vec<_>>()).collect()
        };
        let (outputs, expected) = (values(&outputs), values(&expected));
        let largest = expected.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
        let close = |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= largest * 1e-6;
        assert!(outputs.len() == expected.len() && outputs.iter().zip(&expected).all(close), "{}", path.display());
        converted += usize::from(text.contains("channels_last"));
    }
    assert!(converted >= 6, "{converted} models were converted");
}
