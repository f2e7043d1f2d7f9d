"""Parses and verifies each `mlir` block in the descriptions of TableGen files.

    check_ods_examples.py FOLDER

A block may use values that it does not define: they become arguments of a
function around it, with the types that its operations state. Blocks of passes
have two parts, below `// before` and `// after`, each on its own.
"""

import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"```mlir\n(.*?)```", re.DOTALL)
PARTS = re.compile(r"^\s*// (?:before|after).*\n", re.MULTILINE)
# An operation ends with its functional type; a constant has none, nor operands.
OPERATION = re.compile(r"^\s*(?:(%[^=]*?) = )?(\w+\.\w+)((?:(?!\n *%).)*?) : \((.*?)\) -> ", re.MULTILINE | re.DOTALL)
# A cast of upstream has one operand: `op %x : type to type`.
CAST = re.compile(r"^\s*(?:%\w+ = )?\w+\.\w+ (%\w+) : (tensor<.*>) to ", re.MULTILINE)
RESULTS = re.compile(r"^\s*(%.*?) =", re.MULTILINE)
VALUE = re.compile(r"%\w+")


def arguments(part):
    """The values that the part uses and does not define, with their types."""
    defined = {name for names in RESULTS.findall(part) for name in VALUE.findall(names)}
    found = {}
    for _, operation, operands, types in OPERATION.findall(part):
        names, types = VALUE.findall(operands), re.split(r", (?=tensor)", types) if types else []
        if len(names) != len(types):
            raise ValueError(f"{operation} has {len(names)} operands and {len(types)} types")
        found.update((name, type) for name, type in zip(names, types) if name not in defined)
    found.update((name, type) for name, type in CAST.findall(part) if name not in defined)
    return ", ".join(f"{name}: {type}" for name, type in found.items())


def program(part):
    """A function around the part, which is operations or one attribute."""
    if part.strip().startswith("#"):
        return f"func.func private @example() attributes {{example = {part.strip()}}}\n"
    return f"func.func @example({arguments(part)}) {{\n{part}  return\n}}\n"


def complaint(part):
    """What is wrong with the part, or nothing."""
    try:
        source = program(part)
    except ValueError as error:
        return str(error)
    command = ["qonnx-opt", "--verify-roundtrip", "-"]
    result = subprocess.run(command, input=source, capture_output=True, text=True)
    return result.stderr if result.returncode else ""


def examples(folder):
    """File, line and text of each part of each block."""
    for path in sorted(pathlib.Path(folder).rglob("*.td")):
        text = path.read_text()
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            for part in PARTS.split(block[1]):
                if part.strip():
                    yield path, line, part


def main(folder):
    checked = failed = 0
    for path, line, part in examples(folder):
        checked += 1
        if message := complaint(part):
            failed += 1
            print(f"{path}:{line}: the example does not hold:\n{part}{message}", file=sys.stderr)
    print(f"{checked} examples, {failed} wrong")
    return 1 if failed or not checked else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
