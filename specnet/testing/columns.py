"""The contract of columns: each cell is the same numbers wherever it stands, and predictions find their way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from specnet.component import CellError
from specnet.testing.checks import Check, Contract, Unchecked, about, require
from specnet.testing.component import shared, texts_in
from specnet.testing.numbers import same

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Cell, Column

_TEXTS = (
    "0",
    "1",
    "2.5",
    "-3",
    "true",
    "no",
    "a",
    "some words",
    "2024-02-29",
    "2024-02-29T23:05:09",
    "23:05",
    "\u00e9",
)
"""Cells of many kinds; a column is tried with those that it takes, and with the texts of its own fields."""
_NUMBERS = (0.0, 1.0, -2.5, 1e6)
_NEVER = "\u2603 no cell \u2603"


def check_column(column: Column, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """Numbers as planned, finite, alike one by one and all at once, and the way back for what can be a target."""
    return contract(column).run(expected_failures)


def contract(column: Column) -> Contract:
    """The promises of a column."""
    first = {"names": _names, "absent": _absent, "order": _order}
    then = {
        "numbers": _numbers,
        "refuses with ValueError": _refuses,
        "encode": _encode,
        "gaps": _gaps,
        "deterministic": _deterministic,
    }
    if "target" in column.roles:
        then["way back"] = _way_back
    return Contract(shared(column), (about(column, first), about(column, then if column.names() else {})))


def _taken(column: Column) -> list[Cell]:
    """The cells that it takes. Raises Unchecked when there is none among those that are tried."""
    texts = texts_in(column.model_dump(exclude={"type", "name"}))
    tried: Sequence[Cell] = _NUMBERS if column.numeric else (*texts, *_TEXTS)
    taken = []
    for cell in dict.fromkeys(tried):
        try:
            column.numbers(cell)
        except ValueError:
            continue
        taken.append(cell)
    if not taken:
        raise Unchecked("it takes none of the cells that are tried; give the kit one whose fields have a text it takes")
    return taken


def _cells(column: Column) -> Iterator[tuple[Cell, tuple[float, ...]]]:
    return ((cell, column.numbers(cell)) for cell in _taken(column))


def _encoded(column: Column, cells: list[Cell]) -> Array:
    if column.numeric:
        return column.encode(np.array(cells, np.float64))
    return column.encode([str(cell) for cell in cells])


def _names(column: Column) -> str:
    names = column.names()
    require(isinstance(names, tuple), f"names are {type(names).__name__}, not a tuple")
    require(bool(names) or "input" not in column.roles, "it can be an input, and has no name of a number")
    require(all(map(str.strip, names)), f"a name is empty: {names}")
    require(len(set(names)) == len(names), f"two numbers have one name: {', '.join(names)}")
    require(all(column.name in name for name in names), f"{names} do not say of which column they are")
    return f"{len(names)} names"


def _absent(column: Column) -> str:
    absent = column.absent()
    if isinstance(absent, str):
        require(absent in ("error", "drop", "mean", "median"), f"{absent!r} is nothing that can be done")
        return absent
    require(len(absent) == len(column.names()), f"{len(absent)} numbers for {len(column.names())} names")
    require(bool(np.isfinite(absent).all()), f"{absent} are not finite")
    return f"{absent} stand for a gap"


def _order(column: Column) -> str:
    order, names = column.order(), column.names()
    places = set(range(len(names)))
    require(set(order) <= places and len(set(order)) == len(order), f"{order} are not places of {len(names)} numbers")
    return f"by {', '.join(names[place] for place in order)}" if order else "none"


def _numbers(column: Column) -> str:
    for cell, numbers in _cells(column):
        require(isinstance(numbers, tuple), f"of {cell!r} they are {type(numbers).__name__}, not a tuple")
        require(len(numbers) == len(column.names()), f"of {cell!r} there are {len(numbers)}, not {len(column.names())}")
        require(bool(np.isfinite(numbers).all()), f"of {cell!r} they are {numbers}")
    return f"{len(_taken(column))} cells"


def _refuses(column: Column) -> str:
    """Anything may stand in a file: what is not taken is told with a ValueError, and with its row by `encode`."""
    taken = _taken(column)
    wrong = float("inf") if column.numeric else _NEVER
    try:
        column.numbers(wrong)
    except ValueError:
        try:
            _encoded(column, [taken[0], wrong])
        except CellError as error:
            require(error.row == 1, f"encode says row {error.row} of the second cell")
            return f"{wrong!r} is refused"
        require(False, f"numbers refuses {wrong!r}, encode takes it")
    return f"{wrong!r} is taken"


def _encode(column: Column) -> str:
    cells, numbers = zip(*_cells(column), strict=True)
    encoded = _encoded(column, [*cells, *cells])
    require(encoded.dtype == np.float64, f"it is {encoded.dtype}")
    same(encoded, np.array([*numbers, *numbers]), "all at once")
    return f"{len(encoded)} rows"


def _gaps(column: Column) -> str:
    (cell, numbers), *_ = _cells(column)
    cells = np.array([cell, np.nan], float) if column.numeric else [str(cell), None]
    encoded = column.encode(cells)
    absent = column.absent()
    gap = (np.nan,) * len(numbers) if isinstance(absent, str) else absent
    np.testing.assert_array_equal(encoded, np.array([numbers, gap]))
    return "NaN" if isinstance(absent, str) else f"{absent}"


def _way_back(column: Column) -> str:
    cells, numbers = zip(*_cells(column), strict=True)
    back = column.cells(np.array(numbers))
    require(len(back) == len(cells), f"{len(back)} cells of {len(cells)} rows")
    for cell, before, after in zip(cells, numbers, back, strict=True):
        require(column.numbers(after) == before, f"of {cell!r} comes {after!r}, which is something else")
    return f"{len(cells)} cells"


def _deterministic(column: Column) -> str:
    cells = _taken(column)
    same(_encoded(column, cells), _encoded(column, cells), "encoded again")
    return ""
