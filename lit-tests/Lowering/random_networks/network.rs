//! A network as data: proptest makes it, makes it smaller, and it becomes a file.

use super::{
    blocks::Kind,
    generator::{Generator, Value},
    onnx::int,
    quantizers::Quant,
    tape::Tape,
};
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    sample::select,
};
use qonnxc::{
    driver::{evaluate::Sample, samples::Random},
    eval::Tensor,
    onnx::proto::tensor_proto::DataType,
};
use std::rc::Rc;

/// A graph input is called so.
pub const INPUT: &str = "x";

/// What determines a network.
#[derive(Clone, Debug)]
pub struct Network {
    /// Shape and quantizer of the input, versions.
    input: Vec<u8>,
    /// From the input on.
    pub blocks: Vec<(Kind, Vec<u8>)>,
    /// What stands in front of the output.
    head: Vec<u8>,
    /// Odd scales everywhere.
    pub odd: bool,
}

/// A network with blocks of these kinds.
pub fn strategy(kinds: Vec<Kind>, odd: bool) -> impl Strategy<Value = Network> {
    let tape = |length| vec(any::<u8>(), length);
    let blocks = vec((select(kinds), tape(80)), 1..=4);
    (tape(20), blocks, tape(40)).prop_map(move |(input, blocks, head)| Network { input, blocks, head, odd })
}

/// A network as a file, and what its input takes.
pub struct File {
    /// The ONNX file.
    pub bytes: Vec<u8>,
    shape: Vec<usize>,
    quant: Quant,
}

impl Network {
    /// Builds the graph.
    pub fn file(&self) -> File {
        let mut tape = Tape::new(&self.input);
        let (opset, qonnx) = (tape.pick(&[14, 16, 17]), tape.pick(&[1, 2]));
        let mut generator = Generator { odd: self.odd, trunc_to_scale: qonnx == 2, ..Generator::default() };
        let shape = input_shape(&mut tape);
        generator.graph.input(INPUT, &shape);
        let x = Value { signed: tape.chance(50), ..Value::new(INPUT.into(), &shape, 2.0) };
        let quant = generator.random_quant(&mut tape, &x);
        let mut x = generator.quant(&x, &quant);
        for (kind, choices) in &self.blocks {
            x = generator.block(*kind, &mut Tape::new(choices), &x);
        }
        generator.head(&mut Tape::new(&self.head), &x);
        File { bytes: generator.graph.into_file(opset, qonnx), shape, quant }
    }
}

fn input_shape(tape: &mut Tape) -> Vec<usize> {
    match tape.below(5) {
        0 => vec![1, tape.between(2, 12)],
        1 => vec![1, tape.pick(&[2, 1, 3, 4]), tape.between(3, 8)],
        _ => vec![1, tape.pick(&[2, 1, 3, 4]), tape.between(2, 7), tape.between(2, 7)],
    }
}

impl Generator {
    /// A quantizer, a float linear operator, the index of the largest, or nothing more.
    fn head(&mut self, tape: &mut Tape, x: &Value) {
        let kind = tape.below(6);
        if kind == 0 {
            return self.graph.output(&x.name, DataType::Float, &x.shape);
        }
        let x = if x.rank() == 2 || tape.chance(70) { self.flat(x) } else { x.clone() };
        let y = match x.rank() {
            2 => {
                let outputs = tape.between(2, 8);
                self.dense(tape, &x, outputs)
            }
            _ => self.conv(tape, &x),
        };
        let y = match kind {
            1 => y,
            2 => {
                let keep = tape.below(2);
                let name = self.graph.node("ArgMax", &[&y.name], vec![int("axis", 1), int("keepdims", keep as i64)]);
                let mut shape = y.shape.clone();
                shape.splice(1..2, vec![1; keep]);
                return self.graph.output(&name, DataType::Int64, &shape);
            }
            3 => self.quant_by_channel(tape, &y),
            _ => self.finish(tape, &y),
        };
        self.graph.output(&y.name, DataType::Float, &y.shape);
    }
}

impl File {
    /// Samples of the input: least, greatest, zero, half-way ties, then random ones a bit beyond the range.
    pub fn samples(&self, count: usize, seed: u64) -> Vec<Sample> {
        let mut random = Random::new(seed);
        let (low, high) = self.quant.range();
        let step = self.quant.scale.1.first().copied().unwrap_or(1.0);
        let mut value = |sample: usize, element: usize| match sample {
            0 => low,
            1 => high,
            2 => 0.0,
            3 => low + (element as f32 + 0.5) * step,
            _ => low - step + random.unit() as f32 * (high - low + 2.0 * step),
        };
        let elements = self.shape.iter().product();
        let mut tensor = |sample| {
            let values = (0..elements).map(|element| value(sample, element)).collect();
            vec![Rc::new(Tensor::f32(&self.shape, values).expect("as many values as the shape says"))]
        };
        (0..count).map(&mut tensor).collect()
    }
}
