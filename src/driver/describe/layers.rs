//! The dot products of a graph with split quantizers: sizes, widths and how often each weight occurs.

use crate::{driver::evaluate::main_function, eval::convert::constant_of};
use qonnx_dialect::{Element, Op, OpKind, Value};
use serde::Serialize;
use std::collections::BTreeMap;

/// Width of what is not quantized: float32.
const FLOAT_BITS: u64 = 32;
/// Bars of a histogram.
const BARS: i64 = 64;
/// Operations between a dot product and its quantizer that are looked through.
const CHAIN: usize = 32;

/// A dot product.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// The ONNX node's name.
    pub name: String,
    /// MatMul, Conv or ConvTranspose.
    pub operator: &'static str,
    /// Shape of the input.
    pub input: Vec<usize>,
    /// Shape of the weights, or of the second activation.
    pub weight: Vec<usize>,
    /// Shape of the output.
    pub output: Vec<usize>,
    /// Bits of an input's code; None if it is not quantized.
    pub input_bits: Option<u32>,
    /// Bits of a weight's code.
    pub weight_bits: Option<u32>,
    /// Bits of the codes that the next quantizer makes of the output.
    pub output_bits: Option<u32>,
    /// Constant weights.
    pub parameters: u64,
    /// Multiplications of a sample.
    pub macs: u64,
    /// MACs times the bits of both factors; 32 for floats.
    pub bops: u64,
    /// Parameters times their bits.
    pub weight_memory_bits: u64,
    /// Elements of the output times their bits.
    pub output_memory_bits: u64,
    /// How many weights have a code from `first` on, `step` codes a bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
}

/// Counts of codes.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Histogram {
    /// Least code of the first bar.
    pub first: i64,
    /// Codes of a bar.
    pub step: i64,
    /// Weights of each bar.
    pub counts: Vec<u64>,
}

/// Sums over layers.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {
    /// Constant weights.
    pub parameters: u64,
    /// Multiplications of a sample.
    pub macs: u64,
    /// Bit operations.
    pub bops: u64,
    /// Bits of all weights.
    pub weight_memory_bits: u64,
    /// Bits of all outputs.
    pub output_memory_bits: u64,
}

impl Totals {
    /// Of these layers.
    pub fn of(layers: &[Layer]) -> Self {
        layers.iter().fold(Self::default(), |sum, layer| Self {
            parameters: sum.parameters + layer.parameters,
            macs: sum.macs + layer.macs,
            bops: sum.bops + layer.bops,
            weight_memory_bits: sum.weight_memory_bits + layer.weight_memory_bits,
            output_memory_bits: sum.output_memory_bits + layer.output_memory_bits,
        })
    }
}

impl Layer {
    /// Widths of input, weights and output: `8x4>4`; `f` for what is not quantized.
    pub fn widths(&self) -> String {
        let bits = |bits: Option<u32>| bits.map_or("f".to_string(), |bits| bits.to_string());
        format!("{}x{}>{}", bits(self.input_bits), bits(self.weight_bits), bits(self.output_bits))
    }
}

/// The layers of a module, in order.
pub fn layers(module: Op<'_>) -> Vec<Layer> {
    let body = main_function(module).map(|main| main.body()).unwrap_or_default();
    body.into_iter().filter_map(layer).collect()
}

fn layer(op: Op<'_>) -> Option<Layer> {
    let operator = match op.kind() {
        OpKind::QonnxMatmul => "MatMul",
        OpKind::QonnxConv => "Conv",
        OpKind::QonnxConvTranspose => "ConvTranspose",
        _ => return None,
    };
    let shape = |value: Value<'_>| value.tensor_type().and_then(|ty| ty.static_shape());
    let (input, weight, output) = (shape(op.operand(0))?, shape(op.operand(1))?, shape(op.result(0))?);
    let count = |dims: &[usize]| dims.iter().map(|dim| *dim as u64).product::<u64>();
    let macs = match op.kind() {
        OpKind::QonnxMatmul => count(&output) * input.last().map_or(1, |k| *k as u64),
        OpKind::QonnxConv => count(&output) * count(weight.get(1..)?),
        _ => count(&input) * count(weight.get(1..)?),
    };
    let (input_bits, weight_bits) = (codes_of(op.operand(0)), codes_of(op.operand(1)));
    let is_constant =
        weight_bits.is_some_and(|codes| constant_of(codes).is_some()) || constant_of(op.operand(1)).is_some();
    let histogram = weight_bits.and_then(constant_of).and_then(|codes| Histogram::of(&codes.to_i64_vec().ok()?));
    let (input_bits, weight_bits) = (input_bits.and_then(width), weight_bits.and_then(width));
    let output_bits = quantized_to(op.result(0));
    let wide = |bits: Option<u32>| bits.map_or(FLOAT_BITS, u64::from);
    let parameters = if is_constant { count(&weight) } else { 0 };
    Some(Layer {
        name: op.node_name(),
        operator,
        parameters,
        macs,
        bops: macs * wide(input_bits) * wide(weight_bits),
        weight_memory_bits: parameters * wide(weight_bits),
        output_memory_bits: count(&output) * wide(output_bits),
        input,
        weight,
        output,
        input_bits,
        weight_bits,
        output_bits,
        histogram,
    })
}

