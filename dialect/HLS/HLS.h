//===- HLS.h - the hls dialect's C++ classes -----------------------*- C++ -*-===//
#ifndef HLS_HLS_H
#define HLS_HLS_H

#include "mlir/Bytecode/BytecodeImplementation.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Traits.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "HLSDialect.h.inc"
#include "HLSEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "HLSAttributes.h.inc"

#define GET_OP_CLASSES
#include "HLSOps.h.inc"

#endif // HLS_HLS_H
