#!/usr/bin/env bash
# Prints the Python of a virtual environment that has what a list names, set up where it is missing or the list is
# another: tools/venv.sh REQUIREMENTS.txt NAME
set -euo pipefail
venv=${XDG_CACHE_HOME:-$HOME/.cache}/qonnxc/$2-venv

if ! cmp -s "$1" "$venv/installed.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check install --quiet -r "$1" >&2
  cp "$1" "$venv/installed.txt"
fi
echo "$venv/bin/python"
