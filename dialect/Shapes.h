//===- Shapes.h - checks that both dialects' verifiers share --------*- C++ -*-===//
#ifndef DIALECT_SHAPES_H
#define DIALECT_SHAPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/OperationSupport.h"

namespace shapes {

using Dims = llvm::ArrayRef<int64_t>;

inline mlir::RankedTensorType ranked(mlir::Value value) {
  return llvm::dyn_cast<mlir::RankedTensorType>(value.getType());
}

inline bool bothKnownAndDiffer(int64_t a, int64_t b) {
  return !mlir::ShapedType::isDynamic(a) && !mlir::ShapedType::isDynamic(b) && a != b;
}

/// The contracted dimensions of a matrix product agree; vectors count as a row
/// on the left and a column on the right.
inline mlir::LogicalResult verifyContraction(mlir::Operation *op, mlir::Value a, mlir::Value b) {
  auto left = ranked(a), right = ranked(b);
  if (!left || !right)
    return mlir::success();
  if (left.getRank() == 0 || right.getRank() == 0)
    return op->emitOpError("multiplies matrices, but an operand is a scalar");
  int64_t k = left.getShape().back();
  int64_t other = right.getRank() == 1 ? right.getDimSize(0)
                                       : right.getDimSize(right.getRank() - 2);
  if (bothKnownAndDiffer(k, other))
    return op->emitOpError("contracts ") << k << " columns of the left with " << other
                                         << " rows of the right operand";
  return mlir::success();
}

/// `permutation` names every axis of a tensor of this rank once.
inline mlir::LogicalResult verifyPermutation(mlir::Operation *op, Dims permutation,
                                             mlir::Value x, mlir::Value result) {
  llvm::SmallVector<bool> seen(permutation.size(), false);
  for (int64_t axis : permutation) {
    if (axis < 0 || axis >= static_cast<int64_t>(permutation.size()) || seen[axis])
      return op->emitOpError("permutation must name each of ")
             << permutation.size() << " axes once, found axis " << axis
             << (axis >= 0 && axis < static_cast<int64_t>(permutation.size()) ? " twice" : "");
    seen[axis] = true;
  }
  auto in = ranked(x), out = ranked(result);
  if (in && in.getRank() != static_cast<int64_t>(permutation.size()))
    return op->emitOpError("permutes ") << permutation.size() << " axes of a tensor of rank "
                                        << in.getRank();
  if (!in || !out)
    return mlir::success();
  if (out.getRank() != in.getRank())
    return op->emitOpError("result has rank ") << out.getRank() << ", expected " << in.getRank();
  for (auto [index, axis] : llvm::enumerate(permutation))
    if (bothKnownAndDiffer(out.getDimSize(index), in.getDimSize(axis)))
      return op->emitOpError("result dimension ") << index << " is " << out.getDimSize(index)
                                                  << ", expected " << in.getDimSize(axis);
  return mlir::success();
}

inline mlir::LogicalResult verifyAxis(mlir::Operation *op, int64_t axis, mlir::Value x) {
  auto type = ranked(x);
  if (type && (axis < -type.getRank() || axis >= type.getRank()))
    return op->emitOpError("axis ") << axis << " is outside a tensor of rank " << type.getRank();
  return mlir::success();
}

inline mlir::LogicalResult verifySameElementCount(mlir::Operation *op, mlir::Value x, mlir::Value result) {
  auto in = ranked(x), out = ranked(result);
  if (in && out && in.hasStaticShape() && out.hasStaticShape() &&
      in.getNumElements() != out.getNumElements())
    return op->emitOpError("result has ") << out.getNumElements() << " elements, the operand "
                                          << in.getNumElements();
  return mlir::success();
}

/// A list of numbers has `length` entries and none below `least`.
inline mlir::LogicalResult verifyList(mlir::Operation *op, llvm::StringRef name, Dims list, size_t length,
                                      int64_t least) {
  if (list.size() != length)
    return op->emitOpError(name) << " has " << list.size() << " entries, expected " << length;
  for (int64_t entry : list)
    if (entry < least)
      return op->emitOpError(name) << " must be at least " << least << ", found " << entry;
  return mlir::success();
}

} // namespace shapes

#endif // DIALECT_SHAPES_H
