//===- Fold.cpp - folders of qonnx operations ----------------------------------===//
//
// Arithmetic on constants is not here but in `qonnx-fold-constants`, which asks
// the evaluator: an operation has one meaning, given once.
//
//===-----------------------------------------------------------------------------===//
#include "QONNX/QONNX.h"

#include "Permutation.h"

using namespace mlir;
using namespace qonnx;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

OpFoldResult IdentityOp::fold(FoldAdaptor) {
  return getX().getType() == getType() ? OpFoldResult(getX()) : nullptr;
}

OpFoldResult CastOp::fold(FoldAdaptor) {
  return getX().getType() == getType() ? OpFoldResult(getX()) : nullptr;
}

OpFoldResult ViewOp::fold(FoldAdaptor) { return permutation::foldView(*this); }

OpFoldResult TransposeOp::fold(FoldAdaptor) { return permutation::foldTranspose(*this); }
