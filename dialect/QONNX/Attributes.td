//===- Attributes.td - enumerations of the qonnx dialect --------*- tablegen -*-===//
#ifndef QONNX_ATTRIBUTES_TD
#define QONNX_ATTRIBUTES_TD

include "mlir/IR/EnumAttr.td"

/// Rounding modes of Quant, Trunc and FloatQuant.
/// Source: `qonnx/custom_op/general/quant.py`, `resolve_rounding_mode`.
def QONNX_RoundingMode : I32EnumAttr<"RoundingMode", "how a quantizer rounds", [
    I32EnumAttrCase<"HalfEven", 0, "half_even">,
    I32EnumAttrCase<"Ceil", 1, "ceil">,
    I32EnumAttrCase<"Floor", 2, "floor">,
    I32EnumAttrCase<"Up", 3, "up">,
    I32EnumAttrCase<"Down", 4, "down">,
    I32EnumAttrCase<"HalfUp", 5, "half_up">,
    I32EnumAttrCase<"HalfDown", 6, "half_down">]> {
  let cppNamespace = "::qonnx";
}

/// ONNX's `auto_pad`.
def QONNX_AutoPad : I32EnumAttr<"AutoPad", "where a window's padding comes from", [
    I32EnumAttrCase<"Notset", 0, "notset">,
    I32EnumAttrCase<"SameUpper", 1, "same_upper">,
    I32EnumAttrCase<"SameLower", 2, "same_lower">,
    I32EnumAttrCase<"Valid", 3, "valid">]> {
  let cppNamespace = "::qonnx";
}

def QONNX_Reduction : I32EnumAttr<"Reduction", "what a reduction makes of values", [
    I32EnumAttrCase<"Sum", 0, "sum">,
    I32EnumAttrCase<"Mean", 1, "mean">,
    I32EnumAttrCase<"Prod", 2, "prod">,
    I32EnumAttrCase<"Min", 3, "min">,
    I32EnumAttrCase<"Max", 4, "max">]> {
  let cppNamespace = "::qonnx";
}

def QONNX_PadMode : I32EnumAttr<"PadMode", "where padded elements come from", [
    I32EnumAttrCase<"Constant", 0, "constant">,
    I32EnumAttrCase<"Reflect", 1, "reflect">,
    I32EnumAttrCase<"Edge", 2, "edge">,
    I32EnumAttrCase<"Wrap", 3, "wrap">]> {
  let cppNamespace = "::qonnx";
}

/// ONNX Resize: `coordinate_transformation_mode`.
def QONNX_CoordinateTransform : I32EnumAttr<"CoordinateTransform", "how a result's position maps to the operand", [
    I32EnumAttrCase<"HalfPixel", 0, "half_pixel">,
    I32EnumAttrCase<"HalfPixelSymmetric", 1, "half_pixel_symmetric">,
    I32EnumAttrCase<"PytorchHalfPixel", 2, "pytorch_half_pixel">,
    I32EnumAttrCase<"AlignCorners", 3, "align_corners">,
    I32EnumAttrCase<"Asymmetric", 4, "asymmetric">]> {
  let cppNamespace = "::qonnx";
}

/// ONNX Resize: `nearest_mode`.
def QONNX_NearestMode : I32EnumAttr<"NearestMode", "how a position between elements rounds", [
    I32EnumAttrCase<"RoundPreferFloor", 0, "round_prefer_floor">,
    I32EnumAttrCase<"RoundPreferCeil", 1, "round_prefer_ceil">,
    I32EnumAttrCase<"Floor", 2, "floor">,
    I32EnumAttrCase<"Ceil", 3, "ceil">]> {
  let cppNamespace = "::qonnx";
}

#endif // QONNX_ATTRIBUTES_TD
