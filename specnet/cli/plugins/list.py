"""specnet plugins list: the built-in components, and what is installed."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import click

from specnet.cli.options import json_flag, registry_of
from specnet.cli.text import dump, step
from specnet.component import KINDS

if TYPE_CHECKING:
    from specnet.registry import Plugin


@click.command("list", short_help="List components, and plugins with their state.")
@json_flag
@click.pass_context
def command(ctx: click.Context, for_programs: bool) -> None:
    """List the built-in components, and the installed plugins with their state.

    Each plugin is imported, unless it is blocked; the time is what its own import took.
    """
    registry = registry_of(ctx)
    builtin = {kind: registry.names(kind) for kind in KINDS}
    with redirect_stdout(sys.stderr):  # what a plugin prints is no part of the answer
        plugins = registry.plugins()
    if for_programs:
        click.echo(dump({"builtin": builtin, "plugins": list(map(_record, plugins))}))
        return
    for kind, names in builtin.items():
        click.echo(step(kind, ", ".join(names)))
    for plugin in plugins:
        click.echo(step(plugin.namespace, line(plugin)))
    if not plugins:
        click.echo("no plugins are installed")


def line(plugin: Plugin) -> str:
    """`specnet-acme 1.2, loaded in 3.1 ms: activation acme.snake, acme.wave; tracks runs`."""
    took = "" if plugin.import_seconds is None else f" in {plugin.import_seconds * 1000:.1f} ms"
    names = by_kind(plugin)
    offered = [f"{kind} {', '.join(f'{plugin.namespace}.{name}' for name in names[kind])}" for kind in names]
    said = plugin.error or "; ".join([*offered, *(["tracks runs"] if plugin.tracks else [])])
    state = f"{plugin}, {plugin.state}{took if plugin.state == 'loaded' else ''}"
    return f"{state}: {said}" if said else state


def by_kind(plugin: Plugin) -> dict[str, list[str]]:
    """The names of its components, in the order of the kinds."""
    names = {kind: sorted(name for of, name in plugin.components if of == kind) for kind in KINDS}
    return {kind: own for kind, own in names.items() if own}


def _record(plugin: Plugin) -> dict[str, object]:
    return {
        "namespace": plugin.namespace,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "state": plugin.state,
        "error": plugin.error or None,
        "components": by_kind(plugin),
        "tracks": plugin.tracks,
        "import_ms": None if plugin.import_seconds is None else round(plugin.import_seconds * 1000, 3),
    }
