"""What stands beneath a field: read from the source when somebody asks, because most programs never do."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel


@cache
def field_docs(cls: type[BaseModel]) -> dict[str, str]:
    """The text beneath each field of a class, or in its `Field(description=...)`; a field without any is not there."""
    beneath: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        beneath |= _beneath(base) if hasattr(base, "model_fields") else {}
    found = {name: field.description or beneath.get(name, "") for name, field in cls.model_fields.items()}
    return {name: inspect.cleandoc(text) for name, text in found.items() if text.strip()}


def _beneath(cls: type) -> dict[str, str]:
    try:
        tree = ast.parse(dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):  # typed in at a prompt: there is no source
        return {}
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef))
    return {
        field.target.id: text.value.value
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
