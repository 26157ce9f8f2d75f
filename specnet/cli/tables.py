"""The data that `predict` and `evaluate` read: a file or standard input, and what the two tell of its rows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from specnet.cli.text import plural
from specnet.errors import printable
from specnet.runs.serving import dialect_of, table_at

if TYPE_CHECKING:
    from specnet.runs import Run
    from specnet.tables.block import TableFile

F = TypeVar("F", bound=Callable[..., Any])
STDIN = "-"


def marks(function: F) -> F:
    """`--delimiter C` and `--decimal C`, each as in the spec of the run when it is left out."""
    for option, what in (
        ("--decimal", "The decimal mark of its numbers"),
        ("--delimiter", "What parts the cells of DATA"),
    ):
        help = f"{what}; as the run's own data has it when left out."
        function = click.option(option, metavar="C", help=help)(function)
    return function


def data_of(run: Run, data: str, delimiter: str | None, decimal: str | None) -> TableFile:
    """The table that DATA names. Raises UsageError SN535 for marks that do not go together."""
    tab = {"\\t": "\t", "tab": "\t"}
    dialect = dialect_of(run, tab.get(delimiter or "", delimiter), decimal)
    if data == STDIN:
        return table_at(Path("<stdin>"), dialect, sys.stdin.buffer)
    return table_at(Path(data), dialect)


def told(unlisted: Mapping[str, int]) -> list[str]:
    """A line for each column in which something stands that the spec does not list."""
    return [
        f"{printable(name)}: {plural(count, 'row')} with something that the spec does not list"
        for name, count in unlisted.items()
    ]
