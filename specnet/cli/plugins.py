"""specnet plugins: what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from specnet.cli.options import as_json, registry_of
from specnet.cli.text import dump, step
from specnet.component import KINDS

if TYPE_CHECKING:
    from specnet.registry import Plugin


@click.group(short_help="Show what is installed.")
def command() -> None:
    """Show the components that specs may name."""


@command.command("list")
@as_json
@click.pass_context
def list_(ctx: click.Context, format: str) -> None:
    """List the built-in components, and the installed plugins with their state."""
    registry = registry_of(ctx)
    builtin = {kind: registry.names(kind) for kind in KINDS}
    plugins = registry.plugins()
    if format == "json":
        click.echo(dump({"builtin": builtin, "plugins": list(map(_record, plugins))}))
        return
    for kind, names in builtin.items():
        click.echo(step(kind, ", ".join(names)))
    for plugin in plugins:
        components = [f"{kind} {plugin.namespace}.{name}" for kind, name in sorted(plugin.components)]
        offered = ", ".join([*components, *(["tracks runs"] if plugin.tracks else [])])
        click.echo(step(plugin.namespace, f"{plugin}, {plugin.state}: {plugin.error or offered}"))
    if not plugins:
        click.echo("no plugins are installed")


def _record(plugin: Plugin) -> dict[str, object]:
    return {
        "namespace": plugin.namespace,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "state": plugin.state,
        "error": plugin.error or None,
        "components": [{"kind": kind, "name": name} for kind, name in sorted(plugin.components)],
        "tracks": plugin.tracks,
    }
