//! `qonnx-opt`: mlir-opt with our dialects and passes.

fn main() -> std::process::ExitCode {
    qonnxc::passes::register();
    qonnx_dialect::tools::opt_main()
}
