"""specnet predict: rows in, predictions out, in the units of the data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from specnet.artifacts import finite_or_reason
from specnet.cli import describe
from specnet.cli.options import as_json, registry_of
from specnet.cli.text import dump, table
from specnet.errors import Finding, UsageError
from specnet.runs import load_run


@click.command(short_help="Predict rows with a trained run.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--rows", required=True, metavar="JSON", help="Rows of inputs, such as '[[30, 70], [3, 5]]'.")
@as_json
@click.pass_context
def command(ctx: click.Context, run: Path, rows: str, format: str) -> None:
    """Predict with the run directory RUN, in the units of its data."""
    trained = load_run(run, registry_of(ctx))
    inputs = _rows(rows)
    outputs = trained.predict(inputs).tolist()
    if format == "json":
        strict = [[finite_or_reason(value) for value in row] for row in outputs]
        click.echo(dump({"targets": list(trained.plan.outputs), "predictions": strict}))
        return
    click.echo(table(describe.predictions(trained, zip(inputs, outputs, strict=True)), indent=0))


def _rows(text: str) -> list[Any]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise UsageError(Finding("SN530", f"--rows is no JSON: {error}", help="such as '[[30, 70]]'")) from None
    except RecursionError:
        raise UsageError(Finding("SN530", "--rows is no JSON: the nesting is too deep")) from None
    if not isinstance(rows, list) or not rows:
        raise UsageError(Finding("SN530", f"--rows takes a list of rows, not {text}", help="such as '[[30, 70]]'"))
    nested = rows if isinstance(rows[0], list) else [rows]
    if any(type(cell) not in (int, float) for row in nested if isinstance(row, list) for cell in row):
        raise UsageError(Finding("SN530", "--rows takes numbers only"))
    return nested
