//! Layers: a linear operator, BatchNormalization, an activation, a quantizer.

use super::{
    generator::{Generator, Value},
    onnx::{float, int, ints, string},
    tape::Tape,
};

/// A window that fits an operand, with the attributes that say so.
pub struct Window {
    /// Lengths of the window.
    pub kernel: Vec<usize>,
    /// Lengths of the result's spatial axes.
    pub result: Vec<usize>,
    strides: Vec<usize>,
    dilations: Vec<usize>,
    pads: Vec<usize>,
    auto_pad: &'static str,
}

impl Window {
    /// Any that fits; `pooling` pads less than the window.
    pub fn random(tape: &mut Tape, spatial: &[usize], pooling: bool) -> Self {
        let auto_pad = if tape.chance(25) { tape.pick(&["VALID", "SAME_UPPER", "SAME_LOWER"]) } else { "NOTSET" };
        let rank = spatial.len();
        let mut window = Self {
            kernel: vec![1; rank],
            result: vec![1; rank],
            strides: vec![1; rank],
            dilations: vec![1; rank],
            pads: vec![0; 2 * rank],
            auto_pad,
        };
        for (axis, length) in spatial.iter().enumerate() {
            window.axis(tape, axis, *length, pooling);
        }
        window
    }

    fn axis(&mut self, tape: &mut Tape, axis: usize, length: usize, pooling: bool) {
        let kernel = tape.pick(&[1, 2, 3]).min(length);
        let stride = tape.pick(&[1, 1, 2]);
        let most = if pooling { kernel - 1 } else { 2 };
        let explicit = self.auto_pad == "NOTSET";
        let pads = [0; 2].map(|none: usize| if explicit { tape.between(0, most) } else { none });
        let padded = length + pads[0] + pads[1];
        let dilated = explicit && 2 * (kernel - 1) < padded && tape.chance(20);
        let dilation = if dilated { 2 } else { 1 };
        let extent = dilation * (kernel - 1) + 1;
        self.result[axis] = match self.auto_pad {
            "SAME_UPPER" | "SAME_LOWER" => length.div_ceil(stride),
            _ => (padded - extent) / stride + 1,
        };
        (self.kernel[axis], self.strides[axis], self.dilations[axis]) = (kernel, stride, dilation);
        (self.pads[axis], self.pads[axis + self.kernel.len()]) = (pads[0], pads[1]);
    }

    /// Odd lengths, and padding that keeps the operand's.
    pub fn same(tape: &mut Tape, spatial: &[usize]) -> Self {
        let kernel: Vec<usize> = spatial.iter().map(|_| tape.pick(&[1, 3])).collect();
        let ones = vec![1; kernel.len()];
        let pads = kernel.iter().chain(&kernel).map(|length| length / 2).collect();
        let result = spatial.to_vec();
        Self { kernel, result, strides: ones.clone(), dilations: ones, pads, auto_pad: "NOTSET" }
    }

    /// Without dilation: what AveragePool takes.
    pub fn undilated(mut self, spatial: &[usize]) -> Self {
        for (axis, length) in spatial.iter().enumerate() {
            if self.dilations[axis] == 2 {
                let padded = length + self.pads[axis] + self.pads[axis + spatial.len()];
                self.result[axis] = (padded - self.kernel[axis]) / self.strides[axis] + 1;
                self.dilations[axis] = 1;
            }
        }
        self
    }

    /// As attributes of a node.
    pub fn attributes(&self) -> Vec<qonnxc::onnx::proto::AttributeProto> {
        let mut attributes = vec![ints("kernel_shape", &self.kernel), ints("strides", &self.strides)];
        if self.dilations.contains(&2) {
            attributes.push(ints("dilations", &self.dilations));
        }
        match self.auto_pad {
            "NOTSET" => attributes.push(ints("pads", &self.pads)),
            mode => attributes.push(string("auto_pad", mode)),
        }
        attributes
    }
}

impl Generator {
    /// A convolution with any window and groups.
    pub fn conv(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let groups = if x.channels() % 2 == 0 { tape.pick(&[1, 1, 1, 2]) } else { 1 };
        let window = Window::random(tape, x.spatial(), false);
        let channels = groups * tape.between(2, 8 / groups);
        self.conv_with(tape, x, &window, channels, groups)
    }

    /// A convolution, its bias included.
    pub fn conv_with(&mut self, tape: &mut Tape, x: &Value, window: &Window, channels: usize, groups: usize) -> Value {
        let inputs = x.channels() / groups;
        let terms = inputs * window.kernel.iter().product::<usize>();
        let weights = [&[channels, inputs], window.kernel.as_slice()].concat();
        let weights = self.weights(tape, &weights, 0, terms);
        let mut operands = vec![x.name.as_str(), &weights];
        let bias = self.bias(tape, channels);
        operands.extend(bias.as_deref());
        let mut attributes = window.attributes();
        attributes.push(int("group", groups));
        let name = self.graph.node("Conv", &operands, attributes);
        Value::new(name, &[&[1, channels], window.result.as_slice()].concat(), x.size)
    }

