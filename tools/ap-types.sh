#!/usr/bin/env bash
# Prints a folder with the ap_int headers (Apache-2.0) that C simulation compiles against.
# They are taken from the pinned wheel of hls4ml on PyPI at the first call, and kept.
set -euo pipefail

pin='hls4ml==1.3.0 --hash=sha256:01bf1de2cd9bca56699b9fe3385cb1735026b022f9580fe1d73faf192dfb90f2'
cache=${XDG_CACHE_HOME:-$HOME/.cache}/qonnxc
headers=$cache/ap_types

# In a subshell, so that its temporary folder goes when it ends, however it ends.
fetch() (
  python=python3
  # A python without pip may come first in PATH; Debian's has it (python3-pip).
  "$python" -m pip --version >/dev/null 2>&1 || python=/usr/bin/python3
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "$pin" >"$work/pin.txt"
  "$python" -m pip --disable-pip-version-check download --quiet --no-deps \
    --only-binary :all: --require-hashes -r "$work/pin.txt" -d "$work" >&2
  "$python" - "$work" <<'PY'
import pathlib, sys, zipfile

work = pathlib.Path(sys.argv[1])
(wheel,) = work.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    prefix = "hls4ml/templates/vivado/ap_types/"
    archive.extractall(work, [n for n in archive.namelist() if n.startswith(prefix)])
PY
  mv "$work/pin.txt" "$work/hls4ml/templates/vivado/ap_types/pin.txt"
  rm -rf "$headers"
  mv "$work/hls4ml/templates/vivado/ap_types" "$headers"
)

[[ -f $headers/ap_int.h && $(cat "$headers/pin.txt" 2>/dev/null) == "$pin" ]] || fetch
echo "$headers"
