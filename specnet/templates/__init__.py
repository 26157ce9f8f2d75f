"""The files of a new plugin: shared ones, the module of its kind, and what its spec is filled with."""

from __future__ import annotations

import tomllib
from functools import partial
from importlib.resources import files
from string import Template
from typing import Any

from specnet import __version__

_TARGETS = {
    "pyproject.toml": "files/pyproject.toml.in",
    "README.md": "files/README.md.in",
    "LICENSE": "files/LICENSE.in",
    ".gitignore": "files/gitignore.in",
    ".github/workflows/ci.yml": "files/ci.yml.in",
    "src/$module/__init__.py": "kinds/$kind.py.in",
    "src/$module/py.typed": "files/py.typed.in",
    "specs/$name.toml": "files/spec.toml.in",
    "tests/test_$name.py": "files/test.py.in",
}
"""Where each template goes."""


def kinds() -> dict[str, dict[str, Any]]:
    """What can be begun, each with what is its own; a tracker has no component."""
    read = _read_table()
    return {kind: own for kind, own in read.items() if kind != "spec"}


def distribution(name: str) -> str:
    """What is installed: `specnet-acme`."""
    return f"specnet-{name.replace('_', '-')}"


def plugin_files(name: str, kind: str, component: str | None) -> dict[str, str]:
    """The text of every file by its path, for a plugin of that namespace with one component, or none."""
    own = kinds()[kind]
    values = {
        "name": name,
        "kind": kind,
        "distribution": distribution(name),
        "module": f"specnet_{name}",
        "component": component or "",
        "Class": "".join(map(str.capitalize, (component or "").split("_"))),
        "summary": own["summary"],
        "version": ".".join(__version__.split(".")[:2]),
    }
    values |= _words(values, tracks=component is None)
    fill = partial(_filled, values=values)
    values |= {key: fill(text) for key, text in (_read_table()["spec"] | own.get("spec", {})).items()}
    return {fill(path): fill(_read(fill(source))) for path, source in _TARGETS.items()}


def _words(values: dict[str, str], tracks: bool) -> dict[str, str]:
    """What differs between a plugin with a component and one that tracks runs."""
    name, module = values["name"], values["distribution"]
    if tracks:
        return {
            "usage": f"`specnet run SPEC --track {name}` tells it of the run.",
            "requires": "",
            "track_option": f" --track {name}",
            "track_argument": f', track=["{name}"]',
            "proof": f'assert len((run.path / "{name}" / "history.jsonl").read_text().splitlines()) > 1',
        }
    return {
        "usage": f"A spec calls it `{name}.{values['component']}`.",
        "requires": f'\nrequires = ["{module}>=0.1"]',
        "track_option": "",
        "track_argument": "",
        "proof": f'assert run.manifest["plugins"] == {{"{module}": "0.1.0"}}',
    }


def _filled(text: str, values: dict[str, str]) -> str:
    return Template(text).substitute(values)


def _read_table() -> dict[str, Any]:
    return tomllib.loads(_read("kinds.toml"))


def _read(path: str) -> str:
    return files("specnet.templates").joinpath(*path.split("/")).read_text(encoding="utf-8")
