//! Types of upstream's `quant` dialect as plain data.
//!
//! Upstream's packages are built without assertions: what its C API asserts about a type is checked
//! here before one is built, and nothing that is read is trusted, since bytecode is not checked either.

use crate::{
    Context, Element,
    constants::{self, Elements},
    ffi,
};
use melior::ir::{Attribute, AttributeLike, Type, TypeLike};
use mlir_sys::*;
use std::ffi::c_void;

/// Upstream stores no more bits.
pub const MAX_STORAGE_BITS: u32 = 32;

/// `!quant.uniform<...>`: a stored code stands for `(code - zero_point) * scale`.
#[derive(Clone, Debug, PartialEq)]
pub struct UniformType {
    /// Bits and sign of the codes, an [`Element::Int`].
    pub storage: Element,
    /// The least code.
    pub low: i64,
    /// The greatest code.
    pub high: i64,
    /// The float that codes stand for.
    pub expressed: Element,
    /// Where the parameters vary.
    pub granularity: Granularity,
    /// Of each place, in row-major order.
    pub scales: Vec<f64>,
    /// As many as scales.
    pub zero_points: Vec<i64>,
}

/// Where scales and zero points vary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// Nowhere.
    PerTensor,
    /// Along this axis, an element a place.
    PerAxis(usize),
    /// Blocks of elements share them.
    SubChannel {
        /// The shape of scales and zero points: blocks along each axis of the tensor.
        parameters: Vec<usize>,
        /// Axes and how many elements of each make a block; an axis that is not here is one block.
        blocks: Vec<(usize, usize)>,
    },
}

impl UniformType {
    /// From the element type of a tensor, or a type itself; None for other types.
    pub fn of(ty: Type<'_>) -> Option<Self> {
        // SAFETY: predicates hold for any type; the element type is asked of tensors only.
        unsafe {
            let raw = ty.to_raw();
            let raw = if mlirTypeIsATensor(raw) { mlirShapedTypeGetElementType(raw) } else { raw };
            let (granularity, scales, zero_points) = match () {
                () if mlirTypeIsAUniformQuantizedType(raw) => {
                    let (scale, zero) =
                        (mlirUniformQuantizedTypeGetScale(raw), mlirUniformQuantizedTypeGetZeroPoint(raw));
                    (Granularity::PerTensor, vec![scale], vec![zero])
                }
                () if mlirTypeIsAUniformQuantizedPerAxisType(raw) => per_axis(raw)?,
                () if mlirTypeIsAUniformQuantizedSubChannelType(raw) => sub_channel(raw)?,
                () => return None,
            };
            let uniform = Self {
                storage: storage(raw)?,
                low: mlirQuantizedTypeGetStorageTypeMin(raw),
                high: mlirQuantizedTypeGetStorageTypeMax(raw),
                expressed: Element::of(Type::from_raw(mlirQuantizedTypeGetExpressedType(raw)))?,
                granularity,
                scales,
                zero_points,
            };
            (uniform.scales.len() == uniform.zero_points.len()).then_some(uniform)
        }
    }

    /// The MLIR type; None where upstream has none of these parameters.
    pub fn to_type<'c>(&self, context: Context<'c>) -> Option<Type<'c>> {
        if !self.is_valid() {
            return None;
        }
        let Element::Int { width, signed } = self.storage else { return None };
        let (low, high) = (self.low, self.high);
        // SAFETY: all that upstream asserts was checked above; arrays are copied into the context.
        unsafe {
            let flags = if signed { mlirQuantizedTypeGetSignedFlag() } else { 0 };
            let storage = mlirIntegerTypeGet(context.to_raw(), width);
            let expressed = self.expressed.to_type(context).to_raw();
            let (scale, zero) = (*self.scales.first()?, *self.zero_points.first()?);
            Some(Type::from_raw(match &self.granularity {
                Granularity::PerTensor => {
                    mlirUniformQuantizedTypeGet(flags, storage, expressed, scale, zero, low, high)
                }
                Granularity::PerAxis(axis) => {
                    let (mut scales, mut zeros) = (self.scales.clone(), self.zero_points.clone());
                    let (count, axis) = (scales.len() as isize, *axis as i32);
                    let (scales, zeros) = (scales.as_mut_ptr(), zeros.as_mut_ptr());
                    mlirUniformQuantizedPerAxisTypeGet(flags, storage, expressed, count, scales, zeros, axis, low, high)
                }
                Granularity::SubChannel { parameters, blocks } => {
                    let scales = constants::dense_floats(context, self.expressed, parameters, &self.scales)?.to_raw();
                    let zeros = constants::signless(context, width, parameters, &self.zero_points).to_raw();
                    let mut axes: Vec<i32> = blocks.iter().map(|(axis, _)| *axis as i32).collect();
                    let mut sizes: Vec<i64> = blocks.iter().map(|(_, size)| *size as i64).collect();
                    let (count, axes, sizes) = (blocks.len() as isize, axes.as_mut_ptr(), sizes.as_mut_ptr());
                    mlirUniformQuantizedSubChannelTypeGet(
                        flags, storage, expressed, scales, zeros, count, axes, sizes, low, high,
                    )
                }
            }))
        }
    }

    /// Whether upstream's verifier would take it, and each zero point is one of the storage type.
    fn is_valid(&self) -> bool {
        let Element::Int { width, .. } = self.storage else { return false };
        let Some((least, greatest)) = self.storage.range().filter(|_| (1..=MAX_STORAGE_BITS).contains(&width)) else {
            return false;
        };
        let fits = |code: &i64| (least..=greatest).contains(code);
        let count = match &self.granularity {
            Granularity::PerTensor => 1,
            Granularity::PerAxis(axis) if i32::try_from(*axis).is_ok() => self.scales.len(),
            Granularity::SubChannel { parameters, blocks }
                if blocks.iter().all(|(axis, size)| *axis < parameters.len() && *size > 0) =>
            {
                parameters.iter().product()
            }
            _ => return false,
        };
        self.expressed.is_float()
            && self.low < self.high
            && [self.low, self.high].iter().chain(&self.zero_points).all(fits)
            && self.scales.iter().all(|scale| scale.is_finite() && *scale > 0.0)
            && [self.scales.len(), self.zero_points.len()] == [count; 2]
    }
}

