//! Elements that move, repeat or go.

use super::super::{
    generator::{Generator, Value},
    layers::Window,
    onnx::{int, string},
    tape::Tape,
};

use super::layers::LARGE;

impl Generator {
    pub(super) fn pad(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image(x);
        let mode = if x.spatial().contains(&1) { "constant" } else { tape.pick(&["constant", "reflect", "edge"]) };
        let rank = x.rank();
        let pads: Vec<i64> = (0..2 * rank).map(|at| if at % rank < 2 { 0 } else { tape.below(2) as i64 }).collect();
        let mut shape = x.shape.clone();
        pads.iter().enumerate().for_each(|(at, pad)| shape[at % rank] += *pad as usize);
        let pads = self.graph.list(&pads);
        let name = self.graph.node("Pad", &[&x.name, &pads], vec![string("mode", mode)]);
        let y = x.moved(name, &shape);
        self.same_layer(tape, &y)
    }

    pub(super) fn resize(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image_2d(x);
        let [height, width] = if x.len() > LARGE { [1, 1] } else { [tape.between(1, 2), tape.between(1, 2)] };
        let scales = self.graph.floats(&[4], &[1.0, 1.0, height as f32, width as f32]);
        let attributes = vec![
            string("mode", "nearest"),
            string("coordinate_transformation_mode", tape.pick(&["asymmetric", "half_pixel"])),
            string("nearest_mode", tape.pick(&["floor", "round_prefer_floor"])),
        ];
        let name = self.graph.node("Resize", &[&x.name, "", &scales], attributes);
        let y = x.moved(name, &[1, x.channels(), x.shape[2] * height, x.shape[3] * width]);
        if tape.chance(50) { self.same_layer(tape, &y) } else { y }
    }

    pub(super) fn slice(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let axis = tape.between(1, x.rank() - 1);
        let length = x.shape[axis] as i64;
        let (start, step) = (tape.below(x.shape[axis]) as i64, tape.pick(&[1, 2, -1]));
        let (end, count) =
            if step < 0 { (-length - 1, start + 1) } else { (length, (length - start + step - 1) / step) };
        let lists = [start, end, axis as i64, step].map(|value| self.graph.list(&[value]));
        let mut operands = vec![x.name.as_str()];
        operands.extend(lists.iter().map(String::as_str));
        let mut shape = x.shape.clone();
        shape[axis] = count as usize;
        x.moved(self.graph.node("Slice", &operands, vec![]), &shape)
    }

    pub(super) fn gather(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let axis = tape.between(1, x.rank() - 1);
        let count = tape.between(1, x.shape[axis]);
        let indices: Vec<i64> = (0..count).map(|_| tape.below(x.shape[axis]) as i64).collect();
        let indices = self.graph.list(&indices);
        let mut shape = x.shape.clone();
        shape[axis] = count;
        x.moved(self.graph.node("Gather", &[&x.name, &indices], vec![int("axis", axis)]), &shape)
    }

    /// A dense layer of each pixel, channels last; or axes in any order.
    pub(super) fn transpose_block(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image(x);
        if x.rank() == 4 && tape.chance(50) {
            let last = self.transpose(&x, &[0, 2, 3, 1]);
            let outputs = tape.between(2, 6);
            let y = self.dense(tape, &last, outputs);
            let name = self.graph.node("Relu", &[&y.name], vec![]);
            let y = self.quant_near(tape, &y.becomes(name, y.size, false));
            return self.transpose(&y, &[0, 3, 1, 2]);
        }
        let order: Vec<usize> = tape.permutation(x.rank() - 1).iter().map(|axis| axis + 1).collect();
        self.transpose(&x, &[&[0], order.as_slice()].concat())
    }

    pub(super) fn reshape_block(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let divisors: Vec<usize> = (1..=x.len().min(12)).filter(|divisor| x.len() % divisor == 0).collect();
        let channels = tape.pick(&divisors);
        self.reshape(x, &[1, channels, x.len() / channels])
    }

    pub(super) fn depth_to_space(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image_2d(x);
        if x.shape[2] % 2 == 0 && x.shape[3] % 2 == 0 && tape.chance(50) {
            let name = self.graph.node("SpaceToDepth", &[&x.name], vec![int("blocksize", 2)]);
            return x.moved(name, &[1, 4 * x.channels(), x.shape[2] / 2, x.shape[3] / 2]);
        }
        let window = Window::same(tape, x.spatial());
        let y = self.conv_with(tape, &x, &window, 4, 1);
        let y = self.finish(tape, &y);
        let mode = tape.pick(&["DCR", "CRD"]);
        let name = self.graph.node("DepthToSpace", &[&y.name], vec![int("blocksize", 2), string("mode", mode)]);
        y.moved(name, &[1, 1, 2 * y.shape[2], 2 * y.shape[3]])
    }

    /// Channels dealt out anew, as ShuffleNet does.
    pub(super) fn shuffle(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = self.image_2d(x);
        let groups = if x.channels() % 2 == 0 { 2 } else { x.channels() };
        let y = self.reshape(&x, &[1, groups, x.channels() / groups, x.shape[2], x.shape[3]]);
        let y = self.transpose(&y, &[0, 2, 1, 3, 4]);
        let y = self.reshape(&y, &x.shape);
        if tape.chance(50) { self.same_layer(tape, &y) } else { y }
    }
}
