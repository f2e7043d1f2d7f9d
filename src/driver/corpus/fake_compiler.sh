#!/bin/sh
# Stands in for qonnxc in the tests of the corpus runner: the model's name says what it does.
# `run` gives back the golden outputs, which it finds in the file with the inputs.
case "$1:$2" in
  compile:*refuse*) echo "error: node 'fc1' has no weights" >&2; exit 1 ;;
  compile:*panic*) echo "thread 'main' panicked at src/x.rs:1:2" >&2; exit 1 ;;
  compile:*abort*) kill -ABRT $$ ;;
  compile:*hang*) sleep 30 ;;
  compile:*) mkdir -p "$4"; echo '{"requantizers": {"shift": 2}}' > "$4/report.json" ;;
  run:*wrong*) cp "$(dirname "$2")/wrong.npz" "$6" ;;
  run:*) cp "$4" "$6"; echo '{"gxx_seconds": 1.5, "samples_per_second": 10}' ;;
esac
