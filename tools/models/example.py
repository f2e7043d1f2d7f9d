"""An example model with what its manifest says, and random parameters for it."""

import numpy as np


class Example:
    """A model with what the manifest says of it: input domain, step of the input quantizer, and the
    kinds of its outputs (none: the reference can't run it). `samples` selects among reference.vectors;
    `runtime` has ONNX Runtime itself run the whole model."""

    def __init__(
        self, graph, low=0.0, high=0.0, scale=1.0, kinds=("quantizer",), samples=slice(None), runtime=False, **facts
    ):
        self.graph, self.domain, self.kinds, self.facts = graph, (low, high, scale), kinds, facts
        self.samples, self.runtime = samples, runtime


def codes(rng, bits: int, *shape: int) -> np.ndarray:
    """Random codes of a narrow signed format."""
    top = 2 ** (bits - 1) - 1
    return rng.integers(-top, top + 1, shape)


def odd(rng, low: float, high: float, *shape: int) -> np.ndarray:
    """Scales that are no powers of two, with few decimals."""
    return np.round(rng.uniform(low, high, shape), 4).astype(np.float32)


def normalization(rng, size: int, spread: float) -> dict:
    """BatchNormalization's parameters; a third of the gammas is negative."""
    sign = np.where(np.arange(size) % 3 == 1, -1, 1)
    return {
        "gamma": odd(rng, 0.5, 1.5, size) * sign,
        "beta": odd(rng, -0.5, 0.5, size),
        "mean": odd(rng, -spread, spread, size),
        "var": odd(rng, spread, 2 * spread, size),
    }
