#!/usr/bin/env bash
# Measures qonnxc and hls4ml side by side on dense models: tools/bench/peer.sh [MODEL.onnx ...]
# (default: dense models of the folder $QONNX_MODELS). `--help` tells more.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/qonnxc/peer-venv

if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check install --quiet \
    -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$venv/installed.txt"
fi
if [[ " $* " != *" --qonnxc"* && " $* " != *" --help "* ]]; then
  (cd "$root" && cargo build --quiet --release --bin qonnxc) >&2
fi
exec "$venv/bin/python" "$here/peer.py" "$@"
