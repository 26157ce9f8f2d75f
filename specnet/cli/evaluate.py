"""specnet evaluate: a run measured on its own rows again."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from specnet.artifacts import finite_or_reason
from specnet.cli import describe
from specnet.cli.options import as_json, registry_of
from specnet.cli.text import dump, table
from specnet.runs import load_run
from specnet.runs.evaluation import evaluate


@click.command(short_help="Measure a run on its own rows again.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--split",
    type=click.Choice(["test", "train", "validation"]),
    default="test",
    show_default=True,
    help="Which rows.",
)
@as_json
@click.pass_context
def command(ctx: click.Context, run: Path, split: Literal["train", "validation", "test"], format: str) -> None:
    """Load the data of the run directory RUN again and measure it, in the units of the net.

    The data must be what the run was made from.
    """
    rows, metrics = evaluate(load_run(run, registry_of(ctx)), split)
    if format == "json":
        strict = {name: finite_or_reason(value) for name, value in metrics.items()}
        click.echo(dump({"split": split, "rows": rows, "metrics": strict}))
    else:
        click.echo(f"{split}: {rows:,} rows")
        click.echo(table(([name, describe.metric(value)] for name, value in metrics.items()), indent=2, left=1))
