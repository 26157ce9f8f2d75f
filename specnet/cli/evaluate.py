"""specnet evaluate: a run measured on its own rows again, or on those of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from specnet.artifacts import finite_or_reasons
from specnet.cli import describe
from specnet.cli.options import as_json, registry_of
from specnet.cli.tables import data_of, marks, told
from specnet.cli.text import dump, plural, table
from specnet.errors import Finding, UsageError
from specnet.runs import load_run
from specnet.runs.evaluation import evaluate, evaluate_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from specnet.runs.measuring import ClassScore, Measured


@click.command(short_help="Measure a run on its own rows again.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", required=False)
@click.option(
    "--split", type=click.Choice(["test", "train", "validation"]), help="Which of its own rows; test if left out."
)
@click.option("--by", metavar="COLUMN", help="Also for each value of this column.")
@marks
@as_json
@click.pass_context
def command(
    ctx: click.Context,
    run: Path,
    data: str | None,
    split: Literal["train", "validation", "test"] | None,
    by: str | None,
    delimiter: str | None,
    decimal: str | None,
    format: str,
) -> None:
    """Measure the run directory RUN again, in the units of the net.

    Without DATA its own rows are loaded again, which must be what the run was made from. DATA is a file as `predict`
    takes it, with the targets.
    """
    if data is not None and split is not None:
        raise UsageError(Finding("SN535", "--split is a part of the run's own data, and goes without DATA"))
    if data is None and (delimiter or decimal):
        raise UsageError(Finding("SN535", "the options of files go with DATA"))
    trained = load_run(run, registry_of(ctx))
    if data is None:
        found = evaluate(trained, split or "test", by)
    else:
        found = evaluate_file(trained, data_of(trained, data, delimiter, decimal), by)
    if format == "json":
        what = {"split": split or "test"} if data is None else {"data": data}
        click.echo(dump({**what, **_record(found, by)}))
    else:
        click.echo("\n".join(_lines(data or split or "test", found, by)))


def _record(found: Measured, by: str | None) -> dict[str, Any]:
    classes = {
        target: {name: {**score._asdict(), **finite_or_reasons(score.metrics())} for name, score in scores.items()}
        for target, scores in found.classes.items()
    }
    slices = [
        {"value": each.value, "rows": each.rows, "metrics": finite_or_reasons(each.metrics)} for each in found.slices
    ]
    return {
        "rows": found.rows,
        "dropped": found.dropped,
        "unlisted": found.unlisted,
        "metrics": finite_or_reasons(found.metrics),
        "classes": classes,
        "by": None if by is None else {"column": by, "values": slices},
    }


def _lines(what: str, found: Measured, by: str | None) -> Iterator[str]:
    left_out = f", {found.dropped:,} left out because a cell is empty" if found.dropped else ""
    yield f"{what}: {plural(found.rows, 'row')}{left_out}"
    yield from told(found.unlisted)
    yield table(([name, describe.metric(value)] for name, value in found.metrics.items()), indent=2, left=1)
    for target, scores in found.classes.items():
        yield f"by {target}" if target == "class" else f"by class of {target}"
        yield _classes(scores)
    if by is not None:
        yield f"by {by}"
        names = list(found.metrics)
        rows = [
            [each.value or "(empty)", f"{each.rows:,}", *map(_cell, each.metrics.values())] for each in found.slices
        ]
        yield table([["", "rows", *names], *rows], indent=2, left=1)


def _classes(scores: Mapping[str, ClassScore]) -> str:
    rows = [
        [name, f"{score.rows:,}", f"{score.predicted:,}", f"{score.right:,}", *map(_cell, score.metrics().values())]
        for name, score in scores.items()
    ]
    return table([["", "rows", "predicted", "right", "precision", "recall", "f1"], *rows], indent=2, left=1)


def _cell(value: float) -> str:
    """A number, or `-` where it is undefined; --format json has the reason."""
    return "-" if value != value else describe.metric(value)
