"""The arithmetic of the article's net against the measured peak of one core: how near compiled code can come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

ROWS = 7000
ACCUMULATORS = 48
"""Sums that do not wait for each other: enough to fill both pipes of a core, and few enough for its registers."""


def multiply_adds(sizes: Sequence[int]) -> int:
    """Of one row, forward and back: each weight once forward and once for its gradient, biases too, and once more for
    the gradient of what a layer reads, where that is no data."""
    pairs = list(pairwise(sizes))
    weights = sum(a * b for a, b in pairs)
    back = sum(a * b for a, b in pairs[1:])
    return 2 * (weights + sum(b for _, b in pairs)) + back


def peak(repeats: int = 200_000) -> float:
    """Multiply-adds a second in float64, the best of several tries. Raises ImportError without specnet-jit."""
    from specnet_jit.cache import module_of

    sums = module_of(_source()).sums
    sums(1, 1.0, 1e-9)
    best = 0.0
    for _ in range(30):
        start = time.perf_counter()
        sums(repeats, 1.0, 1e-9)
        best = max(best, repeats * ACCUMULATORS / (time.perf_counter() - start))
    return best


def _source() -> str:
    """Sums in registers, each with a factor and a summand that the loop does not change."""
    names = [f"a{k}" for k in range(ACCUMULATORS)]
    lines = ["from numba import njit", "", "", "@njit(fastmath={'contract', 'nsz'})", "def sums(count, x, y):"]
    lines += [f"    {name} = y * {k}" for k, name in enumerate(names)]
    lines += ["    for _ in range(count):", *(f"        {name} = {name} * x + y" for name in names)]
    return "\n".join([*lines, f"    return {' + '.join(names)}"]) + "\n"
