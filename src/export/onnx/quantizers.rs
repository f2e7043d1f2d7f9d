//! Quantizers: QONNX's in their own domain, ONNX's own as they are.

use super::{
    form::{Form, Input},
    tensors,
};
use crate::eval::{
    IntType, Tensor,
    convert::{constant_of, element_type, int_type},
};
use qonnx_dialect::{Element, Op, OpKind, RoundingMode, Value, qonnx};

/// The form of an operation of this family.
pub fn form(op: Op<'_>) -> Result<Option<Form<'_>>, String> {
    Ok(match op.kind() {
        OpKind::QonnxQuant => qonnx::Quant::of(op).map(|quant| {
            Form::qonnx("Quant", op)
                .flag("signed", quant.is_signed())
                .flag("narrow", quant.narrow())
                .string("rounding_mode", &rounding_mode(quant.rounding()))
        }),
        OpKind::QonnxBipolarQuant => Some(Form::qonnx("BipolarQuant", op)),
        OpKind::QonnxTrunc => qonnx::Trunc::of(op).map(|trunc| {
            Form::qonnx("Trunc", op).at_version(1).string("rounding_mode", &rounding_mode(trunc.rounding()))
        }),
        OpKind::QonnxTruncToScale => qonnx::TruncToScale::of(op).map(|trunc| {
            Form::qonnx("Trunc", op)
                .at_version(2)
                .flag("signed", trunc.is_signed())
                .flag("narrow", trunc.narrow())
                .string("rounding_mode", &rounding_mode(trunc.rounding()))
        }),
        OpKind::QonnxFloatQuant => qonnx::FloatQuant::of(op).map(|quant| {
            Form::qonnx("FloatQuant", op)
                .flag("has_inf", quant.has_inf())
                .flag("has_nan", quant.has_nan())
                // The reference wants it and does not read it.
                .flag("has_subnormal", true)
                .flag("saturation", quant.saturation())
                .string("rounding_mode", &rounding_mode(quant.rounding()))
        }),
        OpKind::QonnxMultiThreshold => qonnx::MultiThreshold::of(op).map(multi_threshold).transpose()?,
        OpKind::QonnxQuantizeLinear => qonnx::QuantizeLinear::of(op).map(quantize_linear).transpose()?,
        OpKind::QonnxDequantizeLinear => qonnx::DequantizeLinear::of(op)
            .map(|quantizer| {
                let (x, scale) = (quantizer.x(), quantizer.scale());
                linear("DequantizeLinear", x, scale, quantizer.zero_point(), quantizer.axis())
            })
            .transpose()?,
        OpKind::QonnxQuantize
        | OpKind::QonnxQuantizeMinifloat
        | OpKind::QonnxBinarize
        | OpKind::QonnxCountThresholds
        | OpKind::QonnxUnscale => {
            return Err("is a part of a quantizer, which ONNX has no operator for: export from before \
                        qonnx-split-quant"
                .into());
        }
        _ => None,
    })
}

/// The word of QONNX; ROUND is what exporters write.
fn rounding_mode(mode: RoundingMode) -> String {
    match mode {
        RoundingMode::HalfEven => "ROUND".into(),
        other => other.keyword().to_uppercase(),
    }
}

fn multi_threshold(quantizer: qonnx::MultiThreshold<'_>) -> Result<Form<'_>, String> {
    let rank = quantizer.x().tensor_type().and_then(|ty| ty.shape).map(|shape| shape.len());
    let rank = rank.ok_or("has an operand of unknown rank: run qonnx-infer-shapes first")?;
    Ok(Form::qonnx("MultiThreshold", quantizer.op())
        .float("out_scale", quantizer.out_scale())
        .float("out_bias", quantizer.out_bias())
        .string("data_layout", &data_layout(rank, quantizer.channel_axis()))
        // The reference wants it; any number is one of these.
        .string("out_dtype", "FLOAT32"))
}

/// A layout such as NHWC whose C stands at the axis of the channels.
fn data_layout(rank: usize, channel_axis: i64) -> String {
    let channel = if channel_axis < 0 { channel_axis + rank as i64 } else { channel_axis };
    let others: Vec<char> = "NTDHW".chars().collect();
    // Samples first, then the last of the spatial axes.
    let spatial = others.iter().skip(others.len().saturating_sub(rank.saturating_sub(2)).max(1));
    let mut letters = others.iter().take(1).chain(spatial).copied();
    (0..rank as i64).map(|axis| if axis == channel { 'C' } else { letters.next().unwrap_or('S') }).collect()
}

fn quantize_linear(quantizer: qonnx::QuantizeLinear<'_>) -> Result<Form<'_>, String> {
    let (x, scale, zero_point) = (quantizer.x(), quantizer.scale(), quantizer.zero_point());
    let ty = quantizer.result().tensor_type().ok_or("has a result of unknown type")?;
    if !matches!(ty.element, Element::Int { width: ..=16, .. }) {
        return Err(format!("quantizes to {}, QuantizeLinear of ONNX to integers of up to 16 bits", ty.element));
    }
    let form = linear("QuantizeLinear", x, scale, zero_point, quantizer.axis())?;
    if zero_point.is_some() {
        return Ok(form);
    }
    Ok(form.int("output_dtype", tensors::data_type(ty.element)?.into()))
}

/// One scale an element is blocks of one element. ONNX has as many zero points as scales.
fn linear<'c>(
    name: &'static str,
    x: Value<'c>,
    scale: Value<'c>,
    zero_point: Option<Value<'c>>,
    axis: i64,
) -> Result<Form<'c>, String> {
    let shape = |value: Value<'c>| value.tensor_type().and_then(|ty| ty.static_shape());
    let most =
        [Some(scale), zero_point].into_iter().flatten().filter_map(shape).max_by_key(|s| s.iter().product::<usize>());
    let is_elementwise = most.as_ref().is_some_and(|most| most.len() > 1 && Some(most) == shape(x).as_ref());
    let mut operands = vec![Input::Value(x), repeated(scale, "scale", most.as_deref())?];
    if let Some(zero_point) = zero_point {
        operands.push(repeated(zero_point, "zero_point", most.as_deref())?);
    }
    let form = Form::new(name, operands).int("axis", axis);
    Ok(if is_elementwise { form.int("block_size", 1) } else { form })
}

/// One value as often as the other parameter has some.
fn repeated<'c>(value: Value<'c>, word: &'static str, shape: Option<&[usize]>) -> Result<Input<'c>, String> {
    let count = |shape: &[usize]| shape.iter().product::<usize>();
    let own = value.tensor_type().and_then(|ty| ty.static_shape());
    let (Some(shape), Some(own)) = (shape, own) else { return Ok(Input::Value(value)) };
    if count(shape) == count(&own) {
        return Ok(Input::Value(value));
    }
    let single = constant_of(value).ok_or("has one scale and several zero points, or the reverse, not all constant")?;
    let all = match single.to_i64_vec() {
        Ok(codes) => {
            Tensor::int(int_type(element_type(&single)).unwrap_or(IntType::I64), shape, codes.repeat(count(shape)))
        }
        Err(_) => Tensor::f32(shape, single.to_f32_vec().repeat(count(shape))),
    };
    Ok(Input::Constant(word, all.map_err(|problem| problem.to_string())?))
}

#[cfg(test)]
mod tests {
    use super::data_layout;

    #[test]
    fn layouts_have_their_channels_in_place() {
        let layouts = [(2, 1, "NC"), (3, 1, "NCW"), (3, -1, "NWC"), (4, 1, "NCHW"), (4, 3, "NHWC"), (5, 1, "NCDHW")];
        for (rank, axis, layout) in layouts {
            assert_eq!(data_layout(rank, axis), layout);
        }
        assert_eq!(data_layout(8, 1), "NCTDHWSS");
    }
}
