"""Tables written block by block: texts as they were read, and columns of numbers or texts beside them."""

from __future__ import annotations

import tempfile
import zipfile
from abc import ABC, abstractmethod
from contextlib import ExitStack
from json.encoder import encode_basestring_ascii
from typing import IO, TYPE_CHECKING, Any, Literal

import numpy as np

from specnet.errors import Finding, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

    import numpy.typing as npt

    from specnet.tables.dialect import Dialect

    Columns = Mapping[str, npt.NDArray[Any]]

Format = Literal["csv", "json", "jsonl", "npy", "npz"]
_HEADER = 128
"""The bytes in front of the numbers of a .npy file: room for the shape of any count of rows."""


class TableWriter(ABC):
    """Rows into a file; the columns are float64, or texts that are empty where there is nothing."""

    @abstractmethod
    def write(self, texts: Sequence[Sequence[str]], columns: Columns) -> None:
        """Some rows: the texts that are passed through, column by column, then the others."""

    def end(self) -> None:  # noqa: B027  # most have nothing to add
        """After the last row."""

    def close(self) -> None:  # noqa: B027
        """Lets go of what is held beside the file, also where there was no last row."""


class CsvWriter(TableWriter):
    """Texts and numbers as the dialect has them; every number reads back bit for bit, NaN is an empty cell."""

    def __init__(self, out: BinaryIO, names: Sequence[str], dialect: Dialect, mark: bool = False) -> None:
        self._out = out
        self._delimiter = dialect.delimiter
        self._quote = dialect.quote
        self._decimal = dialect.decimal
        self._special = (dialect.delimiter, "\n", "\r", *dialect.quote)
        self._row = dialect.delimiter.replace("%", "%%").join(["%r"] * len(names)) + "\n"
        self._alone = len(names) == 1
        # written with the first rows: until they are there the data may be refused
        self._before = f"\ufeff{self._header(names)}" if mark else self._header(names)

    def write(self, texts: Sequence[Sequence[str]], columns: Columns) -> None:
        numeric = not texts and self._decimal == "." and all(c.dtype.kind == "f" for c in columns.values())
        if numeric and not any(np.isnan(column).any() for column in columns.values()):
            table = np.column_stack(list(columns.values()))
            self._put(self._row * len(table) % tuple(table.ravel().tolist()))
            return
        found = [self._texts(column) for column in texts]
        found += [
            self._numbers(column) if column.dtype.kind == "f" else self._texts(column.tolist())
            for column in columns.values()
        ]
        self._lines(found)

    def _header(self, names: Sequence[str]) -> str:
        return self._delimiter.join(map(self._cell, names)) + "\n"

    def _put(self, lines: str) -> None:
        self._out.write((self._before + lines).encode())
        self._before = ""

    def _lines(self, columns: Sequence[Sequence[str]]) -> None:
        if self._alone:  # nothing at all would be an empty line, which is no row
            columns = [[cell or self._quote * 2 for cell in columns[0]]]
        lines = "\n".join(map(self._delimiter.join, zip(*columns, strict=True)))
        self._put(f"{lines}\n")

    def _numbers(self, column: npt.NDArray[Any]) -> list[str]:
        texts = list(map(float.__repr__, column.tolist()))
        for row in np.flatnonzero(np.isnan(column)).tolist():
            texts[row] = ""
        return texts if self._decimal == "." else [text.replace(".", self._decimal) for text in texts]

    def _texts(self, column: Sequence[str]) -> Sequence[str]:
        whole = "".join(column)
        return list(map(self._cell, column)) if any(mark in whole for mark in self._special) else column

    def _cell(self, text: str) -> str:
        if not any(mark in text for mark in self._special):
            return text
        if not self._quote:
            help = "write another format, such as json, or leave the texts out"
            raise UsageError(Finding("SN535", f"{text!r} cannot be written where no cell is quoted", help=help))
        return self._quote + text.replace(self._quote, self._quote * 2) + self._quote


