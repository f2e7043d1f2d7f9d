//===- Verify.cpp - what ODS cannot say of qonnx operations --------------------===//
#include "QONNX/QONNX.h"

#include "Shapes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

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
  int64_t channels = x ? x.getDimSize(getChannelsLast() ? x.getRank() - 1 : 1) : ShapedType::kDynamic;
  for (Value parameter : {getScale(), getBias(), getMean(), getVariance()}) {
    auto type = ranked(parameter);
    if (!type)
      continue;
    if (type.getRank() != 1)
      return emitOpError("parameter has rank ") << type.getRank() << ", expected one value a channel";
    if (shapes::bothKnownAndDiffer(type.getDimSize(0), channels))
      return emitOpError("parameter has ") << type.getDimSize(0) << " values for " << channels << " channels";
  }
  if (!(getEpsilon().convertToFloat() >= 0))
    return emitOpError("epsilon must not be negative");
  return success();
}

LogicalResult LayerNormalizationOp::verify() { return shapes::verifyAxis(*this, getAxis(), getX()); }
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
  if (!type.getElementType().isIntOrFloat())
    return emitOpError("resource holds integers or floats, found ") << type.getElementType();
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
  int64_t axis = getAxis(); // ODS gives it without its sign
  if (x && (axis < -x.getRank() || axis > x.getRank()))
    return emitOpError("axis ") << axis << " is outside a tensor of rank " << x.getRank();
  return shapes::verifySameElementCount(*this, getX(), getResult());
}

LogicalResult TransposeOp::verify() {
  return shapes::verifyPermutation(*this, getPermutation(), getX(), getResult());
}

LogicalResult GatherOp::verify() { return shapes::verifyAxis(*this, getAxis(), getX()); }
LogicalResult ScatterOp::verify() {
  for (Value operand : getOperands())
    if (auto vector = ranked(operand); vector && vector.getRank() != 1)
      return emitOpError("takes vectors, found ") << operand.getType();
  auto indices = ranked(getIndices()), updates = ranked(getUpdates());
  if (indices && updates && shapes::bothKnownAndDiffer(indices.getDimSize(0), updates.getDimSize(0)))
    return emitOpError("has ") << updates.getDimSize(0) << " updates for " << indices.getDimSize(0)
                               << " indices";
  return success();
}
LogicalResult ArgMaxOp::verify() { return shapes::verifyAxis(*this, getAxis(), getX()); }
LogicalResult TopKOp::verify() { return shapes::verifyAxis(*this, getAxis(), getX()); }

LogicalResult ConcatOp::verify() {
  for (Value input : getInputs())
    if (failed(shapes::verifyAxis(*this, getAxis(), input)))
      return failure();
  return success();
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

/// One row of thresholds for all channels or one row for each.
template <typename ThresholdOp>
static LogicalResult verifyThresholds(ThresholdOp op) {
  auto x = ranked(op.getX()), thresholds = ranked(op.getThresholds());
  int64_t axis = op.getChannelAxis();
  if (thresholds && thresholds.getRank() != 2)
    return op.emitOpError("thresholds have rank ") << thresholds.getRank()
                                                   << ", expected one row a channel";
  if (failed(shapes::verifyAxis(op, axis, op.getX())))
    return failure();
  if (!x || !thresholds || thresholds.getDimSize(0) == 1)
    return success();
  int64_t channels = x.getDimSize(axis < 0 ? axis + x.getRank() : axis);
  if (shapes::bothKnownAndDiffer(thresholds.getDimSize(0), channels))
    return op.emitOpError("has thresholds for ") << thresholds.getDimSize(0)
                                                 << " channels, the operand has " << channels;
  return success();
}

/// Whether integers from `low` to `high` are values of the element type.
static LogicalResult verifyCodesFit(Operation *op, double low, double high, Value result) {
  auto element = llvm::cast<IntegerType>(llvm::cast<TensorType>(result.getType()).getElementType());
  int width = element.getWidth();
  double least = element.isSigned() ? -std::ldexp(1.0, width - 1) : 0;
  double greatest = std::ldexp(1.0, element.isSigned() ? width - 1 : width) - 1;
  if (low < least || high > greatest)
    return op->emitOpError() << llvm::formatv(
               "gives codes from {0:F0} to {1:F0}, which '{2}' cannot hold", low, high, element);
  return success();
}

LogicalResult MultiThresholdOp::verify() { return verifyThresholds(*this); }

LogicalResult CountThresholdsOp::verify() {
  if (failed(verifyThresholds(*this)))
    return failure();
  auto thresholds = ranked(getThresholds());
  if (!thresholds || thresholds.isDynamicDim(1))
    return success();
  return verifyCodesFit(*this, 0, thresholds.getDimSize(1), getResult());
}

LogicalResult BinarizeOp::verify() { return verifyCodesFit(*this, -1, 1, getResult()); }

LogicalResult QuantizeOp::verify() {
  APFloat low = getLow(), high = getHigh();
  if (low.isNaN() || high.isNaN() || low > high)
    return emitOpError("range [") << low.convertToFloat() << ", " << high.convertToFloat()
                                  << "] is empty";
  // A limit between two integers may round to either: refuse only what no mode makes fit.
  return verifyCodesFit(*this, std::ceil(low.convertToFloat()), std::floor(high.convertToFloat()),
                        getResult());
}

LogicalResult UnscaleOp::verify() {
  auto result = llvm::dyn_cast<TensorType>(getResult().getType());
  if (!result || !llvm::isa<FloatType>(result.getElementType()))
    return emitOpError("gives a float tensor");
  return success();
}
