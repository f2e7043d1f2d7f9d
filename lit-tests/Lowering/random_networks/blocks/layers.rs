//! Single layers, with quantizers of every kind behind them.

use super::super::{
    generator::{Generator, Value},
    layers::Window,
    onnx::float,
    tape::Tape,
};

/// A value with more elements does not grow.
pub(super) const LARGE: usize = 400;

impl Generator {
    pub(super) fn dense_block(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = if x.rank() == 3 && tape.chance(50) { x.clone() } else { self.flat(x) };
        let outputs = tape.pick(&[3, 1, 4, 6, 8, 10]);
        let y = self.dense(tape, &x, outputs);
        match y.rank() {
            2 => self.finish(tape, &y),
            _ => self.activated(tape, &y),
        }
    }

    pub(super) fn conv_block(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image(x);
        let y = self.conv(tape, &x);
        self.finish(tape, &y)
    }

    /// A convolution of each channel alone: the one linear operator that takes a scale a channel.
    pub(super) fn depthwise(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let mut x = self.image(x);
        if tape.chance(50) {
            x = self.quant_by_channel(tape, &x);
        }
        let window = Window::random(tape, x.spatial(), false);
        let channels = x.channels() * tape.pick(&[1, 1, 2]);
        let y = self.conv_with(tape, &x, &window, channels, x.channels());
        self.finish(tape, &y)
    }

    pub(super) fn conv_transpose_block(&mut self, tape: &mut Tape, x: &Value) -> Value {
        if x.len() > LARGE {
            return self.conv_block(tape, x);
        }
        let x = self.image(x);
        let y = self.conv_transpose(tape, &x);
        self.finish(tape, &y)
    }

    /// Quantizer behind quantizer.
    pub(super) fn quantizer_chain(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let y = self.same_linear(tape, x);
        let y = self.quant_near(tape, &y);
        let name = self.graph.node("LeakyRelu", &[&y.name], vec![float("alpha", 0.25)]);
        let y = self.quantizer(tape, &y.becomes(name, y.size, y.signed));
        self.quantizer(tape, &y)
    }

    /// Activation and quantizer.
    pub(super) fn activated(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.activation(tape, x);
        self.quantizer(tape, &x)
    }

    /// Dot products of two activations.
    pub(super) fn attention(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.rows(x);
        let depth = tape.between(1, 4);
        let [q, k, v] = [0; 3].map(|_| {
            let y = self.dense(tape, &x, depth);
            self.quant_near(tape, &y)
        });
        let k = self.transpose(&k, &[0, 2, 1]);
        let rows = x.shape[1];
        let scores = self.graph.node("MatMul", &[&q.name, &k.name], vec![]);
        let scores = Value::new(scores, &[1, rows, rows], q.size * k.size / 2.0);
        let factor = self.graph.float(1.0 / (depth as f32).sqrt());
        let scores = scores.becomes(self.graph.node("Mul", &[&scores.name, &factor], vec![]), scores.size, true);
        let scores = self.activated(tape, &scores);
        let y = self.graph.node("MatMul", &[&scores.name, &v.name], vec![]);
        self.activated(tape, &Value::new(y, &v.shape, scores.size * v.size / 2.0))
    }
}
