"""Scalers: invertible maps of columns, fitted on the training rows only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from specnet.component import Component, Scaler
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array


class Standardize(Scaler):
    """z = (x - mean) / std, with n (not n - 1) in std; a constant column becomes 0 and comes back as its mean."""

    synonyms = ("standard", "zscore", "z_score")
    centred = True
    type: Literal["standardize"] = "standardize"

    def fit(self, x: Array) -> dict[str, Array]:
        import numpy as np

        # The mean of equal numbers can be off in its last digit, and would make a constant column look like noise.
        constant = x.min(axis=0) == x.max(axis=0)
        mean = np.where(constant, x[0], x.mean(axis=0))
        # In units of the largest deviation its squares neither overflow nor vanish, whatever the size of the numbers.
        deviations = x - mean
        unit = np.where(constant, 1.0, np.abs(deviations).max(axis=0))
        std = unit * np.sqrt(np.square(deviations / unit).mean(axis=0))
        return {"mean": mean, "std": np.where(constant, 0.0, std)}

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        import numpy as np

        # A column that did not vary in training has untrained weights: whatever it holds later must not reach them.
        return np.divide(x - state["mean"], state["std"], out=np.zeros_like(x), where=state["std"] > 0)

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return z * state["std"] + state["mean"]

    def check(self, z: Array) -> str:
        varying = z[:, z.min(axis=0) < z.max(axis=0)]
        if not varying.size:
            return "no column varies"
        mean, deviation = abs(varying.mean(axis=0)).max(), abs(varying.std(axis=0) - 1).max()
        return f"means within {mean:.1e} of 0, deviations within {deviation:.1e} of 1"


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The scalers of this room."""
    return [Standardize]
