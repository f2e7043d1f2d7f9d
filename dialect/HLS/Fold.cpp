//===- Fold.cpp - folders of hls operations -------------------------------------===//
#include "HLS/HLS.h"

#include "Permutation.h"

using namespace mlir;
using namespace hls;

OpFoldResult hls::ConstantOp::fold(FoldAdaptor) { return getValue(); }
OpFoldResult hls::ViewOp::fold(FoldAdaptor) { return permutation::foldView(*this); }
OpFoldResult hls::TransposeOp::fold(FoldAdaptor) { return permutation::foldTranspose(*this); }

/// Whether every number of a list is `value`.
static bool all(llvm::ArrayRef<int64_t> list, int64_t value) {
  return llvm::all_of(list, [value](int64_t item) { return item == value; });
}

/// A window of one element at every place.
OpFoldResult ReduceWindowOp::fold(FoldAdaptor) {
  bool trivial = all(getWindow(), 1) && all(getStrides(), 1);
  return trivial && getX().getType() == getType() ? getX() : Value();
}

/// Equal shapes alone do not do: a tensor can be padded at one end and cropped at the other.
OpFoldResult PadOp::fold(FoldAdaptor) {
  bool trivial = all(getLow(), 0) && all(getHigh(), 0) && all(getInterior(), 0);
  return trivial && getX().getType() == getType() ? getX() : Value();
}

/// Every slice once, in order.
OpFoldResult hls::GatherOp::fold(FoldAdaptor) {
  bool identity = llvm::equal(getIndices(), llvm::seq<int64_t>(0, getIndices().size()));
  return identity && getX().getType() == getType() ? getX() : Value();
}

OpFoldResult hls::ConcatOp::fold(FoldAdaptor) {
  return getInputs().size() == 1 && getInputs()[0].getType() == getType() ? getInputs()[0] : Value();
}
