//! Requantizer forms: attributes of `hls.requantize` as plain data.

use crate::{Builder, Rounding, ffi};
use melior::ir::{Attribute, AttributeLike};
use mlir_sys::{MlirAttribute, mlirArrayAttrGetElement, mlirArrayAttrGetNumElements, mlirAttributeIsAArray};

/// A function from an accumulator value n to a code. The meaning of each form is
/// in `HLS/Attributes.td`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// One code for every n.
    Constant {
        /// The code.
        code: i64,
    },
    /// `n >= threshold ? above : below`.
    Compare {
        /// First n that gives `above`.
        threshold: i64,
        /// Code below.
        below: i64,
        /// Code from the threshold on.
        above: i64,
    },
    /// `clamp(round((multiplier * n + addend) / 2^shift), low, high)`, save for the
    /// listed pairs of n and code.
    MulShift {
        /// Factor; 1 or -1 is a plain shift.
        multiplier: i64,
        /// Added before the shift.
        addend: i64,
        /// Bits shifted out.
        shift: u32,
        /// How the shift rounds.
        rounding: Rounding,
        /// Least code.
        low: i64,
        /// Greatest code.
        high: i64,
        /// Pairs of n and its code.
        exceptions: Vec<(i64, i64)>,
    },
    /// `n < split ? below(n) : above(n)`.
    Pieces {
        /// First n of the upper piece.
        split: i64,
        /// The form below.
        below: Box<Form>,
        /// The form from `split` on.
        above: Box<Form>,
    },
    /// `codes[number of thresholds that are <= n]`.
    Thresholds {
        /// Strictly rising.
        thresholds: Vec<i64>,
        /// One more than thresholds.
        codes: Vec<i64>,
    },
    /// `codes[n - first]`.
    Table {
        /// The n of the first code.
        first: i64,
        /// A code for each n.
        codes: Vec<i64>,
    },
}

const CONSTANT: u32 = 1;
const COMPARE: u32 = 2;
const MUL_SHIFT: u32 = 3;
const PIECES: u32 = 4;
const THRESHOLDS: u32 = 5;
const TABLE: u32 = 6;

/// The forms of an `hls.requantize`; None if an item is no form.
pub fn read_all(forms: Attribute<'_>) -> Option<Vec<Form>> {
    let raw = forms.to_raw();
    // SAFETY: elements are asked of an array only, below its count.
    unsafe {
        if !mlirAttributeIsAArray(raw) {
            return None;
        }
        (0..mlirArrayAttrGetNumElements(raw)).map(|i| read(mlirArrayAttrGetElement(raw, i))).collect()
    }
}

fn read(attribute: MlirAttribute) -> Option<Form> {
    let mut parts = empty();
    // SAFETY: fills `parts` with numbers and with arrays that the context owns.
    let (first, second) = unsafe {
        ffi::qonnxFormTakeApart(attribute, &mut parts);
        (copy(parts.first, parts.first_size), copy(parts.second, parts.second_size))
    };
    let n = parts.numbers;
    Some(match parts.kind {
        CONSTANT => Form::Constant { code: n[0] },
        COMPARE => Form::Compare { threshold: n[0], below: n[1], above: n[2] },
        MUL_SHIFT => Form::MulShift {
            multiplier: n[0],
            addend: n[1],
            shift: u32::try_from(n[2]).ok()?,
            rounding: Rounding::from_number(n[3])?,
            low: n[4],
            high: n[5],
            exceptions: first.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(),
        },
        PIECES => {
            Form::Pieces { split: n[0], below: Box::new(read(parts.below)?), above: Box::new(read(parts.above)?) }
        }
        THRESHOLDS => Form::Thresholds { thresholds: first, codes: second },
        TABLE => Form::Table { first: n[0], codes: first },
        _ => return None,
    })
}

/// The attribute of a form.
///
/// # Panics
/// If the form breaks a rule of `HLS/Verify.cpp`.
pub fn write<'c>(builder: &Builder<'c>, form: &Form) -> Attribute<'c> {
    let mut parts = empty();
    let mut flat = Vec::new();
    let (mut first, mut second): (&[i64], &[i64]) = (&[], &[]);
    match form {
        Form::Constant { code } => {
            parts.kind = CONSTANT;
            parts.numbers[0] = *code;
        }
        Form::Compare { threshold, below, above } => {
            parts.kind = COMPARE;
            parts.numbers[..3].copy_from_slice(&[*threshold, *below, *above]);
        }
        Form::MulShift { multiplier, addend, shift, rounding, low, high, exceptions } => {
            parts.kind = MUL_SHIFT;
            parts.numbers = [*multiplier, *addend, i64::from(*shift), rounding.number(), *low, *high];
            flat.extend(exceptions.iter().flat_map(|(n, code)| [*n, *code]));
            first = &flat;
        }
        Form::Pieces { split, below, above } => {
            parts.kind = PIECES;
            parts.numbers[0] = *split;
            parts.below = write(builder, below).to_raw();
            parts.above = write(builder, above).to_raw();
        }
        Form::Thresholds { thresholds, codes } => {
            parts.kind = THRESHOLDS;
            (first, second) = (thresholds, codes);
        }
        Form::Table { first: start, codes } => {
            parts.kind = TABLE;
            parts.numbers[0] = *start;
            first = codes;
        }
    }
    (parts.first, parts.first_size) = (first.as_ptr(), first.len());
    (parts.second, parts.second_size) = (second.as_ptr(), second.len());
    // SAFETY: the arrays live through the call, which copies them.
    let attribute = unsafe { Attribute::from_option_raw(ffi::qonnxFormBuild(builder.context().to_raw(), &parts)) };
    attribute.expect("the form keeps the rules of its attribute")
}

fn empty() -> ffi::QonnxForm {
    let none = MlirAttribute { ptr: std::ptr::null() };
    ffi::QonnxForm {
        kind: 0,
        numbers: [0; 6],
        first: std::ptr::null(),
        first_size: 0,
        second: std::ptr::null(),
        second_size: 0,
        below: none,
        above: none,
    }
}

/// # Safety
/// `size` numbers lie at `data`, or none.
unsafe fn copy(data: *const i64, size: usize) -> Vec<i64> {
    // SAFETY: the caller's.
    if size == 0 { Vec::new() } else { unsafe { std::slice::from_raw_parts(data, size) }.to_vec() }
}
