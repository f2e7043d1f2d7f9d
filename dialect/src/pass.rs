//! Passes: the C++ classes made from `Passes.td` call the bodies given here.

use crate::{Op, Reported, ffi, graveyard::Graveyard, ir::text};
use mlir_sys::MlirOperation;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
};

/// The body of a pass: what it does to a module, given its options.
pub type Body<O> = for<'c> fn(Op<'c>, &O) -> Result<(), Reported>;

#[allow(missing_docs)]
mod table {
    use super::{Body, Op, Reported};
    include!(concat!(env!("OUT_DIR"), "/passes.rs"));

    impl Passes {
        pub(super) fn run_by_index(
            &self,
            index: usize,
            module: Op<'_>,
            options: &[(&str, &str)],
        ) -> Result<(), Reported> {
            self.run(index, module, options)
        }

        pub(super) fn name_of(index: usize) -> &'static str {
            Self::name(index)
        }
    }
}

pub use table::Passes;
/// The options of each pass.
pub mod options {
    pub use super::table::*;
}

static PASSES: OnceLock<Passes> = OnceLock::new();

/// Registers every pass of `Passes.td` with these bodies; only the first call counts.
pub fn register_passes(passes: Passes) {
    if PASSES.set(passes).is_ok() {
        // SAFETY: called once, before any pass manager runs.
        unsafe { ffi::qonnxRegisterPasses(run) }
    }
}

/// Registers a pipeline under a name of its own.
pub fn register_pipeline(name: &'static str, summary: &'static str, pipeline: &str) {
    // SAFETY: MLIR keeps name and summary, which are static, and copies the pipeline.
    unsafe { ffi::qonnxRegisterPipeline(ffi::string(name), ffi::string(summary), ffi::string(pipeline)) }
}

/// A panic in a body becomes an error at the module: the process lives on.
unsafe extern "C" fn run(index: usize, module: MlirOperation, options: *const ffi::QonnxOption, count: usize) -> bool {
    // SAFETY: C++ passes the running pass's module and `count` options.
    let (module, options) = unsafe {
        let list = if count == 0 { &[] } else { std::slice::from_raw_parts(options, count) };
        let pairs: Vec<(&str, &str)> = list.iter().map(|option| (text(option.name), text(option.value))).collect();
        (Op::from_raw(module), pairs)
    };
    let Some(passes) = PASSES.get() else { return false };
    let graveyard = Graveyard::open(module.context().to_raw());
    let outcome = catch_unwind(AssertUnwindSafe(|| passes.run_by_index(index, module, &options)));
    drop(graveyard);
    match outcome {
        Ok(result) => result.is_ok(),
        Err(panic) => {
            let pass = Passes::name_of(index);
            module.error(format!("internal error in {pass}: {}; please report this with the file", message(&*panic)));
            false
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or(panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown panic")
}

/// Registers upstream's canonicalizer and CSE, for programs that run pipelines themselves
/// (`qonnx-opt` has all of upstream's passes).
pub fn register_transforms() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    // SAFETY: adds to MLIR's registry, once.
    ONCE.call_once(|| unsafe {
        mlir_sys::mlirRegisterTransformsCanonicalizer();
        mlir_sys::mlirRegisterTransformsCSE();
    });
}
