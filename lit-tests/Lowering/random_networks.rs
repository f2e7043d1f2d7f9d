//! Random dense networks whose sums are exact in float32 in any order (small codes, scales of
//! weights and activations that are powers of two), so that the hardware must give the very
//! bits of the file: no tolerance. What lies between accumulator and quantizer is anything:
//! odd BatchNormalization, factors and divisors, zero points, every rounding mode and activation.

use qonnx_dialect::Program;
use qonnxc::{
    driver::{
        evaluate,
        samples::{self, Random},
    },
    pipeline::{Options, STAGES},
};
use std::fmt::Write;

const NETWORKS: u64 = 150;
const SAMPLES: usize = 12;

#[test]
fn hardware_equals_the_file() {
    qonnxc::passes::register();
    qonnx_dialect::register_transforms();
    let mut codes = 0;
    for seed in 0..NETWORKS {
        let text = Network::new(seed).text();
        codes += compare(seed, &text);
    }
    println!("{NETWORKS} networks, {codes} values compared, 0 differ");
}

/// Outputs at every stage against those of the file.
fn compare(seed: u64, text: &str) -> usize {
    let parse = || Program::parse(text.as_bytes()).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
    let mut program = parse();
    let mut reference: Option<Vec<Vec<f32>>> = None;
    let mut inputs = Vec::new();
    for stage in &STAGES {
        let outcome = stage.run(&mut program, &Options::default());
        outcome.unwrap_or_else(|error| panic!("seed {seed}, stage {}: {error}\n{text}", stage.name));
        if stage.name == "split" {
            inputs = samples::generate(&program, SAMPLES, seed).expect("samples of a network with one input");
            let values = outputs(&program, &inputs);
            let file = parse();
            assert_eq!(outputs(&file, &inputs), values, "seed {seed}: splitting changed the file's meaning\n{text}");
            reference = Some(values);
        } else if let Some(reference) = &reference {
            assert_eq!(*reference, outputs(&program, &inputs), "seed {seed}, stage {}\n{text}", stage.name);
        }
    }
    reference.map_or(0, |samples| samples.iter().map(Vec::len).sum())
}

fn outputs(program: &Program, inputs: &[evaluate::Sample]) -> Vec<Vec<f32>> {
    let results = evaluate::run(program, inputs).expect("the network can be evaluated");
    // -0.0 equals 0.0.
    results.iter().flatten().map(|tensor| tensor.to_f32_vec().into_iter().map(|value| value + 0.0).collect()).collect()
}

/// A network as text of the qonnx dialect.
struct Network {
    random: Random,
    body: String,
    values: usize,
}