/// The codes that a float operand stands for, through what only moves or selects them.
fn codes_of(value: Value<'_>) -> Option<Value<'_>> {
    use OpKind::*;
    let mut value = value;
    for _ in 0..CHAIN {
        let op = value.defining_op()?;
        value = match op.kind() {
            QonnxUnscale => {
                let codes = op.operand(0);
                // Zero points are not part of a code.
                let difference = codes.defining_op().filter(|op| op.kind() == HlsSub);
                return Some(difference.map_or(codes, |op| op.operand(0)));
            }
            QonnxView | QonnxTranspose | QonnxGather | QonnxPad | QonnxMaxPool | QonnxIdentity | QonnxRelu
            | QonnxDepthToSpace | QonnxSpaceToDepth | QonnxConcat => op.operand(0),
            _ => return None,
        };
    }
    None
}

/// The width of the next quantizer's codes, through elementwise operations and movement.
fn quantized_to(value: Value<'_>) -> Option<u32> {
    let mut value = value;
    for _ in 0..CHAIN {
        let user = value.users().first().copied()?;
        if crate::transforms::split_quant::gives_codes(user) {
            return width(user.result(0));
        }
        value = (user.result_count() == 1).then(|| user.result(0))?;
    }
    None
}

fn width(value: Value<'_>) -> Option<u32> {
    match value.tensor_type()?.element {
        Element::Int { width, .. } => Some(width),
        Element::Bool => Some(1),
        _ => None,
    }
}

impl Histogram {
    /// None of nothing.
    fn of(codes: &[i64]) -> Option<Self> {
        let (first, last) = (*codes.iter().min()?, *codes.iter().max()?);
        let span = last.abs_diff(first) + 1;
        let step = i64::try_from(span.div_ceil(BARS.unsigned_abs())).ok()?;
        let mut bars: BTreeMap<i64, u64> = BTreeMap::new();
        codes.iter().for_each(|code| *bars.entry((code - first) / step).or_default() += 1);
        let count = (last - first) / step + 1;
        Some(Self { first, step, counts: (0..count).map(|bar| bars.get(&bar).copied().unwrap_or(0)).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qonnx_dialect::Program;

    #[test]
    fn histograms_group_many_codes() {
        let few = Histogram::of(&[-1, 0, 0, 2]).unwrap();
        assert_eq!((few.first, few.step, few.counts), (-1, 1, vec![1, 2, 0, 1]));
        let many = Histogram::of(&[-128, 127]).unwrap();
        assert_eq!((many.first, many.step, many.counts.len()), (-128, 4, 64));
        assert_eq!(Histogram::of(&[]), None);
    }

    #[test]
    fn a_convolution_counts_its_kernel_and_looks_through_zero_points_and_chains() {
        let source = r#"
            func.func @main(%q: tensor<1x2x4xui4>) -> tensor<1x3x4xui2> {
                %z = hls.constant dense<3> : tensor<ui2>
                %k = hls.constant dense<1> : tensor<3x2x1xsi3>
                %d = hls.sub %q, %z : (tensor<1x2x4xui4>, tensor<ui2>) -> tensor<1x2x4xsi5>
                %x = qonnx.unscale %d by () : (tensor<1x2x4xsi5>) -> tensor<1x2x4xf32>
                %w = qonnx.unscale %k by () : (tensor<3x2x1xsi3>) -> tensor<3x2x1xf32>
                %y = qonnx.conv %x, %w strides [1] pads [0, 0] dilations [1] group 1 notset : (tensor<1x2x4xf32>, tensor<3x2x1xf32>) -> tensor<1x3x4xf32>
                %r = qonnx.relu %y : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
                %c = qonnx.quantize %r half_even in [0.0, 3.0] : (tensor<1x3x4xf32>) -> tensor<1x3x4xui2>
                return %c : tensor<1x3x4xui2>
            }"#;
        let program = Program::parse(source.as_bytes()).unwrap();
        let layers = program.with(layers);
        let [layer] = layers.as_slice() else { panic!("{layers:?}") };
        assert_eq!((layer.operator, layer.widths().as_str()), ("Conv", "4x3>2"));
        assert_eq!((layer.macs, layer.bops, layer.parameters), (24, 24 * 12, 6));
        assert_eq!((layer.weight_memory_bits, layer.output_memory_bits), (18, 24));
        assert_eq!(layer.histogram.as_ref().map(|h| h.counts.clone()), Some(vec![6]));
    }
}
