//===- QONNX.h - the qonnx dialect's C++ classes -------------------*- C++ -*-===//
#ifndef QONNX_QONNX_H
#define QONNX_QONNX_H

#include "mlir/Bytecode/BytecodeImplementation.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Traits.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "QONNXDialect.h.inc"
#include "QONNXEnums.h.inc"

#define GET_OP_CLASSES
#include "QONNXOps.h.inc"

#endif // QONNX_QONNX_H
