//! The mains of MLIR's own tools over our dialects.

use crate::{ffi, program::registry};
use std::{
    ffi::{CString, c_char, c_int},
    process::ExitCode,
};

type Main = unsafe extern "C" fn(c_int, *mut *mut c_char, mlir_sys::MlirDialectRegistry) -> c_int;

/// `qonnx-opt`: MlirOptMain with our dialects and passes and all upstream ones.
/// Passes must be registered before.
pub fn opt_main() -> ExitCode {
    run(ffi::qonnxOptMain)
}

/// `qonnx-lsp-server`: MlirLspServerMain.
pub fn lsp_server_main() -> ExitCode {
    run(ffi::qonnxLspServerMain)
}

fn run(main: Main) -> ExitCode {
    let texts: Vec<CString> = std::env::args().filter_map(|argument| CString::new(argument).ok()).collect();
    let mut pointers: Vec<*mut c_char> = texts.iter().map(|text| text.as_ptr().cast_mut()).collect();
    pointers.push(std::ptr::null_mut());
    // SAFETY: argv is null-terminated and lives through the call, which does not write it.
    let code = unsafe { main(texts.len() as c_int, pointers.as_mut_ptr(), registry().to_raw()) };
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
