from __future__ import annotations

import pytest

from specnet.errors import Finding
from specnet.reports.report import Checked

TEXT = 'format = 1\r\n\r\n[[layers]]\r\ntype = "dens"\r\n'


@pytest.fixture
def several() -> list[Checked]:
    """Two files with findings of every kind of place, and one without findings."""
    dens = Finding("SN203", "unknown layer 'dens'", ("layers", 0, "type"), "did you mean 'dense'?", "error", "a.toml")
    placed = Finding(dens.code, dens.message, dens.path, dens.help, dens.severity, dens.file, 4, 8, 4, 14)
    table = Finding("SN401", "too wide", ("layers", 0), None, "warning", "a.toml", 3, 1, 4, 14)
    outside = Finding("SN105", "'seed' must be at least 0, not -1", ("seed",), None, "error", "--set", 7, 7)
    unread = Finding("SN001", "there is no such file", file="b.toml")
    return [
        Checked("a.toml", TEXT, (placed, table, outside)),
        Checked("b.toml", "", (unread,)),
        Checked("c.json", "{}", ()),
    ]


@pytest.fixture
def hostile() -> list[Checked]:
    """A finding whose every text holds what some format must escape."""
    return [
        Checked(
            "50%,a:b \x1b[31m\ud800.toml",
            "\x1b[31m = 1\n",
            (
                Finding(
                    "SN102",
                    "unknown key '\x1b[31m<&\"]]>'\r\n::error::50%, a:b | \x00\ud800\ufffe",
                    ("a\nb", "\x1b"),
                    "a\nb",
                    line=1,
                    column=1,
                    end_line=1,
                    end_column=6,
                ),
            ),
        )
    ]
