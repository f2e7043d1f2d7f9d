//! Quantizers of activations and weights, in every form that files have.

use super::{
    generator::{Generator, Value},
    onnx::{float, int, string},
    tape::Tape,
};

/// How QONNX's Quant rounds.
const MODES: [&str; 8] = ["ROUND", "ROUND", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN"];

/// The numbers of a Quant.
pub struct Quant {
    /// One, or one a channel in the shape that broadcasts.
    pub scale: (Vec<usize>, Vec<f32>),
    /// Added to `x / scale`.
    pub zero_point: f32,
    /// Width in bits.
    pub bits: usize,
    /// Whether codes may be negative.
    pub signed: bool,
    /// Without the code that has no counterpart.
    pub narrow: bool,
    /// How it rounds.
    pub mode: &'static str,
}

impl Quant {
    /// Half to even, no zero point.
    pub fn plain(scale: f32, bits: usize, signed: bool) -> Self {
        Self { scale: (Vec::new(), vec![scale]), zero_point: 0.0, bits, signed, narrow: false, mode: "ROUND" }
    }

    /// Least and greatest value that it gives.
    pub fn range(&self) -> (f32, f32) {
        let levels = 2f32.powi(self.bits as i32);
        let (low, high) = match (self.signed, self.bits) {
            (true, 1) => (-1.0, 1.0),
            (true, _) => (-levels / 2.0, levels / 2.0 - 1.0),
            (false, _) => (0.0, levels - 1.0),
        };
        let scale = self.scale.1.iter().fold(0f32, |max, scale| max.max(*scale));
        ((low - self.zero_point) * scale, (high - self.zero_point) * scale)
    }
}

impl Generator {
    /// A scale near a number: a power of two, so that sums are exact, or an odd one.
    pub fn scale(&self, tape: &mut Tape, near: f32) -> f32 {
        let near = near.clamp(2f32.powi(-5), 2.0);
        match self.odd {
            true => near * tape.uniform(0.7, 1.4),
            false => near.log2().round().exp2() * tape.pick(&[1.0, 1.0, 1.0, 0.5, 2.0]),
        }
    }

    /// Any quantizer behind a value.
    pub fn quantizer(&mut self, tape: &mut Tape, x: &Value) -> Value {
        match tape.below(8) {
            0..=4 => self.quant_near(tape, x),
            5 if x.signed => {
                let scale = self.scale(tape, x.size / 2.0);
                let name = self.graph.float(scale);
                x.becomes(self.graph.qonnx("BipolarQuant", &[&x.name, &name], vec![]), scale, true)
            }
            6 if matches!(x.rank(), 2 | 4) => self.multi_threshold(tape, x),
            5 | 6 => self.quant_near(tape, x),
            _ => self.quantize_linear(tape, x),
        }
    }

    /// A Quant with a range near that of the value, one scale.
    pub fn quant_near(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let quant = self.random_quant(tape, x);
        self.quant(x, &quant)
    }

    /// The same with a scale a channel: where no sum runs over channels.
    pub fn quant_by_channel(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let mut quant = self.random_quant(tape, x);
        let near = quant.scale.1.iter().sum::<f32>();
        let shape = x.along_channels();
        let scales = (0..shape.iter().product()).map(|_| self.scale(tape, near)).collect();
        quant.scale = (shape, scales);
        self.quant(x, &quant)
    }

    /// A random Quant for a value.
    pub fn random_quant(&self, tape: &mut Tape, x: &Value) -> Quant {
        let bits = tape.pick(&[4, 2, 3, 5, 4, 1]);
        let signed = x.signed != tape.chance(10);
        let levels = 2f32.powi((bits - usize::from(signed)) as i32);
        let mut quant = Quant::plain(self.scale(tape, x.size / levels), bits, signed);
        if tape.chance(25) {
            quant.zero_point = zero_point(tape, bits, x.signed && !signed);
        }
        quant.narrow = bits > 1 && tape.chance(20);
        quant.mode = tape.pick(&MODES);
        quant
    }

    /// The node of a Quant.
    pub fn quant(&mut self, x: &Value, quant: &Quant) -> Value {
        let (shape, scales) = &quant.scale;
        let scale = self.graph.floats(shape, scales);
        let [zero, bits] = [quant.zero_point, quant.bits as f32].map(|value| self.graph.float(value));
        let attributes = vec![
            int("signed", i64::from(quant.signed)),
            int("narrow", i64::from(quant.narrow)),
            string("rounding_mode", quant.mode),
        ];
        let name = self.graph.qonnx("Quant", &[&x.name, &scale, &zero, &bits], attributes);
        let (low, high) = quant.range();
        x.becomes(name, low.abs().max(high.abs()).min(x.size.max(scales[0])), low < 0.0)
    }

    fn multi_threshold(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let (channels, count) = (tape.pick(&[1, x.channels()]), tape.pick(&[1, 3, 7, 2]));
        let low = if x.signed { -x.size } else { 0.0 };
        let mut thresholds = tape.numbers(channels * count, low, x.size);
        if tape.chance(40) {
            // On the grid of the sums, where ties are.
            thresholds.iter_mut().for_each(|value| *value = (*value * 4.0).round() / 4.0);
        }
        thresholds.chunks_mut(count).for_each(|row| row.sort_by(f32::total_cmp));
        let thresholds = self.graph.floats(&[channels, count], &thresholds);
        let (ty, scale, bias) = match (count, tape.below(3)) {
            (1, 1) => ("BIPOLAR", 2.0, -1.0),
            (_, 2) => ("INT4", 0.5, -0.5 * (count / 2) as f32),
            _ => ("UINT4", self.scale(tape, x.size / count as f32), 0.0),
        };
        let attributes = vec![string("out_dtype", ty), float("out_scale", scale), float("out_bias", bias)];
        let name = self.graph.qonnx("MultiThreshold", &[&x.name, &thresholds], attributes);
        x.becomes(name, scale * count as f32, bias < 0.0)
    }

    /// QuantizeLinear, Clip, DequantizeLinear.
    fn quantize_linear(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let high = tape.pick(&[7i8, 1, 3, 15]);
        let step = self.scale(tape, x.size / f32::from(high));
        let scale = self.graph.float(step);
        let zero_point = if tape.chance(30) { tape.below(4) as i8 } else { 0 };
        let [zero, low, top] = [zero_point, -high, high].map(|value| self.graph.int8(&[], &[value]));
        let q = self.graph.node("QuantizeLinear", &[&x.name, &scale, &zero], vec![]);
        let q = self.graph.node("Clip", &[&q, &low, &top], vec![]);
        let name = self.graph.node("DequantizeLinear", &[&q, &scale, &zero], vec![]);
        x.becomes(name, step * f32::from(high + zero_point), true)
    }

    /// Quantized weights: their outputs along `axis`, of so many terms each.
    pub fn weights(&mut self, tape: &mut Tape, shape: &[usize], axis: usize, terms: usize) -> String {
        let bits = tape.pick(&[3, 2, 4, 1]);
        let outputs = if tape.chance(50) { shape[axis] } else { 1 };
        let near = 2.0 / (terms as f32).sqrt() / 2f32.powi(bits - 1);
        let scales: Vec<f32> = (0..outputs).map(|_| self.scale(tape, near)).collect();
        let size = near * 2f32.powi(bits - 1);
        let values = tape.numbers(shape.iter().product(), -size, size);
        match tape.below(8) {
            6 => return self.bipolar_weights(shape, axis, &values, &scales),
            7 => return self.integer_weights(shape, axis, &values, &scales),
            _ => {}
        }
        let x = Value::new(self.graph.floats(shape, &values), shape, size);
        let mut quant = Quant::plain(1.0, bits as usize, true);
        quant.scale = scales_along(shape, axis, scales);
        quant.narrow = bits > 1 && tape.chance(50);
        self.quant(&x, &quant).name
    }

    fn bipolar_weights(&mut self, shape: &[usize], axis: usize, values: &[f32], scales: &[f32]) -> String {
        let (scale_shape, scales) = scales_along(shape, axis, scales.to_vec());
        let [values, scale] = [self.graph.floats(shape, values), self.graph.floats(&scale_shape, &scales)];
        self.graph.qonnx("BipolarQuant", &[&values, &scale], vec![])
    }

    /// Stored as integers.
    fn integer_weights(&mut self, shape: &[usize], axis: usize, values: &[f32], scales: &[f32]) -> String {
        let codes: Vec<i8> = values.iter().map(|value| (value / scales[0]).round().clamp(-7.0, 7.0) as i8).collect();
        let codes = self.graph.int8(shape, &codes);
        let scale_shape: &[usize] = if scales.len() == 1 { &[] } else { &[scales.len()] };
        let scale = self.graph.floats(scale_shape, scales);
        let zero = self.graph.int8(scale_shape, &vec![0; scales.len()]);
        self.graph.node("DequantizeLinear", &[&codes, &scale, &zero], vec![int("axis", axis)])
    }
}

/// A zero point that leaves room on both sides, or little of it, or none.
fn zero_point(tape: &mut Tape, bits: usize, in_the_middle: bool) -> f32 {
    let half = 1 << (bits - 1);
    let most = if tape.chance(10) { 2 * half + 3 } else { half / 2 };
    let offset = if in_the_middle { half } else { 0 };
    (offset + tape.below(most + 1)) as f32
}

/// Scales in a shape that broadcasts along one axis.
fn scales_along(shape: &[usize], axis: usize, scales: Vec<f32>) -> (Vec<usize>, Vec<f32>) {
    let mut dims = vec![1; shape.len()];
    dims[axis] = scales.len();
    (dims, scales)
}
