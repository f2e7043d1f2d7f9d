"""How lit finds and runs these tests; `lit.rs` starts it and hands over the parameters.

Parameters: `bin_dir` (our binaries), `llvm_bin_dir` (FileCheck and its like),
`exec_root` (temporary files), `verify_roundtrip` (see below). By hand:

    lit -v lit-tests -Dbin_dir=target/debug -Dllvm_bin_dir=/usr/lib/llvm-22/bin -Dexec_root=target/lit
"""

import os
import sys

import lit.formats

config.name = "qonnxc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["models", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.abspath(lit_config.params["exec_root"])

path = [lit_config.params[name] for name in ("bin_dir", "llvm_bin_dir")]
config.environment["PATH"] = os.pathsep.join(
    [*map(os.path.abspath, path), config.environment["PATH"]]
)

config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%dialect", os.path.join(config.test_source_root, "..", "dialect")))

# One switch reruns the suite with every input printed and parsed again, as text
# and as bytecode. Not where errors are expected: they would come twice.
if lit_config.params.get("verify_roundtrip"):
    command = r"(?<![\w/.-])qonnx-opt(?= )(?!.*verify-(diagnostics|roundtrip))"
    config.substitutions.append((command, "qonnx-opt --verify-roundtrip"))
