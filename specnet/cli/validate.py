"""specnet validate: check specs without running them."""

from __future__ import annotations

from pathlib import Path

import click

from specnet.cli.options import overrides, registry_of
from specnet.errors import SpecError
from specnet.spec import load_spec


@click.command(short_help="Check specs without running them.")
@click.argument("specs", nargs=-1, required=True, type=click.Path(path_type=Path))
@overrides
@click.pass_context
def command(ctx: click.Context, specs: tuple[Path, ...], overrides: dict[str, str]) -> None:
    """Check each of SPECS: syntax, keys, types, names, shapes and expectations. No data is read.

    Exit codes: 0 nothing found, 1 findings, 2 a file that cannot be read.
    """
    registry = registry_of(ctx)
    code = 0
    for path in specs:
        try:
            load_spec(path, overrides, registry)
        except SpecError as error:
            click.echo(str(error))
            unread = any(finding.code == "SN001" for finding in error.findings)
            code = max(code, 2 if unread else 1)
        else:
            click.echo(f"{path}: valid")
    ctx.exit(code)
