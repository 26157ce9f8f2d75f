"""The contract of scalers: a map of each column, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
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
        "round trip of training rows": lambda scaler: _round_trip(scaler, _rows()[0]),
        "round trip of new rows": lambda scaler: _round_trip(scaler, _rows()[1]),
    }
    then = {
        "rows by themselves": _rows_by_themselves,
        "memory order": _memory_order,
        "finite at 1e3": _finite,
        "deterministic": _deterministic,
        "check": _check,
    }
    return Contract(shared(scaler), tuple(about(scaler, stage) for stage in (first, there_and_back, then)))


def _rows() -> tuple[Array, Array]:
    """Training rows and new ones: a column of tiny numbers, one that is constant, one of huge numbers."""
    rng = generator()
    train, new = rng.normal(size=(50, 3)) * [1e-9, 1.0, 1e9] + [5.0, 0.0, -3.0], rng.normal(size=(4, 3))
    train[:, 1] = 0.1
    new[:, 1] = 0.1
    return train, new


def _inputs_unchanged(scaler: Scaler) -> str:
    train, new = _rows()
    state = scaler.fit(train.copy())
    for rows in (train, new):
        untouched(scaler.fit, rows)
        untouched(lambda x: scaler.transform(state, x), rows)
        untouched(lambda z: scaler.inverse(state, z), rows)
        untouched(scaler.check, rows)
    return ""


def _one_value_a_column(scaler: Scaler) -> str:
    state = scaler.fit(_rows()[0])
    found = {name: (vector.shape, str(vector.dtype)) for name, vector in state.items()}
    require(set(found.values()) <= {((3,), "float64")}, f"of 3 columns they are {found}")
    return f"{len(state)} vectors"


def _round_trip(scaler: Scaler, rows: Array) -> str:
    state = scaler.fit(_rows()[0])
    close(scaler.inverse(state, scaler.transform(state, rows.copy())), rows, TOLERANCE, f"{len(rows)} rows")
    return f"{len(rows)} rows"


def _rows_by_themselves(scaler: Scaler) -> str:
    state, rows = scaler.fit(_rows()[0]), _rows()[0]
    for what, move in (("transform", scaler.transform), ("inverse", scaler.inverse)):
        whole = move(state, rows.copy())
        for some in (slice(3, 4), slice(None, None, -1)):
            close(move(state, rows[some].copy()), whole[some], ROUNDING, what)
    return ""


def _memory_order(scaler: Scaler) -> str:
    rows = _rows()[0]
    states = [scaler.fit(array) for array in (rows, np.asfortranarray(rows))]
    for name, vector in states[0].items():
        close(states[1][name], vector, ROUNDING, name)
    for what, move in (("transform", scaler.transform), ("inverse", scaler.inverse)):
        close(move(states[0], np.asfortranarray(rows)), move(states[0], rows), ROUNDING, what)
    return ""


def _finite(scaler: Scaler) -> str:
    train = generator().normal(size=(20, 3))
    train[:, 1] = 1.0
    state, far = scaler.fit(train), np.array([[-1e3] * 3, [1e3] * 3])
    finite({"the transform": scaler.transform(state, far), "the inverse": scaler.inverse(state, far)})
    one = scaler.fit(train[:1])
    finite({**one, "the transform of a single training row": scaler.transform(one, train[:1].copy())})
    return ""


def _deterministic(scaler: Scaler) -> str:
    first, again = scaler.fit(_rows()[0]), scaler.fit(_rows()[0])
    for name, vector in first.items():
        same(again[name], vector, name)
    return ""


def _check(scaler: Scaler) -> str:
    train = _rows()[0]
    said = scaler.check(scaler.transform(scaler.fit(train), train))
    require(said.strip() and len(said.splitlines()) == 1, f"it says {said!r}, which is not one line")
    return said
