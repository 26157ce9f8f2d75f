"""specnet plugins show: what a component is and takes, or what a plugin offers."""

from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING

import click

from specnet.cli.options import registry_of
from specnet.cli.plugins.examples import example_text, portrait
from specnet.cli.plugins.list import by_kind, line
from specnet.cli.plugins.lookup import components_called, plugins_called
from specnet.cli.text import step, table, width
from specnet.component import KINDS
from specnet.errors import Finding, UsageError, printable
from specnet.spec.fields import described, first_line

if TYPE_CHECKING:
    from specnet.component import Component
    from specnet.registry import Plugin, Registry


@click.command("show", short_help="Show a component or a plugin.")
@click.argument("name")
@click.option("--kind", type=click.Choice(list(KINDS)), help="Of several with this name, the one of this kind.")
@click.pass_context
def command(ctx: click.Context, name: str, kind: str | None) -> None:
    """Show a component (`relu`, `acme.snake`) or a plugin (`acme`, `specnet-acme`).

    A built-in component comes before a plugin of that name, and that before its components.
    """
    registry = registry_of(ctx)
    plugins = [] if kind or _is_builtin(registry, name) else plugins_called(registry, name)
    for plugin in plugins:
        click.echo(_plugin(plugin))
    if not plugins:
        classes = components_called(registry, name, [kind] if kind else list(KINDS))
        if len(classes) > 1:
            said = ", ".join(f"{cls.kind} {registry.full_name(cls)}" for cls in classes)
            help = " or ".join(f"--kind {cls.kind}" for cls in classes)
            raise UsageError(Finding("SN204", f"{name!r} is the name of several: {said}", help=help))
        click.echo(_component(registry, classes[0]))


def _is_builtin(registry: Registry, name: str) -> bool:
    return any(name in registry.names(kind) for kind in KINDS)


def _plugin(plugin: Plugin) -> str:
    """The plugin and the first line of each of its components."""
    rows: list[tuple[str, ...]] = [
        (kind, f"{plugin.namespace}.{name}", first_line(plugin.components[kind, name]))
        for kind, names in by_kind(plugin).items()
        for name in names
    ]
    lines = [step(plugin.namespace, line(plugin)), *([""] if rows else [])]
    return "\n".join([*lines, *_wrapped(rows)])


def _component(registry: Registry, cls: type[Component]) -> str:
    """Everything of a component: from where, what, its keys, an example; for an activation its form."""
    plugin, name = registry.origin(cls), registry.full_name(cls)
    parts = [f"{name}  {cls.kind}, {plugin or 'built in'}", _docstring(cls)]
    rows = [(f.name, f.value.replace("`", ""), f.default.replace("`", ""), f.meaning) for f in described(cls)]
    heading = ("key", "value", "default", "meaning")
    parts += ["\n".join(_wrapped([heading, *rows])) if rows else "  no keys besides its type"]
    if cls.synonyms:
        parts += [_filled(f"elsewhere called {', '.join(cls.synonyms)}", "  ", "  ")]
    parts += [f"example\n{textwrap.indent(example_text(registry, cls), '  ')}"]
    drawing = portrait(registry, cls)
    return "\n\n".join([*parts, *([drawing] if drawing else [])])


def _docstring(cls: type[Component]) -> str:
    """All of it, indented, each paragraph wrapped anew."""
    paragraphs = (inspect.getdoc(cls) or "it has no docstring").split("\n\n")
    return "\n\n".join(_filled(" ".join(text.split()), "  ", "  ") for text in paragraphs)


def _wrapped(rows: list[tuple[str, ...]]) -> list[str]:
    """The rows as a table whose last column is wrapped in the room that is left, or stands beneath without any."""
    if not rows:
        return []
    front = table([row[:-1] for row in rows], indent=2, left=len(rows[0])).splitlines()
    start = max(map(len, front)) + 2
    if start > width():  # a table of such cells would be cut anyhow
        front = [_filled("  ".join(row[:-1]), "  ", " " * 4) for row in rows]
    pairs = list(zip(rows, front, strict=True))
    if width() - start < 24:
        return [text for row, head in pairs for text in (head, _filled(row[-1], " " * 6, " " * 6)) if text]
    return [_filled(row[-1], head.ljust(start), " " * start) or head for row, head in pairs]


def _filled(text: str, first: str, later: str) -> str:
    return textwrap.fill(printable(text), width(), initial_indent=first, subsequent_indent=later)
