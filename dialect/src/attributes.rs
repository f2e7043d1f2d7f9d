//! Reading arrays and dictionaries.

use crate::{ffi, ir::text};
use melior::ir::{Attribute, AttributeLike};
use mlir_sys::*;

/// Item `index` of an array attribute.
pub fn array_item<'c>(array: Attribute<'c>, index: usize) -> Option<Attribute<'c>> {
    let raw = array.to_raw();
    // SAFETY: asked only of an array, below its count.
    unsafe {
        let inside = mlirAttributeIsAArray(raw) && index < mlirArrayAttrGetNumElements(raw) as usize;
        inside.then(|| Attribute::from_raw(mlirArrayAttrGetElement(raw, index as isize)))
    }
}

/// An entry of a dictionary attribute.
pub fn item<'c>(dictionary: Attribute<'c>, name: &str) -> Option<Attribute<'c>> {
    let raw = dictionary.to_raw();
    // SAFETY: asked only of a dictionary; a missing entry is null.
    unsafe {
        if !mlirAttributeIsADictionary(raw) {
            return None;
        }
        Attribute::from_option_raw(mlirDictionaryAttrGetElementByName(raw, ffi::string(name)))
    }
}

/// A string in a dictionary attribute.
pub fn string_item(dictionary: Attribute<'_>, name: &str) -> Option<String> {
    let raw = item(dictionary, name)?.to_raw();
    // SAFETY: asked only of a string.
    unsafe { mlirAttributeIsAString(raw).then(|| text(mlirStringAttrGetValue(raw)).to_string()) }
}

/// An integer in a dictionary attribute.
pub fn i64_item(dictionary: Attribute<'_>, name: &str) -> Option<i64> {
    let raw = item(dictionary, name)?.to_raw();
    // SAFETY: asked only of an integer.
    unsafe { mlirAttributeIsAInteger(raw).then(|| mlirIntegerAttrGetValueInt(raw)) }
}
