//! Handles to operations and values.

use crate::{OpKind, TensorType, ffi, graveyard};
use melior::ir::{Attribute, AttributeLike, Location, Type, TypeLike, attribute::StringAttribute};
use mlir_sys::*;
use std::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

/// Says that an error was reported to MLIR's diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported;

/// An operation.
#[derive(Clone, Copy)]
pub struct Op<'c> {
    raw: MlirOperation,
    lifetime: PhantomData<&'c ()>,
}

/// A result of an operation or an argument of a block.
#[derive(Clone, Copy)]
pub struct Value<'c> {
    raw: MlirValue,
    lifetime: PhantomData<&'c ()>,
}

impl PartialEq for Op<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw.ptr == other.raw.ptr
    }
}
impl Eq for Op<'_> {}
impl Hash for Op<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.ptr.hash(state);
    }
}
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw.ptr == other.raw.ptr
    }
}
impl Eq for Value<'_> {}
impl Hash for Value<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.ptr.hash(state);
    }
}

impl fmt::Debug for Op<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.name(), self.node_name())
    }
}
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.defining_op() {
            Some(op) => write!(f, "result of {op:?}"),
            None => write!(f, "block argument"),
        }
    }
}

/// Which place of a block an operation has.
pub(crate) fn block_of(op: Op<'_>) -> MlirBlock {
    // SAFETY: a handle is valid for its lifetime.
    unsafe { mlirOperationGetBlock(op.raw) }
}

impl<'c> Op<'c> {
    /// # Safety
    /// The operation must stay alive for `'c`, or be erased through [`Op::erase`].
    pub(crate) unsafe fn from_raw(raw: MlirOperation) -> Self {
        Self { raw, lifetime: PhantomData }
    }

    pub(crate) fn raw(self) -> MlirOperation {
        self.raw
    }

