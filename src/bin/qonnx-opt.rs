//! `qonnx-opt`: mlir-opt with our dialects and passes.

fn main() -> std::process::ExitCode {
    qonnx_dialect::tools::opt_main()
}
