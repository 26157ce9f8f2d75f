"""specnet runs rm: remove run directories, and nothing else."""

from __future__ import annotations

from pathlib import Path

import click

from specnet.artifacts import check_removable, remove
from specnet.cli.text import step
from specnet.errors import printable


@click.command("rm", short_help="Remove runs.")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, runs: tuple[Path, ...], yes: bool) -> None:
    """Remove the run directories RUNS with all that is in them, after asking.

    What is no run, a link to one, and a run that is being trained are refused, and then nothing is removed.

    Exit codes: 0 removed, 1 the answer was no, 2 refused.
    """
    chosen = list(dict.fromkeys(runs))
    for run in chosen:
        check_removable(run)
    for run in chosen:
        files = [path for path in run.rglob("*") if path.is_file() and not path.is_symlink()]
        size = sum(path.stat().st_size for path in files)
        click.echo(step("remove", f"{run}: {len(files):,} files, {size:,} bytes"))
    many = "this run" if len(chosen) == 1 else f"these {len(chosen):,} runs"
    if not yes and not click.confirm(f"Remove {many}?"):
        click.echo("nothing was removed")
        ctx.exit(1)
    for run in chosen:
        remove(run)
        click.echo(printable(f"removed {run}"))
