//===- Dialect.cpp - registration of the hls dialect --------------------------===//
#include "HLS/HLS.h"

#include "Bytecode.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "HLSDialect.cpp.inc"
#include "HLSEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "HLSAttributes.cpp.inc"

#define GET_OP_CLASSES
#include "HLSOps.cpp.inc"

void hls::HLSDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "HLSAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "HLSOps.cpp.inc"
      >();
  addInterfaces<VersionedBytecode<1>>();
}

Operation *hls::HLSDialect::materializeConstant(OpBuilder &builder,
                                                Attribute value, Type type,
                                                Location loc) {
  auto elements = llvm::dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}
