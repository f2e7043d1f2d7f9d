//! Elements of constants: the one module that knows how MLIR stores them.
//!
//! `dense` keeps an integer of up to 8 bits in one byte, of 12 in two, of 24 in
//! three, zero-extended; one bit (`i1`, `si1`, `ui1`) in bits. `dense_resource` is the
//! same, but one bit takes a byte. Codes are sign-extended when they are read.

use crate::{Context, Element, TensorType, ffi, signless_width, types::tensor};
use melior::ir::{Attribute, AttributeLike, Type, TypeLike};
use mlir_sys::*;
use std::ffi::c_void;

/// Elements in row-major order. Half floats are held as float32.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// float32, float16, bfloat16.
    F32(Vec<f32>),
    /// float64.
    F64(Vec<f64>),
    /// Integers and bools.
    Int(Vec<i64>),
}

/// No tensor may have more elements than this: a hostile shape must not exhaust memory. Some passes hold a tensor a few
/// times over, 8 bytes an element, and a splat of any size is a few bytes in a file.
pub const MAX_ELEMENTS: usize = 1 << 27;

/// Weights from this size on become resources.
const RESOURCE_BYTES: usize = 4096;

/// A constant attribute from little-endian bytes, one element after another, as
/// many bytes each as [`Element::bytes`] says.
///
/// # Panics
/// If the bytes are not those of the shape.
pub fn from_bytes<'c, B: AsRef<[u8]> + 'static>(context: Context<'c>, ty: &TensorType, bytes: B) -> Attribute<'c> {
    let data = bytes.as_ref();
    let shape = ty.static_shape().expect("constants have a static shape");
    let count: usize = shape.iter().product();
    assert_eq!(data.len(), count * ty.element.bytes(), "bytes of a constant {ty}");
    match ty.element {
        // Files sign-extend what is narrower than a byte, MLIR does not.
        Element::Bool | Element::Int { width: ..8, .. } => {
            let values: Vec<i64> = data.iter().map(|byte| i64::from(*byte as i8)).collect();
            dense_integers(context, ty.element, &shape, &values)
        }
        element if element.is_float() && data.len() >= RESOURCE_BYTES => resource(context, ty, bytes),
        _ => dense(ty.to_type(context), data),
    }
}

/// A `dense` attribute of integers or bools.
pub fn dense_integers<'c>(context: Context<'c>, element: Element, shape: &[usize], values: &[i64]) -> Attribute<'c> {
    let ty = TensorType::new(element, shape);
    if is_one_bit(element) {
        let bits: Vec<i32> = values.iter().map(|value| i32::from(*value != 0)).collect();
        // SAFETY: the array is copied into the context.
        return unsafe {
            let raw = mlirDenseElementsAttrBoolGet(ty.to_type(context).to_raw(), bits.len() as isize, bits.as_ptr());
            Attribute::from_raw(raw)
        };
    }
    let Element::Int { width, .. } = element else { panic!("{element} is no integer") };
    dense(ty.to_type(context), &packed(width, values))
}

/// Integers of more than one bit as MLIR keeps them.
fn packed(width: u32, values: &[i64]) -> Vec<u8> {
    let size = width.div_ceil(8) as usize;
    let mask = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
    values.iter().flat_map(|value| (*value as u64 & mask).to_le_bytes().into_iter().take(size)).collect()
}

/// A `dense` attribute of integers without a sign, as MLIR's own dialects have them.
pub fn signless<'c>(context: Context<'c>, width: u32, shape: &[usize], values: &[i64]) -> Attribute<'c> {
    if width == 1 {
        return dense_integers(context, Element::Bool, shape, values);
    }
    // SAFETY: the context is alive.
    let element = unsafe { Type::from_raw(mlirIntegerTypeGet(context.to_raw(), width)) };
    let shape: Vec<_> = shape.iter().copied().map(Some).collect();
    dense(tensor(Some(&shape), element), &packed(width, values))
}

/// A `dense` attribute of floats, each rounded to the element type; None for other types than float32 and float64.
pub(crate) fn dense_floats<'c>(
    context: Context<'c>,
    element: Element,
    shape: &[usize],
    values: &[f64],
) -> Option<Attribute<'c>> {
    let bytes: Vec<u8> = match element {
        Element::F32 => values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect(),
        Element::F64 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        _ => return None,
    };
    Some(dense(TensorType::new(element, shape).to_type(context), &bytes))
}

/// A `dense` or `dense_resource` attribute of float32.
pub fn floats<'c>(context: Context<'c>, shape: &[usize], values: &[f32]) -> Attribute<'c> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    from_bytes(context, &TensorType::new(Element::F32, shape), bytes)
}

fn is_one_bit(element: Element) -> bool {
    matches!(element, Element::Bool | Element::Int { width: 1, .. })
}

