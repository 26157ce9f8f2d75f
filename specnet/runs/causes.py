"""Causes: what two manifests say differently of the making of their runs, and so may have made them different."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from specnet.runs.changes import of_machine
from specnet.runs.sources import RESOLVED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VERSIONS = {"specnet": "specnet", "numpy": "NumPy", "python": "Python"}


def causes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """By name what is another in the new manifest, the likeliest first; of what one does not say nothing is known."""
    found = {
        "data": "; ".join(_of_data(old, new)),
        "spec": _of_spec(old, new),
        "plugins": "; ".join(_of_plugins(old, new)),
        **{key: _of_version(name, old.get(key), new.get(key)) for key, name in _VERSIONS.items()},
        "machine": "; ".join(of_machine(old, new)),
        "resumed": "; ".join(_of_resumptions(old)),
    }
    return {name: what for name, what in found.items() if what}


def _of_data(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    before, now = old["data"], new["data"]
    other = [file for file in before if file in now and before[file]["sha256"] != now[file]["sha256"]]
    if other:
        yield f"{', '.join(other)} has changed"
    if named := [*(before.keys() - now.keys()), *(now.keys() - before.keys())]:
        yield f"{', '.join(sorted(named))} was read by one of the two alone"
    if not (other or named) and "rows" in old and old["rows"]["sha256"] != new["rows"]["sha256"]:
        yield "the dataset gives other rows"


def _of_spec(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    same = old["artifacts"][RESOLVED]["sha256"] == new["artifacts"][RESOLVED]["sha256"]
    return "" if same else f"{RESOLVED} means something else now: a default or a name of this version is another"


def _of_plugins(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name, version in old["plugins"].items():
        here = new["plugins"].get(name)
        if here != version:
            yield f"{name} was {version}, {'none' if here is None else here} is used"
        elif old.get("plugin_files", {}).get(name) not in (None, new["plugin_files"].get(name)):
            yield f"{name} {version} has other files"


def _of_version(name: str, before: object, now: object) -> str:
    return "" if before in (None, now) else f"{name} was {before}, is {now}"


def _of_resumptions(old: Mapping[str, Any]) -> Iterator[str]:
    """A run that went on with something else is no training of one spec on one set of rows."""
    for entry in old.get("resumed", []):
        if entry["changed"]:
            yield f"the run went on after epoch {entry['epoch']:,} although changed: {', '.join(entry['changed'])}"
