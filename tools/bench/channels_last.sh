#!/usr/bin/env bash
# Measures the conversion to channels last, qonnxc's and that of the Python package qonnx:
# tools/bench/channels_last.sh [MODEL.onnx ...] (default: those of $QONNX_MODELS with convolutions).
# BENCH_PYTHON names a Python that has qonnx; without it one is set up.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/qonnxc/peer-venv

if [[ -z ${BENCH_PYTHON:-} ]]; then
  if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip --disable-pip-version-check install --quiet -r "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$venv/installed.txt"
  fi
  BENCH_PYTHON=$venv/bin/python
fi
(cd "$root" && cargo build --quiet --release --bin qonnxc) >&2
exec "$BENCH_PYTHON" "$here/channels_last.py" --qonnxc "$root/target/release/qonnxc" "$@"