    /// The operation's full name, such as `qonnx.quant`.
    pub fn name(self) -> &'c str {
        // SAFETY: the name is interned in the context, which outlives 'c.
        unsafe { text(mlirIdentifierStr(mlirOperationGetName(self.raw))) }
    }

    /// Which of our operations it is.
    pub fn kind(self) -> OpKind {
        OpKind::of(self.name())
    }

    /// Where it came from: for imported operations, the ONNX node's name.
    pub fn location(self) -> Location<'c> {
        // SAFETY: locations are interned in the context.
        unsafe { Location::from_raw(mlirOperationGetLocation(self.raw)) }
    }

    /// Says that it came from elsewhere.
    pub fn set_location(self, location: Location<'c>) {
        // SAFETY: the operation is alive, the location interned in its context.
        unsafe { mlirOperationSetLocation(self.raw, location.to_raw()) }
    }

    /// The ONNX node's name, or the location as text where there is none.
    pub fn node_name(self) -> String {
        let location = self.location().to_string();
        let inner = location.strip_prefix("loc(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(&location);
        match inner.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            // "file":line:column is a place in a text, not a name.
            Some((name, rest)) if !rest.starts_with(':') => name.to_string(),
            _ => inner.to_string(),
        }
    }

    /// How many operands it has.
    pub fn operand_count(self) -> usize {
        // SAFETY: a handle is valid for its lifetime.
        unsafe { mlirOperationGetNumOperands(self.raw) as usize }
    }

    /// Operand `index`.
    ///
    /// # Panics
    /// If there is none; a verified operation has those of its ODS.
    pub fn operand(self, index: usize) -> Value<'c> {
        assert!(index < self.operand_count(), "{self:?} has no operand {index}");
        // SAFETY: the index was checked.
        unsafe { Value::from_raw(mlirOperationGetOperand(self.raw, index as isize)) }
    }

    /// All operands.
    pub fn operands(self) -> Vec<Value<'c>> {
        (0..self.operand_count()).map(|index| self.operand(index)).collect()
    }

    /// The operands of argument `index` of the ODS, where `single` says which
    /// arguments are one value and `sized` that the operation stores the counts.
    pub fn operand_group(self, index: usize, single: &[bool], sized: bool) -> Vec<Value<'c>> {
        let sizes: Vec<usize> = if sized {
            self.i32s_attribute("operandSegmentSizes").into_iter().map(|size| size as usize).collect()
        } else {
            let singles = single.iter().filter(|one| **one).count();
            let rest = self.operand_count().saturating_sub(singles);
            single.iter().map(|one| if *one { 1 } else { rest }).collect()
        };
        let start: usize = sizes.iter().take(index).sum();
        let size = sizes.get(index).copied().unwrap_or(0);
        (start..start + size).map(|operand| self.operand(operand)).collect()
    }

    /// Puts another value in place of operand `index`.
    pub fn set_operand(self, index: usize, value: Value<'c>) {
        assert!(index < self.operand_count(), "{self:?} has no operand {index}");
        // SAFETY: the index was checked.
        unsafe { mlirOperationSetOperand(self.raw, index as isize, value.raw) }
    }

    /// How many results it has.
    pub fn result_count(self) -> usize {
        // SAFETY: a handle is valid for its lifetime.
        unsafe { mlirOperationGetNumResults(self.raw) as usize }
    }

    /// Result `index`.
    ///
    /// # Panics
    /// If there is none; a verified operation has those of its ODS.
    pub fn result(self, index: usize) -> Value<'c> {
        assert!(index < self.result_count(), "{self:?} has no result {index}");
        // SAFETY: the index was checked.
        unsafe { Value::from_raw(mlirOperationGetResult(self.raw, index as isize)) }
    }

    /// All results.
    pub fn results(self) -> Vec<Value<'c>> {
        (0..self.result_count()).map(|index| self.result(index)).collect()
    }

    /// An attribute, if it is set.
    pub fn attribute(self, name: &str) -> Option<Attribute<'c>> {
        // SAFETY: attributes are interned in the context.
        unsafe { Attribute::from_option_raw(mlirOperationGetAttributeByName(self.raw, ffi::string(name))) }
    }

    /// Sets an attribute.
    pub fn set_attribute(self, name: &str, attribute: Attribute<'c>) {
        // SAFETY: a handle is valid for its lifetime.
        unsafe { mlirOperationSetAttributeByName(self.raw, ffi::string(name), attribute.to_raw()) }
    }

    /// All discardable attributes: those that no ODS declares.
    pub fn discardable_attributes(self) -> Vec<(String, Attribute<'c>)> {
        // SAFETY: indices below the count.
        unsafe {
            let count = mlirOperationGetNumDiscardableAttributes(self.raw);
            (0..count).map(|index| named(mlirOperationGetDiscardableAttribute(self.raw, index))).collect()
        }
    }

    /// All attributes, those that ODS declares among them.
    pub fn attributes(self) -> Vec<(String, Attribute<'c>)> {
        // SAFETY: indices below the count.
        unsafe {
            let count = mlirOperationGetNumAttributes(self.raw);
            (0..count).map(|index| named(mlirOperationGetAttribute(self.raw, index))).collect()
        }
    }

    /// An integer attribute that ODS requires.
    pub fn i64_attribute(self, name: &str) -> i64 {
        self.optional_i64_attribute(name).unwrap_or_else(|| panic!("{self:?} has no integer {name}"))
    }

    /// An integer attribute.
    pub fn optional_i64_attribute(self, name: &str) -> Option<i64> {
        let attribute = self.attribute(name)?;
        // SAFETY: asked only of an integer attribute.
        unsafe { mlirAttributeIsAInteger(attribute.to_raw()).then(|| mlirIntegerAttrGetValueInt(attribute.to_raw())) }
    }

    /// A float attribute that ODS requires.
    pub fn f32_attribute(self, name: &str) -> f32 {
        let attribute = self.attribute(name).filter(|a| a.is_float());
        let attribute = attribute.unwrap_or_else(|| panic!("{self:?} has no float {name}"));
        // SAFETY: asked only of a float attribute. Float32 goes through double unchanged.
        unsafe { mlirFloatAttrGetValueDouble(attribute.to_raw()) as f32 }
    }

    /// Whether a unit attribute is there.
    pub fn unit_attribute(self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// A string attribute that ODS requires.
    pub fn str_attribute(self, name: &str) -> &'c str {
        self.optional_str_attribute(name).unwrap_or_else(|| panic!("{self:?} has no string {name}"))
    }

    /// A string attribute.
    pub fn optional_str_attribute(self, name: &str) -> Option<&'c str> {
        let attribute = StringAttribute::try_from(self.attribute(name)?).ok()?;
        // SAFETY: the string is interned in the context, which outlives 'c.
        unsafe { Some(text(mlirStringAttrGetValue(attribute.to_raw()))) }
    }

    /// An array of 64-bit integers; empty if absent.
    pub fn i64s_attribute(self, name: &str) -> Vec<i64> {
        self.attribute(name).map(i64s).unwrap_or_default()
    }

    fn i32s_attribute(self, name: &str) -> Vec<i32> {
        let Some(array) = self.attribute(name).map(|a| a.to_raw()) else { return Vec::new() };
        // SAFETY: asked only of an array of 32-bit integers.
        unsafe {
            if !mlirAttributeIsADenseI32Array(array) {
                return Vec::new();
            }
            (0..mlirDenseArrayGetNumElements(array)).map(|i| mlirDenseI32ArrayGetElement(array, i)).collect()
        }
    }

    /// The operation that contains it.
    pub fn parent(self) -> Option<Op<'c>> {
        // SAFETY: a null parent becomes None.
        unsafe { some_op(mlirOperationGetParentOperation(self.raw)) }
    }

    /// The operations of the first block of its first region, in order.
    pub fn body(self) -> Vec<Op<'c>> {
        let Some(block) = self.entry_block() else { return Vec::new() };
        let mut ops = Vec::new();
        // SAFETY: walks the block's list; null ends it.
        unsafe {
            let mut next = some_op(mlirBlockGetFirstOperation(block));
            while let Some(op) = next {
                ops.push(op);
                next = some_op(mlirOperationGetNextInBlock(op.raw));
            }
        }
        ops
    }

    /// All operations inside it, in every region and block, outer ones before inner ones.
    pub fn nested(self) -> Vec<Op<'c>> {
        let mut ops = Vec::new();
        // SAFETY: regions below the count; walks the lists of blocks and operations, which null ends.
        unsafe {
            for region in 0..mlirOperationGetNumRegions(self.raw) {
                let mut block = mlirRegionGetFirstBlock(mlirOperationGetRegion(self.raw, region));
                while !block.ptr.is_null() {
                    let mut next = some_op(mlirBlockGetFirstOperation(block));
                    while let Some(op) = next {
                        ops.push(op);
                        ops.extend(op.nested());
                        next = some_op(mlirOperationGetNextInBlock(op.raw));
                    }
                    block = mlirBlockGetNextInRegion(block);
                }
            }
        }
        ops
    }

    /// The arguments of the first block of its first region.
    pub fn arguments(self) -> Vec<Value<'c>> {
        let Some(block) = self.entry_block() else { return Vec::new() };
        // SAFETY: indices below the count.
        unsafe {
            let count = mlirBlockGetNumArguments(block);
            (0..count).map(|index| Value::from_raw(mlirBlockGetArgument(block, index))).collect()
        }
    }

    pub(crate) fn entry_block(self) -> Option<MlirBlock> {
        // SAFETY: a missing region or block gives None.
        unsafe {
            if mlirOperationGetNumRegions(self.raw) == 0 {
                return None;
            }
            let block = mlirRegionGetFirstBlock(mlirOperationGetRegion(self.raw, 0));
            (!block.ptr.is_null()).then_some(block)
        }
    }

    /// Adds an argument to the first block of its first region.
    pub fn add_argument(self, ty: Type<'c>, location: Location<'c>) -> Option<Value<'c>> {
        let block = self.entry_block()?;
        // SAFETY: the block is alive.
        unsafe { Some(Value::from_raw(mlirBlockAddArgument(block, ty.to_raw(), location.to_raw()))) }
    }

    /// Takes an argument that nothing uses away from the first block of its first region.
    ///
    /// # Panics
    /// If it is still used.
    pub fn erase_argument(self, index: usize) {
        let Some(block) = self.entry_block() else { return };
        let Some(argument) = self.arguments().get(index).copied() else { return };
        assert!(argument.is_unused(), "argument {index} of {self:?} is erased while it is used");
        // SAFETY: the index was checked, nothing uses the argument.
        unsafe { mlirBlockEraseArgument(block, index as u32) }
    }

    /// Whether it stands in front of another operation of the same block.
    pub fn is_before(self, other: Op<'c>) -> bool {
        let same = block_of(self).ptr == block_of(other).ptr;
        // SAFETY: asked only of operations of one block.
        same && self != other && unsafe { mlirOperationIsBeforeInBlock(self.raw, other.raw) }
    }

    /// Moves it in front of another operation.
    pub fn move_before(self, other: Op<'c>) {
        // SAFETY: both are alive and have a block.
        unsafe { mlirOperationMoveBefore(self.raw, other.raw) }
    }

    /// Whether no result has a use.
    pub fn is_unused(self) -> bool {
        self.results().iter().all(|result| result.is_unused())
    }

    /// Takes an operation whose results have no uses out of the program.
    ///
    /// # Panics
    /// If a result is still used.
    pub fn erase(self) {
        assert!(self.is_unused(), "{self:?} is erased while it is used");
        // SAFETY: it has no uses; its memory is kept until no handle can exist.
        unsafe {
            ffi::qonnxDropReferences(self.raw);
            mlirOperationRemoveFromParent(self.raw);
        }
        graveyard::bury(self.raw);
    }

    /// Puts values in place of its results and erases it.
    pub fn replace(self, values: &[Value<'c>]) {
        for (result, value) in self.results().into_iter().zip(values) {
            result.replace_uses(*value);
        }
        self.erase();
    }

    /// Reports an error here.
    pub fn error(self, message: impl AsRef<str>) -> Reported {
        self.emit(ffi::ERROR, message.as_ref());
        Reported
    }

    /// Reports a warning here.
    pub fn warning(self, message: impl AsRef<str>) {
        self.emit(ffi::WARNING, message.as_ref());
    }

    /// Reports a remark here.
    pub fn remark(self, message: impl AsRef<str>) {
        self.emit(ffi::REMARK, message.as_ref());
    }

    fn emit(self, severity: u32, message: &str) {
        // SAFETY: the message is copied by the call.
        unsafe { ffi::qonnxEmit(self.raw, severity, ffi::string(message)) }
    }
}

