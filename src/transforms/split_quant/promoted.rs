//! Quant with parameters of other types than float32, which the reference computes in float64.
//!
//! Of a float32 operand the code is a step function all the same: each code begins at some
//! float32, a threshold. What a code stands for is `fl32(fl64((code - zero_point) * scale))`;
//! two float32 are found whose exact product, rounded once, gives the same for every code.
//! So there is float32 in front of the integers and behind them, and nothing new in between.

use super::{parameters::parameter, parts::Parts};
use crate::eval::{
    Tensor,
    convert::{constant_of, hls_constant, qonnx_constant},
    float_order::{float_of, key_of},
    interpreter::rounding_of,
    ops::{
        broadcast::{broadcast_shape, view_as},
        quant::{Promoted, QuantParams, is_power_of_two},
        unscale::round_product,
    },
};
use ndarray::ArrayD;
use qonnx_dialect::{Builder, Element, Value, qonnx};

/// So many codes take a threshold each.
const MOST_CODES: i64 = 1 << 12;

/// A Quant in float64 with its parameters.
pub struct PromotedQuant {
    promoted: Promoted,
    scale: ArrayD<f64>,
    zero_point: ArrayD<f64>,
    /// Least and greatest code, and what lies between two.
    codes: (i64, i64, i64),
}

impl PromotedQuant {
    /// None if float32 gives the same: for float32 parameters, where the zero point is 0 also for
    /// a zero point of another type, and a power of two, with which division and product are exact.
    ///
    /// # Errors
    /// If a parameter is not constant or not usable.
    pub fn of(quant: qonnx::Quant<'_>) -> Result<Option<Self>, String> {
        let (scale, zero_point) = (parameter("scale", quant.scale())?, parameter("zero point", quant.zero_point())?);
        let width = parameter("bit width", quant.bit_width())?;
        let rounding = rounding_of(quant.rounding());
        let params = QuantParams { signed: quant.is_signed(), narrow: quant.narrow(), rounding };
        let operands = [&Tensor::scalar(0.0), &scale, &zero_point];
        let promoted = Promoted::new(operands, &width, params).map_err(|problem| problem.to_string())?;
        let Some(promoted) = promoted else { return Ok(None) };
        let is_float32 = matches!(scale, Tensor::F32(_));
        let (scale, zero_point) = (scale.to_f64(), zero_point.to_f64());
        let plain = is_float32 || scale.iter().all(|scale| is_power_of_two(*scale));
        if plain && zero_point.iter().all(|zero| *zero == 0.0) {
            return Ok(None);
        }
        if let Some(bad) = scale.iter().find(|scale| !scale.is_finite() || **scale == 0.0) {
            return Err(format!("the scale is {bad}, expected a finite number that is not 0"));
        }
        if let Some(bad) = zero_point.iter().find(|zero| zero.fract() != 0.0 || zero.abs() >= 1e15) {
            return Err(format!(
                "the zero point is {bad}, with which the reference computes in float64: use an integer, or float32 parameters"
            ));
        }
        let end = |x: f64| promoted.code(x, 1.0, 0.0);
        let (low, high) = (end(f64::NEG_INFINITY), end(f64::INFINITY));
        let step = if params.signed && width.only_value() == Ok(1.0) { 2 } else { 1 };
        if !(0.0..MOST_CODES as f64).contains(&(high - low)) {
            return Err(format!(
                "its codes from {low} to {high}, computed in float64, take a threshold each: store scale and zero point as float32, or use at most 12 bits"
            ));
        }
        Ok(Some(Self { promoted, scale, zero_point, codes: (low as i64, high as i64, step) }))
    }

    /// Puts the parts in place of the quantizer.
    ///
    /// # Errors
    /// If parameters vary along more than one axis, or no two float32 stand for a scale.
    pub fn split(&self, quant: qonnx::Quant<'_>) -> Result<(), String> {
        let op = quant.op();
        let (q, parts) = match constant_of(quant.x()) {
            Some(input) => self.constant(op, &input)?,
            None => {
                let parts = Parts::new(op)?;
                (self.counted(quant.x(), &parts)?, parts)
            }
        };
        let factors = self.factors()?;
        let zero_point = Tensor::F32(self.zero_point.mapv(|zero| zero as f32));
        let result = parts.unscaled_by(q, &zero_point, &factors)?;
        op.replace(&[result]);
        Ok(())
    }