class JsonWriter(TableWriter):
    """An object for each row, in a list or (jsonl) line by line; what is not finite is null."""

    def __init__(self, out: BinaryIO, names: Sequence[str], lines: bool) -> None:
        self._out = out
        self._row = (
            "{" + ", ".join(f"{encode_basestring_ascii(name)}: ".replace("%", "%%") + "%s" for name in names) + "}"
        )
        self._open, self._between, self._close = ("", "\n", "\n") if lines else ("[\n", ",\n", "\n]\n")
        self._begun = False

    def write(self, texts: Sequence[Sequence[str]], columns: Columns) -> None:
        found = [list(map(encode_basestring_ascii, column)) for column in texts]
        for column in columns.values():
            if column.dtype.kind == "f":
                cells = list(map(float.__repr__, column.tolist()))
                nothing = ~np.isfinite(column)
            else:
                cells = list(map(encode_basestring_ascii, column.tolist()))
                nothing = column == ""
            for row in np.flatnonzero(nothing).tolist():
                cells[row] = "null"
            found.append(cells)
        rows = self._between.join([self._row % row for row in zip(*found, strict=True)])
        self._out.write(((self._between if self._begun else self._open) + rows).encode())
        self._begun = True

    def end(self) -> None:
        self._out.write((self._close if self._begun else self._open + self._close).encode())


class NpyWriter(TableWriter):
    """Columns of numbers as one array, (rows, columns); the others are left out."""

    def __init__(self, out: BinaryIO, names: Sequence[str]) -> None:
        self._out = out
        self._names = names
        self._rows = 0
        out.write(bytes(_HEADER))

    def write(self, texts: Sequence[Sequence[str]], columns: Columns) -> None:
        table = np.column_stack([columns[name] for name in self._names])
        self._rows += len(table)
        self._out.write(np.ascontiguousarray(table, "<f8").data)

    def end(self) -> None:
        self._out.seek(0)
        self._out.write(_header("<f8", (self._rows, len(self._names))))


class NpzWriter(TableWriter):
    """An array for each column under its name; each waits in a file of its own until the last row is there."""

    def __init__(self, out: BinaryIO, names: Sequence[str]) -> None:
        self._out = out
        self._stack = ExitStack()
        self._files = {name: self._stack.enter_context(_waiting()) for name in names}
        self._parts: dict[str, list[tuple[int, np.dtype[Any]]]] = {name: [] for name in names}

    def write(self, texts: Sequence[Sequence[str]], columns: Columns) -> None:
        for name, column in columns.items():
            values = np.ascontiguousarray(column, column.dtype.newbyteorder("<"))
            self._parts[name].append((len(values), values.dtype))
            self._files[name].write(values.tobytes())

    def end(self) -> None:
        with zipfile.ZipFile(self._out, "w") as archive:
            for name, file in self._files.items():
                file.seek(0)
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    self._copy(self._parts[name], file, member)

    def close(self) -> None:
        self._stack.close()

    def _copy(self, parts: Sequence[tuple[int, np.dtype[Any]]], file: IO[bytes], member: IO[bytes]) -> None:
        """All rows in the widest dtype: texts are as wide as the longest of their block."""
        widest = max((kind for _, kind in parts), key=lambda kind: kind.itemsize)
        member.write(_header(widest.str, (sum(rows for rows, _ in parts),)))
        for rows, kind in parts:
            values = np.frombuffer(file.read(rows * kind.itemsize), kind)
            member.write(values.astype(widest).tobytes())


def _waiting() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _header(kind: str, shape: tuple[int, ...]) -> bytes:
    """The header of a .npy file, version 1.0, always as long."""
    text = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode()
    magic = b"\x93NUMPY\x01\x00" + (_HEADER - 10).to_bytes(2, "little")
    return magic + text.ljust(_HEADER - 11) + b"\n"
