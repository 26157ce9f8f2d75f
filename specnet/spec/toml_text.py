"""Data to TOML: sections as tables, lists of tables as `[[...]]`, and one line for each value inside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specnet.errors import Path

_BARE = re.compile("[A-Za-z0-9_-]+")
_SHORT = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}


def write_toml(data: Mapping[str, Any], remark: Callable[[Path], str] = lambda _: "") -> str:
    """The text that `tomllib` reads as `data`; `remark` gives the comment of the line on which a path stands.

    Raises ValueError for None and for half of a surrogate pair, which TOML cannot say.
    """
    plain = {key: value for key, value in data.items() if not (isinstance(value, dict) or _are_tables(value))}
    lines = list(_lines(plain, (), "", remark))
    for key, value in data.items():
        if isinstance(value, dict):
            lines += ["", f"[{_key(key)}]", *_lines(value, (key,), "", remark)]
        elif _are_tables(value):
            for i, table in enumerate(value):
                lines += ["", f"[[{_key(key)}]]", *_lines(table, (key, i), "", remark)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _lines(table: Mapping[str, Any], path: Path, prefix: str, remark: Callable[[Path], str]) -> Iterator[str]:
    """`key = value  # remark`, and `outer.key = value` for what stands in tables inside the table."""
    for key, value in table.items():
        name, at = f"{prefix}{_key(key)}", (*path, key)
        if isinstance(value, dict) and value:
            yield from _lines(value, at, f"{name}.", remark)
        else:
            said = remark(at)
            yield f"{name} = {toml_value(value)}" + (f"  # {said}" if said else "")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def toml_value(value: Any) -> str:
    """A value on one line. Raises ValueError for what TOML cannot say."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | float):
        return repr(value)  # the shortest text that is read as the same float
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    raise ValueError(f"TOML cannot say {value!r}")


def _text(text: str) -> str:
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    """As it is where it can be printed: what it is written on may be a terminal."""
    if character in _SHORT or character.isprintable():
        return _SHORT.get(character, character)
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"TOML cannot say {character!r}, half of a surrogate pair")
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
