//===- CAPI.cpp - the C boundary --------------------------------------------------===//
#include "CAPI.h"

#include "HLS/HLS.h"
#include "QONNX/QONNX.h"

#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

void qonnxRegisterDialects(MlirDialectRegistry registry) {
  unwrap(registry)
      ->insert<qonnx::QONNXDialect, hls::HLSDialect, func::FuncDialect, arith::ArithDialect, quant::QuantDialect>();
}

void qonnxEmit(MlirOperation op, QonnxSeverity severity, MlirStringRef message) {
  Operation *operation = unwrap(op);
  switch (severity) {
  case QonnxError:
    operation->emitError() << unwrap(message);
    break;
  case QonnxWarning:
    operation->emitWarning() << unwrap(message);
    break;
  case QonnxRemark:
    operation->emitRemark() << unwrap(message);
    break;
  }
}

void qonnxPrintOpOnDiagnostic(MlirContext context, bool enable) { unwrap(context)->printOpOnDiagnostic(enable); }

void qonnxDropReferences(MlirOperation op) { unwrap(op)->dropAllReferences(); }

bool qonnxResourceData(MlirAttribute attribute, const void **data, size_t *size) {
  auto resource = llvm::dyn_cast<DenseResourceElementsAttr>(unwrap(attribute));
  AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob)
    return false;
  *data = blob->getData().data();
  *size = blob->getData().size();
  return true;
}

void qonnxFormTakeApart(MlirAttribute attribute, QonnxForm *form) {
  *form = QonnxForm{};
  llvm::TypeSwitch<Attribute>(unwrap(attribute))
      .Case([&](hls::ConstantFormAttr f) {
        form->kind = QonnxFormConstant;
        form->numbers[0] = f.getCode();
      })
      .Case([&](hls::CompareAttr f) {
        form->kind = QonnxFormCompare;
        form->numbers[0] = f.getThreshold();
        form->numbers[1] = f.getBelow();
        form->numbers[2] = f.getAbove();
      })
      .Case([&](hls::MulShiftAttr f) {
        form->kind = QonnxFormMulShift;
        int64_t numbers[] = {f.getMultiplier(), f.getAddend(), f.getShift(),
                             static_cast<int64_t>(f.getRounding()), f.getLow(), f.getHigh()};
        std::copy(std::begin(numbers), std::end(numbers), form->numbers);
        form->first = f.getExceptions().data();
        form->firstSize = f.getExceptions().size();
      })
      .Case([&](hls::PiecesAttr f) {
        form->kind = QonnxFormPieces;
        form->numbers[0] = f.getSplit();
        form->below = wrap(f.getBelow());
        form->above = wrap(f.getAbove());
      })
      .Case([&](hls::ThresholdsAttr f) {
        form->kind = QonnxFormThresholds;
        form->first = f.getThresholds().data();
        form->firstSize = f.getThresholds().size();
        form->second = f.getCodes().data();
        form->secondSize = f.getCodes().size();
      })
      .Case([&](hls::TableAttr f) {
        form->kind = QonnxFormTable;
        form->numbers[0] = f.getFirst();
        form->first = f.getCodes().data();
        form->firstSize = f.getCodes().size();
      })
      .Default([](Attribute) {});
}

MlirAttribute qonnxFormBuild(MlirContext context, const QonnxForm *form) {
  MLIRContext *ctx = unwrap(context);
  const int64_t *n = form->numbers;
  ArrayRef<int64_t> first(form->first, form->firstSize), second(form->second, form->secondSize);
  auto emitError = [&] { return mlir::emitError(UnknownLoc::get(ctx)); };
  switch (form->kind) {
  case QonnxFormNone:
    return MlirAttribute{nullptr};
  case QonnxFormConstant:
    return wrap(hls::ConstantFormAttr::get(ctx, n[0]));
  case QonnxFormCompare:
    return wrap(hls::CompareAttr::get(ctx, n[0], n[1], n[2]));
  case QonnxFormMulShift:
    return wrap(hls::MulShiftAttr::getChecked(emitError, ctx, n[0], n[1], n[2],
                                              static_cast<hls::Rounding>(n[3]), n[4], n[5], first));
  case QonnxFormPieces:
    return wrap(hls::PiecesAttr::getChecked(emitError, ctx, n[0], unwrap(form->below), unwrap(form->above)));
  case QonnxFormThresholds:
    return wrap(hls::ThresholdsAttr::getChecked(emitError, ctx, first, second));
  case QonnxFormTable:
    return wrap(hls::TableAttr::get(ctx, n[0], first));
  }
  return MlirAttribute{nullptr};
}
