"""hls4ml on one QONNX file, in a process of its own; prints what it measured as one JSON line.

Usage: hls4ml_worker.py MODEL.onnx VECTORS.npz WORKDIR
The steps are those of hls4ml's own QONNX tests for dense models: cleanup, Gemm to MatMul,
cleanup, convert with default precision fixed<32,16>, g++, predict.
"""

import json
import os
import sys
import time

import numpy as np

PRECISION = "fixed<32,16>"
MIN_SECONDS = 1.0  # of predict, for the throughput


def prepare(path):
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.transformation.gemm_to_matmul import GemmToMatMul
    from qonnx.util.cleanup import cleanup_model

    model = cleanup_model(ModelWrapper(path))
    return cleanup_model(model.transform(GemmToMatMul()))


def convert(model, folder):
    import hls4ml

    config = hls4ml.utils.config.config_from_onnx_model(
        model, granularity="name", backend="Vitis", default_precision=PRECISION
    )
    project = hls4ml.converters.convert_from_onnx_model(
        model, output_dir=folder, io_type="io_parallel", backend="Vitis", hls_config=config
    )
    project.write()
    return project


def predict(project, model, inputs):
    """Outputs by the compiled project, each [samples, values], and samples a second."""
    names = [i.name for i in model.graph.input if model.get_initializer(i.name) is None]
    shapes = [model.get_tensor_shape(name) for name in names]
    xs = [np.ascontiguousarray(x.reshape(len(x), *s[1:]), np.float32) for x, s in zip(inputs, shapes)]
    x = xs[0] if len(xs) == 1 else xs
    y = project.predict(x)
    start, samples = time.perf_counter(), 0
    while samples == 0 or time.perf_counter() - start < MIN_SECONDS:
        project.predict(x)
        samples += len(xs[0])
    speed = samples / (time.perf_counter() - start)
    outputs = y if isinstance(y, list) else [y]
    return [o.reshape(len(xs[0]), -1) for o in outputs], speed


def main():
    path, vectors, folder = sys.argv[1:]
    stdout, facts, stage = sys.stdout, {}, "import"
    sys.stdout = sys.stderr  # hls4ml talks on stdout

    def timed(name, function, *arguments):
        nonlocal stage
        stage, start = name, time.perf_counter()
        result = function(*arguments)
        facts[f"{name}_seconds"] = round(time.perf_counter() - start, 3)
        return result

    try:
        timed("import", __import__, "hls4ml")
        model = timed("prepare", prepare, path)
        project = timed("convert", convert, model, os.path.join(folder, "hls4ml"))
        timed("gxx", project._compile)
        with np.load(vectors) as z:
            inputs = [z[f"in{k}"] for k in range(sum(n.startswith("in") for n in z.files))]
        outputs, speed = timed("predict", predict, project, model, inputs)
        facts["samples_per_second"] = speed
        np.savez(os.path.join(folder, "hls4ml.npz"), **{f"out{k}": y for k, y in enumerate(outputs)})
    except Exception as error:  # any failure of the peer is a result
        facts["error"] = f"{stage}: {type(error).__name__}: {error}".split("\n")[0][:200]
    print(json.dumps(facts), file=stdout)


if __name__ == "__main__":
    main()
