#!/usr/bin/env python3
"""Runs the `onnx` package's backend node tests through `qonnxc run --engine eval`.

Each test is one node with inputs and expected outputs. It runs as the file is; if that is refused,
once more with every input but the first a constant, then with all, since hardware has no shapes, axes or
weights that change ("constants" in the table). Outputs compare as onnx's own runner does: same shape, rtol 1e-3.

passed, wrong (must be 0), crashed (must be 0: killed, panicked or no end), refused (with a reason).
"runtime": the test expects what onnxruntime, which is QONNX's reference, does not give; ours is as onnxruntime's.
Tests with inputs or outputs that are no tensors of numbers (strings, sequences) still run: they must
be refused, not crash. Exits with 1 if anything is wrong or crashed.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

HERE = pathlib.Path(__file__).resolve().parent
# Two units in the last place, where that is more: onnx's runner does so for bfloat16.
TOLERANCE = {"float16": 2.0**-9, "bfloat16": 2.0**-6}
SHORT_FLOATS = ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float4_e2m1fn")


def cases(patterns):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tests overflow on purpose
        from onnx.backend.test.loader import load_model_tests

        found = load_model_tests(kind="node")
    names = [p if p.startswith("test_") else f"test_{p}" for p in patterns]
    return [case for case in found if not names or any(fnmatch.fnmatch(case.name, name) for name in names)]


def operator(case) -> str:
    """The node's operator; that of the node before expansion where the test has the function's body."""
    nodes = case.model.graph.node
    if "_expanded" not in case.name:
        return nodes[0].op_type
    prefix = next((name for name in nodes[0].output if "_expanded_function_" in name), None)
    prefix = prefix or next((name for node in nodes for name in node.output if "_expanded_function_" in name), None)
    return f"{prefix.split('_')[0] if prefix else nodes[0].op_type} (expanded)"


def values(array):
    """A tensor as numbers that an .npz can hold; None if it is not one."""
    if isinstance(array, onnx.TensorProto):
        array = numpy_helper.to_array(array)
    if not isinstance(array, (np.ndarray, np.generic)):
        return None
    array = np.asarray(array)
    if array.dtype.name in SHORT_FLOATS:
        return array.astype(np.float32)
    if array.dtype.kind == "V" or array.dtype.name.startswith(("int4", "uint4", "int2", "uint2")):
        return array.astype(np.int8 if array.dtype.name.startswith("int") else np.uint8)
    return array if array.dtype.kind in "fiub" else None


def with_constants(model, inputs, kept):
    """The same model with all inputs but so many as initializers."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    for value, array in zip(list(graph.input)[kept:], inputs[kept:], strict=True):
        if isinstance(array, onnx.TensorProto):
            tensor = onnx.TensorProto()
            tensor.CopyFrom(array)
            tensor.name = value.name
        else:
            tensor = numpy_helper.from_array(np.asarray(array), value.name)
        graph.initializer.append(tensor)
        graph.input.remove(value)
    return changed


