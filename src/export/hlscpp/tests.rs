//! The modules of `lit-tests/Export`, compiled and run: the C++ gives the evaluator's codes and floats.

use super::{ExportError, ExportOptions, Interface, Numbers, Project, export, vectors};
use crate::{
    driver::csim::{Csim, CsimOptions},
    eval::{Interpreter, Tensor, convert},
};
use qonnx_dialect::{Op, Program};
use std::rc::Rc;

fn program(name: &str) -> Program {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("lit-tests/Export").join(name);
    Program::read(&path).unwrap()
}

fn options(numbers: Numbers) -> ExportOptions {
    ExportOptions { numbers, ..ExportOptions::default() }
}

fn export_text(source: &str, numbers: Numbers) -> Result<Project, ExportError> {
    export(&Program::parse(source.as_bytes()).unwrap(), &options(numbers))
}

/// xorshift64*: the tests need no better.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        match self.next() % 8 {
            0 => low,
            1 => high,
            2 => (low / 2 + high / 2).clamp(low, high),
            _ => (i128::from(low) + i128::from(self.next()) % (i128::from(high) - i128::from(low) + 1)) as i64,
        }
    }
}

/// Random codes for a function's arguments and what the evaluator makes of them: inputs and
/// outputs, an array each, all samples one after another.
fn kernel_codes(module: Op<'_>, name: &str, samples: usize) -> (Vec<Vec<i64>>, Vec<Vec<i64>>) {
    let mut interpreter = Interpreter::new(module);
    let function = interpreter.function(name).unwrap();
    let types: Vec<_> = function.arguments().into_iter().map(|value| value.tensor_type().unwrap()).collect();
    let mut random = Random(1);
    let (mut inputs, mut outputs) = (vec![Vec::new(); types.len()], Vec::new());
    for _ in 0..samples {
        let mut arguments = Vec::new();
        for (ty, all) in types.iter().zip(&mut inputs) {
            let (low, high) = ty.element.range().unwrap();
            let shape = ty.static_shape().unwrap();
            let codes: Vec<i64> = (0..shape.iter().product()).map(|_| random.between(low, high)).collect();
            all.extend(&codes);
            arguments.push(Rc::new(Tensor::int(convert::int_type(ty.element).unwrap(), &shape, codes).unwrap()));
        }
        let results = interpreter.run(function, arguments).unwrap();
        outputs.resize(results.len(), Vec::new());
        for (result, all) in results.iter().zip(&mut outputs) {
            all.extend(result.to_i64_vec().unwrap());
        }
    }
    (inputs, outputs)
}

fn slices<T>(arrays: &[Vec<T>]) -> Vec<&[T]> {
    arrays.iter().map(Vec::as_slice).collect()
}

/// A sample's part of all arrays.
fn sample(arrays: &[Vec<i64>], samples: usize, index: usize) -> Vec<i64> {
    let part = |array: &Vec<i64>| array.chunks(array.len() / samples).nth(index).unwrap().to_vec();
    arrays.iter().flat_map(part).collect()
}

/// Compiles and runs a module's kernel in one mode against the evaluator.
fn compare_codes(name: &str, numbers: Numbers, native: bool, samples: usize) {
    let program = program(&format!("{name}.mlir"));
    let (inputs, expected) = program.with(|module| kernel_codes(module, name, samples));
    let mut project = export(&program, &options(numbers)).unwrap();
    let all: Vec<_> = (0..samples).map(|i| (sample(&inputs, samples, i), sample(&expected, samples, i))).collect();
    let mut text = vectors(all.iter().map(|(i, o)| (i.as_slice(), o.as_slice())));
    project.files.insert("vectors.txt".into(), text.clone());
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(name);
    project.write(&place).unwrap();
    let csim = build(&place, &project.interface, native);
    assert_eq!(csim.warnings, "", "{name} {numbers:?}");
    let found = csim.codes(&slices(&inputs)).unwrap();
    for (output, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert_eq!(found, expected, "{name} {numbers:?}, output {output}");
    }
    let check = csim.check().unwrap();
    assert!(check.equal && check.report.contains(&format!("{samples} samples, ")), "{}", check.report);
    // A wrong code is found and named.
    let last = project.interface.kernel_outputs.last().unwrap();
    text = text.trim_end().to_string();
    let cut = text.rfind(' ').unwrap();
    text.replace_range(cut.., " 99999999");
    std::fs::write(place.join("vectors.txt"), text).unwrap();
    let check = csim.check().unwrap();
    let named = format!(
        "sample {}: {}[{}] is {}, expected 99999999",
        samples - 1,
        last.name,
        last.len() - 1,
        expected.last().unwrap().last().unwrap()
    );
    assert!(!check.equal && check.report.contains(&named) && check.report.contains(", 1 differ"), "{}", check.report);
}

