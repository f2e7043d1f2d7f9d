//===- Dialect.td - the qonnx dialect ----------------------------*- tablegen -*-===//
#ifndef QONNX_DIALECT_TD
#define QONNX_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"

def QONNX_Dialect : Dialect {
  let name = "qonnx";
  let cppNamespace = "::qonnx";
  let summary = "What a QONNX file says: ONNX operators and arbitrary-precision quantizers";
  let description = [{
    Operators have ONNX's names, operands and defaults, with every optional
    attribute written out by the importer; the meaning of each is the one of the
    QONNX executor (float32, op by op), given once in the evaluator. The location
    of an operation is the name of its ONNX node.

    A few operators exist only between the file and the hardware: `quantize`,
    `binarize`, `count_thresholds` and `unscale` are the parts into which
    `qonnx-split-quant` takes the quantizers of the file.

    ```mlir
    %y = qonnx.relu %x : (tensor<1x64xf32>) -> tensor<1x64xf32>
    ```
  }];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 0;
}

class QONNX_Op<string mnemonic, list<Trait> traits = []>
    : Op<QONNX_Dialect, mnemonic, traits>;

#endif // QONNX_DIALECT_TD
