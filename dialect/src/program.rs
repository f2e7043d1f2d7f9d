//! A module with its context: what a driver holds.

use crate::{Op, ffi, graveyard::Graveyard};
use melior::{Context, dialect::DialectRegistry, ir::operation::OperationLike, utility::parse_pass_pipeline};
use mlir_sys::*;
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

/// What went wrong, as MLIR's diagnostics say it: one text each, with the location
/// in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramError {
    /// The diagnostics, in order.
    pub diagnostics: Vec<String>,
}

impl std::fmt::Display for ProgramError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.diagnostics.join("\n"))
    }
}

impl std::error::Error for ProgramError {}

/// A module of our dialects.
pub struct Program {
    // Before the context: fields are dropped in this order.
    module: melior::ir::Module<'static>,
    context: Box<Context>,
    diagnostics: Arc<Mutex<Collected>>,
}

#[derive(Default)]
struct Collected {
    errors: Vec<String>,
    remarks: Vec<String>,
}

/// The name of a result with a number of seven digits or more: upstream's parser allocates as many before it
/// looks for the operation, and ends the process where it cannot.
fn absurd_result(source: &[u8]) -> Option<String> {
    const DIGITS: usize = 7;
    if source.starts_with(b"ML\xefR") {
        return None;
    }
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$.-".contains(byte);
    let hashes = source.iter().enumerate().filter(|(_, byte)| **byte == b'#').map(|(at, _)| at);
    let name = |at: usize| {
        let digits = source[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let value = source[..at].iter().rev().take_while(|byte| is_name(byte)).count();
        let is_value = value > 0 && source[..at - value].ends_with(b"%");
        let end = at + 1 + digits;
        (digits >= DIGITS && is_value).then(|| String::from_utf8_lossy(&source[at - value - 1..end]).into_owned())
    };
    hashes.into_iter().find_map(name)
}

impl Program {
    /// An empty module.
    pub fn new() -> Self {
        let (context, diagnostics) = context();
        let location = melior::ir::Location::unknown(&context);
        // SAFETY: the context is boxed and outlives the module.
        let module = unsafe { melior::ir::Module::from_raw(mlirModuleCreateEmpty(location.to_raw())) };
        Self { module, context, diagnostics }
    }

    /// Parses a module, as text or bytecode.
    ///
    /// # Errors
    /// What the parser and the verifier say.
    pub fn parse(source: &[u8]) -> Result<Self, ProgramError> {
        if let Some(name) = absurd_result(source) {
            return Err(ProgramError { diagnostics: vec![format!("{name}: no operation has so many results")] });
        }
        let (context, diagnostics) = context();
        // The parser wants a null byte behind the text.
        let mut buffer = source.to_vec();
        buffer.push(0);
        // SAFETY: the buffer lives through the call; the length leaves out the null.
        let raw = unsafe {
            let source = MlirStringRef { data: buffer.as_ptr().cast(), length: source.len() };
            mlirModuleCreateParse(context.to_raw(), source)
        };
        if raw.ptr.is_null() {
            return Err(taken(&diagnostics));
        }
        // SAFETY: the context is boxed and outlives the module.
        let module = unsafe { melior::ir::Module::from_raw(raw) };
        Ok(Self { module, context, diagnostics })
    }

    /// Reads a `.mlir` or `.mlirbc` file.
    ///
    /// # Errors
    /// If the file can't be read or is no valid module.
    pub fn read(path: &Path) -> Result<Self, ProgramError> {
        let source = std::fs::read(path)
            .map_err(|error| ProgramError { diagnostics: vec![format!("cannot read {}: {error}", path.display())] })?;
        Self::parse(&source)
    }

    /// Lends the module. Handles cannot leave the closure.
    pub fn with<R>(&self, body: impl for<'c> FnOnce(Op<'c>) -> R) -> R {
        let graveyard = Graveyard::open(self.context.to_raw());
        // SAFETY: the module lives longer than the call, for whose lifetime the handle is.
        let result = body(unsafe { Op::from_raw(mlirModuleGetOperation(self.module.to_raw())) });
        drop(graveyard);
        result
    }

    /// Runs a textual pipeline such as `builtin.module(qonnx-infer-shapes)`.
    ///
    /// # Errors
    /// The diagnostics of the pass that failed, or of the pipeline's parser.
    pub fn run(&mut self, pipeline: &str) -> Result<(), ProgramError> {
        // SAFETY: as in `new`; the pass manager does not outlive the call.
        let context: &Context = unsafe { &*std::ptr::from_ref(&*self.context) };
        let manager = melior::pass::PassManager::new(context);
        manager.enable_verifier(true);
        parse_pass_pipeline(manager.as_operation_pass_manager(), pipeline)
            .map_err(|error| ProgramError { diagnostics: vec![format!("bad pipeline {pipeline}: {error}")] })?;
        manager.run(&mut self.module).map_err(|_| taken(&self.diagnostics))
    }

    /// Whether every operation keeps its rules.
    ///
    /// # Errors
    /// What the verifier says.
    pub fn verify(&self) -> Result<(), ProgramError> {
        if self.module.as_operation().verify() { Ok(()) } else { Err(taken(&self.diagnostics)) }
    }

    /// The errors that were reported since the last call.
    pub fn take_errors(&self) -> Option<ProgramError> {
        let errors = taken(&self.diagnostics);
        (!errors.diagnostics.is_empty()).then_some(errors)
    }

    /// The remarks and warnings that were reported since the last call.
    pub fn take_remarks(&self) -> Vec<String> {
        self.diagnostics.lock().map(|mut collected| std::mem::take(&mut collected.remarks)).unwrap_or_default()
    }

    /// The module as text, with locations or without.
    pub fn to_text(&self, locations: bool) -> String {
        let flags = melior::ir::operation::OperationPrintingFlags::new();
        let flags = if locations { flags.enable_debug_info(true, false) } else { flags };
        self.module.as_operation().to_string_with_flags(flags).unwrap_or_default()
    }

    /// The module as bytecode.
    pub fn to_bytecode(&self) -> Vec<u8> {
        self.module.as_operation().write_bytecode()
    }
}

