"""specnet runs compare: two runs side by side, their specs, metrics and curves."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.artifacts import finite_or_reason, finite_or_reasons
from specnet.cli import describe
from specnet.cli.curves import columns, has_braille, plot
from specnet.cli.diff import Compared
from specnet.cli.options import as_json, registry_of
from specnet.cli.text import dump, step, table
from specnet.errors import Finding, UsageError, did_you_mean
from specnet.runs import load_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from specnet.runs import Run

_USUAL = ("train.loss", "validation.loss", "test.loss")


@click.command("compare", short_help="Show two runs side by side.")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option("--curve", "curves", multiple=True, metavar="COLUMN", help="Draw this column of the history; repeatable.")
@as_json
@click.pass_context
def command(ctx: click.Context, first: Path, second: Path, curves: tuple[str, ...], format: str) -> None:
    """Show what differs between the specs of the runs A and B, and their metrics and curves side by side."""
    registry = registry_of(ctx)
    runs = (load_run(first, registry), load_run(second, registry))
    drawn = _drawn(runs, curves)
    specs = Compared.of(first, second, registry)
    if format == "json":
        click.echo(dump({"spec": specs.record(), "runs": list(map(_record, runs))}))
        return
    click.echo(step("A", _line(runs[0])))
    click.echo(step("B", _line(runs[1])))
    click.echo(f"\nspecs\n{specs.text()}")
    click.echo(f"\nmetrics\n{table(_metrics(runs), indent=0, left=1)}")
    for column in drawn:
        click.echo(f"\n{_curve(runs, column)}")


def _line(run: Run) -> str:
    return f"{run.path}: {run.status} after epoch {run.epochs:,}, seed {run.spec.seed}"


def _metrics(runs: Sequence[Run]) -> Iterator[list[str]]:
    yield ["", "A", "B"]
    for name in dict.fromkeys(name for run in runs for name in run.metrics):
        yield [name, *(describe.metric(run.metrics[name]) if name in run.metrics else "-" for run in runs)]
    yield ["parameters", *(f"{run.plan.parameter_count:,}" for run in runs)]


def _drawn(runs: Sequence[Run], wanted: Sequence[str]) -> list[str]:
    """The columns that are asked for, or the losses that both runs have. Raises UsageError SN554."""
    both = [name for name in runs[0].history if name in runs[1].history and name != "epoch"]
    for name in wanted:
        if name not in both:
            message = f"the histories of the two runs have no {name!r} in common"
            raise UsageError(Finding("SN554", message, help=did_you_mean(name, both)))
    return list(wanted) or [name for name in _USUAL if name in both]


def _curve(runs: Sequence[Run], column: str) -> str:
    """Both curves over the epochs, A as a line and B as points; by powers of ten where no number is 0 or less."""
    braille = has_braille()
    series = [(run.history["epoch"].tolist(), run.history[column].tolist()) for run in runs]
    if not any(epochs for epochs, _ in series):
        return f"{column}: no epoch was logged"
    finite = [y for _, values in series for y in values if math.isfinite(y)]
    by_powers = bool(finite) and min(finite) > 0
    last = max(epochs[-1] for epochs, _ in series if epochs)
    grid = [1 + (last - 1) * i / (columns(braille) - 1) for i in range(columns(braille))]
    lines = [_sampled(epochs, values, grid, by_powers) for epochs, values in series]
    title = f"{column}{', as a power of ten' if by_powers else ''}: A as a line, B as points"
    return f"{title}\n{plot(lines[0], lines[1], (1.0, float(last)), braille, most=math.inf)}"


def _sampled(epochs: Sequence[int], values: Sequence[float], grid: Sequence[float], by_powers: bool) -> list[float]:
    """The value of the last epoch that was logged by then; nothing beyond the last."""
    sampled, place = [], 0
    for at in grid:
        while place < len(epochs) and epochs[place] <= at:
            place += 1
        known = place > 0 and at <= epochs[-1]
        value = values[place - 1] if known else math.nan
        sampled.append(math.log10(value) if by_powers and value > 0 else value)
    return sampled


def _record(run: Run) -> dict[str, Any]:
    history = {name: [finite_or_reason(v) for v in values.tolist()] for name, values in run.history.items()}
    return {
        "path": str(run.path),
        "status": run.status,
        "epochs": run.epochs,
        "seed": run.spec.seed,
        "parameters": run.plan.parameter_count,
        "metrics": finite_or_reasons(run.metrics),
        "history": history,
    }
