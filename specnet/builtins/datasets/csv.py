"""CSV files: the first line names the columns, every record after it is one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self
from unicodedata import category

from pydantic import field_validator, model_validator

from specnet.builtins.datasets.tables import TableDataset
from specnet.component import Component, Many, SpecPath
from specnet.hookspecs import hookimpl
from specnet.tables.csv_file import CsvFile
from specnet.tables.dialect import Dialect, problem

if TYPE_CHECKING:
    from pathlib import Path


class Csv(TableDataset):
    """Named columns of a CSV file, packed with gzip or not: a header, then a row for each record.

    The columns that the spec does not name may hold any text.
    """

    type: Literal["csv"] = "csv"
    path: SpecPath
    """The file, relative to the spec file."""
    delimiter: str = ","
    """What stands between two cells."""
    quote: str = '"'
    """What stands around a cell that holds a delimiter or an end of line; empty where nothing does."""
    decimal: str = "."
    """The decimal mark of numbers."""
    thousands: str | None = None
    """What may part the digits of a number in groups of three; nothing may when it is left out."""
    encoding: str = "utf-8"
    """The character set; a byte order mark may stand before any UTF."""
    missing: Many[str] = ()
    """What stands for nothing, besides the empty cell, such as "NA"."""

    @field_validator("path")
    @classmethod
    def _names_a_file(cls, path: str) -> str:
        return plain_path(path, "a CSV file")

    @model_validator(mode="after")
    def _is_a_dialect(self) -> Self:
        if wrong := problem(self.dialect()):
            raise ValueError(wrong)
        return self

    def dialect(self) -> Dialect:
        """How this file is written, and the rows to predict, too."""
        return Dialect(self.delimiter, self.quote, self.decimal, self.thousands, self.encoding, self.missing)

    def table(self, folder: Path) -> CsvFile:
        """The file, relative to that folder."""
        return CsvFile(folder / self.path, self.path, self.dialect(), ("dataset", "path"))


def plain_path(path: str, what: str) -> str:
    """The path of a spec as it is. Raises ValueError for an empty one, and for control characters in it."""
    if not path.strip():
        raise ValueError(f"path is empty: name {what}, relative to the spec file")
    if any(map(_is_control, path)):
        typed = _as_typed(path)
        raise ValueError(
            f"path has control characters, it was read as {path!r}: a backslash in double quotes starts an escape; "
            f"write '{typed}' in single quotes (TOML) or \"{typed.replace(chr(92), '/')}\" with forward slashes"
        )
    return path


def _as_typed(path: str) -> str:
    """The text between the quotes, with each control character as the escape that it came from."""
    short = {"\b": r"\b", "\f": r"\f", "\x1b": r"\e"}
    return "".join(short.get(c) or repr(c)[1:-1] if _is_control(c) else c for c in path)


def _is_control(character: str) -> bool:
    # Cs is half of a surrogate pair: JSON can spell it, no file name can hold it.
    return category(character) in ("Cc", "Cs")


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Csv]
