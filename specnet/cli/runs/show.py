"""specnet runs show: the verb `show`, found beside the other verbs of runs."""

from __future__ import annotations

from specnet.cli.show import command

__all__ = ["command"]
