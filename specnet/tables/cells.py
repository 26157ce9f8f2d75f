"""Cells of one column as numbers: what is a number, what is missing, and which cell is neither."""

from __future__ import annotations

import re
from math import isfinite, nan
from typing import TYPE_CHECKING

from specnet.tables.numbers import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from specnet.arrays import Array
    from specnet.tables.dialect import Dialect


class Cells:
    """The numbers and gaps of a dialect."""

    def __init__(self, dialect: Dialect) -> None:
        point, thousands = re.escape(dialect.decimal), re.escape(dialect.thousands or "")
        # float() alone would also take 1_000, nan and infinity, and, like \d, the digits of other scripts.
        # The possessive ++ and *+ halve the time of a match.
        plain = rf"[+-]?(?:[0-9]++(?:{point}[0-9]*+)?|{point}[0-9]++)(?:[eE][+-]?[0-9]++)?"
        grouped = rf"[+-]?[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+(?:{point}[0-9]+)?"
        self._number = re.compile(plain).fullmatch
        self._grouped = re.compile(grouped).fullmatch if dialect.thousands else None
        self._decimal = dialect.decimal
        self._thousands = dialect.thousands or ""
        self.gaps = dialect.gaps
        self.numeric_gaps = tuple(gap.encode() for gap in self.gaps if gap and self._is_number(gap))
        """Gaps that would be taken for numbers, as -999."""

    def _is_number(self, text: str) -> bool:
        return bool(self._number(text) or (self._grouped and self._grouped(text)))

    def number(self, text: str) -> float | None:
        """float() of a decimal number, NaN for a missing one; None for what is neither, or beyond float64."""
        plain = text.strip(" ")
        if plain in self.gaps:
            return nan
        if self._grouped and self._thousands in plain and self._grouped(plain):
            plain = plain.replace(self._thousands, "")
        elif not self._number(plain):
            return None
        value = float(plain.replace(self._decimal, "."))
        return value if isfinite(value) else None

    def is_too_large(self, text: str) -> bool:
        """Whether a cell that is refused is a number beyond float64."""
        return self._is_number(text.strip(" "))

    def numbers(self, texts: Sequence[str]) -> tuple[Array, int | None]:
        """All cells, or those before the first that is wrong, and its index."""
        import numpy as np

        values = None if self.numeric_gaps else self._all_at_once(texts)
        if values is None:
            values = self._without_gaps(texts)
        if values is not None:
            return values, None
        found: list[float] = []
        for i, text in enumerate(texts):
            value = self.number(text)
            if value is None:
                return np.array(found), i
            found.append(value)
        return np.array(found, np.float64), None

    def _without_gaps(self, texts: Sequence[str]) -> Array | None:
        import numpy as np

        plain = [text.strip(" ") for text in texts]
        missing = np.array([text in self.gaps for text in plain], np.bool_)
        values = self._all_at_once(["0" if gone else text for text, gone in zip(plain, missing.tolist(), strict=True)])
        if values is not None:
            values[missing] = nan
        return values

    def _all_at_once(self, texts: Sequence[str]) -> Array | None:
        """The numbers of cells of which each is a plain number, else None."""
        joined = "\n".join(texts)
        if not joined.isascii() or not self._decimal.isascii() or joined.count("\n") != len(texts) - 1:
            return None
        return parse(joined.encode() + b"\n", decimal=self._decimal.encode())

    def texts(self, texts: Sequence[str]) -> list[str | None]:
        """Each text as it is, None for a missing one."""
        return [None if text.strip(" ") in self.gaps else text for text in texts]
