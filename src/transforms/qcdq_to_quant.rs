//! `qonnx-qcdq-to-quant`: QuantizeLinear, Clip and DequantizeLinear as Quant.
//!
//! Quant adds its zero point before it rounds. With 0 that makes no difference, and none with an even one that is
//! added in float64, where no value moves to a tie: an int64 zero point says so, as `qonnx-quant-to-qcdq` has it.

use super::functions::{erase_dead, functions};
use crate::eval::{
    self, IntType, Tensor,
    convert::{constant_of, int_type, qonnx_constant},
    ops::quantize_linear::along_axis,
};
use qonnx_dialect::{Builder, Element, Reported, RoundingMode, Value, options::QonnxQcdqToQuantOptions, qonnx};

/// Replaces each DequantizeLinear of a QuantizeLinear or of constant codes; a remark says which ones stay, and why.
///
/// # Errors
/// None of its own; the signature is that of a pass.
pub fn run(module: qonnx_dialect::Op<'_>, _: &QonnxQcdqToQuantOptions) -> Result<(), Reported> {
    for function in functions(module) {
        for dequantize in function.body().into_iter().filter_map(qonnx::DequantizeLinear::of) {
            let outcome = match constant_of(dequantize.x()) {
                Some(codes) => of_constant(dequantize, &codes),
                None => of_computed(dequantize),
            };
            if let Err(reason) = outcome {
                dequantize.op().remark(format!("stays DequantizeLinear: {reason}"));
            }
        }
        erase_dead(function);
    }
    Ok(())
}

/// Codes between two limits, as Quant has them.
#[derive(Debug, PartialEq)]
struct Codes {
    bits: u32,
    signed: bool,
    narrow: bool,
}

impl Codes {
    /// None where no width has these limits. One signed bit means -1 and 1 there.
    fn between(low: i64, high: i64) -> Option<Self> {
        let signed = low < 0;
        (1 + u32::from(signed)..=32).find_map(|bits| {
            let greatest = (1i64 << (bits - u32::from(signed))) - 1;
            let least = if signed { -greatest - 1 } else { 0 };
            let codes = |narrow| Some(Self { bits, signed, narrow });
            match (low, high) {
                _ if low >= high => None,
                _ if (low, high) == (least, greatest) => codes(false),
                _ if signed && (low, high) == (least + 1, greatest) => codes(true),
                _ if !signed && (low, high) == (least, greatest - 1) => codes(true),
                _ => None,
            }
        })
    }
}

/// Scale and zero point in shapes that broadcast to the operand.
#[derive(PartialEq)]
struct Parameters {
    scale: Tensor,
    zero_point: Tensor,
}

impl Parameters {
    fn of(scale: Value<'_>, zero_point: Option<Value<'_>>, axis: i64, shape: &[usize]) -> Result<Self, String> {
        let constant = |value: Value<'_>, name: &str| {
            constant_of(value).ok_or_else(|| format!("its {name} is not constant, run qonnx-fold-constants first"))
        };
        if scale.tensor_type().is_none_or(|ty| ty.element != Element::F32) {
            return Err(format!("its scale is {}, expected float32", scale.ty()));
        }
        let scale = along_axis(&constant(scale, "scale")?, shape, axis).map_err(text)?;
        if let Some(bad) = scale.to_f64_vec().into_iter().find(|scale| !scale.is_finite() || *scale == 0.0) {
            return Err(format!("its scale is {bad}, expected a finite number other than 0"));
        }
        let zero_point = match zero_point {
            Some(zero) => along_axis(&constant(zero, "zero point")?, shape, axis).map_err(text)?,
            None => Tensor::scalar_int(0),
        };
        let zeros = zero_point.to_i64_vec().map_err(text)?;
        let zero_point = Tensor::int(IntType::I64, zero_point.shape(), zeros).map_err(text)?;
        Ok(Self { scale, zero_point })
    }

    /// The zero point as Quant is to add it: in float32 where it is 0, else in float64.
    fn added(&self) -> Result<Tensor, String> {
        let zeros = self.zero_point.to_i64_vec().map_err(text)?;
        if let Some(odd) = zeros.iter().find(|zero| *zero % 2 != 0) {
            return Err(format!("Quant would add its odd zero point {odd} before it rounds, so that ties differ"));
        }
        Ok(if zeros.iter().all(|zero| *zero == 0) { Tensor::scalar(0.0) } else { self.zero_point.clone() })
    }
}

fn text(problem: eval::EvalError) -> String {
    problem.to_string()
}

fn shape_of(value: Value<'_>) -> Result<Vec<usize>, String> {
    let shape = value.tensor_type().and_then(|ty| ty.static_shape());
    shape.ok_or_else(|| "its shape is not known, run qonnx-infer-shapes first".into())
}

