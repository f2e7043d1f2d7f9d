#!/usr/bin/env bash
# Makes the example models of lit-tests/models again, with their golden vectors and manifest.
# Only needed when tools/models changes: the results are checked in.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$("$here/../venv.sh" "$here/requirements.txt" models)
exec "$python" "$here/make_models.py" "${1:-$here/../../lit-tests/models}"
