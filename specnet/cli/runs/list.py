"""specnet runs list: the runs of a folder in a table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.artifacts import finite_or_reasons
from specnet.cli.options import json_flag
from specnet.cli.text import dump, number, table, width
from specnet.component import Undefined
from specnet.errors import Finding, UsageError, did_you_mean, printable
from specnet.runs.listing import FACTS, in_order, main_metric, metric_names, runs_below, summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.runs.listing import Summary


@click.command("list", short_help="List the runs of a folder.")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--sort", "key", metavar="KEY", default="started", show_default=True, help=f"{', '.join(FACTS)}, or a metric."
)
@click.option("--reverse", is_flag=True, help="The greatest, or the latest, first.")
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Show this metric; repeatable.")
@json_flag
def command(folders: tuple[Path, ...], key: str, reverse: bool, metrics: tuple[str, ...], for_programs: bool) -> None:
    """List the runs in FOLDERS, by default the folder runs: how they ended, and what they have measured.

    A run that nobody trains any more though it has not ended is `killed`, and one with a changed file is `damaged`.
    """
    asked = folders or (Path("runs"),)
    runs = in_order([summary(path) for path in runs_below(asked)], key, reverse)
    shown = _columns(runs, metrics, key)
    if for_programs:
        click.echo(dump([_record(run) for run in runs]))
    elif runs:
        click.echo(_text(runs, shown))
    else:
        click.echo(f"no runs in {', '.join(map(str, asked))}")


def _columns(runs: Sequence[Summary], wanted: Sequence[str], key: str) -> list[str]:
    """The metrics that are asked for, or the main one, and that by which the runs are sorted."""
    known = metric_names(runs)
    for name in wanted:
        if name not in known:
            raise UsageError(Finding("SN554", f"no run has the metric {name!r}", help=did_you_mean(name, known)))
    return list(dict.fromkeys([*(wanted or main_metric(runs)), *([key] if key in known else [])]))


def _text(runs: Sequence[Summary], metrics: Sequence[str]) -> str:
    """One line a run, or two where the names and the rest do not stand beside each other; then what is damaged."""
    names = ["run", *map(printable, (run.name for run in runs))]
    facts = [["status", "started", "epochs", *metrics, "seed"], *(_facts(run, metrics) for run in runs)]
    lines = table(([name, *rest] for name, rest in zip(names, facts, strict=True)), indent=0, left=3).splitlines()
    if max(map(len, lines)) > width():
        beneath = table(facts, indent=4, left=2).splitlines()
        lines = [line for name, rest in zip(names, beneath, strict=True) for line in (name, rest)]
    faults = [str(run.fault) for run in runs if run.fault is not None]
    return "\n".join([*lines, *([""] if faults else []), *faults])


def _facts(run: Summary, metrics: Sequence[str]) -> list[str]:
    return [
        run.status,
        _moment(run.started),
        _epochs(run),
        *(_metric(run.metrics.get(name)) for name in metrics),
        "-" if run.seed is None else str(run.seed),
    ]


def _moment(text: str) -> str:
    """To the minute."""
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
    except ValueError:
        return "-"


def _epochs(run: Summary) -> str:
    """`50`, or `12/50` for a run that has had fewer than its spec asks for."""
    if run.planned is None:
        return "-"
    done = "-" if run.epochs is None else f"{run.epochs:,}"
    return done if run.epochs == run.planned else f"{done}/{run.planned:,}"


def _metric(value: float | None) -> str:
    if value is None:
        return "-"
    return "undefined" if isinstance(value, Undefined) else number(value)


def _record(run: Summary) -> dict[str, Any]:
    return {
        "path": str(run.path),
        "name": run.name,
        "status": run.status,
        "started": run.started or None,
        "seed": run.seed,
        "epochs": run.epochs,
        "planned": run.planned,
        "metrics": finite_or_reasons(run.metrics),
        "fault": None if run.fault is None else run.fault.findings[0].message,
    }
