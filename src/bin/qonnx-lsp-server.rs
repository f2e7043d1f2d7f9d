//! `qonnx-lsp-server`: MLIR's language server with our dialects.

fn main() -> std::process::ExitCode {
    qonnx_dialect::tools::lsp_server_main()
}
