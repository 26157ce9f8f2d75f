"""`--select` and `--ignore`: which codes are told and count."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from specnet.errors import Finding, UsageError

if TYPE_CHECKING:
    from specnet.reports.report import Checked

F = TypeVar("F", bound=Callable[..., Any])
UNREAD = "SN001"
"""A file that could not be read is told whatever is selected: nothing is known of it."""


def _prefixes(_ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """`SN4,SN102` and so on, as prefixes. Raises UsageError SN115 for what begins no code."""
    written = [part.strip().upper() for text in value for part in text.split(",")]
    for part in written:
        if not re.fullmatch("SN[0-9]{1,3}", part):
            help = "SN4 for all codes that begin so, SN102,SN103 for several"
            raise UsageError(Finding("SN115", f"--{param.name} takes codes, not {part!r}", help=help))
    return tuple(written)


def selection(function: F) -> F:
    """`--select` and `--ignore`, repeatable, each with several codes or beginnings of codes."""
    select = "Tell only these, such as SN4 or SN102,SN103; repeatable."
    ignore = "Do not tell these; repeatable."
    chosen = click.option("--ignore", multiple=True, metavar="CODES", callback=_prefixes, help=ignore)(function)
    return click.option("--select", multiple=True, metavar="CODES", callback=_prefixes, help=select)(chosen)


def chosen(one: Checked, select: Sequence[str], ignore: Sequence[str]) -> Checked:
    """The file with the findings that are selected, or all, without those that are ignored."""
    wanted, unwanted = tuple(select) or ("SN",), tuple(ignore)
    told = (f for f in one.findings if f.code.startswith(wanted) and not f.code.startswith(unwanted or ("-",)))
    findings = tuple(f for f in one.findings if f.code == UNREAD) or tuple(told)
    return one._replace(findings=findings)
