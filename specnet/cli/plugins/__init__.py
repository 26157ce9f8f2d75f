"""specnet plugins: a table of verbs about what is installed, each imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import click

from specnet.cli import VERBS, Verbs

PLUGIN_VERBS = {
    "list": "List components, and plugins with their state.",
    "show": "Show a component or a plugin.",
    "check": "Hold plugins to the contract of their kinds.",
    "new": "Write a plugin that works, to begin from.",
}
"""Every verb with its short help; the module `specnet.cli.plugins.VERB` holds its `command`."""


class PluginVerbs(Verbs):
    """The verbs of this table."""

    room: ClassVar[str] = "specnet.cli.plugins"
    table: ClassVar[Mapping[str, str]] = PLUGIN_VERBS


@click.group(cls=PluginVerbs, short_help=VERBS["plugins"], subcommand_metavar="VERB [ARGS]...")
def command() -> None:
    """Plugins: what is installed, what it is worth, and how to begin one."""
