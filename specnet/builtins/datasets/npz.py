"""Arrays of NumPy as a table: a .npz file of several, or a .npy file of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, field_validator

from specnet.builtins.datasets.csv import plain_path
from specnet.builtins.datasets.tables import TableDataset
from specnet.component import Component, SpecPath
from specnet.hookspecs import hookimpl
from specnet.tables.array_file import ArrayFile

if TYPE_CHECKING:
    from pathlib import Path

_LIMIT = 1_000_000


class Npz(TableDataset):
    """The columns of the arrays in a .npz or .npy file of NumPy; nothing in it is unpickled.

    A vector y is the column y. A matrix X has the columns X0, X1, ... and an array of more axes one for each value of a
    row, the last axis first, as `reshape` puts them together again. The array of a .npy file is called x. In `inputs`
    and `targets` "X0..X63" stands for the 64 columns from X0 to X63. NaN is an empty cell.
    """

    synonyms = ("npy", "numpy")
    type: Literal["npz"] = "npz"
    path: SpecPath = Field(examples=["arrays.npz"])
    """The file, relative to the spec file."""

    @field_validator("path")
    @classmethod
    def _names_a_file(cls, path: str) -> str:
        return plain_path(path, "an .npz or .npy file")

    @field_validator("inputs", "targets", mode="before")
    @classmethod
    def _in_full(cls, names: Any) -> Any:
        if not isinstance(names, list | tuple):
            return names
        return [name for item in names for name in (_listed(item) if isinstance(item, str) else [item])]

    def table(self, folder: Path) -> ArrayFile:
        """The file, relative to that folder."""
        return ArrayFile(folder / self.path, self.path, ("dataset", "path"))


def _listed(item: str) -> list[str]:
    """X0, X1, ..., X63 for "X0..X63"; any other text is one name."""
    found = re.fullmatch(r"(.*?)(0|[1-9][0-9]{0,8})\.\.\1(0|[1-9][0-9]{0,8})", item)
    if not found:
        return [item]
    name, first, last = found[1], int(found[2]), int(found[3])
    if not first <= last < first + _LIMIT:
        raise ValueError(
            f"{item!r} goes from {first} to {last}: write the smaller number first, at most {_LIMIT:,} columns"
        )
    return [f"{name}{i}" for i in range(first, last + 1)]


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Npz]
