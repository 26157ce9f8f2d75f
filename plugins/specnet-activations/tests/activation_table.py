"""The README's table of activations, from the docstrings and the fields: python tests/activation_table.py writes it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specnet_activations import specnet_components

if TYPE_CHECKING:
    from specnet.api import Component

README = Path(__file__).parents[1] / "README.md"
HEAD = "| activation | formula | fields | source |\n| --- | --- | --- | --- |\n"


def table() -> str:
    """The whole table, a row a class, by name."""
    return HEAD + "".join(sorted(_row(cls) for cls in specnet_components()))


def _row(cls: type[Component]) -> str:
    text = inspect.getdoc(cls) or ""
    formula = text.splitlines()[0].rstrip(".").partition(";")[0]
    source = ", ".join(
        re.findall(r"arXiv:[\d.]+\d|Biometrika|IEEE Transactions[\w ]+|torch\.nn\.\w+", " ".join(text.split()))
    )
    cells = [f"`{cls.model_fields['type'].default}`", f"`{formula}`".replace("|", "\\|"), _fields(cls), source]
    return f"| {' | '.join(cells)} |\n"


def _fields(cls: type[Component]) -> str:
    fields: dict[str, Any] = {name: field for name, field in cls.model_fields.items() if name != "type"}
    return ", ".join(f"`{name} = {field.default}`" for name, field in fields.items())


if __name__ == "__main__":
    before, _, after = README.read_text(encoding="utf-8").partition(HEAD)
    rest = re.sub(r"\A(?:\|.*\n)*", "", after)
    README.write_text(before + table() + rest, encoding="utf-8")
