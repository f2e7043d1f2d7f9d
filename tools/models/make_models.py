#!/usr/bin/env python3
"""Writes the example models, their golden vectors and manifest.json into a folder.

Usage: make_models.py DIR (tools/models/make.sh calls it with the pinned packages).
Each function below is one model and its docstring is the manifest's note. Same seed,
same files; only the trained weights of digits_mlp may move with another numpy build.
"""

import collections
import inspect
import json
import pathlib
import sys
from importlib.metadata import version

import digits
import numpy as np
import onnx
from example import Example, codes, normalization, odd
from floats import FLOATS
from graph import QONNX, Graph
from onnx import TensorProto
from qoperator import QOPERATOR
from reference import golden, in_float64, on_runtime, vectors
from windows import WINDOWS

INT64 = np.int64


def digits_mlp(rng):
    """Drawn digits, 8x8 pixels: 8-bit input, 4-bit weights and activations, odd scales, float logits."""
    w = digits.train(rng)
    g = Graph("digits_mlp")
    x = g.node("Flatten", [g.input("image", [1, 8, 8])], "flatten", axis=1)
    x = g.quant(x, "input_quant", 8, 2.0**-8, signed=False)

    scale1 = np.round(np.abs(w["w1"]).max(0) / 7, 4)
    scale_b = np.round(np.abs(w["b1"]).max() / 127, 5)
    x = g.node("MatMul", [x, g.quant_const("fc1_weight", np.rint(w["w1"] / scale1), 4, scale1[None])], "fc1")
    x = g.node("Add", [x, g.quant_const("fc1_bias", np.rint(w["b1"] / scale_b), 8, scale_b)], "fc1_add_bias")

    images, _ = digits.samples(1000, rng)
    before = images.reshape(-1, 64) @ w["w1"] + w["b1"]
    mean, std = np.round(before.mean(0), 3), np.round(before.std(0), 3)
    x = g.batch_norm(x, "norm1", std, mean, mean, np.round(std**2, 4))
    x = g.node("Relu", [x], "relu1")
    x = g.quant(x, "act1_quant", 4, np.round(np.quantile(before, 0.995) / 15, 4), signed=False)

    scale2 = np.round(np.abs(w["w2"]).max() / 7, 4)
    x = g.node("MatMul", [x, g.quant_const("fc2_weight", np.rint(w["w2"] / scale2), 4, scale2)], "fc2")
    g.nodes[-1].output[0] = "logits"
    g.output("logits", [1, 10])
    return Example(g, 0, 1, 2.0**-8, ["float"])


def jets_mlp_pow2(rng):
    """Jet-tagger form: Gemm, Relu, 6 bits, power-of-two scales; exact float logits."""
    g = Graph("jets_mlp_pow2", opset=14)
    x = g.quant(g.input("jet", [1, 16]), "input_quant", 8, 2.0**-4)
    for layer, (k, n) in enumerate([(16, 32), (32, 16), (16, 5)], 1):
        weight = g.quant_const(f"fc{layer}_weight", codes(rng, 6, n, k), 6, 2.0**-5)
        bias = g.quant_const(f"fc{layer}_bias", codes(rng, 6, n), 6, 2.0**-4)
        x = g.node("Gemm", [x, weight, bias], f"fc{layer}", transB=1)
        if layer < 3:
            x = g.quant(g.node("Relu", [x], f"relu{layer}"), f"act{layer}_quant", 6, 2.0**-2, signed=False)
    g.output(x, [1, 5])
    return Example(g, -8, 7.9375, 2.0**-4, ["float"])


def bnn(rng):
    """Bipolar weights and activations; BatchNormalization with negative gammas."""
    g = Graph("bnn")
    x = g.bipolar(g.input("x", [1, 32]), "input_sign")
    for layer, (k, n) in enumerate([(32, 24), (24, 16), (16, 4)], 1):
        signs = rng.choice([-1.0, 1.0], (k, n))
        weight = g.bipolar(g.const(f"fc{layer}_weight", signs * rng.uniform(0.1, 1, (k, n))), f"fc{layer}_weight_sign")
        x = g.node("MatMul", [x, weight], f"fc{layer}")
        x = g.bipolar(g.batch_norm(x, f"norm{layer}", **normalization(rng, n, 4.0)), f"sign{layer}")
    g.output(x, [1, 4])
    return Example(g, -1, 1, 0.25)


