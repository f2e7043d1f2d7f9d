#!/usr/bin/env python3
"""Measures import and cleanup of qonnxc and of qonnx's cleanup_model side by side: the same files, machine and run.

qonnxc is the whole process `qonnxc export MODEL -o OUT`: read, import, clean, write. qonnx is a process that does the
same with `cleanup_model`, once as a whole and once without the start of Python and its imports. Wall time is the least
of the repetitions, processor time that of the same run (on a busy machine the fairer one); memory is the largest
resident set of the process, also as a multiple of the file.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def made(mebibytes: int, path: pathlib.Path):
    """A chain of quantized dense layers with float weights of so many MiB."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper, save

    width, rng = 1024, np.random.default_rng(1)
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width]) for name in ("x0", "y")]
    constants = {"scale": 0.125, "zero": 0.0, "bits": 4.0}
    initializers = [numpy_helper.from_array(np.float32(value), name) for name, value in constants.items()]
    nodes = []
    quant = {"domain": "qonnx.custom_op.general", "signed": 1, "narrow": 0, "rounding_mode": "ROUND"}
    layers = max(1, mebibytes // 4)
    for i in range(layers):
        weights = rng.normal(size=(width, width)).astype(np.float32)
        initializers.append(numpy_helper.from_array(weights, f"w{i}"))
        nodes.append(helper.make_node("Quant", [f"w{i}", *constants], [f"v{i}"], f"weights{i}", **quant))
        nodes.append(helper.make_node("Quant", [f"x{i}", *constants], [f"q{i}"], f"act{i}", **quant))
        nodes.append(helper.make_node("MatMul", [f"q{i}", f"v{i}"], [f"x{i + 1}"], f"fc{i}"))
    nodes.append(helper.make_node("Quant", [f"x{layers}", *constants], ["y"], "last", **quant))
    graph = helper.make_graph(nodes, "made", ends[:1], ends[1:], initializers)
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid(quant["domain"], 1)]
    save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)


def processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def call(command: list, limit: float) -> tuple[str, dict]:
    """Standard output and seconds. Raises RuntimeError with the last line of a failure."""
    start, used = time.perf_counter(), processor_time()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"no end within {limit:g} s") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise RuntimeError(lines[-1][:200])
    return done.stdout, {"seconds": time.perf_counter() - start, "processor": processor_time() - used}


def peak(command: list) -> int:
    """The largest resident set in bytes, in a run of its own: what wait4 says includes that of this process."""
    process, most = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), 0
    while process.poll() is None:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        if mark := re.search(r"VmHWM:\s+(\d+) kB", status):
            most = max(most, int(mark[1]) * 1024)
    return most


def best(options, command: list, repeat: int) -> tuple[str, dict]:
    runs = [call(command, options.timeout) for _ in range(repeat)]
    return min(runs, key=lambda run: run[1]["seconds"])


def ours(options, model: pathlib.Path, work: pathlib.Path) -> dict:
    command = [options.qonnxc, "export", model, "-o", work / "ours.onnx", *flags(options)]
    try:
        _, times = best(options, command, options.repeat)
        return times | {"memory": peak(command)}
    except (RuntimeError, OSError) as error:
        return {"error": str(error)}


def qonnx(options, model: pathlib.Path, work: pathlib.Path) -> dict:
    command = [sys.executable, HERE / "cleanup_worker.py", model, work / "qonnx.onnx", *flags(options)]
    try:
        text, times = best(options, command, 1 + (options.repeat > 1))
        alone = json.loads(text.strip().splitlines()[-1])["seconds"]
        return times | {"without_start": alone, "memory": peak(command)}
    except (RuntimeError, ValueError, OSError) as error:
        return {"error": str(error)}


def flags(options) -> list[str]:
    return ["--channels-last"] if options.channels_last else []


