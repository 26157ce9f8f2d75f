from __future__ import annotations

import ast
import inspect
import re
import tomllib
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from specnet import hookspecs
from specnet.component import KINDS
from specnet.registry import ROOMS, Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
(LAYERS,) = [contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"]
MACHINE = ("specnet.engine", "specnet.plan", "specnet.wiring", "specnet.weights", "specnet.spec", "specnet.registry")
"""What names no component."""
ENTRANCES = {"specnet", "specnet.__main__"}
"""What stands above all rooms, and may be asked by all for the version."""


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted((ROOT / "specnet").rglob("*.py"))}
everywhere = pytest.mark.parametrize("module", MODULES)


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def inside(module: str, *rooms: str) -> bool:
    return any(f"{module}.".startswith(f"{room}.") for room in rooms)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that runs, those inside functions included."""
    yield node
    for child in ast.iter_child_nodes(node):
        if is_type_checking(node) and child in node.body:  # type: ignore[attr-defined]  # it is an If
            continue
        yield from at_run_time(child)


def imports_of(root: ast.AST) -> Iterator[tuple[str, str]]:
    """(module, name) of each import; the name is empty where the module itself is imported."""
    for node in at_run_time(root):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where they lead"
            yield from ((node.module or "", alias.name) for alias in node.names)


def own_modules(root: ast.AST) -> set[str]:
    """The modules of specnet that are imported, also by a constant that names one."""
    found = set()
    for module, name in imports_of(root):
        found.add(f"{module}.{name}" if f"{module}.{name}" in MODULES else module)
    texts = {node.value for node in at_run_time(root) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {module for module in found if inside(module, "specnet")} | {text for text in texts if text in MODULES}


def docstrings(root: ast.AST) -> set[int]:
    """The ids of the constants that stand alone: docstrings, and those of fields."""
    return {id(node.value) for node in ast.walk(root) if isinstance(node, ast.Expr)}


def room_of(module: str) -> int:
    (place,) = [place for place, layer in enumerate(LAYERS) if inside(module, layer)]
    return place


def upward(module: str, root: ast.AST) -> list[str]:
    return [imported for imported in own_modules(root) - ENTRANCES if room_of(imported) < room_of(module)]


# (a) Imports point down


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import specnet.cli.run", ["specnet.cli.run"]),
        ("from specnet import runs", ["specnet.runs"]),
        ("from specnet.runs import run", ["specnet.runs"]),
        ("def f():\n    from specnet.spec import Spec", ["specnet.spec"]),
        ("import_module('specnet.cli')", ["specnet.cli"]),
        ("if TYPE_CHECKING:\n    from specnet.runs import run", []),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    from specnet.runs import run", ["specnet.runs"]),
        ("from specnet import __version__, errors", []),
        ("from specnet.component import Layer", []),
    ],
)
def test_an_upward_import_is_seen(source: str, found: list[str]) -> None:
    assert upward("specnet.plan", ast.parse(source)) == found


def test_every_module_stands_in_a_room() -> None:
    for module in MODULES.keys() - ENTRANCES:
        room_of(module)
    assert all(layer in MODULES for layer in LAYERS)


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"specnet.__main__", "specnet"}))
def test_a_room_imports_only_rooms_beneath_it(module: str) -> None:
    assert upward(module, tree(module)) == []


def test_the_front_door_imports_nothing() -> None:
    assert {module for module, _ in imports_of(tree("specnet"))} <= {"__future__", "typing", "importlib"}


@everywhere
def test_names_are_imported_by_string_in_four_places(module: str) -> None:
    calls = [ast.unparse(node) for node in ast.walk(tree(module)) if isinstance(node, ast.Call)]
    assert [call for call in calls if re.match(r"(importlib\.)?import_module\(", call)] == {
        "specnet": ["import_module(_HOME[name])"],
        "specnet.cli": ["import_module(f'{self.room}.{module}')"],
        "specnet.registry": ["import_module(room)"],
        "specnet.reports": ["import_module(f'specnet.reports.{format}')"],
    }.get(module, [])


# (b) The machine names no component


@pytest.mark.parametrize("module", [module for module in MODULES if inside(module, *MACHINE)])
def test_the_machine_names_no_component(module: str) -> None:
    root, registry = tree(module), Registry([])
    named = {name for kind in KINDS for name in registry.names(kind)} - set(KINDS)  # one layer is called activation
    named -= {"boolean", "none", "number", "rows", "text"}  # words for types of values, too
    assert len(named) > 10
    prose = docstrings(root)
    constants = [node for node in ast.walk(root) if isinstance(node, ast.Constant) and id(node) not in prose]
    assert [node.value for node in constants if node.value in named - set(KINDS)] == []
    found = [(home, name) for home, name in imports_of(root) if inside(home, "specnet")]
    concrete = [name for home, name in found if is_concrete(getattr(import_module(home), name, None))]
    assert concrete == []
    built_in = [name for home, name in found if inside(home, "specnet.builtins")]
    assert built_in == (["DEFAULT_ENGINE"] if module == "specnet.spec.model" else [])


def is_concrete(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, tuple(KINDS.values())) and not inspect.isabstract(value)


# (c) Nothing found in a file is run, and randomness has a seed

PICKLES = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "joblib", "dill", "cloudpickle"}
RUNNING = {"eval", "exec", "compile", "__import__"}
SEEDED = {"Generator", "PCG64", "SeedSequence"}
"""What of np.random is no function of hidden state."""


THE_KIT = {
    "specnet.testing.component": {"pickle"},  # of what it has made itself, to see whether it comes back
    "specnet.testing.randomness": {"numpy.random", "np.random.get_state"},  # read, to see whether anyone has drawn
}
"""What the contract kit may do, because it looks at whether others do it."""


def dangers(module: str, root: ast.AST) -> list[str]:
    found = [home for home, _ in imports_of(root) if home.split(".")[0] in PICKLES]
    for node in ast.walk(root):
        if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("builtins.") in RUNNING:
            found.append(ast.unparse(node.func))
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            found.append("allow_pickle")
        if isinstance(node, ast.Attribute) and module != "specnet.streams":
            match = re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", ast.unparse(node))
            found += [match[0]] if match and match[1] not in SEEDED else []
    if module != "specnet.streams":
        found += [f"{home}.{name}" for home, name in imports_of(root) if f"{home}.{name}".startswith("numpy.random")]
        found += ["numpy.random" for home, _ in imports_of(root) if home == "random"]
    return found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", ["pickle"]),
        ("def f():\n    from joblib import load", ["joblib"]),
        ("eval('1')", ["eval"]),
        ("builtins.exec('1')", ["builtins.exec"]),
        ("__import__('os')", ["__import__"]),
        ("np.load(file, allow_pickle=True)", ["allow_pickle"]),
        ("np.random.seed(1)", ["np.random.seed"]),
        ("np.random.default_rng()", ["np.random.default_rng"]),
        ("x = numpy.random.RandomState", ["numpy.random.RandomState"]),
        ("from numpy.random import rand", ["numpy.random.rand"]),
        ("from numpy import random", ["numpy.random"]),
        ("import random", ["numpy.random"]),
        ("np.random.Generator(np.random.PCG64(1))", []),
        ("re.compile('x'); model.evaluate(); ctx.rng.uniform(0, 1, 3)", []),
    ],
)
def test_a_danger_is_seen(source: str, found: list[str]) -> None:
    assert dangers("specnet.plan", ast.parse(source)) == found


@everywhere
def test_p10_nothing_is_unpickled_or_evaluated(module: str) -> None:
    assert set(dangers(module, tree(module))) == THE_KIT.get(module, set())


# (d), (e) Files and functions of one idea

LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
"""What may be longer, each with its reason."""


@everywhere
def test_files_and_functions_are_short(module: str) -> None:
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= 260 or module in LONG_FILES
    functions = [node for node in ast.walk(tree(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f"{module}.{f.name}": (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions}
    assert {name for name, length in lengths.items() if length > 40} <= LONG_FUNCTIONS.keys()


def test_no_module_is_named_for_what_is_left_over() -> None:
    words = {word for module in MODULES for word in re.split(r"[._]", module)}
    assert words & {"util", "utils", "helper", "helpers", "misc", "common", "shared", "tools"} == set()


# (f) Words and state


def is_own(value: Any, module: str) -> bool:
    return getattr(value, "__module__", None) == module


def public_members(owner: Any, module: str) -> Iterator[tuple[str, Any]]:
    """Public classes and functions of a module, and the public methods and properties of its public classes."""
    for name, value in vars(owner).items():
        if name.startswith("_"):
            continue
        plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if isinstance(plain, property):
            yield f"{owner.__name__}.{name}", (owner, name)
        elif (inspect.isfunction(plain) or inspect.isclass(plain)) and is_own(plain, module):
            yield f"{owner.__name__}.{name}", (owner, name)
            if inspect.isclass(plain):
                yield from public_members(plain, module)


@everywhere
def test_everything_public_says_what_it_is(module: str) -> None:
    if module == "specnet.__main__":
        return  # importing it runs the program
    loaded = import_module(module)
    assert (loaded.__doc__ or "").splitlines()[0].endswith((".", ":"))
    for name, (owner, attribute) in public_members(loaded, module):
        if is_foreign(owner, attribute):
            continue
        lines = (inspect.getdoc(getattr(owner, attribute)) or "").splitlines()
        assert lines, f"{name} has no docstring"
        assert lines[0].endswith((".", ":")), f"{name}: {lines[0]}"


def is_foreign(owner: Any, attribute: str) -> bool:
    """True for a method that keeps a promise of another package, which has to say what it is."""
    bases = owner.__mro__[1:] if inspect.isclass(owner) else ()
    return any(attribute in vars(base) and not inside(base.__module__, "specnet") for base in bases)


def hooks() -> list[str]:
    return [name for name, value in vars(hookspecs).items() if hasattr(value, "specnet_spec")]


def implementers(hook: str) -> set[str]:
    """The distributions in plugins/ that implement it; read and not imported, for each needs packages of its own."""
    found = set()
    for path in (ROOT / "plugins").glob("*/src/**/*.py"):
        functions = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
        marked = [f.name for f in functions if "hookimpl" in map(ast.unparse, f.decorator_list)]
        found |= {path.relative_to(ROOT).parts[1]} if hook in marked else set()
    return found


def test_the_hooks() -> None:
    assert hooks() == ["specnet_components", *hookspecs.RUN_HOOKS]
    assert "specnet-swish" in implementers("specnet_components")
    assert implementers("specnet_component") == set()


@pytest.mark.parametrize("hook", hooks())
def test_every_hook_is_documented_and_has_a_user(hook: str) -> None:
    spec = getattr(hookspecs, hook)
    assert re.fullmatch(r"[A-Z].+\.", inspect.getdoc(spec) or ""), "one sentence"
    signature = f"{hook}({', '.join(inspect.signature(spec).parameters)})"
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert [page.name for page in pages if signature in page.read_text("utf-8")], signature
    assert implementers(hook)


def test_every_room_offers_its_components() -> None:
    for room in chain(*ROOMS.values()):
        assert hasattr(import_module(room).specnet_components, "specnet_impl"), room


def test_every_room_of_built_ins_is_registered() -> None:
    holding = [
        module
        for module in MODULES
        if inside(module, "specnet.builtins")
        and any(is_concrete(value) and is_own(value, module) for value in vars(import_module(module)).values())
    ]
    assert holding == sorted(chain(*ROOMS.values()))


def mutable(node: ast.AST | None) -> bool:
    displays = ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp
    makers = {"dict", "list", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict", "count", "cache"}
    return isinstance(node, displays) or (
        isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1].split("[")[0] in makers
    )


def state(root: ast.Module) -> list[str]:
    """Names of a module that hold something mutable and are no constant, and the statement `global`."""
    found = []
    for node in ast.walk(root):
        if isinstance(node, ast.Global):
            found += node.names
    for statement in root.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names = [ast.unparse(target) for target in targets]
            constant = [re.fullmatch(r"_?[A-Z][A-Z0-9_]*|__\w+__", name) for name in names]
            found += [name for name in names if mutable(statement.value) and not all(constant)]
    return found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("cache = {}", ["cache"]),
        ("_seen: set[str] = set()", ["_seen"]),
        ("registry = collections.defaultdict(list)", ["registry"]),
        ("counter = itertools.count()", ["counter"]),
        ("def f():\n    global x\n    x = 1", ["x"]),
        ("VERBS = {'run': ''}\n_TYPES = dict(a=1)\n__all__ = ['a']\nx = (1, 2)\ny = frozenset({1})", []),
    ],
)
def test_state_is_seen(source: str, found: list[str]) -> None:
    assert state(ast.parse(source)) == found


@everywhere
def test_a_module_holds_no_state(module: str) -> None:
    assert state(tree(module)) == []