fn build(place: &std::path::Path, interface: &Interface, native: bool) -> Csim {
    Csim::build(place, interface, &CsimOptions { native, ..CsimOptions::default() })
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_form_in_ap_int() {
    compare_codes("forms", Numbers::Auto, false, 300);
}

#[test]
fn every_form_in_native_integers() {
    compare_codes("forms", Numbers::Auto, true, 3000);
}

#[test]
fn windows_in_ap_fixed() {
    compare_codes("windows", Numbers::Auto, false, 60);
}

#[test]
fn windows_in_ap_int() {
    compare_codes("windows", Numbers::Integer, false, 20);
}

#[test]
fn windows_in_native_integers() {
    compare_codes("windows", Numbers::Auto, true, 600);
}

#[test]
fn every_operator_in_ap_int() {
    compare_codes("operators", Numbers::Integer, false, 200);
}

#[test]
fn every_operator_in_native_integers() {
    compare_codes("operators", Numbers::Auto, true, 2000);
}

#[test]
fn binary_points_change_no_code() {
    compare_codes("fixed_point", Numbers::Fixed, false, 300);
    compare_codes("fixed_point", Numbers::Fixed, true, 300);
    compare_codes("fixed_point", Numbers::Integer, true, 300);
}

#[test]
fn whole_samples_are_the_evaluators_floats() {
    let program = program("host.mlir");
    let samples = 400;
    let mut random = Random(7);
    let mut float = |range: f32| (random.next() as f32 / u64::MAX as f32 - 0.5) * range;
    let left: Vec<f32> = (0..samples * 4).map(|_| float(200.0)).collect();
    let right: Vec<f32> = (0..samples * 4).map(|_| float(8.0)).collect();
    let expected = program.with(|module| {
        let mut interpreter = Interpreter::new(module);
        let main = interpreter.function("main").unwrap();
        let mut outputs = vec![Vec::new(), Vec::new()];
        for (l, r) in left.chunks(4).zip(right.chunks(4)) {
            let arguments =
                vec![Tensor::f32(&[1, 4], l.to_vec()).unwrap(), Tensor::f32(&[1, 2, 2], r.to_vec()).unwrap()];
            let results = interpreter.run(main, arguments.into_iter().map(Rc::new).collect()).unwrap();
            outputs.iter_mut().zip(results).for_each(|(all, result)| all.extend(result.to_f32_vec()));
        }
        outputs
    });
    let project = export(&program, &ExportOptions::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("host");
    project.write(&place).unwrap();
    let csim = build(&place, &project.interface, true);
    assert_eq!(csim.warnings, "");
    let run = csim.run(&[&left, &right]).unwrap();
    for (found, expected) in run.outputs.iter().zip(&expected) {
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(found), bits(expected));
    }
    assert_eq!(run.codes[0].len(), samples * 2);
    let error = csim.run(&[&[f32::NAN; 4], &right[..4]]).unwrap_err().to_string();
    assert!(error.contains("NaN has no integer code at left/Quant"), "{error}");
}

/// Floats of a sample: ties, signs, halves, and some of any size.
fn float_samples(count: usize) -> Vec<f32> {
    let mut random = Random(5);
    let float = |n: i64| match n % 3 {
        0 => n as f32 / 64.0,
        1 => (n % 16) as f32 / 4.0,
        _ => n as f32 * 0.037,
    };
    (0..count).map(|_| float(random.between(-300, 300))).collect()
}

#[test]
fn the_drivers_windows_give_the_evaluators_bits() {
    let program = program("host-windows.mlir");
    let (samples, size) = (40, 120);
    let input = float_samples(samples * size);
    let project = export(&program, &ExportOptions::default()).unwrap();
    let expected = program.with(|module| {
        let mut interpreter = Interpreter::new(module);
        let main = interpreter.function("main").unwrap();
        let mut outputs = vec![Vec::new(); project.interface.outputs.len()];
        for sample in input.chunks(size) {
            let argument = Rc::new(Tensor::f32(&[1, 4, 5, 6], sample.to_vec()).unwrap());
            let results = interpreter.run(main, vec![argument]).unwrap();
            outputs.iter_mut().zip(results).for_each(|(all, result)| all.extend(result.to_f32_vec()));
        }
        outputs
    });
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("windows");
    project.write(&place).unwrap();
    let csim = build(&place, &project.interface, true);
    assert_eq!(csim.warnings, "");
    let run = csim.run(&[&input]).unwrap();
    for (output, (found, expected)) in run.outputs.iter().zip(&expected).enumerate() {
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(found), bits(expected), "output {output}");
    }
}

#[test]
fn large_layers_are_pipelined_over_their_outputs() {
    let options = ExportOptions { parallel_multipliers: 8, ..ExportOptions::default() };
    let project = export(&program("fixed_point.mlir"), &options).unwrap();
    let source = &project.files["fixed_point.cpp"];
    let outputs = "dense_MatMul_outputs: for (int i = 0; i < 3; i++) {\n#pragma HLS PIPELINE II=1\n";
    let small = "fixed_t<7, 3> out[2]) {\n#pragma HLS PIPELINE II=1\n";
    assert!(source.contains(outputs) && source.contains(small), "{source}");
}

#[test]
fn failed_to_export_a_value_without_binary_point() {
    let error = export(&program("forms.mlir"), &options(Numbers::Fixed)).unwrap_err().to_string();
    assert!(error.contains("no binary point"), "{error}");
}

#[test]
fn failed_to_export_a_float_operation_that_the_host_lacks() {
    let source = r#"
        func.func @main(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>) -> tensor<1x2xf32> {
            %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32> loc("fc/MatMul")
            return %y : tensor<1x2xf32>
        }"#;
    let error = export_text(source, Numbers::Auto).unwrap_err().to_string();
    assert!(error.starts_with("fc/MatMul (qonnx.matmul): is no operation on floats"), "{error}");
}

#[test]
fn a_net_without_integers_is_a_driver_alone() {
    let source = r#"
        func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
            %y = qonnx.relu %x : (tensor<3xf32>) -> tensor<3xf32> loc("Relu")
            return %y : tensor<3xf32>
        }"#;
    let project = export_text(source, Numbers::Auto).unwrap();
    let names: Vec<&str> = project.files.keys().map(String::as_str).collect();
    assert_eq!(names, ["Makefile", "driver.h", "float_math.h", "testbench.cpp"]);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("relu");
    project.write(&place).unwrap();
    let run = build(&place, &project.interface, true).run(&[&[-1.0, 0.5, 2.0]]).unwrap();
    assert_eq!(run.outputs, [vec![0.0, 0.5, 2.0]]);
}
