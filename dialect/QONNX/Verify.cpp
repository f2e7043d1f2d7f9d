//===- Verify.cpp - what ODS cannot say of qonnx operations --------------------===//
#include "QONNX/QONNX.h"

#include "Shapes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace qonnx;
using shapes::ranked;

LogicalResult MatMulOp::verify() {
  return shapes::verifyContraction(*this, getA(), getB());
}

LogicalResult GemmOp::verify() {
  auto a = ranked(getA()), b = ranked(getB());
  for (auto type : {a, b})
    if (type && type.getRank() != 2)
      return emitOpError("operand has rank ") << type.getRank() << ", expected a matrix";
  if (!a || !b)
    return success();
  int64_t k = a.getDimSize(getTransA() ? 0 : 1), other = b.getDimSize(getTransB() ? 1 : 0);
  if (shapes::bothKnownAndDiffer(k, other))
    return emitOpError("contracts ") << k << " columns of the left with " << other
                                     << " rows of the right operand";
  return success();
}

LogicalResult BatchNormalizationOp::verify() {
  auto x = ranked(getX());
  if (x && x.getRank() < 2)
    return emitOpError("has its channels on axis 1, but the operand has rank ") << x.getRank();
  for (Value parameter : {getScale(), getBias(), getMean(), getVariance()}) {
    auto type = ranked(parameter);
    if (!type)
      continue;
    if (type.getRank() != 1)
      return emitOpError("parameter has rank ") << type.getRank() << ", expected one value a channel";
    if (x && shapes::bothKnownAndDiffer(type.getDimSize(0), x.getDimSize(1)))
      return emitOpError("parameter has ") << type.getDimSize(0) << " values for "
                                           << x.getDimSize(1) << " channels";
  }
  if (!(getEpsilon().convertToFloat() >= 0))
    return emitOpError("epsilon must not be negative");
  return success();
}

LogicalResult SoftmaxOp::verify() { return shapes::verifyAxis(*this, getAxis(), getX()); }
LogicalResult LogSoftmaxOp::verify() { return shapes::verifyAxis(*this, getAxis(), getX()); }

LogicalResult ConstantOp::verify() {
  auto resource = llvm::dyn_cast<DenseResourceElementsAttr>(getValue());
  if (!resource)
    return success();
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  if (!blob)
    return emitOpError("refers to resource '") << resource.getRawHandle().getKey()
                                               << "', which the file does not hold";
  auto type = llvm::cast<RankedTensorType>(resource.getType());
  // Resources hold whole bytes; an i1 takes one.
  uint64_t bits = std::max(8u, type.getElementTypeBitWidth());
  uint64_t expected = type.getNumElements() * ((bits + 7) / 8);
  if (blob->getData().size() != expected)
    return emitOpError("resource '") << resource.getRawHandle().getKey() << "' has "
                                     << blob->getData().size() << " bytes, expected " << expected;
  return success();
}

LogicalResult ReshapeOp::verify() {
  auto shape = ranked(getShape());
  if (shape && shape.getRank() != 1)
    return emitOpError("shape operand has rank ") << shape.getRank() << ", expected a vector";
  return shapes::verifySameElementCount(*this, getX(), getResult());
}

LogicalResult ViewOp::verify() { return shapes::verifySameElementCount(*this, getX(), getResult()); }

LogicalResult FlattenOp::verify() {
  auto x = ranked(getX());
  if (x && (getAxis() < -x.getRank() || getAxis() > x.getRank()))
    return emitOpError("axis ") << getAxis() << " is outside a tensor of rank " << x.getRank();
  return shapes::verifySameElementCount(*this, getX(), getResult());
}

LogicalResult TransposeOp::verify() {
  return shapes::verifyPermutation(*this, getPermutation(), getX(), getResult());
}

/// A width must be a number of at least one bit, in a single element.
static LogicalResult verifyBitWidth(Operation *op, Value width) {
  DenseElementsAttr value;
  if (!matchPattern(width, m_Constant(&value)))
    return success();
  if (value.getNumElements() != 1)
    return op->emitOpError("bit width has ") << value.getNumElements() << " elements, expected one";
  double bits = 0;
  if (llvm::isa<FloatType>(value.getElementType()))
    bits = (*value.getValues<APFloat>().begin()).convertToDouble();
  else if (value.getElementType().isInteger())
    bits = (*value.getValues<APInt>().begin()).getSExtValue();
  if (!(bits >= 1))
    return op->emitOpError("bit width is ") << bits << ", expected at least 1";
  return success();
}

LogicalResult QuantOp::verify() { return verifyBitWidth(*this, getBitWidth()); }

LogicalResult MultiThresholdOp::verify() {
  auto thresholds = ranked(getThresholds());
  if (thresholds && thresholds.getRank() != 2)
    return emitOpError("thresholds have rank ") << thresholds.getRank()
                                                << ", expected one row a channel";
  if (failed(shapes::verifyAxis(*this, getChannelAxis(), getX())))
    return failure();
  auto x = ranked(getX());
  if (!x || !thresholds || thresholds.getDimSize(0) == 1)
    return success();
  int64_t axis = getChannelAxis() < 0 ? getChannelAxis() + x.getRank() : getChannelAxis();
  if (shapes::bothKnownAndDiffer(thresholds.getDimSize(0), x.getDimSize(axis)))
    return emitOpError("has thresholds for ") << thresholds.getDimSize(0) << " channels, the operand has "
                                              << x.getDimSize(axis);
  return success();
}

LogicalResult QuantizeOp::verify() {
  APFloat low = getLow(), high = getHigh();
  if (low.isNaN() || high.isNaN() || low > high)
    return emitOpError("range [") << low.convertToFloat() << ", " << high.convertToFloat()
                                  << "] is empty";
  return success();
}

LogicalResult UnscaleOp::verify() {
  auto result = llvm::dyn_cast<TensorType>(getResult().getType());
  if (!result || !llvm::isa<FloatType>(result.getElementType()))
    return emitOpError("gives a float tensor");
  return success();
}
