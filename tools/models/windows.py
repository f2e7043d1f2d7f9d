"""Models of convolutions, pools, branches and movement, one form of network each; see make_models.py."""

import numpy as np
from example import Example, codes, normalization, odd
from graph import Graph

INT64 = np.int64
# Four random samples, zeros, minimum, maximum, ties: larger tensors, fewer of them.
FEW = slice(4, 12)


def conv(g, rng, x: str, name: str, shape: tuple, bits: int, scale, op: str = "Conv", **attributes) -> str:
    """A convolution with random weights of this shape."""
    return g.node(op, [x, g.quant_const(f"{name}_weight", codes(rng, bits, *shape), bits, scale)], name, **attributes)


def per_channel(rng, low: float, high: float, channels: int, rank: int) -> np.ndarray:
    """Odd scales along the first axis of a weight."""
    return odd(rng, low, high, channels).reshape(channels, *[1] * (rank - 1))


def cnv(rng):
    """CNV: 1-bit weights, then 2-bit ones, BatchNormalization, 2-bit activations, maximum pools."""
    g = Graph("cnv")
    x = g.quant(g.input("image", [1, 3, 10, 10]), "input_quant", 8, 2.0**-7)
    signs = rng.choice([-1.0, 1.0], (6, 3, 3, 3)) * rng.uniform(0.1, 1, (6, 3, 3, 3))
    weight = g.bipolar(g.const("conv1_weight", signs), "conv1_weight_sign", 0.0731)
    x = g.batch_norm(g.node("Conv", [x, weight], "conv1"), "norm1", **normalization(rng, 6, 0.4))
    x = g.quant(x, "act1_quant", 2, 0.91, narrow=True)
    x = g.node("MaxPool", [x], "pool1", kernel_shape=[2, 2], strides=[2, 2])
    x = conv(g, rng, x, "conv2", (8, 6, 3, 3), 2, 0.113)
    x = g.quant(g.batch_norm(x, "norm2", **normalization(rng, 8, 0.5)), "act2_quant", 2, 0.67, narrow=True)
    x = g.node("MaxPool", [x], "pool2", kernel_shape=[2, 2], strides=[2, 2])
    x = g.node("Flatten", [x], "flatten", axis=1)
    x = g.node("MatMul", [x, g.quant_const("fc1_weight", codes(rng, 2, 8, 5), 2, 0.21)], "fc1")
    g.output(g.quant(x, "output_quant", 4, 0.173), [1, 5])
    return Example(g, -1, 0.9921875, 2.0**-7, samples=FEW)


def residual(rng):
    """Residual blocks with odd scales: an identity, and a strided one with a 1x1 convolution beside it."""
    g = Graph("residual")
    x = g.quant(g.input("image", [1, 3, 8, 8]), "input_quant", 6, 0.0371)
    x = conv(g, rng, x, "stem", (4, 3, 3, 3), 4, per_channel(rng, 0.02, 0.1, 4, 4), pads=[1] * 4)
    x = g.quant(g.node("Relu", [x], "stem_relu"), "stem_quant", 4, 0.0913, signed=False)
    y = conv(g, rng, x, "block1_conv", (4, 4, 3, 3), 4, 0.0319, pads=[1] * 4)
    y = g.quant(g.batch_norm(y, "block1_norm", **normalization(rng, 4, 0.6)), "block1_quant", 5, 0.1171)
    x = g.node("Relu", [g.node("Add", [x, y], "block1_add")], "block1_relu")
    x = g.quant(x, "block1_out_quant", 4, 0.1307, signed=False)
    y = conv(g, rng, x, "block2_conv", (6, 4, 3, 3), 4, 0.0277, pads=[1] * 4, strides=[2, 2])
    y = g.quant(y, "block2_quant", 5, 0.0883)
    z = g.quant(conv(g, rng, x, "block2_shortcut", (6, 4, 1, 1), 4, 0.0541, strides=[2, 2]), "shortcut_quant", 5, 0.0727)
    x = g.node("Relu", [g.node("Add", [y, z], "block2_add")], "block2_relu")
    x = g.quant(x, "block2_out_quant", 4, 0.0979, signed=False)
    x = g.quant(g.node("GlobalAveragePool", [x], "pool"), "pool_quant", 6, 0.0213, signed=False)
    x = g.node("Flatten", [x], "flatten", axis=1)
    x = g.node("MatMul", [x, g.quant_const("fc_weight", codes(rng, 4, 6, 4), 4, 0.0611)], "fc")
    g.output(g.quant(x, "output_quant", 6, 0.0317), [1, 4])
    return Example(g, -1.1, 1.1, 0.0371, samples=FEW)


