"""What a file of a table gives to who asks for columns of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from specnet import errors
    from specnet.arrays import Array
    from specnet.tables.dialect import Dialect

ROWS = 65_536
"""The most rows of a block."""


class WantedColumn(NamedTuple):
    """A column to be read: as float64 or as text, and where the spec names it."""

    name: str
    numeric: bool
    place: errors.Path = ()


class Block(NamedTuple):
    """Some rows of a table, in the order of the file.

    `lines` has the line at which each row starts, or its number from 1 in a file without lines. `columns` has one item
    for each that is wanted, in that order: float64 with NaN for a missing cell, or texts with None for one. `texts` has
    all columns of the file as they are written, where that was asked for.
    """

    lines: npt.NDArray[np.int64]
    columns: tuple[Array | list[str | None], ...]
    texts: tuple[list[str], ...] | None


class TableFile(Protocol):
    """A file of named columns. `name` is what the spec or the command line calls it."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def name(self) -> str:
        """The file as the spec or the command line calls it."""

    def header(self) -> list[str]:
        """The names of all columns. Raises DataError."""

    def blocks(self, wanted: Sequence[WantedColumn], passthrough: bool = False) -> Iterator[Block]:
        """All rows, at most ROWS at a time. Raises DataError, with the row and the column of a wrong cell."""


@runtime_checkable
class Written(TableFile, Protocol):
    """A table whose cells are texts in a file; `dialect` says how numbers and gaps are written."""

    @property
    def dialect(self) -> Dialect:
        """How cells are written."""
