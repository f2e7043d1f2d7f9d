#!/usr/bin/env bash
# All tests, from a fresh clone: installs what is missing, builds, runs unit and lit tests.
# Arguments go to `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup.sh
exec cargo test --workspace --release "$@"
