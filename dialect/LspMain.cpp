//===- LspMain.cpp - qonnx-lsp-server --------------------------------------------------===//
#include "CAPI.h"

#include "mlir/CAPI/IR.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int qonnxLspServerMain(int argc, char **argv, MlirDialectRegistry registry) {
  mlir::registerAllDialects(*unwrap(registry));
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, *unwrap(registry)));
}
