"""Trains the weights of `digits_mlp`: ten drawn digits, shifted, blurred and noisy, 8x8 pixels."""

import numpy as np

GLYPHS = """
.###. ..#.. .###. ####. ...#. ##### .###. ##### .###. .###.
#...# .##.. #...# ....# ..##. #.... #.... ....# #...# #...#
#...# ..#.. ...#. .###. .#.#. ####. ####. ...#. .###. .####
#...# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....#
.###. .###. ##### ####. ...#. ####. .###. ..#.. .###. .###.
"""


def samples(count: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Images [count, 8, 8] in 0..1, and their digits."""
    rows = [line.split() for line in GLYPHS.split("\n") if line]
    glyphs = np.array([[[c == "#" for c in row[d]] for row in rows] for d in range(10)], float)
    digits = rng.integers(0, 10, count)
    images = np.zeros((count, 8, 8))
    for image, digit, y, x in zip(images, digits, *rng.integers(0, 4, (2, count))):
        image[y : y + 5, x : x + 5] = glyphs[digit]
    ink = rng.uniform(0.6, 1, (count, 1, 1))
    noise = rng.normal(0, 0.1, images.shape)
    return np.clip(images * ink + noise, 0, 1), digits


def train(rng, steps: int = 3000, rate: float = 0.2) -> dict[str, np.ndarray]:
    """Weights of 64 -> 32 (BatchNormalization, Relu) -> 10, by plain gradient descent."""
    w1, w2 = rng.normal(0, 0.15, (64, 32)), rng.normal(0, 0.2, (32, 10))
    b1, b2 = np.zeros(32), np.zeros(10)
    for _ in range(steps):
        images, digits = samples(64, rng)
        x = images.reshape(64, 64)
        hidden = np.maximum(x @ w1 + b1, 0)
        logits = hidden @ w2 + b2
        error = np.exp(logits - logits.max(1, keepdims=True))
        error /= error.sum(1, keepdims=True)
        error[np.arange(64), digits] -= 1
        back = (error @ w2.T) * (hidden > 0)
        w2 -= rate / 64 * hidden.T @ error
        b2 -= rate / 64 * error.sum(0)
        w1 -= rate / 64 * x.T @ back
        b1 -= rate / 64 * back.sum(0)
    return {"w1": w1, "b1": b1, "w2": w2, "b2": b2}
