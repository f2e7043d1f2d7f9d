#!/usr/bin/env bash
# The example of the README: sets up, builds, compiles a digit recognizer to a C++ project
# and runs its testbench. The project stays in the folder named (default: out/digits_mlp).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$root/out/digits_mlp}

"$root/tools/setup.sh"
(cd "$root" && cargo build --quiet --release --bin qonnxc)
"$root/target/release/qonnxc" compile "$root/lit-tests/models/digits_mlp.onnx" \
  --vectors "$root/lit-tests/models/digits_mlp.npz" -o "$out"
make -s -C "$out" csim AP_TYPES="$("$root/tools/ap-types.sh")"