def ternary(rng):
    """Weights and activations of -1, 0, 1 (2 bits, narrow) with odd scales."""
    g = Graph("ternary")
    x = g.quant(g.input("x", [1, 24]), "input_quant", 2, 0.73, narrow=True)
    for layer, (k, n) in enumerate([(24, 16), (16, 6)], 1):
        weight = g.quant_const(f"fc{layer}_weight", codes(rng, 2, k, n), 2, odd(rng, 0.05, 0.2, 1, n))
        x = g.quant(g.node("MatMul", [x, weight], f"fc{layer}"), f"act{layer}_quant", 2, 0.31, narrow=True)
    g.output(x, [1, 6])
    return Example(g, -2, 2, 0.73)


def asymmetric(rng):
    """Unsigned 8-bit activations with zero points, per tensor, and a weight zero point."""
    g = Graph("asymmetric")
    x = g.quant(g.input("x", [1, 20]), "input_quant", 8, 0.0237, 113, signed=False)
    for layer, (k, n, zero) in enumerate([(20, 16, 5), (16, 8, 0)], 1):
        weight = g.quant_const(f"fc{layer}_weight", codes(rng, 8, k, n), 8, 0.0051, zero)
        bias = g.quant_const(f"fc{layer}_bias", codes(rng, 8, n), 8, 0.0173)
        x = g.node("Add", [g.node("MatMul", [x, weight], f"fc{layer}"), bias], f"fc{layer}_add_bias")
        x = g.quant(x, f"act{layer}_quant", 8, 0.0619, 77, signed=False)
    g.output(x, [1, 8])
    return Example(g, -2.6781, 3.3654, 0.0237)


def qcdq_mlp(rng):
    """QuantizeLinear, Clip, DequantizeLinear: int8 weights per channel, int32 bias, 4-bit activations."""
    g = Graph("qcdq_mlp")

    def activation(x, name, scale):
        parameters = [g.const(f"{name}_scale", scale), g.const(f"{name}_zero_point", 0, np.int8)]
        x = g.node("QuantizeLinear", [x, *parameters], f"{name}_quantize")
        x = g.node("Clip", [x, g.const(f"{name}_min", -8, np.int8), g.const(f"{name}_max", 7, np.int8)], f"{name}_clip")
        return g.node("DequantizeLinear", [x, *parameters], f"{name}_dequantize")

    def constant(name, value, dtype, scale):
        zero = g.const(f"{name}_zero_point", np.zeros(len(value)), dtype)
        inputs = [g.const(name, value, dtype), g.const(f"{name}_scale", scale), zero]
        return g.node("DequantizeLinear", inputs, f"{name}_dequantize", axis=0)

    scale = np.float32(0.31)
    x = activation(g.input("x", [1, 16]), "input", scale)
    for layer, (k, n) in enumerate([(16, 12), (12, 6)], 1):
        weight_scale = odd(rng, 0.01, 0.05, n)
        weight = constant(f"fc{layer}_weight", codes(rng, 5, n, k), np.int8, weight_scale)
        bias = constant(f"fc{layer}_bias", codes(rng, 7, n), np.int32, weight_scale * scale)
        x = g.node("Gemm", [x, weight, bias], f"fc{layer}", transB=1)
        scale = np.float32(0.17)
        x = activation(x, f"act{layer}", scale)
    g.output(x, [1, 6])
    return Example(g, -2.5, 2.5, 0.31)


def multithreshold_mlp(rng):
    """MultiThreshold as activation: per channel, and with a scale and an offset."""
    g = Graph("multithreshold_mlp")
    x = g.quant(g.input("x", [1, 16]), "input_quant", 4, 1.0)
    weight = g.quant_const("fc1_weight", codes(rng, 3, 16, 12), 3, 1.0)
    thresholds = np.sort(rng.integers(-60, 60, (12, 7)), axis=1)
    inputs = [g.node("MatMul", [x, weight], "fc1"), g.const("act1_thresholds", thresholds)]
    x = g.node("MultiThreshold", inputs, "act1", QONNX, out_dtype="UINT3")
    weight = g.quant_const("fc2_weight", codes(rng, 3, 12, 5), 3, 1.0)
    thresholds = np.sort(rng.integers(-40, 40, (1, 3)), axis=1) + 0.5
    inputs = [g.node("MatMul", [x, weight], "fc2"), g.const("act2_thresholds", thresholds)]
    x = g.node("MultiThreshold", inputs, "act2", QONNX, out_dtype="INT3", out_scale=2.0, out_bias=-3.0)
    g.output(x, [1, 5])
    return Example(g, -8, 7, 1.0)


