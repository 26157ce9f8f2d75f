"""Arrays in files as columns: what is declared is held against what is stored before anything is allocated."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, NamedTuple

from specnet.tables import block
from specnet.tables.block import Block

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    import numpy as np
    import numpy.typing as npt

    from specnet.arrays import Array
    from specnet.tables.block import WantedColumn
    from specnet.tables.faults import Faults
    from specnet.tables.source import Readable

    _Values = npt.NDArray[Any]

BLOCK_BYTES = 1 << 25
"""About what a block of many columns takes as float64."""


class Member(NamedTuple):
    """An array of a file, of which the stream has the values next; one row for each index of its first axis.

    A vector is one column with its name; the cells of a row of anything else are columns that count from 0 behind the
    name, the last axis first: x0, x1, ...
    """

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    stream: Readable
    by_columns: bool = False

    @property
    def width(self) -> int:
        """The columns."""
        return prod(self.shape[1:])

    def names(self) -> list[str]:
        """The names of the columns."""
        return [self.name] if len(self.shape) == 1 else [f"{self.name}{i}" for i in range(self.width)]


def is_number(dtype: np.dtype[Any]) -> bool:
    """Whether float64 holds what such an array has, large integers rounded."""
    return dtype.kind in "biuf" and dtype.itemsize <= 8


def header(members: Sequence[Member], faults: Faults) -> list[str]:
    """The columns of all members. Raises DataError SN503 where two have one name."""
    names = [name for member in members for name in member.names()]
    seen: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        if (first := seen.setdefault(name, position)) < position:
            raise faults.column_name(name, position, first)
    if not names:
        raise faults.error("SN503", f"{faults.name}: no arrays with rows", help="store a vector or a matrix")
    return names


def blocks(
    members: Sequence[Member], wanted: Sequence[WantedColumn], passthrough: bool, faults: Faults
) -> Iterator[Block]:
    """The rows of the members in which there is a column that is wanted."""
    names = header(members, faults)
    if absent := [column for column in wanted if column.name not in set(names)]:
        raise faults.missing_columns(absent, names)
    asked = {column.name for column in wanted}
    used = [member for member in members if passthrough or asked.intersection(member.names())]
    counts = {member.shape[0] for member in used}
    if len(counts) > 1:
        listed = ", ".join(f"{member.name} has {member.shape[0]:,}" for member in used)
        raise faults.error("SN506", f"{faults.name}: the arrays have not equally many rows: {listed}")
    if counts <= {0}:
        raise faults.no_rows()
    (count,) = counts
    step = max(1, min(block.ROWS, BLOCK_BYTES // (8 * sum(member.width for member in used) or 1)))
    whole = {member.name: _read(member, count, faults) for member in used if member.by_columns}
    for start in range(0, count, step):
        rows = min(step, count - start)
        tables = [
            whole[member.name][start : start + rows] if member.by_columns else _read(member, rows, faults)
            for member in used
        ]
        columns = {name: t[:, i] for m, t in zip(used, tables, strict=True) for i, name in enumerate(m.names())}
        yield _block(start, columns, wanted, passthrough, faults)
    for member in used:
        if member.stream.read(1):
            raise _size(member, faults, "holds more")


def _read(member: Member, rows: int, faults: Faults) -> _Values:
    """The next rows, one column for each cell of them."""
    import numpy as np

    size = rows * member.width * member.dtype.itemsize
    parts = []
    while size and (part := member.stream.read(size)):
        parts.append(part)
        size -= len(part)
    if size:
        raise _size(member, faults, "ends too early")
    values: _Values = np.frombuffer(b"".join(parts), member.dtype)
    shape = (rows, *member.shape[1:])
    return values.reshape(shape, order="F" if member.by_columns else "C").reshape(rows, -1)


def _size(member: Member, faults: Faults, what: str) -> Exception:
    shape = " x ".join(map(str, member.shape))
    return faults.error("SN501", f"{faults.name} cannot be read: {member.name} declares {shape} values and {what}")


def _block(
    start: int, columns: dict[str, _Values], wanted: Sequence[WantedColumn], passthrough: bool, faults: Faults
) -> Block:
    import numpy as np

    found: list[Array | list[str | None]] = []
    wrong: list[tuple[int, int]] = []
    for order, column in enumerate(wanted):
        values = columns[column.name]
        if not column.numeric:
            found.append([None if text in ("", "nan") else text for text in map(str, values.tolist())])
        elif not is_number(values.dtype):
            message = f"{faults.name}: column {column.name!r} holds {values.dtype}, and not numbers"
            raise faults.error("SN507", message, place=column.place)
        else:
            numbers: Array = values.astype(np.float64)
            found.append(numbers)
            if (infinite := np.flatnonzero(np.isinf(numbers))).size:
                wrong.append((int(infinite[0]), order))
    if wrong:
        row, order = min(wrong)
        raise faults.cell(start + 1 + row, wanted[order], str(columns[wanted[order].name][row]), too_large=False)
    rows = len(next(iter(columns.values())))
    texts = tuple([str(value) for value in values.tolist()] for values in columns.values()) if passthrough else None
    return Block(np.arange(start + 1, start + 1 + rows), tuple(found), texts)
