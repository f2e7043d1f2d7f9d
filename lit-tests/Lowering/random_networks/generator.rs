//! A network as it grows, and what is known of its values.

use super::onnx::Graph;

/// A tensor of the network.
#[derive(Clone, Debug)]
pub struct Value {
    /// In the graph.
    pub name: String,
    /// (1, channels, spatial...), (1, rows, features) or (1, features).
    pub shape: Vec<usize>,
    /// About the largest absolute value: quantizers are fitted to it.
    pub size: f32,
    /// Whether some are negative.
    pub signed: bool,
}

impl Value {
    /// With values of either sign.
    pub fn new(name: String, shape: &[usize], size: f32) -> Self {
        Self { name, shape: shape.to_vec(), size, signed: true }
    }

    /// Another value of the same shape.
    pub fn becomes(&self, name: String, size: f32, signed: bool) -> Self {
        Self { name, shape: self.shape.clone(), size, signed }
    }

    /// The same elements elsewhere.
    pub fn moved(&self, name: String, shape: &[usize]) -> Self {
        Self { name, shape: shape.to_vec(), ..self.clone() }
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Length of axis 1.
    pub fn channels(&self) -> usize {
        self.shape[1]
    }

    /// Length of the last axis.
    pub fn features(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// Lengths behind the channels.
    pub fn spatial(&self) -> &[usize] {
        &self.shape[2..]
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The shape of a number a channel: axis 1.
    pub fn along_channels(&self) -> Vec<usize> {
        let mut shape = vec![1; self.rank()];
        shape[1] = self.channels();
        shape
    }
}

/// Grows a network.
#[derive(Default)]
pub struct Generator {
    /// What is there.
    pub graph: Graph,
    /// Scales are no powers of two: float32 sums depend on their order.
    pub odd: bool,
    /// Since version 2 of its domain, Trunc has a scale of its result.
    pub trunc_to_scale: bool,
}

impl Generator {
    /// x in another shape of as many elements.
    pub fn reshape(&mut self, x: &Value, shape: &[usize]) -> Value {
        if x.shape == shape {
            return x.clone();
        }
        let dims: Vec<i64> = shape.iter().map(|dim| *dim as i64).collect();
        let dims = self.graph.list(&dims);
        x.moved(self.graph.node("Reshape", &[&x.name, &dims], vec![]), shape)
    }

    /// x with its axes in another order.
    pub fn transpose(&mut self, x: &Value, order: &[usize]) -> Value {
        let shape: Vec<usize> = order.iter().map(|axis| x.shape[*axis]).collect();
        let name = self.graph.node("Transpose", &[&x.name], vec![super::onnx::ints("perm", order)]);
        x.moved(name, &shape)
    }

    /// x as (1, channels, spatial...).
    pub fn image(&mut self, x: &Value) -> Value {
        match x.shape.as_slice() {
            [1, n] if n % 4 == 0 => self.reshape(x, &[1, n / 4, 2, 2]),
            [1, n] => self.reshape(x, &[1, *n, 1]),
            _ => x.clone(),
        }
    }

    /// x as (1, channels, height, width).
    pub fn image_2d(&mut self, x: &Value) -> Value {
        let x = self.image(x);
        match x.shape.as_slice() {
            [1, channels, length] => self.reshape(&x, &[1, *channels, 1, *length]),
            _ => x,
        }
    }

    /// x as (1, rows, features).
    pub fn rows(&mut self, x: &Value) -> Value {
        match x.shape.as_slice() {
            [1, n] if n % 2 == 0 => self.reshape(x, &[1, 2, n / 2]),
            [1, n] => self.reshape(x, &[1, 1, *n]),
            [1, channels, height, width] => {
                let x = self.reshape(x, &[1, *channels, height * width]);
                self.transpose(&x, &[0, 2, 1])
            }
            _ => x.clone(),
        }
    }

    /// x as (1, features).
    pub fn flat(&mut self, x: &Value) -> Value {
        if x.rank() == 2 {
            return x.clone();
        }
        let name = self.graph.node("Flatten", &[&x.name], vec![super::onnx::int("axis", 1)]);
        x.moved(name, &[1, x.len()])
    }

    /// a + b, or another sum-like operator of two values of one shape.
    pub fn join(&mut self, op: &str, a: &Value, b: &Value) -> Value {
        let size = if op == "Mul" { a.size * b.size / 2.0 } else { 0.7 * (a.size + b.size) };
        let signed = a.signed || b.signed || op == "Sub";
        a.becomes(self.graph.node(op, &[&a.name, &b.name], vec![]), size, signed)
    }

    /// One behind the other along axis 1.
    pub fn concat(&mut self, parts: &[Value]) -> Value {
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        let name = self.graph.node("Concat", &names, vec![super::onnx::int("axis", 1)]);
        let mut shape = parts[0].shape.clone();
        shape[1] = parts.iter().map(Value::channels).sum();
        let size = parts.iter().fold(0f32, |max, part| max.max(part.size));
        Value { name, shape, size, signed: parts.iter().any(|part| part.signed) }
    }
}
