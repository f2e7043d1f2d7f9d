#!/usr/bin/env bash
# Measures import and cleanup of qonnxc and of qonnx side by side: tools/bench/cleanup.sh [MODEL.onnx ...]
# (default: all models in $QONNX_MODELS/zoo). `--help` tells more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$("$root/tools/venv.sh" "$here/cleanup-requirements.txt" cleanup)
if [[ " $* " != *" --qonnxc"* && " $* " != *" --help "* ]]; then
  (cd "$root" && cargo build --quiet --release --bin qonnxc) >&2
fi
exec "$python" "$here/cleanup.py" "$@"
