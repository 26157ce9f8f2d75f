"""specnet init: a first spec for a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from specnet.cli.options import registry_of
from specnet.errors import Finding, UsageError, printable

if TYPE_CHECKING:
    from specnet.initial.tasks import Asked


@click.command(short_help="Write a first spec for a table.")
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--target", "targets", multiple=True, required=True, metavar="COLUMN", help="What to predict; repeatable."
)
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, a .toml.")
@click.option("--task", type=click.Choice(["regression", "classes"]), help="As the targets look, unless it is said.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="The seed of the spec.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.pass_context
def command(
    ctx: click.Context,
    data: Path,
    targets: tuple[str, ...],
    output: Path | None,
    task: Asked | None,
    seed: int,
    force: bool,
) -> None:
    """Write a short spec that learns the target of DATA, a CSV file, from its other columns.

    How the file is written, the kinds of its columns and the task are told from what stands in it. The spec is trained
    once, and promises to beat a linear model where it did. What was seen is told on standard error.
    """
    if output is not None:
        _check(output, force)
    from specnet.initial import draft

    folder = Path.cwd() if output is None else output.absolute().parent
    made = draft(data, list(dict.fromkeys(targets)), folder, registry_of(ctx), task, seed)
    for remark in made.remarks:
        click.echo(printable(remark), err=True)
    if output is None:
        click.echo(made.text, nl=False)
        return
    from specnet.disk import make_parents, write_atomic

    make_parents(output)
    write_atomic(output, made.text.encode())
    click.echo(f"{output}: written; next: specnet check {output}, specnet run {output}", err=True)


def _check(output: Path, force: bool) -> None:
    if output.suffix.lower() != ".toml":
        raise UsageError(Finding("SN581", f"-o takes a .toml file, not {output.name!r}", file=str(output)))
    if output.exists() and not force:
        raise UsageError(Finding("SN581", "the file is there already", help="--force overwrites it", file=str(output)))
