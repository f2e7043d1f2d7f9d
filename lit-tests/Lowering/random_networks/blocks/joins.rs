//! Branches that meet: sums, products, concatenations.

use super::super::{
    generator::{Generator, Value},
    layers::Window,
    onnx::int,
    tape::Tape,
};

impl Generator {
    pub(super) fn residual(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let y = self.same_layer(tape, x);
        let x = if tape.chance(30) { self.same_layer(tape, x) } else { x.clone() };
        let sum = self.join("Add", &x, &y);
        self.activated(tape, &sum)
    }

    /// Both sides through the same quantizer, as integer adders want it.
    pub(super) fn residual_one_scale(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let y = self.same_linear(tape, x);
        let quant = self.random_quant(tape, &y);
        let [a, b] = [x, &y].map(|side| self.quant(side, &quant));
        let sum = self.join("Add", &a, &b);
        let relu = tape.chance(50);
        let sum = if relu { sum.becomes(self.graph.node("Relu", &[&sum.name], vec![]), sum.size, false) } else { sum };
        match tape.chance(40) {
            true => self.same_layer(tape, &sum),
            false => self.quantizer(tape, &sum),
        }
    }

    /// No quantizer between linear operators and their sum.
    pub(super) fn residual_unquantized(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let y = self.same_linear(tape, x);
        let x = if tape.chance(50) { self.same_linear(tape, x) } else { x.clone() };
        let sum = self.join("Add", &y, &x);
        self.activated(tape, &sum)
    }

    /// Quantized branches that add to a float stream.
    pub(super) fn float_stream(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let y = self.same_linear(tape, x);
        let stream = self.join("Add", x, &y);
        let q = self.finish(tape, &stream);
        let y = self.same_linear(tape, &q);
        let stream = self.join("Add", &stream, &y);
        self.activated(tape, &stream)
    }

    /// A sum on the common grid of two scales.
    pub(super) fn linear_of_sum(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let y = self.same_layer(tape, x);
        let op = tape.pick(&["Add", "Sub"]);
        let sum = self.join(op, x, &y);
        self.same_layer(tape, &sum)
    }

    /// x times a quantized sigmoid of it: of each element, or of each channel's mean.
    pub(super) fn gate(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let pooled = x.rank() == 4 && tape.chance(50);
        let mean = if pooled { self.global_mean(tape, x) } else { x.clone() };
        let y = self.same_linear(tape, &mean);
        let op = tape.pick(&["HardSigmoid", "Sigmoid"]);
        let gate = y.becomes(self.graph.node(op, &[&y.name], vec![]), 1.0, false);
        let gate = self.quant_near(tape, &gate);
        let product = self.join("Mul", x, &gate);
        self.activated(tape, &product)
    }

    fn global_mean(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let name = self.graph.node("GlobalAveragePool", &[&x.name], vec![]);
        let shape = x.along_channels();
        let mean = x.moved(name, &shape);
        self.quant_near(tape, &mean)
    }

    pub(super) fn product(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let [a, b] = [0; 2].map(|_| self.same_layer(tape, x));
        let product = self.join("Mul", &a, &b);
        self.activated(tape, &product)
    }

    /// Branches quantized before they are joined, or after, or both.
    pub(super) fn concat_block(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let before = !tape.chance(40);
        let mut parts = if before && tape.chance(50) { vec![x.clone()] } else { Vec::new() };
        while parts.len() < 2 {
            let y = if x.rank() == 2 { self.dense(tape, x, 5) } else { self.narrow_conv(tape, x) };
            parts.push(if before { self.activated(tape, &y) } else { y });
        }
        let joined = self.concat(&parts);
        match before && tape.chance(50) {
            true => joined,
            false => self.activated(tape, &joined),
        }
    }

    fn narrow_conv(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let window = Window::same(tape, x.spatial());
        let channels = tape.pick(&[2, 1, 3, 4]);
        self.conv_with(tape, x, &window, channels, 1)
    }

    pub(super) fn linear_of_concat(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let joined = self.concat_block(tape, x);
        self.same_layer(tape, &joined)
    }

    /// Channels in two parts, one of them processed, and together again.
    pub(super) fn split(&mut self, tape: &mut Tape, x: &Value) -> Value {
        if x.channels() < 2 {
            return self.residual(tape, x);
        }
        let first = tape.between(1, x.channels() - 1);
        let lengths = [first, x.channels() - first];
        let list = self.graph.list(&lengths.map(|length| length as i64));
        let names = self.graph.nodes("Split", &[&x.name, &list], 2, vec![int("axis", 1)]);
        let mut parts: Vec<Value> = Vec::new();
        for (name, length) in names.into_iter().zip(lengths) {
            let mut shape = x.shape.clone();
            shape[1] = length;
            parts.push(x.moved(name, &shape));
        }
        parts[0] = self.same_layer(tape, &parts[0]);
        let joined = self.concat(&parts);
        if tape.chance(50) { self.same_layer(tape, &joined) } else { joined }
    }
}
