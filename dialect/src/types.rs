//! Tensor types as plain data.

use crate::Context;
use melior::ir::{Type, TypeLike};
use mlir_sys::*;
use std::fmt;

/// An element type that the dialects know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// IEEE binary16.
    F16,
    /// bfloat16.
    BF16,
    /// IEEE binary32.
    F32,
    /// IEEE binary64.
    F64,
    /// ONNX bool, `i1`.
    Bool,
    /// A signed or unsigned integer of any width, `si8`, `ui4`.
    Int {
        /// Bits.
        width: u32,
        /// Two's complement or not.
        signed: bool,
    },
}

impl Element {
    /// The smallest integer type that holds both numbers.
    pub fn of_range(low: i64, high: i64) -> Self {
        let magnitude = |n: i64| 64 - n.leading_zeros();
        if low >= 0 {
            return Self::Int { width: magnitude(high).max(1), signed: false };
        }
        let width = magnitude(!low).max(if high >= 0 { magnitude(high) } else { 0 }) + 1;
        Self::Int { width, signed: true }
    }

    /// The least and greatest value of an integer or bool, as far as i64 goes.
    pub fn range(self) -> Option<(i64, i64)> {
        match self {
            Self::Bool => Some((0, 1)),
            Self::Int { width, signed: true } if width <= 64 => {
                Some((i64::MIN >> (64 - width), i64::MAX >> (64 - width)))
            }
            Self::Int { width, signed: false } if width < 64 => Some((0, (1 << width) - 1)),
            Self::Int { signed: false, width: 64 } => Some((0, i64::MAX)),
            _ => None,
        }
    }

    /// Whether it is a float.
    pub fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::BF16 | Self::F32 | Self::F64)
    }

    /// Bytes of one element in the buffer of a `dense` attribute (an `i1` aside).
    pub fn bytes(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::F16 | Self::BF16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
            Self::Int { width, .. } => width.div_ceil(8) as usize,
        }
    }

    /// The MLIR type.
    pub fn to_type<'c>(self, context: Context<'c>) -> Type<'c> {
        let raw = context.to_raw();
        // SAFETY: the context is alive.
        unsafe {
            Type::from_raw(match self {
                Self::F16 => mlirF16TypeGet(raw),
                Self::BF16 => mlirBF16TypeGet(raw),
                Self::F32 => mlirF32TypeGet(raw),
                Self::F64 => mlirF64TypeGet(raw),
                Self::Bool => mlirIntegerTypeGet(raw, 1),
                Self::Int { width, signed: true } => mlirIntegerTypeSignedGet(raw, width),
                Self::Int { width, signed: false } => mlirIntegerTypeUnsignedGet(raw, width),
            })
        }
    }

    /// From the MLIR type.
    pub fn of(ty: Type<'_>) -> Option<Self> {
        let raw = ty.to_raw();
        // SAFETY: predicates hold for any type, widths are asked of integers only.
        unsafe {
            Some(match () {
                () if mlirTypeIsAF16(raw) => Self::F16,
                () if mlirTypeIsABF16(raw) => Self::BF16,
                () if mlirTypeIsAF32(raw) => Self::F32,
                () if mlirTypeIsAF64(raw) => Self::F64,
                () if mlirTypeIsAInteger(raw) => {
                    let width = mlirIntegerTypeGetWidth(raw);
                    if mlirIntegerTypeIsSignless(raw) {
                        return (width == 1).then_some(Self::Bool);
                    }
                    Self::Int { width, signed: mlirIntegerTypeIsSigned(raw) }
                }
                () => return None,
            })
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F16 => write!(f, "f16"),
            Self::BF16 => write!(f, "bf16"),
            Self::F32 => write!(f, "f32"),
            Self::F64 => write!(f, "f64"),
            Self::Bool => write!(f, "i1"),
            Self::Int { width, signed: true } => write!(f, "si{width}"),
            Self::Int { width, signed: false } => write!(f, "ui{width}"),
        }
    }
}

/// A tensor type; `shape` is None for an unranked tensor, a dimension is None
/// where it is dynamic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// Element type.
    pub element: Element,
    /// Dimensions.
    pub shape: Option<Vec<Option<usize>>>,
}

impl TensorType {
    /// A static tensor type.
    pub fn new(element: Element, shape: &[usize]) -> Self {
        Self { element, shape: Some(shape.iter().copied().map(Some).collect()) }
    }

    /// A tensor of unknown rank.
    pub fn unranked(element: Element) -> Self {
        Self { element, shape: None }
    }

    /// The shape, if all of it is known.
    pub fn static_shape(&self) -> Option<Vec<usize>> {
        self.shape.as_ref()?.iter().copied().collect()
    }