def separable(rng):
    """MobileNet's form: depthwise and pointwise convolutions, an average pool that Trunc divides."""
    g = Graph("separable")
    x = g.quant(g.input("image", [1, 4, 8, 8]), "input_quant", 8, 0.0079, signed=False)
    x = conv(g, rng, x, "depthwise1", (4, 1, 3, 3), 4, per_channel(rng, 0.05, 0.1, 4, 4), group=4, pads=[1] * 4)
    x = g.quant(g.node("Relu", [x], "relu1"), "act1_quant", 4, 0.0717, signed=False)
    x = conv(g, rng, x, "pointwise1", (6, 4, 1, 1), 4, 0.0533)
    x = g.batch_norm(x, "norm1", **normalization(rng, 6, 0.3))
    x = g.quant(g.node("Relu", [x], "relu2"), "act2_quant", 4, 0.1019, signed=False)
    x = conv(g, rng, x, "depthwise2", (6, 1, 3, 3), 4, 0.0437, group=6, strides=[2, 2], pads=[1] * 4)
    x = g.quant(g.node("Relu", [x], "relu3"), "act3_quant", 4, 0.0619, signed=False)
    x = g.node("AveragePool", [x], "pool", kernel_shape=[2, 2], strides=[2, 2])
    x = g.node("Mul", [x, g.const("pool_size", 4.0)], "pool_sum")
    x = g.trunc(x, "pool_trunc", 6, 4, 0.0619)
    x = g.node("Flatten", [x], "flatten", axis=1)
    x = g.node("MatMul", [x, g.quant_const("fc_weight", codes(rng, 4, 24, 4), 4, 0.0341)], "fc")
    g.output(g.quant(x, "output_quant", 6, 0.0251), [1, 4])
    return Example(g, 0, 2.0145, 0.0079, samples=FEW)


def unet(rng):
    """U-Net's form: down, up by a nearest-neighbour Resize, a Concat across with another scale."""
    g = Graph("unet")
    x = g.quant(g.input("image", [1, 2, 8, 8]), "input_quant", 6, 2.0**-4)
    x = conv(g, rng, x, "encoder", (4, 2, 3, 3), 4, 0.0573, pads=[1] * 4)
    skip = g.quant(g.node("Relu", [x], "encoder_relu"), "encoder_quant", 4, 0.2031, signed=False)
    x = g.node("MaxPool", [skip], "down", kernel_shape=[2, 2], strides=[2, 2])
    x = conv(g, rng, x, "middle", (4, 4, 3, 3), 4, 0.0489, pads=[1] * 4)
    x = g.quant(g.node("Relu", [x], "middle_relu"), "middle_quant", 4, 0.1723, signed=False)
    scales = ["", g.const("up_scales", [1, 1, 2, 2])]
    resize = {"mode": "nearest", "nearest_mode": "floor", "coordinate_transformation_mode": "asymmetric"}
    x = g.node("Resize", [x, *scales], "up", **resize)
    x = g.quant(g.node("Concat", [x, skip], "concat", axis=1), "concat_quant", 4, 0.1877, signed=False)
    x = conv(g, rng, x, "decoder", (2, 8, 3, 3), 4, 0.0311, pads=[1] * 4)
    g.output(g.quant(x, "output_quant", 5, 0.1139), [1, 2, 8, 8])
    return Example(g, -2, 1.9375, 2.0**-4, samples=FEW)


