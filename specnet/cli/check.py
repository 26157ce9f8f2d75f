"""specnet check: a spec against its data, before training."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specnet.cli import describe
from specnet.cli.options import overrides, registry_of
from specnet.cli.outputs import Output, deliver, outputs_option, usual_outputs
from specnet.cli.selection import UNREAD, chosen, selection
from specnet.cli.text import step, table
from specnet.errors import SpecError
from specnet.reports.report import Checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from specnet.inspection.checking import Inspected
    from specnet.registry import Registry

_UNREADABLE = (UNREAD, "SN501")


@click.command(short_help="Check a spec against its data.")
@click.argument("spec", type=click.Path(path_type=Path))
@overrides
@outputs_option
@selection
@click.pass_context
def command(
    ctx: click.Context,
    spec: Path,
    overrides: dict[str, str],
    outputs: tuple[Output, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> None:
    """Check SPEC as `validate` does, then every cell and row of its data: nothing is trained or written.

    Exit codes: 0 nothing found, 1 errors or warnings, 2 a spec or data that cannot be read.
    """
    used = outputs or usual_outputs(os.environ, sys.stdout.isatty())
    checked, inspected = _looked_at(spec, overrides, registry_of(ctx))
    if any(output.file is None and output.format in ("full", "concise") for output in used):
        _tell(inspected)
    one = chosen(checked, select, ignore)
    deliver([one], used, Path.cwd(), counts=False, step_page=os.environ.get("GITHUB_STEP_SUMMARY"))
    unread = any(finding.code in _UNREADABLE for finding in one.findings)
    ctx.exit(2 if unread else int(bool(one.findings)))


def _looked_at(path: Path, overrides: Mapping[str, str], registry: Registry) -> tuple[Checked, Inspected | None]:
    from specnet.failures import blamed
    from specnet.inspection.checking import inspect
    from specnet.spec.document import parse_text, read_text

    try:
        written = read_text(path)
    except SpecError as error:
        return Checked(str(path), "", error.findings), None
    try:
        with blamed(registry):
            inspected = inspect(parse_text(written), overrides, registry)
    except SpecError as error:
        return Checked(written.source, written.text, error.findings), None
    return Checked(written.source, written.text, inspected.findings), inspected


def _tell(inspected: Inspected | None) -> None:
    """The columns and the parts, for people."""
    if inspected is None:
        return
    if inspected.look.seen:
        rows = [seen.words() for seen in inspected.look.seen]
        click.echo(table([["column", "type", "role", "empty", "values"], *rows], indent=0, left=5))
    if inspected.parts is not None:
        total = sum(inspected.parts.values())
        click.echo(step("rows", f"{total:,}: {describe.parts(inspected.parts)}"))
