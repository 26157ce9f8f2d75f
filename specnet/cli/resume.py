"""specnet resume: go on with a run that was interrupted or killed, or with more epochs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from specnet.cli.narration import Narration
from specnet.cli.options import registry_of
from specnet.errors import Interrupted
from specnet.runs import resume
from specnet.runs.changes import CHANGES

if TYPE_CHECKING:
    from specnet.runs import Run


@click.command(short_help="Go on with a run.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--epochs", type=click.IntRange(min=1), metavar="N", help="Go on to N epochs in all.")
@click.option("--from", "checkpoint", metavar="FILE", help="A checkpoint of the run; the newest unless it is named.")
@click.option(
    "--allow-change",
    multiple=True,
    type=click.Choice(CHANGES),
    help="Go on although this is not as it was when the run began; repeatable.",
)
@click.option("--track", multiple=True, metavar="NAMESPACE", help="Tell the plugin of that namespace; repeatable.")
@click.pass_context
def command(
    ctx: click.Context,
    run: Path,
    epochs: int | None,
    checkpoint: str | None,
    allow_change: tuple[str, ...],
    track: tuple[str, ...],
) -> None:
    """Train the run directory RUN on from its newest checkpoint; it ends as it would have ended without the break.

    A run that was killed before its first checkpoint begins anew. A run that has finished is left as it is.

    Exit codes: 0 trained, 2 refused, 3 an [[expect]] failed, 4 diverged, 130 interrupted.
    """
    click.echo(f"specnet resume {run}")
    narration = Narration()
    ctx.call_on_close(narration.close)
    try:
        result = resume(
            run,
            epochs=epochs,
            allow_change=allow_change,
            checkpoint=checkpoint,
            registry=registry_of(ctx),
            watcher=narration,
            track=track,
        )
    except Interrupted as stopped:  # here, because click makes an Abort of it and loses the signal
        click.echo(str(stopped), err=True)
        ctx.exit(stopped.exit_code)
    if not narration.has_trained:
        click.echo(f"the run has {_ended(result)}; nothing was done: {result.path}")
    if not all(verdict.passed for verdict in result.verdicts):
        ctx.exit(3)


def _ended(run: Run) -> str:
    ending = run.early_stopping
    return ending.reason if ending is not None and ending.stopped else f"finished after epoch {run.epochs:,}"
