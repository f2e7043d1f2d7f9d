#!/usr/bin/env bash
# Measures qonnxc and hls4ml side by side on dense models: tools/bench/peer.sh [MODEL.onnx ...]
# (default: dense models of the folder $QONNX_MODELS). `--help` tells more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$("$root/tools/venv.sh" "$here/peer-requirements.txt" peer)
if [[ " $* " != *" --qonnxc"* && " $* " != *" --help "* ]]; then
  (cd "$root" && cargo build --quiet --release --bin qonnxc) >&2
fi
exec "$python" "$here/peer.py" "$@"