def conv1d(rng):
    """Keyword spotting's form: convolutions along time, one dilated, a pool, a dense layer."""
    g = Graph("conv1d")
    x = g.quant(g.input("sound", [1, 4, 24]), "input_quant", 8, 0.0213)
    x = conv(g, rng, x, "conv1", (6, 4, 5), 5, per_channel(rng, 0.01, 0.05, 6, 3), strides=[2], pads=[2, 2])
    x = g.node("Relu", [g.batch_norm(x, "norm1", **normalization(rng, 6, 0.8))], "relu1")
    x = g.quant(x, "act1_quant", 6, 0.0377, signed=False)
    x = conv(g, rng, x, "conv2", (6, 6, 3), 5, 0.0241, dilations=[2], pads=[2, 2])
    x = g.quant(g.node("Relu", [x], "relu2"), "act2_quant", 6, 0.0519, signed=False)
    x = g.node("MaxPool", [x], "pool", kernel_shape=[3], strides=[3])
    x = g.node("Reshape", [x, g.const("flat_shape", [1, -1], INT64)], "flatten")
    weight = g.quant_const("fc_weight", codes(rng, 5, 5, 24), 5, 0.0187)
    bias = g.quant_const("fc_bias", codes(rng, 6, 5), 6, 0.0113)
    x = g.node("Gemm", [x, weight, bias], "fc", transB=1)
    g.output(g.quant(x, "output_quant", 6, 0.0831), [1, 5])
    return Example(g, -2.7, 2.7, 0.0213, samples=FEW)


def autoencoder(rng):
    """A strided convolution down, a ConvTranspose up, zero points in between."""
    g = Graph("autoencoder")
    x = g.quant(g.input("image", [1, 2, 8, 8]), "input_quant", 5, 2.0**-4, signed=False)
    x = conv(g, rng, x, "encoder", (4, 2, 3, 3), 4, 0.0419, strides=[2, 2], pads=[1] * 4)
    x = g.quant(x, "code_quant", 6, 0.0671, 29, signed=False)
    shape = {"strides": [2, 2], "pads": [1] * 4, "output_padding": [1, 1]}
    x = conv(g, rng, x, "decoder", (4, 2, 3, 3), 4, 0.0353, op="ConvTranspose", **shape)
    g.output(g.quant(x, "output_quant", 6, 0.0459), [1, 2, 8, 8])
    return Example(g, 0, 1.9375, 2.0**-4, samples=FEW)


def attention_scores(g, rng) -> tuple[dict, str]:
    """Six tokens projected to queries, keys and values, and the products of queries and keys."""
    x = g.quant(g.input("tokens", [1, 6, 8]), "input_quant", 6, 0.0613)
    projected = {}
    for name, scale in [("query", 0.1193), ("key", 0.1351), ("value", 0.0877)]:
        weight = g.quant_const(f"{name}_weight", codes(rng, 4, 8, 8), 4, odd(rng, 0.02, 0.1))
        projected[name] = g.quant(g.node("MatMul", [x, weight], name), f"{name}_quant", 5, scale)
    keys = g.node("Transpose", [projected["key"]], "key_transpose", perm=[0, 2, 1])
    return projected, g.node("MatMul", [projected["query"], keys], "scores")


def attention(rng):
    """Attention's form without its softmax: both factors of two products are activations."""
    g = Graph("attention")
    projected, scores = attention_scores(g, rng)
    x = g.node("Relu", [scores], "scores_relu")
    x = g.quant(x, "scores_quant", 5, 0.1489, signed=False)
    x = g.node("MatMul", [x, projected["value"]], "mixed")
    g.output(g.quant(x, "output_quant", 6, 0.2213), [1, 6, 8])
    return Example(g, -1.9, 1.9, 0.0613, samples=FEW)


WINDOWS = [cnv, residual, separable, unet, conv1d, autoencoder, attention]
