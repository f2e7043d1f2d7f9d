//===- OptMain.cpp - qonnx-opt -------------------------------------------------------===//
// Free of our dialects' headers: those of all upstream dialects are slow enough.
#include "CAPI.h"

#include "mlir/CAPI/IR.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

#include <csignal>

int qonnxOptMain(int argc, char **argv, MlirDialectRegistry registry) {
  // Rust ignores SIGPIPE, which turns `qonnx-opt x | head` into an LLVM error.
  std::signal(SIGPIPE, SIG_DFL);
  mlir::registerAllDialects(*unwrap(registry));
  mlir::registerAllExtensions(*unwrap(registry));
  mlir::registerAllPasses();
  return mlir::failed(mlir::MlirOptMain(argc, argv, "QONNX compiler: optimizer driver\n", *unwrap(registry)));
}
