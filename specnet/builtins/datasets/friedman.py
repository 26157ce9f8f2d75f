"""The three regression problems of Friedman, Multivariate adaptive regression splines, Annals of Statistics, 1991."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from specnet.builtins.datasets.functions import NoisyFunction
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Component
    from specnet.streams import Random

_CIRCUIT = ("x_0", "x_1", "x_2", "x_3")


def _circuit(rng: Random, samples: int) -> tuple[Array, Array]:
    """Resistance, frequency, inductance and capacitance of an alternating current circuit, and its reactance."""
    import numpy as np

    low, high = np.array([0, 40 * np.pi, 0, 1]), np.array([100, 560 * np.pi, 1, 11])
    x = low + (high - low) * rng.uniform(0.0, 1.0, (samples, 4))
    return x, x[:, 1] * x[:, 2] - 1 / (x[:, 1] * x[:, 3])


class Friedman1(NoisyFunction):
    """y = 10 sin(pi x_0 x_1) + 20 (x_2 - 1/2)^2 + 10 x_3 + 5 x_4 + noise * N(0, 1), x ~ U[0, 1).

    Friedman 1991, in the form of scikit-learn's make_friedman1; the inputs after the fifth say nothing of y.
    """

    type: Literal["friedman1"] = "friedman1"
    features: int = Field(default=10, ge=5, le=10_000)
    """The input columns."""

    def names(self) -> tuple[str, ...]:
        return tuple(f"x_{j}" for j in range(self.features))

    def exact(self, rng: Random) -> tuple[Array, Array]:
        import numpy as np

        x = rng.uniform(0.0, 1.0, (self.samples, self.features))
        a, b, c, d, e = x.T[:5]
        return x, 10 * np.sin(np.pi * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e


class Friedman2(NoisyFunction):
    """y = sqrt(x_0^2 + (x_1 x_2 - 1 / (x_1 x_3))^2) + noise * N(0, 1): the impedance of a circuit.

    x_0 ~ U[0, 100), x_1 ~ U[40 pi, 560 pi), x_2 ~ U[0, 1), x_3 ~ U[1, 11).
    Friedman 1991, in the form of scikit-learn's make_friedman2.
    """

    type: Literal["friedman2"] = "friedman2"

    def names(self) -> tuple[str, ...]:
        return _CIRCUIT

    def exact(self, rng: Random) -> tuple[Array, Array]:
        import numpy as np

        x, reactance = _circuit(rng, self.samples)
        return x, np.hypot(x[:, 0], reactance)


class Friedman3(NoisyFunction):
    """y = arctan((x_1 x_2 - 1 / (x_1 x_3)) / x_0) + noise * N(0, 1): the phase of a circuit.

    The inputs are those of friedman2. Friedman 1991, in the form of scikit-learn's make_friedman3.
    """

    type: Literal["friedman3"] = "friedman3"

    def names(self) -> tuple[str, ...]:
        return _CIRCUIT

    def exact(self, rng: Random) -> tuple[Array, Array]:
        import numpy as np

        x, reactance = _circuit(rng, self.samples)
        return x, np.arctan2(reactance, x[:, 0])  # x_0 >= 0, and may be 0


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The problems of this room."""
    return [Friedman1, Friedman2, Friedman3]
