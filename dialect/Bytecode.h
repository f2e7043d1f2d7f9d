//===- Bytecode.h - versions of the dialects in bytecode -----------*- C++ -*-===//
#ifndef DIALECT_BYTECODE_H
#define DIALECT_BYTECODE_H

#include "mlir/Bytecode/BytecodeImplementation.h"

/// Writes the version of a dialect into bytecode and refuses files of a newer
/// one. Raise `Current` when a printed or stored form changes, and read the old
/// form in `upgradeFromVersion`.
template <uint64_t Current>
struct VersionedBytecode : mlir::BytecodeDialectInterface {
  struct Version : mlir::DialectVersion {
    explicit Version(uint64_t number) : number(number) {}
    uint64_t number;
  };

  explicit VersionedBytecode(mlir::Dialect *dialect) : BytecodeDialectInterface(dialect) {}

  void writeVersion(mlir::DialectBytecodeWriter &writer) const override {
    writer.writeVarInt(Current);
  }

  std::unique_ptr<mlir::DialectVersion>
  readVersion(mlir::DialectBytecodeReader &reader) const override {
    uint64_t number = 0;
    if (mlir::failed(reader.readVarInt(number)))
      return nullptr;
    if (number > Current) {
      reader.emitError() << "written by version " << number << " of the "
                         << getDialect()->getNamespace()
                         << " dialect, this compiler reads up to " << Current;
      return nullptr;
    }
    return std::make_unique<Version>(number);
  }
};

#endif // DIALECT_BYTECODE_H
