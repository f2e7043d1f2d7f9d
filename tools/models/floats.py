"""Models with a layer that no short integer form equals: hardware computes it in float32; see make_models.py."""

from example import Example, codes, odd
from graph import Graph
from windows import FEW, attention_scores


def wide16_odd(rng):
    """16-bit codes of odd scales behind accumulators that float32 rounds: thresholds follow no line."""
    g = Graph("wide16_odd")
    x = g.quant(g.input("x", [1, 12]), "input_quant", 16, 0.000731)
    for layer, (k, n) in enumerate([(12, 10), (10, 4)], 1):
        weight = g.quant_const(f"fc{layer}_weight", codes(rng, 16, k, n), 16, odd(rng, 0.002, 0.005, 1, n))
        x = g.node("MatMul", [x, weight], f"fc{layer}")
        x = g.node("Add", [x, g.quant_const(f"fc{layer}_bias", codes(rng, 8, n), 8, 0.0171)], f"fc{layer}_add_bias")
        x = g.node("Relu", [x], f"relu{layer}") if layer == 1 else x
        x = g.quant(x, f"act{layer}_quant", 16, 0.0731, signed=layer > 1)
    g.output(x, [1, 4])
    return Example(g, -20, 20, 0.000731)


def softmax_attention(rng):
    """Attention whose Softmax lies between quantizers."""
    g = Graph("softmax_attention")
    projected, x = attention_scores(g, rng)
    x = g.node("Softmax", [g.node("Mul", [x, g.const("sharpness", 0.35)], "scaled")], "softmax", axis=-1)
    x = g.quant(x, "probabilities_quant", 8, 1 / 255, signed=False)
    x = g.node("MatMul", [x, projected["value"]], "mixed")
    g.output(g.quant(x, "output_quant", 6, 0.0713), [1, 6, 8])
    return Example(g, -1.9, 1.9, 0.0613, samples=FEW)


def gated(rng):
    """Two wide accumulators that meet unquantized, as in an LSTM's gates: no factors follow the rounding."""
    g = Graph("gated")
    x = g.quant(g.input("x", [1, 10]), "input_quant", 8, 0.0157)
    h = g.quant(g.node("MatMul", [x, g.quant_const("state_weight", codes(rng, 8, 10, 8), 8, 0.0113)], "state"),
                "state_quant", 8, 0.0219)  # fmt: skip
    sums = {}
    for name in ["input", "output"]:
        a = g.node("MatMul", [x, g.quant_const(f"{name}_weight", codes(rng, 8, 10, 8), 8, 0.0053)], f"{name}_of_x")
        b = g.node("MatMul", [h, g.quant_const(f"{name}_back", codes(rng, 8, 8, 8), 8, 0.0071)], f"{name}_of_h")
        sums[name] = g.node("Add", [a, b], f"{name}_sum")
    gate = g.quant(g.node("Sigmoid", [sums["input"]], "sigmoid"), "gate_quant", 8, 1 / 255, signed=False)
    value = g.quant(g.node("Tanh", [sums["output"]], "tanh"), "value_quant", 8, 1 / 127)
    g.output(g.quant(g.node("Mul", [gate, value], "gate"), "output_quant", 8, 1 / 127), [1, 8])
    return Example(g, -2, 2, 0.0157)


FLOATS = [wide16_odd, softmax_attention, gated]
