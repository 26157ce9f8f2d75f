"""specnet export: a run as a file that needs no specnet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from specnet.cli.options import registry_of
from specnet.errors import Finding, SpecnetError, UsageError
from specnet.failures import blamed
from specnet.runs import load_run
from specnet.runs.export import export

if TYPE_CHECKING:
    from specnet.component import Exporter

_DISTRIBUTIONS = {"onnx": "specnet-onnx"}
"""Where exporters are that are asked for by name and need more than the core does."""


@click.command(short_help="Write a run as a file that needs no specnet.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--to", "form", required=True, metavar="NAME", help="In which form, such as numpy.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to; the name of the run when left out.")
@click.pass_context
def command(ctx: click.Context, run: Path, form: str, output: Path | None) -> None:
    """Write the trained net of the run directory RUN.

    The data of the run is loaded again: what is written must first predict the test rows as the run does.
    """
    registry = registry_of(ctx)
    trained = load_run(run, registry)
    with blamed(registry):
        try:
            exporter = registry.find("exporter", form)
        except SpecnetError as error:
            raise UsageError(*(_helped(form, finding) for finding in error.findings)) from None
        exported = export(trained, cast("Exporter", exporter.of_defaults()), output)
    click.echo(f"wrote {' and '.join(map(str, exported.paths))}")
    rows = f"{exported.rows:,} {exported.part} {'row' if exported.rows == 1 else 'rows'}"
    click.echo(f"{rows}: predictions are those of the run, within {exported.difference:.1e}")


def _helped(form: str, finding: Finding) -> Finding:
    distribution = _DISTRIBUTIONS.get(form) if finding.code == "SN203" else None
    return replace(finding, help=f"pip install {distribution}") if distribution else finding
