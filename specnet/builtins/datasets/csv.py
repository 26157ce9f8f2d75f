"""CSV files: the first line names the columns, every record after it is one row."""

from __future__ import annotations

import csv
import re
import stat
from array import array
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from math import isfinite, nan
from typing import TYPE_CHECKING, Literal
from unicodedata import category

from pydantic import ValidationInfo, field_validator

from specnet.component import Component, Data, Dataset, DatasetPlan, Many, SpecPath, Table
from specnet.errors import DataError, Finding, did_you_mean
from specnet.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

    from specnet.component import LoadContext
    from specnet.errors import Path as Place

    _Field = tuple[str, tuple[str, ...], array[float]]

_FILE: Place = ("dataset", "path")

# float() alone would also take 1_000, nan and infinity, and, like \d, the digits of other scripts.
# The possessive ++ and *+ halve the time of a match.
_number = re.compile(r" *+[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)? *+").fullmatch
_escaped_byte = re.compile("[\udc80-\udcff]").search


class Csv(Dataset):
    """Named columns of a CSV file: UTF-8, cells separated by commas, a header, a decimal number in each cell read.

    The columns that the spec does not name may hold any text.
    """

    type: Literal["csv"] = "csv"
    path: SpecPath
    """The file, relative to the spec file."""
    inputs: Many[str]
    """The columns that the net sees, in this order."""
    targets: Many[str]
    """The columns that the net learns to predict, in this order."""

    @field_validator("path")
    @classmethod
    def _names_a_file(cls, path: str) -> str:
        if not path.strip():
            raise ValueError("path is empty: name a CSV file, relative to the spec file")
        if any(map(_is_control, path)):
            typed = _as_typed(path)
            raise ValueError(
                f"path has control characters, it was read as {path!r}: a backslash in double quotes starts an escape; "
                f"write '{typed}' in single quotes (TOML) or \"{typed.replace(chr(92), '/')}\" with forward slashes"
            )
        return path

    @field_validator("inputs", "targets")
    @classmethod
    def _names_columns_once(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not names:
            raise ValueError(f"{info.field_name} is empty: name at least one column of the file")
        inputs = set(info.data.get("inputs", ()))  # nothing while the inputs themselves are being checked
        for name, count in Counter(names).items():
            if count > 1:
                raise ValueError(f"column {name!r} is named {count} times in {info.field_name}")
            if name in inputs:
                raise ValueError(f"column {name!r} is in both inputs and targets")
        return names

    def plan(self) -> DatasetPlan:
        """The named columns; the rows are counted when the file is read."""
        return DatasetPlan(self.inputs, self.targets, None)

    def load(self, ctx: LoadContext) -> Data:
        """Every row of the file, or a DataError that names the row."""
        import numpy as np

        source = _Source(ctx.folder / self.path, self.path)
        fields = (("inputs", self.inputs, array("d")), ("targets", self.targets, array("d")))
        with closing(source.lines()) as lines:
            records = source.records(lines)
            header = source.header(records)
            columns = source.columns(header, fields)
            for row, cells in source.rows(records, len(header)):
                for column in columns:
                    column.values.append(source.number(row, column, cells[column.index]))
        inputs, targets = (Table(names, np.frombuffer(values).reshape(-1, len(names))) for _, names, values in fields)
        return Data(inputs, targets, (source.path.resolve(),))


def _as_typed(path: str) -> str:
    """The text between the quotes, with each control character as the escape that it came from."""
    short = {"\b": r"\b", "\f": r"\f", "\x1b": r"\e"}
    return "".join(short.get(c) or repr(c)[1:-1] if _is_control(c) else c for c in path)


def _is_control(character: str) -> bool:
    # Cs is half of a surrogate pair: JSON can spell it, no file name can hold it.
    return category(character) in ("Cc", "Cs")


def _quote(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}..."


def _nearest(name: str, header: list[str]) -> str:
    if len(header) == 1 and (separator := next((mark for mark in ";\t|" if mark in header[0]), None)):
        return f"cells are separated by commas, not by {separator!r}"
    listed = ", ".join(map(_quote, header[:20])) + (", ..." if len(header) > 20 else "")
    return did_you_mean(name, header) or f"columns: {listed}"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that the spec names: where it is named, which cell of a record it is, and what was read so far."""

    name: str
    place: Place
    index: int
    values: array[float]


@dataclass(frozen=True, slots=True)
class _Source:
    """A file, under the name that the spec gives it, in four stages: lines, records, header, rows."""

    path: Path
    name: str

    def fault(
        self, code: str, message: str, row: int | None = None, help: str | None = None, place: Place = _FILE
    ) -> Finding:
        return Finding(code, message, place, help, file=str(self.path), line=row)

    def lines(self) -> Generator[str]:
        """The physical lines with their ends, without a byte order mark, known to be UTF-8 text."""
        offset = 0
        try:
            self._require_regular_file()
            # surrogateescape lets an undecodable byte through to the line that it stands in;
            # a decoding error would only know its place in a block of the reader.
            with self.path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
                for row, line in enumerate(file, 1):
                    self._require_text(row, line, offset)
                    offset += len(line) if line.isascii() else len(line.encode())
                    yield line.removeprefix("\ufeff") if row == 1 else line
        except OSError as error:
            message = f"{self.name} cannot be read: {error.strerror or error}"
            help = "relative paths start at the spec file" if isinstance(error, FileNotFoundError) else None
            raise DataError(self.fault("SN501", message, help=help)) from error

    def _require_regular_file(self) -> None:
        # Asked before opening: to open a FIFO is to wait for its writer, and a device may never end.
        mode = self.path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
            raise DataError(self.fault("SN501", f"{self.name} cannot be read: it is {what}"))

    def _require_text(self, row: int, line: str, offset: int) -> None:
        if not line.isascii() and (found := _escaped_byte(line)):
            byte, at = ord(found[0]) - 0xDC00, offset + len(line[: found.start()].encode())
            message = f"{self.name}: byte {byte:#04x} at offset {at} is not UTF-8 (row {row})"
            raise DataError(self.fault("SN502", message, row, "save the file as UTF-8"))
        if "\0" in line:  # refused here because csv takes it since Python 3.11
            help = "save the file as UTF-8 text; UTF-16 and binary files hold such characters"
            raise DataError(self.fault("SN508", f"row {row} holds a NUL character", row, help))

    def records(self, lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
        """The cells of each record, and the line at which it starts: a quoted cell may go over several."""
        reader = csv.reader(lines, strict=True)
        row = 1
        try:
            for cells in reader:
                yield row, cells
                row = reader.line_num + 1
        except csv.Error as error:
            help = "close every quotation mark, an open one takes in what follows; inside a quoted cell write it twice"
            raise DataError(self.fault("SN508", f"row {row} is not CSV: {error}", row, help)) from error

    def header(self, records: Iterator[tuple[int, list[str]]]) -> list[str]:
        """The names of all columns, in the order of the file."""
        _, names = next(records, (1, []))
        if not names:
            raise DataError(self.fault("SN503", f"{self.name}: no header", 1, "name the columns in the first line"))
        seen: dict[str, int] = {}
        for position, name in enumerate(names, 1):
            first = seen.setdefault(name, position)
            if not name.strip() or first < position:
                twice = f"column name {_quote(name)} at positions {first} and {position}"
                message = f"{self.name}: {twice if name.strip() else f'empty column name at position {position}'}"
                raise DataError(self.fault("SN503", message, 1, "give every column a name of its own"))
        return names

    def columns(self, header: list[str], fields: Iterable[_Field]) -> list[_Column]:
        """The columns that the spec names; those of one field fill one array, row by row."""
        index = {name: i for i, name in enumerate(header)}
        columns, faults = [], []
        for field, names, values in fields:
            for i, name in enumerate(names):
                place: Place = ("dataset", field, i)
                if name in index:
                    columns.append(_Column(name, place, index[name], values))
                else:
                    message = f"column {_quote(name)} is not in the header of {self.name}"
                    faults.append(self.fault("SN504", message, 1, _nearest(name, header), place))
        if faults:
            raise DataError(*faults)
        return columns

    def rows(self, records: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
        """The records after the header, each as wide as it; at least one. Empty lines may end the file."""
        seen, empty = False, 0
        for row, cells in records:
            if not cells:
                empty = empty or row
                continue
            if empty or len(cells) != width:
                row, count = (empty, 0) if empty else (row, len(cells))
                message = f"row {row} has {count} cell{'s' * (count != 1)}, the header has {width}"
                help = "a row has one cell for each column; a cell with a comma in it is quoted"
                raise DataError(self.fault("SN506", message, row, help))
            seen = True
            yield row, cells
        if not seen:
            raise DataError(self.fault("SN505", f"{self.name}: 0 data rows", help="add rows below the header"))

    def number(self, row: int, column: _Column, text: str) -> float:
        """float(text) of a finite decimal number, spaces around it allowed."""
        value = float(text) if _number(text) else nan
        if isfinite(value):
            return value
        where, help = f"row {row}, column {_quote(column.name)}", "fill in a number or leave the row out"
        if not text.strip():
            message = f"{where} is empty"
        elif _number(text):
            message = f"{where}: {_quote(text)} is beyond the range of float64"
        else:
            message = f"{where}: {_quote(text)} is not a number"
            help = "numbers are written like 5678.90, -3 or 1e-5: with a decimal point and no other marks"
        raise DataError(self.fault("SN507", message, row, help, column.place))


@hookimpl
def specnet_components() -> list[type[Component]]:
    """The component of this room."""
    return [Csv]
