"""The parts of an exported file: how cells become numbers, units, the net; each as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from specnet.builtins.columns import Number
from specnet.builtins.exporters.literals import array_text
from specnet.component import ExportError
from specnet.component.columns import nothing_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specnet.arrays import Array
    from specnet.builtins.exporters.quotation import Quotation
    from specnet.component import TrainedNet
    from specnet.units import Units

_NUMBERS = '''def encode(rows):
    """(rows, INPUTS) of numbers, for rows or for a single one."""
    x = np.atleast_2d(np.array(rows, float))
    if x.shape[1:] != (len(INPUTS),):
        raise ValueError(f"a row has {{len(INPUTS)}} numbers: {{', '.join(INPUTS)}}")
{fill}    if not np.isfinite(x).all():
        raise ValueError("there is a number that is not finite")
    return x'''
_FILL = "    x = np.where(np.isnan(x), GAPS, x)  # nothing is None or NaN\n"
_READ = '''def number(cell):
    """A number as it is."""
    return float(cell)


def text(cell):
    """A cell as a file would have it."""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)'''
_CELLS = '''def encode(rows):
    """(rows, numbers) for rows of cells, or for a single row; None is a cell with nothing in it."""
    if not isinstance(rows[0], (list, tuple, np.ndarray)):
        rows = [rows]
    table = []
    for row in rows:
        numbers = []
        for (name, read, numbers_of, nothing), cell in zip(COLUMNS, row, strict=True):
            empty = cell is None or cell != cell
            if empty and nothing is None:
                raise ValueError(f"there is nothing in column {name!r}")
            numbers += nothing if empty else numbers_of(read(cell))
        table.append(numbers)
    return np.array(table, float)'''


def encoding(net: TrainedNet, quotation: Quotation) -> tuple[list[str], str]:
    """(constants, the function `encode`), which refuses cells as the run does."""
    columns, fill = net.columns, net.inputs.fill
    constant = {i: column.absent() for i, column in enumerate(columns)}
    if all(type(column) is Number and column.absent() != "drop" for column in columns):
        gaps = np.full(len(columns), np.nan) if fill is None else fill.copy()
        for i, absent in constant.items():
            if not isinstance(absent, str):
                gaps[i] = absent[0]
        filled = not np.isnan(gaps).all()
        return [f"GAPS = {array_text(gaps)}"] if filled else [], _NUMBERS.format(fill=_FILL if filled else "")
    rows = []
    for column in columns:
        numbers = quotation.method(column, "numbers", column.type.rpartition(".")[2] + "_numbers")
        nothing = "None" if column.absent() == "error" else _numbers(nothing_of(column))
        rows.append(f"    ({column.name!r}, {'number' if column.numeric else 'text'}, {numbers}, {nothing}),\n")
    head = "# name, how a cell is read, its numbers, and those of a cell with nothing in it\n"
    fills = [] if fill is None else [f"GAPS = {array_text(fill)}"]
    table = f"{head}COLUMNS = (\n{''.join(rows)})"
    return fills, "\n\n\n".join([_READ, table, _CELLS])


def _numbers(values: tuple[float, ...]) -> str:
    return f"({', '.join('np.nan' if value != value else repr(value) for value in values)},)"


def scaling(units: Units, way: str, part: str, quotation: Quotation, constants: list[str]) -> list[str]:
    """Statements that take `x` into the units of the net (way "transform") or `y` out of them ("inverse")."""
    name = "x" if way == "transform" else "y"
    lines = []
    for piece, scale in units.pieces():
        kind = scale.scaler.type.rpartition(".")[2]
        function = quotation.method(scale.scaler, way, kind if way == "transform" else f"{kind}_back")
        state = quotation.name(f"{part}_{kind}".upper())
        entries = "".join(f"    {key!r}: {_indented(array)},\n" for key, array in sorted(scale.state.items()))
        constants.append(f"{state} = {{\n{entries}}}" if entries else f"{state} = {{}}")
        if len(piece.places) == units.layout.width:
            lines.append(f"{name} = {function}({state}, {name})")
        else:
            some = f"{name}[:, {list(piece.places)}]"
            lines.append(f"{some} = {function}({state}, {some})")
    return lines


def _indented(array: Array) -> str:
    text = array_text(array)
    return text if '"""' in text else text.replace("\n", "\n    ")


def forward(net: TrainedNet, quotation: Quotation, constants: list[str]) -> str:
    """The function `forward`, with the trained values among the constants."""
    names = ["x"]
    lines = []
    for position, (step, values) in enumerate(zip(net.plan.steps, net.values, strict=True)):
        called = {key: quotation.name(f"{step.name}_{key}") for key in values}
        constants += [f"{called[key]} = {array_text(array)}" for key, array in values.items()]
        inputs = [names[source + 1] for source in step.sources]
        try:
            expression = quotation.step(step.layer, step.in_shapes, called, inputs)
        except ExportError as error:
            raise ExportError(error.reason, *(error.path or ("layers", position))) from None
        names.append(quotation.name(step.name))
        lines.append(f"{names[-1]} = {expression}")
    doc = f'"""(rows, {len(net.plan.targets)}) for (rows, {len(net.plan.inputs)}), in the units of the net."""'
    return "\n    ".join(["def forward(x):", doc, *lines, f"return {names[-1]}"])


def prediction(net: TrainedNet, before: list[str], behind: list[str]) -> str:
    """The function `predict`."""
    return "\n    ".join(["def predict(rows):", *_prediction(net, before, behind)])


def _prediction(net: TrainedNet, before: list[str], behind: list[str]) -> Iterator[str]:
    drops = any(column.absent() == "drop" for column in net.columns)
    narrow = net.dtype == "float32"
    yield '"""(rows, TARGETS) in the units of the data, for rows of INPUTS or for a single one."""'
    yield "x = encode(rows)"
    if net.inputs.fill is not None and any(type(column) is not Number for column in net.columns):
        yield "x = np.where(np.isnan(x), GAPS, x)"
    yield from before
    if drops:
        yield "whole = ~np.isnan(x).any(axis=1)  # a row that training has left out has no prediction"
    x = f"x{'[whole]' if drops else ''}{'.astype(np.float32)' if narrow else ''}"
    y = f"forward({x}){'.astype(float)' if narrow else ''}"
    if drops:
        yield "y = np.full((len(x), len(TARGETS)), np.nan)"
        yield f"y[whole] = {y}"
    else:
        yield f"y = {y}"
    yield from behind
    yield "return y"