impl<'c> Value<'c> {
    /// # Safety
    /// As [`Op::from_raw`].
    pub(crate) unsafe fn from_raw(raw: MlirValue) -> Self {
        Self { raw, lifetime: PhantomData }
    }

    pub(crate) fn raw(self) -> MlirValue {
        self.raw
    }

    /// Its type.
    pub fn ty(self) -> Type<'c> {
        // SAFETY: types are interned in the context.
        unsafe { Type::from_raw(mlirValueGetType(self.raw)) }
    }

    /// Its type as a tensor, if it is one of an element type that we know.
    pub fn tensor_type(self) -> Option<TensorType> {
        TensorType::of(self.ty())
    }

    /// Gives it another type.
    pub fn set_type(self, ty: Type<'c>) {
        // SAFETY: the verifier judges the result after the pass.
        unsafe { mlirValueSetType(self.raw, ty.to_raw()) }
    }

    /// The operation it is a result of.
    pub fn defining_op(self) -> Option<Op<'c>> {
        // SAFETY: asked only of a result.
        unsafe { if mlirValueIsAOpResult(self.raw) { some_op(mlirOpResultGetOwner(self.raw)) } else { None } }
    }

    /// Which result or block argument it is.
    pub fn index(self) -> usize {
        // SAFETY: a value is one or the other.
        unsafe {
            if mlirValueIsAOpResult(self.raw) {
                mlirOpResultGetResultNumber(self.raw) as usize
            } else {
                mlirBlockArgumentGetArgNumber(self.raw) as usize
            }
        }
    }

    /// The operations that use it, one entry a use.
    pub fn users(self) -> Vec<Op<'c>> {
        self.uses().into_iter().map(|(op, _)| op).collect()
    }

    /// Its uses: operation and operand number.
    pub fn uses(self) -> Vec<(Op<'c>, usize)> {
        let mut uses = Vec::new();
        // SAFETY: walks the list of uses; null ends it.
        unsafe {
            let mut next = mlirValueGetFirstUse(self.raw);
            while !next.ptr.is_null() {
                let owner = Op::from_raw(mlirOpOperandGetOwner(next));
                uses.push((owner, mlirOpOperandGetOperandNumber(next) as usize));
                next = mlirOpOperandGetNextUse(next);
            }
        }
        uses
    }

    /// Whether nothing uses it.
    pub fn is_unused(self) -> bool {
        // SAFETY: a null use means none.
        unsafe { mlirValueGetFirstUse(self.raw).ptr.is_null() }
    }

    /// Puts another value in its place everywhere.
    pub fn replace_uses(self, other: Value<'c>) {
        // SAFETY: both are alive.
        unsafe { mlirValueReplaceAllUsesOfWith(self.raw, other.raw) }
    }
}

