"""specnet runs: a table of verbs about run directories, each imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import click

from specnet.cli import VERBS, Verbs

RUN_VERBS = {
    "list": "List the runs of a folder.",
    "show": "Show what a run has left.",
    "compare": "Show two runs side by side.",
    "rm": "Remove runs.",
    "verify": "Check every digest of runs.",
}
"""Every verb with its short help; the module `specnet.cli.runs.VERB` holds its `command`."""


class RunVerbs(Verbs):
    """The verbs of this table."""

    room: ClassVar[str] = "specnet.cli.runs"
    table: ClassVar[Mapping[str, str]] = RUN_VERBS


@click.group(cls=RunVerbs, short_help=VERBS["runs"], subcommand_metavar="VERB [ARGS]...")
def command() -> None:
    """Runs: what there is, what differs between two, and whether all of it is as it was written."""
