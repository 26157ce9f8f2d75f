"""specnet schema: the JSON Schema of specs, for editors and other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specnet.cli.options import registry_of
from specnet.cli.text import dump
from specnet.disk import read_bytes, write_atomic
from specnet.errors import Finding, UsageError, listed, printable
from specnet.spec.dialects import URLS
from specnet.spec.schema import schema

if TYPE_CHECKING:
    from specnet.registry import Registry
    from specnet.spec.dialects import Dialect

_LIMIT = 100_000_000
"""Bytes of a schema that is read; that of the built-ins has about 30,000."""


@click.command(short_help="Write the JSON Schema of specs, for editors.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there; else print it.")
@click.option("--check", type=click.Path(path_type=Path), metavar="FILE", help="Write nothing; is FILE up to date?")
@click.option("--draft", type=click.Choice(list(URLS)), default="7", show_default=True, help="Editors take 7.")
@click.pass_context
def command(ctx: click.Context, output: Path | None, check: Path | None, draft: Dialect) -> None:
    """Write the JSON Schema of specs, with the components of every plugin that is installed.

    Exit codes: 0 written or up to date, 1 --check found another schema, 2 a file that cannot be read or written.
    """
    if output is not None and check is not None:
        raise UsageError(Finding("SN113", "--check writes nothing, so it goes without --output"))
    registry = registry_of(ctx)
    text = dump(schema(registry, draft)) + "\n"
    _warn(registry)
    if check is not None:
        reason = _difference(read_bytes(check, _LIMIT), text)
        click.echo(f"{check}: {reason or 'up to date'}")
        ctx.exit(1 if reason else 0)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomic(output, text.encode())
        click.echo(f"{output}: written")


def _warn(registry: Registry) -> None:
    for plugin in registry.plugins():
        if plugin.state in ("conflict", "failed"):
            why = printable(plugin.error.splitlines()[0])
            click.echo(f"warning: {plugin.namespace} ({plugin}) is left out: {why}", err=True)


def _difference(content: bytes, text: str) -> str | None:
    """What another schema has too much, too little or otherwise, in one line; None for the same, CRLF or not."""
    if content.replace(b"\r\n", b"\n") == text.encode():
        return None
    try:
        there = _definitions(json.loads(content))
    except (ValueError, RecursionError):
        return "is no JSON"
    now = _definitions(json.loads(text))
    other = [name for name in now if name in there and now[name] != there[name]]
    found = (
        ("lacks", [name for name in now if name not in there]),
        ("has, and should not", [name for name in there if name not in now]),
        ("says otherwise of", other),
    )
    said = [f"{verb}: {printable(listed(names))}" for verb, names in found if names]
    return f"{'; '.join(said) or 'is written otherwise'} (specnet schema --output writes it anew)"


def _definitions(schema: Any) -> dict[str, Any]:
    """The definitions of either draft; what stands beside them is `the spec`."""
    if not isinstance(schema, dict):
        return {}
    parts = [schema[key] for key in ("definitions", "$defs") if isinstance(schema.get(key), dict)]
    rest = {key: value for key, value in schema.items() if key not in ("definitions", "$defs")}
    return {"the spec": rest} | (parts[0] if parts else {})
