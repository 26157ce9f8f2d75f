"""Progress of training: one plain line a logged epoch, and on a terminal a bar with the time that remains."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from specnet.cli.text import INDENT, number

if TYPE_CHECKING:
    from specnet.component.task import Epoch

_INTERVAL = 0.1
"""Seconds between two movements of the bar: an epoch may take microseconds, and drawing takes milliseconds."""


class Progress:
    """Told of every epoch; draws the bar only where somebody can see it."""

    def __init__(self, epochs: int, columns: list[str]) -> None:
        self._epochs = epochs
        self._columns = columns
        self._widths = [max(len(f"{epochs:,}"), 5), *(max(len(name), 11) for name in columns)]
        self._next = 0.0
        self._bar: Any = None
        self._line("epoch", *columns)
        if sys.stdout.isatty():
            self._open()

    def epoch(self, epoch: Epoch) -> None:
        """Prints a logged epoch, and moves the bar now and then."""
        if epoch.values:
            self._line(f"{epoch.number:,}", *(number(epoch.values[name]) for name in self._columns))
        if self._bar is not None and (now := time.monotonic()) >= self._next:
            self._next = now + _INTERVAL
            self._bar.update(self._task, completed=epoch.number)

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def _open(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        indent = " " * INDENT
        self._bar = Progress(indent, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), transient=True)
        self._task = self._bar.add_task("training", total=self._epochs)
        self._bar.start()

    def _line(self, *cells: str) -> None:
        text = " " * INDENT + "  ".join(c.rjust(w) for c, w in zip(cells, self._widths, strict=True))
        if self._bar is None:
            click.echo(text)
        else:
            self._bar.print(text, markup=False, highlight=False)


class RowCount:
    """The rows so far and how many a second, on standard error where somebody can see it."""

    def __init__(self) -> None:
        self._seen = sys.stderr.isatty()
        self._begun = time.monotonic()
        self._next = self._begun + _INTERVAL

    def __enter__(self) -> RowCount:
        return self

    def update(self, rows: int) -> None:
        """Draws the count anew, now and then."""
        if self._seen and (now := time.monotonic()) >= self._next:
            self._next = now + _INTERVAL
            click.echo(f"\r{rows:,} rows, {rows / (now - self._begun):,.0f} a second \x1b[K", nl=False, err=True)

    def __exit__(self, *_: object) -> None:
        if self._seen:
            click.echo("\r\x1b[K", nl=False, err=True)
