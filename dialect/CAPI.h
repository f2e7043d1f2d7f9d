//===- CAPI.h - what Rust calls that MLIR's own C API lacks ---------*- C++ -*-===//
#ifndef DIALECT_CAPI_H
#define DIALECT_CAPI_H

#include "mlir-c/IR.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Inserts qonnx, hls and func, and what is converted from and to: arith and quant.
void qonnxRegisterDialects(MlirDialectRegistry registry);

/// One option of a pass as text.
typedef struct {
  MlirStringRef name;
  MlirStringRef value;
} QonnxOption;

/// Runs the body of pass `index` (its place in Passes.td, sorted by name).
typedef bool (*QonnxPassBody)(size_t index, MlirOperation module, const QonnxOption *options, size_t count);

/// Registers every pass of Passes.td; `body` is called to run one.
void qonnxRegisterPasses(QonnxPassBody body);

/// Registers `--name` as a pipeline given by its text.
void qonnxRegisterPipeline(MlirStringRef name, MlirStringRef summary, MlirStringRef pipeline);

/// `MlirOptMain` and `MlirLspServerMain` over the given registry, with every
/// upstream dialect and pass added. Return the process's exit code.
int qonnxOptMain(int argc, char **argv, MlirDialectRegistry registry);
int qonnxLspServerMain(int argc, char **argv, MlirDialectRegistry registry);

typedef enum { QonnxError = 0, QonnxWarning = 1, QonnxRemark = 2 } QonnxSeverity;

/// A diagnostic at an operation, as `op.emitError()`.
void qonnxEmit(MlirOperation op, QonnxSeverity severity, MlirStringRef message);

/// Whether diagnostics show the whole operation in a note.
void qonnxPrintOpOnDiagnostic(MlirContext context, bool enable);

/// Drops all operands of an operation and of those nested in it.
void qonnxDropReferences(MlirOperation op);

/// The bytes of a dense_resource attribute; false if the attribute is none or
/// its blob is absent.
bool qonnxResourceData(MlirAttribute attribute, const void **data, size_t *size);

/// A requantizer form taken apart. Which fields count depends on `kind`.
typedef enum {
  QonnxFormNone = 0,
  QonnxFormConstant,
  QonnxFormCompare,
  QonnxFormMulShift,
  QonnxFormPieces,
  QonnxFormThresholds,
  QonnxFormTable
} QonnxFormKind;

typedef struct {
  QonnxFormKind kind;
  /// constant: code; compare: threshold, below, above; mul_shift: multiplier,
  /// addend, shift, rounding, low, high; pieces: split; table: first.
  int64_t numbers[6];
  /// mul_shift: exceptions; thresholds: thresholds; table: codes.
  const int64_t *first;
  size_t firstSize;
  /// thresholds: codes.
  const int64_t *second;
  size_t secondSize;
  /// pieces.
  MlirAttribute below, above;
} QonnxForm;

void qonnxFormTakeApart(MlirAttribute attribute, QonnxForm *form);
MlirAttribute qonnxFormBuild(MlirContext context, const QonnxForm *form);

#ifdef __cplusplus
}
#endif

#endif // DIALECT_CAPI_H