/// The QuantizeLinear that codes come from, and the limits that its type and Clips between give them.
fn quantizer<'c>(codes: Value<'c>) -> Result<(qonnx::QuantizeLinear<'c>, i64, i64), String> {
    let range = codes.tensor_type().and_then(|ty| ty.element.range());
    let (least, greatest) = range.ok_or("its codes are no integers of up to 63 bits")?;
    let (mut codes, mut clips) = (codes, Vec::new());
    while let Some(clip) = codes.defining_op().and_then(qonnx::Clip::of) {
        let bound = |value: Option<Value<'c>>, absent: i64| match value {
            None => Ok(absent),
            Some(value) => constant_of(value)
                .and_then(|bound| bound.to_i64_vec().ok()?.first().copied())
                .ok_or("a Clip of its codes has bounds that are not constant"),
        };
        clips.push((bound(clip.low(), least)?, bound(clip.high(), greatest)?));
        codes = clip.x();
    }
    let quantize = codes.defining_op().and_then(qonnx::QuantizeLinear::of);
    let quantize = quantize.ok_or("its codes come neither from QuantizeLinear nor from a constant")?;
    let clipped = |limit: i64| clips.iter().rev().fold(limit, |limit, (low, high)| limit.max(*low).min(*high));
    Ok((quantize, clipped(least), clipped(greatest)))
}

fn of_computed(dequantize: qonnx::DequantizeLinear<'_>) -> Result<(), String> {
    let (quantize, low, high) = quantizer(dequantize.x())?;
    let x = quantize.x();
    if [x, dequantize.result()].iter().any(|value| value.tensor_type().is_none_or(|ty| ty.element != Element::F32)) {
        return Err("it is no quantizer of float32".into());
    }
    let shape = shape_of(x)?;
    let parameters = Parameters::of(dequantize.scale(), dequantize.zero_point(), dequantize.axis(), &shape)?;
    if Parameters::of(quantize.scale(), quantize.zero_point(), quantize.axis(), &shape)? != parameters {
        return Err("its QuantizeLinear has another scale or zero point".into());
    }
    let codes = Codes::between(low, high).ok_or_else(|| format!("no width has codes from {low} to {high}"))?;
    let result = quant(dequantize, x, &parameters.scale, &parameters.added()?, &codes);
    dequantize.op().replace(&[result.result()]);
    Ok(())
}

/// The values that the codes stand for, of which Quant must make the same.
fn of_constant(dequantize: qonnx::DequantizeLinear<'_>, codes: &Tensor) -> Result<(), String> {
    let op = dequantize.op();
    let ty = dequantize.x().tensor_type().and_then(|ty| int_type(ty.element)).ok_or("its codes are no integers")?;
    let parameters = Parameters::of(dequantize.scale(), dequantize.zero_point(), dequantize.axis(), codes.shape())?;
    let operands: Option<Vec<Tensor>> = op.operands().into_iter().map(constant_of).collect();
    let operands = operands.ok_or("its parameters are not constant, run qonnx-fold-constants first")?;
    let values = eval::evaluate(op, &operands.iter().collect::<Vec<_>>()).map_err(text)?;
    let values = values.into_iter().next().ok_or("has no result")?;
    let limits = Codes::between(ty.min(), ty.max()).ok_or_else(|| format!("Quant has no codes of {ty}"))?;
    let builder = Builder::before(op);
    let location = dequantize.x().defining_op().map_or(op.location(), |codes| codes.location());
    let x = qonnx_constant(&builder.at(location), &values);
    let zero_point = Tensor::F32(parameters.zero_point.to_f32());
    let result = quant(dequantize, x, &parameters.scale, &zero_point, &limits);
    let known: Option<Vec<Tensor>> = result.op().operands().into_iter().map(constant_of).collect();
    let known = known.unwrap_or_default();
    let again = eval::evaluate(result.op(), &known.iter().collect::<Vec<_>>()).map_err(text)?;
    if again.first() != Some(&values) {
        result.op().erase();
        return Err("Quant in float32 would not give back all of its values".into());
    }
    op.replace(&[result.result()]);
    Ok(())
}

fn quant<'c>(
    dequantize: qonnx::DequantizeLinear<'c>,
    x: Value<'c>,
    scale: &Tensor,
    zero_point: &Tensor,
    codes: &Codes,
) -> qonnx::Quant<'c> {
    let builder = Builder::before(dequantize.op());
    let [scale, zero_point] = [scale, zero_point].map(|tensor| qonnx_constant(&builder, tensor));
    let width = qonnx_constant(&builder, &Tensor::scalar(codes.bits as f32));
    let (half_even, ty) = (RoundingMode::HalfEven, dequantize.result().ty());
    qonnx::Quant::build(&builder, x, scale, zero_point, width, half_even, codes.signed, codes.narrow, [ty])
}

#[cfg(test)]
mod tests {
    use super::Codes;

    #[test]
    fn limits_and_widths() {
        let codes = |bits, signed, narrow| Some(Codes { bits, signed, narrow });
        for (low, high, expected) in [
            (-128, 127, codes(8, true, false)),
            (-127, 127, codes(8, true, true)),
            (0, 255, codes(8, false, false)),
            (0, 14, codes(4, false, true)),
            (0, 1, codes(1, false, false)),
            (-1, 1, codes(2, true, true)),
            // One signed bit is -1 and 1.
            (-1, 0, None),
            (-3, 5, None),
            (1, 7, None),
            (3, 2, None),
        ] {
            assert_eq!(Codes::between(low, high), expected, "{low} to {high}");
        }
    }
}
