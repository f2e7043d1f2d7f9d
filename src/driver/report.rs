//! `report.json`: what became of a model, layer by layer.

use super::model::Model;
use crate::{
    hls::{outline_kernel::KERNEL, outline_layers::LAYER},
    lowering::{
        legalize_fixed_point::bounds,
        range::{Ranges, terms_of},
        requantize::{FormExt, FormKind},
    },
    transforms::functions::functions,
};
use anyhow::Result;
use qonnx_dialect::{Op, OpKind, Value, form, hls};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Facts of a compiled model.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The file's name.
    pub name: String,
    /// How the hardware is made.
    pub style: &'static str,
    /// The layers, in order.
    pub layers: Vec<Layer>,
    /// How many channels have each form of requantizer.
    pub requantizers: BTreeMap<String, usize>,
    /// Bits of arithmetic, against rules of thumb.
    pub bits: Bits,
    /// What was proven.
    pub exactness: Exactness,
    /// What passes remarked: inserted quantizers.
    pub remarks: Vec<String>,
    /// From reading the file to the C++ text.
    pub compile_ms: f64,
}

/// A layer of the kernel.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Layer {
    /// The function's name.
    pub name: String,
    /// The operations: node and name in the IR.
    pub ops: Vec<String>,
    /// Types of what goes in.
    pub inputs: Vec<String>,
    /// Types of what comes out.
    pub outputs: Vec<String>,
    /// Multiplications of a sample.
    pub macs: usize,
    /// Bits of all weights.
    pub weight_bits: usize,
    /// Width of the accumulator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accumulator_bits: Option<u32>,
    /// Its width by the rule of thumb: input bits + weight bits + ceil(log2 terms).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_of_thumb_bits: Option<u32>,
    /// How many channels have each form of requantizer.
    pub requantizers: BTreeMap<String, usize>,
    /// Float32 operations of a sample, of a layer that no integer form equals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub float_operations: Option<usize>,
    /// Most multiplier bits of a channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiplier_bits: Option<u32>,
    /// Bits of its arithmetic, all channels together.
    pub bits: Bits,
}

/// Widths added up over channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bits {
    /// Accumulators as built.
    pub accumulators: u64,
    /// Accumulators by the rule of thumb: input bits + weight bits + ceil(log2 terms).
    pub accumulators_by_rule: u64,
    /// Odd parts of the requantizers' multipliers.
    pub multipliers: u64,
    /// Multipliers of [`MULTIPLIER_BY_RULE`] bits, which are seldom exact.
    pub multipliers_by_rule: u64,
}

/// Width of a requantizer's multiplier that is usual elsewhere.
const MULTIPLIER_BY_RULE: u64 = 16;

impl Bits {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            accumulators: self.accumulators + other.accumulators,
            accumulators_by_rule: self.accumulators_by_rule + other.accumulators_by_rule,
            multipliers: self.multipliers + other.multipliers,
            multipliers_by_rule: self.multipliers_by_rule + other.multipliers_by_rule,
        }
    }
}

/// What the requantizers were proven on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Exactness {
    /// Requantizer functions, one a channel.
    pub channels: usize,
    /// Accumulator values on which they equal the file's float chain: all that can occur.
    pub proven_values: u128,
}

impl Report {
    /// Reads a module at the stage `hls`.
    ///
    /// # Errors
    /// If a range cannot be computed.
    pub fn of(model: &Model, elapsed: Duration) -> Result<Self> {
        let mut report = Self {
            name: model.name.clone(),
            style: "dataflow",
            layers: Vec::new(),
            requantizers: BTreeMap::new(),
            bits: Bits::default(),
            exactness: Exactness::default(),
            remarks: model.remarks.clone(),
            compile_ms: (elapsed.as_secs_f64() * 1e5).round() / 100.0,
        };
        model.program.with(|module| {
            for function in functions(module).filter(|f| f.unit_attribute(LAYER) && !f.unit_attribute(KERNEL)) {
                let layer = layer(function, &mut report.exactness);
                for (form, count) in &layer.requantizers {
                    *report.requantizers.entry(form.clone()).or_default() += count;
                }
                report.bits = report.bits.plus(layer.bits);
                report.layers.push(layer);
            }
        });
        Ok(report)
    }
}

fn layer(function: Op<'_>, exactness: &mut Exactness) -> Layer {
    let types =
        |values: Vec<Value<'_>>| values.iter().filter_map(|value| Some(value.tensor_type()?.to_string())).collect();
    let mut layer = Layer {
        name: function.optional_str_attribute("sym_name").unwrap_or_default().to_string(),
        inputs: types(function.arguments()),
        outputs: types(crate::transforms::functions::returned(function)),
        ..Layer::default()
    };
    let mut ranges = Ranges::default();
    for op in function.body() {
        match op.kind() {
            OpKind::Other | OpKind::QonnxConstant => continue,
            OpKind::HlsConstant => {
                layer.weight_bits += bits_of(op.result(0));
                continue;
            }
            OpKind::HlsMatmul | OpKind::HlsConv => dot_product(op, &mut layer),
            OpKind::HlsRequantize => requantize(op, &mut layer, &mut ranges, exactness),
            kind if !kind.is_hls() => *layer.float_operations.get_or_insert(0) += elements_of(op.result(0)),
            _ => {}
        }
        layer.ops.push(format!("{} ({})", op.node_name(), op.name()));
    }
    layer
}