    /// The codes of a constant.
    fn constant<'c>(&self, op: qonnx_dialect::Op<'c>, input: &Tensor) -> Result<(Value<'c>, Parts<'c>), String> {
        let shape = op.result(0).tensor_type().and_then(|ty| ty.static_shape()).ok_or("the shape is not known")?;
        let input = input.to_f64();
        let full = |array| view_as(array, &shape).map_err(|problem| problem.to_string());
        let (scale, zero_point) = (full(&self.scale)?, full(&self.zero_point)?);
        let codes = ndarray::Zip::from(full(&input)?)
            .and(scale)
            .and(zero_point)
            .map_collect(|x, scale, zero| self.promoted.code(*x, *scale, *zero));
        if codes.iter().any(|code| code.is_nan()) {
            return Err("NaN has no integer code".into());
        }
        let codes: Vec<i64> = codes.iter().map(|code| *code as i64).collect();
        let parts = Parts { builder: Builder::before(op), shape };
        Ok((hls_constant(&parts.builder, &parts.shape, &codes), parts))
    }

    /// The codes of x: how many thresholds it reaches, from the least code on.
    fn counted<'c>(&self, x: Value<'c>, parts: &Parts<'c>) -> Result<Value<'c>, String> {
        let shape = broadcast_shape(self.scale.shape(), self.zero_point.shape()).map_err(|p| p.to_string())?;
        let rows: Vec<usize> = (0..shape.len()).filter(|axis| shape[*axis] != 1).collect();
        let axis = match rows[..] {
            [] => 0,
            [axis] => axis + parts.shape.len() - shape.len(),
            _ => return Err(format!("the parameters of shape {shape:?} vary along more than one axis, in float64")),
        };
        let full = |array| view_as(array, &shape).map_err(|problem: crate::eval::EvalError| problem.to_string());
        let (low, high, step) = self.codes;
        let steps = ((high - low) / step) as usize;
        let mut thresholds = Vec::new();
        for (scale, zero) in full(&self.scale)?.iter().zip(full(&self.zero_point)?) {
            let code = |x: f32| self.promoted.code(f64::from(x) * scale.signum(), *scale, *zero);
            thresholds.extend((1..=steps as i64).map(|k| first_float(|x| code(x) >= (low + k * step) as f64)));
        }
        let rows = shape.iter().product();
        let thresholds = Tensor::f32(&[rows, steps], thresholds).map_err(|problem| problem.to_string())?;
        let thresholds = qonnx_constant(&parts.builder, &thresholds);
        let x = self.turned(x, parts);
        let ty = parts.builder.tensor(Element::of_range(0, steps as i64), &parts.shape);
        let count = qonnx::CountThresholds::build(&parts.builder, x, thresholds, axis as i64, None, [ty]).result();
        parts.affine(count, steps as i64, (step, low), None)
    }

    /// x with the sign of the scale: its codes rise.
    fn turned<'c>(&self, x: Value<'c>, parts: &Parts<'c>) -> Value<'c> {
        if self.scale.iter().all(|scale| *scale > 0.0) {
            return x;
        }
        let signs = Tensor::F32(self.scale.mapv(|scale| scale.signum() as f32));
        let signs = qonnx_constant(&parts.builder, &signs);
        qonnx::Mul::build(&parts.builder, x, signs, [parts.float()]).result()
    }

    /// Two float32 tensors whose product stands for the scale.
    fn factors(&self) -> Result<Vec<Tensor>, String> {
        let (low, high, _) = self.codes;
        let zeros = self.zero_point.iter().fold((f64::MAX, f64::MIN), |(l, h), zero| (l.min(*zero), h.max(*zero)));
        let (least, greatest) = (low - zeros.1 as i64, high - zeros.0 as i64);
        let stands_for = |scale: f64, factors: [f32; 2]| {
            (least..=greatest).all(|n| round_product(n, &factors) == self.promoted.value(n as f64, scale, 0.0) as f32)
        };
        let mut pairs = Vec::with_capacity(self.scale.len());
        for scale in &self.scale {
            let pair = float_pairs(*scale).find(|pair| stands_for(*scale, *pair));
            pairs.push(pair.ok_or_else(|| {
                format!("the scale {scale} is no product of two float32 numbers for its codes: store it as float32")
            })?);
        }
        let factor = |place: usize| {
            let values = pairs.iter().map(|pair| pair[place]).collect();
            Tensor::f32(self.scale.shape(), values).map_err(|problem| problem.to_string())
        };
        let mut factors = vec![factor(0)?];
        if pairs.iter().any(|pair| pair[1] != 1.0) {
            factors.push(factor(1)?);
        }
        Ok(factors)
    }
}

/// The least float32, from minus to plus infinity, for which `holds`, which it then does for all above.
fn first_float(holds: impl Fn(f32) -> bool) -> f32 {
    let (mut low, mut high) = (key_of(f32::NEG_INFINITY), key_of(f32::INFINITY));
    while low < high {
        let middle = (low + high).div_euclid(2);
        if holds(float_of(middle)) { high = middle } else { low = middle + 1 }
    }
    float_of(low)
}

/// Pairs of float32 whose product is nearer and nearer to a value: itself, then a mantissa and
/// what is left of the value.
fn float_pairs(value: f64) -> impl Iterator<Item = [f32; 2]> {
    const CANDIDATES: u32 = 1 << 23;
    /// The product of two mantissas of 24 bits: no pair comes nearer than this but by luck.
    const NEAR: f64 = 1e-13;
    let mut best = f64::INFINITY;
    (0..CANDIDATES).filter_map(move |mantissa| {
        // Odd mantissas have nothing in common with a power of two.
        let first = f32::from_bits(1f32.to_bits() + mantissa);
        let second = (value / f64::from(first)) as f32;
        let error = (f64::from(first) * f64::from(second) / value - 1.0).abs();
        let better = error < best;
        best = best.min(error);
        (better && (mantissa == 0 || error < NEAR)).then_some([second, first])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_float_that_holds() {
        assert_eq!(first_float(|x| x >= 0.3), 0.3);
        assert_eq!(first_float(|x| f64::from(x) >= 0.3), 0.300_000_01);
        assert_eq!(first_float(|x| x > -1.0), -0.999_999_94);
        assert_eq!(first_float(|_| true), f32::NEG_INFINITY);
        assert_eq!(first_float(|x| x == f32::INFINITY), f32::INFINITY);
        assert_eq!(first_float(|x| x > 0.0), f32::from_bits(1));
    }

    #[test]
    fn two_floats_come_near_a_double() {
        let nearest = |value: f64| float_pairs(value).take(2).last().unwrap();
        for value in [0.3, 0.7, 1.1e-3, 123.456, -0.011] {
            let [a, b] = nearest(value);
            assert!((f64::from(a) * f64::from(b) / value - 1.0).abs() < 1e-13, "{value}");
        }
        assert_eq!(float_pairs(0.75).next(), Some([0.75, 1.0]));
    }
}
