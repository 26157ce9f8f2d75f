"""The ways in which a CSV file may be written."""

from __future__ import annotations

from dataclasses import dataclass
from encodings.aliases import aliases

from specnet.errors import did_you_mean

_NAMES = (
    "ascii utf_8 utf_8_sig utf_16 utf_16_le utf_16_be utf_32 utf_32_le utf_32_be latin_1 iso8859_2 "
    "iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_10 iso8859_11 "
    "iso8859_13 iso8859_14 iso8859_15 iso8859_16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 "
    "cp1258 cp437 cp850 cp852 cp858 cp866 cp874 koi8_r koi8_u mac_roman mac_latin2 tis_620 gb2312 gbk "
    "gb18030 big5 cp932 cp949 cp950 shift_jis euc_jp euc_kr "
)
CHARSETS = frozenset(_NAMES.split())
"""Python's names of the character sets of tables. Other codecs are none, or would be imported by a name in a file."""

_NUMERIC = frozenset("0123456789+-eE")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells, quoted cells, numbers and gaps are written. `problem` tells what cannot be.

    An empty `quote` means that no cell is quoted. An empty cell is always missing; `missing` names other markers,
    which are compared as texts, without the spaces around the cell.
    """

    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str | None = None
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ()

    @property
    def charset(self) -> str:
        """Python's name of the encoding, or what was written where there is none."""
        plain = self.encoding.strip().lower().replace("-", "_").replace(" ", "_")
        return aliases.get(plain, plain)

    @property
    def gaps(self) -> frozenset[str]:
        """The texts that stand for no value."""
        return frozenset({"", *(marker.strip(" ") for marker in self.missing)})


def problem(dialect: Dialect) -> str | None:
    """What cannot be in a dialect, in one sentence that begins with the key, or None."""
    marks = {"delimiter": dialect.delimiter, "quote": dialect.quote, "decimal": dialect.decimal}
    if dialect.thousands is not None:
        marks["thousands"] = dialect.thousands
    for key, mark in marks.items():
        if len(mark) != 1 and not (key == "quote" and not mark):
            return f"{key} = {mark!r} is not one character"
        if mark in ("\r", "\n", "\0"):
            return f"{key} = {mark!r} ends lines or files, and can be no mark in them"
        if mark and mark in _NUMERIC:
            return f"{key} = {mark!r} is a character of numbers"
    if dialect.decimal == " ":
        return "decimal = ' ' is not seen at the end of a number"
    return _clash(marks) or _unknown_charset(dialect)


def _clash(marks: dict[str, str]) -> str | None:
    used: dict[str, str] = {}
    for key, mark in marks.items():
        first = used.setdefault(mark, key)
        # a number with thousands marks like the delimiter can be quoted
        if first != key and (first, key) != ("delimiter", "thousands"):
            return f"{key} = {mark!r} is the {first} as well"
    return None


def _unknown_charset(dialect: Dialect) -> str | None:
    if dialect.charset in CHARSETS:
        return None
    names = [name.replace("_", "-") for name in CHARSETS]
    near = did_you_mean(dialect.encoding.lower().replace("_", "-"), names)
    hint = near or "tables are in utf-8, utf-16, cp1252 (Windows), latin-1 or another character set of Python"
    return f"encoding = {dialect.encoding!r} is not known: {hint}"