    /// A transposed convolution.
    pub fn conv_transpose(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let groups = if x.channels() % 2 == 0 { tape.pick(&[1, 2]) } else { 1 };
        let outputs = tape.pick(&[2, 3, 1]);
        let (mut kernel, mut strides, mut pads, mut result) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for length in x.spatial() {
            let (k, stride) = (tape.between(1, 3), tape.pick(&[1, 2]));
            let pad = if k == 3 { tape.below(2) } else { 0 };
            result.push(stride * (length - 1) + k - pad);
            (kernel.push(k), strides.push(stride), pads.push(pad));
        }
        pads.extend(vec![0; kernel.len()]);
        let weights = [&[x.channels(), outputs], kernel.as_slice()].concat();
        let terms = x.channels() / groups * kernel.iter().product::<usize>();
        let weights = self.weights(tape, &weights, 1, terms);
        let bias = self.bias(tape, outputs * groups);
        let mut operands = vec![x.name.as_str(), &weights];
        operands.extend(bias.as_deref());
        let attributes =
            vec![ints("kernel_shape", &kernel), ints("strides", &strides), ints("pads", &pads), int("group", groups)];
        let name = self.graph.node("ConvTranspose", &operands, attributes);
        Value::new(name, &[&[1, outputs * groups], result.as_slice()].concat(), x.size)
    }

    /// MatMul or Gemm along the last axis.
    pub fn dense(&mut self, tape: &mut Tape, x: &Value, outputs: usize) -> Value {
        let inputs = x.features();
        let shape = [&x.shape[..x.rank() - 1], &[outputs]].concat();
        let bias = self.bias(tape, outputs);
        if x.rank() == 2 && tape.chance(50) {
            let weights = self.weights(tape, &[outputs, inputs], 0, inputs);
            let mut operands = vec![x.name.as_str(), &weights];
            operands.extend(bias.as_deref());
            let name = self.graph.node("Gemm", &operands, vec![int("transB", 1)]);
            return Value::new(name, &shape, x.size);
        }
        let weights = self.weights(tape, &[inputs, outputs], 1, inputs);
        let name = self.graph.node("MatMul", &[&x.name, &weights], vec![]);
        let name = match bias {
            Some(bias) => self.graph.node("Add", &[&name, &bias], vec![]),
            None => name,
        };
        Value::new(name, &shape, x.size)
    }

    fn bias(&mut self, tape: &mut Tape, channels: usize) -> Option<String> {
        let values = tape.chance(50).then(|| tape.numbers(channels, -1.0, 1.0))?;
        Some(self.graph.floats(&[channels], &values))
    }

    /// A linear operator that keeps the shape.
    pub fn same_linear(&mut self, tape: &mut Tape, x: &Value) -> Value {
        if x.rank() == 2 {
            return self.dense(tape, x, x.features());
        }
        let window = Window::same(tape, x.spatial());
        self.conv_with(tape, x, &window, x.channels(), 1)
    }

    /// A whole layer that keeps the shape.
    pub fn same_layer(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let y = self.same_linear(tape, x);
        self.finish(tape, &y)
    }

    /// BatchNormalization, activation, quantizer.
    pub fn finish(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let x = if tape.chance(40) { self.norm(tape, x) } else { x.clone() };
        let x = self.activation(tape, &x);
        self.quantizer(tape, &x)
    }

    fn norm(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let ranges = [(-2.0, 2.0), (-0.5, 1.0), (-0.5, 0.5), (0.1, 3.0)];
        let vectors = ranges.map(|(low, high)| {
            let values = tape.numbers(x.channels(), low, high);
            self.graph.floats(&[values.len()], &values)
        });
        let mut operands = vec![x.name.as_str()];
        operands.extend(vectors.iter().map(String::as_str));
        let name = self.graph.node("BatchNormalization", &operands, vec![float("epsilon", 1e-5)]);
        x.becomes(name, 1.2 * x.size + 0.5, true)
    }

    /// Any elementwise function, or none.
    pub fn activation(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let (op, attributes, size, signed) = match tape.below(16) {
            0 | 1 => return x.clone(),
            2..=5 => ("Relu", vec![], x.size, false),
            6 => ("LeakyRelu", vec![float("alpha", 0.1)], x.size, x.signed),
            7 => ("Sigmoid", vec![], 1.0, false),
            8 => ("Tanh", vec![], 1.0, x.signed),
            9 => ("HardSigmoid", vec![], 1.0, false),
            10 => ("HardSwish", vec![], x.size, x.signed),
            11 => ("Elu", vec![], x.size, x.signed),
            12 => return self.silu(x),
            13 => return self.clip(tape, x),
            14 => return self.by_vector(tape, x, "PRelu"),
            _ => {
                let op = tape.pick(&["Mul", "Div"]);
                return self.by_vector(tape, x, op);
            }
        };
        let name = self.graph.node(op, &[&x.name], attributes);
        x.becomes(name, size, signed)
    }

    fn silu(&mut self, x: &Value) -> Value {
        let gate = self.graph.node("Sigmoid", &[&x.name], vec![]);
        x.becomes(self.graph.node("Mul", &[&x.name, &gate], vec![]), x.size, x.signed)
    }

    fn clip(&mut self, tape: &mut Tape, x: &Value) -> Value {
        let (low, high) = (tape.pick(&[0.0, -1.0]), tape.pick(&[6.0, 1.0]));
        let [bottom, top] = [low, high].map(|value| self.graph.float(value));
        x.becomes(self.graph.node("Clip", &[&x.name, &bottom, &top], vec![]), x.size.min(high), low < 0.0)
    }

    /// An operator with a number a channel, or one for all.
    fn by_vector(&mut self, tape: &mut Tape, x: &Value, op: &str) -> Value {
        let shape = if tape.chance(60) { x.along_channels()[1..].to_vec() } else { vec![1] };
        let values = tape.numbers(shape.iter().product(), 0.3, 2.0);
        let vector = self.graph.floats(&shape, &values);
        x.becomes(self.graph.node(op, &[&x.name, &vector], vec![]), 1.3 * x.size, x.signed)
    }
}
