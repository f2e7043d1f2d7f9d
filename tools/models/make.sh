#!/usr/bin/env bash
# Makes the example models of lit-tests/models again, with their golden vectors and manifest.
# Only needed when tools/models changes: the results are checked in.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/qonnxc/models-venv

if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check install --quiet \
    -r "$here/requirements.txt" >&2
  cp "$here/requirements.txt" "$venv/installed.txt"
fi
exec "$venv/bin/python" "$here/make_models.py" "${1:-$here/../../lit-tests/models}"
