//===- VerifyWindow.cpp - convolutions, pools and what moves whole blocks --------===//
#include "QONNX/QONNX.h"

#include "Shapes.h"

using namespace mlir;
using namespace qonnx;
using shapes::Dims;
using shapes::ranked;
using shapes::verifyList;

/// What all windows have: strides, pads and dilations for each of `spatial` axes of x.
template <typename WindowOp>
static LogicalResult verifyWindow(WindowOp op, size_t spatial) {
  auto x = ranked(op.getX());
  if (x && x.getRank() != static_cast<int64_t>(spatial) + 2)
    return op.emitOpError("slides over ") << spatial << " spatial axes, but the operand has rank "
                                          << x.getRank() << ", expected " << spatial + 2;
  if (failed(verifyList(op, "strides", op.getStrides(), spatial, 1)) ||
      failed(verifyList(op, "pads", op.getPads(), 2 * spatial, 0)))
    return failure();
  return verifyList(op, "dilations", op.getDilations(), spatial, 1);
}

/// The axis of the channels of a tensor of this rank, and of what weights have a group.
template <typename ChannelOp>
static int64_t channelAxis(ChannelOp op, RankedTensorType type) {
  return op.getChannelsLast() ? type.getRank() - 1 : 1;
}

/// Groups divide the channels, and the bias has a value for each output channel.
template <typename ConvLikeOp>
static LogicalResult verifyGroups(ConvLikeOp op, int64_t inputChannels, int64_t outputChannels) {
  int64_t group = op.getGroup();
  if (group < 1)
    return op.emitOpError("group must be at least 1, found ") << group;
  auto x = ranked(op.getX());
  int64_t channels = x ? x.getDimSize(channelAxis(op, x)) : ShapedType::kDynamic;
  if (shapes::bothKnownAndDiffer(channels, inputChannels))
    return op.emitOpError("has weights for ") << inputChannels << " channels in " << group
                                              << " groups, the operand has " << channels;
  if (!ShapedType::isDynamic(outputChannels) && outputChannels % group != 0)
    return op.emitOpError("has ") << outputChannels << " output channels, which " << group
                                  << " groups do not divide";
  if (!op.getBias())
    return success();
  auto bias = ranked(op.getBias());
  if (bias && (bias.getRank() != 1 || shapes::bothKnownAndDiffer(bias.getDimSize(0), outputChannels)))
    return op.emitOpError("bias must be a vector of ") << outputChannels << " values";
  return success();
}

static int64_t times(int64_t dim, int64_t factor) {
  return ShapedType::isDynamic(dim) ? dim : dim * factor;
}

/// Weights have at least one spatial axis, and the window slides over as many.
template <typename ConvLikeOp>
static LogicalResult verifyWeights(ConvLikeOp op, RankedTensorType weights) {
  if (weights.getRank() < 3)
    return op.emitOpError("weights have rank ") << weights.getRank() << ", expected at least one spatial axis";
  return verifyWindow(op, weights.getRank() - 2);
}

LogicalResult ConvOp::verify() {
  auto weights = ranked(getW());
  if (!weights)
    return success();
  if (failed(verifyWeights(*this, weights)))
    return failure();
  return verifyGroups(*this, times(weights.getDimSize(channelAxis(*this, weights)), getGroup()),
                      weights.getDimSize(0));
}

LogicalResult ConvTransposeOp::verify() {
  auto weights = ranked(getW());
  if (!weights)
    return success();
  if (failed(verifyWeights(*this, weights)))
    return failure();
  size_t spatial = weights.getRank() - 2;
  if (failed(verifyList(*this, "output_padding", getOutputPadding(), spatial, 0)))
    return failure();
  if (!getOutputShape().empty() && failed(verifyList(*this, "output_shape", getOutputShape(), spatial, 1)))
    return failure();
  if (!weights.isDynamicDim(0) && getGroup() > 0 && weights.getDimSize(0) % static_cast<int64_t>(getGroup()) != 0)
    return emitOpError("has weights for ") << weights.getDimSize(0) << " channels, which " << getGroup()
                                           << " groups do not divide";
  return verifyGroups(*this, weights.getDimSize(0),
                      times(weights.getDimSize(channelAxis(*this, weights)), getGroup()));
}

template <typename PoolOp>
static LogicalResult verifyPool(PoolOp op) {
  Dims kernel = op.getKernel();
  if (kernel.empty())
    return op.emitOpError("kernel has no spatial axis");
  if (failed(verifyList(op, "kernel", kernel, kernel.size(), 1)))
    return failure();
  return verifyWindow(op, kernel.size());
}

LogicalResult MaxPoolOp::verify() { return verifyPool(*this); }
LogicalResult AveragePoolOp::verify() { return verifyPool(*this); }

LogicalResult SplitOp::verify() {
  if (getResults().empty())
    return emitOpError("has no result");
  return shapes::verifyAxis(*this, getAxis(), getX());
}

LogicalResult ResizeOp::verify() {
  if (static_cast<bool>(getScales()) == static_cast<bool>(getSizes()))
    return emitOpError("needs either scales or sizes");
  return success();
}

static LogicalResult verifyBlock(Operation *op, int64_t block, Value x) {
  if (block < 1)
    return op->emitOpError("block must be at least 1, found ") << block;
  auto type = ranked(x);
  if (type && type.getRank() != 4)
    return op->emitOpError("moves blocks of a tensor of rank 4, found rank ") << type.getRank();
  return success();
}

LogicalResult DepthToSpaceOp::verify() {
  if (failed(verifyBlock(*this, getBlock(), getX())))
    return failure();
  auto x = ranked(getX());
  int64_t patch = getBlock() * getBlock();
  int64_t channels = x ? x.getDimSize(channelAxis(*this, x)) : ShapedType::kDynamic;
  if (!ShapedType::isDynamic(channels) && channels % patch != 0)
    return emitOpError("has ") << channels << " channels, which a block of " << patch
                               << " elements does not divide";
  return success();
}

LogicalResult SpaceToDepthOp::verify() {
  if (failed(verifyBlock(*this, getBlock(), getX())))
    return failure();
  auto x = ranked(getX());
  int64_t height = getChannelsLast() ? 1 : 2;
  for (int64_t axis : {height, height + 1})
    if (x && !x.isDynamicDim(axis) && x.getDimSize(axis) % static_cast<int64_t>(getBlock()) != 0)
      return emitOpError("has ") << x.getDimSize(axis) << " elements along axis " << axis << ", which a block of "
                                 << getBlock() << " does not divide";
  return success();
}
