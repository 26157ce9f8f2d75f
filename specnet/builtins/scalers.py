"""Scalers: invertible maps of columns, fitted on the training rows only."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Literal

from pydantic import Field

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
        return standardized(state, x)

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return restored(state, z)

    def check(self, z: Array) -> str:
        varying = z[:, z.min(axis=0) < z.max(axis=0)]
        if not varying.size:
            return "no column varies"
        mean, deviation = abs(varying.mean(axis=0)).max(), abs(varying.std(axis=0) - 1).max()
        return f"means within {mean:.1e} of 0, deviations within {deviation:.1e} of 1"


class MinMax(Scaler):
    """z = (x - min) / (max - min), from 0 to 1 on the training rows; a constant column becomes 0 and comes back."""

    synonyms = ("min_max", "normalize", "rescale")
    type: Literal["minmax"] = "minmax"

    def fit(self, x: Array) -> dict[str, Array]:
        low = x.min(axis=0)
        return {"min": low, "range": x.max(axis=0) - low}

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return divided(x - state["min"], state["range"])

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return z * state["range"] + state["min"]


class Robust(Scaler):
    """z = (x - median) / (third quartile - first), which outliers do not move; where both are equal, x - median."""

    synonyms = ("iqr", "robust_scale")
    centred = True
    type: Literal["robust"] = "robust"

    def fit(self, x: Array) -> dict[str, Array]:
        import numpy as np

        first, median, third = np.quantile(x, (0.25, 0.5, 0.75), axis=0)
        constant = x.min(axis=0) == x.max(axis=0)
        spread = np.where(third > first, third - first, 1.0)
        return {"median": np.where(constant, x[0], median), "spread": np.where(constant, 0.0, spread)}

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return divided(x - state["median"], state["spread"])

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return z * state["spread"] + state["median"]


class Log1p(Scaler):
    """z = (log(1 + x) - mean) / std of these logarithms: for amounts that are never below 0 and go over decades."""

    synonyms = ("log", "logarithm")
    centred = True
    type: Literal["log1p"] = "log1p"

    def fit(self, x: Array) -> dict[str, Array]:
        import numpy as np

        return Standardize().fit(np.log1p(x))

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        import numpy as np

        return standardized(state, np.log1p(x))

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        import numpy as np

        return np.expm1(restored(state, z))

    def domain(self) -> tuple[float, float]:
        return -1.0, inf

    def check(self, z: Array) -> str:
        return Standardize().check(z)


class Quantile(Scaler):
    """z = the share of the training rows below x, from 0 to 1, and further along a straight line beyond these rows.

    Between the quantiles of the training rows it is interpolated; a value that many rows have is in the middle of
    their share. The line beyond has the slope 1 / (max - min), so that every number has its way back.
    """

    synonyms = ("quantile_uniform", "rank")
    type: Literal["quantile"] = "quantile"
    quantiles: int = Field(default=1000, ge=2)
    """How many are kept, at most as many as there are training rows."""

    def fit(self, x: Array) -> dict[str, Array]:
        import numpy as np

        levels = np.linspace(0, 1, min(self.quantiles, max(len(x), 2)))
        kept = np.quantile(x, levels, axis=0)
        return {"quantiles": np.maximum.accumulate(kept, axis=0)}  # rounding can put one below the one before

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        import numpy as np

        kept = state["quantiles"]
        levels = np.linspace(0, 1, len(kept))
        z = np.zeros_like(x)
        for j, (values, column) in enumerate(zip(kept.T, x.T, strict=True)):
            if values[0] == values[-1]:
                continue  # whatever such a column holds later must not reach untrained weights
            upper = -np.interp(-column, -values[::-1], -levels[::-1])
            inside = (np.interp(column, values, levels) + upper) / 2
            beyond = column - np.clip(column, values[0], values[-1])
            z[:, j] = inside + beyond / (values[-1] - values[0])
        return z

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        import numpy as np

        kept = state["quantiles"]
        levels = np.linspace(0, 1, len(kept))
        x = np.empty_like(z)
        for j, (values, column) in enumerate(zip(kept.T, z.T, strict=True)):
            beyond = column - np.clip(column, 0, 1)
            x[:, j] = np.interp(column, levels, values) + beyond * (values[-1] - values[0])
        return x


class Unscaled(Scaler):
    """z = x: for a column that is to stay as it is where the section scales all others."""

    synonyms = ("identity", "no", "off")
    type: Literal["none"] = "none"

    def fit(self, x: Array) -> dict[str, Array]:
        return {}

    def transform(self, state: dict[str, Array], x: Array) -> Array:
        return x

    def inverse(self, state: dict[str, Array], z: Array) -> Array:
        return z


def standardized(state: dict[str, Array], x: Array) -> Array:
    """(x - mean) / std."""
    return divided(x - state["mean"], state["std"])


def restored(state: dict[str, Array], z: Array) -> Array:
    """z std + mean."""
    return z * state["std"] + state["mean"]


def divided(deviation: Array, by: Array) -> Array:
    """Each column by its number, 0 where that is 0.

    A column that did not vary in training has untrained weights: whatever it holds later must not reach them.
    """
    import numpy as np

    return np.divide(deviation, by, out=np.zeros_like(deviation), where=by > 0)


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The scalers of this room."""
    return [Standardize, MinMax, Robust, Log1p, Quantile, Unscaled]
