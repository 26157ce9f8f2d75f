"""The contract of scalers: a map of each column, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isinf
from typing import TYPE_CHECKING

import numpy as np

from specnet.testing.checks import Check, Contract, about, require
from specnet.testing.component import shared
from specnet.testing.numbers import ROUNDING, TOLERANCE, close, finite, generator, same, untouched

if TYPE_CHECKING:
    from specnet.arrays import Array
    from specnet.component import Scaler


def check_scaler(scaler: Scaler, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """The inverse undoes the transform, also on new rows, and a constant column comes back as it was."""
    return contract(scaler).run(expected_failures)


def contract(scaler: Scaler) -> Contract:
    """The promises of a scaler."""
    first = {"inputs unchanged": _inputs_unchanged, "one value a column": _one_value_a_column}
    there_and_back = {
        "round trip of training rows": lambda scaler: _round_trip(scaler, _rows(scaler)[0]),
        "round trip of new rows": lambda scaler: _round_trip(scaler, _rows(scaler)[1]),
    }
    then = {
        "rows by themselves": _rows_by_themselves,
        "memory order": _memory_order,
        "finite at 1e3": _finite,
        "deterministic": _deterministic,
        "check": _check,
    }
    return Contract(shared(scaler), tuple(about(scaler, stage) for stage in (first, there_and_back, then)))


def _rows(scaler: Scaler) -> tuple[Array, Array]:
    """Training rows and new ones: a column of tiny numbers, one that is constant, one of huge numbers."""
    rng = generator()
    train, new = rng.normal(size=(50, 3)) * [1e-9, 1.0, 1e9] + [5.0, 0.0, -3.0], rng.normal(size=(4, 3))
    train[:, 1] = 0.1
    new[:, 1] = 0.1
    low, _ = scaler.domain()
    return (train, new) if isinf(low) else (low + 1 + np.abs(train), low + 1 + np.abs(new))


def _inputs_unchanged(scaler: Scaler) -> str:
    train, new = _rows(scaler)
    state = scaler.fit(train.copy())
    for rows in (train, new):
        untouched(scaler.fit, rows)
        untouched(lambda x: scaler.transform(state, x), rows)
        untouched(lambda z: scaler.inverse(state, z), rows)
        untouched(scaler.check, rows)
    return ""


def _one_value_a_column(scaler: Scaler) -> str:
    """Or a table of them, that does not grow with the rows."""
    train = np.tile(_rows(scaler)[0], (100, 1))
    found = {name: (array.shape, str(array.dtype)) for name, array in scaler.fit(train).items()}
    fits = all(shape[-1:] == (3,) and dtype == "float64" for shape, dtype in found.values())
    grows = any(len(shape) > 1 and len(train) in shape for shape, _ in found.values())
    require(fits and not grows, f"of {len(train)} rows and 3 columns they are {found}")
    return f"{len(found)} arrays"


def _round_trip(scaler: Scaler, rows: Array) -> str:
    state = scaler.fit(_rows(scaler)[0])
    close(scaler.inverse(state, scaler.transform(state, rows.copy())), rows, TOLERANCE, f"{len(rows)} rows")
    return f"{len(rows)} rows"


def _moves(scaler: Scaler) -> list[tuple[str, Callable[[dict[str, Array], Array], Array], Array]]:
    """Both ways, each with rows that can go it."""
    rows = _rows(scaler)[0]
    z = rows if isinf(scaler.domain()[0]) else scaler.transform(scaler.fit(rows), rows.copy())
    return [("transform", scaler.transform, rows), ("inverse", scaler.inverse, z)]


def _rows_by_themselves(scaler: Scaler) -> str:
    state = scaler.fit(_rows(scaler)[0])
    for what, move, rows in _moves(scaler):
        whole = move(state, rows.copy())
        for some in (slice(3, 4), slice(None, None, -1)):
            close(move(state, rows[some].copy()), whole[some], ROUNDING, what)
    return ""


def _memory_order(scaler: Scaler) -> str:
    rows = _rows(scaler)[0]
    states = [scaler.fit(array) for array in (rows, np.asfortranarray(rows))]
    for name, vector in states[0].items():
        close(states[1][name], vector, ROUNDING, name)
    for what, move, rows in _moves(scaler):
        close(move(states[0], np.asfortranarray(rows)), move(states[0], rows), ROUNDING, what)
    return ""


def _finite(scaler: Scaler) -> str:
    train = generator().normal(size=(20, 3))
    train[:, 1] = 1.0
    far, low = np.array([[-1e3] * 3, [1e3] * 3]), scaler.domain()[0]
    if not isinf(low):  # what such a scaler makes of rows is no number of any size
        train, far = low + 1 + np.abs(train), low + 1 + np.abs(far)
    state = scaler.fit(train)
    z = scaler.transform(state, far.copy())
    finite({"the transform": z, "the inverse": scaler.inverse(state, far if isinf(low) else z)})
    one = scaler.fit(train[:1])
    finite({**one, "the transform of a single training row": scaler.transform(one, train[:1].copy())})
    return ""


def _deterministic(scaler: Scaler) -> str:
    first, again = scaler.fit(_rows(scaler)[0]), scaler.fit(_rows(scaler)[0])
    for name, vector in first.items():
        same(again[name], vector, name)
    return ""


def _check(scaler: Scaler) -> str:
    train = _rows(scaler)[0]
    said = scaler.check(scaler.transform(scaler.fit(train), train))
    require(said.strip() and len(said.splitlines()) == 1, f"it says {said!r}, which is not one line")
    return said