fn width_of(value: Value<'_>) -> Option<u32> {
    match value.tensor_type()?.element {
        qonnx_dialect::Element::Int { width, .. } => Some(width),
        _ => None,
    }
}

fn elements_of(value: Value<'_>) -> usize {
    value.tensor_type().and_then(|ty| ty.static_shape()).map_or(0, |shape| shape.iter().product())
}

fn bits_of(value: Value<'_>) -> usize {
    width_of(value).unwrap_or(0) as usize * elements_of(value)
}

fn shape(value: Value<'_>) -> Vec<usize> {
    value.tensor_type().and_then(|ty| ty.static_shape()).unwrap_or_default()
}

/// Extents of a tensor of one element a channel: of axis 1, in a matrix of the last.
fn channels_of(value: Value<'_>) -> Vec<usize> {
    let mut shape = shape(value);
    let channel = if shape.len() > 2 { 1 } else { shape.len().saturating_sub(1) };
    shape.iter_mut().enumerate().filter(|(axis, _)| *axis != channel).for_each(|(_, extent)| *extent = 1);
    shape
}

/// A matrix product or convolution: what each result adds.
fn dot_product(op: Op<'_>, layer: &mut Layer) {
    let (x, weights, result) = (op.operand(0), op.operand(1), op.result(0));
    let terms = terms_of(op);
    layer.macs += terms * elements_of(result);
    let log = usize::BITS - terms.saturating_sub(1).leading_zeros();
    let rule = width_of(x).zip(width_of(weights)).map(|(a, b)| a + b + log);
    let width = width_of(result);
    let channels = channels_of(result).iter().product::<usize>() as u64;
    layer.bits.accumulators += channels * u64::from(width.unwrap_or(0));
    layer.bits.accumulators_by_rule += channels * u64::from(rule.unwrap_or(0));
    layer.accumulator_bits = width.max(layer.accumulator_bits);
    layer.rule_of_thumb_bits = rule.max(layer.rule_of_thumb_bits);
}

/// A form that all elements share counts once a channel.
fn requantize<'c>(op: Op<'c>, layer: &mut Layer, ranges: &mut Ranges<'c>, exactness: &mut Exactness) {
    let Some(requantize) = hls::Requantize::of(op) else { return };
    let forms = form::read_all(requantize.forms()).unwrap_or_default();
    let functions = match forms.len() {
        1 => channels_of(requantize.x()),
        _ => requantize.channels().iter().map(|extent| extent.unsigned_abs() as usize).collect(),
    };
    let channels = functions.iter().product::<usize>();
    let each = channels / forms.len().max(1);
    for form in &forms {
        *layer.requantizers.entry(form_name(form.kind()).into()).or_default() += each;
        layer.bits.multipliers += each as u64 * u64::from(form.multiplier_bits());
    }
    layer.bits.multipliers_by_rule += channels as u64 * MULTIPLIER_BY_RULE;
    layer.multiplier_bits = forms.iter().map(FormExt::multiplier_bits).max().max(layer.multiplier_bits);
    exactness.channels += channels;
    let bounds = ranges.of(requantize.x()).and_then(|range| bounds(&functions, &range, &shape(requantize.x())));
    let sizes = bounds.into_iter().flatten().map(|(low, high)| u128::from(high.abs_diff(low)) + 1);
    exactness.proven_values += sizes.sum::<u128>();
}

/// The form's name in reports.
pub fn form_name(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Constant => "constant",
        FormKind::Compare => "compare",
        FormKind::Shift => "shift",
        FormKind::HalfEvenShift => "half_even_shift",
        FormKind::MulShift => "mul_shift",
        FormKind::Pieces => "pieces",
        FormKind::Exceptions => "mul_shift_exceptions",
        FormKind::Thresholds => "thresholds",
        FormKind::Table => "table",
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of accumulators ({} by the rule of thumb), {} of multipliers ({} with {MULTIPLIER_BY_RULE} a channel)",
            self.accumulators, self.accumulators_by_rule, self.multipliers, self.multipliers_by_rule
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.layers.iter().map(|layer| layer.name.len()).max().unwrap_or(5).max(5);
        writeln!(
            f,
            "{:width$}  {:>9}  {:>11}  {:>4} {:>4}  requantizers",
            "layer", "MACs", "weight bits", "acc", "rule"
        )?;
        for layer in &self.layers {
            let bits = |bits: Option<u32>| bits.map_or("-".to_string(), |bits| bits.to_string());
            let mut forms: Vec<String> =
                layer.requantizers.iter().map(|(form, count)| format!("{count} {form}")).collect();
            forms.extend(layer.float_operations.map(|count| format!("{count} float32 operations")));
            writeln!(
                f,
                "{:width$}  {:>9}  {:>11}  {:>4} {:>4}  {}",
                layer.name,
                layer.macs,
                layer.weight_bits,
                bits(layer.accumulator_bits),
                bits(layer.rule_of_thumb_bits),
                forms.join(", ")
            )?;
        }
        let Exactness { channels, proven_values } = self.exactness;
        writeln!(
            f,
            "{}: {channels} requantizers proven on {proven_values} accumulator values; compiled in {:.1} ms",
            self.name, self.compile_ms
        )?;
        writeln!(f, "bits: {}", self.bits)
    }
}
