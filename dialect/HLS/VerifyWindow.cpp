//===- VerifyWindow.cpp - convolutions, windows, padding, joins ------------------===//
#include "HLS/HLS.h"

#include "Shapes.h"

using namespace mlir;
using namespace hls;
using shapes::Dims;
using shapes::ranked;
using shapes::verifyList;

/// How often a window fits into an axis; at most 0 where it does not.
static int64_t places(int64_t extent, int64_t window, int64_t stride, int64_t dilation) {
  int64_t rest = extent - ((window - 1) * dilation + 1);
  return rest < 0 ? 0 : rest / stride + 1;
}

static LogicalResult verifyResultDim(Operation *op, int64_t axis, int64_t found, int64_t expected) {
  if (found != expected)
    return op->emitOpError("result dimension ") << axis << " is " << found << ", expected " << expected;
  return success();
}

LogicalResult hls::ConvOp::verify() {
  Dims x = ranked(getX()).getShape(), w = ranked(getW()).getShape(), y = ranked(getResult()).getShape();
  if (x.size() < 3 || w.size() != x.size() || y.size() != x.size())
    return emitOpError("operand, weights and result must have one rank of at least 3, found ")
           << x.size() << ", " << w.size() << " and " << y.size();
  size_t spatial = x.size() - 2;
  if (failed(verifyList(*this, "strides", getStrides(), spatial, 1)) ||
      failed(verifyList(*this, "dilations", getDilations(), spatial, 1)))
    return failure();
  int64_t group = getGroup();
  if (group < 1 || w[1] * group != x[1] || w[0] % group != 0)
    return emitOpError("weights of ") << w[0] << " x " << w[1] << " channels do not fit " << x[1]
                                      << " channels in " << group << " groups";
  if (failed(verifyResultDim(*this, 0, y[0], x[0])) || failed(verifyResultDim(*this, 1, y[1], w[0])))
    return failure();
  for (size_t axis = 0; axis < spatial; ++axis)
    if (failed(verifyResultDim(*this, axis + 2, y[axis + 2],
                               places(x[axis + 2], w[axis + 2], getStrides()[axis], getDilations()[axis]))))
      return failure();
  if (!getBias())
    return success();
  auto bias = ranked(getBias());
  if (bias.getRank() != 1 || bias.getDimSize(0) != w[0])
    return emitOpError("bias must be a vector of ") << w[0] << " values";
  return success();
}

LogicalResult ReduceWindowOp::verify() {
  Dims x = ranked(getX()).getShape(), y = ranked(getResult()).getShape();
  if (y.size() != x.size())
    return emitOpError("result has rank ") << y.size() << ", expected " << x.size();
  if (failed(verifyList(*this, "window", getWindow(), x.size(), 1)) ||
      failed(verifyList(*this, "strides", getStrides(), x.size(), 1)) ||
      failed(verifyList(*this, "dilations", getDilations(), x.size(), 1)))
    return failure();
  for (size_t axis = 0; axis < x.size(); ++axis)
    if (failed(verifyResultDim(*this, axis, y[axis],
                               places(x[axis], getWindow()[axis], getStrides()[axis], getDilations()[axis]))))
      return failure();
  return success();
}

LogicalResult PadOp::verify() {
  constexpr int64_t any = std::numeric_limits<int64_t>::min();
  Dims x = ranked(getX()).getShape(), y = ranked(getResult()).getShape();
  if (y.size() != x.size())
    return emitOpError("result has rank ") << y.size() << ", expected " << x.size();
  if (failed(verifyList(*this, "low", getLow(), x.size(), any)) ||
      failed(verifyList(*this, "high", getHigh(), x.size(), any)) ||
      failed(verifyList(*this, "interior", getInterior(), x.size(), 0)))
    return failure();
  for (size_t axis = 0; axis < x.size(); ++axis) {
    int64_t stretched = x[axis] == 0 ? 0 : (x[axis] - 1) * (getInterior()[axis] + 1) + 1;
    if (failed(verifyResultDim(*this, axis, y[axis], stretched + getLow()[axis] + getHigh()[axis])))
      return failure();
  }
  auto element = llvm::cast<IntegerType>(ranked(getResult()).getElementType());
  int64_t value = getValue(), width = element.getWidth();
  bool fits = element.isSigned() ? width >= 64 || (value >= -(int64_t(1) << (width - 1)) && value < (int64_t(1) << (width - 1)))
                                 : value >= 0 && (width >= 63 || value < (int64_t(1) << width));
  if (!fits)
    return emitOpError("pads with ") << value << ", which " << element << " cannot hold";
  return success();
}

LogicalResult hls::GatherOp::verify() {
  if (failed(shapes::verifyAxis(*this, getAxis(), getX())))
    return failure();
  Dims x = ranked(getX()).getShape(), y = ranked(getResult()).getShape();
  int64_t axis = getAxis();
  axis = axis < 0 ? axis + static_cast<int64_t>(x.size()) : axis;
  if (y.size() != x.size())
    return emitOpError("result has rank ") << y.size() << ", expected " << x.size();
  for (int64_t dim = 0; dim < static_cast<int64_t>(x.size()); ++dim)
    if (failed(verifyResultDim(*this, dim, y[dim], dim == axis ? getIndices().size() : x[dim])))
      return failure();
  for (int64_t index : getIndices())
    if (index < 0 || index >= x[axis])
      return emitOpError("index ") << index << " is outside an axis of " << x[axis] << " elements";
  return success();
}

LogicalResult hls::ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("joins nothing");
  Dims y = ranked(getResult()).getShape();
  int64_t axis = getAxis(), rank = y.size(), extent = 0;
  if (failed(shapes::verifyAxis(*this, axis, getResult())))
    return failure();
  axis = axis < 0 ? axis + rank : axis;
  for (Value input : getInputs()) {
    Dims x = ranked(input).getShape();
    if (static_cast<int64_t>(x.size()) != rank)
      return emitOpError("joins tensors of rank ") << x.size() << " and " << rank;
    for (int64_t dim = 0; dim < rank; ++dim)
      if (dim != axis && failed(verifyResultDim(*this, dim, y[dim], x[dim])))
        return failure();
    extent += x[axis];
  }
  return verifyResultDim(*this, axis, y[axis], extent);
}