def anything(model):
    """A model without inputs has no samples, either: one that nothing reads counts them."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    changed.graph.input.append(onnx.helper.make_tensor_value_info("samples", onnx.TensorProto.FLOAT, [1]))
    return changed


def attempt(options, folder, model, inputs, outputs) -> dict:
    """What becomes of one model: {"status", "reason"}."""
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    numbers = [values(array) for array in inputs]
    arrays = {f"in{k}": array[np.newaxis] for k, array in enumerate(numbers) if array is not None}
    np.savez(folder / "in.npz", **arrays)
    (folder / "out.npz").unlink(missing_ok=True)
    command = [options.qonnxc, "run", folder / "model.onnx", "--stage", "cleanup"]
    command += ["--inputs", folder / "in.npz", "--outputs", folder / "out.npz"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=options.timeout, check=False)
    except subprocess.TimeoutExpired:
        return {"status": "crashed", "reason": f"no end within {options.timeout:g} s"}
    if done.returncode != 0:
        reason = next(iter(done.stderr.strip().splitlines()), f"exit code {done.returncode}, no message")
        status = "refused" if done.returncode == 1 and reason.startswith("error: ") else "crashed"
        return {"status": status, "reason": reason.removeprefix("error: ")}
    result = judged(folder / "out.npz", outputs)
    if result["status"] == "wrong" and as_runtime(model, inputs, folder / "out.npz"):
        return result | {"status": "runtime"}
    return result


def as_runtime(model, inputs, path) -> bool:
    """Whether our outputs are those of onnxruntime."""
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        names = [value.name for value in session.get_inputs()]
        return judged(path, session.run(None, dict(zip(names, inputs, strict=True))))["status"] == "passed"
    except Exception:  # whatever it cannot load or run gives no second opinion
        return False


def rounding(wanted) -> float:
    """What a sum of the largest elements that cancels is off by: a step of float32 there."""
    finite = np.abs(wanted[np.isfinite(wanted)])
    return 2.0**-23 * float(finite.max()) if finite.size else 0.0


def judged(path, outputs) -> dict:
    with np.load(path) as found:
        for k, output in enumerate(outputs):
            wanted = values(output)
            if wanted is None:
                return {"status": "wrong", "reason": f"output {k} is no tensor of numbers, but has a value"}
            got = found[f"out{k}"][0]
            if got.shape != wanted.shape:
                return {"status": "wrong", "reason": f"output {k} has shape {got.shape}, expected {wanted.shape}"}
            if wanted.dtype.kind == "f" and got.dtype.kind == "f":
                tolerance = TOLERANCE.get(getattr(output, "dtype", wanted.dtype).name, 1e-3)
                right = np.isclose(got, wanted, rtol=tolerance, atol=max(1e-7, rounding(wanted)), equal_nan=True)
            else:
                right = got == wanted
            if not np.all(right):
                place = np.unravel_index(int(np.argmin(right)), right.shape) if right.shape else ()
                place = tuple(map(int, place))
                counts = f"{np.sum(~right)} of {right.size}"
                return {
                    "status": "wrong",
                    "reason": f"output {k}: {counts} differ, at {place} {got[place]} for {wanted[place]}",
                }
    return {"status": "passed", "reason": ""}


def run(options, case) -> dict:
    """The result of a test, of the file as it is or with constants."""
    model, (inputs, outputs) = case.model, case.data_sets[0]
    facts = {"test": case.name, "operator": operator(case), "constants": False}
    if not model.graph.input:
        model, inputs = anything(model), [np.zeros(1, np.float32)]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        result = attempt(options, folder, model, inputs, outputs)
        constant = all(values(array) is not None for array in inputs)
        # The first one last: a shape or a condition that everything follows from.
        for kept in (1, 0):
            if result["status"] == "refused" and len(inputs) > kept and constant:
                fixed, samples = with_constants(model, inputs, kept), inputs[:kept]
                if not kept:
                    fixed, samples = anything(fixed), [np.zeros(1, np.float32)]
                result = attempt(options, folder, fixed, samples, outputs)
                facts["constants"] = result["status"] != "refused"
    return facts | result


def reason_of(text: str) -> str:
    """A message without the node's name, so that equal reasons count together."""
    return re.sub(r"^(node )?'?[^\s:']*'?( \(\w+\))?: ", "", text)[:150]


def table(results, verbose):
    by_operator = collections.defaultdict(list)
    for result in results:
        by_operator[result["operator"]].append(result)
    titles = ["tests", "passed", "constants", "runtime", "refused", "wrong", "crashed"]
    print(f"{'operator':36} {' '.join(f'{title:>9}' for title in titles)}  reason")
    for name, group in sorted(by_operator.items()):
        row(name, group)
        if verbose:
            for result in group:
                if result["status"] != "passed":
                    print(f"    {result['status']:8} {result['test']}: {result['reason'][:200]}")
        for result in group:
            if result["status"] in ("wrong", "crashed") and not verbose:
                print(f"    {result['status']:8} {result['test']}: {result['reason'][:200]}")
    row("all", results, with_reason=False)


def row(name, group, with_reason=True):
    count = collections.Counter(result["status"] for result in group)
    constants = sum(result["constants"] and result["status"] == "passed" for result in group)
    numbers = [len(group), count["passed"], constants]
    numbers += [count[status] for status in ("runtime", "refused", "wrong", "crashed")]
    reasons = collections.Counter(reason_of(r["reason"]) for r in group if r["status"] == "refused")
    reason = reasons.most_common(1)[0][0] if reasons and with_reason else ""
    print(f"{name:36} {' '.join(f'{number:9}' for number in numbers)}  {reason}".rstrip())


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tests", nargs="*", metavar="GLOB", help="names of tests, such as 'reduce_*' (default: all)")
    default = HERE.parent.parent / os.environ.get("CARGO_TARGET_DIR", "target") / "release/qonnxc"
    parser.add_argument("--qonnxc", default=default, help="the compiler (default: build this tree's)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one test")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="tests at a time")
    parser.add_argument("--json", action="store_true", help="one JSON line a test instead of the table")
    parser.add_argument("-v", "--verbose", action="store_true", help="each test that did not pass")
    return parser.parse_args()


def main():
    options = arguments()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda case: run(options, case), cases(options.tests)))
    if options.json:
        for result in results:
            print(json.dumps(result))
    else:
        table(results, options.verbose)
    sys.exit(any(result["status"] in ("wrong", "crashed") for result in results))


if __name__ == "__main__":
    main()
