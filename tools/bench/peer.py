#!/usr/bin/env python3
"""Measures qonnxc and hls4ml side by side: the same models, vectors, machine and run.

Each model is one file with golden vectors beside it (MODEL.npz, or MODEL.grid.npz where the input
has no quantizer). "right" means: within 32 float32 steps of the largest golden value, for both
compilers, so only a float tail's rounding is forgiven; "argmax" is the share of samples whose
largest output is the right one. Seconds are wall time, one compiler at a time.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
DENSE = """tfc_1w1a tfc_2w2a finn_tfc_w1a1_multithreshold unsw_nb15_mlp_w2a2 qkeras_jettagging hawq_jets
qkeras_qdense_0 qkeras_qdense2_5 bnn_model_fc_1layer chisel4ml_bnn_simple_model""".split()


def vectors_of(model: pathlib.Path) -> tuple[pathlib.Path, list[str]]:
    """The golden vectors, and what `qonnxc` must be told of the inputs' format for them."""
    grid = model.with_suffix(".grid.npz")
    if not grid.exists():
        return model.with_suffix(".npz"), []
    manifest = json.loads((model.parent.parent / "manifest.json").read_text())
    entry = next(e for e in manifest[model.parent.name] if e["name"] == model.stem)
    formats = [f"{i['name']}={entry['grid_format']}" for i in entry["inputs"]]
    return grid, [word for f in formats for word in ("--input-format", f)]


def call(command: list, limit: float) -> tuple[str, float]:
    """Standard output and seconds. Raises RuntimeError with the first line of a failure."""
    start = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"no end within {limit:g} s") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise RuntimeError(lines[0][:200])
    return done.stdout, time.perf_counter() - start


def ours(options, model, vectors, formats, work) -> dict:
    facts = {}
    outputs = work / "qonnxc.npz"
    try:
        _, facts["convert"] = call([options.qonnxc, "compile", model, "-o", work / "out", *formats], options.timeout)
        run = [options.qonnxc, "run", model, "--inputs", vectors, "--outputs", outputs]
        text, _ = call([*run, "--engine", "cpp", "--json", *formats], options.timeout)
        said = json.loads(text)
        facts |= {"gxx": said.get("gxx_seconds"), "speed": said.get("samples_per_second")}
        return facts | compare(vectors, outputs)
    except (RuntimeError, ValueError, OSError) as error:
        return facts | {"error": str(error)}


def hls4ml(options, model, vectors, work) -> dict:
    try:
        text, _ = call([sys.executable, HERE / "hls4ml_worker.py", model, vectors, work], options.timeout)
        said = json.loads(text)
        facts = {
            "prepare": said.get("prepare_seconds"),
            "convert": said.get("convert_seconds"),
            "gxx": said.get("gxx_seconds"),
            "speed": said.get("samples_per_second"),
        }
        if "error" in said:
            return facts | {"error": said["error"]}
        return facts | compare(vectors, work / "hls4ml.npz")
    except (RuntimeError, ValueError) as error:
        return {"error": str(error)}


def compare(golden: pathlib.Path, found: pathlib.Path) -> dict:
    right, argmax = [], None
    with np.load(golden) as want, np.load(found) as got:
        for k in range(sum(name.startswith("out") for name in want.files)):
            x = want[f"out{k}"].reshape(len(want[f"out{k}"]), -1).astype(np.float64)
            y = got[f"out{k}"].reshape(x.shape).astype(np.float64)
            if set(np.unique(x)) <= {-1.0, 1.0} and set(np.unique(y)) <= {0.0, 1.0}:
                y = 2 * y - 1  # hls4ml's xnor type answers 0 and 1; its own tests map them so
            step = float(np.spacing(np.float32(np.abs(x).max())))
            right.append(float((np.abs(x - y) <= 32 * step).mean()))
            if k == 0 and x.shape[1] > 1:
                argmax = float((x.argmax(1) == y.argmax(1)).mean())
    return {"right": min(right), "argmax": argmax}


def row(model: str, who: str, facts: dict) -> str:
    def number(key, form):
        value = facts.get(key)
        return format("-" if value is None else format(value, form), ">9")

    columns = [number("prepare", ".2f"), number("convert", ".3f"), number("gxx", ".2f"), number("speed", ".0f")]
    columns += [number("right", ".1%"), number("argmax", ".1%")]
    return f"{model:30} {who:7} {' '.join(columns)}  {facts.get('error', '')}".rstrip()


def ratios(us: dict, peer: dict) -> str:
    def ratio(name, a, b):
        return f"{name} {a / b:.1f}x" if a and b else ""

    def total(facts, *keys):
        return sum(facts.get(key) or 0.0 for key in keys)

    parts = [
        ratio("to C++", total(peer, "prepare", "convert"), total(us, "convert")),
        ratio("g++", peer.get("gxx"), us.get("gxx")),
        ratio("simulation", us.get("speed"), peer.get("speed")),
    ]
    both = "error" not in us and "error" not in peer
    return "faster by: " + ", ".join(p for p in parts if p) if both else ""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=pathlib.Path, help="default: dense models in $QONNX_MODELS/zoo")
    default = HERE.parent.parent / os.environ.get("CARGO_TARGET_DIR", "target") / "release/qonnxc"
    parser.add_argument("--qonnxc", default=default, help="the compiler (default: build this tree's)")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one step")
    parser.add_argument("--json", action="store_true", help="one JSON line a model instead of the table")
    options = parser.parse_args()
    if not options.models:
        if "QONNX_MODELS" not in os.environ:
            parser.error("name models, or set QONNX_MODELS to a folder that has zoo/*.onnx")
        zoo = pathlib.Path(os.environ["QONNX_MODELS"]) / "zoo"
        options.models = [zoo / f"{name}.onnx" for name in DENSE if (zoo / f"{name}.onnx").exists()]
    return options


def main():
    options = arguments()
    if not options.json:
        titles = ["prepare s", "convert s", "g++ s", "samples/s", "right", "argmax"]
        print(f"{'model':30} {'who':7} {' '.join(f'{t:>9}' for t in titles)}")
    for path in options.models:
        model = path.resolve()
        with tempfile.TemporaryDirectory() as folder:
            vectors, formats = vectors_of(model)
            us = ours(options, model, vectors, formats, pathlib.Path(folder))
            peer = hls4ml(options, model, vectors, pathlib.Path(folder))
        if options.json:
            print(json.dumps({"model": model.stem, "qonnxc": us, "hls4ml": peer}), flush=True)
        else:
            print(row(model.stem, "qonnxc", us), row("", "hls4ml", peer), sep="\n")
            if faster := ratios(us, peer):
                print(f"{'':38} {faster}", flush=True)


if __name__ == "__main__":
    main()