/// Whether values of a type, or elements of a tensor, are of the quant dialect.
pub fn is_quantized(ty: Type<'_>) -> bool {
    let raw = ty.to_raw();
    // SAFETY: predicates hold for any type; the element type is asked of tensors only.
    unsafe { mlirTypeIsAQuantizedType(if mlirTypeIsATensor(raw) { mlirShapedTypeGetElementType(raw) } else { raw }) }
}

/// Whether upstream reads the type that it prints: some scales of blocks are printed in hexadecimal, as float32, and
/// read as double.
pub fn survives_text(ty: Type<'_>) -> bool {
    unsafe extern "C" fn swallow(_: MlirDiagnostic, _: *mut c_void) -> MlirLogicalResult {
        MlirLogicalResult { value: 1 }
    }
    let text = ty.to_string();
    // SAFETY: the handler has no data and leaves before the call ends; a text that is no type gives null.
    unsafe {
        let context = mlirTypeGetContext(ty.to_raw());
        let handler = mlirContextAttachDiagnosticHandler(context, Some(swallow), std::ptr::null_mut(), None);
        let parsed = mlirTypeParseGet(context, ffi::string(&text));
        mlirContextDetachDiagnosticHandler(context, handler);
        !parsed.ptr.is_null() && mlirTypeEqual(parsed, ty.to_raw())
    }
}

/// # Safety
/// The type must be a uniform one.
unsafe fn storage(raw: MlirType) -> Option<Element> {
    // SAFETY: the width is asked of integers only.
    unsafe {
        let ty = mlirQuantizedTypeGetStorageType(raw);
        let width = mlirTypeIsAInteger(ty).then(|| mlirIntegerTypeGetWidth(ty))?;
        let signed = mlirQuantizedTypeIsSigned(raw);
        (1..=MAX_STORAGE_BITS).contains(&width).then_some(Element::Int { width, signed })
    }
}

/// # Safety
/// The type must be one per axis.
unsafe fn per_axis(raw: MlirType) -> Option<(Granularity, Vec<f64>, Vec<i64>)> {
    // SAFETY: places below the count.
    unsafe {
        let axis = usize::try_from(mlirUniformQuantizedPerAxisTypeGetQuantizedDimension(raw)).ok()?;
        let places = 0..mlirUniformQuantizedPerAxisTypeGetNumDims(raw);
        let scales = places.clone().map(|place| mlirUniformQuantizedPerAxisTypeGetScale(raw, place)).collect();
        let zeros = places.map(|place| mlirUniformQuantizedPerAxisTypeGetZeroPoint(raw, place)).collect();
        Some((Granularity::PerAxis(axis), scales, zeros))
    }
}

