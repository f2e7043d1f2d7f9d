//! Random networks with stuck channels give what they gave before.

use crate::eval::{IntType, Interpreter, Tensor};
use proptest::prelude::*;
use qonnx_dialect::Program;
use std::{fmt::Write, rc::Rc};

const PASSES: &str = "builtin.module(hls-sink-transposes,canonicalize,hls-remove-stuck-channels)";
/// Channels of the image, and extent of its two other axes.
const CHANNELS: usize = 4;
const EXTENT: usize = 4;

/// What stands between the first dot product and the last.
#[derive(Clone, Debug)]
enum Step {
    /// One form a channel.
    Requantize(Vec<Form>),
    /// A kernel of one element a channel.
    Depthwise(Vec<i64>),
    Pad(i64),
    MaxPool,
    /// Spatial axes change places.
    Transpose,
}

#[derive(Clone, Debug)]
enum Form {
    Constant(i64),
    Compare(i64),
    Shift(u32),
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![
        (0..4_i64).prop_map(Form::Constant),
        (-8..40_i64).prop_map(Form::Compare),
        (0..5_u32).prop_map(Form::Shift)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec(form(), CHANNELS).prop_map(Step::Requantize),
        1 => prop::collection::vec(0..3_i64, CHANNELS).prop_map(Step::Depthwise),
        1 => (0..3_i64).prop_map(Step::Pad),
        1 => Just(Step::MaxPool),
        1 => Just(Step::Transpose),
    ]
}

/// A function as text, operation by operation.
struct Network {
    text: String,
    values: usize,
    extent: usize,
}

impl Network {
    fn new() -> Self {
        let text = format!("func.func @main(%v0: tensor<1x{CHANNELS}x{EXTENT}x{EXTENT}xui4>) -> tensor<1x3xsi32> {{\n");
        Self { text, values: 0, extent: EXTENT }
    }

    fn image(&self, element: &str) -> String {
        format!("tensor<1x{CHANNELS}x{0}x{0}x{element}>", self.extent)
    }

    /// An operation on the last value; its result becomes the last.
    fn push(&mut self, operation: &str, operands: &str, types: &str) {
        let x = self.values;
        self.values += 1;
        writeln!(self.text, "%v{} = {operation} %v{x}{operands} : {types}", self.values).unwrap();
    }

    fn constant(&mut self, values: &str, ty: &str) -> String {
        let name = format!("%c{}", self.text.len());
        writeln!(self.text, "{name} = hls.constant dense<{values}> : {ty}").unwrap();
        name
    }

    fn convolve(&mut self, element: &str, weights: &[i64], group: usize) {
        let per = CHANNELS / group;
        let weights: Vec<String> = weights.chunks(per).map(|row| format!("[{}]", nested(row))).collect();
        let ty = format!("tensor<{CHANNELS}x{per}x1x1xsi4>");
        let w = self.constant(&format!("[{}]", weights.join(", ")), &ty);
        let types = format!("({}, {ty}) -> {}", self.image(element), self.image("si32"));
        self.push("hls.conv", &format!(", {w} strides [1, 1] dilations [1, 1] group {group}"), &types);
    }

    fn requantize(&mut self, forms: &[Form]) {
        let forms = forms.iter().map(|form| match form {
            Form::Constant(code) => format!("#hls.constant<{code}>"),
            Form::Compare(threshold) => format!("#hls.compare<{threshold}, 1, 3>"),
            Form::Shift(shift) => format!("#hls.mul_shift<1 * x + 0 shift {shift} floor in [0, 15]>"),
        });
        let forms: Vec<String> = forms.collect();
        let types = format!("({}) -> {}", self.image("si32"), self.image("ui4"));
        self.push("hls.requantize", &format!(" per [{CHANNELS}, 1, 1] [{}]", forms.join(", ")), &types);
    }

    fn step(&mut self, step: &Step) {
        let before = self.image("ui4");
        match step {
            Step::Requantize(forms) => {
                self.convolve("ui4", &[1; CHANNELS], CHANNELS);
                self.requantize(forms);
            }
            Step::Depthwise(weights) => {
                self.convolve("ui4", weights, CHANNELS);
                self.requantize(&[const { Form::Shift(1) }; CHANNELS]);
            }
            Step::Pad(value) => {
                self.extent += 2;
                let amounts = format!(" low [0, 0, 1, 1] high [0, 0, 1, 1] interior [0, 0, 0, 0] value {value}");
                self.push("hls.pad", &amounts, &format!("({before}) -> {}", self.image("ui4")));
            }
            Step::MaxPool if self.extent < 2 => {}
            Step::MaxPool => {
                self.extent /= 2;
                let window = " window [1, 1, 2, 2] strides [1, 1, 2, 2] dilations [1, 1, 1, 1]";
                self.push("hls.reduce_window max", window, &format!("({before}) -> {}", self.image("ui4")));
            }
            Step::Transpose => self.push("hls.transpose", " [0, 1, 3, 2]", &format!("({before}) -> {before}")),
        }
    }

    /// All elements of the image meet weights.
    fn finish(mut self, weights: &[i64]) -> String {
        let count = CHANNELS * self.extent * self.extent;
        let flat = format!("tensor<1x{count}xui4>");
        self.push("hls.view", "", &format!("({}) -> {flat}", self.image("ui4")));
        let rows: Vec<String> = (0..count).map(|row| list(&weights[row % 5..][..3])).collect();
        let ty = format!("tensor<{count}x3xsi4>");
        let w = self.constant(&format!("[{}]", rows.join(", ")), &ty);
        self.push("hls.matmul", &format!(", {w}"), &format!("({flat}, {ty}) -> tensor<1x3xsi32>"));
        format!("{}return %v{} : tensor<1x3xsi32>\n}}\n", self.text, self.values)
    }
}

fn list(values: &[i64]) -> String {
    let values: Vec<String> = values.iter().map(i64::to_string).collect();
    format!("[{}]", values.join(", "))
}

/// Kernels of one element.
fn nested(values: &[i64]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("[[{value}]]")).collect();
    values.join(", ")
}

fn outputs(program: &Program, images: &[Vec<i64>]) -> Vec<Vec<i64>> {
    program.with(|module| {
        let mut interpreter = Interpreter::new(module);
        let main = interpreter.function("main").unwrap();
        let run = |image: &Vec<i64>| {
            let image = Tensor::int(IntType::I64, &[1, CHANNELS, EXTENT, EXTENT], image.clone()).unwrap();
            interpreter.run(main, vec![Rc::new(image)]).unwrap()[0].to_i64_vec().unwrap()
        };
        images.iter().map(run).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn what_is_removed_is_not_missed(
        first in prop::collection::vec(-2..3_i64, CHANNELS * CHANNELS),
        forms in prop::collection::vec(form(), CHANNELS),
        steps in prop::collection::vec(step(), 0..4),
        last in prop::collection::vec(-3..4_i64, 8),
        images in prop::collection::vec(prop::collection::vec(0..16_i64, CHANNELS * EXTENT * EXTENT), 3),
    ) {
        crate::passes::register();
        qonnx_dialect::register_transforms();
        let mut network = Network::new();
        network.convolve("ui4", &first, 1);
        network.requantize(&forms);
        steps.iter().for_each(|step| network.step(step));
        let text = network.finish(&last);
        let mut program = Program::parse(text.as_bytes()).unwrap();
        let before = outputs(&program, &images);
        program.run(PASSES).unwrap();
        prop_assert_eq!(outputs(&program, &images), before, "{}\n{}", text, program.to_text(false));
    }
}
