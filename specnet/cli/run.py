"""specnet run: train a spec and leave a run directory."""

from __future__ import annotations

from pathlib import Path

import click

from specnet.cli.narration import Narration
from specnet.cli.options import overrides, registry_of
from specnet.errors import Interrupted
from specnet.runs import run


@click.command(short_help="Train a spec and leave a run directory.")
@click.argument("spec", type=click.Path(path_type=Path))
@overrides
@click.option("--engine", metavar="NAME", help="What runs the plan, as --set engine.type=NAME says it.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="The run directory; it must not exist yet.")
@click.option("--track", multiple=True, metavar="NAMESPACE", help="Tell the plugin of that namespace; repeatable.")
@click.pass_context
def command(
    ctx: click.Context,
    spec: Path,
    overrides: dict[str, str],
    engine: str | None,
    out: Path | None,
    track: tuple[str, ...],
) -> None:
    """Train SPEC (.toml or .json) and leave a run directory, runs/NAME-DATE-TIME-XXXX unless --out says where.

    SPECNET_TRACK=a,b tracks too; --track adds to it.

    Exit codes: 0 trained, 2 refused, 3 an [[expect]] failed, 4 diverged, 130 interrupted.
    """
    click.echo(f"specnet run {spec}")
    changes = overrides if engine is None else {**overrides, "engine.type": engine}
    narration = Narration()
    ctx.call_on_close(narration.close)
    try:
        result = run(spec, set=changes, out=out, registry=registry_of(ctx), watcher=narration, track=track)
    except Interrupted as stopped:  # here, because click makes an Abort of it and loses the signal
        click.echo(str(stopped), err=True)
        ctx.exit(stopped.exit_code)
    if not all(verdict.passed for verdict in result.verdicts):
        ctx.exit(3)
