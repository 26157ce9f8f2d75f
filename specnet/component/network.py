"""Layers, activations and initializers: forward returns its own pullback, shapes are planned from shapes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from math import inf, isinf
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Protocol

from pydantic import Field

from specnet.component.base import Component, Many

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.streams import Random

    Pullback = Callable[[Array], tuple["Array | None", ...]]

Shape = tuple[int, ...]
Meaning = Literal["anything", "numbers", "positive", "probabilities", "distributions", "log_distributions"]
"""What values are known to be: nothing, numbers that may be below 0, never below 0, each from 0 to 1, or along the last
axis from 0 to 1 with the sum 1, or the logarithms of those."""


class Initializer(Component):
    """Where a parameter starts."""

    kind = "initializer"

    @abstractmethod
    def draw(self, shape: Shape, fan_in: int, fan_out: int, rng: Random) -> Array:
        """float64 values of that shape; the fans are the numbers of connections into and out of one unit."""


class Parameter(NamedTuple):
    """A trained array that a layer asks for; the layers' parameters all live in one flat vector."""

    name: str
    shape: Shape
    initializer: Initializer
    fan_in: int
    fan_out: int
    decaying: bool = True
    """Whether weight decay makes it smaller; not so for biases, and for the scales and shifts of a norm."""


class Buffer(NamedTuple):
    """An array that a layer keeps between batches and that no optimizer sees, such as a running mean."""

    name: str
    shape: Shape
    initial: float = 0.0


class LayerPlan(NamedTuple):
    """What a layer makes of its input shapes; shapes leave the row axis out."""

    out_shape: Shape
    params: tuple[Parameter, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    least_rows: int = 1
    """Rows that each batch must have in training, more than 1 where something is measured over them."""


class ShapeError(ValueError):
    """Raised by `Layer.plan` for input shapes that the layer cannot take; the message says what it wants."""


class UnknownShapeError(ShapeError):
    """Raised in place of a layer that cannot be read: its own fault is reported where it stands."""


class Context(Protocol):
    """What an engine hands to a layer or a loss for one batch."""

    training: bool
    """True while the layer is being trained, False for evaluation and prediction, and where it is not trainable."""
    input_gradient: bool
    """False when nobody needs the gradient of the inputs: the pullback may then return None for them."""
    gradients: Mapping[str, Array]
    """Where the pullback writes the gradient of each parameter, by name."""
    buffers: Mapping[str, Array]
    """The layer's own buffers, by name; written in place, and only while training."""

    @property
    def xp(self) -> Any:
        """The array namespace: NumPy's names, and `out=`."""

    @property
    def rng(self) -> Random:
        """The layer's random stream of this batch: a function of (seed, layer, step)."""

    def empty(self, shape: Shape, dtype: Any = None) -> Any:
        """An uninitialized array of (rows, ...) in feature-major memory: the same memory at each step."""


def meaning_of(low: float, high: float) -> Meaning:
    """What values between two bounds are; no bounds say nothing."""
    if low >= 0:
        return "probabilities" if high <= 1 else "positive"
    return "anything" if isinf(low) and isinf(high) else "numbers"


class Layer(Component):
    """A step of the net; it reads the layers that `inputs` name, or else the layer before it."""

    kind = "layer"

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")] | None = None
    """What other layers call this one in their `inputs`."""
    inputs: Many[str] | None = None
    """The layers that this one reads, in order; "inputs" are the columns of the dataset."""
    trainable: bool = True
    """False leaves its parameters, and what it keeps between batches, as they are: it works as outside training."""

    @abstractmethod
    def plan(self, in_shapes: tuple[Shape, ...]) -> LayerPlan:
        """Arithmetic on shapes. Raises ShapeError for shapes that the layer cannot take."""

    def whole_numbers(self) -> int | None:
        """How many whole numbers the inputs may be, from 0 on; None where they may be any numbers.

        A layer of whole numbers raises a DataError for others.
        """
        return None

    def bounds(self) -> tuple[float, float]:
        """The infimum and the supremum of what the layer gives; infinite unless the class knows better."""
        return -inf, inf

    def gives(self) -> Meaning:
        """What the values are known to be; read from the bounds unless the class knows better.

        "anything" is held to nothing, "numbers" may be below 0, "positive" are not, "probabilities" are from 0 to 1,
        "distributions" also have the sum 1 along the last axis, "log_distributions" are logarithms of those.
        """
        return meaning_of(*self.bounds())

    @abstractmethod
    def forward(self, ctx: Context, params: Mapping[str, Array], *inputs: Array) -> tuple[Array, Pullback]:
        """y and the pullback dy -> one dx for each input, which also writes `ctx.gradients`.

        The inputs must be left as they are. dy is the pullback's to overwrite, and may itself be the dx of several
        inputs; the pullback is called at most once.
        """

    def formula(self, in_shapes: tuple[Shape, ...], xp: Any, values: Mapping[str, Array], *inputs: Array) -> Array:
        """y outside training, written for a reader: an export copies the text of this method.

        `values` are the parameters and the buffers. The fields, and what they and the shapes alone decide, become
        constants of the copy. Raises TypeError where a layer has none: it cannot be exported.
        """
        raise TypeError(f"the layer {self.type!r} has no `formula` to copy")


class Activation(Component):
    """An elementwise y = f(x), as two formulas against an array namespace `xp`."""

    kind = "activation"

    @abstractmethod
    def value(self, x: Array, xp: Any) -> Array:
        """y = f(x)."""

    @abstractmethod
    def slope(self, x: Array, y: Array, xp: Any) -> Array:
        """dy/dx, from x and y = f(x)."""

    def bounds(self) -> tuple[float, float]:
        """The infimum and the supremum of y; infinite unless the class knows better."""
        return -inf, inf

    def gives(self) -> Meaning:
        """What the values are known to be; read from the bounds unless the class knows better.

        "anything" is held to nothing, "numbers" may be below 0, "positive" are not, "probabilities" are from 0 to 1,
        "distributions" also have the sum 1 along the last axis, "log_distributions" are logarithms of those.
        """
        return meaning_of(*self.bounds())

    def forward(self, ctx: Context, x: Array) -> tuple[Array, Callable[[Array], Array]]:
        """y and the pullback dy -> dx; both x and dy may be overwritten."""
        y = self.value(x, ctx.xp)

        def pullback(dy: Array) -> Array:
            dy *= self.slope(x, y, ctx.xp)
            return dy

        return y, pullback
