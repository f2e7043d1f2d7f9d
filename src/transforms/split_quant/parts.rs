//! What the parts of a quantizer are made of.

use super::parameters::{all, code_range};
use crate::eval::{
    Tensor,
    convert::{constant_of, hls_constant, qonnx_constant},
};
use qonnx_dialect::{Builder, Element, Op, RoundingMode, Value, hls, qonnx};

/// Where the parts of a quantizer go.
pub(super) struct Parts<'c> {
    pub(super) builder: Builder<'c>,
    /// Shape of the operand and of the result.
    pub(super) shape: Vec<usize>,
}

impl<'c> Parts<'c> {
    pub(super) fn new(op: Op<'c>) -> Result<Self, String> {
        let ty = op.operand(0).tensor_type().ok_or("the operand is no tensor")?;
        let shape = ty.static_shape().ok_or("the operand's shape is not known; run qonnx-infer-shapes first")?;
        let result = op.result(0).tensor_type().and_then(|ty| ty.static_shape());
        if result.as_ref() != Some(&shape) {
            return Err(
                "a parameter has more dimensions than the operand and would enlarge it: give it the operand's shape"
                    .to_string(),
            );
        }
        Ok(Self { builder: Builder::before(op), shape })
    }

    pub(super) fn float(&self) -> qonnx_dialect::Type<'c> {
        self.builder.tensor(Element::F32, &self.shape)
    }

    pub(super) fn constant(&self, tensor: &Tensor) -> Value<'c> {
        qonnx_constant(&self.builder, tensor)
    }

    /// `x / scale`, unless that is x.
    pub(super) fn scaled(&self, x: Value<'c>, scale: &Tensor) -> Value<'c> {
        if all(scale, 1.0) {
            return x;
        }
        qonnx::Div::build(&self.builder, x, self.constant(scale), [self.float()]).result()
    }

    /// `x + offset`, unless that is x.
    pub(super) fn shifted(&self, x: Value<'c>, offset: &Tensor) -> Value<'c> {
        if all(offset, 0.0) {
            return x;
        }
        qonnx::Add::build(&self.builder, x, self.constant(offset), [self.float()]).result()
    }

    /// `round(x / scale + zero_point) / divisor`.
    pub(super) fn truncated(&self, x: Value<'c>, scale: &Tensor, zero_point: &Tensor, divisor: &Tensor) -> Value<'c> {
        let y = self.shifted(self.scaled(x, scale), zero_point);
        let y = qonnx::Round::build(&self.builder, y, [self.float()]).result();
        self.scaled(y, divisor)
    }

    pub(super) fn quantize(
        &self,
        x: Value<'c>,
        rounding: RoundingMode,
        low: f32,
        high: f32,
        exponent: Option<i64>,
    ) -> Result<Value<'c>, String> {
        let (least, greatest) = code_range(rounding, low, high)?;
        let ty = self.builder.tensor(Element::of_range(least, greatest), &self.shape);
        Ok(qonnx::Quantize::build(&self.builder, x, rounding, low, high, exponent, [ty]).result())
    }

    pub(super) fn binarize(&self, x: Value<'c>, exponent: Option<i64>) -> Value<'c> {
        let ty = self.builder.tensor(Element::of_range(-1, 1), &self.shape);
        qonnx::Binarize::build(&self.builder, x, exponent, [ty]).result()
    }

    /// `(q - zero_point) * scale`.
    pub(super) fn unscaled(&self, q: Value<'c>, zero_point: &Tensor, scale: &Tensor) -> Result<Value<'c>, String> {
        let whole = zero_point.to_f64().iter().all(|z| z.fract() == 0.0 && z.abs() < 1e15);
        if !whole {
            let y = qonnx::Unscale::build(&self.builder, q, &[], [self.float()]).result();
            let y = qonnx::Sub::build(&self.builder, y, self.constant(zero_point), [self.float()]).result();
            return Ok(qonnx::Mul::build(&self.builder, y, self.constant(scale), [self.float()]).result());
        }
        self.unscaled_by(q, zero_point, std::slice::from_ref(scale))
    }

    /// `q - zero_point`, which is whole, times the exact product of the scales.
    pub(super) fn unscaled_by(
        &self,
        q: Value<'c>,
        zero_point: &Tensor,
        scales: &[Tensor],
    ) -> Result<Value<'c>, String> {
        let q = if all(zero_point, 0.0) { q } else { self.without_zero_point(q, zero_point)? };
        let scales: Vec<Value<'c>> =
            scales.iter().filter(|scale| !all(scale, 1.0)).map(|scale| self.constant(scale)).collect();
        Ok(qonnx::Unscale::build(&self.builder, q, &scales, [self.float()]).result())
    }

    /// `count * factor + offset` of a count up to `most`.
    pub(super) fn affine(
        &self,
        count: Value<'c>,
        most: i64,
        (factor, offset): (i64, i64),
        exponent: Option<i64>,
    ) -> Result<Value<'c>, String> {
        let mut q = count;
        let ty = |ends: [i64; 2]| {
            let element = Element::of_range(ends[0].min(ends[1]), ends[0].max(ends[1]));
            self.builder.tensor(element, &self.shape)
        };
        if factor != 1 {
            let factor_value = hls_constant(&self.builder, &[], &[factor]);
            q = hls::Mul::build(&self.builder, q, factor_value, exponent, [ty([0, factor * most])]).result();
        }
        if offset != 0 {
            let offset_value = hls_constant(&self.builder, &[], &[offset]);
            let ends = [offset, factor * most + offset];
            q = hls::Add::build(&self.builder, q, offset_value, exponent, [ty(ends)]).result();
        }
        Ok(q)
    }

    pub(super) fn without_zero_point(&self, q: Value<'c>, zero_point: &Tensor) -> Result<Value<'c>, String> {
        let zeros: Vec<i64> = zero_point.to_f64().iter().map(|z| *z as i64).collect();
        if let Some(codes) = constant_of(q) {
            let zeros = Tensor::int(crate::eval::IntType::I64, zero_point.shape(), zeros).map_err(|p| p.to_string())?;
            let difference = crate::eval::ops::elementwise::binary_int(
                crate::eval::ops::elementwise::Binary::Sub,
                &codes,
                &zeros,
                crate::eval::IntType::I64,
            );
            let difference = difference.map_err(|problem| problem.to_string())?;
            return Ok(hls_constant(
                &self.builder,
                difference.shape(),
                &difference.to_i64_vec().map_err(|p| p.to_string())?,
            ));
        }
        let (low, high) = range_of(q)?;
        let least = zeros.iter().copied().min().unwrap_or(0);
        let greatest = zeros.iter().copied().max().unwrap_or(0);
        let ty = self.builder.tensor(Element::of_range(low - greatest, high - least), &self.shape);
        let zeros = hls_constant(&self.builder, zero_point.shape(), &zeros);
        Ok(hls::Sub::build(&self.builder, q, zeros, None, [ty]).result())
    }
}

pub(super) fn range_of(q: Value<'_>) -> Result<(i64, i64), String> {
    q.tensor_type()
        .and_then(|ty| ty.element.range())
        .ok_or_else(|| format!("{} is no integer type of up to 63 bits", q.ty()))
}
