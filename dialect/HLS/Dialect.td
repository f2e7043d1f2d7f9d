//===- Dialect.td - the hls dialect ------------------------------*- tablegen -*-===//
#ifndef HLS_DIALECT_TD
#define HLS_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"

def HLS_Dialect : Dialect {
  let name = "hls";
  let cppNamespace = "::hls";
  let summary = "What the hardware computes: integers of proven width";
  let description = [{
    Tensors of signed (`si4`) and unsigned (`ui4`) integers. A result type is wide
    enough for every value that its operands' ranges allow: no operator wraps,
    none saturates but `requantize`, which says so.

    A function with the attribute `hls.kernel` is the hardware's top; functions
    with `hls.layer` are its units, called from there in order. A layer with
    `hls.float` computes the file's own float32 operations between codes and one
    quantizer, where no short integer form gives the same codes.

    `exponent` on an operator, where present, says that its result stands for
    `code * 2^exponent` exactly: the binary point of `ap_fixed` types.
  }];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
}

class HLS_Op<string mnemonic, list<Trait> traits = []> : Op<HLS_Dialect, mnemonic, traits>;

def HLS_IntTensor : Type<
    CPred<"::llvm::isa<::mlir::RankedTensorType>($_self) && "
          "::llvm::cast<::mlir::RankedTensorType>($_self).hasStaticShape() && "
          "::llvm::isa<::mlir::IntegerType>(::llvm::cast<::mlir::TensorType>($_self).getElementType()) && "
          "!::llvm::cast<::mlir::TensorType>($_self).getElementType().isSignlessInteger()">,
    "tensor of signed or unsigned integers with a static shape", "::mlir::RankedTensorType">;

#endif // HLS_DIALECT_TD
