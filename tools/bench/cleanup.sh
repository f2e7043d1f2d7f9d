#!/usr/bin/env bash
# Measures import and cleanup of qonnxc and of qonnx side by side: tools/bench/cleanup.sh [MODEL.onnx ...]
# (default: all models in $QONNX_MODELS/zoo). `--help` tells more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/qonnxc/cleanup-venv

if ! cmp -s "$here/cleanup-requirements.txt" "$venv/installed.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check install --quiet \
    -r "$here/cleanup-requirements.txt" >&2
  cp "$here/cleanup-requirements.txt" "$venv/installed.txt"
fi
if [[ " $* " != *" --qonnxc"* && " $* " != *" --help "* ]]; then
  (cd "$root" && cargo build --quiet --release --bin qonnxc) >&2
fi
exec "$venv/bin/python" "$here/cleanup.py" "$@"
