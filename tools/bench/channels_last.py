"""Time and memory of the conversion to channels last, one process a model and tool.

Both start from the same file, what qonnx-cleanup makes of the model. Python is counted
twice: the whole process, and the transformations without start and imports.
"""

import argparse
import glob
import os
import pathlib
import subprocess
import sys
import tempfile
import time

CONVERT = """
import sys, time
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean
start = time.perf_counter()
model = ModelWrapper(sys.argv[1]).transform(ConvertToChannelsLastAndClean())
model.save(sys.argv[2])
print(time.perf_counter() - start)
"""
CLEANUP = """
import sys
from qonnx.util.cleanup import cleanup
cleanup(sys.argv[1], out_file=sys.argv[2])
"""


def measured(command, timeout):
    """Seconds, megabytes at the peak, standard output and last line of errors; None for seconds that failed."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            seconds = time.perf_counter() - start
            if pid:
                break
            if seconds > timeout:
                process.kill()
                os.wait4(process.pid, 0)
                return None, 0, "", f"over {timeout} s"
            time.sleep(0.0005)
        output.seek(0)
        errors.seek(0)
        lines = errors.read().strip().splitlines() or [""]
        failed = os.waitstatus_to_exitcode(status) != 0
        return None if failed else seconds, usage.ru_maxrss / 1024, output.read(), lines[-1]


def transposes(path):
    import onnx

    return sum(node.op_type == "Transpose" for node in onnx.load(path).graph.node)


def has_windows(path):
    import onnx

    kinds = {"Conv", "ConvTranspose", "MaxPool", "AveragePool"}
    try:
        return any(node.op_type in kinds for node in onnx.load(path, load_external_data=False).graph.node)
    except Exception:
        return False


def compare(model, options, folder):
    name = pathlib.Path(model).stem
    clean, theirs, ours = (os.path.join(folder, f"{name}_{kind}.onnx") for kind in ("clean", "theirs", "ours"))
    done = measured([sys.executable, "-c", CLEANUP, model, clean], options.timeout)
    if done[0] is None:
        print(f"{name:34} qonnx-cleanup fails: {done[3]}")
        return
    runs = [measured([options.qonnxc, "export", clean, "-o", ours, "--channels-last"], options.timeout) for _ in range(3)]
    own = min((run for run in runs if run[0] is not None), default=None)
    python = measured([sys.executable, "-c", CONVERT, clean, theirs], options.timeout)
    if own is None:
        print(f"{name:34} qonnxc fails: {runs[0][3]}")
        return
    text = f"{name:34} qonnxc {own[0]:8.4f} s {own[1]:6.0f} MB {transposes(ours):3} T"
    if python[0] is None:
        print(f"{text} | qonnx fails: {python[3][:80]}")
        return
    inside = float(python[2].strip().splitlines()[-1])
    print(
        f"{text} | qonnx {python[0]:7.2f} s (inside {inside:7.2f}) {python[1]:6.0f} MB {transposes(theirs):3} T"
        f" | {python[0] / own[0]:7.0f} x, inside {inside / own[0]:7.0f} x, memory {python[1] / own[1]:4.1f} x",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--qonnxc", required=True)
    parser.add_argument("--timeout", type=float, default=600)
    options = parser.parse_args()
    models = options.models
    if not models:
        folder = os.environ.get("QONNX_MODELS")
        if not folder:
            parser.error("name models, or the folder of them in QONNX_MODELS")
        models = sorted(filter(has_windows, glob.glob(f"{folder}/zoo/*.onnx") + glob.glob(f"{folder}/brevitas/*.onnx")))
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            compare(model, options, folder)


if __name__ == "__main__":
    main()
