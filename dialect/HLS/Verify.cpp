//===- Verify.cpp - what ODS cannot say of hls operations and forms --------------===//
#include "HLS/HLS.h"

#include "Shapes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hls;
using shapes::ranked;

LogicalResult hls::MatMulOp::verify() {
  if (failed(shapes::verifyContraction(*this, getA(), getB())))
    return failure();
  if (!getBias())
    return success();
  auto bias = ranked(getBias());
  int64_t columns = ranked(getB()).getShape().back();
  if (bias.getRank() != 1 || bias.getDimSize(0) != columns)
    return emitOpError("bias must be a vector of ") << columns << " values";
  return success();
}

LogicalResult hls::ViewOp::verify() {
  return shapes::verifySameElementCount(*this, getX(), getResult());
}

LogicalResult hls::TransposeOp::verify() {
  return shapes::verifyPermutation(*this, getPermutation(), getX(), getResult());
}

LogicalResult hls::ArgMaxOp::verify() { return shapes::verifyAxis(*this, getAxis(), getX()); }
LogicalResult hls::TopKOp::verify() { return shapes::verifyAxis(*this, getAxis(), getX()); }

/// Whether a code of the form can lie outside the integer type; says which.
static std::optional<int64_t> codeOutside(Attribute form, int64_t low, int64_t high) {
  auto outside = [&](ArrayRef<int64_t> codes) -> std::optional<int64_t> {
    for (int64_t code : codes)
      if (code < low || code > high)
        return code;
    return std::nullopt;
  };
  return llvm::TypeSwitch<Attribute, std::optional<int64_t>>(form)
      .Case([&](ConstantFormAttr f) { return outside({f.getCode()}); })
      .Case([&](CompareAttr f) { return outside({f.getBelow(), f.getAbove()}); })
      .Case([&](MulShiftAttr f) -> std::optional<int64_t> {
        if (auto code = outside({f.getLow(), f.getHigh()}))
          return code;
        for (size_t i = 1; i < f.getExceptions().size(); i += 2)
          if (auto code = outside({f.getExceptions()[i]}))
            return code;
        return std::nullopt;
      })
      .Case([&](PiecesAttr f) {
        auto code = codeOutside(f.getBelow(), low, high);
        return code ? code : codeOutside(f.getAbove(), low, high);
      })
      .Case([&](ThresholdsAttr f) { return outside(f.getCodes()); })
      .Case([&](TableAttr f) { return outside(f.getCodes()); })
      .Default([](Attribute) { return std::nullopt; });
}

static bool isForm(Attribute attr) {
  return llvm::isa<ConstantFormAttr, CompareAttr, MulShiftAttr, PiecesAttr, ThresholdsAttr, TableAttr>(attr);
}

LogicalResult RequantizeOp::verify() {
  ArrayRef<int64_t> channels = getChannels();
  ArrayRef<int64_t> shape = ranked(getX()).getShape();
  if (channels.size() > shape.size())
    return emitOpError("has channels of rank ") << channels.size() << " for a tensor of rank " << shape.size();
  int64_t count = 1;
  for (auto [channel, dim] : llvm::zip(llvm::reverse(channels), llvm::reverse(shape))) {
    if (channel != 1 && channel != dim)
      return emitOpError("has ") << channel << " channels along a dimension of " << dim;
    count *= channel;
  }
  if (static_cast<int64_t>(getForms().size()) != count)
    return emitOpError("has ") << getForms().size() << " forms for " << count << " channels";
  auto element = llvm::cast<IntegerType>(ranked(getResult()).getElementType());
  if (element.getWidth() < 1 || element.getWidth() > 62)
    return emitOpError("gives codes of 1 to 62 bits, found ") << element.getWidth();
  int64_t width = element.getWidth();
  int64_t low = element.isSigned() ? -(int64_t(1) << (width - 1)) : 0;
  int64_t high = (int64_t(1) << (element.isSigned() ? width - 1 : width)) - 1;
  for (auto [index, form] : llvm::enumerate(getForms())) {
    if (!isForm(form))
      return emitOpError("channel ") << index << " has no requantizer form, found " << form;
    if (auto code = codeOutside(form, low, high))
      return emitOpError("channel ") << index << " gives code " << *code << ", which " << element
                                     << " cannot hold";
  }
  return success();
}

LogicalResult MulShiftAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t, int64_t,
                                   int64_t shift, hls::Rounding, int64_t low, int64_t high,
                                   ArrayRef<int64_t> exceptions) {
  if (shift < 0 || shift > 126)
    return emitError() << "shift must lie in [0, 126], found " << shift;
  if (low > high)
    return emitError() << "clamp range [" << low << ", " << high << "] is empty";
  if (exceptions.size() % 2)
    return emitError() << "exceptions are pairs of input and code, found " << exceptions.size() << " numbers";
  return success();
}

LogicalResult PiecesAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t, Attribute below,
                                 Attribute above) {
  if (!isForm(below) || !isForm(above))
    return emitError() << "pieces must be requantizer forms";
  return success();
}

LogicalResult ThresholdsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                     ArrayRef<int64_t> thresholds, ArrayRef<int64_t> codes) {
  if (codes.size() != thresholds.size() + 1)
    return emitError() << thresholds.size() << " thresholds need " << thresholds.size() + 1
                       << " codes, found " << codes.size();
  for (size_t i = 1; i < thresholds.size(); ++i)
    if (thresholds[i - 1] >= thresholds[i])
      return emitError() << "thresholds must rise, found " << thresholds[i - 1] << " before " << thresholds[i];
  return success();
}
