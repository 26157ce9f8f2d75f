"""The nine steps of the lesson, told while a run goes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from specnet.cli import describe
from specnet.cli.progress import Progress
from specnet.cli.text import step, table
from specnet.component import Table
from specnet.errors import listed
from specnet.runs import Watcher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from specnet.component import Data
    from specnet.component.task import Epoch, TrainingTask
    from specnet.errors import Finding
    from specnet.plan import Plan
    from specnet.preparation import Prepared
    from specnet.runs import Run
    from specnet.spec import Spec
    from specnet.units import Piece, Scale, Units
    from specnet.weights import Weights


class Narration(Watcher):
    """Prints each step as it is done."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    @property
    def has_trained(self) -> bool:
        """True once training has begun."""
        return self._progress is not None

    def loaded(self, spec: Spec, data: Data) -> None:
        text = f"{spec.dataset.type}: {len(data.inputs):,} rows; inputs {listed(data.inputs.names)}"
        click.echo(step("1 data", f"{text}; targets {listed(data.targets.names)}"))
        if data.dropped:
            click.echo(step("", f"rows left out because nothing stands in a cell: {data.dropped:,}"))

    def prepared(self, spec: Spec, prepared: Prepared) -> None:
        order = describe.split(spec)
        rows = {part: len(index) for part, index in prepared.parts.items()}
        click.echo(step("2 split", f"{describe.parts(rows).replace(' ', ' rows ', 1)}, {order}"))
        data = prepared.data
        click.echo(step("3 scaling", _scaling("inputs", prepared.inputs, data.inputs.rows(prepared.train))))
        click.echo(step("", _scaling("targets", prepared.targets, data.targets.rows(prepared.train))))
        if constant := prepared.constant_columns():
            click.echo(step("", f"warning: constant in the training rows: {listed(constant)}"))

    def planned(self, plan: Plan, weights: Weights) -> None:
        click.echo(step("4 net", f"{len(plan.steps)} layer{'s' * (len(plan.steps) > 1)}"))
        click.echo(table(describe.steps(plan), left=4))
        predicted, counted = plan.parameter_count, weights.flat.size
        click.echo(step("", f"parameters: {predicted:,} predicted by the formula, {counted:,} counted"))

    def checked(self, plan: Plan, rows: int, warnings: Sequence[Finding]) -> None:
        click.echo(step("5 check", f"{rows:,} training rows for {plan.parameter_count:,} parameters"))
        for finding in warnings:
            help = f"; {finding.help}" if finding.help else ""
            click.echo(step("", f"warning {finding.code}: {finding.message}{help}"))

    def started(self, path: Path, spec: Spec, task: TrainingTask) -> None:
        batches = task.steps_per_epoch
        portions = f"{batches:,} batch{'es' * (batches > 1)} of {task.batch_rows:,} rows"
        how = f"forward, back-propagation, {describe.component(task.optimizer)}"
        click.echo(step("6-8 train", f"{how}; {task.epochs:,} epochs, {portions} each"))
        self._progress = Progress(task.epochs, spec.history_columns())

    def resumed(self, checkpoint: str | None, epoch: int, passed: Sequence[str]) -> None:
        for reason in passed:
            click.echo(step("", f"warning: passed over: {reason}"))
        if checkpoint is None:
            click.echo(step("resume", "no checkpoint yet: from the beginning"))
        else:
            click.echo(step("resume", f"after epoch {epoch:,}, from {checkpoint}"))

    def epoch(self, epoch: Epoch) -> None:
        if self._progress is not None:
            self._progress.epoch(epoch)

    def close(self) -> None:
        """Leaves the terminal as it was, however training has ended."""
        if self._progress is not None:
            self._progress.close()

    def finished(self, run: Run) -> None:
        self.close()
        if run.early_stopping is not None:
            click.echo(step("", describe.ending(run.early_stopping)))
        click.echo(step("9 result", f"{describe.metrics(run)} (in the units of the net)"))
        for text in describe.baselines(run):
            click.echo(step("", text))
        if run.spec.predict:
            click.echo(table(describe.predictions(run, run.predictions())))
        for verdict in run.verdicts:
            click.echo(step("", describe.verdict(verdict)))
        if dead := describe.dead_units(run):
            click.echo(step("", f"warning: {dead}"))
        click.echo(f"{run.status}: {run.path}")

    def warned(self, finding: Finding) -> None:
        click.echo(f"warning {finding}", err=True)


def _scaling(part: str, units: Units, train: Table) -> str:
    """How each piece of the columns is scaled, and what was made of the gaps."""
    filled = Table(train.names, units.filled(train.values))
    said = [_piece(piece, scale, filled, units.whole is not None) for piece, scale in units.pieces()]
    text = f"{part}: {'; '.join(said)}" if said else f"{part} as they are"
    fills = [f"{train.names[place]} by the {how}" for place, how in units.layout.fills.items()]
    return f"{text}; gaps filled: {listed(fills, 3)}" if fills else text


def _piece(piece: Piece, scale: Scale, train: Table, is_all: bool) -> str:
    values = scale.transform(train.columns(piece.places).values)
    of = "" if is_all else f" of {listed(train.columns(piece.places).names, 3)}"
    how = describe.component(scale.scaler)
    return f"{how}{of}, fitted on the training rows; {scale.scaler.check(values)}"
