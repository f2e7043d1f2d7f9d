//===- Dialect.cpp - registration of the qonnx dialect -----------------------===//
#include "QONNX/QONNX.h"

#include "mlir/IR/TypeUtilities.h"

#include "Bytecode.h"

using namespace mlir;

#include "QONNXDialect.cpp.inc"
#include "QONNXEnums.cpp.inc"

#define GET_OP_CLASSES
#include "QONNXOps.cpp.inc"

void qonnx::QONNXDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "QONNXOps.cpp.inc"
      >();
  addInterfaces<VersionedBytecode<1>>();
}

Operation *qonnx::QONNXDialect::materializeConstant(OpBuilder &builder,
                                                    Attribute value, Type type,
                                                    Location loc) {
  auto elements = llvm::dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}
