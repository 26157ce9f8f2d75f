"""Single faults of a spec file, each with the place at which it must be found.

What is a fault is decided here, by the declared fields and the registered names, and never by asking the validator:

- a misspelt key is none where the table has a field of that name;
- a misspelt name is none where a component of that kind, a declared word or a metric has it;
- a value of another type is none where the declared types take it, a missing key where the field has a default;
- of numbers only the declared bounds are overstepped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel

from specnet.spec import Spec
from specnet.spec.places import Place, place_at

if TYPE_CHECKING:
    from benchmarks.spec_text import Edit, Path, SpecFile
    from specnet.registry import Registry

TOP = -1
"""In the place of an offset: the beginning of the file."""

_WRITTEN = {"truth": "true", "integer": "12", "number": "1.5", "text": '"wrong"', "list": "[]", "table": "{}"}
_KINDS = {bool: ("truth",), int: ("integer",), float: ("integer", "number"), str: ("text",), tuple: ("list",)}
_UNKNOWN = ("colour", "zzz", "comment", "x")
_NOBODY = ("nobody", "hidden_9", "x")


@dataclass(frozen=True)
class Fault:
    """How the text is edited, and where the finding must be."""

    what: str
    file: SpecFile
    edits: tuple[Edit, ...]
    path: Path
    offset: int
    """The character of the unedited text at which the finding starts."""
    shift: int = 0
    """The characters of the edit at the offset that stand before it."""
    home: Path = ()
    """The section, or the layer, that is at fault."""


def faults(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    """Every single fault of the file."""
    for kind in (
        _keys,
        _names,
        _words,
        _metrics,
        _types,
        _missing,
        _strangers,
        _bounds,
        _rows,
        _outputs,
        _nobody,
        _wiring,
    ):
        yield from kind(file, registry)


def misspellings(word: str) -> list[str]:
    """The word with one letter lost, doubled, wrongly put in, or swapped with the next."""
    found = []
    for i in range(len(word)):
        head, letter, tail = word[:i], word[i], word[i + 1 :]
        found += [head + tail, head + letter + word[i:], f"{head}q{word[i:]}", head + tail[:1] + letter + tail[1:]]
    return [name for name in dict.fromkeys(found) if name and name != word]


def _home(path: Path) -> Path:
    return path[:2] if path[0] == "layers" else path[:1]


def _at_value(what: str, file: SpecFile, path: Path, written: str) -> Fault:
    return Fault(what, file, (file.replaced(path, written),), path, file.value(path)[0], home=_home(path))


def _place(file: SpecFile, path: Path, registry: Registry) -> Place | None:
    return place_at(Spec, file.document.data, path, registry)[0]


def _table(file: SpecFile, path: Path, registry: Registry) -> type[BaseModel] | None:
    place = _place(file, path, registry)
    return None if place is None else place.table(file.at(path), registry)


def _tables(file: SpecFile) -> list[Path]:
    return [(), *(path for path in file.paths() if isinstance(file.at(path), dict))]


def _texts(file: SpecFile) -> Iterator[tuple[Path, str]]:
    yield from ((path, file.at(path)) for path in file.paths() if isinstance(file.at(path), str))


def _keys(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    for path in file.named():
        *around, key = _key_of(path)
        table = _table(file, tuple(around), registry)
        fields = set() if table is None else set(table.model_fields)
        home = path[:1] if isinstance(path[-1], int) else _home(path)
        for name in misspellings(str(key)):
            if name not in fields:
                edit = file.renamed(path, name)
                yield Fault("misspelt key", file, (edit,), (*around, name), edit.start, home=home)


def _key_of(path: Path) -> Path:
    """The path of the key that stands in the header of a table of a list."""
    return path[:-1] if isinstance(path[-1], int) else path


def _names(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    for path, name in _texts(file):
        place = _place(file, path[:-1] if path[-1] == "type" else path, registry)
        if place is None or place.slot is None:
            continue
        known = registry.names(place.slot.kind)
        for wrong in (*misspellings(name), "no_such_thing"):
            if wrong not in known:
                yield _at_value("unknown name", file, path, json.dumps(wrong))


def _words(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    """Of the text that is one of a few declared words."""
    for path, word in _texts(file):
        place = _place(file, path, registry)
        kinds = [] if place is None or path[-1] == "type" else [kind for kind, _ in place.alternatives]
        known = [known for kind in kinds if get_origin(kind) is Literal for known in get_args(kind)]
        for wrong in misspellings(word) if known else ():
            if wrong not in known:
                yield _at_value("unknown word", file, path, json.dumps(wrong))


def _metrics(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    known = {
        f"{part}.{name}" for part, name in product(("train", "validation", "test"), ("loss", *registry.names("metric")))
    }
    for path, name in _texts(file):
        if path[-1] == "metric":
            for wrong in misspellings(name):
                if wrong not in known:
                    yield _at_value("unknown metric", file, path, json.dumps(wrong))


def _taken(place: Place) -> set[str]:
    """The kinds of values that a place is declared to take."""
    taken: set[str] = {"table", "text"} if place.slot is not None else set()
    for kind, _ in place.alternatives:
        for one in map(type, get_args(kind)) if get_origin(kind) is Literal else (get_origin(kind) or kind,):
            table = issubclass(one, BaseModel)
            taken.update(("table",) if table else () if one is NoneType else _KINDS[one])
    return taken


def _types(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    for path in file.paths():
        place = _place(file, path, registry)
        if place is None:
            continue
        taken = {"text"} if path[-1] == "type" else _taken(place)
        if file.has_header(path):
            start, end = file.value(path)
            table, several = isinstance(file.at(path), dict), len(file.at(path)) > 1
            header = file.text[start:end]
            turned = f"[{header}]" if table else header[1:-1]
            if isinstance(path[-1], str) and (table or not several):
                yield _at_value("wrong type", file, path, turned)
            continue
        for kind, written in _WRITTEN.items():
            if kind not in taken:
                yield _at_value("wrong type", file, path, written)


def _missing(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    for path in dict.fromkeys(map(_key_of, file.named())):
        *around, key = path
        place, table = _place(file, tuple(around), registry), _table(file, tuple(around), registry)
        names_component = place is not None and place.slot is not None and key == "type"
        field = None if table is None else table.model_fields.get(str(key))
        if not names_component and (field is None or not field.is_required()):
            continue
        at = TOP if not around else file.value(tuple(around))[0]
        wanted = tuple(around) if names_component else path
        yield Fault("missing key", file, (file.removed(path),), wanted, at, home=_home(path))


def _strangers(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    for path in _tables(file):
        for key, written in product(_UNKNOWN, ('"blue"', "1", "[1, 2]")):
            edit, shift = file.added(path, key, written)
            yield Fault("unknown key", file, (edit,), (*path, key), edit.start, shift, _home((*path, key)))


def _bounds(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    for path in file.paths():
        place, value = _place(file, path, registry), file.at(path)
        for kind, extra in () if place is None else place.alternatives:
            if kind in (int, float) and not isinstance(value, str | dict):
                beyond = [number for bound in extra for number in _beyond(bound)]
                for number in dict.fromkeys(beyond):
                    yield _at_value("out of range", file, path, str(number if kind is int else float(number)))
                if kind is float:
                    yield _at_value("out of range", file, path, "1e999")
            if (
                isinstance(value, list)
                and any(isinstance(bound, MinLen) for bound in extra)
                and not file.has_header(path)
            ):
                yield _at_value("out of range", file, path, "[]")


def _beyond(bound: object) -> list[Any]:
    if isinstance(bound, Gt):
        return [bound.gt, bound.gt - 1]  # type: ignore[operator]
    if isinstance(bound, Ge):
        return [bound.ge - 1]  # type: ignore[operator]
    if isinstance(bound, Lt):
        return [bound.lt, bound.lt + 1]  # type: ignore[operator]
    return [bound.le + 1] if isinstance(bound, Le) else []  # type: ignore[operator]


def _rows(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    """Rows to predict that are wider than the data."""
    for path in file.paths():
        if len(path) == 4 and path[0] == "predict":
            yield _at_value("row of another width", file, path, json.dumps([*file.at(path), 1]))


def _outputs(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    """The last layer is placed: which of its keys make its outputs is its own matter."""
    layers = file.at(("layers",))
    last = ("layers", len(layers) - 1)
    wide = ("layers", max(i for i, layer in enumerate(layers) if "units" in layer), "units")
    units = file.at(wide)
    for wrong in (units + 1, units + 2, 2 * units + 5, 1000):
        edit = file.replaced(wide, str(wrong))
        yield Fault("wrong outputs", file, (edit,), last, file.value(last)[0], home=last)


def _nobody(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    for i, layer in enumerate(file.at(("layers",))):
        path: Path = ("layers", i)
        for name in _NOBODY:
            where = (*path, "inputs", 0)
            if "inputs" in layer:
                yield _at_value("layer that nobody is", file, where, json.dumps(name))
                continue
            edit, _ = file.added(path, "inputs", json.dumps([name]))
            yield Fault("layer that nobody is", file, (edit,), where, edit.start, edit.text.index("[") + 1, path)
        for wrong in misspellings(layer["inputs"][0]) if "inputs" in layer else ():
            yield _at_value("layer that nobody is", file, (*path, "inputs", 0), json.dumps(wrong))


def _wiring(file: SpecFile, registry: Registry) -> Iterator[Fault]:
    """Layers that wait for each other, and names that are taken twice; both need names."""
    names = [layer.get("name") for layer in file.at(("layers",))]
    for i, j in product(range(len(names)), range(len(names))):
        if names[i] is None:
            return
        path: Path = ("layers", i)
        if i <= j:
            yield _at_value("layers that wait", file, (*path, "inputs"), json.dumps([names[j]]))
        if i > j:
            yield _at_value("name taken twice", file, (*path, "name"), json.dumps(names[j]))
    for i in range(len(names)):
        yield _at_value("name taken twice", file, ("layers", i, "name"), '"inputs"')
