"""The arithmetic of the article's net against the measured peak of one core: how near compiled code can come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

ROWS = 7000
LEFT, RIGHT, LONG = 2, 4, 256
"""Columns in the first cache whose products are summed, each of one side with each of the other: six loads for eight
multiply-adds that do not wait for each other, which keeps both pipes of a core busy."""


def multiply_adds(sizes: Sequence[int]) -> int:
    """Of one row, forward and back: each weight once forward and once for its gradient, biases too, and once more for
    the gradient of what a layer reads, where that is no data."""
    pairs = list(pairwise(sizes))
    weights = sum(a * b for a, b in pairs)
    back = sum(a * b for a, b in pairs[1:])
    return 2 * (weights + sum(b for _, b in pairs)) + back


def peak(repeats: int = 20_000) -> float:
    """Multiply-adds a second in float64, the best of several tries. Raises ImportError without specnet-jit."""
    import numpy as np
    from specnet_jit.cache import module_of

    sums = module_of(_source()).sums
    columns = np.full((LEFT + RIGHT) * LONG, 1e-3)
    sums(columns, 1)
    best = 0.0
    for _ in range(30):
        start = time.process_time()
        sums(columns, repeats)
        best = max(best, repeats * LEFT * RIGHT * LONG / (time.process_time() - start))
    return best


def _source() -> str:
    pairs = [(i, j) for i in range(LEFT) for j in range(RIGHT)]
    names = [f"a{i}{j}" for i, j in pairs]
    lines = ["from numba import njit", "from specnet_jit.kernels import SUMS, at", "", ""]
    lines += ["@njit(fastmath=SUMS)", "def sums(v, count):", f"    {' = '.join(names)} = 0.0"]
    lines += ["    for _ in range(count):", f"        for r in range({LONG}):"]
    lines += [f"            f{k} = at(v, {k * LONG} + r)" for k in range(LEFT + RIGHT)]
    lines += [f"            a{i}{j} += f{i} * f{LEFT + j}" for i, j in pairs]
    return "\n".join([*lines, f"    return {' + '.join(names)}"]) + "\n"
