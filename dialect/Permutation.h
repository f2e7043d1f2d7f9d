//===- Permutation.h - folds of view and transpose in both dialects -*- C++ -*-===//
#ifndef DIALECT_PERMUTATION_H
#define DIALECT_PERMUTATION_H

#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/STLExtras.h"

namespace permutation {

/// A view of the same type is its operand; a view of a view skips the middle.
template <typename ViewOp>
mlir::OpFoldResult foldView(ViewOp op) {
  if (op.getX().getType() == op.getType())
    return op.getX();
  if (auto inner = op.getX().template getDefiningOp<ViewOp>()) {
    op.getXMutable().assign(inner.getX());
    return op.getResult();
  }
  return nullptr;
}

/// An identity is its operand; two transposes become one.
template <typename TransposeOp>
mlir::OpFoldResult foldTranspose(TransposeOp op) {
  llvm::ArrayRef<int64_t> outer = op.getPermutation();
  auto identity = llvm::seq<int64_t>(0, outer.size());
  if (llvm::equal(outer, identity) && op.getX().getType() == op.getType())
    return op.getX();
  auto inner = op.getX().template getDefiningOp<TransposeOp>();
  if (!inner || inner.getPermutation().size() != outer.size())
    return nullptr;
  llvm::SmallVector<int64_t> both;
  for (int64_t axis : outer)
    both.push_back(inner.getPermutation()[axis]);
  op.setPermutation(both);
  op.getXMutable().assign(inner.getX());
  return op.getResult();
}

} // namespace permutation

#endif // DIALECT_PERMUTATION_H
