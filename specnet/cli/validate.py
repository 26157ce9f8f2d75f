"""specnet validate: check specs without running them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from specnet.cli.options import overrides, registry_of
from specnet.cli.outputs import Output, deliver, outputs_option, usual_outputs
from specnet.cli.selection import UNREAD, chosen, selection
from specnet.cli.sources import sources
from specnet.reports.report import Checked, count
from specnet.spec import check


@click.command(short_help="Check specs without running them.")
@click.argument("paths", nargs=-1, required=True)
@overrides
@outputs_option
@selection
@click.option("--fix", "fixing", flag_value="fix", help="Write misspelt keys and names as they are certainly meant.")
@click.option("--diff", "fixing", flag_value="diff", help="Show what --fix would change, and write nothing.")
@click.option("--stdin-filename", metavar="NAME", help="The name for what is read from the path -.")
@click.option("--strict", is_flag=True, help="Exit 1 for warnings too.")
@click.option("--statistics", is_flag=True, help="Count the findings by code.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    overrides: dict[str, str],
    outputs: tuple[Output, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fixing: str | None,
    stdin_filename: str | None,
    strict: bool,
    statistics: bool,
) -> None:
    """Check each of PATHS: syntax, keys, types, names, shapes and expectations. No data is read.

    A folder stands for the specs below it, - for standard input. A fix leaves all else as it is, to the byte.

    Exit codes: 0 nothing found, 1 errors (with --strict: or warnings), 2 a file that cannot be read.
    """
    registry = registry_of(ctx)
    found = sources(paths, stdin_filename)
    checked = [chosen(check(source, overrides, registry), select, ignore) for source in found]
    if fixing is not None:
        from specnet.cli import fixing as fixes

        mended = [fixes.mended(source, one) for source, one in zip(found, checked, strict=True)]
        if fixing == "diff":
            click.echo(fixes.patch(mended), nl=any(one.count for one in mended))
            ctx.exit(_exit_code(checked, strict))
        checked = [chosen(fixes.write(one, overrides, registry), select, ignore) for one in mended]
    used = outputs or usual_outputs(os.environ, sys.stdout.isatty())
    deliver(checked, used, Path.cwd(), statistics, os.environ.get("GITHUB_STEP_SUMMARY"))
    ctx.exit(_exit_code(checked, strict))


def _exit_code(checked: Sequence[Checked], strict: bool) -> int:
    if any(finding.code == UNREAD for one in checked for finding in one.findings):
        return 2
    return int(count(checked, "error") > 0 or (strict and count(checked, "warning") > 0))
