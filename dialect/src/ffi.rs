//! Declarations of `CAPI.h`. Nothing here has a meaning of its own.

use mlir_sys::{MlirAttribute, MlirContext, MlirDialectRegistry, MlirOperation, MlirStringRef};
use std::ffi::{c_char, c_int, c_void};

#[repr(C)]
pub struct QonnxOption {
    pub name: MlirStringRef,
    pub value: MlirStringRef,
}

pub type PassBody = unsafe extern "C" fn(usize, MlirOperation, *const QonnxOption, usize) -> bool;

pub const ERROR: u32 = 0;
pub const WARNING: u32 = 1;
pub const REMARK: u32 = 2;

#[repr(C)]
pub struct QonnxForm {
    pub kind: u32,
    pub numbers: [i64; 6],
    pub first: *const i64,
    pub first_size: usize,
    pub second: *const i64,
    pub second_size: usize,
    pub below: MlirAttribute,
    pub above: MlirAttribute,
}

unsafe extern "C" {
    pub fn qonnxRegisterDialects(registry: MlirDialectRegistry);
    pub fn qonnxRegisterPasses(body: PassBody);
    pub fn qonnxRegisterPipeline(name: MlirStringRef, summary: MlirStringRef, pipeline: MlirStringRef);
    pub fn qonnxOptMain(argc: c_int, argv: *mut *mut c_char, registry: MlirDialectRegistry) -> c_int;
    pub fn qonnxLspServerMain(argc: c_int, argv: *mut *mut c_char, registry: MlirDialectRegistry) -> c_int;
    pub fn qonnxEmit(op: MlirOperation, severity: u32, message: MlirStringRef);
    pub fn qonnxPrintOpOnDiagnostic(context: MlirContext, enable: bool);
    pub fn qonnxDropReferences(op: MlirOperation);
    pub fn qonnxResourceData(attribute: MlirAttribute, data: *mut *const c_void, size: *mut usize) -> bool;
    pub fn qonnxFormTakeApart(attribute: MlirAttribute, form: *mut QonnxForm);
    pub fn qonnxFormBuild(context: MlirContext, form: *const QonnxForm) -> MlirAttribute;
}

/// A string for a call; valid while the text is.
pub fn string(text: &str) -> MlirStringRef {
    MlirStringRef { data: text.as_ptr().cast(), length: text.len() }
}