impl Default for Program {
    fn default() -> Self {
        Self::new()
    }
}

/// A registry with our dialects.
pub(crate) fn registry() -> DialectRegistry {
    let registry = DialectRegistry::new();
    // SAFETY: the registry is alive.
    unsafe { ffi::qonnxRegisterDialects(registry.to_raw()) };
    registry
}

fn context() -> (Box<Context>, Arc<Mutex<Collected>>) {
    let context = Box::new(Context::new());
    // One module on a small machine gains nothing from MLIR's thread pool, and
    // starting it costs more than most passes.
    context.enable_multi_threading(false);
    // SAFETY: the context is alive. The location names the node; the operation is noise.
    unsafe { ffi::qonnxPrintOpOnDiagnostic(context.to_raw(), false) };
    context.append_dialect_registry(&registry());
    context.load_all_available_dialects();
    let diagnostics = Arc::new(Mutex::new(Collected::default()));
    let collected = Arc::clone(&diagnostics);
    context.attach_diagnostic_handler(move |diagnostic| {
        let severity = diagnostic.severity();
        let location = diagnostic.location().to_string();
        let mut line = format!("{}: {diagnostic}", location_text(&location));
        for note in (0..diagnostic.note_count()).filter_map(|i| diagnostic.note(i).ok()) {
            line += &format!("\n  note: {note}");
        }
        if let Ok(mut collected) = collected.lock() {
            match severity {
                melior::diagnostic::DiagnosticSeverity::Error => collected.errors.push(line),
                _ => collected.remarks.push(line),
            }
        }
        true
    });
    (context, diagnostics)
}

/// `loc("name")` as `name`.
fn location_text(location: &str) -> &str {
    let inner = location.strip_prefix("loc(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(location);
    match inner.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(name) if !name.contains('"') => name,
        _ => inner,
    }
}

fn taken(diagnostics: &Mutex<Collected>) -> ProgramError {
    let diagnostics = diagnostics.lock().map(|mut collected| std::mem::take(&mut collected.errors)).unwrap_or_default();
    ProgramError { diagnostics }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &[u8] =
        b"func.func @f(%x: tensor<1xf32>) { %y = qonnx.relu %x : (tensor<1xf32>) -> tensor<1xf32> return }";

    #[test]
    fn results_by_the_million_are_refused_before_they_are_parsed() {
        assert_eq!(absurd_result(b"return %a#1, %d#2147483648 : i1"), Some("%d#2147483648".into()));
        for fine in [&b"return %a#999999"[..], b"#1234567", b"%#1234567", b"ML\xefR%a#1234567", b"a%b #12345678", b"#"]
        {
            assert_eq!(absurd_result(fine), None);
        }
        assert!(Program::parse(b"func.func @f() -> i1 { return %d#2147483648 : i1 }").is_err());
    }

    #[test]
    fn programs_may_be_changed_while_another_is_borrowed() {
        let outer = Program::parse(SOURCE).expect("parses");
        outer.with(|_| {
            for _ in 0..3 {
                let inner = Program::parse(SOURCE).expect("parses");
                inner.with(|module| {
                    let relu = module.body()[0].body()[0];
                    inner.with(|again| again.body()[0].body()[0].erase());
                    // The outer borrow of the same program may still hold the handle.
                    assert_eq!(relu.name(), "qonnx.relu");
                    assert_eq!(module.body()[0].body().len(), 1);
                });
            }
        });
    }

    #[test]
    fn errors_name_the_node() {
        let broken = b"func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x4xf32>) { %y = qonnx.matmul %x, %w : (tensor<1x2xf32>, tensor<3x4xf32>) -> tensor<1x4xf32> loc(\"fc1\") return }";
        let error = Program::parse(broken).err().expect("is refused").to_string();
        assert!(error.starts_with("fc1: ") && error.contains("2 columns"), "{error}");
    }
}
