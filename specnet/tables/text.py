"""Bytes as UTF-8 text, in pieces that end with a line."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINE_LIMIT = 1 << 24
"""The longest line in bytes; a file of zeros, or a packed one of a gigabyte, has one that is longer."""
_BOM = "\ufeff".encode()


class TextError(Exception):
    """What is not text: `lines` counts the line ends between the last piece and the fault."""

    def __init__(self, byte: int | None, offset: int, lines: int = 0) -> None:
        super().__init__(byte, offset, lines)
        self.byte = byte
        self.offset = offset
        self.lines = lines


def pieces(chunks: Iterable[bytes], charset: str) -> Iterator[bytes]:
    """UTF-8 without a byte order mark; each piece but the last ends with a line. Raises TextError.

    The lines before a fault come first.
    """
    rest, first = b"", True
    try:
        for chunk in _utf8(chunks, charset):
            rest += chunk
            if first and len(rest) >= len(_BOM):
                rest, first = rest.removeprefix(_BOM), False
            # a file of an old Mac has no \n at all; its last \r may be half of \r\n, so it waits
            cut = rest.rfind(b"\n") + 1 or rest.rfind(b"\r", 0, -1) + 1
            if cut:
                yield rest[:cut]
                rest = rest[cut:]
            if len(rest) > LINE_LIMIT:
                raise TextError(None, 0)
    except TextError as fault:
        raise TextError(fault.byte, fault.offset, rest.count(b"\r")) from fault
    if rest := rest.removeprefix(_BOM) if first else rest:
        yield rest


def _utf8(chunks: Iterable[bytes], charset: str) -> Iterator[bytes]:
    """The same text in UTF-8; what is UTF-8 already is looked at and passed on."""
    as_it_is = charset in ("utf_8", "utf_8_sig", "ascii")
    decoder = codecs.getincrementaldecoder("ascii" if charset == "ascii" else "utf_8" if as_it_is else charset)()
    offset, chunk = 0, b""
    for chunk in chunks:
        state = decoder.getstate()
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            begun = state[0]
            good = chunk[: max(0, error.start - len(begun))]
            decoder.reset()
            decoder.setstate(state)
            yield good if as_it_is else decoder.decode(good).encode()
            raise TextError(error.object[error.start], offset - len(begun) + error.start) from error
        yield chunk if as_it_is else text.encode()
        offset += len(chunk)
    begun = decoder.getstate()[0]
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        raise TextError(error.object[error.start], offset - len(begun) + error.start) from error
