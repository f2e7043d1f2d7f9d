#!/usr/bin/env bash
# Installs what the build and the tests need on Debian 12, as root or through sudo:
# system packages with apt, and the ap_int headers of the C++ tests (tools/ap-types.sh).
# Idempotent; says and does nothing where all is there. Rust is not installed here.
set -euo pipefail

packages=(
  # MLIR, its tools (mlir-tblgen, FileCheck, lit) and what its static libraries link to
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools libpolly-22-dev
  zlib1g-dev libzstd-dev
  # clang compiles the dialects' C++, libclang reads its headers for Rust
  clang-22 libclang-22-dev
  # C simulation of the exported projects
  g++ make
  # lit, the model scripts, the fetch of the ap_int headers
  python3 python3-pip python3-venv
)

fail() {
  echo "tools/setup.sh: $*" >&2
  exit 1
}

missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null) || true
  for package in "${packages[@]}"; do
    grep -qx "installed $package" <<<"$installed" || echo "$package"
  done
}

install_packages() {
  local root=() log
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || fail "missing: $*; run as root, or install sudo"
    root=(sudo)
  fi
  log=$(mktemp)
  echo "tools/setup.sh: installing $*" >&2
  if ! { "${root[@]}" apt-get update &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install the packages (whole log: $log); LLVM 22 is in Debian 12's security archive: is that among apt's sources?"
  fi
  rm -f "$log"
}

[[ -r /etc/debian_version ]] && command -v apt-get >/dev/null ||
  fail "this is not Debian; install the counterparts of these packages yourself: ${packages[*]}"
mapfile -t missing < <(missing_packages)
[[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
command -v cargo >/dev/null || fail "no cargo found: install Rust 1.95 or newer (rustup.rs)"
"$(dirname "$0")/ap-types.sh" >/dev/null