impl Network {
    fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), body: String::new(), values: 0 }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.random.bits() % end
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn uniform(&mut self, low: f64, high: f64) -> f32 {
        (low + self.random.unit() * (high - low)) as f32
    }

    fn text(mut self) -> String {
        let inputs = 2 + self.below(12) as usize;
        let scale = 2f32.powi(-(self.below(6) as i32));
        let mut x = self.quantizer("%x", inputs, scale, false);
        let mut width = inputs;
        for _ in 0..1 + self.below(3) {
            let outputs = 1 + self.below(10) as usize;
            x = self.layer(&x, width, outputs);
            width = outputs;
        }
        format!(
            "func.func @main(%x: tensor<1x{inputs}xf32> {{qonnx.name = \"x\"}}) -> (tensor<1x{width}xf32> {{qonnx.name = \"y\"}}) {{\n{}  return {x} : tensor<1x{width}xf32>\n}}\n",
            self.body
        )
    }

    /// matmul, bias, BatchNormalization, activation, quantizer.
    fn layer(&mut self, x: &str, inputs: usize, outputs: usize) -> String {
        let bits = 2 + self.below(3) as u32;
        let weights: Vec<f32> = (0..inputs * outputs).map(|_| self.uniform(-1.0, 1.0)).collect();
        let weights = self.constant(&[inputs, outputs], &weights);
        let scale = 2f32.powi(1 - bits as i32);
        let w = self.quant_of(&weights, &[inputs, outputs], scale, 0.0, bits, "half_even", true);
        let mut y = self.value(&format!("qonnx.matmul {x}, {w}"), &[&[1, inputs], &[inputs, outputs]], &[1, outputs]);
        if self.chance(60) {
            y = self.with_vector("add", &y, outputs, -1.0, 1.0);
        }
        if self.chance(60) {
            y = self.batch_norm(&y, outputs);
        }
        y = self.activation(&y, outputs);
        // The next layer's sums must be exact again: a power of two.
        let scale = 2f32.powi(-(self.below(4) as i32));
        self.quantizer(&y, outputs, scale, true)
    }

    fn batch_norm(&mut self, y: &str, width: usize) -> String {
        let mut parameters = Vec::new();
        for (low, high) in [(-2.0, 2.0), (-1.0, 1.0), (-1.0, 1.0), (0.1, 3.0)] {
            let values: Vec<f32> = (0..width).map(|_| self.uniform(low, high)).collect();
            parameters.push(self.constant(&[width], &values));
        }
        let vector: &[usize] = &[width];
        let text = format!("qonnx.batch_normalization {y}, {} epsilon 1.0e-5", parameters.join(", "));
        self.value(&text, &[&[1, width], vector, vector, vector, vector], &[1, width])
    }

    fn activation(&mut self, y: &str, width: usize) -> String {
        let shape: &[usize] = &[1, width];
        match self.below(9) {
            0 | 1 => self.value(&format!("qonnx.relu {y}"), &[shape], shape),
            2 => self.value(&format!("qonnx.leaky_relu {y} alpha 0.1"), &[shape], shape),
            3 => self.value(&format!("qonnx.sigmoid {y}"), &[shape], shape),
            4 => self.value(&format!("qonnx.tanh {y}"), &[shape], shape),
            5 => self.value(&format!("qonnx.hard_sigmoid {y} alpha 0.2 beta 0.5"), &[shape], shape),
            6 => self.with_vector("mul", y, width, -3.0, 3.0),
            7 => self.with_vector("div", y, width, 0.3, 3.0),
            _ => y.to_string(),
        }
    }

    fn with_vector(&mut self, op: &str, y: &str, width: usize, low: f64, high: f64) -> String {
        let values: Vec<f32> = (0..width).map(|_| self.uniform(low, high)).collect();
        let vector = self.constant(&[width], &values);
        self.value(&format!("qonnx.{op} {y}, {vector}"), &[&[1, width], &[width]], &[1, width])
    }

    /// A quantizer of any kind, codes of up to 4 bits.
    fn quantizer(&mut self, y: &str, width: usize, scale: f32, any_kind: bool) -> String {
        let shape: &[usize] = &[1, width];
        if any_kind && self.chance(15) {
            let scale = self.constant(&[], &[scale]);
            return self.value(&format!("qonnx.bipolar_quant {y}, {scale}"), &[shape, &[]], shape);
        }
        let modes = ["half_even", "half_even", "ceil", "floor", "up", "down", "half_up", "half_down"];
        let mode = modes[self.below(8) as usize];
        let bits = 1 + self.below(4) as u32;
        let signed = self.chance(50);
        let zero_point = if self.chance(25) { self.below(1 << bits) as f32 } else { 0.0 };
        self.quant_of(y, shape, scale, zero_point, bits, mode, signed)
    }

    #[allow(clippy::too_many_arguments)]
    fn quant_of(
        &mut self,
        y: &str,
        shape: &[usize],
        scale: f32,
        zero: f32,
        bits: u32,
        mode: &str,
        signed: bool,
    ) -> String {
        let [scale, zero, bits] = [scale, zero, bits as f32].map(|value| self.constant(&[], &[value]));
        let signed = if signed { " signed" } else { "" };
        self.value(&format!("qonnx.quant {y}, {scale}, {zero}, {bits} {mode}{signed}"), &[shape, &[], &[], &[]], shape)
    }

    fn constant(&mut self, shape: &[usize], values: &[f32]) -> String {
        let name = self.name();
        // Bits in hexadecimal: exact.
        let words: Vec<String> = values.iter().map(|value| format!("0x{:08x}", value.to_bits())).collect();
        let list = match shape {
            [] => words.concat(),
            [_] => format!("[{}]", words.join(", ")),
            [_, columns, ..] => {
                let rows: Vec<String> = words.chunks(*columns).map(|row| format!("[{}]", row.join(", "))).collect();
                format!("[{}]", rows.join(", "))
            }
        };
        let _ = writeln!(self.body, "  {name} = qonnx.constant dense<{list}> : {}", tensor(shape));
        name
    }

    fn value(&mut self, text: &str, operands: &[&[usize]], result: &[usize]) -> String {
        let name = self.name();
        let types: Vec<String> = operands.iter().map(|shape| tensor(shape)).collect();
        let _ = writeln!(self.body, "  {name} = {text} : ({}) -> {}", types.join(", "), tensor(result));
        name
    }

    fn name(&mut self) -> String {
        self.values += 1;
        format!("%v{}", self.values)
    }
}

fn tensor(shape: &[usize]) -> String {
    let dims: String = shape.iter().map(|dim| format!("{dim}x")).collect();
    format!("tensor<{dims}f32>")
}
