"""specnet show: what a run has left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.artifacts import finite_or_reason, finite_or_reasons
from specnet.cli import describe
from specnet.cli.options import as_json, registry_of
from specnet.cli.text import dump, number, step, table
from specnet.runs import load_run
from specnet.runs.result import verdict_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.runs import Run


@click.command(short_help="Show what a run has left.")
@click.argument("run", type=click.Path(path_type=Path))
@as_json
@click.pass_context
def command(ctx: click.Context, run: Path, format: str) -> None:
    """Show the net, the history, the metrics and the receipt of the run directory RUN."""
    trained = load_run(run, registry_of(ctx))
    click.echo(dump(_record(trained)) if format == "json" else _text(trained))


def _text(run: Run) -> str:
    manifest = run.manifest
    made = f"specnet {manifest['specnet']}, NumPy {manifest['numpy']}, Python {manifest['python']}"
    epochs = [f"{int(epoch):,}" for epoch in run.history["epoch"]]
    columns = [[name, *map(number, values)] for name, values in run.history.items() if name != "epoch"]
    lines = [
        step("run", f"{run.spec.name}: {run.status}, started {manifest['started']}, seed {run.spec.seed}"),
        *(step("resumed", resumption) for resumption in map(_resumed, manifest.get("resumed", []))),
        step("made with", made),
        step("net", f"{run.plan.parameter_count:,} parameters"),
        table(describe.steps(run.plan), left=4),
        step("history", "in the units of the net"),
        table(zip(["epoch", *epochs], *columns, strict=True)),
        *_divergence(run),
        *([step("", describe.ending(run.early_stopping))] if run.early_stopping is not None else []),
        step("metrics", describe.metrics(run)),
        *(step("", text) for text in describe.baselines(run)),
        *(
            [step("predict", "in the units of the data"), table(describe.predictions(run, run.predictions()))]
            if run.spec.predict
            else []
        ),
        *(step("", describe.verdict(verdict)) for verdict in run.verdicts),
    ]
    dead = describe.dead_units(run)
    return "\n".join([*lines, *([step("warning", dead)] if dead else [])])


def _divergence(run: Run) -> list[str]:
    said = run.divergence
    return [] if said is None else [step("diverged", said["message"]), step("", said["help"])]


def _resumed(entry: Mapping[str, Any]) -> str:
    changed = f", although changed: {', '.join(entry['changed'])}" if entry["changed"] else ""
    return f"{entry['at']}, after epoch {entry['epoch']:,}{changed}"


def _record(run: Run) -> dict[str, Any]:
    return {
        "path": str(run.path),
        "status": run.status,
        "manifest": run.manifest,
        "parameters": run.plan.parameter_count,
        "epochs": run.epochs,
        "metrics": finite_or_reasons(run.metrics),
        "baselines": {name: baseline.record() for name, baseline in run.baselines.items()},
        "expect": [verdict_record(verdict) for verdict in run.verdicts],
        "history": {name: [finite_or_reason(v) for v in values.tolist()] for name, values in run.history.items()},
        "silent_units": run.silent_units,
        "early_stopping": None if run.early_stopping is None else run.early_stopping.record(),
    }
