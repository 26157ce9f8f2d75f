"""specnet cross-validate: a spec trained once for each fold of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from specnet.cli import describe
from specnet.cli.options import as_json, overrides, registry_of
from specnet.cli.text import dump, number, table
from specnet.errors import Interrupted, printable
from specnet.runs import Watcher, cross_validate

if TYPE_CHECKING:
    from specnet.preparation import Prepared
    from specnet.runs import CrossValidation, Run
    from specnet.spec import Spec


class _Told(Watcher):
    """A line for each fold."""

    def __init__(self, folds: int) -> None:
        self._folds = folds

    def prepared(self, spec: Spec, prepared: Prepared) -> None:
        counts = {part: len(rows) for part, rows in prepared.parts.items()}
        click.echo(f"fold {spec.split.fold} of {self._folds}: {describe.parts(counts).replace(' ', ' rows ', 1)}")

    def finished(self, run: Run) -> None:
        click.echo(f"  {run.status}: {printable(describe.metrics(run))}")
        for verdict in run.verdicts:
            if not verdict.passed:
                click.echo(f"  {printable(describe.verdict(verdict))}")


@click.command("cross-validate", short_help="Train a spec once for each fold of its rows.")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True, help="How many folds.")
@overrides
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="The folder of all; it must not exist yet.")
@as_json
@click.pass_context
def command(
    ctx: click.Context, spec: Path, folds: int, overrides: dict[str, str], out: Path | None, format: str
) -> None:
    """Train SPEC once for each fold of its rows and measure each net on the fold that it has not seen.

    The test rows of the spec are left out before, and no fold sees them. DIR, by default runs/NAME-DATE-TIME-XXXX, has
    a run directory for each fold, cross-validation.json, and in predictions.csv what is predicted for each row by the
    net that has not seen it.

    Exit codes: 0 trained, 2 refused, 3 an [[expect]] failed, 4 diverged, 130 interrupted.
    """
    watcher = _Told(folds) if format == "text" else Watcher()
    try:
        result = cross_validate(spec, folds, set=overrides, out=out, registry=registry_of(ctx), watcher=watcher)
    except Interrupted as stopped:  # here, because click makes an Abort of it and loses the signal
        click.echo(str(stopped), err=True)
        ctx.exit(stopped.exit_code)
    click.echo(dump({**result.record(), "path": str(result.path)}) if format == "json" else _text(result))
    if not all(verdict.passed for run in result.runs for verdict in run.verdicts):
        ctx.exit(3)


def _text(result: CrossValidation) -> str:
    rows = [["", "mean", "deviation"]]
    rows += [[name, number(summary.mean), number(summary.deviation)] for name, summary in result.metrics.items()]
    counted = f"{len(result.predictions):,} rows in {len(result.runs)} folds"
    left = f", {result.left_out:,} rows left out for the test of the spec" if result.left_out else ""
    lines = [f"{counted}{left} (metrics in the units of the net)", table(rows, indent=2, left=1)]
    return "\n".join([*lines, printable(str(result.path))])
