"""specnet reproduce: make a run again from what it has stored, and say whether it is the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.artifacts import finite_or_reason
from specnet.cli.options import as_json, registry_of
from specnet.cli.progress import Progress
from specnet.cli.text import dump, step
from specnet.errors import Interrupted
from specnet.runs import Watcher, reproduce

if TYPE_CHECKING:
    from specnet.component.task import Epoch, TrainingTask
    from specnet.runs import Reproduction, Run
    from specnet.runs.reproducing import Difference
    from specnet.spec import Spec


class _Shown(Watcher):
    """Shows that training goes on."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def started(self, path: Path, spec: Spec, task: TrainingTask) -> None:
        self._progress = Progress(task.epochs, spec.history_columns())

    def epoch(self, epoch: Epoch) -> None:
        if self._progress is not None:
            self._progress.epoch(epoch)

    def finished(self, run: Run) -> None:
        self.close()

    def close(self) -> None:
        """Leaves the terminal as it was."""
        if self._progress is not None:
            self._progress.close()


@click.command(short_help="Make a run again and compare.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Keep the new run; it must not exist yet.")
@as_json
@click.pass_context
def command(ctx: click.Context, run: Path, out: Path | None, format: str) -> None:
    """Train the spec of the run directory RUN again, on its data, and compare weights and history bit for bit.

    Where they differ, the first epoch that does is named, and what of all that the manifest records has changed.

    Exit codes: 0 identical, 1 different, 2 refused, 130 interrupted.
    """
    shown = _Shown() if format == "text" else Watcher()
    if isinstance(shown, _Shown):
        click.echo(f"specnet reproduce {run}")
        ctx.call_on_close(shown.close)
    try:
        found = reproduce(run, out=out, registry=registry_of(ctx), watcher=shown)
    except Interrupted as stopped:  # here, because click makes an Abort of it and loses the signal
        click.echo("interrupted: nothing was compared", err=True)
        ctx.exit(stopped.exit_code)
    click.echo(_text(found) if format == "text" else dump(_record(found)))
    ctx.exit(int(not found.is_identical))


def _text(found: Reproduction) -> str:
    kept = [step("kept in", str(found.path))] if found.path is not None else []
    changed = [step("changed", f"{name}: {what}") for name, what in found.causes.items()]
    if found.is_identical:
        said = f"{found.statuses[1]} after epoch {found.epochs:,}, result {found.results[1][:16]}"
        return "\n".join([step("identical", said), *changed, *kept])
    none = [step("changed", "nothing that the manifest records")]
    return "\n".join([step("different", _difference(found)), *(changed or none), *kept])


def _difference(found: Reproduction) -> str:
    was, now = found.statuses
    ended = f"; it had {was}, and has {now} now" if was != now else ""
    if found.first is None:
        return f"the history is the same, and the weights at the end are not{ended}"
    return f"from epoch {found.first.epoch:,} on: {_values(found.first)}{ended}"


def _values(first: Difference) -> str:
    if first.was is None or first.now is None:
        return "the run had no such epoch" if first.was is None else "the run has no such epoch now"
    return f"{first.column} was {first.was!r}, is {first.now!r}"


def _record(found: Reproduction) -> dict[str, Any]:
    first = found.first
    values = {} if first is None else {"was": first.was, "now": first.now}
    strict = {name: value if value is None else finite_or_reason(value) for name, value in values.items()}
    return {
        "identical": found.is_identical,
        "epochs": found.epochs,
        "status": list(found.statuses),
        "result": list(found.results),
        "first": None if first is None else {"epoch": first.epoch, "column": first.column, **strict},
        "changed": dict(found.causes),
        "path": None if found.path is None else str(found.path),
    }
