"""specnet runs verify: every digest of runs, computed again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.cli.options import json_flag
from specnet.cli.text import dump
from specnet.errors import Finding, UsageError, printable
from specnet.runs.listing import runs_below
from specnet.runs.verification import verify

if TYPE_CHECKING:
    from specnet.runs.verification import Verified


@click.command("verify", short_help="Check every digest of runs.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--data", is_flag=True, help="Look at the data files too, where the manifest says they are.")
@json_flag
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], data: bool, for_programs: bool) -> None:
    """Compute every digest of the runs at PATHS again, run directories or folders of them.

    Looked at are the files that the manifest lists, the manifest, the checkpoints, and the result: the weights and the
    history.

    Exit codes: 0 all are as they were written, 1 something has changed, 2 refused.
    """
    found = runs_below(paths)
    if not found:
        raise UsageError(Finding("SN554", "no run is there", file=", ".join(map(str, paths))))
    checked = [verify(path, data) for path in found]
    click.echo(dump(list(map(_record, checked))) if for_programs else "\n".join(map(_text, checked)))
    wrong = sum(bool(one.findings) for one in checked)
    if not for_programs:
        click.echo(_summary(checked, wrong))
    ctx.exit(int(wrong > 0))


def _text(one: Verified) -> str:
    if not one.findings:
        return printable(f"{one.path}: {_counted(one.files, 'file')}")
    return "\n".join([printable(f"{one.path}:"), *map(str, one.findings)])


def _summary(checked: list[Verified], wrong: int) -> str:
    files = sum(one.files for one in checked)
    said = "every digest is right" if not wrong else f"{_counted(wrong, 'run')} not as written"
    return f"{_counted(len(checked), 'run')}, {_counted(files, 'file')}: {said}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _record(one: Verified) -> dict[str, Any]:
    findings = [{"code": f.code, "message": f.message, "file": f.file} for f in one.findings]
    return {"path": str(one.path), "files": one.files, "findings": findings}