def compare(model: pathlib.Path, us: dict, peer: dict) -> dict:
    facts = {"model": model.stem, "bytes": model.stat().st_size, "qonnxc": us, "qonnx": peer}
    if "error" not in us and "error" not in peer:
        facts["ratio"] = peer["seconds"] / us["seconds"]
        facts["ratio_without_start"] = peer["without_start"] / us["seconds"]
        facts["ratio_of_processor"] = peer["processor"] / us["processor"]
    return facts


def row(facts: dict) -> str:
    us, peer, size = facts["qonnxc"], facts["qonnx"], facts["bytes"]

    def number(value, form):
        return format("-" if value is None else format(value, form), ">10")

    def memory(side):
        return None if "error" in side else side["memory"] / size

    columns = [
        number(size / 1024, ".0f"),
        number(us.get("seconds") and us["seconds"] * 1e3, ".1f"),
        number(peer.get("seconds") and peer["seconds"] * 1e3, ".0f"),
        number(peer.get("without_start") and peer["without_start"] * 1e3, ".0f"),
        number(facts.get("ratio"), ".0f"),
        number(facts.get("ratio_without_start"), ".0f"),
        number(facts.get("ratio_of_processor"), ".0f"),
        number(us.get("memory") and us["memory"] / 2**20, ".0f"),
        number(memory(us), ".1f"),
        number(memory(peer), ".1f"),
    ]
    errors = [f"{who}: {side['error']}" for who, side in (("qonnxc", us), ("qonnx", peer)) if "error" in side]
    return f"{facts['model']:36} {' '.join(columns)}  {'; '.join(errors)}".rstrip()


def summary(rows: list[dict]) -> str:
    both = [facts for facts in rows if "ratio" in facts]
    if not both:
        return "nothing that both clean"
    keys = ("ratio", "ratio_without_start", "ratio_of_processor")
    middle = {key: statistics.median(facts[key] for facts in both) for key in keys}
    least = min(facts["ratio_without_start"] for facts in both)
    return (
        f"{len(both)} of {len(rows)} models cleaned by both; faster by (median): {middle['ratio']:.0f}x, without the "
        f"start of Python {middle['ratio_without_start']:.0f}x (least {least:.0f}x), in processor time "
        f"{middle['ratio_of_processor']:.0f}x"
    )


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=pathlib.Path, help="default: all models in $QONNX_MODELS/zoo")
    default = HERE.parent.parent / os.environ.get("CARGO_TARGET_DIR", "target") / "release/qonnxc"
    parser.add_argument("--qonnxc", default=default, help="the compiler (default: build this tree's)")
    parser.add_argument("--channels-last", action="store_true", help="and convert to channels-last, on both sides")
    parser.add_argument("--made", type=int, metavar="MIB", help="and a dense model made here, of so many MiB")
    parser.add_argument("--repeat", type=int, default=5, help="runs of qonnxc; qonnx runs twice, or once with 1")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one run")
    parser.add_argument("--json", action="store_true", help="one JSON line a model instead of the table")
    options = parser.parse_args()
    if not options.models and options.made is None:
        if "QONNX_MODELS" not in os.environ:
            parser.error("name models, or set QONNX_MODELS to a folder that has zoo/*.onnx")
        options.models = sorted((pathlib.Path(os.environ["QONNX_MODELS"]) / "zoo").glob("*.onnx"))
    return options


def main():
    options = arguments()
    if not options.json:
        titles = ["file KiB", "ours ms", "qonnx ms", "no start", "ratio", "no start", "processor"]
        titles += ["ours MiB", "x file", "qonnx x"]
        print(f"{'model':36} {' '.join(f'{t:>10}' for t in titles)}")
    rows = []
    for path in [*options.models, *([None] if options.made else [])]:
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder)
            if path is None:
                path = work / f"made_{options.made}_MiB.onnx"
                made(options.made, path)
            us, peer = ours(options, path.resolve(), work), qonnx(options, path.resolve(), work)
            rows.append(compare(path, us, peer))
        print(json.dumps(rows[-1]) if options.json else row(rows[-1]), flush=True)
    if not options.json:
        print(summary(rows))


if __name__ == "__main__":
    main()