    /// Number of elements, if the shape is known; `usize::MAX` where no machine could count them.
    pub fn element_count(&self) -> Option<usize> {
        let shape = self.static_shape()?;
        Some(if shape.contains(&0) { 0 } else { shape.into_iter().fold(1, usize::saturating_mul) })
    }

    /// From the MLIR type.
    pub fn of(ty: Type<'_>) -> Option<Self> {
        let raw = ty.to_raw();
        let shape = Self::shape_of(ty)?;
        // SAFETY: it is a tensor, since it has a shape.
        let element = Element::of(unsafe { Type::from_raw(mlirShapedTypeGetElementType(raw)) })?;
        Some(Self { element, shape })
    }

    /// The shape of a tensor of any element type; None for other types.
    pub fn shape_of(ty: Type<'_>) -> Option<Option<Vec<Option<usize>>>> {
        let raw = ty.to_raw();
        // SAFETY: the shape is asked of tensors only, dimensions below the rank.
        unsafe {
            if !mlirTypeIsATensor(raw) {
                return None;
            }
            if !mlirShapedTypeHasRank(raw) {
                return Some(None);
            }
            let dim = |i| match mlirShapedTypeIsDynamicDim(raw, i as isize) {
                true => None,
                false => usize::try_from(mlirShapedTypeGetDimSize(raw, i as isize)).ok(),
            };
            Some(Some((0..mlirShapedTypeGetRank(raw)).map(dim).collect()))
        }
    }

    /// The MLIR type.
    pub fn to_type<'c>(&self, context: Context<'c>) -> Type<'c> {
        tensor(self.shape.as_deref(), self.element.to_type(context))
    }
}

/// A tensor type of the same shape and another element type, which must be one of tensors; None if it is no tensor.
pub fn with_element<'c>(ty: Type<'c>, element: Type<'c>) -> Option<Type<'c>> {
    Some(tensor(TensorType::shape_of(ty)?.as_deref(), element))
}

/// Bits of the elements of a tensor of integers without a sign.
pub fn signless_width(ty: Type<'_>) -> Option<u32> {
    let raw = ty.to_raw();
    // SAFETY: the element is asked of tensors only, the width of integers only.
    unsafe {
        let element = mlirTypeIsATensor(raw).then(|| mlirShapedTypeGetElementType(raw))?;
        let signless = mlirTypeIsAInteger(element) && mlirIntegerTypeIsSignless(element);
        signless.then(|| mlirIntegerTypeGetWidth(element))
    }
}

/// A tensor type of any element type that tensors have.
pub(crate) fn tensor<'c>(shape: Option<&[Option<usize>]>, element: Type<'c>) -> Type<'c> {
    // SAFETY: the element type is alive and one of tensors.
    unsafe {
        let raw = match shape {
            None => mlirUnrankedTensorTypeGet(element.to_raw()),
            Some(shape) => {
                let dynamic = mlirShapedTypeGetDynamicSize();
                let dims: Vec<i64> = shape.iter().map(|d| d.map_or(dynamic, |d| d as i64)).collect();
                mlirRankedTensorTypeGetChecked(
                    mlirLocationUnknownGet(mlirTypeGetContext(element.to_raw())),
                    dims.len() as isize,
                    dims.as_ptr(),
                    element.to_raw(),
                    mlirAttributeGetNull(),
                )
            }
        };
        Type::from_raw(raw)
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tensor<")?;
        match &self.shape {
            None => write!(f, "*x")?,
            Some(shape) => {
                for dim in shape {
                    match dim {
                        Some(dim) => write!(f, "{dim}x")?,
                        None => write!(f, "?x")?,
                    }
                }
            }
        }
        write!(f, "{}>", self.element)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smallest_types() {
        let int = |width, signed| Element::Int { width, signed };
        assert_eq!(Element::of_range(0, 0), int(1, false));
        assert_eq!(Element::of_range(0, 15), int(4, false));
        assert_eq!(Element::of_range(0, 16), int(5, false));
        assert_eq!(Element::of_range(-1, 1), int(2, true));
        assert_eq!(Element::of_range(-1, 0), int(1, true));
        assert_eq!(Element::of_range(-8, 7), int(4, true));
        assert_eq!(Element::of_range(-9, 7), int(5, true));
        assert_eq!(Element::of_range(-8, 8), int(5, true));
        assert_eq!(int(4, true).range(), Some((-8, 7)));
        assert_eq!(int(64, true).range(), Some((i64::MIN, i64::MAX)));
    }

    #[test]
    fn types_survive_mlir() {
        let owner = melior::Context::new();
        let context = Context::from(&owner);
        for element in [Element::Bool, Element::F32, Element::Int { width: 3, signed: true }] {
            for ty in [TensorType::new(element, &[]), TensorType::new(element, &[2, 0]), TensorType::unranked(element)]
            {
                assert_eq!(TensorType::of(ty.to_type(context)), Some(ty));
            }
        }
    }
}