def sigmoid_tanh(rng):
    """Tanh and Sigmoid in front of 8-bit quantizers."""
    g = Graph("sigmoid_tanh")
    x = g.quant(g.input("x", [1, 12]), "input_quant", 8, 0.0157)
    for layer, (k, n, function) in enumerate([(12, 10, "Tanh"), (10, 6, "Sigmoid")], 1):
        weight = g.quant_const(f"fc{layer}_weight", codes(rng, 6, n, k), 6, 0.0213)
        bias = g.quant_const(f"fc{layer}_bias", codes(rng, 6, n), 6, 0.0119)
        x = g.node(function, [g.node("Gemm", [x, weight, bias], f"fc{layer}", transB=1)], function.lower())
        x = g.quant(x, f"act{layer}_quant", 8, 1 / 127 if layer == 1 else 1 / 255, signed=layer == 1)
    g.output(x, [1, 6])
    return Example(g, -2, 2, 0.0157)


def no_quant_between(rng):
    """Two linear layers with no quantizer in between: the sum keeps its grid; power-of-two scales."""
    g = Graph("no_quant_between")
    x = g.quant(g.input("x", [1, 16]), "input_quant", 6, 2.0**-3)
    x = g.node("MatMul", [x, g.quant_const("fc1_weight", codes(rng, 4, 16, 10), 4, 2.0**-4)], "fc1")
    x = g.node("Add", [x, g.quant_const("fc1_bias", codes(rng, 8, 10), 8, 2.0**-6)], "fc1_add_bias")
    x = g.node("MatMul", [x, g.quant_const("fc2_weight", codes(rng, 4, 10, 6), 4, 2.0**-3)], "fc2")
    g.output(g.quant(x, "output_quant", 8, 2.0**-3), [1, 6])
    return Example(g, -4, 3.875, 2.0**-3)


def wide16(rng):
    """16-bit weights and activations, power-of-two scales: accumulators beyond float32's 24 bits."""
    g = Graph("wide16")
    x = g.quant(g.input("x", [1, 10]), "input_quant", 16, 2.0**-10)
    for layer, (k, n) in enumerate([(10, 8), (8, 4)], 1):
        x = g.node("MatMul", [x, g.quant_const(f"fc{layer}_weight", codes(rng, 16, k, n), 16, 2.0**-15)], f"fc{layer}")
        x = g.quant(x, f"act{layer}_quant", 16, 2.0**-8)
    g.output(x, [1, 4])
    return Example(g, -32, 31.999, 2.0**-10)


def shape_chain(rng):
    """Flattening as exporters write it: Shape, Gather, Unsqueeze, Concat, Reshape."""
    g = Graph("shape_chain", opset=17)
    x = g.quant(g.input("image", [1, 2, 4, 4]), "input_quant", 4, 2.0**-2)
    batch = g.node("Gather", [g.node("Shape", [x], "shape"), g.const("batch_index", 0, INT64)], "batch", axis=0)
    batch = g.node("Unsqueeze", [batch, g.const("batch_axes", [0], INT64)], "batch_as_list")
    sizes = g.node("Concat", [batch, g.const("rest", [-1], INT64)], "sizes", axis=0)
    x = g.node("Reshape", [x, sizes], "flatten")
    x = g.node("MatMul", [x, g.quant_const("fc1_weight", codes(rng, 4, 32, 6), 4, odd(rng, 0.02, 0.1, 1, 6))], "fc1")
    g.output(g.quant(x, "output_quant", 6, 0.143), [1, 6])
    return Example(g, -2, 1.75, 2.0**-2)


def dynamic_batch(rng):
    """A symbolic batch size."""
    g = Graph("dynamic_batch")
    x = g.quant(g.input("x", ["N", 12]), "input_quant", 5, 0.125)
    weight = g.quant_const("fc1_weight", codes(rng, 4, 8, 12), 4, 0.0625)
    x = g.node("Relu", [g.node("Gemm", [x, weight], "fc1", transB=1)], "relu1")
    g.output(g.quant(x, "act1_quant", 5, 0.25, signed=False), ["N", 8])
    return Example(g, -2, 1.875, 0.125)


