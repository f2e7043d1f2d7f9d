//! Pools and reductions.

use super::super::{
    generator::{Generator, Value},
    layers::Window,
    onnx::{int, ints, string},
    quantizers::Quant,
    tape::Tape,
};

impl Generator {
    pub(super) fn max_pool(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image(x);
        let window = Window::random(tape, x.spatial(), true);
        let name = self.graph.node("MaxPool", &[&x.name], window.attributes());
        let y = x.moved(name, &[&[1, x.channels()], window.result.as_slice()].concat());
        if tape.chance(30) { self.quantizer(tape, &y) } else { y }
    }

    pub(super) fn average_pool(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image(x);
        let window = Window::random(tape, x.spatial(), true).undilated(x.spatial());
        let mut attributes = window.attributes();
        if tape.chance(30) {
            attributes.push(int("count_include_pad", 1));
        }
        let name = self.graph.node("AveragePool", &[&x.name], attributes);
        let y = x.moved(name, &[&[1, x.channels()], window.result.as_slice()].concat());
        self.activated(tape, &y)
    }

    /// The sum of a window, and its low bits dropped, as Brevitas exports its average pools.
    pub(super) fn truncated_pool(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image(x);
        let quant = Quant::plain(self.scale(tape, x.size / 8.0), 4, x.signed);
        let x = self.quant(&x, &quant);
        let kernel: Vec<usize> = x.spatial().iter().map(|length| tape.pick(&[2, 1, 3]).min(*length)).collect();
        let area = kernel.iter().product::<usize>();
        let attributes = vec![ints("kernel_shape", &kernel), ints("strides", &kernel)];
        let mean = self.graph.node("AveragePool", &[&x.name], attributes);
        let factor = self.graph.float(area as f32);
        let sum = self.graph.node("Mul", &[&mean, &factor], vec![]);
        let result: Vec<usize> = x.spatial().iter().zip(&kernel).map(|(length, k)| (length - k) / k + 1).collect();
        let sum = Value { name: sum, shape: [&[1, x.channels()], result.as_slice()].concat(), ..x };
        self.trunc(tape, &sum, &quant, quant.bits + area.next_power_of_two().ilog2() as usize)
    }

    fn trunc(&mut self, tape: &mut Tape, x: &Value, quant: &Quant, bits: usize) -> Value {
        let scale = quant.scale.1[0];
        let result_scale = scale * 2f32.powi((bits - quant.bits) as i32);
        let [s, zero, wide, to, narrow] =
            [scale, 0.0, bits as f32, result_scale, quant.bits as f32].map(|value| self.graph.float(value));
        let mut attributes = vec![string("rounding_mode", tape.pick(&["FLOOR", "ROUND", "CEIL"]))];
        if self.trunc_to_scale {
            attributes.extend([int("signed", i64::from(quant.signed)), int("narrow", 0)]);
            let name = self.graph.qonnx("Trunc", &[&x.name, &s, &zero, &wide, &to, &narrow], attributes);
            return x.becomes(name, x.size, x.signed);
        }
        x.becomes(self.graph.qonnx("Trunc", &[&x.name, &s, &zero, &wide, &narrow], attributes), x.size, x.signed)
    }

    pub(super) fn reduce(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image(x);
        let spatial: Vec<usize> = (2..x.rank()).collect();
        let axes = if tape.chance(30) { vec![1] } else { spatial };
        let keep = tape.chance(50);
        let mean = !tape.chance(40);
        let name = match mean {
            true => {
                let attributes = vec![ints("axes", &axes), int("keepdims", i64::from(keep))];
                self.graph.node("ReduceMean", &[&x.name], attributes)
            }
            false => {
                let list: Vec<i64> = axes.iter().map(|axis| *axis as i64).collect();
                let list = self.graph.list(&list);
                self.graph.node("ReduceSum", &[&x.name, &list], vec![int("keepdims", i64::from(keep))])
            }
        };
        let mut shape = Vec::new();
        for (axis, length) in x.shape.iter().enumerate() {
            match axes.contains(&axis) {
                true if keep => shape.push(1),
                true => {}
                false => shape.push(*length),
            }
        }
        self.activated(tape, &x.moved(name, &shape))
    }
}
