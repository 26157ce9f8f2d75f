"""Quotation: functions copied out of the package, each with all that it calls, in an order that Python can read."""

from __future__ import annotations

import ast
import builtins
import keyword
import math
import sys
from inspect import isfunction, ismodule
from types import MethodType
from typing import TYPE_CHECKING, Any

from specnet.builtins.exporters.rewriting import Rewriting
from specnet.builtins.exporters.syntax import constant, is_literal, named
from specnet.component import ExportError, Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import FunctionType

    from specnet.component import Component, Shape


class Quotation:
    """What a file is made of: imports, constants, functions. Each name in it means one thing."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {"np", *taken, *keyword.kwlist, *vars(builtins)}
        self._names: dict[Any, str] = {}
        self._imports: dict[str, set[str]] = {}
        self.constants: list[str] = []
        self.functions: list[str] = []

    @property
    def imports(self) -> list[str]:
        """The lines that import from the standard library."""
        whole = [f"import {module}" for module, names in sorted(self._imports.items()) if not names]
        return whole + [f"from {home} import {', '.join(sorted(n))}" for home, n in sorted(self._imports.items()) if n]

    def name(self, wanted: str) -> str:
        """A name of its own, as much like the wanted one as can be."""
        bare = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in wanted)
        first = bare if bare.isidentifier() else f"_{bare}"
        name, number = first, 1
        while name in self._taken:
            number += 1
            name = f"{first}_{number}"
        self._taken.add(name)
        return name

    def method(self, owner: Component, method: str, called: str) -> str:
        """The function that a method of a component becomes. Raises ExportError."""
        key = (type(owner), method, repr(owner))
        if key not in self._names:
            self._names[key] = self.name(called)
            bound = getattr(owner, method)
            if not isinstance(bound, MethodType) or not isfunction(bound.__func__):
                raise ExportError(f"{called} is no plain method")
            rewriting = Rewriting(bound.__func__, owner, self)
            doc = None if method == "inverse" else first_line(owner)
            self._write(rewriting.done(self._names[key], doc))
        return self._names[key]

    def step(self, layer: Layer, in_shapes: tuple[Shape, ...], values: Mapping[str, str], inputs: Sequence[str]) -> str:
        """What a layer gives, as an expression of these names. Raises ExportError."""
        if type(layer).formula is Layer.formula:
            raise ExportError(f"the layer {layer.type!r} has no `formula` that says in NumPy what it gives")
        kind = layer.type.rpartition(".")[2]
        bound: Any = layer.formula
        rewriting = Rewriting(bound.__func__, layer, self, {"in_shapes": in_shapes})
        tree = rewriting.done(kind, first_line(layer))
        used = [key for key in rewriting.values if key in values]
        names, body = _with_own_inputs(tree)
        if names is not None and len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
            stands = {**dict(zip(names, inputs, strict=True)), **values}
            return ast.unparse(_Renaming(stands).visit(body[0].value))
        key = ast.unparse(tree)
        if key not in self._names:
            own = [ast.arg(name) for name in names or ()]
            star = tree.args.vararg if names is None else None
            tree.args = ast.arguments([], own + [ast.arg(name) for name in used], star, [], [], None, [])
            if star is not None and used:
                raise ExportError(f"{layer.type} reads any number of inputs, and has parameters")
            tree.body = [*tree.body[: ast.get_docstring(tree) is not None], *body]
            self._names[key] = tree.name = self.name(kind)
            self._write(tree)
        return f"{self._names[key]}({', '.join([*inputs, *(values[name] for name in used)])})"

    def of_global(self, name: str, value: Any) -> ast.expr:
        """See `Names`."""
        if ismodule(value) and value.__name__ == "numpy":
            return named("np")
        if ismodule(value) and value.__name__ in sys.stdlib_module_names and value.__name__ == name:
            self._imports.setdefault(name, set())
            self._taken.add(name)
            return named(name)
        home = "math" if is_literal(value) and vars(math).get(name) == value else getattr(value, "__module__", None)
        if home in sys.stdlib_module_names and hasattr(sys.modules.get(home), name):
            self._imports.setdefault(home, set()).add(name)
            self._taken.add(name)
            return named(name)
        if is_literal(value):
            return self.of_constant(name, value)
        if isfunction(value):
            return named(self._function(value))
        raise ExportError(f"{name!r} is no function or number that can be copied")

    def of_constant(self, name: str, value: Any) -> ast.expr:
        """See `Names`."""
        key = ("constant", name, repr(value))
        if key not in self._names:
            self._names[key] = self.name(name.upper().strip("_"))
            text = ast.unparse(constant(value))
            if isinstance(value, tuple) and len(text) > 100:
                text = "(\n" + "".join(f"    {ast.unparse(constant(item))},\n" for item in value) + ")"
            self.constants.append(f"{self._names[key]} = {text}")
        return named(self._names[key])

    def of_method(self, owner: Component, name: str) -> str:
        """See `Names`."""
        kind = owner.type.rpartition(".")[2]
        return self.method(owner, name, kind if name == "value" else f"{kind}_{name.strip('_')}")

    def _function(self, function: FunctionType) -> str:
        if function not in self._names:
            self._names[function] = self.name(function.__name__)
            self._write(Rewriting(function, None, self).done(self._names[function], None))
        return self._names[function]

    def _write(self, tree: ast.FunctionDef) -> None:
        self.functions.append(ast.unparse(ast.fix_missing_locations(tree)))


def first_line(component: Component) -> str | None:
    """What the class says of itself in one line."""
    lines = (type(component).__doc__ or "").strip().splitlines()
    return lines[0] if lines else None


def _with_own_inputs(tree: ast.FunctionDef) -> tuple[list[str] | None, list[ast.stmt]]:
    """The names that `(x,) = inputs` gives to the inputs, None without that line; and the statements of the body."""
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    first = body[0]
    if (
        isinstance(first, ast.Assign)
        and ast.unparse(first.value) == "inputs"
        and isinstance(first.targets[0], ast.Tuple)
    ):
        names = [part.id for part in first.targets[0].elts if isinstance(part, ast.Name)]
        if len(names) == len(first.targets[0].elts):
            return names, body[1:]
    return None, body


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._renamed = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Under its new name."""
        return ast.Name(self._renamed.get(node.id, node.id), node.ctx)
