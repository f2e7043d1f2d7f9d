"""Raises the version of the one versioned dialect in an MLIR bytecode file.

    raise_version.py IN OUT

A version is a section of its own (mlir/Bytecode/Encoding.h): its id 7, its
length and the number, both as variable-width integers, 2 * value + 1.
"""

import sys

SECTION = bytes([7, 2 * 1 + 1])
VERSION, NEWER = bytes([2 * 1 + 1]), bytes([2 * 2 + 1])

source, target = sys.argv[1:]
with open(source, "rb") as file:
    code = file.read()
if code.count(SECTION + VERSION) != 1:
    sys.exit(f"{source}: expected one dialect with a version, which is 1")
with open(target, "wb") as file:
    file.write(code.replace(SECTION + VERSION, SECTION + NEWER))
