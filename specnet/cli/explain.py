"""specnet explain: what the code of a finding means, and what would do."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

import click

from specnet.cli.text import width
from specnet.codes import CODES, FAMILIES
from specnet.codes.page import markdown, severity
from specnet.errors import Finding, UsageError, did_you_mean

_CODE = re.compile(r"(?:SN)?([0-9]{3})", re.IGNORECASE)
_FAMILY = re.compile(r"(?:SN)?([0-9])[0-9X]*", re.IGNORECASE)


@click.command(short_help="Explain the codes of findings.")
@click.argument("codes", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Explain all of them, in Markdown.")
def command(codes: tuple[str, ...], everything: bool) -> None:
    """Explain CODES such as SN203, or 203 for short; without one, list all of them."""
    if everything and codes:
        raise UsageError(Finding("SN114", "--all explains every code, so it goes without one"))
    if everything:
        click.echo(markdown(), nl=False)
    else:
        click.echo("\n\n".join(map(_told, _known(codes))) if codes else "\n".join(_listed()))


def _known(texts: Sequence[str]) -> list[str]:
    """The codes that are meant, each once. Raises UsageError with a finding for each that there is not."""
    unknown = [text for text in texts if _name(text) not in CODES]
    if unknown:
        raise UsageError(*(Finding("SN114", f"there is no code {text!r}", help=_hint(text)) for text in unknown))
    return list(dict.fromkeys(map(_name, texts)))


def _name(text: str) -> str:
    match = _CODE.fullmatch(text)
    return f"SN{match[1]}" if match else text


def _hint(text: str) -> str:
    """The codes of the family that is meant, or the nearest code, or the families."""
    meant = _FAMILY.fullmatch(text)
    family = f"SN{meant[1]}" if meant else ""
    if family in FAMILIES:
        return f"{family}xx, {FAMILIES[family]}: {', '.join(name for name in CODES if name.startswith(family))}"
    near = None if meant else did_you_mean(text.upper(), CODES)
    return near or "; ".join(f"{family}xx {about}" for family, about in FAMILIES.items())


def _listed() -> Iterator[str]:
    for family, about in FAMILIES.items():
        yield f"{family}xx {about}"
        yield from (f"  {name}  {code.title}" for name, code in CODES.items() if name.startswith(family))


def _told(name: str) -> str:
    code = CODES[name]
    parts = [f"{name} {code.title}\n{severity(code)}", _filled(code.text)]
    parts += [_filled(f"For example: {code.situation}")] if code.situation else []
    for heading, toml in (("For example, in a spec:", code.example), ("Better:", code.better)):
        parts += [heading, textwrap.indent(toml, "    ")] if toml else []
    return "\n\n".join(parts)


def _filled(text: str) -> str:
    return textwrap.fill(text, min(80, width()), break_long_words=False, break_on_hyphens=False)
