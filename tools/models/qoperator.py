"""Models of operators on integer codes, with ONNX Runtime's own as reference; see make_models.py."""

import numpy as np
from example import Example, codes, odd
from graph import Graph
from onnx import TensorProto

MS = "com.microsoft"
INT64 = np.int64
FEW = slice(4, 12)


class Codes:
    """A tensor of codes with its scale and zero point."""

    def __init__(self, g, codes: str, name: str, scale, zero_point, dtype=np.uint8):
        self.codes = codes
        self.parameters = [g.const(f"{name}_scale", scale), g.const(f"{name}_zero_point", zero_point, dtype)]

    @property
    def operands(self) -> list:
        return [self.codes, *self.parameters]


def made(g, op: str, operands: list, name: str, scale, zero_point: int, domain: str = MS, last=(), **attributes):
    """The result of an operator that ends in scale and zero point of its result."""
    result = Codes(g, "", name, scale, zero_point)
    result.codes = g.node(op, [*operands, *result.parameters, *last], name, domain, **attributes)
    return result


def quantized(g, x: str, name: str, scale, zero_point: int):
    result = Codes(g, "", name, scale, zero_point)
    result.codes = g.node("QuantizeLinear", [x, *result.parameters], name)
    return result


def conv(g, rng, x: Codes, name: str, shape: tuple, scale, zero_point: int, **attributes):
    """QLinearConv with scales per channel and a bias."""
    weight = g.const(f"{name}_weight", codes(rng, 8, *shape), np.int8)
    weight = Codes(g, weight, f"{name}_weight", odd(rng, 0.002, 0.009, shape[0]), np.zeros(shape[0]), np.int8)
    bias = [g.const(f"{name}_bias", codes(rng, 11, shape[0]), np.int32)]
    return made(g, "QLinearConv", x.operands + weight.operands, name, scale, zero_point, "", bias, **attributes)


def qoperator(rng):
    """Convolutions, a residual add, a gate, a Concat, pools and a dense layer on uint8 codes, views and pools of codes."""
    g = Graph("qoperator")
    x = quantized(g, g.input("image", [1, 2, 8, 8]), "input_quant", 0.0137, 119)
    x = conv(g, rng, x, "stem", (4, 2, 3, 3), 0.0211, 131, pads=[1] * 4)
    x = made(g, "QLinearLeakyRelu", x.operands, "stem_relu", 0.0173, 41, alpha=0.2)
    x.codes = g.node("MaxPool", [x.codes], "stem_pool", kernel_shape=[2, 2], strides=[2, 2])
    y = conv(g, rng, x, "branch", (4, 4, 3, 3), 0.0307, 140, pads=[1] * 4)
    x = made(g, "QLinearAdd", x.operands + y.operands, "add", 0.0389, 101)
    gate = made(g, "QLinearSigmoid", y.operands, "gate", 1 / 256, 0)
    y = made(g, "QLinearMul", x.operands + gate.operands, "gated", 0.0311, 97)
    both = Codes(g, "", "concat", 0.0353, 99)
    both.codes = g.node("QLinearConcat", both.parameters + x.operands + y.operands, "concat", MS, axis=1)
    both.codes = g.node("Transpose", [both.codes], "transpose", perm=[0, 1, 3, 2])
    x = made(g, "QLinearAveragePool", both.operands, "pool", 0.0281, 103, kernel_shape=[2, 2], strides=[2, 2])
    mean = made(g, "QLinearGlobalAveragePool", x.operands, "mean", 0.0259, 107, channels_last=0)
    x.codes = g.node("Flatten", [x.codes], "flatten")
    mean.codes = g.node("Flatten", [mean.codes], "flatten_mean")
    logits = []
    for name, source, size in [("fc", x, 32), ("fc_mean", mean, 8)]:
        weight = Codes(g, g.const(f"{name}_weight", codes(rng, 8, 5, size), np.int8), f"{name}_weight", 0.0061, 3, np.int8)
        bias = [g.const(f"{name}_bias", codes(rng, 11, 5), np.int32)]
        operands = source.operands + weight.operands + bias
        logits.append(made(g, "QGemm", operands, name, 0.0223, 125, transB=1, alpha=0.7))
    x = made(g, "QLinearAdd", logits[0].operands + logits[1].operands, "logits", 0.0297, 121)
    g.output(g.node("DequantizeLinear", x.operands, "output_dequantize"), [1, 5])
    return Example(g, -1.6, 1.8, 0.0137, samples=FEW, runtime=True)


def integer_operators(rng):
    """ConvInteger and MatMulInteger, scaled in float in between; an int32 output."""
    g = Graph("integer_operators")
    x = quantized(g, g.input("image", [1, 2, 6, 6]), "input_quant", 0.0137, 119)
    weight = g.const("conv_weight", codes(rng, 7, 4, 2, 3, 3) + 70, np.uint8)
    operands = [x.codes, weight, x.parameters[1], g.const("conv_weight_zero_point", 70, np.uint8)]
    x = g.node("ConvInteger", operands, "conv", pads=[1, 0, 0, 1], strides=[2, 2])
    x = g.node("Mul", [g.node("Cast", [x], "cast", to=TensorProto.FLOAT), g.const("conv_scale", 0.000113)], "conv_scaled")
    x = quantized(g, g.node("Relu", [x], "relu"), "act_quant", 0.0049, 0)
    x.codes = g.node("Reshape", [x.codes, g.const("flat_shape", [1, -1], INT64)], "flatten")
    weight = g.const("fc_weight", codes(rng, 8, 36, 5), np.int8)
    x = g.node("MatMulInteger", [x.codes, weight, x.parameters[1]], "fc")
    g.output(x, [1, 5], TensorProto.INT32)
    return Example(g, -1.6, 1.8, 0.0137, ["integer"], samples=FEW, runtime=True)


QOPERATOR = [qoperator, integer_operators]
