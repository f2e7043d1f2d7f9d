//===- Fold.cpp - folders of hls operations -------------------------------------===//
#include "HLS/HLS.h"

#include "Permutation.h"

using namespace mlir;
using namespace hls;

OpFoldResult hls::ConstantOp::fold(FoldAdaptor) { return getValue(); }
OpFoldResult hls::ViewOp::fold(FoldAdaptor) { return permutation::foldView(*this); }
OpFoldResult hls::TransposeOp::fold(FoldAdaptor) { return permutation::foldTranspose(*this); }
