//! A uniform quantizer as casts of the quant dialect.

use crate::conversion::{ZeroPoint, parameters::Parameters};
use ndarray::ArrayD;
use qonnx_dialect::{
    Builder, Element, Location, Op, Value, constants,
    quant::{MAX_STORAGE_BITS, UniformType, survives_text},
    with_element,
};

/// A uniform quantizer in front of float32.
pub struct Quantizer {
    /// The type that codes have in the file.
    pub storage: Option<Element>,
    /// The least code.
    pub low: i64,
    /// The greatest code.
    pub high: i64,
    /// Of all codes.
    pub parameters: Parameters,
    /// When its zero point is added; None if it matters to no value.
    pub adds: Option<ZeroPoint>,
}

impl Quantizer {
    /// The same function in the order in which `quant.qcast` is taken to add zero points.
    ///
    /// # Errors
    /// If it adds zero points before rounding and the cast behind, or subtracts several.
    pub fn said(self, order: ZeroPoint) -> Result<Self, String> {
        match self.adds {
            None => return Ok(self),
            Some(adds) if adds == order => return Ok(self),
            Some(ZeroPoint::BeforeRounding) => {
                return Err("adds its zero point before it rounds, quant.qcast with zero-point=after-rounding \
                            behind: values near ties differ"
                    .into());
            }
            Some(ZeroPoint::AfterRounding) => {}
        }
        // round(x / scale), limited to codes counted from the zero point.
        let zero = self.parameters.only_zero_point().ok_or(
            "rounds before it adds zero points, which differ, quant.qcast behind: \
             zero-point=after-rounding takes it the other way",
        )?;
        Ok(Self { adds: None, ..self.moved(zero) })
    }

    /// The same function of codes that are counted from another one.
    pub fn moved(self, from: i64) -> Self {
        if from == 0 {
            return self;
        }
        let [low, high] = [self.low, self.high].map(|code| code.saturating_sub(from));
        Self { storage: None, low, high, parameters: self.parameters.moved(from), ..self }
    }

    /// Upstream subtracts a zero point in float32, which must be the difference of integers.
    ///
    /// # Errors
    /// If a code is beyond 24 bits.
    pub fn exact(self, codes: impl IntoIterator<Item = i64>) -> Result<Self, String> {
        let is_wide = |code: i64| code.unsigned_abs() > 1 << 24;
        if self.parameters.only_zero_point() != Some(0) && codes.into_iter().any(is_wide) {
            return Err("has codes of more than 24 bits and a zero point, which float32 does not subtract".into());
        }
        Ok(self)
    }

    /// The element type of the quantized tensor.
    fn uniform(&self) -> Result<UniformType, String> {
        let zeros = self.parameters.zero_point().iter().copied();
        let least = zeros.clone().fold(self.low, i64::min);
        let storage = self.storage.unwrap_or(Element::of_range(least, zeros.fold(self.high, i64::max)));
        let Element::Int { width, .. } = storage else { return Err("has codes that are no integers".into()) };
        if width > MAX_STORAGE_BITS {
            return Err(format!("has codes of {width} bits, expected up to {MAX_STORAGE_BITS}"));
        }
        if self.low >= self.high {
            return Err(format!("has no code but {}: no !quant.uniform has a single one", self.low));
        }
        let (granularity, scales, zero_points) = self.parameters.granularity()?;
        let (low, high, expressed) = (self.low, self.high, Element::F32);
        Ok(UniformType { storage, low, high, expressed, granularity, scales, zero_points })
    }

    /// Puts casts of `x` in place of the result of `op`.
    ///
    /// # Errors
    /// If no type says it, or the result has another type than `x`.
    pub fn casts<'c>(&self, x: Value<'c>, op: Op<'c>, location: Location<'c>) -> Result<(), String> {
        has_type_of(op, x)?;
        let builder = Builder::before(op).at(location);
        self.behind(op, self.cast(op, &builder, "quant.qcast", x)?)
    }

    /// The same where the codes are dequantized by other parameters: through the integers that are stored.
    ///
    /// # Errors
    /// As [`Self::casts`].
    pub fn casts_to<'c>(
        mut self,
        mut other: Self,
        x: Value<'c>,
        op: Op<'c>,
        location: Location<'c>,
    ) -> Result<(), String> {
        has_type_of(op, x)?;
        let (first, second) = (self.uniform()?, other.uniform()?);
        let ranges = [first.storage.range(), second.storage.range()].into_iter().flatten();
        let (low, high) = ranges.fold((0, 0), |(low, high), range| (low.min(range.0), high.max(range.1)));
        let storage = Element::of_range(low, high);
        (self.storage, other.storage) = (Some(storage), Some(storage));
        let builder = Builder::before(op).at(location);
        let codes = self.cast(op, &builder, "quant.qcast", x)?;
        let Element::Int { width, .. } = storage else { return Ok(()) };
        let ty = with_element(x.ty(), builder.signless(width)).ok_or("has an operand that is no tensor")?;
        let stored = builder.create("quant.scast", &[codes], &[], &[ty]).result(0);
        other.behind(op, other.cast(op, &Builder::before(op), "quant.scast", stored)?)
    }

    /// The constant of codes in place of the result of `op`.
    ///
    /// # Errors
    /// If no type says it.
    pub fn stored<'c>(&self, codes: &ArrayD<i64>, op: Op<'c>, location: Location<'c>) -> Result<(), String> {
        let Element::Int { width, .. } = self.uniform()?.storage else { return Ok(()) };
        let builder = Builder::before(op).at(location);
        let values: Vec<i64> = codes.iter().copied().collect();
        let attribute = constants::signless(builder.context(), width, codes.shape(), &values);
        let ty = constants::type_of(attribute);
        let constant = builder.create("arith.constant", &[], &[("value", attribute)], &[ty]);
        self.behind(op, self.cast(op, &Builder::before(op), "quant.scast", constant.result(0))?)
    }

    /// A cast to the quantized type.
    fn cast<'c>(&self, op: Op<'c>, builder: &Builder<'c>, name: &str, operand: Value<'c>) -> Result<Value<'c>, String> {
        let unsayable = "has parameters that no !quant.uniform takes";
        let element = self.uniform()?.to_type(builder.context()).ok_or(unsayable)?;
        if !survives_text(element) {
            op.remark("has a scale that MLIR prints in a form that it does not read: only bytecode keeps it");
        }
        let ty = with_element(operand.ty(), element).ok_or("has an operand that is no tensor")?;
        Ok(builder.create(name, &[operand], &[], &[ty]).result(0))
    }

    /// Puts the value of codes in place of the result of `op`.
    fn behind<'c>(&self, op: Op<'c>, codes: Value<'c>) -> Result<(), String> {
        let result = op.result(0).ty();
        op.replace(&[Builder::before(op).create("quant.dcast", &[codes], &[], &[result]).result(0)]);
        Ok(())
    }
}

/// Whether a quantizer neither enlarges its operand nor has a shape that is less known.
fn has_type_of(op: Op<'_>, x: Value<'_>) -> Result<(), String> {
    let (found, expected) = (op.result(0).ty(), x.ty());
    if found == expected {
        return Ok(());
    }
    let is_known = op.result(0).tensor_type().is_some_and(|ty| ty.static_shape().is_some());
    let advice = if is_known { "" } else { ": run qonnx-infer-shapes first" };
    Err(format!("makes {found} of {expected}, expected the same type{advice}"))
}
