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

#endif // QONNX_ATTRIBUTES_TD
