//! The operations that a pair of casts becomes.

use super::shape_of;
use crate::{
    conversion::parameters::Parameters,
    eval::{
        IntType, Tensor,
        convert::{element_of, int_type, qonnx_constant},
        ops::quant::limits,
    },
};
use ndarray::Zip;
use qonnx_dialect::{Builder, Element, RoundingMode, Value, qonnx, quant::UniformType, with_element};

/// The limits of a Quant.
pub struct Width {
    bits: u32,
    signed: bool,
    narrow: bool,
}

impl Width {
    /// That of these limits. One signed bit means -1 and 1.
    pub fn of(low: i64, high: i64) -> Option<Self> {
        let Self { bits, signed, .. } = Self::holding(low, high);
        let of = |narrow| limits(signed, narrow, f64::from(bits)) == (low as f64, high as f64);
        [false, true].into_iter().find(|narrow| of(*narrow)).map(|narrow| Self { bits, signed, narrow })
    }

    /// The smallest that holds both codes.
    pub fn holding(low: i64, high: i64) -> Self {
        let Element::Int { width, signed } = Element::of_range(low, high) else {
            return Self { bits: 32, signed: true, narrow: false };
        };
        Self { bits: if signed { width.max(2) } else { width }, signed, narrow: false }
    }

    /// A Quant of this width.
    pub fn quant<'c>(&self, builder: &Builder<'c>, x: Value<'c>, parameters: &Parameters) -> Value<'c> {
        let constant = |tensor: Tensor| qonnx_constant(builder, &tensor);
        let scale = constant(parameters.scale());
        let zero_point = constant(Tensor::F32(parameters.zero_point().mapv(|zero| zero as f32)));
        let bits = constant(Tensor::scalar(self.bits as f32));
        let rounding = RoundingMode::HalfEven;
        qonnx::Quant::build(builder, x, scale, zero_point, bits, rounding, self.signed, self.narrow, [x.ty()]).result()
    }
}

/// `x` no less and no greater than the values of the least and the greatest code.
///
/// # Errors
/// If float32 does not lead from these values back to the codes.
pub fn limited<'c>(
    builder: &Builder<'c>,
    x: Value<'c>,
    uniform: &UniformType,
    parameters: &Parameters,
) -> Result<Value<'c>, String> {
    let bound = |code: i64| -> Result<Value<'c>, String> {
        let values = parameters.values(code)?;
        let Tensor::F32(scale) = parameters.scale() else { return Err("has scales that are no float32".into()) };
        let mut is_code = true;
        Zip::from(&values).and(&scale).and(parameters.zero_point()).for_each(|value, scale, zero| {
            is_code &= (value / scale + *zero as f32).round_ties_even() == code as f32;
        });
        let problem = || format!("has a limit of {code}, whose value float32 does not lead back to");
        if is_code { Ok(qonnx_constant(builder, &Tensor::F32(values))) } else { Err(problem()) }
    };
    let x = qonnx::Max::build(builder, x, bound(uniform.low)?, [x.ty()]).result();
    Ok(qonnx::Min::build(builder, x, bound(uniform.high)?, [x.ty()]).result())
}

/// The next integer type of ONNX.
pub fn widened(storage: Element) -> Element {
    let Element::Int { width, signed } = storage else { return storage };
    Element::Int { width: [8, 16].into_iter().find(|wide| width <= *wide).unwrap_or(32), signed }
}

/// QuantizeLinear and DequantizeLinear of a quantized tensor.
pub struct Linear<'c> {
    ty: IntType,
    scale: Value<'c>,
    zero_point: Value<'c>,
    axis: i64,
}

impl<'c> Linear<'c> {
    /// With codes of a type, for a value of some shape.
    ///
    /// # Errors
    /// If its parameters are not those of the value's shape.
    pub fn new(builder: &Builder<'c>, uniform: &UniformType, codes: Element, value: Value<'c>) -> Result<Self, String> {
        let shape = shape_of(value)?;
        let whole = shape.as_ref().and_then(|shape| shape.iter().copied().collect::<Option<Vec<usize>>>());
        let (scale, zero_point, axis) = Parameters::of(uniform, shape.as_deref())?.linear(whole.as_deref())?;
        let ty = int_type(codes).ok_or("has codes that are no integers")?;
        let zero_point = qonnx_constant(builder, &Tensor::Int(ty, zero_point));
        Ok(Self { ty, scale: qonnx_constant(builder, &scale), zero_point, axis })
    }

    /// Codes of float32, limited where the type holds more.
    ///
    /// # Errors
    /// If the value is no tensor, or a limit no code.
    pub fn quantize(&self, builder: &Builder<'c>, x: Value<'c>, uniform: &UniformType) -> Result<Value<'c>, String> {
        let element = element_of(self.ty).to_type(builder.context());
        let ty = with_element(x.ty(), element).ok_or("casts a scalar, expected a tensor")?;
        let zero_point = Some(self.zero_point);
        let codes = qonnx::QuantizeLinear::build(builder, x, self.scale, zero_point, self.axis, [ty]).result();
        if (uniform.low, uniform.high) == (self.ty.min(), self.ty.max()) {
            return Ok(codes);
        }
        let bound = |code| {
            let tensor = Tensor::int(self.ty, &[], vec![code]).map_err(|problem| problem.to_string())?;
            Ok::<_, String>(qonnx_constant(builder, &tensor))
        };
        let (low, high) = (bound(uniform.low)?, bound(uniform.high)?);
        Ok(qonnx::Clip::build(builder, codes, Some(low), Some(high), [ty]).result())
    }

    /// float32 of codes, of the type that `like` has.
    pub fn dequantize(&self, builder: &Builder<'c>, codes: Value<'c>, like: Value<'c>) -> Value<'c> {
        let zero_point = Some(self.zero_point);
        qonnx::DequantizeLinear::build(builder, codes, self.scale, zero_point, self.axis, [like.ty()]).result()
    }
}