/// A named attribute's parts.
///
/// # Safety
/// It must be one of a live operation.
unsafe fn named<'c>(attribute: MlirNamedAttribute) -> (String, Attribute<'c>) {
    // SAFETY: names and attributes are interned in the context.
    unsafe { (text(mlirIdentifierStr(attribute.name)).to_string(), Attribute::from_raw(attribute.attribute)) }
}

/// The numbers of an array of 64-bit integers; empty for another attribute.
pub(crate) fn i64s(attribute: Attribute<'_>) -> Vec<i64> {
    let raw = attribute.to_raw();
    // SAFETY: asked only of an array of 64-bit integers, below its count.
    unsafe {
        if !mlirAttributeIsADenseI64Array(raw) {
            return Vec::new();
        }
        (0..mlirDenseArrayGetNumElements(raw)).map(|i| mlirDenseI64ArrayGetElement(raw, i)).collect()
    }
}

unsafe fn some_op<'c>(raw: MlirOperation) -> Option<Op<'c>> {
    // SAFETY: the caller's.
    (!raw.ptr.is_null()).then(|| unsafe { Op::from_raw(raw) })
}

/// Text that MLIR owns; invalid UTF-8 reads as empty.
///
/// # Safety
/// The text must live for `'a`.
pub(crate) unsafe fn text<'a>(raw: MlirStringRef) -> &'a str {
    if raw.data.is_null() {
        return "";
    }
    // SAFETY: the caller's.
    let bytes = unsafe { std::slice::from_raw_parts(raw.data.cast::<u8>(), raw.length) };
    std::str::from_utf8(bytes).unwrap_or("")
}