fn dense<'c>(ty: Type<'c>, bytes: &[u8]) -> Attribute<'c> {
    // SAFETY: the bytes are copied into the context; a null result is checked.
    let attribute = unsafe {
        let raw = mlirDenseElementsAttrRawBufferGet(ty.to_raw(), bytes.len(), bytes.as_ptr().cast());
        Attribute::from_option_raw(raw)
    };
    attribute.unwrap_or_else(|| panic!("{} bytes are no constant {ty}", bytes.len()))
}

/// Hands a buffer to MLIR without a copy.
fn resource<'c, B: AsRef<[u8]> + 'static>(context: Context<'c>, ty: &TensorType, bytes: B) -> Attribute<'c> {
    unsafe extern "C" fn free<B>(owner: *mut c_void, _data: *const c_void, _size: usize, _align: usize) {
        // SAFETY: made by Box::into_raw below, freed once.
        drop(unsafe { Box::from_raw(owner.cast::<B>()) });
    }
    let owner = Box::into_raw(Box::new(bytes));
    // SAFETY: the buffer lives until MLIR calls `free`, and is only read (not mutable).
    unsafe {
        let buffer = (*owner).as_ref();
        let (data, size) = (buffer.as_ptr().cast_mut().cast(), buffer.len());
        let raw = mlirUnmanagedDenseResourceElementsAttrGet(
            ty.to_type(context).to_raw(),
            ffi::string("weights"),
            data,
            size,
            1,
            false,
            Some(free::<B>),
            owner.cast(),
        );
        Attribute::from_raw(raw)
    }
}

/// The type and elements of a constant attribute; None for another attribute, an
/// element type that we don't know, more than [`MAX_ELEMENTS`] elements, or a resource that is absent or of a wrong size.
pub fn read(attribute: Attribute<'_>) -> Option<(TensorType, Elements)> {
    read_as(attribute, TensorType::of(type_of(attribute))?)
}

/// The same of integers without a sign, read with one or without.
pub fn read_signless(attribute: Attribute<'_>, signed: bool) -> Option<(TensorType, Elements)> {
    let ty = type_of(attribute);
    let element = Element::Int { width: signless_width(ty)?, signed };
    read_as(attribute, TensorType { element, shape: TensorType::shape_of(ty)? })
}

/// The type of a constant attribute.
pub fn type_of(attribute: Attribute<'_>) -> Type<'_> {
    // SAFETY: the type of any attribute may be asked for.
    unsafe { Type::from_raw(mlirAttributeGetType(attribute.to_raw())) }
}

fn read_as(attribute: Attribute<'_>, ty: TensorType) -> Option<(TensorType, Elements)> {
    let raw = attribute.to_raw();
    let count = ty.element_count().filter(|count| *count <= MAX_ELEMENTS)?;
    // SAFETY: predicates hold for any attribute.
    if unsafe { mlirAttributeIsADenseElements(raw) } {
        return Some((ty.clone(), read_dense(raw, ty.element, count)));
    }
    let (mut data, mut size) = (std::ptr::null(), 0);
    // SAFETY: the call says whether it has set both.
    let bytes: &[u8] = unsafe {
        if !ffi::qonnxResourceData(raw, &mut data, &mut size) {
            return None;
        }
        if size == 0 { &[] } else { std::slice::from_raw_parts(data.cast(), size) }
    };
    (bytes.len() == count * ty.element.bytes()).then(|| (ty.clone(), decode(ty.element, bytes)))
}

fn read_dense(raw: MlirAttribute, element: Element, count: usize) -> Elements {
    // SAFETY: the attribute is dense; indices stay below the count; the raw data of
    // a splat is one element.
    unsafe {
        let splat = mlirDenseElementsAttrIsSplat(raw);
        if is_one_bit(element) {
            let one = if matches!(element, Element::Int { signed: true, .. }) { -1 } else { 1 };
            let bit = |set: bool| if set { one } else { 0 };
            if splat && count > 0 {
                return Elements::Int(vec![bit(mlirDenseElementsAttrGetBoolSplatValue(raw) != 0); count]);
            }
            let at = |i: usize| bit(mlirDenseElementsAttrGetBoolValue(raw, i as isize));
            return Elements::Int((0..count).map(at).collect());
        }
        let stored = if splat { count.min(1) } else { count };
        let size = stored * element.bytes();
        let bytes = if size == 0 {
            &[]
        } else {
            std::slice::from_raw_parts(mlirDenseElementsAttrGetRawData(raw).cast::<u8>(), size)
        };
        let elements = decode(element, bytes);
        if splat { repeat(elements, count) } else { elements }
    }
}

fn repeat(elements: Elements, count: usize) -> Elements {
    fn all<T: Copy>(one: &[T], count: usize) -> Vec<T> {
        one.first().map(|value| vec![*value; count]).unwrap_or_default()
    }
    match elements {
        Elements::F32(one) => Elements::F32(all(&one, count)),
        Elements::F64(one) => Elements::F64(all(&one, count)),
        Elements::Int(one) => Elements::Int(all(&one, count)),
    }
}

fn decode(element: Element, bytes: &[u8]) -> Elements {
    match element {
        Element::F32 => Elements::F32(words(bytes).map(f32::from_le_bytes).collect()),
        Element::F64 => Elements::F64(words(bytes).map(f64::from_le_bytes).collect()),
        Element::F16 => Elements::F32(words(bytes).map(|w| half_to_f32(u16::from_le_bytes(w))).collect()),
        Element::BF16 => {
            Elements::F32(words(bytes).map(|w| f32::from_bits(u32::from(u16::from_le_bytes(w)) << 16)).collect())
        }
        Element::Bool => Elements::Int(bytes.iter().map(|byte| i64::from(*byte != 0)).collect()),
        Element::Int { width, signed } => {
            let value = |chunk: &[u8]| {
                let mut word = [0; 8];
                word[..chunk.len().min(8)].copy_from_slice(&chunk[..chunk.len().min(8)]);
                let unused = 64 - width.min(64);
                let shifted = u64::from_le_bytes(word) << unused;
                if signed { shifted as i64 >> unused } else { (shifted >> unused) as i64 }
            };
            Elements::Int(bytes.chunks_exact(element.bytes()).map(value).collect())
        }
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// IEEE binary16 to binary32, exact.
fn half_to_f32(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(half >> 10) & 0x1f, u32::from(half & 0x3ff));
    let magnitude = match exponent {
        0 => return f32::from_bits(sign) + f32::from_bits(sign | 0x3f80_0000) * (fraction as f32) * 2f32.powi(-24),
        31 => 0x7f80_0000 | (fraction << 13),
        _ => ((exponent + 112) << 23) | (fraction << 13),
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use melior::Context as Owner;

    #[test]
    fn narrow_integers_keep_their_sign() {
        let owner = Owner::new();
        let context = Context::from(&owner);
        for (width, values) in
            [(1, [0, -1, 0, -1]), (4, [-8, 7, -1, 0]), (12, [-2048, 2047, -1, 5]), (24, [-1, 1 << 22, 0, -9])]
        {
            let element = Element::Int { width, signed: true };
            let attribute = dense_integers(context, element, &[2, 2], &values);
            assert_eq!(read(attribute), Some((TensorType::new(element, &[2, 2]), Elements::Int(values.to_vec()))));
        }
    }

    #[test]
    fn written_and_parsed_are_equal() {
        let owner = Owner::new();
        let context = Context::from(&owner);
        let written = dense_integers(context, Element::Int { width: 4, signed: true }, &[2], &[-1, 3]);
        let parsed = Attribute::parse(&owner, "dense<[-1, 3]> : tensor<2xsi4>").expect("is an attribute");
        assert_eq!(written, parsed);
    }

    #[test]
    fn splats_bools_and_floats() {
        let owner = Owner::new();
        let read_text = |text: &str| read(Attribute::parse(&owner, text).expect("is an attribute")).map(|(_, e)| e);
        assert_eq!(read_text("dense<-2> : tensor<3xsi5>"), Some(Elements::Int(vec![-2; 3])));
        assert_eq!(read_text("dense<[true, false, true]> : tensor<3xi1>"), Some(Elements::Int(vec![1, 0, 1])));
        assert_eq!(read_text("dense<true> : tensor<9xi1>"), Some(Elements::Int(vec![1; 9])));
        assert_eq!(read_text("dense<[0.5, -6.0e-8]> : tensor<2xf16>"), Some(Elements::F32(vec![0.5, -2f32.powi(-24)])));
        assert_eq!(read_text("dense<> : tensor<0xf32>"), Some(Elements::F32(vec![])));
    }

    #[test]
    fn splats_beyond_memory_are_not_read() {
        let owner = Owner::new();
        for shape in ["134217729", "4294967296x4294967296x4294967296"] {
            let text = format!("dense<0.0> : tensor<{shape}xf32>");
            assert_eq!(Attribute::parse(&owner, &text).map(|attribute| read(attribute).is_none()), Some(true));
        }
    }

    #[test]
    fn large_floats_are_resources() {
        let owner = Owner::new();
        let context = Context::from(&owner);
        let values: Vec<f32> = (0..2000).map(|i| i as f32 * 0.5).collect();
        let attribute = floats(context, &[2000], &values);
        assert!(attribute.to_string().starts_with("dense_resource"));
        assert_eq!(read(attribute).map(|(_, e)| e), Some(Elements::F32(values)));
    }
}