def softmax_head(rng):
    """Softmax as float tail on the host."""
    g = Graph("softmax_head")
    x = g.quant(g.input("x", [1, 12]), "input_quant", 6, 0.0712)
    weight = g.quant_const("fc1_weight", codes(rng, 4, 4, 12), 4, 0.0813)
    x = g.node("Gemm", [x, weight, g.quant_const("fc1_bias", codes(rng, 6, 4), 6, 0.029)], "fc1", transB=1)
    x = g.quant(x, "logits_quant", 8, 0.0447)
    g.output(g.node("Softmax", [x], "softmax", axis=1), [1, 4])
    return Example(g, -2.3, 2.3, 0.0712, ["float"])


def argmax_head(rng):
    """The class number as int64 output, and its quantized logits."""
    g = Graph("argmax_head")
    x = g.quant(g.input("x", [1, 12]), "input_quant", 6, 0.125)
    x = g.node("MatMul", [x, g.quant_const("fc1_weight", codes(rng, 4, 12, 5), 4, 0.125)], "fc1")
    x = g.quant(x, "logits_quant", 10, 0.0625)
    g.output(x, [1, 5])
    g.output(g.node("ArgMax", [x], "class", axis=1, keepdims=0), [1], TensorProto.INT64)
    return Example(g, -4, 3.875, 0.125, ["quantizer", "integer"])


