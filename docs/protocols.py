"""Writes docs/protocols.md from the code: what a plugin author can import, and what each kind of component must do.

python docs/protocols.py            writes the file
python docs/protocols.py --check    exits 1 when it is not what the code says
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from specnet import api, hookspecs
from specnet.component import KINDS

PAGE = Path(__file__).with_name("protocols.md")
_INTRODUCTION = """\
# Protocols

Written by `python docs/protocols.py` from the code. [Write a plugin](write-a-plugin.md) shows how they are used.

What `specnet.api` offers is what a plugin may import. A plugin module says `SPECNET_API = 1`, the version of what
stands here: it is raised when a plugin that was right before could be wrong after, the version before is understood
for one more release, and the changelog says what to change. Until 1.0.0 of specnet that may happen in any release.
New methods come with a default, new arguments of hooks may be left out, and the name of a component never changes its
meaning. Whatever is not in `specnet.api` or `specnet.testing` may change at any time."""


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION, "## Kinds of components", *map(_kind, KINDS.values())]
    bases = set(KINDS.values())
    others = [value for name in api.__all__ if (value := getattr(api, name)) not in bases and inspect.isclass(value)]
    parts += ["## What they are made of", *map(_class, others)]
    hooks = [_hook(hook) for name, hook in vars(hookspecs).items() if name.startswith("specnet_")]
    parts += ["## Hooks", "\n".join(hooks)]
    return "\n\n".join(parts) + "\n"


def _kind(cls: type[Any]) -> str:
    return _class(cls, f"### Kind: {cls.kind}", lead=f"`class {cls.__name__}(Component)`: ")


def _class(cls: type, title: str = "", lead: str = "") -> str:
    parts = [title or f"### `{cls.__name__}`", lead + _prose(inspect.getdoc(cls) or "")]
    members = [*_attributes(cls), *_methods(cls)]
    return "\n\n".join([*parts, *(["\n".join(members)] if members else [])])


def _body(cls: type) -> list[ast.stmt]:
    (node,) = ast.parse(dedent(inspect.getsource(cls))).body
    return node.body if isinstance(node, ast.ClassDef) else []


def _attributes(cls: type) -> Iterator[str]:
    """Annotated names with the text beneath them; those of records also without one."""
    body = _body(cls)
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and not ast.unparse(statement.target).startswith("_"):
            text = following.value if isinstance(following, ast.Expr) else None
            said = text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""
            if said or is_dataclass(cls) or issubclass(cls, tuple):
                yield f"- `{ast.unparse(statement).replace('typing.', '')}`" + (f": {_prose(said)}" if said else "")


def _methods(cls: type) -> Iterator[str]:
    """The public methods of the class itself: those that a component must have first."""
    own = [node for node in _body(cls) if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    for node in sorted(own, key=lambda node: not _is_abstract(node)):
        text = _prose(ast.get_docstring(node) or "")
        if text:
            must = "**" if _is_abstract(node) else ""
            yield f"- {must}`{_signature(node)}`{must}: {text}"


def _is_abstract(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator) == "abstractmethod" for decorator in node.decorator_list)


def _signature(node: ast.FunctionDef) -> str:
    given = ast.unparse(node.args).removeprefix("self, ").removeprefix("self").removeprefix("cls, ")
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    if any(ast.unparse(decorator) in ("property", "cached_property") for decorator in node.decorator_list):
        return node.name + returned.replace(" ->", ":")
    return f"{node.name}({given}){returned}"


def _hook(hook: Any) -> str:
    parameters = ", ".join(inspect.signature(hook).parameters)
    return f"- `{hook.__name__}({parameters})`: {_prose(inspect.getdoc(hook) or '')}"


def _prose(text: str) -> str:
    """Paragraphs, each in one line."""
    return " ".join(inspect.cleandoc(text).split())


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
