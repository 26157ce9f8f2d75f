"""The contract of initializers: values of the shape that is asked for, from the stream that is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from specnet.streams import Streams
from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared
from specnet.testing.numbers import SEED, finite, same

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Initializer, Shape
    from specnet.streams import Generation

_SHAPES: tuple[Shape, ...] = (
    *((units, columns) for units in (1, 2, 3, 5) for columns in (1, 2, 4, 7)),
    *((units,) for units in (1, 2, 5)),
    (3, 3, 1, 2),
)


def check_initializer(initializer: Initializer, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """float64 values of the shape, finite, and a function of the stream, of either generation."""
    return contract(initializer).run(expected_failures)


def contract(initializer: Initializer) -> Contract:
    """The promises of an initializer."""
    first = {"shape": _shape}
    then = {"dtype": _dtype, "finite": _finite, "same stream, same result": _same_stream, "mt19937": _legacy}
    return Contract(shared(initializer), (about(initializer, first), about(initializer, then)))


def _drawn(initializer: Initializer, generation: Generation = "pcg64") -> Iterator[tuple[Shape, Array]]:
    for shape in _SHAPES:
        rng = Streams(SEED, generation).of("parameters")
        yield shape, initializer.draw(shape, shape[-1], shape[0], rng)


def _shape(initializer: Initializer) -> str:
    for shape, drawn in _drawn(initializer):
        require(drawn.shape == shape, f"for {shape} it is {drawn.shape}")
    return f"{len(_SHAPES)} shapes"


def _dtype(initializer: Initializer) -> str:
    for shape, drawn in _drawn(initializer):
        require(drawn.dtype == "float64", f"for {shape} it is {drawn.dtype}")
    return "float64"


def _finite(initializer: Initializer) -> str:
    for shape, drawn in _drawn(initializer):
        finite({f"a value for {shape}": drawn})
    return ""


def _same_stream(initializer: Initializer) -> str:
    for (shape, first), (_, again) in zip(_drawn(initializer), _drawn(initializer), strict=True):
        same(again, first, str(shape))
    return f"{len(_SHAPES)} shapes"


def _legacy(initializer: Initializer) -> str:
    """A spec may ask for the streams of 2019, which offer only what `Random` names."""
    for shape, drawn in _drawn(initializer, "mt19937"):
        require(drawn.shape == shape, f"for {shape} it is {drawn.shape}")
    return f"{len(_SHAPES)} shapes"
