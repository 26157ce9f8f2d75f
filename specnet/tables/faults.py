"""What can be wrong with a table in a text file, in words: where it is, and what would do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from specnet.errors import DataError, Finding, did_you_mean
from specnet.tables.text import LINE_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

    from specnet import errors
    from specnet.tables.block import WantedColumn
    from specnet.tables.dialect import Dialect
    from specnet.tables.text import TextError

_SEPARATORS = ",;\t|"
_CLOSE = "close every quotation mark, an open one takes in what follows; inside a quoted cell write it twice"


def quoted(text: str) -> str:
    """A cell or a name as it is shown, cut to a length that fits a line."""
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}..."


def toml(key: str, mark: str) -> str:
    """`delimiter = ";"`: a key of the dialect as a spec has it."""
    return f'{key} = "{mark}"' if mark.isprintable() else f'{key} = "{mark!r}"'.replace("'", "")


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of one file; `place` is where the spec names it."""

    path: Path
    name: str
    dialect: Dialect
    place: errors.Path

    def error(
        self, code: str, message: str, row: int | None = None, help: str | None = None, place: errors.Path | None = None
    ) -> DataError:
        """A DataError of one finding, at the place of the file where no other is given."""
        where = self.place if place is None else place
        return DataError(Finding(code, message, where, help, file=str(self.path), line=row))

    def text(self, fault: TextError, row: int) -> DataError:
        """SN502 for a byte that is not of the encoding, SN508 for a line that does not end."""
        if fault.byte is None:
            return self.error(
                "SN508", f"row {row} is longer than {LINE_LIMIT:,} bytes", row, "is this a table of text?"
            )
        utf8 = self.dialect.charset.startswith("utf_8")
        encoding = "UTF-8" if utf8 else self.dialect.encoding
        message = f"{self.name}: byte {fault.byte:#04x} at offset {fault.offset} is not {encoding} (row {row})"
        likely = "utf-16" if fault.offset == 0 and fault.byte in (0xFE, 0xFF) else "cp1252"
        help = f"save the file as UTF-8, or say what it is written in: {toml('encoding', likely)}"
        return self.error("SN502", message, row, help if utf8 else "name the encoding that the file is written in")

    def nul(self, row: int) -> DataError:
        """SN508: the character NUL."""
        help = 'save the file as UTF-8 text; UTF-16 files hold such characters (encoding = "utf-16"), and binary ones'
        return self.error("SN508", f"row {row} holds a NUL character", row, help)

    def not_csv(self, row: int, error: Exception) -> DataError:
        """SN508 in the words of the reader; what is open was opened in the row."""
        return self.error("SN508", f"row {row} is not CSV: {error}", row, _CLOSE)

    def no_header(self) -> DataError:
        """SN503: there is no first line."""
        return self.error("SN503", f"{self.name}: no header", 1, "name the columns in the first line")

    def column_name(self, name: str, position: int, first: int) -> DataError:
        """SN503: an empty name, or one that stands at two positions."""
        twice = f"column name {quoted(name)} at positions {first} and {position}"
        message = f"{self.name}: {twice if name.strip() else f'empty column name at position {position}'}"
        return self.error("SN503", message, 1, "give every column a name of its own")

    def no_rows(self) -> DataError:
        """SN505: a header and nothing below it."""
        return self.error("SN505", f"{self.name}: 0 data rows", help="add rows below the header")

    def missing_columns(self, wanted: list[WantedColumn], header: list[str]) -> DataError:
        """SN504 for each column that the header does not have."""
        return DataError(
            *(
                Finding(
                    "SN504",
                    f"column {quoted(column.name)} is not in the header of {self.name}",
                    column.place,
                    self._instead(column.name, header),
                    file=str(self.path),
                    line=1,
                )
                for column in wanted
            )
        )

    def _instead(self, name: str, header: list[str]) -> str:
        if len(header) == 1:
            found = [mark for mark in _SEPARATORS if mark in header[0] and mark != self.dialect.delimiter]
            if found:
                mark = max(found, key=header[0].count)
                return f"cells are separated by {mark!r}, not by {self.dialect.delimiter!r}: {toml('delimiter', mark)}"
        listed = ", ".join(map(quoted, header[:20])) + (", ..." if len(header) > 20 else "")
        return did_you_mean(name, header) or f"columns: {listed}"

    def width(self, row: int, count: int, width: int) -> DataError:
        """SN506: a row of another width than the header."""
        message = f"row {row} has {count} cell{'s' * (count != 1)}, the header has {width}"
        mark = {",": "a comma"}.get(self.dialect.delimiter, repr(self.dialect.delimiter))
        help = f"a row has one cell for each column; a cell with {mark} in it is quoted"
        return self.error("SN506", message, row, help)

    def cell(self, row: int, column: WantedColumn, text: str, too_large: bool) -> DataError:
        """SN507: a cell that is no number, and no marker of a missing one."""
        where = f"row {row}, column {quoted(column.name)}: {quoted(text)}"
        if too_large:
            help = "fill in a number or leave the row out"
            return self.error("SN507", f"{where} is beyond the range of float64", row, help, column.place)
        return self.error("SN507", f"{where} is not a number", row, self._as_number(text.strip(" ")), column.place)

    def _as_number(self, text: str) -> str:
        if re.fullmatch(r"[A-Za-z#?][A-Za-z/#?.]*|-+|\?+", text):
            return f'fill in a number, or say that it stands for none: missing = ["{text}"]'
        marks = self.dialect.decimal, self.dialect.thousands
        for decimal, thousands in ((".", None), (",", None), (".", ","), (",", "."), (".", " "), (",", " ")):
            keys = [toml("decimal", decimal)] if decimal != marks[0] else []
            keys += [toml("thousands", thousands)] if thousands and thousands != marks[1] else []
            if keys and decimal != marks[1] and _is_written(text, decimal, thousands):
                return f"if this is a number, say how it is written: {', '.join(keys)}"
        point = "a decimal point" if marks[0] == "." else f"the decimal mark {marks[0]!r}"
        others = "no other marks" if not marks[1] else f"{marks[1]!r} before each three digits, or nowhere"
        return f"numbers are written like 5678{marks[0]}90, -3 or 1e-5: with {point} and {others}"


def _is_written(text: str, decimal: str, thousands: str | None) -> bool:
    point = re.escape(decimal)
    whole = "[0-9]+" if thousands is None else rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+"
    return bool(re.fullmatch(rf"[+-]?{whole}(?:{point}[0-9]+)?", text))