/// # Safety
/// The type must be one of blocks.
unsafe fn sub_channel(raw: MlirType) -> Option<(Granularity, Vec<f64>, Vec<i64>)> {
    // SAFETY: places below the count; the attributes are checked when they are read.
    unsafe {
        let scales = Attribute::from_option_raw(mlirUniformQuantizedSubChannelTypeGetScales(raw))?;
        let zeros = Attribute::from_option_raw(mlirUniformQuantizedSubChannelTypeGetZeroPoints(raw))?;
        let (ty, scales) = constants::read(scales)?;
        let scales = match scales {
            Elements::F32(scales) => scales.into_iter().map(f64::from).collect(),
            Elements::F64(scales) => scales,
            Elements::Int(_) => return None,
        };
        let Elements::Int(zeros) = constants::read_signless(zeros, mlirQuantizedTypeIsSigned(raw))?.1 else {
            return None;
        };
        let block = |place| {
            let axis = mlirUniformQuantizedSubChannelTypeGetQuantizedDimension(raw, place);
            let size = mlirUniformQuantizedSubChannelTypeGetBlockSize(raw, place);
            Some((usize::try_from(axis).ok()?, usize::try_from(size).ok()?))
        };
        let blocks = (0..mlirUniformQuantizedSubChannelTypeGetNumBlockSizes(raw)).map(block).collect::<Option<_>>()?;
        Some((Granularity::SubChannel { parameters: ty.static_shape()?, blocks }, scales, zeros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use melior::{Context as Owner, dialect::DialectRegistry};

    fn owner() -> Owner {
        let (owner, registry) = (Owner::new(), DialectRegistry::new());
        // SAFETY: the registry is alive.
        unsafe { mlirDialectHandleInsertDialect(mlirGetDialectHandle__quant__(), registry.to_raw()) };
        owner.append_dialect_registry(&registry);
        owner.load_all_available_dialects();
        owner
    }

    fn uniform(granularity: Granularity, scales: &[f64], zero_points: &[i64]) -> UniformType {
        UniformType {
            storage: Element::Int { width: 8, signed: false },
            low: 0,
            high: 255,
            expressed: Element::F32,
            granularity,
            scales: scales.to_vec(),
            zero_points: zero_points.to_vec(),
        }
    }

    fn blocks(parameters: &[usize], blocks: &[(usize, usize)]) -> Granularity {
        Granularity::SubChannel { parameters: parameters.to_vec(), blocks: blocks.to_vec() }
    }

    #[test]
    fn types_survive_mlir_and_its_text() {
        let owner = owner();
        let context = Context::from(&owner);
        // All 24 bits of a float32, of sizes that print in each way.
        let scales: Vec<f64> = (0u32..250).map(|i| f64::from(f32::from_bits((i + 1) * 8_388_593 + i))).collect();
        let zeros: Vec<i64> = (0..250).collect();
        let small = [&scales[..120], &scales[..120]].concat();
        for ty in [
            uniform(Granularity::PerTensor, &scales[120..121], &[200]),
            uniform(Granularity::PerTensor, &[16_775_101.0], &[200]),
            uniform(Granularity::PerAxis(3), &scales, &zeros),
            uniform(blocks(&[24, 1, 10], &[(0, 2), (2, 4)]), &small, &zeros[..240]),
        ] {
            let built = ty.to_type(context).expect("is valid");
            assert_eq!(UniformType::of(built), Some(ty.clone()));
            let parsed = Type::parse(&owner, &built.to_string()).expect("is a type");
            assert_eq!(UniformType::of(parsed), Some(ty));
            assert!(survives_text(built));
        }
        // Upstream prints this one as 0x4B7FF7BD.
        let hexadecimal = uniform(blocks(&[1, 1], &[(0, 1)]), &[16_775_101.0], &[0]).to_type(context).unwrap();
        assert!(UniformType::of(hexadecimal).is_some() && !survives_text(hexadecimal));
    }

    #[test]
    fn what_upstream_would_assert_is_not_built() {
        let owner = owner();
        let context = Context::from(&owner);
        let tensor = |scale, zero| uniform(Granularity::PerTensor, &[scale], &[zero]);
        let storage = |width| UniformType { storage: Element::Int { width, signed: false }, ..tensor(1.0, 0) };
        for ty in [
            tensor(0.0, 0),
            tensor(-1.0, 0),
            tensor(f64::NAN, 0),
            tensor(f64::INFINITY, 0),
            tensor(1.0, 256),
            storage(0),
            storage(7),
            storage(33),
            UniformType { low: 255, ..tensor(1.0, 0) },
            UniformType { expressed: Element::Bool, ..tensor(1.0, 0) },
            uniform(Granularity::PerTensor, &[], &[]),
            uniform(Granularity::PerAxis(0), &[], &[]),
            uniform(Granularity::PerAxis(0), &[1.0, 1.0], &[0]),
            uniform(Granularity::PerAxis(1 << 31), &[1.0], &[0]),
            uniform(blocks(&[2, 2], &[(0, 1)]), &[1.0], &[0]),
            uniform(blocks(&[1], &[(1, 1)]), &[1.0], &[0]),
            uniform(blocks(&[1], &[(0, 0)]), &[1.0], &[0]),
        ] {
            assert_eq!(ty.to_type(context), None, "{ty:?}");
        }
    }
}
