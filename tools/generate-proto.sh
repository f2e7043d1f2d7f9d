#!/usr/bin/env bash
# Writes src/onnx/proto.rs from the onnx.proto inside the pinned `onnx` wheel.
#
#   tools/generate-proto.sh          write the file
#   tools/generate-proto.sh --check  exit 1 if the file differs from what would be written
#
# Needs cargo, rustfmt and pip, and a network for both; no protoc.
set -euo pipefail

onnx_version=1.23.2
prost_version=0.14.6
protox_version=0.10.0

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target="$root/src/onnx/proto.rs"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m pip download --quiet --no-deps --only-binary=:all: \
    --dest "$work/wheel" "onnx==$onnx_version"
python3 -m zipfile -e "$work"/wheel/onnx-*.whl "$work/unpacked"

mkdir -p "$work/generator/src"
cat > "$work/generator/Cargo.toml" <<TOML
[package]
name = "generator"
version = "0.0.0"
edition = "2024"

[dependencies]
prost-build = "=$prost_version"
protox = "=$protox_version"
TOML
# Comments stay behind: the indented ones would become doc tests.
cat > "$work/generator/src/main.rs" <<'RUST'
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let descriptors = protox::compile(["onnx/onnx.proto"], [&arguments[1]])?;
    prost_build::Config::new()
        .bytes(["."])
        .disable_comments(["."])
        .out_dir(&arguments[2])
        .compile_fds(descriptors)?;
    Ok(())
}
RUST
mkdir "$work/out"
cargo run --quiet --manifest-path "$work/generator/Cargo.toml" -- "$work/unpacked" "$work/out"

{
    cat <<HEADER
//! ONNX's protobuf messages as Rust structs.
//!
//! Written by \`tools/generate-proto.sh\` from \`onnx/onnx.proto\` of the \`onnx\`
//! $onnx_version wheel (SPDX-License-Identifier: Apache-2.0) with \`prost-build\`
//! $prost_version; do not edit. What each message and field means stands in that file.
//! \`bytes\` fields are [\`bytes::Bytes\`], so decoding from a \`Bytes\` buffer shares
//! the tensors' data with the buffer.
#![allow(missing_docs, clippy::all, clippy::pedantic)]

HEADER
    cat "$work/out/onnx.rs"
} > "$work/proto.rs"
rustfmt --edition 2024 "$work/proto.rs"

if [[ "${1:-}" == --check ]]; then
    diff -u "$target" "$work/proto.rs"
else
    cp "$work/proto.rs" "$target"
fi