def residual_cnn(rng):
    """Convolutions with padding of a zero point, a residual sum, a concatenation, both kinds of pools."""
    g = Graph("residual_cnn")

    def conv(x, name, n, k, size, **attributes):
        weight = g.quant_const(f"{name}_weight", codes(rng, 4, n, k, size, size), 4, odd(rng, 0.02, 0.06, n, 1, 1, 1))
        bias = g.quant_const(f"{name}_bias", codes(rng, 6, n), 6, 0.0173)
        return g.node("Conv", [x, weight, bias], name, **attributes)

    x = g.quant(g.input("image", [1, 3, 7, 7]), "input_quant", 6, 0.0417, 21, signed=False)
    x = conv(x, "stem", 4, 3, 3, pads=[1, 1, 1, 1])
    x = g.quant(g.node("Relu", [x], "stem_relu"), "stem_quant", 4, 0.071, signed=False)
    y = g.quant(conv(x, "body", 4, 4, 3, pads=[1, 1, 1, 1]), "body_quant", 5, 0.053)
    x = g.quant(g.node("Add", [x, y], "residual"), "residual_quant", 5, 0.0623, 3)
    x = g.node("MaxPool", [x], "pool", kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 1, 1])
    left = g.quant(conv(x, "left", 3, 4, 1), "left_quant", 4, 0.0871, signed=False)
    right = conv(x, "right", 4, 1, 3, pads=[2, 2, 2, 2], dilations=[2, 2], group=4)
    right = g.quant(right, "right_quant", 4, 0.0871, signed=False)
    x = g.node("Concat", [left, right], "join", axis=1)
    x = g.node("AveragePool", [x], "average", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    x = g.quant(x, "average_quant", 6, 0.0311, signed=False)
    x = g.quant(conv(x, "head", 5, 7, 4), "head_quant", 8, 0.0191)
    g.output(x, [1, 5, 1, 1])
    return Example(g, -0.8757, 1.7514, 0.0417)


def dynamic_scale(rng):
    """A scale computed from the input: no integer hardware can have it."""
    g = Graph("dynamic_scale")
    x = g.input("x", [1, 8])
    top = g.node("ReduceMax", [g.node("Abs", [x], "magnitude")], "largest", keepdims=0)
    scale = g.node("Div", [top, g.const("largest_code", 127)], "scale")
    scale = g.node("Max", [scale, g.const("smallest_scale", 2.0**-20)], "scale_at_least")
    parameters = [scale, g.const("zero_point", 0), g.const("bits", 8)]
    x = g.node("Quant", [x, *parameters], "input_quant", QONNX, signed=1, narrow=0, rounding_mode="ROUND")
    g.output(g.node("MatMul", [x, g.quant_const("fc1_weight", codes(rng, 4, 8, 4), 4, 0.1)], "fc1"), [1, 4])
    return Example(g, -2, 2, 2 / 127, ["float"], expect="reject", message="input_quant", hardware=False)


def unsupported_op(rng):
    """Two unknown operators: the message must name both."""
    g = Graph("unsupported_op")
    x = g.quant(g.input("x", [1, 8]), "input_quant", 8, 0.0625)
    x = g.node("Wobble", [x], "wobble_1")
    x = g.node("Sparsify", [x], "sparsify_1", "com.example.custom", ratio=0.5)
    g.output(g.quant(x, "output_quant", 8, 0.0625), [1, 8])
    return Example(g, kinds=(), expect="reject", message="(?s)(?=.*Wobble)(?=.*Sparsify)(?=.*wobble_1)(?=.*sparsify_1)")


def missing_initializer(rng):
    """The weights of a MatMul are neither initializer nor input nor a node's output."""
    g = Graph("missing_initializer")
    x = g.quant(g.input("x", [1, 8]), "input_quant", 8, 0.0625)
    g.output(g.node("MatMul", [x, "fc1_weight"], "fc1"), [1, 4])
    return Example(g, kinds=(), expect="reject", message="fc1_weight")


EXAMPLES = [
    digits_mlp, jets_mlp_pow2, bnn, ternary, asymmetric, qcdq_mlp, multithreshold_mlp, sigmoid_tanh,
    no_quant_between, wide16, shape_chain, dynamic_batch, softmax_head, argmax_head, residual_cnn,
]  # fmt: skip
REFUSED = [dynamic_scale, unsupported_op, missing_initializer]


def describe(infos) -> list[dict]:
    def dims(info):
        return [d.dim_param or d.dim_value for d in info.type.tensor_type.shape.dim]

    return [
        {"name": i.name, "shape": dims(i), "dtype": TensorProto.DataType.Name(i.type.tensor_type.elem_type)}
        for i in infos
    ]


def write_vectors(example: Example, model, folder: pathlib.Path, rng) -> dict:
    """Writes NAME.npz. Refuses a case in which float32 and float64 do not agree:
    such golden values would depend on the order of float32 operations."""
    name = example.graph.name
    shape = [dim if isinstance(dim, int) else 1 for dim in describe(model.graph.input)[0]["shape"]]
    samples = vectors(shape, *example.domain, rng)[example.samples]
    # Operators on codes have one arithmetic: there is no float64 of it.
    outputs = (on_runtime if example.runtime else golden)(model, samples)
    wide = outputs if example.runtime else in_float64(model, samples)
    largest = 0.0
    for kind, narrow, exact in zip(example.kinds, outputs, wide):
        difference = float(np.abs(narrow - exact).max())
        tolerance = 1e-5 * np.abs(exact).max() if kind == "float" else 0.0
        if kind == "quantizer":
            difference = float(np.abs(narrow - exact.astype(np.float32)).max())
        assert narrow.shape == exact.shape and difference <= tolerance, f"{name}: differs by {difference}"
        largest = max(largest, difference)
    np.savez(folder / f"{name}.npz", in0=samples, **{f"out{k}": y for k, y in enumerate(outputs)})
    return {
        "vectors": f"{name}.npz",
        "n_vectors": len(samples),
        "output_kinds": list(example.kinds),
        "numeric_check": {"vectors_checked": len(samples), "max_abs_output_diff_f32_vs_f64": largest},
    }


def write(make, seed: int, folder: pathlib.Path) -> dict:
    """Writes one model with its vectors; returns its entry of the manifest."""
    rng = np.random.default_rng(seed)
    example = make(rng)
    model = example.graph.model()
    path = folder / f"{example.graph.name}.onnx"
    onnx.save(model, path)
    entry = {
        "name": example.graph.name,
        "file": path.name,
        "note": inspect.getdoc(make),
        "bytes": path.stat().st_size,
        "opsets": {o.domain or "ai.onnx": o.version for o in model.opset_import},
        "ops": dict(collections.Counter(f"{n.domain}::{n.op_type}".lstrip(":") for n in model.graph.node)),
        "inputs": describe(model.graph.input),
        "outputs": describe(model.graph.output),
    }
    if example.kinds:
        if not example.runtime:  # the checker has no operators of other domains
            onnx.checker.check_model(model)
        entry.update(write_vectors(example, model, folder, rng))
    return {**entry, **example.facts}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {
        "reference": {name: version(name) for name in ("qonnx", "onnx", "onnxruntime", "numpy")},
        "examples": [write(make, 100 + k, folder) for k, make in enumerate(EXAMPLES)],
        "windows": [write(make, 300 + k, folder) for k, make in enumerate(WINDOWS)],
        "floats": [write(make, 400 + k, folder) for k, make in enumerate(FLOATS)],
        "qoperator": [write(make, 400 + k, folder) for k, make in enumerate(QOPERATOR)],
        "refused": [write(make, 200 + k, folder) for k, make in enumerate(REFUSED)],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
