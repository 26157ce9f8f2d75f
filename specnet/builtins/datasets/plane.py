"""Points in the plane that belong to classes: a shape for each class, and normal noise around it."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from specnet.builtins.datasets.classes import class_names, class_table, in_turn
from specnet.component import Component, Data, Dataset, DatasetPlan, LoadContext, Table
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from specnet.arrays import Array, Index
    from specnet.streams import Random


class Plane(Dataset):
    """Points x, y of a shape + noise * N(0, 1); the classes take turns, row by row."""

    samples: int = Field(default=1000, gt=0)
    """Rows to draw; the classes are equally many, or one apart where that cannot be."""
    noise: float = Field(default=0.1, ge=0, le=1e6)
    """The standard deviation of the noise in each coordinate."""

    def classes(self) -> int:
        """How many shapes there are."""
        return 2

    @abstractmethod
    def shape(self, rng: Random) -> tuple[Array, Array, Index]:
        """x and y without noise, and the class of each row."""

    def plan(self) -> DatasetPlan:
        return DatasetPlan(("x", "y"), class_names(self.classes()), self.samples)

    def load(self, ctx: LoadContext) -> Data:
        import numpy as np

        x, y, which = self.shape(ctx.rng)
        points = np.stack([x, y], axis=1) + self.noise * ctx.rng.standard_normal((self.samples, 2))
        return Data(Table(("x", "y"), points), class_table(which, self.classes()))


class Xor(Plane):
    """The corners (0, 0), (0, 1), (1, 1), (1, 0) in turn, + noise * N(0, 1); class = x xor y of the corner.

    The problem that no single layer solves: Minsky and Papert, Perceptrons, 1969.
    """

    type: Literal["xor"] = "xor"

    def shape(self, rng: Random) -> tuple[Array, Array, Index]:
        import numpy as np

        corner = in_turn(self.samples, 4)
        return (corner >= 2).astype(np.float64), ((corner == 1) | (corner == 2)).astype(np.float64), corner % 2


class Spirals(Plane):
    """r = sqrt(U[0, 1)) at the angle 2 pi (turns r + k / arms) for class k, + noise * N(0, 1).

    Spirals of Archimedes, after the two-spirals problem of Lang and Witbrock, 1988; the root spreads the points evenly.
    """

    type: Literal["spirals"] = "spirals"
    arms: int = Field(default=2, ge=2, le=100)
    """The classes, an arm each."""
    turns: float = Field(default=1.0, gt=0, le=100)
    """How often an arm winds around the origin."""

    def classes(self) -> int:
        return self.arms

    def shape(self, rng: Random) -> tuple[Array, Array, Index]:
        import numpy as np

        which = in_turn(self.samples, self.arms)
        r = np.sqrt(rng.uniform(0.0, 1.0, self.samples))
        angle = 2 * np.pi * (self.turns * r + which / self.arms)
        return r * np.cos(angle), r * np.sin(angle), which


class Moons(Plane):
    """(cos t, sin t) for class 0 and (1 - cos t, 1/2 - sin t) for class 1, t ~ U[0, pi), + noise * N(0, 1).

    The half circles of scikit-learn's make_moons, with t drawn instead of evenly spaced.
    """

    type: Literal["moons"] = "moons"

    def shape(self, rng: Random) -> tuple[Array, Array, Index]:
        import numpy as np

        which = in_turn(self.samples, 2)
        t = rng.uniform(0.0, np.pi, self.samples)
        x, y = np.cos(t), np.sin(t)
        return np.where(which == 0, x, 1 - x), np.where(which == 0, y, 0.5 - y), which


class Circles(Plane):
    """Radius 1 for class 0 and `factor` for class 1 at the angle U[0, 2 pi), + noise * N(0, 1).

    The rings of scikit-learn's make_circles, with the angle drawn instead of evenly spaced.
    """

    type: Literal["circles"] = "circles"
    factor: float = Field(default=0.5, gt=0, lt=1)
    """The radius of the inner circle."""

    def shape(self, rng: Random) -> tuple[Array, Array, Index]:
        import numpy as np

        which = in_turn(self.samples, 2)
        angle = rng.uniform(0.0, 2 * np.pi, self.samples)
        r = np.where(which == 0, 1.0, self.factor)
        return r * np.cos(angle), r * np.sin(angle), which


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The shapes of this room."""
    return [Xor, Spirals, Moons, Circles]
